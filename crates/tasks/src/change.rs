//! What an audit entry needs of a change: numbers and names of closed lists, no text.

use crate::Approval;
use policy::{FieldClass, Purpose};
use serde::Serialize;
use std::collections::BTreeSet;
use vocabulary::{Moment, PersonId, TaskId};

vocabulary::closed_list! {
    /// What changed.
    What {
        /// A task was opened.
        TaskOpened = "task_opened",
        /// A task waits for somebody outside; meanwhile it gives no access.
        TaskWaiting = "task_waiting",
        /// A waiting task goes on.
        TaskResumed = "task_resumed",
        /// A task is done; its grants ended.
        TaskDone = "task_done",
        /// A task was given up; its grants ended.
        TaskCancelled = "task_cancelled",
        /// A task was extended by new grants.
        TaskExtended = "task_extended",
        /// An account was given the task.
        Assigned = "assigned",
        /// The task was taken from an account.
        Unassigned = "unassigned",
        /// Grants that somebody asked for themself were approved.
        Approved = "approved",
        /// Grants that somebody asked for themself were refused.
        Refused = "refused",
        /// Somebody asked to break the glass; nothing is open until another account confirms it.
        GlassAsked = "glass_asked",
        /// The glass was broken and an alarm raised.
        GlassBroken = "glass_broken",
        /// Another account confirmed; the glass is broken.
        GlassConfirmed = "glass_confirmed",
        /// An emergency opening was ended.
        GlassEnded = "glass_ended",
        /// An alarm was seen.
        AlarmSeen = "alarm_seen",
        /// A review was done.
        Reviewed = "reviewed",
    }
}

/// A change, for the audit log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Change {
    /// What changed.
    pub what: What,
    /// The task, or the emergency opening, which is numbered like a task.
    pub task: TaskId,
    /// Who did it.
    pub by: u32,
    /// The client; 0 is the agency itself.
    pub client: u32,
    /// The purpose.
    pub purpose: Purpose,
    /// The persons that are named.
    pub persons: Vec<PersonId>,
    /// The classes that are named.
    pub classes: BTreeSet<FieldClass>,
    /// The accounts whose access begins, goes on or ends with this.
    pub accounts: Vec<u32>,
    /// The accounts whose access another account has to approve or confirm first.
    pub pending: Vec<u32>,
    /// Those of `accounts` that gave it to themselves, for want of another.
    pub alone: Vec<u32>,
    /// When access ends by itself.
    pub until: Moment,
}

impl Change {
    /// Notes that an account was given access, or asked for it.
    pub(crate) fn add(&mut self, account: u32, approval: Approval) {
        match approval {
            Approval::Pending => self.pending.push(account),
            Approval::NotNeeded | Approval::By(_) => self.accounts.push(account),
            Approval::SelfAssigned => {
                self.accounts.push(account);
                self.alone.push(account);
            }
        }
    }
}
