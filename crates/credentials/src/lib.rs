//! What opens something to whoever knows or bears it: passwords, secrets, counts of attempts, proofs of a form's origin.
//! Must never store anything, show a secret, or say whose it is.
//! Start at [`Secret`] and [`Hasher`].

pub mod attempts;
pub mod csrf;
pub mod password;
pub mod sealed;
pub mod secret;

mod weak_passwords;

pub use attempts::Attempts;
pub use csrf::{csrf_matches, csrf_token};
pub use password::{Hasher, HashingFault, PasswordFault, check_password};
pub use sealed::Sealed;
pub use secret::Secret;
