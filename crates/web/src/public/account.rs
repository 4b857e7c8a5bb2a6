//! Accounts of people: what we hold about them, and what they do with it.

pub(crate) mod acts;
pub(crate) mod entry;
pub(crate) mod files;
pub(crate) mod home;
mod overview;
mod session;

pub use overview::{
    Choice, ChoiceState, HeldConsent, HeldField, HeldLetter, HeldSession, HeldUse, Offer, Overview, Passing,
    ProofNeeded, ReadBy, Reading,
};

use super::enquiry::NotTaken;
use super::wording::{Shown, Wording};
use crate::language::Language;
use credentials::{PasswordFault, Sealed, Secret};
use futures::future::BoxFuture;
use policy::FieldClass;
use vocabulary::Moment;

/// Somebody asks for a letter with a sign-in link.
#[derive(Debug)]
pub struct LinkRequest {
    /// Where it is to be sent. Well formed.
    pub email: Sealed,
    /// The language of the letter.
    pub language: Language,
    /// The address of this site, such as `https://agency.example`: the link is that and `/account/link?token=…`.
    pub site: String,
    /// The wording that stood beside the form: the account of an unknown address is opened under it. Without one none is
    /// opened.
    pub shown: Option<Shown>,
    /// SHA-256 of the form as it was shown, without what was filled in.
    pub form_sha256: [u8; 32],
    /// What stands for the network it came from, for limiting attempts; to be stored or logged nowhere.
    pub network: String,
    /// When.
    pub at: Moment,
}

/// What a link from a letter does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkUse {
    /// Signs in, to an account that it opens if there is none.
    SignIn,
    /// Moves an account, perhaps somebody else's, to the address that the letter went to.
    Move,
}

/// How long a sign-in lasts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stay {
    /// An hour at most, in the forms of a page: the browser keeps no cookie.
    Page,
    /// Until the browser is closed, 12 hours at most.
    Browser,
    /// 30 days.
    Remembered,
}

/// What shows that it is the holder of the account who changes how one signs in.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The password of the account, if it was given.
    pub password: Option<Sealed>,
    /// What stands for the network it came from, as in [`LinkRequest`].
    pub network: String,
}

/// What a person wants a field to be.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which.
    pub class: FieldClass,
    /// What the form showed before, if it says so: what is held otherwise by now is not overwritten. Empty for nothing.
    pub shown: Option<Sealed>,
    /// What it is to be; without a text it is removed.
    pub text: Option<Sealed>,
}

/// Something that a person does in their account.
#[derive(Debug)]
pub enum Act {
    /// Sets and removes fields, or none of them if one was changed elsewhere meanwhile. Fields that are not named stay as
    /// they are.
    Correct {
        /// The fields.
        changes: Vec<Change>,
        /// The language of the page, whose wording stood beside the form.
        language: Language,
    },
    /// Takes back the consent of that id.
    Withdraw(String),
    /// Answers a consent document that stood on the page.
    Choose {
        /// Which.
        wording: Shown,
        /// The language of the page.
        language: Language,
        /// SHA-256 of it as it was shown.
        form_sha256: [u8; 32],
        /// Yes or no.
        gives: bool,
    },
    /// Changes the language of the account and its letters.
    SetLanguage(Language),
    /// Ends the session of that number.
    EndSession(u32),
    /// Sets a password, which fits the rules as far as they need no address.
    SetPassword {
        /// The new one.
        password: Sealed,
        /// Who sets it.
        proof: Proof,
    },
    /// Sends a letter to a new address, whose link makes it the address of the account.
    ChangeEmail {
        /// The new address. Well formed.
        email: Sealed,
        /// The language of the letter.
        language: Language,
        /// The address of this site, as in [`LinkRequest`].
        site: String,
        /// Who changes it.
        proof: Proof,
    },
    /// Deletes the account and what was given only for it; ends every session.
    Delete(Proof),
    /// Asks what would stay if the account were deleted.
    AskDelete,
    /// Ends this session.
    SignOut,
}

/// What stays of a person when their account is gone, besides what was not given for it alone.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Left {
    /// A hold keeps everything.
    pub by_hold: bool,
    /// A law keeps some of it.
    pub by_law: bool,
    /// A contract keeps what was given towards it.
    pub by_contract: bool,
}

/// What came of an act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It is done, and durable.
    Done,
    /// The account is deleted, or would be, and this stays of what was given.
    Left(Left),
    /// A hold stands on the data: nothing of them is changed or destroyed until it ends. Nothing was done.
    OnHold,
    /// Nobody is signed in with that cookie.
    SignedOut,
    /// What changes how one signs in needs a link by letter that was followed within the hour.
    SignInAgain,
    /// The password does not fit the rules.
    Password(PasswordFault),
    /// The password that was to show who it is is wrong.
    WrongPassword,
    /// There is none of that id, or it cannot be changed this way.
    NoSuch,
    /// It is no address that a letter can be sent to.
    Address,
    /// Too many attempts, or letters to new addresses.
    Wait {
        /// How long to wait, in milliseconds.
        wait_ms: i64,
    },
    /// These fields were changed elsewhere since the form was shown; nothing was saved.
    Meanwhile(Vec<FieldClass>),
    /// The text of the consent has changed since it was shown.
    TextChanged,
}

/// What came of signing in with a password.
#[derive(Clone, Debug)]
pub enum Entered {
    /// The cookie of the session.
    In(Secret),
    /// The address or the password is wrong.
    Wrong,
    /// Too many attempts from there.
    Wait {
        /// How long to wait, in milliseconds.
        wait_ms: i64,
    },
    /// Too many wrong passwords from networks all over; a link by letter signs in all the same.
    TakeLink {
        /// How long to wait for the password, in milliseconds.
        wait_ms: i64,
    },
}

/// The way to the accounts of people. Every call that has a cookie is on behalf of the person it belongs to.
pub trait AccountDoor: Send + Sync {
    /// The wording that an account is opened under. None while no accounts are opened, since the operator has not said
    /// who they are.
    fn terms(&self, language: Language) -> Option<Wording>;

    /// Sends a letter with a link that signs in once, within 10 minutes. For an address without an account the link
    /// opens one. The answer does not depend on whether there is one.
    fn send_link(&self, request: LinkRequest) -> BoxFuture<'_, Result<(), NotTaken>>;

    /// What a link does; looking does not use it up. `None` if it does not work (any more).
    fn look_at_link(&self, link: Secret, now: Moment) -> BoxFuture<'_, Result<Option<LinkUse>, NotTaken>>;

    /// Signs in with a link; uses it up. `None` if it does not work (any more). `network` is as in [`LinkRequest`].
    fn open_link(
        &self,
        link: Secret,
        stay: Stay,
        network: String,
        now: Moment,
    ) -> BoxFuture<'_, Result<Option<Secret>, NotTaken>>;

    /// Signs in with a password. `network` stands for where the attempt comes from, as in [`LinkRequest`].
    fn sign_in(
        &self,
        email: Sealed,
        password: Sealed,
        stay: Stay,
        network: String,
        now: Moment,
    ) -> BoxFuture<'_, Result<Entered, NotTaken>>;

    /// All that is held about whoever is signed in; `None` if nobody is.
    fn overview(&self, cookie: Secret, now: Moment) -> BoxFuture<'_, Result<Option<Overview>, NotTaken>>;

    /// Does something for whoever is signed in.
    fn act(&self, cookie: Secret, act: Act, now: Moment) -> BoxFuture<'_, Result<Outcome, NotTaken>>;

    /// A receipt of a consent of whoever is signed in, as a signed text; `None` if there is none of that id.
    fn receipt(
        &self,
        cookie: Secret,
        id: String,
        now: Moment,
    ) -> BoxFuture<'_, Result<Option<String>, NotTaken>>;

    /// All that is held about whoever is signed in, as JSON; `None` if nobody is.
    fn export(&self, cookie: Secret, now: Moment) -> BoxFuture<'_, Result<Option<String>, NotTaken>>;
}
