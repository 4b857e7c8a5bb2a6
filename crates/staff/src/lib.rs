//! Accounts of the agency's staff: invitation, passwords, signing in and out, and which sites an account may read.
//! Must never show or log who an account is, keep a secret in readable form, or touch anything of visitors and people.
//! Start at [`Staff`]; its doors stand with the things they open.

pub mod account;
pub mod attempts;
pub mod csrf;
pub mod error;
pub mod migrations;
pub mod password;
pub mod sealed;
pub mod secret;
pub mod set_up;
pub mod sign_in;
pub mod site_access;
pub mod staff;

mod weak_passwords;

pub use account::{Account, AccountId, Language, NewAccount, Role};
pub use csrf::{csrf_matches, csrf_token};
pub use error::{Error, Refusal};
pub use password::PasswordFault;
pub use sealed::Sealed;
pub use secret::Secret;
pub use set_up::{SetUp, SetUpForm};
pub use sign_in::{Lifetimes, SignIn, SignedIn};
pub use staff::Staff;
