//! What people do in their account. Each form carries a token that only pages of this very session have.

use super::entry::site_for_letters;
use super::home::{Said, Shown, page, to_sign_in, to_sign_in_again};
use super::session::Session;
use super::{Act, Change, Left, Outcome, Proof, ProofNeeded};
use crate::cookie_register::ACCOUNT;
use crate::error_page::Fault;
use crate::form::Field;
use crate::language::Language;
use crate::public::field::{self, can_be_email, label_key};
use crate::public::frame::Frame;
use crate::reader::{Asking, Fields, set_cookie, value};
use crate::sign_in::{append_cookie, clear_cache, see_other, wait};
use crate::state::Web;
use axum::extract::State;
use axum::response::Response;
use credentials::{PasswordFault, Sealed, check_password};
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};
use policy::FieldClass;
use std::sync::Arc;

/// The fields that people change themselves. The e-mail address is changed by a letter to the new one.
pub(super) const CHANGED_HERE: [FieldClass; 6] = [
    FieldClass::Name,
    FieldClass::Company,
    FieldClass::Position,
    FieldClass::Phone,
    FieldClass::Address,
    FieldClass::BudgetRange,
];
/// The password that shows who it is, by the form that it stands in.
pub(super) const PROOF_EMAIL: &str = "password-for-email";
pub(super) const PROOF_PASSWORD: &str = "password-for-password";
const PROOF_DELETE: &str = "password-for-delete";

/// A form that was sent.
struct Form<'a> {
    web: &'a Web,
    asking: &'a Asking,
    session: Session,
    fields: Fields,
}

impl<'a> Form<'a> {
    fn of(web: &'a Web, asking: &'a Asking, headers: &HeaderMap, body: &str) -> Result<Self, Box<Response>> {
        let (session, fields) = Session::own(asking, headers, body)?;
        Ok(Self {
            web,
            asking,
            session,
            fields,
        })
    }

    fn filled(&self, key: &str) -> &str {
        value(&self.fields, key)
    }

    fn proof(&self, field: &str) -> Proof {
        let password = self.filled(field);
        Proof {
            password: (!password.is_empty()).then(|| Sealed::new(password.to_owned())),
            network: self.asking.peer.clone(),
        }
    }

    /// Carries an act out and goes back to the account, which says so. `field` is where it stands if it was not right.
    async fn carry_out(self, act: Act, said: &'static str, field: &str, proof: &str) -> Response {
        let Some(door) = &self.web.public.accounts else {
            return self.asking.fault(Fault::NotFound);
        };
        match door.act(self.session.secret.clone(), act, (self.web.now)()).await {
            Ok(Outcome::Done | Outcome::Left(_)) if self.session.in_forms => {
                page(self.web, self.asking, self.session, Shown::done(said)).await
            }
            Ok(Outcome::Done | Outcome::Left(_)) => {
                see_other(&self.asking.link(&format!("/account?done={said}")))
            }
            Ok(outcome) => self.refused(outcome, field, proof).await,
            Err(_) => self.asking.fault(Fault::Broken),
        }
    }

    /// The account once more, with what was filled in and what is wrong with it.
    async fn refused(self, outcome: Outcome, field: &str, proof: &str) -> Response {
        let language = self.asking.language;
        let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
        match outcome {
            Outcome::Done | Outcome::Left(_) | Outcome::SignedOut => to_sign_in(self.asking),
            Outcome::SignInAgain => to_sign_in_again(self.asking),
            Outcome::NoSuch => self.asking.fault(Fault::NotFound),
            Outcome::Password(fault) => {
                let text = language.text(password_key(fault));
                self.again(&[("new-password", text)], unprocessable).await
            }
            Outcome::WrongPassword => {
                let text = language.text("account-proof-wrong");
                self.again(&[(proof, text)], unprocessable).await
            }
            Outcome::OnHold => {
                let text = language.text("account-on-hold");
                self.again(&[(field, text)], unprocessable).await
            }
            Outcome::Wait { wait_ms } => {
                self.asking.refused(office::Refused::TooMany);
                let text = wait(language, "account-wait", wait_ms);
                self.again(&[(field, text)], StatusCode::TOO_MANY_REQUESTS).await
            }
            Outcome::Address => {
                self.again(&[(field, language.text("email-wrong"))], unprocessable)
                    .await
            }
            Outcome::TextChanged => {
                self.again(
                    &[("consents", language.text("gate-changed"))],
                    StatusCode::CONFLICT,
                )
                .await
            }
            Outcome::Meanwhile(classes) => {
                let problems: Vec<(&str, String)> = classes
                    .iter()
                    .map(|class| (class.name(), language.text("account-meanwhile")))
                    .collect();
                self.again(&problems, StatusCode::CONFLICT).await
            }
        }
    }

    async fn again(self, problems: &[(&str, String)], status: StatusCode) -> Response {
        let said = Said {
            fields: &self.fields,
            problems,
        };
        let shown = Shown {
            said: Some(said),
            done: None,
            status,
        };
        page(self.web, self.asking, self.session, shown).await
    }
}

const fn password_key(fault: PasswordFault) -> &'static str {
    match fault {
        PasswordFault::TooShort => "password-short",
        PasswordFault::TooLong => "password-long",
        PasswordFault::Common => "password-frequent",
        PasswordFault::ContainsName => "account-password-has-name",
    }
}

/// `POST /account`: the page itself, where no cookie says whose it is.
pub(crate) async fn show(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    match Session::own(&asking, &headers, &body) {
        Ok((session, _)) => page(&web, &asking, session, Shown::plain()).await,
        Err(response) => *response,
    }
}

/// `POST /account/fields`.
pub(crate) async fn correct(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let form = match Form::of(&web, &asking, &headers, &body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let given = |class: FieldClass| form.filled(class.name()).trim();
    let mut problems: Vec<(&str, String)> = CHANGED_HERE
        .into_iter()
        .filter_map(|class| {
            let wrong = field::problem(&web.public.agency, asking.language, class, given(class))?;
            Some((class.name(), wrong))
        })
        .collect();
    // What is changed otherwise, or not at all, is not passed over in silence.
    for class in FieldClass::ALL
        .iter()
        .filter(|class| !CHANGED_HERE.contains(class))
    {
        if form.fields.iter().any(|(key, _)| key == class.name()) {
            let label = asking.language.text(&label_key(*class));
            let text = asking
                .language
                .text_with("account-not-here", &[("field", label.into())]);
            problems.push(("data", text));
        }
    }
    if !problems.is_empty() {
        return form.again(&problems, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let sealed = |text: &str| Sealed::new(text.to_owned());
    let before = |class: FieldClass| {
        let key = format!("was-{}", class.name());
        form.fields
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, text)| sealed(text.trim()))
    };
    let changes: Vec<Change> = CHANGED_HERE
        .into_iter()
        .filter(|class| form.fields.iter().any(|(key, _)| key == class.name()))
        .map(|class| Change {
            class,
            shown: before(class),
            text: (!given(class).is_empty()).then(|| sealed(given(class))),
        })
        // What was left as it was shown is no change, whatever it is by now.
        .filter(|change| {
            let text = change.text.as_ref().map_or("", |text| text.reveal());
            change.shown.as_ref().is_none_or(|shown| shown.reveal() != text)
        })
        .collect();
    let act = Act::Correct {
        changes,
        language: asking.language,
    };
    form.carry_out(act, "fields", "data", "").await
}

/// `POST /account/consents`: takes one back.
pub(crate) async fn withdraw(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    match Form::of(&web, &asking, &headers, &body) {
        Ok(form) => {
            let act = Act::Withdraw(form.filled("id").to_owned());
            form.carry_out(act, "withdrawn", "consents", "").await
        }
        Err(response) => *response,
    }
}

/// `POST /account/choices`: answers a consent document that stood on the page.
pub(crate) async fn choose(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let form = match Form::of(&web, &asking, &headers, &body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let Some(door) = &web.public.accounts else {
        return asking.fault(Fault::NotFound);
    };
    let (gives, said) = match form.filled("answer") {
        "yes" => (true, "given"),
        "no" => (false, "refused"),
        _ => return asking.fault(Fault::NotFound),
    };
    let overview = match door.overview(form.session.secret.clone(), (web.now)()).await {
        Ok(Some(overview)) => overview,
        Ok(None) => return to_sign_in(&asking),
        Err(_) => return asking.fault(Fault::Broken),
    };
    let mut offers = overview.offers.iter();
    let Some(offer) = offers.find(|offer| offer.wording.id == form.filled("id")) else {
        return asking.fault(Fault::NotFound);
    };
    if form.filled("version").parse() != Ok(offer.wording.version) {
        return form.refused(Outcome::TextChanged, "consents", "").await;
    }
    let act = Act::Choose {
        wording: offer.wording.shown(),
        language: overview.language.unwrap_or(asking.language),
        form_sha256: super::home::digest_of(&asking, offer),
        gives,
    };
    form.carry_out(act, said, "consents", "").await
}

/// `POST /account/language`.
pub(crate) async fn set_language(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let form = match Form::of(&web, &asking, &headers, &body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    match Language::parse(form.filled("language")) {
        Some(language) => {
            form.carry_out(Act::SetLanguage(language), "language", "account-language", "")
                .await
        }
        None => asking.fault(Fault::NotFound),
    }
}

/// `POST /account/sessions`: ends one.
pub(crate) async fn end_session(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let form = match Form::of(&web, &asking, &headers, &body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    match form.filled("id").parse() {
        Ok(id) => {
            form.carry_out(Act::EndSession(id), "session", "sessions", "")
                .await
        }
        Err(_) => asking.fault(Fault::NotFound),
    }
}

/// `POST /account/password`.
pub(crate) async fn set_password(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let form = match Form::of(&web, &asking, &headers, &body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let password = form.filled("new-password");
    let name = &web.public.agency.name;
    if let Err(fault) = check_password(password, &[&name.en, &name.ru]) {
        return form.refused(Outcome::Password(fault), "new-password", "").await;
    }
    let act = Act::SetPassword {
        password: Sealed::new(password.to_owned()),
        proof: form.proof(PROOF_PASSWORD),
    };
    form.carry_out(act, "password", PROOF_PASSWORD, PROOF_PASSWORD)
        .await
}

/// `POST /account/email`: sends a letter to the new address.
pub(crate) async fn change_email(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let form = match Form::of(&web, &asking, &headers, &body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let email = form.filled("new-email").trim();
    if !can_be_email(email) {
        return form.refused(Outcome::Address, "new-email", "").await;
    }
    let Some(site) = site_for_letters(&web, &asking) else {
        return asking.fault(Fault::Broken);
    };
    let act = Act::ChangeEmail {
        email: Sealed::new(email.to_owned()),
        language: asking.language,
        site,
        proof: form.proof(PROOF_EMAIL),
    };
    form.carry_out(act, "email", "new-email", PROOF_EMAIL).await
}

/// `GET /account/delete`: says what will go, and asks.
pub(crate) async fn ask_delete(State(web): State<Arc<Web>>, headers: HeaderMap, asking: Asking) -> Response {
    match Session::by_cookie(&headers) {
        Some(session) => delete_page(&web, &asking, &session, &[], StatusCode::OK).await,
        None => to_sign_in(&asking),
    }
}

/// `POST /account/delete`; without a word the page that asks for it, where no cookie says whose account it is.
pub(crate) async fn delete(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let form = match Form::of(&web, &asking, &headers, &body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let language = asking.language;
    if !form.fields.iter().any(|(key, _)| key == "word") {
        return delete_page(&web, &asking, &form.session, &[], StatusCode::OK).await;
    }
    let word = language.text("account-delete-word");
    let again = async |field: &str, text: String, status: StatusCode| {
        delete_page(&web, &asking, &form.session, &[(field, text)], status).await
    };
    if form.filled("word").trim().to_lowercase() != word {
        let text = language.text_with("account-delete-word-wrong", &[("word", word.into())]);
        return again("word", text, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let Some(door) = &web.public.accounts else {
        return asking.fault(Fault::NotFound);
    };
    let act = Act::Delete(form.proof(PROOF_DELETE));
    match door.act(form.session.secret.clone(), act, (web.now)()).await {
        Ok(done @ (Outcome::Done | Outcome::Left(_))) => {
            let t = |key: &str| asking.language.text(key);
            let stays = match done {
                Outcome::Left(stays) => left(&asking, stays),
                _ => Vec::new(),
            };
            let mut response = Frame::new(&web, &asking, &t("account-deleted"))
                .unlisted()
                .render(&html! {
                    div.reading {
                        h1 { (t("account-deleted")) }
                        @for sentence in &stays { p.notice { (sentence) } }
                        p { (with_days(&web, &asking, "account-deleted-backups")) }
                        p.lead { (t("account-deleted-about")) }
                    }
                });
            forget(&web, &mut response);
            clear_cache(&mut response);
            response
        }
        Ok(Outcome::SignInAgain) => to_sign_in_again(&asking),
        Ok(Outcome::WrongPassword) => {
            let text = language.text("account-proof-wrong");
            again(PROOF_DELETE, text, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Ok(Outcome::OnHold) => {
            let text = language.text("account-on-hold");
            again("word", text, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Ok(Outcome::Wait { wait_ms }) => {
            asking.refused(office::Refused::TooMany);
            let text = wait(language, "account-wait", wait_ms);
            again(PROOF_DELETE, text, StatusCode::TOO_MANY_REQUESTS).await
        }
        Ok(_) => to_sign_in(&asking),
        Err(_) => asking.fault(Fault::Broken),
    }
}

/// `POST /account/sign-out`.
pub(crate) async fn sign_out(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    asking: Asking,
    body: String,
) -> Response {
    let session = match Session::own(&asking, &headers, &body) {
        Ok((session, _)) => session,
        Err(response) => return *response,
    };
    let Some(door) = &web.public.accounts else {
        return asking.fault(Fault::NotFound);
    };
    if door.act(session.secret, Act::SignOut, (web.now)()).await.is_err() {
        return asking.fault(Fault::Broken);
    }
    let mut response = see_other(&asking.link("/"));
    forget(&web, &mut response);
    clear_cache(&mut response);
    response
}

/// What stays of the person, a sentence for each cause.
fn left(asking: &Asking, left: Left) -> Vec<String> {
    [
        (left.by_hold, "account-left-hold"),
        (left.by_law, "account-left-law"),
        (left.by_contract, "account-left-contract"),
    ]
    .into_iter()
    .filter(|(stays, _)| *stays)
    .map(|(_, key)| asking.language.text(key))
    .collect()
}

/// A sentence with the number of days that copies of keys live in backups.
fn with_days(web: &Web, asking: &Asking, key: &str) -> String {
    let days = web.public.key_days;
    asking.language.text_with(key, &[("days", days.into())])
}

fn forget(web: &Web, response: &mut Response) {
    append_cookie(response, &set_cookie(ACCOUNT, "", Some(0), true, web.is_https()));
}

/// The field for the password that shows who it is, where one is needed.
pub(super) fn proof_field(asking: &Asking, needed: ProofNeeded, name: &str, wrong: Option<&str>) -> Markup {
    html! {
        @if needed == ProofNeeded::Password {
            (Field::new(name, &asking.language.text("account-proof")).kind("password").autocomplete("current-password")
                .hint(&asking.language.text("account-proof-hint")).wrong(wrong).markup())
        }
    }
}

async fn delete_page(
    web: &Web,
    asking: &Asking,
    session: &Session,
    problems: &[(&str, String)],
    status: StatusCode,
) -> Response {
    let Some(door) = &web.public.accounts else {
        return asking.fault(Fault::NotFound);
    };
    let needed = match door.overview(session.secret.clone(), (web.now)()).await {
        Ok(Some(overview)) => overview.proof,
        Ok(None) => return to_sign_in(asking),
        Err(_) => return asking.fault(Fault::Broken),
    };
    // Nobody is asked for a word first, only to be sent to sign in again then.
    if needed == ProofNeeded::Link {
        return to_sign_in_again(asking);
    }
    let stays = match door
        .act(session.secret.clone(), Act::AskDelete, (web.now)())
        .await
    {
        Ok(Outcome::Left(stays)) => left(asking, stays),
        Ok(_) => Vec::new(),
        Err(_) => return asking.fault(Fault::Broken),
    };
    let language = asking.language;
    let t = |key: &str| language.text(key);
    let word = t("account-delete-word");
    let hint = language.text_with("account-delete-hint", &[("word", word.into())]);
    let wrong = |field: &str| {
        problems
            .iter()
            .find(|(f, _)| *f == field)
            .map(|(_, text)| text.as_str())
    };
    Frame::new(web, asking, &t("account-delete"))
        .unlisted()
        .status(status)
        .render(&html! {
            div.form-page {
                h1 { (t("account-delete")) }
                @for sentence in &stays { p.notice { (sentence) } }
                ul.dots.gap {
                    li { (with_days(web, asking, "account-delete-1")) }
                    li { (t("account-delete-2")) }
                    li { (t("account-delete-3")) }
                }
                p { a href=(asking.link("/privacy")) { (t("account-delete-request")) } }
                form method="post" action=(asking.link("/account/delete")) {
                    (session.hidden())
                    (Field::new("word", &t("account-delete-confirm")).hint(&hint).wrong(wrong("word")).markup())
                    (proof_field(asking, needed, PROOF_DELETE, wrong(PROOF_DELETE)))
                    div.actions { button.button.danger.big type="submit" { (t("account-delete")) } }
                }
                p { (session.way(asking, "/account", "button", &t("account-keep"), false)) }
            }
        })
}
