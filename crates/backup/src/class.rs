//! What a backup is of. Each class has its own folder and its own life.

use serde::{Deserialize, Serialize};

/// What a backup is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Everything but keys.
    Data,
    /// The keys of people. Their life is the horizon after which an erasure holds in every copy: once the last backup
    /// with a destroyed key is gone, nobody can read what [`Class::Data`] still has of that person.
    Keys,
    /// Who was erased. Small, made after every erasure; a restore replays the newest one.
    Tombstones,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Data, Self::Keys, Self::Tombstones];

    /// The name, also that of its folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Keys => "keys",
            Self::Tombstones => "tombstones",
        }
    }

    /// The number in a header.
    pub(crate) const fn number(self) -> u32 {
        match self {
            Self::Data => 1,
            Self::Keys => 2,
            Self::Tombstones => 3,
        }
    }
}
