//! The page of one's own account: what is held, what may be done with it, who has seen it.

use super::acts::{CHANGED_HERE, PROOF_EMAIL, PROOF_PASSWORD, proof_field};
use super::session::Session;
use super::{ChoiceState, HeldConsent, HeldSession, HeldUse, Offer, Overview, ProofNeeded, ReadBy, Reading};
use crate::date;
use crate::error_page::Fault;
use crate::form::{Field, summary};
use crate::language::Language;
use crate::public::field::label_key;
use crate::public::frame::Frame;
use crate::public::wording::{Shown as ShownWording, Wording};
use crate::reader::{Asking, Fields, value};
use crate::sign_in::see_other;
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use credentials::Sealed;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderValue, StatusCode};
use maud::{Markup, html};
use policy::retention::Why;
use policy::{FieldClass, Purpose};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use vocabulary::Moment;

/// A form that is shown again: what was filled in, and what is wrong.
pub(super) struct Said<'a> {
    pub(super) fields: &'a Fields,
    pub(super) problems: &'a [(&'a str, String)],
}

/// How the page is shown.
pub(super) struct Shown<'a> {
    pub(super) said: Option<Said<'a>>,
    /// What was done just now, where no address says so.
    pub(super) done: Option<&'static str>,
    pub(super) status: StatusCode,
}

impl Shown<'_> {
    pub(super) const fn plain() -> Self {
        Self {
            said: None,
            done: None,
            status: StatusCode::OK,
        }
    }

    pub(super) const fn done(done: &'static str) -> Self {
        Self {
            said: None,
            done: Some(done),
            status: StatusCode::OK,
        }
    }
}

/// What is said of what was done.
const DONE: [&str; 8] = [
    "fields",
    "withdrawn",
    "given",
    "refused",
    "language",
    "session",
    "password",
    "email",
];

/// The way to the sign-in page.
pub(super) fn to_sign_in(asking: &Asking) -> Response {
    see_other(&asking.link("/account/sign-in"))
}

/// The way to the sign-in page, which says why a link by letter is needed although somebody is signed in.
pub(super) fn to_sign_in_again(asking: &Asking) -> Response {
    see_other(&asking.link("/account/sign-in?again=yes"))
}

/// `GET /account`.
pub(crate) async fn show(State(web): State<Arc<Web>>, headers: HeaderMap, asking: Asking) -> Response {
    if web.public.accounts.is_none() {
        return asking.fault(Fault::NotFound);
    }
    match Session::by_cookie(&headers) {
        Some(session) => page(&web, &asking, session, Shown::plain()).await,
        // Whoever has just signed in has a cookie, unless the browser keeps none.
        None if asking.value("entered") == "yes" => see_other(&asking.link("/account/sign-in?cookie=no")),
        None => to_sign_in(&asking),
    }
}

/// The account of whoever that session belongs to.
pub(super) async fn page(web: &Web, asking: &Asking, session: Session, shown: Shown<'_>) -> Response {
    let Some(door) = &web.public.accounts else {
        return asking.fault(Fault::NotFound);
    };
    let overview = match door.overview(session.secret.clone(), (web.now)()).await {
        Ok(Some(overview)) => overview,
        Ok(None) => return to_sign_in(asking),
        Err(_) => return asking.fault(Fault::Broken),
    };
    let sheet = Sheet {
        web,
        asking,
        overview: &overview,
        terms: door.terms(asking.language),
        session: &session,
        done: shown.done.or_else(|| {
            let done = asking.value("done");
            DONE.into_iter().find(|one| *one == done)
        }),
        said: shown.said.as_ref(),
    };
    let title = asking.language.text("account-title");
    let mut response = Frame::new(web, asking, &title)
        .unlisted()
        .status(shown.status)
        .render(&sheet.page());
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A document as the page of an account shows it, the same for everybody.
fn document(asking: &Asking, offer: &Offer) -> Markup {
    html! { (offer.wording.markup(asking)) }
}

/// SHA-256 of a document as it is shown.
pub(super) fn digest_of(asking: &Asking, offer: &Offer) -> [u8; 32] {
    Sha256::digest(document(asking, offer).into_string().as_bytes()).into()
}

/// When, as people read it.
fn day(language: Language, at: Moment) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(
        |_| String::new(),
        |at| date::day_and_year(language, at.to_zoned(jiff::tz::TimeZone::UTC).date()),
    )
}

fn purpose(language: Language, purpose: Purpose) -> String {
    language.text(&format!("purpose-{}", purpose.name().replace('_', "-")))
}

fn classes(language: Language, classes: &[FieldClass]) -> String {
    let names: Vec<String> = classes.iter().map(|c| language.text(&label_key(*c))).collect();
    names.join(", ")
}

struct Sheet<'a> {
    web: &'a Web,
    asking: &'a Asking,
    overview: &'a Overview,
    /// The wording under which corrections are given.
    terms: Option<Wording>,
    session: &'a Session,
    done: Option<&'static str>,
    said: Option<&'a Said<'a>>,
}

impl Sheet<'_> {
    fn t(&self, key: &str) -> String {
        self.asking.language.text(key)
    }

    fn wrong(&self, field: &str) -> Option<&str> {
        let problems = self.said?.problems;
        problems
            .iter()
            .find(|(f, _)| *f == field)
            .map(|(_, text)| text.as_str())
    }

    fn page(&self) -> Markup {
        let problems: Vec<(&str, &str)> = self
            .said
            .iter()
            .flat_map(|said| said.problems)
            .map(|(f, text)| (*f, text.as_str()))
            .collect();
        html! {
            div.form-page.broad.account {
                div.page-head {
                    h1 { (self.t("account-title")) }
                    form.bare method="post" action=(self.asking.link("/account/sign-out")) {
                        (self.session.hidden())
                        button.button type="submit" { (self.t("sign-out")) }
                    }
                }
                p.lead { (self.t("account-title-about")) }
                @if self.session.in_forms { div.notice { p { (self.t("account-no-cookie-here")) } } }
                @if let Some(done) = self.done {
                    div.notice.done role="status" { p { (self.t(&format!("account-done-{done}"))) } }
                }
                (summary(self.asking.language, &problems))
                @if self.overview.fields.iter().any(|field| field.why == Some(Why::Hold)) {
                    div.notice { p { (self.t("account-held")) } }
                }
                (self.part("data", &self.fields()))
                (self.part("consents", &self.consents()))
                (self.part("letters", &self.letters()))
                (self.part("readings", &self.readings()))
                (self.part("passings", &self.passings()))
                (self.part("sessions", &self.sessions()))
                (self.part("language", &self.language()))
                (self.part("password", &self.password()))
                (self.part("export", &html! {
                    div.actions { (self.session.way(self.asking, "/account/export.json", "button", &self.t("account-export-take"), true)) }
                }))
                (self.part("delete", &html! {
                    div.actions { (self.session.way(self.asking, "/account/delete", "button danger", &self.t("account-delete"), false)) }
                }))
            }
        }
    }

    fn part(&self, name: &str, content: &Markup) -> Markup {
        html! {
            section.sheet.part aria-labelledby=(name) {
                h2 id=(name) { (self.t(&format!("account-{name}"))) }
                p.quiet { (self.t(&format!("account-{name}-about"))) }
                (content)
            }
        }
    }

    fn fields(&self) -> Markup {
        let language = self.asking.language;
        let held = |class: FieldClass| {
            let newest = self.overview.fields.iter().find(|f| f.class == class);
            newest.map_or("", |f| f.value.reveal())
        };
        let filled = |class: FieldClass| match self.said {
            Some(said) if said.fields.iter().any(|(key, _)| key == class.name()) => {
                value(said.fields, class.name())
            }
            _ => held(class),
        };
        let ranges = &self.web.public.agency.budget_ranges;
        html! {
            form method="post" action=(self.asking.link("/account/fields")) novalidate {
                (self.session.hidden())
                @for class in CHANGED_HERE {
                    // What is held now: whatever was typed is compared with it when it comes back.
                    @if class != FieldClass::BudgetRange || !ranges.is_empty() {
                        input type="hidden" name={ "was-" (class.name()) } value=(held(class));
                    }
                    @if class != FieldClass::BudgetRange {
                        (Field::new(class.name(), &self.t(&label_key(class))).voluntary(&self.t("voluntary"))
                            .most(class.most_characters()).value(filled(class)).wrong(self.wrong(class.name())).markup())
                    } @else if !ranges.is_empty() {
                        div.field {
                            label for=(class.name()) { (self.t(&label_key(class))) " " span.voluntary { (self.t("voluntary")) } }
                            select id=(class.name()) name=(class.name()) {
                                option value="" { (self.t("budget-unsaid")) }
                                @for range in ranges {
                                    option value=(range.id) selected[filled(class) == range.id] { (range.label.get(language)) }
                                }
                            }
                        }
                    }
                }
                @if let Some(terms) = &self.terms { details.terms { summary { (terms.title()) } (terms.markup(self.asking)) } }
                div.actions { button.button.main type="submit" { (self.t("save")) } }
            }
            @if !self.overview.fields.is_empty() || !self.overview.letters.is_empty() {
                details {
                    summary { (self.t("account-provenance")) }
                    div.table-box { table.plain.words {
                        thead { tr { @for head in ["what", "since", "until", "for", "right", "wording"] { th scope="col" { (self.t(&format!("account-col-{head}"))) } } } }
                        tbody {
                            @for field in &self.overview.fields {
                                @let shown = self.shown(field.class, field.value.reveal());
                                (self.origin(&self.t(&label_key(field.class)), &shown, field.since, (field.until, field.why, &field.laws), &field.uses))
                            }
                            @for letter in &self.overview.letters {
                                @let what = self.t(if letter.is_ours { "account-origin-ours" } else { "account-origin-yours" });
                                (self.origin(&what, "", letter.at, (letter.until, None, &[]), &letter.uses))
                            }
                        }
                    } }
                }
            }
        }
    }

    /// Where one value comes from: a row for each use.
    fn origin(
        &self,
        what: &str,
        value: &str,
        since: Moment,
        (until, why, laws): (Option<Moment>, Option<Why>, &[Sealed]),
        uses: &[HeldUse],
    ) -> Markup {
        let language = self.asking.language;
        let rows = uses.len().max(1);
        html! {
            @for place in 0..rows { tr {
                @if place == 0 {
                    th scope="row" rowspan=(rows) { (what) @if !value.is_empty() { br; span.quiet { (value) } } }
                    td rowspan=(rows) data-label=(self.t("account-col-since")) { (day(language, since)) }
                    td rowspan=(rows) data-label=(self.t("account-col-until")) {
                        (until.map_or_else(|| self.t("account-until-open"), |until| day(language, until)))
                        @if let Some(why) = why { br; span.quiet { (self.t(&format!("account-why-{}", why.name().replace('_', "-")))) } }
                        @for law in laws { br; span.quiet { (language.text_with("account-law", &[("law", law.reveal().into())])) } }
                    }
                }
                @if let Some(one) = uses.get(place) {
                    td { (purpose(language, one.purpose)) }
                    td { (self.t(&format!("basis-{}", one.basis.name().replace('_', "-")))) }
                    td { @if let Some(wording) = &one.wording { (self.wording(wording)) } @else { "–" } }
                } @else { td { "–" } td { "–" } td { "–" } }
            } }
        }
    }

    /// The very version of a text that was shown, as a link.
    fn wording(&self, shown: &ShownWording) -> Markup {
        let language = self.asking.language;
        html! {
            a href=(self.asking.link(&format!("/wordings/{}?version={}", shown.id, shown.version))) {
                (language.text_with("wording-version", &[("version", shown.version.into())]))
            }
        }
    }

    /// A value as people read it.
    fn shown(&self, class: FieldClass, value: &str) -> String {
        let range = self
            .web
            .public
            .agency
            .budget_ranges
            .iter()
            .find(|r| r.id == value);
        match range {
            Some(range) if class == FieldClass::BudgetRange => {
                range.label.get(self.asking.language).to_owned()
            }
            _ => value.to_owned(),
        }
    }

    fn consents(&self) -> Markup {
        html! {
            @if self.overview.consents.is_empty() { p.quiet { (self.t("account-consents-none")) } }
            ul.lines { @for consent in &self.overview.consents { li { (self.consent(consent)) } } }
            @if let Some(wrong) = self.wrong("consents") { p.wrong { (wrong) } }
            @for offer in &self.overview.offers { (self.offer(offer)) }
        }
    }

    /// A use that is not allowed now: its document in full, and both answers.
    fn offer(&self, offer: &Offer) -> Markup {
        html! {
            div.sheet.aside {
                h3 { (offer.wording.title()) }
                @if offer.is_asked { p { (self.t("account-offer-asked")) } }
                details { summary { (self.t("account-offer-read")) } (document(self.asking, offer)) }
                form method="post" action=(self.asking.link("/account/choices")) {
                    (self.session.hidden())
                    input type="hidden" name="id" value=(offer.wording.id);
                    input type="hidden" name="version" value=(offer.wording.version);
                    div.actions {
                        button.button type="submit" name="answer" value="yes" { (self.t("account-offer-give")) span.only-heard { ": " (offer.wording.title()) } }
                        @if !offer.is_refused { button.button type="submit" name="answer" value="no" { (self.t("account-offer-refuse")) span.only-heard { ": " (offer.wording.title()) } } }
                    }
                }
            }
        }
    }

    fn language(&self) -> Markup {
        html! {
            form.inline method="post" action=(self.asking.link("/account/language")) {
                (self.session.hidden())
                div.field {
                    label for="account-language" { (self.t("cookies-language")) }
                    select id="account-language" name="language" {
                        @for one in Language::ALL { option value=(one.tag()) lang=(one.tag()) selected[self.overview.language == Some(one)] { (one.name()) } }
                    }
                }
                button.button type="submit" { (self.t("save")) }
            }
        }
    }

    fn consent(&self, consent: &HeldConsent) -> Markup {
        let language = self.asking.language;
        let step = |state: ChoiceState, at: Moment| {
            language.text_with(
                &format!("choice-{}", state.name()),
                &[("date", day(language, at).into())],
            )
        };
        html! {
            div {
                strong { (purpose(language, consent.purpose)) } br;
                (step(consent.now.state, consent.now.at)) " · "
                (self.wording(&consent.wording))
                @if let Some(receipt) = &consent.receipt {
                    @for (kind, words) in [("json", "receipt-readable"), ("jws", "receipt-signed")] {
                        " · " (self.session.way(self.asking, &format!("/account/receipts/{receipt}.{kind}"), "", &self.t(words), true))
                    }
                }
                @if consent.history.len() > 1 {
                    details.small { summary { (self.t("account-consent-history")) }
                        ol.numbers { @for choice in &consent.history { li { (step(choice.state, choice.at)) } } }
                    }
                }
            }
            @if consent.now.state == ChoiceState::Given {
                form.bare method="post" action=(self.asking.link("/account/consents")) {
                    (self.session.hidden())
                    input type="hidden" name="id" value=(consent.id);
                    button.button type="submit" { (self.t("account-withdraw")) span.only-heard { ": " (purpose(language, consent.purpose)) } }
                }
            }
        }
    }

    fn letters(&self) -> Markup {
        let language = self.asking.language;
        html! {
            @if self.overview.letters.is_empty() { p.quiet { (self.t("account-letters-none")) } }
            @for letter in &self.overview.letters {
                details {
                    summary { (self.t(if letter.is_ours { "account-letter-ours" } else { "account-letter-yours" })) ", " (day(language, letter.at)) }
                    div.letter { (letter.text.reveal()) }
                }
            }
        }
    }

    fn readings(&self) -> Markup {
        let (own, others): (Vec<_>, Vec<_>) = self
            .overview
            .readings
            .iter()
            .partition(|reading| reading.by == ReadBy::Person);
        html! {
            @if others.is_empty() { p.quiet { (self.t("account-readings-none")) } }
            ul.lines.facts { @for reading in others { (self.reading(reading)) } }
            @if !own.is_empty() {
                details {
                    summary { (self.t("account-readings-own")) }
                    ul.lines.facts { @for reading in own { (self.reading(reading)) } }
                }
            }
        }
    }

    fn reading(&self, reading: &Reading) -> Markup {
        let language = self.asking.language;
        let zone = &self.web.office.tasks.rules().time_zone;
        let at = jiff::Timestamp::from_millisecond(reading.at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        html! { li {
            span { (date::time(language, zone.to_datetime(at))) }
            strong {
                (self.t(&format!("account-reader-{}", reading.by.name())))
                @if let Some(role) = reading.role.and_then(|role| language.known(&format!("account-role-{}", role.replace('_', "-")))) { " (" (role) ")" }
            }
            span {
                (purpose(language, reading.purpose))
                @if let Some(case) = reading.case { ", " (language.text_with("account-reading-case", &[("case", case.to_string().into())])) }
                @if let Some(task) = &reading.task { ", " (language.text_with("account-reading-task", &[("task", task.clone().into())])) }
            }
            span.quiet {
                (classes(language, &reading.classes))
                @if reading.times > 1 { " · " (language.text_with("account-reading-times", &[("count", reading.times.into())])) }
            }
        } }
    }

    fn passings(&self) -> Markup {
        let language = self.asking.language;
        html! {
            @if self.overview.passings.is_empty() { p.quiet { (self.t("account-passings-none")) } }
            ul.lines.facts { @for passing in &self.overview.passings { li {
                span { (day(language, passing.at)) } strong { (passing.to) } @if let Some(one) = passing.purpose { span { (purpose(language, one)) } } span.quiet { (classes(language, &passing.classes)) }
            } } }
        }
    }

    fn sessions(&self) -> Markup {
        html! { ul.lines { @for session in &self.overview.sessions { li { (self.session(session)) } } } }
    }

    fn session(&self, session: &HeldSession) -> Markup {
        let language = self.asking.language;
        let dates = [
            ("since", day(language, session.since).into()),
            ("used", day(language, session.used).into()),
        ];
        html! {
            div {
                (language.text_with("account-session-dates", &dates))
                @if session.is_this { " · " strong { (self.t("account-session-this")) } }
                @if session.is_remembered { " · " span.quiet { (self.t("account-session-remembered")) } }
            }
            @if !session.is_this {
                form.bare method="post" action=(self.asking.link("/account/sessions")) {
                    (self.session.hidden())
                    input type="hidden" name="id" value=(session.id);
                    button.button type="submit" { (self.t("account-session-end")) }
                }
            }
        }
    }

    fn password(&self) -> Markup {
        let email = self.overview.email.as_ref().map_or("", |e| e.reveal());
        let key = if self.overview.has_password {
            "account-password-change"
        } else {
            "account-password-set"
        };
        let new_email = self.said.map_or("", |said| value(said.fields, "new-email"));
        let needed = self.overview.proof;
        // Nothing is asked for that could not be done then.
        if needed == ProofNeeded::Link {
            return html! {
                @if !email.is_empty() { p { (self.t("account-email-now")) " " strong { (email) } } }
                p.notice { (self.t("account-proof-link")) " " a href=(self.asking.link("/account/sign-in?again=yes")) { (self.t("account-letter")) } }
            };
        }
        html! {
            form method="post" action=(self.asking.link("/account/email")) novalidate {
                (self.session.hidden())
                @if !email.is_empty() { p { (self.t("account-email-now")) " " strong { (email) } } }
                (Field::new("new-email", &self.t("account-email-new")).kind("email").autocomplete("email")
                    .hint(&self.t("account-email-hint")).value(new_email).wrong(self.wrong("new-email")).markup())
                (proof_field(self.asking, needed, PROOF_EMAIL, self.wrong(PROOF_EMAIL)))
                div.actions { button.button type="submit" { (self.t("account-email-send")) } }
            }
            form method="post" action=(self.asking.link("/account/password")) novalidate {
                (self.session.hidden())
                input.only-heard type="text" name="username" value=(email) autocomplete="username" tabindex="-1" aria-hidden="true" readonly;
                (Field::new("new-password", &self.t("account-password-new")).kind("password").autocomplete("new-password")
                    .hint(&self.t("password-hint")).wrong(self.wrong("new-password")).markup())
                (proof_field(self.asking, needed, PROOF_PASSWORD, self.wrong(PROOF_PASSWORD)))
                div.actions { button.button type="submit" { (self.t(key)) } }
            }
        }
    }
}
