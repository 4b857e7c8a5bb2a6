//! Tells those who wait that their records are durable.
//!
//! Waking some hundred tasks of a runtime one by one from outside costs more than writing their records. So a whole
//! group is handed over at once to a task of that runtime, which wakes its neighbours cheaply.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{mpsc, oneshot};

use crate::position::Position;

/// Those who wait for one group, in the order of its records.
type Group = (Position, Vec<oneshot::Sender<Position>>);

/// Tells those who wait, by a task of the runtime in which the journal was opened; by itself if there is none, or one
/// of a single thread, which may be busy waiting for the journal.
pub(crate) struct Teller(Option<mpsc::UnboundedSender<Group>>);

impl Teller {
    /// To be called where the journal is opened.
    pub(crate) fn here() -> Self {
        let runtime = Handle::try_current()
            .ok()
            .filter(|h| h.runtime_flavor() == RuntimeFlavor::MultiThread);
        Self(runtime.map(|runtime| {
            let (groups, mut told) = mpsc::unbounded_channel::<Group>();
            runtime.spawn(async move {
                while let Some((first, tells)) = told.recv().await {
                    tell_all(first, tells);
                }
            });
            groups
        }))
    }

    /// Tells a group, the first record of which is at `first`.
    pub(crate) fn tell(&self, first: Position, tells: Vec<oneshot::Sender<Position>>) {
        match &self.0 {
            Some(groups) if tells.len() > 1 => {
                // The runtime has ended: nobody is left to be told.
                let _ = groups.send((first, tells));
            }
            _ => tell_all(first, tells),
        }
    }
}

fn tell_all(first: Position, tells: Vec<oneshot::Sender<Position>>) {
    for (position, tell) in (first.0..).zip(tells) {
        // Nobody listens if the request was given up; its record is durable all the same.
        let _ = tell.send(Position(position));
    }
}
