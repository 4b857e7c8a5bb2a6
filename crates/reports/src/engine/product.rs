//! Which goods the events of a part are about, found once for each distinct list of items.

use events::Part;
use smol_str::SmolStr;
use vocabulary::Column;

/// The goods of each list of items of a part.
pub(crate) struct ProductTable<'v> {
    items: &'v [u32],
    by_items: Vec<Vec<u32>>,
}

impl<'v> ProductTable<'v> {
    /// `number` gives the number by which a product is answered.
    pub(crate) fn new(part: &'v Part, mut number: impl FnMut(&SmolStr) -> u32) -> Self {
        let items = part.column(Column::Items);
        let numbers = |text: &SmolStr| {
            let mut numbers: Vec<u32> = products(text).iter().map(&mut number).collect();
            numbers.sort_unstable();
            numbers.dedup();
            numbers
        };
        Self {
            items: &items.codes,
            by_items: items.dictionary.iter().map(numbers).collect(),
        }
    }

    /// The numbers of the goods that an event is about.
    #[inline]
    pub(crate) fn of(&self, event: usize) -> &[u32] {
        &self.by_items[self.items[event] as usize]
    }
}

/// The goods in a JSON array of items: each item's name, or its number in the shop where it has no name.
pub(crate) fn products(items: &str) -> Vec<SmolStr> {
    #[derive(serde::Deserialize)]
    struct Item<'a> {
        #[serde(borrow, default)]
        name: Option<std::borrow::Cow<'a, str>>,
        #[serde(borrow, default)]
        sku: Option<std::borrow::Cow<'a, str>>,
    }
    if items.is_empty() {
        return Vec::new();
    }
    let items: Vec<Item> = serde_json::from_str(items).unwrap_or_default();
    let named = |item: Item| {
        let name = item.name.filter(|n| !n.is_empty()).or(item.sku)?;
        (!name.is_empty()).then(|| SmolStr::from(name))
    };
    items.into_iter().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goods_are_read_from_their_array() {
        for (items, want) in [
            ("", &[][..]),
            ("[]", &[]),
            ("{}", &[]),
            (
                r#"[{"sku":"7","name":"Ring \"A\""},{"sku":"8","price":1.5},{"quantity":2}]"#,
                &["Ring \"A\"", "8"],
            ),
            (r#"[{"name":"","sku":"9"}]"#, &["9"]),
        ] {
            assert_eq!(products(items), want, "{items}");
        }
    }
}
