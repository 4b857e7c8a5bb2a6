//! The way between the sections of the console.

use crate::reader::{Asking, Signed};
use maud::{Markup, html};
use staff::Right;

/// The sections of the console and the right that each takes.
const SECTIONS: &[(&str, &str, Right)] = &[
    ("/console", "console-today", Right::WorkOnTasks),
    ("/console/cases", "console-cases", Right::ServeEnquiries),
    ("/console/tasks", "console-tasks", Right::WorkOnTasks),
    (
        "/console/testimonials",
        "console-testimonials",
        Right::ServeEnquiries,
    ),
    ("/console/holds", "console-holds", Right::PlaceHolds),
    ("/console/audit", "console-audit", Right::ReadAudit),
    ("/console/staff", "console-staff", Right::ManageStaff),
];

/// The sections that somebody may enter. `path` is that of the page it stands on.
pub(crate) fn nav(asking: &Asking, signed: &Signed, path: &str) -> Markup {
    let t = |key: &str| asking.language.text(key);
    let here = SECTIONS
        .iter()
        .rfind(|(section, ..)| path.starts_with(section))
        .map_or("", |(section, ..)| section);
    html! {
        nav.console-nav aria-label=(t("console")) { div.wide {
            @for (section, words, right) in SECTIONS {
                @if signed.may(*right) {
                    a href=(section) aria-current=[(*section == here).then_some("page")] { (t(words)) }
                }
            }
        } }
    }
}
