//! Pieces of work of staff, the grants they carry, and the decision who may read what, in Cedar.
//! Must never hold or reach a personal value; what is not permitted is denied, administrators included.
//! Start at [`Tasks`]; what is asked of the policies is a [`Question`], decided by [`Policies`].

pub mod break_glass;
pub mod by;
pub mod change;
pub mod decision;
pub mod error;
pub mod facts;
pub mod fault;
pub mod grant;
pub mod migrations;
pub mod policies;
pub mod question;
pub mod reason;
pub mod review;
pub mod rules;
pub mod task;
pub mod tasks;

mod named;
mod request;
mod texts;

pub use break_glass::{Alarm, BreakGlass, NewBreakGlass, Witness};
pub use by::By;
pub use change::{Change, What};
pub use decision::Decision;
pub use error::{Error, Refusal};
pub use facts::Facts;
pub use fault::{Breach, Fault};
pub use grant::{Approval, Grant};
pub use policies::{BadPolicies, Policies};
pub use question::{Act, Leave, Principal, Question, Scope};
pub use reason::Reason;
pub use review::{Review, Reviewed};
pub use rules::Rules;
pub use task::{NewTask, Task, TaskKind, TaskStatus};
pub use tasks::Tasks;
