//! Tokens by which programs send hits to a site or read its figures.

use crate::{Error, Sites, name};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::{Row, any::AnyRow};
use std::fmt;
use vocabulary::{Moment, SiteId};

/// How many characters the name of a token may have.
const NAME_MAX: usize = 100;
/// Prefix, then 32 random bytes in base64 for URLs, which are 43 characters.
const TEXT_BYTES: usize = 6 + 43;

/// What a token lets its bearer do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Can {
    /// Send hits from a server, with time, address and User-Agent of their own.
    Send,
    /// Ask questions.
    Read,
}

impl Can {
    /// Both.
    pub const ALL: &[Self] = &[Self::Send, Self::Read];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Read => "read",
        }
    }

    /// The one of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.name() == name)
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Send => "anz_s_",
            Self::Read => "anz_r_",
        }
    }
}

/// A token just made: the only time its text is known.
#[derive(Clone)]
pub struct NewToken {
    /// Its number.
    pub id: u32,
    /// `anz_s_…` or `anz_r_…`: to be shown once and not kept.
    pub text: String,
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewToken {{ id: {}, text: [sealed] }}", self.id)
    }
}

/// What a token gives its bearer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The token's number.
    pub token: u32,
    /// The one site it opens.
    pub site: SiteId,
    /// What it lets do there.
    pub can: Can,
}

/// A token as listed, without its text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Token {
    /// Its number.
    pub id: u32,
    /// What it lets do.
    pub can: Can,
    /// What it is called.
    pub name: String,
    /// When it was made.
    pub created: Moment,
    /// When it was revoked, if it was.
    pub revoked: Option<Moment>,
}

impl Sites {
    /// Makes a token for a site. Only its SHA-256 is stored, which suffices for 256 random bits.
    pub async fn create_token(
        &self,
        site: SiteId,
        can: Can,
        name: &str,
        now: Moment,
    ) -> Result<NewToken, Error> {
        let name = name::checked("name", name, NAME_MAX)?;
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let text = format!("{}{}", can.prefix(), URL_SAFE_NO_PAD.encode(bytes));
        let mut write = self.change().await?;
        let known = sqlx::query("SELECT 1 FROM sites WHERE id = $1")
            .bind(i64::from(site.0))
            .fetch_optional(&mut *write)
            .await?;
        if known.is_none() {
            return Err(crate::site::no_site(site));
        }
        let row = sqlx::query(
            "INSERT INTO site_tokens (site, can, name, sha256, created_ms) VALUES ($1, $2, $3, $4, $5) RETURNING id",
        )
        .bind(i64::from(site.0))
        .bind(can.name())
        .bind(name)
        .bind(&digest(&text)[..])
        .bind(now.0)
        .fetch_one(&mut *write)
        .await?;
        let id = row.try_get::<i64, _>(0)? as u32;
        self.done(write).await?;
        Ok(NewToken { id, text })
    }

    /// What a token gives, asked of the database; [`crate::Snapshot::token`] knows as well, without waiting.
    pub async fn find_token(&self, text: &str) -> Result<Option<Grant>, Error> {
        if !looks_right(text) {
            return Ok(None);
        }
        sqlx::query("SELECT id, site, can FROM site_tokens WHERE sha256 = $1 AND revoked_ms IS NULL")
            .bind(&digest(text)[..])
            .fetch_optional(self.database.pool())
            .await?
            .map(|row| grant_of(&row))
            .transpose()
    }

    /// The tokens of a site, oldest first, those revoked among them.
    pub async fn tokens(&self, site: SiteId) -> Result<Vec<Token>, Error> {
        let sql =
            "SELECT id, site, can, name, created_ms, revoked_ms FROM site_tokens WHERE site = $1 ORDER BY id";
        sqlx::query(sql)
            .bind(i64::from(site.0))
            .fetch_all(self.database.pool())
            .await?
            .iter()
            .map(|row| {
                let grant = grant_of(row)?;
                Ok(Token {
                    id: grant.token,
                    can: grant.can,
                    name: row.try_get("name")?,
                    created: Moment(row.try_get("created_ms")?),
                    revoked: row.try_get::<Option<i64>, _>("revoked_ms")?.map(Moment),
                })
            })
            .collect()
    }

    /// Revokes a site's token at once.
    pub async fn revoke_token(&self, site: SiteId, token: u32, now: Moment) -> Result<(), Error> {
        let mut write = self.change().await?;
        let revoked = sqlx::query(
            "UPDATE site_tokens SET revoked_ms = $1 WHERE site = $2 AND id = $3 AND revoked_ms IS NULL",
        )
        .bind(now.0)
        .bind(i64::from(site.0))
        .bind(i64::from(token))
        .execute(&mut *write)
        .await?;
        if revoked.rows_affected() == 0 {
            return Err(Error::NotFound {
                what: "token",
                name: token.to_string(),
                near: Vec::new(),
            });
        }
        self.done(write).await
    }
}

/// Whether a text can be a token at all: spares others the digest.
pub(crate) fn looks_right(text: &str) -> bool {
    text.len() == TEXT_BYTES && Can::ALL.iter().any(|can| text.starts_with(can.prefix()))
}

/// SHA-256 of the text.
pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// A row with the columns `id`, `site` and `can` of `site_tokens`.
pub(crate) fn grant_of(row: &AnyRow) -> Result<Grant, Error> {
    let token = row.try_get::<i64, _>("id")? as u32;
    let can: String = row.try_get("can")?;
    Ok(Grant {
        token,
        site: SiteId(row.try_get::<i64, _>("site")? as u32),
        can: Can::parse(&can).ok_or_else(|| Error::Corrupt {
            what: "token",
            of: token.to_string(),
        })?,
    })
}
