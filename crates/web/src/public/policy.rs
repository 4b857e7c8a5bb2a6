//! The privacy policy: thirteen numbered clauses, and its versions.

use super::frame::Frame;
use super::wording::paragraphs;
use crate::date;
use crate::language::Language;
use crate::reader::Asking;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use maud::html;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

/// The clauses, by number.
pub const CLAUSES: std::ops::RangeInclusive<u8> = 1..=13;

/// A version of the policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Version {
    /// Counted from 1.
    pub number: u32,
    /// From when it holds.
    pub effective: Date,
}

/// Every version, newest first.
pub const VERSIONS: &[Version] = &[Version {
    number: 1,
    effective: jiff::civil::date(2026, 11, 22),
}];

/// The text of the clauses as the page shows them, titles first: what [`digest`] is over.
fn whole(language: Language, agency: &str) -> String {
    CLAUSES.fold(String::new(), |mut text, number| {
        let _ = write!(
            text,
            "P{number}. {}\n\n{}\n\n",
            language.text(&format!("clause-p{number}-title")),
            clause(language, agency, number)
        );
        text
    })
}

fn clause(language: Language, agency: &str, number: u8) -> String {
    language.text_with(&format!("clause-p{number}"), &[("agency", agency.into())])
}

/// SHA-256 of the policy in force, in that language and of that agency.
pub fn digest(language: Language, agency: &str) -> [u8; 32] {
    Sha256::digest(whole(language, agency).as_bytes()).into()
}

/// Who answers for the data: the legal name of `[controller]`, and until it is there the agency's own.
fn operator(web: &Web, language: Language) -> &str {
    match web.office.people.controller().name.trim() {
        "" => web.public.agency.name.get(language),
        name => name,
    }
}

/// `GET /policy`.
pub(crate) async fn show(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let agency = operator(&web, language);
    let about = t("policy-about");
    Frame::new(&web, &asking, &t("policy-title")).about(&about).render(&html! {
        div.document {
            div.document-head {
                h1 { (t("policy-title")) }
                p.quiet {
                    (in_force(language)) " · "
                    a href=(asking.link("/policy/history")) { (t("history-title")) }
                }
                p.lead { (language.text_with("policy-lead", &[("agency", agency.into())])) }
            }
            nav.contents aria-labelledby="contents" {
                h2 #contents { (t("policy-contents")) }
                ol { @for number in CLAUSES { li {
                    a href={ "#p" (number) } { span.clause-number { "P" (number) } " " (t(&format!("clause-p{number}-title"))) }
                } } }
            }
            div.clauses {
                @for number in CLAUSES {
                    section.clause id={ "p" (number) } aria-labelledby={ "p" (number) "-title" } {
                        h2 id={ "p" (number) "-title" } {
                            a.clause-number href={ "#p" (number) } { "P" (number) } " " (t(&format!("clause-p{number}-title")))
                        }
                        (paragraphs(&clause(language, agency, number)))
                    }
                }
                section.sheet.invitation {
                    div { h2 { (t("policy-questions")) } p.quiet { (t("policy-questions-about")) } }
                    a.button.big href=(asking.link("/privacy")) { (t("rights-title")) }
                }
            }
        }
    })
}

fn in_force(language: Language) -> String {
    let version = VERSIONS[0];
    language.text_with(
        "policy-version",
        &[
            ("version", version.number.into()),
            ("date", date::long(language, version.effective).into()),
        ],
    )
}

/// `GET /policy/history`.
pub(crate) async fn history(State(web): State<Arc<Web>>, asking: Asking) -> Response {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let mut print = String::new();
    for byte in digest(language, operator(&web, language)) {
        let _ = write!(print, "{byte:02x}");
    }
    Frame::new(&web, &asking, &t("history-title")).render(&html! {
        div.reading {
            h1 { (t("history-title")) }
            p.lead { (t("history-lead")) }
            div.table-box { table.plain.words {
                thead { tr { th scope="col" { (t("history-version")) } th scope="col" { (t("history-since")) } th scope="col" { (t("history-what")) } } }
                tbody { @for version in VERSIONS { tr {
                    th scope="row" { a href=(asking.link("/policy")) { (version.number) } }
                    td { (date::long(language, version.effective)) }
                    td { (t(&format!("history-{}", version.number))) }
                } } }
            } }
            p.small.quiet { (t("history-print")) br; code { (print) } }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clause_stands_in_both_languages_with_the_agency_named_somewhere() {
        for language in Language::ALL {
            let text = whole(language, "Leuchtwerk");
            assert!(text.contains("Leuchtwerk") && !text.contains('{'), "{text}");
            for number in CLAUSES {
                assert!(clause(language, "X", number).chars().count() > 150, "P{number}");
            }
        }
    }

    #[test]
    fn versions_go_back_in_time_and_each_says_what_changed() {
        for pair in VERSIONS.windows(2) {
            assert!(pair[0].number == pair[1].number + 1 && pair[0].effective > pair[1].effective);
        }
        for (version, language) in VERSIONS.iter().flat_map(|v| Language::ALL.map(|l| (v, l))) {
            assert!(language.known(&format!("history-{}", version.number)).is_some());
        }
    }

    #[test]
    fn the_digest_is_of_the_words() {
        assert_ne!(digest(Language::En, "A"), digest(Language::En, "B"));
        assert_ne!(digest(Language::En, "A"), digest(Language::Ru, "A"));
    }
}
