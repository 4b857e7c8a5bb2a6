//! Answers given lately, so that a dashboard loaded again while nothing has changed is not counted again.

use reports::{Answer, Question};
use sites::ServedSite;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use vocabulary::SiteId;

/// Lists of answers kept at most; that of a dashboard has some hundred rows.
const KEPT: usize = 256;
/// Answers with more rows in all are not kept.
const MOST_ROWS: usize = 2_000;

/// What was asked: the site, and the questions with all that decides how they are answered.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Asked(SiteId, String);

impl Asked {
    /// Questions about a site as it is set up now.
    pub(crate) fn new(site: &ServedSite, questions: &[Question]) -> Self {
        let settings = (&site.site.timezone, site.site.currency, &site.goals);
        Self(site.site.id, format!("{settings:?} {questions:?}"))
    }
}

struct Kept {
    generation: u64,
    answers: Arc<Vec<Answer>>,
    used: u64,
}

/// The answers, of bounded number; those longest unused make room.
#[derive(Default)]
pub struct Answers(Mutex<(HashMap<Asked, Kept>, u64)>);

impl Answers {
    /// The answers found for this at this generation of the view, if they are kept.
    pub(crate) fn get(&self, asked: &Asked, generation: u64) -> Option<Arc<Vec<Answer>>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, clock) = &mut *state;
        *clock += 1;
        let found = kept.get_mut(asked).filter(|k| k.generation == generation)?;
        found.used = *clock;
        Some(found.answers.clone())
    }

    /// Keeps answers in the place of older ones to the same.
    pub(crate) fn keep(&self, asked: Asked, generation: u64, answers: &Arc<Vec<Answer>>) {
        if answers.iter().map(|a| a.rows.len()).sum::<usize>() > MOST_ROWS {
            return;
        }
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, clock) = &mut *state;
        *clock += 1;
        if kept.len() >= KEPT && !kept.contains_key(&asked) {
            let oldest = kept.iter().min_by_key(|(_, k)| k.used).map(|(a, _)| a.clone());
            oldest.map(|oldest| kept.remove(&oldest));
        }
        let (answers, used) = (answers.clone(), *clock);
        kept.insert(
            asked,
            Kept {
                generation,
                answers,
                used,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(number: usize) -> Asked {
        Asked(SiteId(1), number.to_string())
    }

    #[test]
    fn answers_serve_their_own_generation_only() {
        let (answers, given) = (Answers::default(), Arc::new(Vec::new()));
        answers.keep(asked(1), 7, &given);
        assert!(answers.get(&asked(1), 7).is_some());
        assert!(answers.get(&asked(1), 8).is_none());
        assert!(answers.get(&asked(2), 7).is_none());
        answers.keep(asked(1), 8, &given);
        assert!(answers.get(&asked(1), 8).is_some());
        assert!(answers.get(&asked(1), 7).is_none());
    }

    #[test]
    fn the_longest_unused_make_room() {
        let (answers, given) = (Answers::default(), Arc::new(Vec::new()));
        for number in 0..KEPT {
            answers.keep(asked(number), 1, &given);
        }
        assert!(answers.get(&asked(0), 1).is_some());
        answers.keep(asked(KEPT), 1, &given);
        assert!(answers.get(&asked(0), 1).is_some());
        assert!(answers.get(&asked(1), 1).is_none());
        assert!(answers.get(&asked(KEPT), 1).is_some());
    }
}
