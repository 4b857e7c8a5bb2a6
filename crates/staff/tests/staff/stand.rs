//! What the cases stand on.

use credentials::{TotpCard, TotpSecret};
use sqldb::trial::Trial;
use staff::{
    Account, AccountId, Enrolled, Error, Language, NewAccount, Origin, Refusal, Role, Secret, SetUpForm,
    SignedIn, Staff, StaffKey, Step,
};
use vocabulary::{Moment, moment::MINUTE_MS};

pub(crate) const NOW: Moment = Moment(1_780_000_000_000);
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const OLGA: &str = "olga@agency.example";

pub(crate) const HOME: Origin<'_> = from("192.0.2.7");
pub(crate) const ELSEWHERE: Origin<'_> = from("198.51.100.9");

pub(crate) const fn from(address: &str) -> Origin<'_> {
    Origin {
        address,
        browser: "Firefox, Linux",
    }
}

pub(crate) const FORM: SetUpForm<'_> = SetUpForm {
    login: "Olga@agency.example",
    name: "Olga Petrova",
    language: Language::Ru,
    password: PASSWORD,
};

pub(crate) const ANNA: NewAccount<'_> = NewAccount {
    login: "anna",
    name: "Anna",
    language: Language::En,
    role: Role::Analyst,
};

pub(crate) async fn register(trial: &Trial) -> Staff {
    Staff::open(trial.open().await.unwrap(), StaffKey::new([7; 32]))
        .await
        .unwrap()
}

pub(crate) async fn owner(staff: &Staff) -> Account {
    let link = staff.link_for_first_owner(NOW).await.unwrap();
    staff.finish_set_up(&link, FORM, NOW).await.unwrap()
}

/// An account that was invited and set up with [`PASSWORD`].
pub(crate) async fn member(staff: &Staff, login: &str, role: Role) -> AccountId {
    let new = NewAccount { login, role, ..ANNA };
    let (id, link) = staff.invite(new, NOW).await.unwrap();
    let form = SetUpForm {
        name: "Member",
        ..FORM
    };
    staff.finish_set_up(&link, form, NOW).await.unwrap();
    id
}

pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, Error>) -> Refusal {
    match answer {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Who is signed in, without a second step.
pub(crate) fn done(step: Step) -> (Secret, SignedIn) {
    match step {
        Step::SignedIn(cookie, signed_in) => (cookie, *signed_in),
        Step::SecondFactorNeeded(..) => panic!("a second factor is asked for"),
    }
}

/// What the second step needs.
pub(crate) fn half(step: Step) -> Secret {
    match step {
        Step::SecondFactorNeeded(pending, _) => pending,
        Step::SignedIn(..) => panic!("no second factor is asked for"),
    }
}

pub(crate) async fn signed_in(staff: &Staff, login: &str) -> (Secret, SignedIn) {
    done(staff.sign_in(login, PASSWORD, HOME, NOW).await.unwrap())
}

/// The app that was shown a card, from the text that people type.
pub(crate) fn app(card: &TotpCard) -> TotpSecret {
    let base32 = card.text.reveal().replace(' ', "");
    let mut bits = 0_u64;
    let mut count = 0;
    let mut bytes = Vec::new();
    for c in base32.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .iter()
            .position(|a| *a == c)
            .unwrap();
        bits = bits << 5 | value as u64;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
        }
    }
    TotpSecret::from_bytes(&bytes).unwrap()
}

/// An account's app and what enrolling it gave; the code of [`NOW`] is used by it.
pub(crate) async fn enrolled(staff: &Staff, who: &SignedIn) -> (TotpSecret, Enrolled) {
    let card = staff
        .begin_enrolment(who, PASSWORD, "Agency", HOME, NOW)
        .await
        .unwrap();
    let app = app(&card);
    let enrolled = staff
        .confirm_enrolment(who, app.code(NOW.0).reveal(), HOME, NOW)
        .await
        .unwrap();
    (app, enrolled)
}

/// `minutes` after [`NOW`].
pub(crate) fn after(minutes: i64) -> Moment {
    NOW.plus_ms(minutes * MINUTE_MS)
}
