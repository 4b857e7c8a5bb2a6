//! Accounts of staff, signed in.

use super::stand::{PASSWORD, now};
use credentials::{Secret, TotpSecret};
use staff::{AccountId, NewAccount, Origin, Role, SetUpForm, Staff, Step};

/// Where its sign-in comes from.
const ORIGIN: Origin<'static> = Origin {
    address: "192.0.2.7",
    browser: "",
};

/// A new account that has signed in, with a second factor if wished; its password is [`PASSWORD`]. Gives the secret of
/// the cookie.
pub(crate) async fn member(staff: &Staff, login: &str, role: Role, factor: bool) -> (AccountId, Secret) {
    let language = staff::Language::En;
    let new = NewAccount {
        login,
        name: login,
        language,
        role,
    };
    let (id, link) = staff.invite(new, now()).await.expect("an invitation");
    let form = SetUpForm {
        login,
        name: login,
        language,
        password: PASSWORD,
    };
    staff.finish_set_up(&link, form, now()).await.expect("an account");
    let step = staff.sign_in(login, PASSWORD, ORIGIN, now()).await;
    let Ok(Step::SignedIn(cookie, who)) = step else {
        unreachable!("no second factor is set up yet");
    };
    if !factor {
        return (id, cookie);
    }
    let card = staff
        .begin_enrolment(&who, PASSWORD, "Agency", ORIGIN, now())
        .await
        .expect("a card");
    let code = app(card.text.reveal()).code(now().0);
    let enrolled = staff.confirm_enrolment(&who, code.reveal(), ORIGIN, now()).await;
    (id, enrolled.expect("a second factor").cookie)
}

/// The app that was given a secret: RFC 4648, without padding, in groups.
fn app(text: &str) -> TotpSecret {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for c in text.chars().filter(|c| *c != ' ') {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .find(c)
            .expect("a letter of base 32");
        held = held << 5 | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    TotpSecret::from_bytes(&bytes).expect("a secret")
}
