//! Accounts of staff, signed in.

use super::stand::{self, PASSWORD, now};
use credentials::Secret;
use staff::{AccountId, NewAccount, Role, SetUpForm, Staff};

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
    (id, stand::signed_in(staff, login, factor).await)
}
