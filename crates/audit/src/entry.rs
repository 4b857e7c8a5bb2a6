//! What is written down of something that was done, and its bytes.

use serde::{Deserialize, Serialize};
use vocabulary::{ClientId, Moment, PersonId, SiteId, TaskId};

use crate::action::Action;
use crate::word::Word;

const VERSION: u8 = 1;

/// Who did it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// Somebody of staff, by the number of the account.
    Staff(u32),
    /// A person who gave us data, in a matter of their own.
    Person(PersonId),
    /// A job of the program, by name.
    Job(Word),
    /// The program itself, or whoever stands at its command line.
    System,
}

/// Whom or what it concerns, as far as it concerns any of these.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Subject {
    /// A person who gave us data.
    pub person: Option<PersonId>,
    /// The piece of work it was done for, or to.
    pub task: Option<TaskId>,
    /// An account of staff.
    pub account: Option<u32>,
    /// A client.
    pub client: Option<ClientId>,
    /// A site.
    pub site: Option<SiteId>,
}

/// One thing that was done. It names people by random numbers only, so that erasing somebody takes their name out of the
/// log without touching it.
///
/// The bytes, which the Merkle tree hashes and the journal keeps, are those of [postcard]: numbers of more than 8 bits in
/// groups of seven bits, lowest first, with the top bit set in all but the last; signed ones zigzag; what may be missing
/// as `0`, or `1` and the value; lists and texts with their length before them.
///
/// | what | bytes |
/// |---|---|
/// | version | 1 |
/// | time, in milliseconds since 1970 | signed number |
/// | action | its number, 1 byte |
/// | actor | `0` and the account's number; `1` and the 16 bytes of the person; `2` and the job's name; `3` for the system |
/// | person, task | each: maybe 16 bytes |
/// | account, client, site | each: maybe a number of 32 bits |
/// | classes | list of bytes, ascending, each once |
/// | purpose | maybe a text |
/// | count | number of 32 bits |
/// | detail | maybe 32 bytes |
///
/// There is one way to write an entry: bytes that would be written differently are not read.
///
/// [postcard]: https://postcard.jamesmunns.com/wire-format
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// When it was done.
    pub time: Moment,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// Whom or what it concerns.
    pub subject: Subject,
    /// The classes of data it concerned, by number; written in ascending order, each once.
    pub classes: Vec<u8>,
    /// What it was done for.
    pub purpose: Option<Word>,
    /// How many values it concerned: for [`Action::Read`], how many were opened.
    pub count: u32,
    /// The SHA-256 of a text kept elsewhere together with a salt (a reason, a difference); never of a bare value, which
    /// could be guessed.
    pub detail: Option<[u8; 32]>,
}

/// Why an entry cannot be written or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadEntry {
    /// A job or purpose is not 1 to 40 of `a` to `z` and `_`.
    #[error("the name of a job or purpose is not 1 to 40 of a to z and _")]
    Word,
    /// The bytes are of another version.
    #[error("its version is {0}, this program reads {VERSION}")]
    Version(u8),
    /// A later release may know the action.
    #[error("there is no action {0}")]
    Action(u8),
    /// The bytes are no entry, or more than one.
    #[error("its bytes are not those of an entry")]
    Bytes,
    /// The bytes are an entry, written in another way than the one there is.
    #[error("its bytes are not written as this program writes them")]
    NotCanonical,
}

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    version: u8,
    time_ms: i64,
    action: u8,
    #[serde(borrow)]
    actor: WireActor<'a>,
    person: Option<[u8; 16]>,
    task: Option<[u8; 16]>,
    account: Option<u32>,
    client: Option<u32>,
    site: Option<u32>,
    classes: &'a [u8],
    purpose: Option<&'a str>,
    count: u32,
    detail: Option<[u8; 32]>,
}

#[derive(Serialize, Deserialize)]
enum WireActor<'a> {
    Staff(u32),
    Person([u8; 16]),
    Job(&'a str),
    System,
}

impl Entry {
    /// An entry with nothing but these: the rest is filled in as `Entry { subject, ..Entry::new(…) }`.
    pub fn new(time: Moment, actor: Actor, action: Action) -> Self {
        Self {
            time,
            actor,
            action,
            subject: Subject::default(),
            classes: Vec::new(),
            purpose: None,
            count: 0,
            detail: None,
        }
    }

    /// The bytes of the entry; [`BadEntry::Word`] if a job or purpose is not made as a word must be.
    pub fn encode(&self) -> Result<Vec<u8>, BadEntry> {
        let job = match &self.actor {
            Actor::Job(name) => Some(name),
            _ => None,
        };
        if !job.into_iter().chain(&self.purpose).all(Word::is_valid) {
            return Err(BadEntry::Word);
        }
        let mut classes = self.classes.clone();
        classes.sort_unstable();
        classes.dedup();
        let wire = Wire {
            version: VERSION,
            time_ms: self.time.0,
            action: self.action as u8,
            actor: match &self.actor {
                Actor::Staff(account) => WireActor::Staff(*account),
                Actor::Person(person) => WireActor::Person(person.0),
                Actor::Job(name) => WireActor::Job(name.as_str()),
                Actor::System => WireActor::System,
            },
            person: self.subject.person.map(|person| person.0),
            task: self.subject.task.map(|task| task.0),
            account: self.subject.account,
            client: self.subject.client.map(|client| client.0),
            site: self.subject.site.map(|site| site.0),
            classes: &classes,
            purpose: self.purpose.as_ref().map(Word::as_str),
            count: self.count,
            detail: self.detail,
        };
        Ok(postcard::to_allocvec(&wire).expect("memory takes every entry"))
    }

    /// Reads the bytes of an entry.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadEntry> {
        let (entry, rest) = Self::decode_first(bytes)?;
        if !rest.is_empty() {
            return Err(BadEntry::Bytes);
        }
        if entry.encode().as_deref() != Ok(bytes) {
            return Err(BadEntry::NotCanonical);
        }
        Ok(entry)
    }

    /// Reads the entry at the beginning of `bytes`, and gives what is behind it.
    pub(crate) fn decode_first(bytes: &[u8]) -> Result<(Self, &[u8]), BadEntry> {
        match bytes.first() {
            Some(&VERSION) => {}
            Some(other) => return Err(BadEntry::Version(*other)),
            None => return Err(BadEntry::Bytes),
        }
        let (wire, rest) = postcard::take_from_bytes::<Wire<'_>>(bytes).map_err(|_| BadEntry::Bytes)?;
        let word = |text| Word::read(text).ok_or(BadEntry::Word);
        let entry = Self {
            time: Moment(wire.time_ms),
            actor: match wire.actor {
                WireActor::Staff(account) => Actor::Staff(account),
                WireActor::Person(person) => Actor::Person(PersonId(person)),
                WireActor::Job(name) => Actor::Job(word(name)?),
                WireActor::System => Actor::System,
            },
            action: Action::from_number(wire.action).ok_or(BadEntry::Action(wire.action))?,
            subject: Subject {
                person: wire.person.map(PersonId),
                task: wire.task.map(TaskId),
                account: wire.account,
                client: wire.client.map(ClientId),
                site: wire.site.map(SiteId),
            },
            classes: wire.classes.to_vec(),
            purpose: wire.purpose.map(word).transpose()?,
            count: wire.count,
            detail: wire.detail,
        };
        Ok((entry, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reading() -> Entry {
        Entry {
            subject: Subject {
                person: Some(PersonId([0xaa; 16])),
                task: Some(TaskId([0xbb; 16])),
                client: Some(ClientId(300)),
                ..Subject::default()
            },
            classes: vec![4, 1, 4],
            purpose: Some("answer_enquiry".into()),
            count: 2,
            ..Entry::new(Moment(1), Actor::Staff(7), Action::Read)
        }
    }

    #[test]
    fn the_bytes_are_as_documented() {
        let mut want = vec![1, 2, 4, 0, 7];
        want.extend([[1].as_slice(), &[0xaa; 16], &[1], &[0xbb; 16]].concat());
        want.extend([0, 1, 0b1010_1100, 0b10, 0]);
        want.extend([2, 1, 4]);
        want.extend([[1, 14].as_slice(), b"answer_enquiry"].concat());
        want.extend([2, 0]);
        assert_eq!(reading().encode().unwrap(), want);

        let mut job = Entry::new(Moment(-1), Actor::Job("retention".into()), Action::Destroy);
        job.detail = Some([9; 32]);
        let want = [
            &[1, 1, 22, 2, 9],
            b"retention".as_slice(),
            &[0; 8],
            &[1],
            &[9; 32],
        ]
        .concat();
        assert_eq!(job.encode().unwrap(), want);
    }

    #[test]
    fn only_what_the_program_writes_is_read() {
        let bytes = reading().encode().unwrap();
        for (name, bytes, want) in [
            ("nothing", vec![], BadEntry::Bytes),
            (
                "another version",
                [&[2], &bytes[1..]].concat(),
                BadEntry::Version(2),
            ),
            (
                "another action",
                [&[1, 2, 200], &bytes[3..]].concat(),
                BadEntry::Action(200),
            ),
            ("more", [bytes.as_slice(), &[0]].concat(), BadEntry::Bytes),
            ("less", bytes[..bytes.len() - 1].to_vec(), BadEntry::Bytes),
            (
                "a number with zeros before it",
                [&[1, 0x82, 0], &bytes[2..]].concat(),
                BadEntry::NotCanonical,
            ),
            (
                "classes in another order",
                {
                    let mut bytes = bytes.clone();
                    let at = bytes.windows(3).position(|three| three == [2, 1, 4]).unwrap();
                    bytes[at + 1..at + 3].copy_from_slice(&[4, 1]);
                    bytes
                },
                BadEntry::NotCanonical,
            ),
            (
                "a purpose that is no word",
                {
                    let mut bytes = bytes.clone();
                    let at = bytes.windows(6).position(|six| six == b"answer").unwrap();
                    bytes[at] = b'@';
                    bytes
                },
                BadEntry::Word,
            ),
        ] {
            assert_eq!(Entry::decode(&bytes), Err(want), "{name}");
        }
    }

    #[test]
    fn no_text_but_a_word_is_written() {
        for text in [
            "",
            "olga@agency.example",
            "Olga",
            "с_нею",
            "+79161234567",
            "two words",
        ] {
            let job = Entry::new(Moment(0), Actor::Job(text.into()), Action::Read);
            let purpose = Entry {
                purpose: Some(text.into()),
                ..Entry::new(Moment(0), Actor::System, Action::Read)
            };
            for entry in [job, purpose] {
                assert_eq!(entry.encode(), Err(BadEntry::Word), "{text}");
            }
        }
    }

    fn entries() -> impl Strategy<Value = Entry> {
        let actor = prop_oneof![
            any::<u32>().prop_map(Actor::Staff),
            any::<[u8; 16]>().prop_map(|id| Actor::Person(PersonId(id))),
            Just(Actor::Job("search_index".into())),
            Just(Actor::System),
        ];
        let subject = (
            any::<Option<[u8; 16]>>(),
            any::<Option<[u8; 16]>>(),
            any::<[Option<u32>; 3]>(),
        );
        (
            any::<i64>(),
            actor,
            0..Action::ALL.len(),
            subject,
            prop::collection::btree_set(any::<u8>(), 0..9),
            any::<bool>(),
            any::<u32>(),
            any::<Option<[u8; 32]>>(),
        )
            .prop_map(
                |(time, actor, action, (person, task, numbers), classes, purpose, count, detail)| Entry {
                    time: Moment(time),
                    actor,
                    action: Action::ALL[action],
                    subject: Subject {
                        person: person.map(PersonId),
                        task: task.map(TaskId),
                        account: numbers[0],
                        client: numbers[1].map(ClientId),
                        site: numbers[2].map(SiteId),
                    },
                    classes: classes.into_iter().collect(),
                    purpose: purpose.then(|| "legal_duty".into()),
                    count,
                    detail,
                },
            )
    }

    proptest! {
        #[test]
        fn entries_read_back(entry in entries()) {
            let bytes = entry.encode().unwrap();
            prop_assert_eq!(Entry::decode(&bytes), Ok(entry.clone()));
            let behind = [bytes.as_slice(), &[1, 2, 3]].concat();
            prop_assert_eq!(Entry::decode_first(&behind), Ok((entry, &[1, 2, 3][..])));
        }

        #[test]
        fn what_is_read_is_written_the_same(bytes in prop::collection::vec(any::<u8>(), 0..80), whole in entries(), at in any::<prop::sample::Index>(), byte: u8) {
            if let Ok(entry) = Entry::decode(&bytes) {
                prop_assert_eq!(entry.encode().unwrap(), bytes);
            }
            let mut changed = whole.encode().unwrap();
            let at = at.index(changed.len());
            changed[at] = byte;
            if let Ok(entry) = Entry::decode(&changed) {
                prop_assert_eq!(entry.encode().unwrap(), changed);
            }
        }
    }
}
