//! What all questions about one range share: the parts in it, the axes, and how the work is cut into pieces.

use crate::{
    Dimension, Range, Site, View,
    bucket::Buckets,
    engine::{
        axis::Axis,
        refund::{self, Orders},
    },
};
use events::{Part, view::Mask};
use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};
use vocabulary::{EventKind, VisitorKey};

/// So many visits are walked at once: the columns of a piece stay in the processor's cache.
const PIECE_VISITS: usize = 8192;
/// From so many events on, two threads share the work.
const THREADS_FROM_EVENTS: usize = 50_000;
/// How many threads share the work.
const THREADS: usize = 2;

/// A part with its mask.
#[derive(Clone, Copy)]
pub(crate) struct Masked<'v> {
    pub(crate) part: &'v Part,
    pub(crate) mask: Option<&'v Mask>,
}

impl<'v> Masked<'v> {
    /// The parts of a view that hold anything.
    pub(crate) fn of(view: &'v View) -> Vec<Self> {
        view.parts
            .iter()
            .filter(|(part, _)| part.visits() > 0)
            .map(|(part, mask)| Self {
                part,
                mask: mask.as_deref(),
            })
            .collect()
    }

    /// First and last moment of the part's events, in milliseconds.
    pub(crate) fn span(&self) -> (i64, i64) {
        self.part
            .span()
            .map_or((i64::MAX, i64::MIN), |span| (span.start, span.end - 1))
    }
}

/// One range of a view.
pub(crate) struct Scene<'v, 'q> {
    pub(crate) range: &'q Range,
    pub(crate) parts: Vec<Masked<'v>>,
    pub(crate) axes: Vec<(Dimension, Axis<'v>)>,
    /// For each piece and part, the first visitor row; a closing entry at the end.
    pub(crate) cuts: Vec<Vec<usize>>,
    /// The view's parts, also those out of range.
    all: Vec<Masked<'v>>,
    /// Revenue by number and currency of the order, once a refund has asked for it.
    orders: OnceLock<Orders>,
}

impl<'v, 'q> Scene<'v, 'q> {
    /// `spans` are those of `parts`.
    pub(crate) fn new(
        range: &'q Range,
        dimensions: &[Dimension],
        parts: &[Masked<'v>],
        spans: &[(i64, i64)],
        site: &Site,
    ) -> Self {
        let all = parts.to_vec();
        let parts: Vec<Masked> = parts
            .iter()
            .zip(spans)
            .filter(|(_, (first, last))| *first < range.to.0 && *last >= range.from.0)
            .map(|(part, _)| *part)
            .collect();
        let bare: Vec<&Part> = parts.iter().map(|p| p.part).collect();
        let events: usize = bare.iter().map(|p| p.events()).sum();
        let axes = shared_work(events, dimensions, |dimension| {
            let buckets = |interval| Buckets::new(range, interval, site.time_zone);
            (dimension.clone(), Axis::new(dimension, &bare, site, buckets))
        });
        let cuts = cut(&bare);
        Self {
            range,
            parts,
            axes,
            cuts,
            all,
            orders: OnceLock::new(),
        }
    }

    /// What a sale brought in, in minor units. A refund without an amount gives back its whole order, wherever in the
    /// view that is; of several purchases with one number, the dearest.
    pub(crate) fn revenue(&self, part: &Part, event: usize) -> Option<i64> {
        let revenue = part.sale_of(event)?.revenue;
        if revenue != 0 || part.event_kind[event] != EventKind::Refund {
            return Some(revenue);
        }
        let orders = self.orders.get_or_init(|| refund::orders(&self.all));
        Some(
            refund::number(part, event)
                .and_then(|order| orders.get(&order))
                .map_or(0, |paid| -paid),
        )
    }

    /// Number of the axis of a dimension that the scene was made with.
    pub(crate) fn axis(&self, dimension: &Dimension) -> usize {
        self.axes
            .iter()
            .position(|(d, _)| d == dimension)
            .expect("scenes are made with the dimensions of all their questions")
    }

    /// How many events there are in its parts.
    pub(crate) fn events(&self) -> usize {
        self.parts.iter().map(|p| p.part.events()).sum()
    }
}

/// Cuts parts into pieces by visitor key, so that a visitor is in one piece only.
fn cut(parts: &[&Part]) -> Vec<Vec<usize>> {
    let visits: usize = parts.iter().map(|p| p.visits()).sum();
    let pieces = visits.div_ceil(PIECE_VISITS).max(1);
    let mut cuts = vec![vec![0; parts.len()]];
    if let Some(widest) = parts.iter().max_by_key(|p| p.visitors.len()) {
        for piece in 1..pieces {
            let at: VisitorKey = widest.visitors[widest.visitors.len() * piece / pieces];
            cuts.push(
                parts
                    .iter()
                    .map(|p| p.visitors.partition_point(|v| *v < at))
                    .collect(),
            );
        }
    }
    cuts.push(parts.iter().map(|p| p.visitors.len()).collect());
    cuts
}

/// How many threads a run over so many events is worth.
pub(crate) fn threads_for(events: usize) -> usize {
    if events >= THREADS_FROM_EVENTS { THREADS } else { 1 }
}

/// Does `work` for each item, by two threads if there are many events; results are in the order of the items.
pub(crate) fn shared_work<T: Sync, R: Send>(
    events: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if threads_for(events) == 1 || items.len() < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let toil = || {
        let mut done = Vec::new();
        while let Some((place, item)) = {
            let place = next.fetch_add(1, Ordering::Relaxed);
            items.get(place).map(|item| (place, item))
        } {
            done.push((place, work(item)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let other = scope.spawn(toil);
        let mut done = toil();
        done.extend(other.join().expect("a worker does not panic"));
        done
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}
