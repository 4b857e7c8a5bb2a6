//! Changes of tasks as entries of the audit log.

use audit::{Action, Actor, Entry, Subject};
use tasks::{Change, What};
use vocabulary::{ClientId, Moment};

/// The entries of a change: one for each person and each account that it concerns, so that either finds it, and one
/// more for each account that gave access to itself for want of another.
pub(crate) fn entries(change: &Change, now: Moment) -> Vec<Entry> {
    let accounts: Vec<Option<u32>> = match (&*change.accounts, &*change.pending) {
        ([], []) => vec![None],
        (accounts, pending) => accounts.iter().chain(pending).copied().map(Some).collect(),
    };
    let mut entries = Vec::new();
    for person in &change.persons {
        for account in &accounts {
            let is_alone = account.is_some_and(|account| change.alone.contains(&account));
            for action in [Some(action(change.what)), is_alone.then_some(Action::SelfGranted)] {
                let Some(action) = action else { continue };
                entries.push(Entry {
                    subject: Subject {
                        person: Some(*person),
                        task: Some(change.task),
                        account: *account,
                        client: Some(ClientId(change.client)),
                        site: None,
                    },
                    classes: change.classes.iter().map(|class| *class as u8).collect(),
                    purpose: Some(change.purpose.name().into()),
                    ..Entry::new(now, Actor::Staff(change.by), action)
                });
            }
        }
    }
    entries
}

const fn action(what: What) -> Action {
    match what {
        What::TaskOpened => Action::TaskOpened,
        What::TaskWaiting
        | What::TaskResumed
        | What::TaskExtended
        | What::Assigned
        | What::Unassigned
        | What::Approved
        | What::Refused => Action::TaskChanged,
        What::TaskDone | What::TaskCancelled => Action::TaskClosed,
        What::GlassAsked => Action::BreakGlassAsked,
        What::GlassBroken | What::GlassConfirmed => Action::BreakGlass,
        What::GlassEnded => Action::BreakGlassEnded,
        What::AlarmSeen => Action::AlarmSeen,
        What::Reviewed => Action::Review,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::{FieldClass, Purpose};
    use vocabulary::{PersonId, TaskId};

    #[test]
    fn a_change_is_found_by_each_person_and_account() {
        let change = Change {
            what: What::Assigned,
            task: TaskId([1; 16]),
            by: 7,
            client: 0,
            purpose: Purpose::AnswerEnquiry,
            persons: vec![PersonId([2; 16]), PersonId([3; 16])],
            classes: [FieldClass::Email].into(),
            accounts: vec![8],
            pending: vec![9],
            alone: vec![8],
            until: Moment(5),
        };
        let entries = entries(&change, Moment(4));
        assert_eq!(entries.len(), 6);
        for person in [2, 3] {
            for account in [8, 9] {
                let found = entries.iter().filter(|e| {
                    e.subject.person == Some(PersonId([person; 16]))
                        && e.subject.account == Some(account)
                        && e.action == Action::TaskChanged
                });
                assert_eq!(found.count(), 1);
            }
        }
        let alone = entries.iter().filter(|e| e.action == Action::SelfGranted);
        assert!(alone.clone().count() == 2 && alone.clone().all(|e| e.subject.account == Some(8)));
        assert!(entries.iter().all(|e| e.actor == Actor::Staff(7) && e.count == 0));
    }
}
