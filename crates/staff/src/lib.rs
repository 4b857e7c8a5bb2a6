//! Accounts of the agency's staff: invitation, passwords, signing in and out, and which sites an account may read.
//! Must never show or log who an account is, keep a secret in readable form, or touch anything of visitors and people.
//! Start at [`Staff`]; its doors stand with the things they open.

pub mod account;
pub mod error;
pub mod migrations;
pub mod set_up;
pub mod sign_in;
pub mod site_access;
pub mod staff;

pub use credentials::{PasswordFault, Sealed, Secret, csrf_matches, csrf_token};

pub use account::{Account, AccountId, Language, NewAccount, Role};
pub use error::{Error, Refusal};
pub use set_up::{SetUp, SetUpForm};
pub use sign_in::{Lifetimes, SignIn, SignedIn};
pub use staff::Staff;
