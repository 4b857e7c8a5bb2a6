//! Who of a file is in the vault already. Opens nothing.

use crate::blind_index::Blind;
use crate::{Error, Incoming, NewPerson, Refusal, Vault};
use policy::FieldClass;
use sqlx::{AssertSqlSafe, Row};
use std::collections::HashSet;
use vocabulary::Moment;

/// How many fingerprints are looked for at once.
const AT_ONCE: usize = 500;

/// Whether somebody is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// Not yet.
    New,
    /// In the vault, or earlier in the file.
    There,
    /// Nothing tells them from others: no name of a row, no e-mail, no telephone.
    Nameless,
}

/// The fingerprints of a file so far.
#[derive(Default)]
pub struct Seen(HashSet<Mark>);

/// What somebody is known by: the name of their row, which alone counts where there is one, or a contact.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Mark {
    Row(Blind),
    Contact(Blind),
}

impl Vault {
    /// Who of these is there already, of one client: by the name of their row, else by their e-mail, else by their
    /// telephone. `seen` has those who came before in the same file.
    pub async fn known(
        &self,
        client: u32,
        people: &[Incoming],
        seen: &mut Seen,
    ) -> Result<Vec<Known>, Error> {
        let index = &self.newest_client_key(client).await?.index;
        let marks: Vec<Option<Mark>> = people
            .iter()
            .map(|one| match &one.row {
                Some(row) => Some(Mark::Row(index.blind_row(row.reveal()))),
                None => [FieldClass::Email, FieldClass::Phone].iter().find_map(|class| {
                    let value = one.new.given.values.iter().find(|(of, _)| of == class);
                    value
                        .and_then(|(_, text)| index.blind(*class, text.reveal()))
                        .map(Mark::Contact)
                }),
            })
            .collect();
        let rows = marks.iter().flatten().filter_map(|mark| match mark {
            Mark::Row(blind) => Some(*blind),
            Mark::Contact(_) => None,
        });
        let rows = self
            .found(
                "SELECT blind FROM import_rows WHERE client = $1",
                client,
                rows.collect(),
            )
            .await?;
        let contacts = marks.iter().flatten().filter_map(|mark| match mark {
            Mark::Contact(blind) => Some(*blind),
            Mark::Row(_) => None,
        });
        let sql = "SELECT blind FROM fields JOIN persons ON persons.number = fields.person WHERE persons.client = $1";
        let contacts = self.found(sql, client, contacts.collect()).await?;
        let standing = |mark: Option<Mark>| match mark {
            None => Known::Nameless,
            Some(mark) => {
                let is_there = match &mark {
                    Mark::Row(blind) => rows.contains(blind),
                    Mark::Contact(blind) => contacts.contains(blind),
                };
                if seen.0.insert(mark) && !is_there {
                    Known::New
                } else {
                    Known::There
                }
            }
        };
        Ok(marks.into_iter().map(standing).collect())
    }

    /// Why a person would not be taken in, if so.
    pub fn refusal(&self, new: &NewPerson, now: Moment) -> Option<Refusal> {
        new.given.checked(&self.settings.budget_ranges, now).err()
    }

    /// Which of these fingerprints a query finds, to which the condition is added.
    async fn found(&self, sql: &str, client: u32, blinds: Vec<Blind>) -> Result<HashSet<Blind>, Error> {
        let mut found = HashSet::new();
        for some in blinds.chunks(AT_ONCE) {
            let places: Vec<String> = (2..some.len() + 2).map(|place| format!("${place}")).collect();
            let sql = format!("{sql} AND blind IN ({})", places.join(", "));
            let query = sqlx::query(AssertSqlSafe(sql)).bind(i64::from(client));
            let query = some.iter().fold(query, |query, blind| query.bind(blind.to_vec()));
            for row in query.fetch_all(self.fields.pool()).await? {
                let blind: Vec<u8> = row.try_get(0)?;
                found.extend(Blind::try_from(blind).ok());
            }
        }
        Ok(found)
    }
}
