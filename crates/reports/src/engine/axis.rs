//! A dimension over several parts: each part's codes made into codes that all parts share.

use crate::{
    Dimension, Site,
    bucket::Buckets,
    engine::{block::Block, goal::GoalTable, product::ProductTable, several::Several},
};
use events::Part;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::cmp::Ordering;
use vocabulary::{Column, EventKind, Moment};

/// The values of a dimension, numbered from 0, and how to find them in each part.
pub(crate) struct Axis<'v> {
    pub(crate) labels: Labels,
    pub(crate) parts: Vec<Codes<'v>>,
}

/// What the values are called.
pub(crate) enum Labels {
    Texts(Vec<SmolStr>),
    Buckets(Buckets),
}

/// From a part's own code to the shared one; `None` if they are the same.
pub(crate) type Map = Option<Vec<u32>>;

/// Where the values of a dimension are found in one part.
pub(crate) enum Codes<'v> {
    /// One a visit.
    Visit { codes: &'v [u32], map: Map },
    /// Page of an event row named for each visit.
    End {
        rows: &'v [u32],
        pages: &'v [u32],
        map: Map,
    },
    /// One an event.
    Event { codes: &'v [u32], map: Map },
    /// Any number an event.
    Several(Several<'v>),
    /// By the event's time.
    Time { times: &'v [Moment] },
}

#[inline]
pub(crate) fn mapped(map: &Map, code: u32) -> u32 {
    match map {
        None => code,
        Some(map) => map[code as usize],
    }
}

impl Labels {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.len(),
            Self::Buckets(buckets) => buckets.len(),
        }
    }

    pub(crate) fn label(&self, code: u32) -> SmolStr {
        match self {
            Self::Texts(texts) => texts[code as usize].clone(),
            Self::Buckets(buckets) => buckets.label(code as usize),
        }
    }

    /// Which label comes first: texts by their characters, buckets by time.
    pub(crate) fn compare(&self, a: u32, b: u32) -> Ordering {
        match self {
            Self::Texts(texts) => texts[a as usize].cmp(&texts[b as usize]),
            Self::Buckets(_) => a.cmp(&b),
        }
    }

    /// From the codes of these labels to those of `other`: equal texts, or buckets at the same place.
    pub(crate) fn translation(&self, other: &Self) -> Vec<Option<u32>> {
        match (self, other) {
            (Self::Texts(from), Self::Texts(to)) => {
                let known: FxHashMap<&SmolStr, u32> =
                    to.iter().enumerate().map(|(code, t)| (t, code as u32)).collect();
                from.iter().map(|t| known.get(t).copied()).collect()
            }
            _ => (0..self.len())
                .map(|code| (code < other.len()).then_some(code as u32))
                .collect(),
        }
    }
}

/// Numbers texts in the order in which they come.
#[derive(Default)]
struct Numbering {
    texts: Vec<SmolStr>,
    known: FxHashMap<SmolStr, u32>,
}

impl Numbering {
    fn number(&mut self, text: &SmolStr) -> u32 {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.clone());
        self.known.insert(text.clone(), number);
        number
    }
}

impl<'v> Axis<'v> {
    /// Makes the axis of a dimension over `parts`; `buckets` are those of the range, for a time dimension.
    pub(crate) fn new(
        dimension: &Dimension,
        parts: &[&'v Part],
        site: &Site,
        buckets: impl FnOnce(crate::Interval) -> Buckets,
    ) -> Self {
        let mut numbering = Numbering::default();
        let column = match dimension {
            Dimension::Column(column) => *column,
            Dimension::EntryPage | Dimension::ExitPage => Column::Page,
            Dimension::Property(_) => Column::Properties,
            Dimension::Goal => {
                let numbers: Vec<u32> = site.goals.iter().map(|g| numbering.number(&g.name)).collect();
                let parts = parts
                    .iter()
                    .map(|part| Several::Goals(GoalTable::new(part, site.goals, &numbers)))
                    .map(Codes::Several)
                    .collect();
                return Self {
                    labels: Labels::Texts(numbering.texts),
                    parts,
                };
            }
            Dimension::Product => {
                let parts = parts
                    .iter()
                    .map(|part| ProductTable::new(part, |name| numbering.number(name)))
                    .map(|table| Codes::Several(Several::Products(table)))
                    .collect();
                return Self {
                    labels: Labels::Texts(numbering.texts),
                    parts,
                };
            }
            Dimension::Time(interval) => {
                let time = |part: &&'v Part| Codes::Time {
                    times: &part.event_time,
                };
                return Self {
                    labels: Labels::Buckets(buckets(*interval)),
                    parts: parts.iter().map(time).collect(),
                };
            }
        };
        let same = parts.len() == 1 && !matches!(dimension, Dimension::Property(_));
        if same {
            numbering.texts.clone_from(&parts[0].column(column).dictionary);
        }
        let codes = parts
            .iter()
            .map(|part| {
                let dictionary = &part.column(column).dictionary;
                let map: Map = match dimension {
                    _ if same => None,
                    Dimension::Property(key) => Some(
                        dictionary
                            .iter()
                            .map(|text| numbering.number(&property(text, key)))
                            .collect(),
                    ),
                    _ => Some(dictionary.iter().map(|text| numbering.number(text)).collect()),
                };
                let codes = &part.column(column).codes;
                match dimension {
                    Dimension::EntryPage => Codes::End {
                        rows: &part.visit_entry,
                        pages: codes,
                        map,
                    },
                    Dimension::ExitPage => Codes::End {
                        rows: &part.visit_exit,
                        pages: codes,
                        map,
                    },
                    _ if dimension.is_of_visit() => Codes::Visit { codes, map },
                    _ => Codes::Event { codes, map },
                }
            })
            .collect();
        Self {
            labels: Labels::Texts(numbering.texts),
            parts: codes,
        }
    }

    /// The value of a dimension that is the visit's.
    #[inline]
    pub(crate) fn of_visit(&self, part: usize, visit: usize) -> u32 {
        match &self.parts[part] {
            Codes::Visit { codes, map } => mapped(map, codes[visit]),
            Codes::End { rows, pages, map } => match rows[visit] {
                u32::MAX => mapped(map, 0),
                row => mapped(map, pages[row as usize]),
            },
            Codes::Event { .. } | Codes::Several(_) | Codes::Time { .. } => {
                unreachable!("the plan asks visits for visit dimensions only")
            }
        }
    }

    /// The value for an event, of a dimension that has one value an event.
    #[inline]
    pub(crate) fn of_event(&self, part: usize, visit: usize, event: usize) -> u32 {
        match &self.parts[part] {
            Codes::Event { codes, map } => mapped(map, codes[event]),
            Codes::Time { times } => self.bucket(times[event]),
            Codes::Several(_) => unreachable!("several values are asked for as lists"),
            Codes::Visit { .. } | Codes::End { .. } => self.of_visit(part, visit),
        }
    }

    /// Appends the value of each visit of a block, of a dimension that is the visit's.
    pub(crate) fn fill_visits(&self, block: &Block, values: &mut Vec<u32>) {
        let rows = block.part.iter().zip(&block.visit);
        let columns: Option<Vec<_>> = self
            .parts
            .iter()
            .map(|part| match part {
                Codes::Visit { codes, map } => Some((*codes, map)),
                _ => None,
            })
            .collect();
        match columns {
            Some(columns) => values.extend(rows.map(|(part, visit)| {
                let (codes, map) = columns[*part as usize];
                mapped(map, codes[*visit as usize])
            })),
            None => values.extend(rows.map(|(part, visit)| self.of_visit(*part as usize, *visit as usize))),
        }
    }

    /// Appends the value for each of these events, given by the rows of their visits in the block and their own in
    /// the part.
    pub(crate) fn fill_events(&self, block: &Block, visits: &[u32], events: &[u32], values: &mut Vec<u32>) {
        let rows = visits.iter().zip(events);
        let columns: Option<Vec<_>> = self
            .parts
            .iter()
            .map(|part| match part {
                Codes::Event { codes, map } => Some((*codes, map)),
                _ => None,
            })
            .collect();
        match columns {
            Some(columns) => values.extend(rows.map(|(visit, event)| {
                let (codes, map) = columns[block.part[*visit as usize] as usize];
                mapped(map, codes[*event as usize])
            })),
            None => values.extend(rows.map(|(visit, event)| {
                let visit = *visit as usize;
                let (part, visit) = (block.part[visit] as usize, block.visit[visit] as usize);
                self.of_event(part, visit, *event as usize)
            })),
        }
    }

    /// The values for an event, if this is the axis of a dimension that has several.
    #[inline]
    pub(crate) fn several_of(&self, part: usize, kind: EventKind, event: usize) -> &[u32] {
        match &self.parts[part] {
            Codes::Several(several) => several.of(kind, event),
            _ => unreachable!("only dimensions with several values have lists"),
        }
    }

    /// The bucket of a moment, if this is an axis of time.
    #[inline]
    pub(crate) fn bucket(&self, moment: Moment) -> u32 {
        match &self.labels {
            Labels::Buckets(buckets) => buckets.find(moment) as u32,
            Labels::Texts(_) => unreachable!("only an axis of time has buckets"),
        }
    }
}

/// The text of a property in a JSON object of properties; empty if it has none of that key.
pub(crate) fn property(object: &str, key: &str) -> SmolStr {
    if object.is_empty() {
        return SmolStr::default();
    }
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(object) {
        Ok(map) => match map.get(key) {
            Some(serde_json::Value::String(text)) => text.as_str().into(),
            None | Some(serde_json::Value::Null) => SmolStr::default(),
            Some(other) => other.to_string().into(),
        },
        Err(_) => SmolStr::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_read_from_their_object() {
        let object = r#"{"plan":"pro \"x\"","size":3,"none":null}"#;
        for (key, want) in [("plan", "pro \"x\""), ("size", "3"), ("none", ""), ("pl", "")] {
            assert_eq!(property(object, key), want, "{key}");
        }
        assert_eq!(property("", "plan"), "");
        assert_eq!(property("[1]", "plan"), "");
    }
}
