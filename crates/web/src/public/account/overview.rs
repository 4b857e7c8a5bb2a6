//! All that is held about a person, as plain values for the page of their account.

use crate::language::Language;
use crate::public::wording::{Shown, Wording};
use credentials::Sealed;
use policy::retention::Why;
use policy::{FieldClass, LegalBasis, Purpose};
use vocabulary::Moment;

/// A value, and where it comes from.
#[derive(Clone, Debug)]
pub struct HeldField {
    /// What it is.
    pub class: FieldClass,
    /// The value.
    pub value: Sealed,
    /// What it may be used for; never empty.
    pub uses: Vec<HeldUse>,
    /// When it was given.
    pub since: Moment,
    /// When it will be destroyed, as far as that is known.
    pub until: Option<Moment>,
    /// What it is kept for so long, as far as that is known.
    pub why: Option<Why>,
    /// The laws that demand it.
    pub laws: Vec<Sealed>,
}

/// What a value may be used for.
#[derive(Clone, Debug)]
pub struct HeldUse {
    /// What for.
    pub purpose: Purpose,
    /// By what right.
    pub basis: LegalBasis,
    /// The text that says so; none for what a law gives.
    pub wording: Option<Shown>,
}

/// How a consent stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChoiceState {
    /// It was asked for and not given.
    Refused,
    /// It holds.
    Given,
    /// The person took it back.
    Withdrawn,
    /// We gave it up.
    Revoked,
    /// Its time is over.
    Expired,
}

impl ChoiceState {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Refused,
        Self::Given,
        Self::Withdrawn,
        Self::Revoked,
        Self::Expired,
    ];

    /// The name in texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Given => "given",
            Self::Withdrawn => "withdrawn",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

/// A step in the life of a consent.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// What it became.
    pub state: ChoiceState,
    /// When.
    pub at: Moment,
}

/// The consent to a purpose with its history. There is one for a purpose.
#[derive(Clone, Debug)]
pub struct HeldConsent {
    /// Its id, in small letters, digits and dashes: nothing personal.
    pub id: String,
    /// What it allows.
    pub purpose: Purpose,
    /// The wording it was given under.
    pub wording: Shown,
    /// How it stands.
    pub now: Choice,
    /// Its steps, oldest first; never empty.
    pub history: Vec<Choice>,
    /// The id of its receipt, in small letters, digits and dashes, if there is one.
    pub receipt: Option<String>,
}

/// A letter between the person and us.
#[derive(Clone, Debug)]
pub struct HeldLetter {
    /// When.
    pub at: Moment,
    /// Whether we wrote it.
    pub is_ours: bool,
    /// What it says.
    pub text: Sealed,
    /// What it may be used for; empty where that is not known any more.
    pub uses: Vec<HeldUse>,
    /// When it will be destroyed, as far as that is known.
    pub until: Option<Moment>,
}

/// Who read something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadBy {
    /// Somebody of our staff.
    Staff,
    /// The person.
    Person,
    /// The program by itself.
    Program,
}

impl ReadBy {
    /// The name in texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Person => "person",
            Self::Program => "program",
        }
    }
}

/// A reading of the person's data.
#[derive(Clone, Debug)]
pub struct Reading {
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: ReadBy,
    /// What for.
    pub purpose: Purpose,
    /// The role of whoever of our staff it was, as roles are named, if it is known.
    pub role: Option<&'static str>,
    /// For which task, by the digits that staff sees.
    pub task: Option<String>,
    /// For which enquiry, by its number.
    pub case: Option<u32>,
    /// What was read.
    pub classes: Vec<FieldClass>,
    /// How often within the minute.
    pub times: u32,
}

/// Something that left us.
#[derive(Clone, Debug)]
pub struct Passing {
    /// When.
    pub at: Moment,
    /// Who received it.
    pub to: String,
    /// What for, if for one thing.
    pub purpose: Option<Purpose>,
    /// What it was.
    pub classes: Vec<FieldClass>,
}

/// A sign-in.
#[derive(Clone, Copy, Debug)]
pub struct HeldSession {
    /// Its number.
    pub id: u32,
    /// When it began.
    pub since: Moment,
    /// When it was used last.
    pub used: Moment,
    /// Whether it stays when the browser is closed.
    pub is_remembered: bool,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// A use of the person's data that they may allow or refuse, by a document of its own.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What for.
    pub purpose: Purpose,
    /// The document.
    pub wording: Wording,
    /// Whether a tick on a form waits for its confirmation by a letter.
    pub is_asked: bool,
    /// Whether the person has said no, or took it back.
    pub is_refused: bool,
}

/// What somebody has to show before they change how one signs in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ProofNeeded {
    /// Nothing: a link was followed within the hour.
    #[default]
    None,
    /// The password.
    Password,
    /// A link, since there is no password: they sign in again.
    Link,
}

/// All that is held about a person.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// The address of the account.
    pub email: Option<Sealed>,
    /// Whether a password is set.
    pub has_password: bool,
    /// What changing address or password, or deleting the account, needs now.
    pub proof: ProofNeeded,
    /// The language of the account and its letters.
    pub language: Option<Language>,
    /// What the person may allow, which is not allowed now.
    pub offers: Vec<Offer>,
    /// Values, newest first.
    pub fields: Vec<HeldField>,
    /// Consents, newest first.
    pub consents: Vec<HeldConsent>,
    /// Letters, newest first.
    pub letters: Vec<HeldLetter>,
    /// Who read it, newest first.
    pub readings: Vec<Reading>,
    /// Who received it, newest first.
    pub passings: Vec<Passing>,
    /// Sign-ins, newest first.
    pub sessions: Vec<HeldSession>,
}
