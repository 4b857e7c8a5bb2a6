//! The rooms table of `ARCHITECTURE.md`, and whether the crate graph keeps to it.

use crate::Failure;
use crate::graph::{Graph, IO_CRATES};
use std::collections::{BTreeMap, BTreeSet};

/// Rooms of the design that are not built yet. They may stand under "never reaches" and have no row.
pub const PLANNED: &[&str] = &["vault", "sharing", "rights", "prove"];

/// One row of the table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Room {
    /// Crates it may directly depend on; none stands for "all".
    pub may: Option<BTreeSet<String>>,
    /// Crates it must not reach over any number of dependencies.
    pub never: BTreeSet<String>,
    /// Whether it must not reach any of [`IO_CRATES`].
    pub no_io: bool,
}

/// Reads the table: a heading row `| crate | owns | may depend on | never reaches |`, then a row for each crate.
/// Crates are written in backticks; "may depend on" may also say "all", "never reaches" also "any IO crate".
pub fn read(document: &str) -> Result<BTreeMap<String, Room>, Failure> {
    let mut rooms = BTreeMap::new();
    let mut lines = document
        .lines()
        .skip_while(|line| cells(line)[..] != ["crate", "owns", "may depend on", "never reaches"]);
    lines.next().ok_or(
        "ARCHITECTURE.md: the rooms table `| crate | owns | may depend on | never reaches |` is missing",
    )?;
    for line in lines.skip(1).take_while(|line| line.starts_with('|')) {
        let [name, _, may, never] = cells(line)[..] else {
            return Err(format!(
                "ARCHITECTURE.md: a row of the rooms table has not four cells: {line}"
            ));
        };
        let name = named(name)
            .pop_first()
            .ok_or_else(|| format!("ARCHITECTURE.md: a row names no crate: {line}"))?;
        let room = Room {
            may: (may != "all").then(|| named(may)),
            never: named(never),
            no_io: never.contains("any IO crate"),
        };
        if rooms.insert(name.clone(), room).is_some() {
            return Err(format!(
                "ARCHITECTURE.md: `{name}` has two rows in the rooms table"
            ));
        }
    }
    Ok(rooms)
}

fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_matches('|').split('|').map(str::trim).collect()
}

fn named(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Every way in which the crate graph departs from the table, one line each; nothing if it keeps to it.
pub fn breaches(rooms: &BTreeMap<String, Room>, graph: &Graph) -> Vec<String> {
    let mut breaches = Vec::new();
    for own in graph.own.iter().filter(|own| !rooms.contains_key(*own)) {
        breaches.push(format!(
            "`{own}` has no row in the rooms table of ARCHITECTURE.md"
        ));
    }
    for (name, room) in rooms {
        if !graph.own.contains(name) {
            breaches.push(format!(
                "`{name}` has a row in ARCHITECTURE.md but is no crate of the workspace"
            ));
        }
        for listed in room.may.iter().flatten().chain(&room.never) {
            if !rooms.contains_key(listed) && !PLANNED.contains(&listed.as_str()) {
                breaches.push(format!("the row of `{name}` names `{listed}`, which is no room"));
            }
        }
        for need in graph.own_needs(name) {
            if room.may.as_ref().is_some_and(|may| !may.contains(need)) {
                breaches.push(format!(
                    "`{name}` depends on `{need}`, which its row does not allow"
                ));
            }
        }
        let io = IO_CRATES.iter().copied().filter(|_| room.no_io);
        for never in room.never.iter().map(String::as_str).chain(io) {
            if let Some(way) = graph.way(name, never) {
                breaches.push(format!(
                    "`{name}` must never reach `{never}`, but does: {}",
                    way.join(" → ")
                ));
            }
        }
    }
    breaches
}
