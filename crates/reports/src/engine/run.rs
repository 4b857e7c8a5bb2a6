//! One walk over the pieces of a scene for all tallies of one filter.

use crate::{
    Filter, Site,
    engine::{
        block::{Block, Wants},
        condition::Background,
        counted::Counted,
        scene::{Scene, threads_for},
        selection::{Selection, Survivors},
        tally::{Table, Tally},
    },
};
use std::sync::atomic::{AtomicUsize, Ordering};
use vocabulary::Column;

/// What a walk found.
pub(crate) struct Found {
    /// One for each tally.
    pub(crate) counted: Vec<Counted>,
    /// Selected purchases and refunds in other currencies than the site's; 0 unless a tally is about trade.
    pub(crate) other_currencies: u64,
}

/// Walks the scene.
pub(crate) fn run(filter: &Filter, tallies: &[Tally], scene: &Scene, site: &Site) -> Found {
    let wants = tallies
        .iter()
        .map(Tally::wants)
        .fold(Wants::default(), |a, b| Wants {
            visits: a.visits || b.visits,
            counts: a.counts || b.counts,
            events: a.events || b.events,
            trade: a.trade || b.trade,
        });
    let background = Background {
        range: scene.range,
        site,
    };
    let selection = Selection::new(filter, scene, background, wants);
    let next = AtomicUsize::new(0);
    let walk = || {
        let mut tables: Vec<Table> = tallies.iter().map(|t| Table::new(t, scene)).collect();
        let mut survivors: Vec<Survivors> = scene.parts.iter().map(|_| Survivors::default()).collect();
        let mut block = Block::default();
        let mut other_currencies = 0;
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece + 1 >= scene.cuts.len() {
                break;
            }
            selection.fill(scene, piece, &mut survivors, &mut block, wants);
            if block.len() == 0 {
                continue;
            }
            for table in &mut tables {
                table.count(scene, &selection, &block);
            }
            other_currencies += foreign(scene, &selection, &block);
        }
        Found {
            counted: tables.into_iter().map(|t| t.finish(scene)).collect(),
            other_currencies,
        }
    };
    if threads_for(scene.events()) == 1 {
        return walk();
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(walk);
        let mut found = walk();
        let other = other.join().expect("a walk does not panic");
        found.other_currencies += other.other_currencies;
        for (mine, other) in found.counted.iter_mut().zip(other.counted) {
            mine.add(other);
        }
        found
    })
}

/// How many selected sales of a block are in another currency than the site's.
fn foreign(scene: &Scene, selection: &Selection, block: &Block) -> u64 {
    let is_foreign = |(visit, event): &&(u32, u32)| {
        let place = block.part[*visit as usize] as usize;
        let part = scene.parts[place].part;
        let code = part.column(Column::Currency).codes[*event as usize];
        part.sale_of(*event as usize).is_some() && !selection.part(place).own_currency[code as usize]
    };
    block.trade.iter().filter(is_foreign).count() as u64
}
