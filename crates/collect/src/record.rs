//! The journal record: the events of one request, and the ids by which repeats of them are known.

use crate::Error;
use serde::{Deserialize, Serialize};
use vocabulary::Event;

/// What one record holds. On disk: a version byte (`1`), then [postcard](https://postcard.jamesmunns.com/wire-format)
/// of the events (their own `Serialize`) and of the ids (a list of variable-length u64).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// The events, as kept.
    pub events: Vec<Event>,
    /// Numbers that stand for the sender's ids of these events (see [`crate::RecentIds`]).
    pub ids: Vec<u64>,
}

const VERSION: u8 = 1;

impl Record {
    /// The record as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let start = Vec::with_capacity(64 + 320 * self.events.len());
        let mut bytes = start;
        bytes.push(VERSION);
        postcard::to_extend(self, bytes).expect("a record has no shape that postcard refuses")
    }

    /// Reads a record. Any bytes are safe to give; what is no record gives [`Error::Record`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let (version, rest) = bytes.split_first().ok_or(Error::Record("it is empty"))?;
        if *version != VERSION {
            return Err(Error::Record("it has a version that this program does not know"));
        }
        match postcard::take_from_bytes(rest) {
            Ok((record, [])) => Ok(record),
            Ok(_) => Err(Error::Record("bytes follow its end")),
            Err(_) => Err(Error::Record("its content is damaged")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vocabulary::{Column, EventKind, Moment, Sale, SiteId, VisitorKey, event::Texts};

    fn record(texts: &[(usize, String)], ids: Vec<u64>, time: i64) -> Record {
        let mut event = Event {
            site: SiteId(7),
            visitor: VisitorKey(u64::MAX),
            time: Moment(time),
            kind: EventKind::Purchase,
            interactive: true,
            sale: Some(Sale::default()),
            texts: Texts::default(),
        };
        for (place, text) in texts {
            event.texts.set(Column::ALL[place % Column::COUNT], text);
        }
        Record {
            events: vec![event; texts.len() % 3],
            ids,
        }
    }

    proptest! {
        #[test]
        fn round_trips_and_is_refused_when_cut_or_longer(
            texts in proptest::collection::vec((0..64usize, ".{0,30}"), 0..6), ids: Vec<u64>, time: i64, cut: usize,
        ) {
            let record = record(&texts, ids, time);
            let mut bytes = record.encode();
            prop_assert_eq!(&Record::decode(&bytes).unwrap(), &record);
            prop_assert!(Record::decode(&bytes[..cut % bytes.len()]).is_err());
            bytes.push(0);
            prop_assert!(Record::decode(&bytes).is_err());
        }

        #[test]
        fn random_bytes_never_panic(mut bytes: Vec<u8>) {
            let _ = Record::decode(&bytes);
            if let Some(first) = bytes.first_mut() {
                *first = VERSION;
            }
            let _ = Record::decode(&bytes);
        }
    }

    #[test]
    fn a_newer_version_is_refused() {
        assert!(Record::decode(&[]).is_err());
        assert!(Record::decode(&[VERSION + 1, 0, 0]).is_err());
        assert!(Record::decode(&[VERSION, 0, 0]).is_ok());
    }
}
