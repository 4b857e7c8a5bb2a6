//! Nouns that every room shares: ids, events, data types, the column register, time and money.
//! Must never do IO, read a clock, or hold anything that identifies a person.
//! Start at [`event`] (what is kept of a hit) and [`column`] (the register that classifies each of its parts).

pub mod channel;
pub mod closed_list;
pub mod column;
pub mod data_type;
pub mod domain;
pub mod event;
pub mod goal;
pub mod moment;
pub mod money;
pub mod person;
pub mod reason;
pub mod texts;
pub mod visitor;

pub use channel::Channel;
pub use column::{Column, Level};
pub use data_type::{DataType, DataTypes, IpKeeping};
pub use domain::{ClientId, Domain, SiteId};
pub use event::{Event, EventKind, Sale};
pub use goal::{Goal, GoalRule};
pub use moment::Moment;
pub use money::Currency;
pub use person::{PersonId, TaskId};
pub use reason::Reason;
pub use visitor::VisitorKey;

/// For [`closed_list!`], whose users need not name it.
#[doc(hidden)]
pub use serde;
