//! What people agreed to and asked for: wordings, consents and their receipts, accounts, enquiries,
//! testimonials.
//! Must never reach the anonymous side, or keep a personal value anywhere but in the vault.
//! Start at [`People`].

pub mod account;
pub mod account_link;
pub mod arrival;
pub mod case;
pub mod claim;
pub mod consent;
pub mod consent_history;
pub mod consent_link;
pub mod consent_state;
pub mod controller;
pub mod enquiry;
pub mod error;
pub mod forget;
pub mod language;
pub mod letter;
pub mod migrations;
pub mod overview;
pub mod people;
pub mod receipt;
pub mod receipt_key;
pub mod reply;
pub mod said;
pub mod served;
pub mod shipped;
pub mod sign_in;
pub mod testimonial;
pub mod testimonial_answer;
pub mod testimonial_draft;
pub mod testimonial_end;
pub mod undelivered;
pub mod withdraw_link;
pub mod wording;

mod link_seal;

pub use account::Account;
pub use account_link::{AccountLetter, Followed, LinkKind, NewAddress, can_be_address};
pub use arrival::{Arrival, Received};
pub use case::{Case, CaseFilter, CaseId, CaseStatus, Unrecorded};
pub use claim::Claimable;
pub use consent::{Answer, Choice, Method};
pub use consent_history::{Consent, ConsentEvent, Recorded, WordingShown};
pub use consent_link::{Asked, ConsentLetter, Ticked};
pub use consent_state::{Act, ConsentState};
pub use controller::{Controller, Recipient};
pub use enquiry::{NewEnquiry, Taken};
pub use error::{Error, Refusal};
pub use forget::Forgotten;
pub use language::Language;
pub use letter::{Direction, Letter, LetterId, OpenLetter};
pub use overview::{
    ConsentShown, FieldShown, LetterShown, Overview, ReceiptShown, TestimonialShown, UseShown,
};
pub use people::{People, has_receipts};
pub use receipt_key::{ReceiptFault, ReceiptKey, verify};
pub use reply::Outgoing;
pub use said::Said;
pub use served::{NewServed, Served, ServedId};
pub use sign_in::{SignIn, SignedIn};
pub use testimonial::{Testimonial, TestimonialFilter, TestimonialId, TestimonialStatus};
pub use testimonial_answer::{Agreed, AuthorLink, LinkUse, TakenBack};
pub use testimonial_draft::{AuthorAsked, NewTestimonial};
pub use undelivered::Undelivered;
pub use wording::{NewWording, Wording};
