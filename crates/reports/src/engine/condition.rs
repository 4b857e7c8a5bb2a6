//! A filter made ready for one part: every leaf is answered once for each distinct text.

use crate::{
    BadQuestion, Dimension, Filter, Operator, Range, Site,
    bucket::Buckets,
    engine::{axis::property, goal::GoalTable, product::ProductTable, several::Several},
    filter::Matcher,
};
use events::Part;
use smol_str::SmolStr;
use vocabulary::{Column, EventKind, Moment};

/// A condition on the rows of a part.
pub(crate) enum Condition<'v> {
    Constant(bool),
    Visit {
        codes: &'v [u32],
        pass: Vec<bool>,
    },
    End {
        rows: &'v [u32],
        pages: &'v [u32],
        pass: Vec<bool>,
    },
    Event {
        codes: &'v [u32],
        pass: Vec<bool>,
    },
    Several {
        kinds: &'v [EventKind],
        several: Several<'v>,
        pass: Vec<bool>,
        none_passes: bool,
        denied: bool,
    },
    Time {
        times: &'v [Moment],
        buckets: Buckets,
        pass: Vec<bool>,
    },
    All(Vec<Condition<'v>>),
    Any(Vec<Condition<'v>>),
    Not(Box<Condition<'v>>),
}

/// What filters are made ready against.
#[derive(Clone, Copy)]
pub(crate) struct Background<'a> {
    pub(crate) range: &'a Range,
    pub(crate) site: &'a Site<'a>,
}

impl<'v> Condition<'v> {
    /// Makes a filter ready. A pattern that is no regular expression fits nothing.
    pub(crate) fn new(filter: &Filter, part: &'v Part, background: Background) -> Self {
        let all = |parts: &[Filter]| parts.iter().map(|f| Self::new(f, part, background)).collect();
        match filter {
            Filter::All => Self::Constant(true),
            Filter::And(parts) => Self::all(all(parts)),
            Filter::Or(parts) => Self::any(all(parts)),
            Filter::Not(inner) => match Self::new(inner, part, background) {
                Self::Constant(holds) => Self::Constant(!holds),
                inner => Self::Not(Box::new(inner)),
            },
            Filter::Leaf {
                dimension,
                operator,
                values,
                case_sensitive,
            } => match Matcher::new(*operator, values, *case_sensitive) {
                Ok(matcher) => Self::leaf(dimension, *operator, &matcher, part, background),
                Err(BadQuestion { .. }) => Self::Constant(operator.is_denial()),
            },
        }
    }

    pub(crate) fn all(parts: Vec<Self>) -> Self {
        let mut kept: Vec<Self> = parts
            .into_iter()
            .filter(|p| !matches!(p, Self::Constant(true)))
            .collect();
        if kept.iter().any(|p| matches!(p, Self::Constant(false))) {
            return Self::Constant(false);
        }
        match kept.len() {
            0 => Self::Constant(true),
            1 => kept.swap_remove(0),
            _ => Self::All(kept),
        }
    }

    fn any(parts: Vec<Self>) -> Self {
        let kept: Vec<Self> = parts
            .into_iter()
            .filter(|p| !matches!(p, Self::Constant(false)))
            .collect();
        if kept.iter().any(|p| matches!(p, Self::Constant(true))) {
            return Self::Constant(true);
        }
        if kept.is_empty() {
            Self::Constant(false)
        } else {
            Self::Any(kept)
        }
    }

    fn leaf(
        dimension: &Dimension,
        operator: Operator,
        matcher: &Matcher,
        part: &'v Part,
        background: Background,
    ) -> Self {
        let denied = operator.is_denial();
        let fits = |text: &str| matcher.fits(text) != denied;
        let by_text = |column: Column, text_of: &dyn Fn(&SmolStr) -> SmolStr| {
            let texts = &part.column(column).dictionary;
            let pass: Vec<bool> = texts.iter().map(|t| fits(&text_of(t))).collect();
            let constant = pass.iter().all(|p| *p == pass[0]).then_some(pass[0]);
            (pass, constant)
        };
        let column = match dimension {
            Dimension::Column(column) => *column,
            Dimension::EntryPage | Dimension::ExitPage => Column::Page,
            Dimension::Property(_) => Column::Properties,
            Dimension::Goal => {
                let goals = background.site.goals;
                let numbers: Vec<u32> = (0..goals.len() as u32).collect();
                return Self::Several {
                    kinds: &part.event_kind,
                    several: Several::Goals(GoalTable::new(part, goals, &numbers)),
                    pass: goals.iter().map(|g| matcher.fits(&g.name)).collect(),
                    none_passes: matcher.fits(""),
                    denied,
                };
            }
            Dimension::Product => {
                // All that is asked of a product here is whether it fits.
                let table = ProductTable::new(part, |name| u32::from(matcher.fits(name)));
                return Self::Several {
                    kinds: &part.event_kind,
                    several: Several::Products(table),
                    pass: vec![false, true],
                    none_passes: matcher.fits(""),
                    denied,
                };
            }
            Dimension::Time(interval) => {
                let buckets = Buckets::new(background.range, *interval, background.site.time_zone);
                let pass = buckets.labels().iter().map(|label| fits(label)).collect();
                return Self::Time {
                    times: &part.event_time,
                    buckets,
                    pass,
                };
            }
        };
        let (pass, constant) = match dimension {
            Dimension::Property(key) => by_text(column, &|text| property(text, key)),
            _ => by_text(column, &SmolStr::clone),
        };
        if let Some(constant) = constant {
            return Self::Constant(constant);
        }
        let codes = &part.column(column).codes;
        match dimension {
            Dimension::EntryPage => Self::End {
                rows: &part.visit_entry,
                pages: codes,
                pass,
            },
            Dimension::ExitPage => Self::End {
                rows: &part.visit_exit,
                pages: codes,
                pass,
            },
            _ if dimension.is_of_visit() => Self::Visit { codes, pass },
            _ => Self::Event { codes, pass },
        }
    }

    /// Whether an event passes. If the condition is one on visits, `event` is not looked at.
    #[inline]
    pub(crate) fn holds(&self, visit: usize, event: usize) -> bool {
        match self {
            Self::Constant(holds) => *holds,
            Self::Visit { codes, pass } => pass[codes[visit] as usize],
            Self::End { rows, pages, pass } => match rows[visit] {
                u32::MAX => pass[0],
                row => pass[pages[row as usize] as usize],
            },
            Self::Event { codes, pass } => pass[codes[event] as usize],
            Self::Several {
                kinds,
                several,
                pass,
                none_passes,
                denied,
            } => {
                let found = several.of(kinds[event], event);
                let fits = if found.is_empty() {
                    *none_passes
                } else {
                    found.iter().any(|value| pass[*value as usize])
                };
                fits != *denied
            }
            Self::Time { times, buckets, pass } => {
                pass.get(buckets.find(times[event])).copied().unwrap_or_default()
            }
            Self::All(parts) => parts.iter().all(|p| p.holds(visit, event)),
            Self::Any(parts) => parts.iter().any(|p| p.holds(visit, event)),
            Self::Not(inner) => !inner.holds(visit, event),
        }
    }
}
