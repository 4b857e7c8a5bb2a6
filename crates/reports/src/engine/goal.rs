//! Which goals the events of a part reach, found once for each distinct path and name.

use events::Part;
use vocabulary::{Column, EventKind, Goal};

/// The goals that each path and each name of a part reaches.
pub(crate) struct GoalTable<'v> {
    pages: &'v [u32],
    names: &'v [u32],
    by_page: Vec<Vec<u32>>,
    by_name: Vec<Vec<u32>>,
}

impl<'v> GoalTable<'v> {
    /// `numbers` are the numbers by which the goals are answered, one a goal; goals of one name share theirs.
    pub(crate) fn new(part: &'v Part, goals: &[Goal], numbers: &[u32]) -> Self {
        let (pages, names) = (part.column(Column::Page), part.column(Column::Name));
        let reached = |matches: &dyn Fn(&Goal) -> bool| {
            let mut found: Vec<u32> = goals
                .iter()
                .zip(numbers)
                .filter(|(goal, _)| matches(goal))
                .map(|(_, number)| *number)
                .collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        Self {
            pages: &pages.codes,
            names: &names.codes,
            by_page: pages
                .dictionary
                .iter()
                .map(|path| reached(&|goal| goal.rule.matches_page(path)))
                .collect(),
            by_name: names
                .dictionary
                .iter()
                .map(|name| reached(&|goal| goal.rule.matches_action(name)))
                .collect(),
        }
    }

    /// The numbers of the goals that an event reaches.
    #[inline]
    pub(crate) fn reached(&self, kind: EventKind, event: usize) -> &[u32] {
        if kind == EventKind::PageView {
            &self.by_page[self.pages[event] as usize]
        } else {
            &self.by_name[self.names[event] as usize]
        }
    }
}
