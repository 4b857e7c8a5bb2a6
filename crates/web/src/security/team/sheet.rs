//! The page of the accounts of staff.

use super::Draft;
use crate::form::{Field, summary};
use crate::page::{Page, csrf_field};
use crate::reader::{Asking, Signed, value};
use crate::security::account::role_key;
use crate::security::time;
use maud::{Markup, html};
use staff::{Account, Role};
use vocabulary::Moment;

/// An account as it is listed.
pub(super) struct Member {
    pub(super) account: Account,
    /// The last request of a sign-in that is still good.
    pub(super) seen: Option<Moment>,
    /// How many sign-ins are still good.
    pub(super) sign_ins: usize,
}

/// The whole page.
pub(super) fn sheet(asking: &Asking, signed: &Signed, members: &[Member], draft: &Draft) -> Markup {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let problems: Vec<(&str, &str)> = draft
        .problem
        .iter()
        .map(|(field, text)| (*field, text.as_str()))
        .collect();
    Page {
        language,
        title: &t("team"),
        address: "/console/staff",
        reader: asking.reader(),
        top: html! {},
        bar: crate::console::nav(asking, signed, "/console/staff"),
        reload_s: None,
        cookie_note: "colophon-no-cookies",
        main: html! {
            div.wide {
                div.settings {
                    div {
                        h1 { (t("team")) }
                    }
                    (summary(language, &problems))
                    @if problems.is_empty() && !asking.value("saved").is_empty() { p.notice.done role="status" { (t("saved")) } }
                    @if let Some((account, link)) = &draft.link {
                        div.notice.done role="status" {
                            p { (language.text_with("team-link", &[("account", account.0.into())])) }
                            code.secret #set-up-link { (link) }
                            div.actions { button.button type="button" data-copy="set-up-link" data-copied=(t("copied")) hidden { (t("copy")) } }
                        }
                    }
                    section.sheet #accounts aria-labelledby="h-accounts" {
                        h2 id="h-accounts" { (t("team-accounts")) }
                        ul.lines { @for member in members { (line(asking, signed, member)) } }
                    }
                    (invitation(asking, signed, draft))
                }
            }
        },
    }
    .render()
}

fn line(asking: &Asking, signed: &Signed, member: &Member) -> Markup {
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let account = &member.account;
    let is_own = account.id == signed.account.id;
    let state = if account.disabled.is_some() {
        Some("team-barred")
    } else if account.is_set_up {
        None
    } else {
        Some("team-invited")
    };
    let factor = if account.second_factor {
        "team-factor"
    } else {
        "team-no-factor"
    };
    html! {
        li.member id={ "account-" (account.id.0) } {
            span {
                b { (account.name.reveal()) } " · " (account.login.reveal())
                @if let Some(state) = state { " · " strong { (t(state)) } }
                br;
                span.quiet.small {
                    "№ " (account.id.0) " · " (t(&role_key(account.role))) " · " (t(factor)) " · "
                    @match member.seen {
                        Some(seen) => (language.text_with("security-seen", &[("time", time(language, seen).into())])),
                        None => (t("team-not-here")),
                    }
                }
            }
            @if is_own {
                a.button href="/security" { (t("security")) }
            } @else {
                details.menu.right {
                    summary { (t("team-change")) span.only-heard { " " (account.name.reveal()) } }
                    div { (acts(asking, signed, member)) }
                }
            }
        }
    }
}

/// What can be done to the account of another.
fn acts(asking: &Asking, signed: &Signed, member: &Member) -> Markup {
    let t = |key: &str| asking.language.text(key);
    let account = &member.account;
    let form = |act: &str, inside: Markup| {
        html! {
            form method="post" action={ "/console/staff/" (act) } {
                (csrf_field(&signed.reader.csrf))
                input type="hidden" name="account" value=(account.id.0);
                (inside)
            }
        }
    };
    let button = |act: &str, key: &str| form(act, html! { button.button type="submit" { (t(key)) } });
    html! {
        (form("role", html! {
            label { (t("team-role")) (roles(asking, account.role)) }
            button.button type="submit" { (t("team-role-change")) }
        }))
        hr;
        @if account.disabled.is_none() {
            (button("link", "team-new-link"))
            @if account.second_factor { (button("second-factor", "team-reset-factor")) }
            @if member.sign_ins > 0 { (button("sign-ins", "team-end-sign-ins")) }
            (form("bar", html! { button.button.danger type="submit" { (t("team-bar")) } }))
        } @else {
            (button("unbar", "team-unbar"))
        }
    }
}

fn roles(asking: &Asking, chosen: Role) -> Markup {
    html! {
        select name="role" { @for role in Role::ALL {
            option value=(role.name()) selected[*role == chosen] { (asking.language.text(&role_key(*role))) }
        } }
    }
}

fn invitation(asking: &Asking, signed: &Signed, draft: &Draft) -> Markup {
    let t = |key: &str| asking.language.text(key);
    let filled = |field: &str| value(&draft.fields, field);
    let wrong = |field: &str| {
        let (at, text) = draft.problem.as_ref()?;
        (*at == field).then_some(text.as_str())
    };
    let role = Role::parse(filled("role")).unwrap_or(Role::Manager);
    html! {
        section.sheet #invite aria-labelledby="h-invite" {
            h2 id="h-invite" { (t("team-invite")) }
            p { (t("team-invite-about")) }
            form method="post" action="/console/staff/invite" {
                (csrf_field(&signed.reader.csrf))
                (Field::new("login", &t("sign-in-login")).value(filled("login")).hint(&t("login-hint")).wrong(wrong("login")).markup())
                (Field::new("name", &t("team-name")).value(filled("name")).hint(&t("name-hint")).wrong(wrong("name")).markup())
                div.field { label { span.label-text { (t("team-role")) } " " (roles(asking, role)) } p.hint { (t("team-role-about")) } }
                div.actions { button.button.main type="submit" { (t("team-invite")) } }
            }
        }
    }
}
