//! Accounts of the agency's staff: invitation, roles, signing in by password or provider and second factor, and which
//! sites an account may read.
//! Must never show or log who an account is, keep a secret in readable form, or touch anything of visitors and people.
//! Start at [`Staff`]; its doors stand with the things they open.

pub mod account;
pub mod error;
pub mod hand_over;
pub mod migrations;
pub mod oidc;
pub mod password;
pub mod role;
pub mod second_factor;
pub mod set_up;
pub mod sign_in;
pub mod site_access;
pub mod staff;
pub mod staff_key;
pub mod step;
pub mod subject;

pub use credentials::{PasswordFault, RecoveryCode, Sealed, Secret, TotpCard, csrf_matches, csrf_token};

pub use account::{Account, AccountId, Language, NewAccount};
pub use error::{Error, Refusal};
pub use role::{Right, Role};
pub use second_factor::Enrolled;
pub use set_up::{SetUp, SetUpForm};
pub use sign_in::{Lifetimes, SignIn, SignedIn};
pub use site_access::SiteAccess;
pub use staff::Staff;
pub use staff_key::StaffKey;
pub use step::{Origin, SecondStep, Step, Used};
pub use subject::ProviderStep;
