//! What is asked of the policies: plain values, so that every combination can be tried without a database.

use crate::TaskStatus;
use policy::{FieldClass, Purpose};
use std::collections::BTreeSet;
use vocabulary::{Moment, PersonId};

/// May this be done?
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// What is to be done.
    pub act: Act<'a>,
    /// The client whose person or persons it is about; 0 is the agency itself.
    pub client: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// What gives leave, if anything does.
    pub leave: Option<Leave>,
    /// When.
    pub now: Moment,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub enum Principal<'a> {
    /// An account of staff.
    Staff {
        /// Its number.
        account: u32,
        /// Whether the second factor was given at this sign-in.
        second_factor: bool,
    },
    /// A partner who works for the agency.
    Partner {
        /// Its number.
        partner: u32,
        /// The one service it does.
        service: &'a str,
    },
}

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub enum Act<'a> {
    /// Read values of one person that were given for the same uses.
    ReadFields {
        /// Whose.
        person: PersonId,
        /// Whether a legal hold freezes the person's data.
        on_hold: bool,
        /// Their classes, at least one.
        classes: &'a [FieldClass],
        /// What they were given for.
        uses: &'a [Purpose],
        /// Whether no choice, objection or restriction of the person stands against the purpose now.
        use_allowed: bool,
    },
    /// List, by number, the persons that the task names.
    ListPersons,
    /// Find a person of the client by a value of this class.
    SearchByContact(FieldClass),
    /// Hand out all values of these classes in one file.
    ExportPerson {
        /// Whose.
        person: PersonId,
        /// Whether a legal hold freezes the person's data.
        on_hold: bool,
        /// The classes that the file would hold.
        classes: &'a [FieldClass],
    },
}

impl Act<'_> {
    /// Whom it is about, if it is one person.
    pub(crate) fn person(&self) -> Option<PersonId> {
        match self {
            Self::ReadFields { person, .. } | Self::ExportPerson { person, .. } => Some(*person),
            Self::ListPersons | Self::SearchByContact(_) => None,
        }
    }
}

/// What gives leave.
#[derive(Clone, Debug)]
pub enum Leave {
    /// A grant that a task gives to the account that asks.
    Grant {
        /// What it covers.
        scope: Scope,
        /// How the task stands.
        status: TaskStatus,
        /// Whether the grant was approved or needs no approval.
        approved: bool,
    },
    /// The account that asks broke the glass.
    BreakGlass {
        /// What it covers.
        scope: Scope,
        /// Whether a second person confirmed it.
        confirmed: bool,
        /// Whether an alarm was raised.
        alarm: bool,
    },
    /// A share with the partner that asks.
    Share {
        /// What it covers.
        scope: Scope,
        /// The service it is for.
        service: String,
    },
}

/// What a leave covers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    /// The client; 0 is the agency itself.
    pub client: u32,
    /// The purpose.
    pub purpose: Purpose,
    /// The persons. Those that the question is not about may be left out.
    pub persons: BTreeSet<PersonId>,
    /// The classes.
    pub classes: BTreeSet<FieldClass>,
    /// From when, inclusive.
    pub from: Moment,
    /// Until when, exclusive.
    pub until: Moment,
    /// Whether it was ended before its time.
    pub ended: bool,
}
