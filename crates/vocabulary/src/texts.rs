//! The texts of an event, packed: an event has few of the columns, and is moved and copied often.

use crate::{Column, Level};
use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;

/// One optional text for each [`Column`].
///
/// `packed` holds the texts that are there, in the order of their columns. Before each stands its head: its column
/// and its length in bytes, in four characters below 128: the column, then seven bits of the length each, the lowest
/// first. So everything lies in one allocation and is valid UTF-8 throughout.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Texts {
    /// A bit for each column that has a text.
    present: u64,
    packed: String,
}

const HEAD: usize = 4;
/// The longest text, in bytes: what 21 bits count.
const LONGEST: usize = (1 << 21) - 1;

const _: () = assert!(Column::COUNT <= 64, "a bit of `present` for each column");

impl Texts {
    /// No texts, with room for so many bytes of them, four more counted for each.
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            present: 0,
            packed: String::with_capacity(bytes),
        }
    }

    /// The text of a column.
    pub fn get(&self, column: Column) -> Option<&str> {
        if !self.has(column) {
            return None;
        }
        let at = self.place_of(column);
        Some(&self.packed[at + HEAD..self.end_of(at)])
    }

    /// Whether a column has a text.
    pub fn has(&self, column: Column) -> bool {
        self.present & bit(column) != 0
    }

    /// Puts a text in; an empty one is the same as none. What is longer than 2,097,151 bytes is cut there.
    pub fn set(&mut self, column: Column, text: impl AsRef<str>) {
        let text = text.as_ref();
        let text = &text[..text.floor_char_boundary(LONGEST)];
        self.clear(column);
        if text.is_empty() {
            return;
        }
        let length = text.len();
        let head = [
            column as u8,
            (length & 127) as u8,
            (length >> 7 & 127) as u8,
            (length >> 14) as u8,
        ];
        let head = std::str::from_utf8(&head).expect("every byte is below 128");
        // Most often columns come in their order.
        if self.present >> (column as u32) == 0 {
            self.packed.push_str(head);
            self.packed.push_str(text);
        } else {
            let at = self.place_of(column);
            self.packed.insert_str(at, text);
            self.packed.insert_str(at, head);
        }
        self.present |= bit(column);
    }

    /// Takes a text out.
    pub fn clear(&mut self, column: Column) {
        if self.has(column) {
            let at = self.place_of(column);
            self.packed.drain(at..self.end_of(at));
            self.present &= !bit(column);
        }
    }

    /// The columns that hold a text, with it, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (Column, &str)> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let number = *self.packed.as_bytes().get(at)?;
            let (from, to) = (at + HEAD, self.end_of(at));
            at = to;
            Some((Column::ALL[usize::from(number)], &self.packed[from..to]))
        })
    }

    /// How many bytes it takes beside its own size.
    pub fn bytes(&self) -> usize {
        self.packed.capacity()
    }

    /// By the columns of a level, in their order.
    pub(crate) fn compare(&self, other: &Self, level: Level) -> Ordering {
        Column::of(level)
            .map(|c| self.get(c).cmp(&other.get(c)))
            .find(|o| o.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Where the head of a column is, or would be.
    fn place_of(&self, column: Column) -> usize {
        let bytes = self.packed.as_bytes();
        let mut at = 0;
        while at < bytes.len() && bytes[at] < column as u8 {
            at = self.end_of(at);
        }
        at
    }

    /// Where the text ends whose head is at `at`.
    fn end_of(&self, at: usize) -> usize {
        let head = &self.packed.as_bytes()[at..at + HEAD];
        at + HEAD + (usize::from(head[1]) | usize::from(head[2]) << 7 | usize::from(head[3]) << 14)
    }
}

const fn bit(column: Column) -> u64 {
    1 << column as u64
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.iter().map(|(column, text)| (column.name(), text)))
            .finish()
    }
}

/// Written as a list of pairs (column number, text), so that columns added later leave old records readable.
impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.present.count_ones() as usize))?;
        for (column, text) in self.iter() {
            seq.serialize_element(&(column as u8, text))?;
        }
        seq.end()
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Texts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of column numbers with their texts")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Texts, A::Error> {
                let mut texts = Texts::default();
                while let Some((number, text)) = seq.next_element::<(u8, &str)>()? {
                    let column = Column::ALL
                        .get(usize::from(number))
                        .ok_or_else(|| serde::de::Error::custom("a column from a newer version"))?;
                    texts.set(*column, text);
                }
                Ok(texts)
            }
        }
        deserializer.deserialize_seq(Pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_holds_what_a_map_would(
            changes in proptest::collection::vec((0..Column::COUNT, proptest::option::of(".{0,300}")), 0..40),
        ) {
            let (mut texts, mut map) = (Texts::default(), BTreeMap::new());
            for (place, text) in &changes {
                let column = Column::ALL[*place];
                map.remove(&(column as u8));
                match text {
                    Some(text) => {
                        texts.set(column, text);
                        map.insert(column as u8, text.clone());
                        map.retain(|_, text| !text.is_empty());
                    }
                    None => texts.clear(column),
                }
                for &column in Column::ALL {
                    prop_assert_eq!(texts.get(column), map.get(&(column as u8)).map(String::as_str));
                }
            }
            let listed: Vec<(u8, String)> = texts.iter().map(|(column, text)| (column as u8, text.to_owned())).collect();
            prop_assert_eq!(&listed, &map.clone().into_iter().collect::<Vec<_>>());
            // However it came to be, it equals what was put together in order.
            let mut ordered = Texts::with_capacity(64);
            for (number, text) in &map {
                ordered.set(Column::ALL[usize::from(*number)], text);
            }
            prop_assert_eq!(&texts, &ordered);
            let bytes = postcard::to_stdvec(&texts).unwrap();
            prop_assert_eq!(&postcard::from_bytes::<Texts>(&bytes).unwrap(), &texts);
        }
    }

    #[test]
    fn long_texts_keep_their_length_and_longer_ones_are_cut_between_characters() {
        let mut texts = Texts::default();
        for length in [127, 128, 16_383, 16_384, LONGEST] {
            texts.set(Column::Title, "x".repeat(length));
            texts.set(Column::Name, "first");
            assert_eq!(texts.get(Column::Title).map(str::len), Some(length));
        }
        texts.set(Column::Title, "я".repeat(LONGEST));
        assert_eq!(texts.get(Column::Title).map(str::len), Some(LONGEST - 1));
    }

    #[test]
    fn a_text_of_an_unknown_column_is_refused_not_misread() {
        let bytes = postcard::to_stdvec(&vec![(250u8, "x")]).unwrap();
        assert!(postcard::from_bytes::<Texts>(&bytes).is_err());
    }
}
