//! How answers are found: questions of one range share a [`scene`], those of one filter too share a [`selection`],
//! and pieces of it are walked once for all their tallies.
//!
//! Parts are ordered by visitor. A piece is a range of visitor keys: the visits in it that pass the filter are taken
//! from each part, joined so that each visitor's come together ([`block`]), and counted into groups ([`tally`]).
//! Distinct visitors and visits are exact, because a group remembers the last one it saw.

mod axis;
mod block;
mod condition;
mod counted;
mod goal;
mod plan;
mod product;
mod refund;
mod run;
mod scene;
mod selection;
mod several;
mod tally;
pub(crate) mod total;

pub use refund::lacks_orders;

use crate::{Answer, Question, Site, View};
use scene::Masked;
use vocabulary::Moment;

/// Answers one question.
pub fn answer(question: &Question, view: &View, site: &Site) -> Answer {
    answer_all(std::slice::from_ref(question), view, site)
        .pop()
        .expect("there is one answer a question")
}

/// Answers several questions, such as those of a dashboard, sharing the work on equal ranges and filters.
/// Answers are in the order of the questions.
pub fn answer_all(questions: &[Question], view: &View, site: &Site) -> Vec<Answer> {
    plan::Plan::new(questions, view, site).answers()
}

/// The moment of the first event that metrics count, if there is any: where "all" begins.
pub fn first_event(view: &View) -> Option<Moment> {
    let first = |masked: &Masked| {
        let part = masked.part;
        let mut first: Option<Moment> = None;
        for visitor in 0..part.visitors.len() {
            if masked.mask.is_some_and(|mask| mask.is_marked(visitor)) {
                continue;
            }
            for visit in part.visits_of(visitor) {
                if first.is_none_or(|first| part.visit_start[visit] < first)
                    && let Some(event) = part.events_of(visit).find(|e| part.event_kind[*e].counts())
                {
                    first = Some(first.map_or(part.event_time[event], |f| f.min(part.event_time[event])));
                }
            }
        }
        first
    };
    let parts = Masked::of(view);
    let events = parts.iter().map(|p| p.part.events()).sum();
    scene::shared_work(events, &parts, first)
        .into_iter()
        .flatten()
        .min()
}
