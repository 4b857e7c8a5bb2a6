//! Dimensions that have any number of values an event.

use crate::engine::{goal::GoalTable, product::ProductTable};
use vocabulary::EventKind;

/// The values of such a dimension in one part.
pub(crate) enum Several<'v> {
    Goals(GoalTable<'v>),
    Products(ProductTable<'v>),
}

impl Several<'_> {
    /// The numbers of an event's values, each once.
    #[inline]
    pub(crate) fn of(&self, kind: EventKind, event: usize) -> &[u32] {
        match self {
            Self::Goals(table) => table.reached(kind, event),
            Self::Products(table) => table.of(event),
        }
    }
}
