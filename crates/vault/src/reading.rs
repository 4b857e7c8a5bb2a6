//! Reading: nothing is opened before the guard admitted it and it was counted.

use crate::guard::admit;
use crate::person::ATTEMPTS;
use crate::sealing::{PersonCipher, Place};
use crate::{Error, FieldUse, Provenance, Reader, Request, Sealed, ValueId, Vault};
use policy::retention::{Choice, uses};
use policy::{FieldClass, Purpose};
use sqlx::Row;
use vocabulary::{Moment, PersonId};
use zeroize::Zeroizing;

/// A value that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Value {
    /// Its number.
    pub id: ValueId,
    /// What it is.
    pub class: FieldClass,
    /// The value itself.
    pub text: Sealed,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// What is kept of a person, without the value itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Its number.
    pub id: ValueId,
    /// What it is.
    pub class: FieldClass,
    /// Where it comes from.
    pub provenance: Provenance,
    /// What it may be used for now.
    pub uses: Vec<Purpose>,
}

/// Sealed values of a person, and what the guard is to know of them.
pub(crate) struct Loaded {
    pub(crate) number: i64,
    pub(crate) client: u32,
    pub(crate) key_version: u32,
    /// As of loading; a change that finds another one begins anew.
    pub(crate) changed: i64,
    pub(crate) on_hold: bool,
    pub(crate) values: Vec<(Kept, Vec<u8>)>,
}

impl Loaded {
    pub(crate) fn place(&self, person: PersonId, kept: &Kept) -> Place {
        Place {
            client: self.client,
            person,
            class: kept.class,
            value: kept.id.0,
            key_version: self.key_version,
        }
    }
}

/// Values that were opened, with where they come from.
type Opened = Vec<(Kept, Zeroizing<Vec<u8>>)>;

impl Vault {
    /// Reads a person's values of some classes; classes that the person did not give are missing from the answer.
    /// The guard is asked once for all of them, unless there are none.
    pub async fn read(
        &self,
        reader: &Reader,
        person: PersonId,
        purpose: Purpose,
        classes: &[FieldClass],
        now: Moment,
    ) -> Result<Vec<Value>, Error> {
        let which = Which::values(classes);
        let opened = self
            .opened_values(reader, person, purpose, which, |_| true, now)
            .await?;
        opened
            .into_iter()
            .map(|(kept, content)| {
                let text = std::str::from_utf8(&content).map_err(|_| Error::Corrupt("value"))?;
                Ok(Value {
                    id: kept.id,
                    class: kept.class,
                    text: Sealed::new(text.to_owned()),
                    provenance: kept.provenance,
                })
            })
            .collect()
    }

    /// Opens what [`Vault::seal_for`] sealed: the values of these numbers, or of all where none is given.
    pub async fn open_for(
        &self,
        reader: &Reader,
        person: PersonId,
        purpose: Purpose,
        values: &[ValueId],
        now: Moment,
    ) -> Result<Vec<(ValueId, Zeroizing<Vec<u8>>)>, Error> {
        let asked = values.len();
        let which = match (values.iter().min(), values.iter().max()) {
            (Some(first), Some(last)) => Which::Messages(first.0, last.0),
            _ => Which::Messages(i64::MIN, i64::MAX),
        };
        let values = values.to_vec();
        let wanted = move |kept: &Kept| values.is_empty() || values.contains(&kept.id);
        let opened = self
            .opened_values(reader, person, purpose, which, wanted, now)
            .await?;
        if opened.len() < asked {
            return Err(Error::NotFound("value"));
        }
        Ok(opened
            .into_iter()
            .map(|(kept, content)| (kept.id, content))
            .collect())
    }

    /// Everything kept of a person, messages included. Opens nothing.
    pub async fn values(&self, person: PersonId) -> Result<Vec<Kept>, Error> {
        let loaded = self.load(person, Which::WithoutContent).await?;
        Ok(loaded.values.into_iter().map(|(kept, _)| kept).collect())
    }

    /// The people of a client with this contact, in every spelling of it: by [`FieldClass::Email`],
    /// [`FieldClass::Phone`] or [`FieldClass::Name`]. Opens nothing.
    pub async fn find(&self, client: u32, class: FieldClass, text: &str) -> Result<Vec<PersonId>, Error> {
        let key = self.newest_client_key(client).await?;
        let Some(blind) = key.index.blind(class, text) else {
            return Ok(Vec::new());
        };
        let rows = sqlx::query(
            "SELECT persons.id FROM fields JOIN persons ON persons.number = fields.person
             WHERE fields.blind = $1 AND persons.client = $2 ORDER BY persons.number",
        )
        .bind(blind.as_slice())
        .bind(i64::from(client))
        .fetch_all(self.fields.pool())
        .await?;
        rows.iter().map(|row| id_of(row.try_get(0)?)).collect()
    }

    async fn opened_values(
        &self,
        reader: &Reader,
        person: PersonId,
        purpose: Purpose,
        which: Which,
        wanted: impl Fn(&Kept) -> bool + Send + 'static,
        now: Moment,
    ) -> Result<Opened, Error> {
        let (vault, reader) = (self.clone(), reader.clone());
        // In a task of its own: a caller that goes away must not leave a reading that is audited but not counted.
        tokio::spawn(async move {
            let (mut loaded, cipher) = vault.load_with_key(person, which).await?;
            loaded.values.retain(|(kept, _)| wanted(kept));
            vault
                .open_loaded(&reader, person, purpose, &loaded, &cipher, now)
                .await
        })
        .await
        .expect("a reading does not panic")
    }

    /// Asks the guard, counts, and opens; in this order. Must run where it is not cancelled half-way.
    pub(crate) async fn open_loaded(
        &self,
        reader: &Reader,
        person: PersonId,
        purpose: Purpose,
        loaded: &Loaded,
        cipher: &PersonCipher,
        now: Moment,
    ) -> Result<Opened, Error> {
        if loaded.values.is_empty() {
            return Ok(Vec::new());
        }
        let fields: Vec<FieldUse> = loaded
            .values
            .iter()
            .map(|(kept, _)| FieldUse {
                class: kept.class,
                uses: kept.uses.clone(),
            })
            .collect();
        let request = Request {
            reader,
            person,
            client: loaded.client,
            purpose,
            fields: &fields,
            on_hold: loaded.on_hold,
            now,
        };
        let admitted = admit(&*self.guard, &request).await?;
        let mut counted = self.tally.count(&self.keys, admitted).await?;
        loaded
            .values
            .iter()
            .map(|(kept, sealed)| {
                let content = cipher.open(&loaded.place(person, kept), sealed, &mut counted)?;
                Ok((kept.clone(), content))
            })
            .collect()
    }

    /// Sealed values and the key that fits them.
    pub(crate) async fn load_with_key(
        &self,
        person: PersonId,
        which: Which,
    ) -> Result<(Loaded, PersonCipher), Error> {
        for _ in 0..ATTEMPTS {
            let loaded = self.load(person, which).await?;
            // Missing: the key was rotated since, or the person erased.
            if let Some(key) = self.person_key(person, loaded.key_version).await? {
                return Ok((loaded, PersonCipher::new(&key)));
            }
        }
        Err(self.without_key(person).await)
    }

    async fn load(&self, person: PersonId, which: Which) -> Result<Loaded, Error> {
        let query = sqlx::query(which.sql()).bind(person.0.as_slice());
        let query = match which {
            Which::Values(classes) => query.bind(classes),
            Which::Messages(first, last) => query.bind(first).bind(last),
            Which::Everything | Which::WithoutContent => query,
        };
        let rows = self.fields.rows(query).await?;
        let first = rows.first().ok_or(Error::NotFound("person"))?;
        let number = first.try_get("number")?;
        let on_hold = first.try_get::<i64, _>("holds")? > 0;
        let choices = match first.try_get::<i64, _>("chosen")? {
            0 => Vec::new(),
            _ => self
                .choices_of(number, number)
                .await?
                .into_iter()
                .map(|(_, choice)| choice)
                .collect(),
        };
        let mut values = Vec::with_capacity(rows.len());
        for row in &rows {
            // A person without values is one row without a value.
            let Some(id) = row.try_get::<Option<i64>, _>("id")? else {
                continue;
            };
            values.push((
                kept_of(row, id, &choices, on_hold)?,
                row.try_get::<Vec<u8>, _>("sealed")?,
            ));
        }
        Ok(Loaded {
            number,
            client: first.try_get::<i64, _>("client")? as u32,
            key_version: first.try_get::<i64, _>("key_version")? as u32,
            changed: first.try_get("changed")?,
            on_hold,
            values,
        })
    }
}

fn kept_of(
    row: &sqlx::any::AnyRow,
    id: i64,
    choices: &[(Purpose, Choice)],
    on_hold: bool,
) -> Result<Kept, Error> {
    let class = class_of(row.try_get("class")?)?;
    let provenance = Provenance::of(row)?;
    Ok(Kept {
        id: ValueId(id),
        class,
        uses: uses(class, &provenance.purposes, choices, on_hold),
        provenance,
    })
}

pub(crate) fn class_of(number: i64) -> Result<FieldClass, Error> {
    let class = u8::try_from(number).ok().and_then(FieldClass::from_number);
    class.ok_or(Error::Corrupt("value"))
}

pub(crate) fn id_of(bytes: Vec<u8>) -> Result<PersonId, Error> {
    bytes
        .try_into()
        .map(PersonId)
        .map_err(|_| Error::Corrupt("person"))
}

/// Which values are loaded.
#[derive(Clone, Copy)]
pub(crate) enum Which {
    /// Those of some classes: the sum of `1 << class`.
    Values(i64),
    /// Messages with numbers from the one to the other.
    Messages(i64, i64),
    /// All.
    Everything,
    /// All, but of what is sealed an empty text.
    WithoutContent,
}

macro_rules! load_sql {
    ($sealed:literal, $condition:literal) => {
        concat!(
            "SELECT persons.number AS number, persons.client AS client, persons.key_version AS key_version,
                persons.changed AS changed,
                (SELECT COUNT(*) FROM holds WHERE holds.person = persons.number AND released_ms IS NULL) AS holds,
                (SELECT COUNT(*) FROM choices WHERE choices.person = persons.number) AS chosen,
                fields.id AS id, fields.class AS class, ",
            $sealed,
            " AS sealed, purposes, basis, wording, wording_version, wording_sha256, source, language, given_ms
             FROM persons
             LEFT JOIN fields ON fields.person = persons.number",
            $condition,
            " LEFT JOIN givings ON givings.id = fields.giving
             WHERE persons.id = $1 ORDER BY fields.class, fields.id"
        )
    };
}

impl Which {
    /// Of these classes; messages are not among values.
    fn values(classes: &[FieldClass]) -> Self {
        let values = classes.iter().filter(|class| **class != FieldClass::Message);
        Self::Values(values.fold(0, |sum, class| sum | 1 << *class as i64))
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Values(_) => load_sql!(
                "fields.sealed",
                " AND (($2 >> CAST(fields.class AS INTEGER)) & 1) = 1"
            ),
            Self::Messages(..) => {
                load_sql!(
                    "fields.sealed",
                    " AND fields.class = 8 AND fields.id BETWEEN $2 AND $3"
                )
            }
            Self::Everything => load_sql!("fields.sealed", ""),
            Self::WithoutContent => load_sql!("persons.id", ""),
        }
    }
}
