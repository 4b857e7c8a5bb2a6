//! Click ids that advertising networks add to addresses. Only their names are ever kept: a value names one click.

use super::source::{self, SourceKind};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// A parameter that a network adds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClickId {
    /// The parameter's name.
    pub name: &'static str,
    /// Whether it says that the click was paid for; some networks mark every link that leaves them.
    pub paid: bool,
    /// The sort of the network.
    pub kind: SourceKind,
    /// The network's name as a source.
    pub source: &'static str,
}

static CLICK_IDS: LazyLock<FxHashMap<&'static str, ClickId>> = LazyLock::new(|| {
    let rows = include_str!("../../data/ad_click_ids.tsv").lines().map(|line| {
        let mut fields = line.split('\t');
        let mut field = || fields.next().unwrap_or_default();
        let (name, paid) = (field(), field() == "paid");
        let click = ClickId {
            name,
            paid,
            kind: source::kind(field()).expect("every row names a kind, as a test shows"),
            source: field(),
        };
        (name, click)
    });
    rows.collect()
});

/// The click id of that parameter name, in lower case.
pub fn of_parameter(name: &str) -> Option<ClickId> {
    CLICK_IDS.get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_reads_and_others_do_not() {
        for line in include_str!("../../data/ad_click_ids.tsv").lines() {
            let name = line.split('\t').next().unwrap();
            assert_eq!(of_parameter(name).unwrap().name, name);
            assert_eq!(name, name.to_lowercase(), "it would never be found");
        }
        assert!(of_parameter("yclid").unwrap().paid);
        assert!(
            !of_parameter("ysclid").unwrap().paid,
            "Yandex marks its free results so"
        );
        for name in ["", "q", "clid", "gclidx", "utm_source"] {
            assert_eq!(of_parameter(name), None, "{name}");
        }
    }
}
