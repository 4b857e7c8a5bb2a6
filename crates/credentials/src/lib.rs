//! What opens something to whoever knows or bears it: passwords, secrets, second factors, counts of attempts, proofs of
//! a form's origin.
//! Must never store anything, show a secret, or say whose it is.
//! Start at [`Secret`] and [`Hasher`].

pub mod allowance;
pub mod attempts;
pub mod csrf;
pub mod password;
pub mod recovery_code;
pub mod seal;
pub mod sealed;
pub mod secret;
pub mod totp;

mod frequent_passwords;
mod weak_passwords;

pub use allowance::{Allowance, Allowances};
pub use attempts::{Attempts, Guess, Wait};
pub use csrf::{csrf_matches, csrf_token};
pub use password::{Hasher, HashingFault, PasswordFault, check_password};
pub use recovery_code::{RECOVERY_CODES, RecoveryCode};
pub use seal::Seal;
pub use sealed::Sealed;
pub use secret::Secret;
pub use totp::{TotpCard, TotpSecret};
