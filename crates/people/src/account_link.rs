//! One-time links by e-mail: to sign in, to make an account, to confirm a new address. Whoever asks for one is told
//! the same whether the address is known or not; only the letter, which its owner reads, says more.

use crate::{Error, Language, People, Refusal, ServedId, SignedIn, Wording, link_seal};
use credentials::{Allowance, Sealed, Secret};
use policy::retention::Contract;
use policy::{FieldClass, Purpose};
use sqlx::{Row, any::AnyRow};
use unicode_normalization::UnicodeNormalization;
use vault::{Given, NewPerson, Provenance, Reader, ValueId};
use vocabulary::{Moment, PersonId, moment::MINUTE_MS};

/// How long a link works.
pub const LINK_LIFETIME_MS: i64 = 10 * MINUTE_MS;
/// Letters to addresses without an account, whoever asks for them: some 1,500 a day. Whoever makes us write to ever new
/// addresses from ever new networks makes a nuisance of this installation, and of its mail server one that is blocked.
const LETTERS_TO_STRANGERS: Allowance = Allowance {
    at_once: 60,
    refill_ms: MINUTE_MS,
};
/// Letters to new addresses that one account may ask for.
const NEW_ADDRESSES: Allowance = Allowance {
    at_once: 5,
    refill_ms: 10 * MINUTE_MS,
};

vocabulary::closed_list! {
    /// What a link does.
    LinkKind {
        /// Signs in to an account.
        SignIn = "sign_in",
        /// Makes an account and signs in.
        NewAccount = "new_account",
        /// Makes the address to which it went the account's own.
        NewAddress = "new_address",
    }
}

/// A letter to be sent. Its link is an address of the site that ends in the secret's text; a page behind it asks for one
/// press of a button, so that a program that looks at letters does not use the link up.
#[derive(Debug)]
pub struct AccountLetter {
    /// What the link does.
    pub kind: LinkKind,
    /// Whom it is about, if somebody is known at that address.
    pub person: Option<PersonId>,
    /// To whom.
    pub to: Sealed,
    /// The secret, which is given to nobody else.
    pub secret: Secret,
    /// The language of the letter.
    pub language: Language,
}

/// What asking for a new address led to. Whoever asked is told the same of both.
#[derive(Debug)]
pub enum NewAddress {
    /// A letter with a link, which makes the address the account's own.
    Letter(AccountLetter),
    /// The address has an account or data of its own, and the account stays where it is: a letter without a link says
    /// so to whoever reads it there.
    Taken {
        /// Who is known there.
        person: Option<PersonId>,
        /// To whom.
        to: Sealed,
        /// The language of the letter.
        language: Language,
    },
}

/// What following a link led to.
#[derive(Debug)]
pub enum Followed {
    /// Signed in.
    SignedIn {
        /// For the cookie.
        cookie: Secret,
        /// Who.
        signed_in: SignedIn,
        /// Whether the account was made just now.
        is_new: bool,
    },
    /// The account has the new address.
    NewAddress {
        /// For the cookie: whoever bore the link has the address, and is signed in as by a link to it.
        cookie: Secret,
        /// Who.
        signed_in: SignedIn,
        /// The address it had, which is told of the change.
        former: Option<Sealed>,
    },
}

impl People {
    /// A letter that lets the owner of an address sign in, or make an account if there is none: under the wording for
    /// accounts that the form `served` showed, without one never. `address` stands for the client's network, as in
    /// [`People::sign_in`].
    pub async fn ask_link(
        &self,
        email: &str,
        language: Language,
        served: Option<ServedId>,
        address: &str,
        now: Moment,
    ) -> Result<AccountLetter, Error> {
        let email = fold_email(email).ok_or(Refusal::Email)?;
        self.attempt(&format!("link {}", email.reveal()), address, now)?;
        // From wherever they are asked for, not too many letters to one mailbox.
        self.attempt("letters", email.reveal(), now)?;
        let account = self.account_of_email(&email).await?;
        let (kind, language) = match &account {
            Some(account) => (LinkKind::SignIn, account.language),
            None => (LinkKind::NewAccount, language),
        };
        if kind == LinkKind::NewAccount {
            self.account_wording(served).await?;
            self.spend("letters to strangers", LETTERS_TO_STRANGERS, now)?;
        }
        let holder = account.map(|account| account.person);
        let secret = self.write_link(kind, holder, &email, served, now).await?;
        let known = self.vault.find(0, FieldClass::Email, email.reveal()).await?;
        Ok(AccountLetter {
            kind,
            person: holder.or(known.first().copied()),
            to: email,
            secret,
            language,
        })
    }

    /// A letter to a new address, which becomes the account's own when its link is followed; none with a link where
    /// somebody else is known under that address. The password is needed, or a sign-in by link within the last hour.
    pub async fn ask_new_address(
        &self,
        who: &SignedIn,
        password: Option<&str>,
        email: &str,
        address: &str,
        now: Moment,
    ) -> Result<NewAddress, Error> {
        let email = fold_email(email).ok_or(Refusal::Email)?;
        self.confirm(who, password, address, now).await?;
        self.spend(&format!("new addresses of {}", who.person), NEW_ADDRESSES, now)?;
        self.attempt("letters", email.reveal(), now)?;
        if self.is_of_another(&email, who.person).await? {
            let known = self.vault.find(0, FieldClass::Email, email.reveal()).await?;
            return Ok(NewAddress::Taken {
                person: known.into_iter().find(|one| *one != who.person),
                to: email,
                language: who.language,
            });
        }
        let secret = self
            .write_link(LinkKind::NewAddress, Some(who.person), &email, None, now)
            .await?;
        Ok(NewAddress::Letter(AccountLetter {
            kind: LinkKind::NewAddress,
            person: Some(who.person),
            to: email,
            secret,
            language: who.language,
        }))
    }

    /// What a link does, if it works. Looking does not use it up.
    pub async fn link(&self, secret: &Secret, now: Moment) -> Result<LinkKind, Error> {
        Ok(self.read_link(secret, now).await?.kind)
    }

    /// Uses a link up and does what it is for.
    pub async fn follow_link(
        &self,
        secret: &Secret,
        is_remembered: bool,
        now: Moment,
    ) -> Result<Followed, Error> {
        let Link {
            kind,
            person,
            sealed_email,
            served,
        } = self.read_link(secret, now).await?;
        let email = link_seal::open(secret, &sealed_email)?;
        let wording = match kind {
            LinkKind::NewAccount => Some(self.account_wording(served).await?),
            LinkKind::SignIn | LinkKind::NewAddress => None,
        };
        let used = sqlx::query("DELETE FROM people_account_links WHERE sha256 = $1")
            .bind(secret.digest())
            .execute(self.database.pool())
            .await?;
        if used.rows_affected() == 0 {
            return Err(Refusal::Link.into());
        }
        match (kind, person, wording) {
            (LinkKind::NewAddress, Some(person), _) => {
                let former = self.take_new_address(person, &email, now).await?;
                let (cookie, signed_in) = self.begin_sign_in(person, true, is_remembered, now).await?;
                Ok(Followed::NewAddress {
                    cookie,
                    signed_in,
                    former,
                })
            }
            (LinkKind::SignIn, Some(person), _) => {
                self.signed_in_by_link(person, is_remembered, false, now).await
            }
            (LinkKind::NewAccount, _, Some((wording, source))) => {
                let (person, is_new) = self.make_account(&email, &wording, source, now).await?;
                self.signed_in_by_link(person, is_remembered, is_new, now).await
            }
            _ => Err(Error::Corrupt("a link")),
        }
    }

    async fn signed_in_by_link(
        &self,
        person: PersonId,
        is_remembered: bool,
        is_new: bool,
        now: Moment,
    ) -> Result<Followed, Error> {
        let (cookie, signed_in) = self.begin_sign_in(person, true, is_remembered, now).await?;
        Ok(Followed::SignedIn {
            cookie,
            signed_in,
            is_new,
        })
    }

    /// Makes an account under a confirmed address, or gives the one that got there first.
    async fn make_account(
        &self,
        email: &Sealed,
        wording: &Wording,
        source: String,
        now: Moment,
    ) -> Result<(PersonId, bool), Error> {
        if let Some(account) = self.account_of_email(email).await? {
            return Ok((account.person, false));
        }
        let given = given_for_account(email, wording, source, now);
        let person = self
            .vault
            .add_person(&NewPerson { client: 0, given }, now)
            .await?;
        self.vault.set_account(person, Contract::Runs, now).await?;
        let value = self
            .email_value(person)
            .await?
            .ok_or(Error::Corrupt("an account"))?;
        let mut write = self.change().await?;
        sqlx::query(
            "INSERT INTO people_accounts (person, email_value, language, created_ms) VALUES ($1, $2, $3, $4)",
        )
        .bind(person.0.to_vec())
        .bind(value.0)
        .bind(wording.language.name())
        .bind(now.0)
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        // Two links for one address, followed at once: both are stored by now, and the later one gives way.
        match self.account_of_email(email).await? {
            Some(first) if first.person != person => {
                sqlx::query("DELETE FROM people_accounts WHERE person = $1")
                    .bind(person.0.to_vec())
                    .execute(self.database.pool())
                    .await?;
                self.vault
                    .erase(person, "the account was there already", now)
                    .await?;
                Ok((first.person, false))
            }
            _ => Ok((person, true)),
        }
    }

    /// Whether an address is known as that of somebody who does not belong to the account.
    async fn is_of_another(&self, email: &Sealed, person: PersonId) -> Result<bool, Error> {
        let own = self.persons_of(person).await?;
        let known = self.vault.find(0, FieldClass::Email, email.reveal()).await?;
        Ok(known.iter().any(|one| !own.contains(one)))
    }

    /// Gives the address that the account had. Whoever reads letters at the new one holds the account from now on:
    /// sign-ins, links and the password that were there before are gone.
    async fn take_new_address(
        &self,
        person: PersonId,
        email: &Sealed,
        now: Moment,
    ) -> Result<Option<Sealed>, Error> {
        if self.is_of_another(email, person).await? {
            return Err(Refusal::EmailTaken.into());
        }
        let account = self.account(person).await?;
        let classes = [FieldClass::Email];
        let former = self
            .vault
            .read(&Reader::Person, person, Purpose::RightsRequest, &classes, now)
            .await?
            .pop()
            .map(|value| value.text);
        let wording = self.wording("account", account.language).await?;
        let given = given_for_account(email, &wording, "account".to_owned(), now);
        let values = self.vault.record(person, &given, now).await?;
        let [ValueId(value)] = values[..] else {
            return Err(Error::Corrupt("an account"));
        };
        let mut write = self.change().await?;
        sqlx::query("UPDATE people_accounts SET email_value = $1, password = NULL WHERE person = $2")
            .bind(value)
            .bind(person.0.to_vec())
            .execute(&mut *write)
            .await?;
        for sql in [
            "DELETE FROM people_sign_ins WHERE person = $1",
            "DELETE FROM people_account_links WHERE person = $1",
        ] {
            sqlx::query(sql)
                .bind(person.0.to_vec())
                .execute(&mut *write)
                .await?;
        }
        write.commit().await?;
        Ok(former)
    }

    /// The wording for accounts on a form, and the form's name.
    async fn account_wording(&self, served: Option<ServedId>) -> Result<(Wording, String), Error> {
        if !self.controller.may_collect() {
            return Err(Refusal::Unnamed.into());
        }
        let served = self.served(served.ok_or(Refusal::NotShown)?).await?;
        for (id, version) in &served.wordings {
            let wording = self.wording_version(id, *version, served.language).await?;
            if wording.purpose == Purpose::Account {
                return Ok((wording, served.form));
            }
        }
        Err(Refusal::NotShown.into())
    }

    async fn write_link(
        &self,
        kind: LinkKind,
        person: Option<PersonId>,
        email: &Sealed,
        served: Option<ServedId>,
        now: Moment,
    ) -> Result<Secret, Error> {
        let secret = Secret::draw()?;
        sqlx::query(
            "INSERT INTO people_account_links (sha256, kind, person, sealed_email, expires_ms, served)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(secret.digest())
        .bind(kind.name())
        .bind(person.map(|p| p.0.to_vec()))
        .bind(link_seal::seal(&secret, email))
        .bind(now.plus_ms(LINK_LIFETIME_MS).0)
        .bind(served.map(|served| served.0.to_vec()))
        .execute(self.database.pool())
        .await?;
        Ok(secret)
    }

    async fn read_link(&self, secret: &Secret, now: Moment) -> Result<Link, Error> {
        let row: AnyRow = sqlx::query(
            "SELECT kind, person, sealed_email, served FROM people_account_links
             WHERE sha256 = $1 AND expires_ms > $2",
        )
        .bind(secret.digest())
        .bind(now.0)
        .fetch_optional(self.database.pool())
        .await?
        .ok_or(Refusal::Link)?;
        let corrupt = || Error::Corrupt("a link");
        let number = |column| -> Result<Option<[u8; 16]>, Error> {
            let bytes = row.try_get::<Option<Vec<u8>>, _>(column)?;
            bytes
                .map(|bytes| bytes.try_into().map_err(|_| corrupt()))
                .transpose()
        };
        Ok(Link {
            kind: LinkKind::parse(&row.try_get::<String, _>("kind")?).ok_or_else(corrupt)?,
            person: number("person")?.map(PersonId),
            sealed_email: row.try_get("sealed_email")?,
            served: number("served")?.map(ServedId),
        })
    }
}

/// A link as it is stored.
struct Link {
    kind: LinkKind,
    person: Option<PersonId>,
    sealed_email: Vec<u8>,
    served: Option<ServedId>,
}

fn given_for_account(email: &Sealed, wording: &Wording, source: String, now: Moment) -> Given {
    Given {
        provenance: Provenance {
            purposes: vec![Purpose::Account],
            basis: wording.basis,
            wording: wording.reference(),
            source,
            language: wording.language.name().to_owned(),
            given: now,
        },
        values: vec![(FieldClass::Email, email.clone())],
    }
}

/// Whether letters can go to an address, as it is written.
pub fn can_be_address(text: &str) -> bool {
    fold_email(text).is_some()
}

/// An address in the form in which it is compared: letters go to this form, so that no look-alike spelling of somebody's
/// address gets that somebody's letter. `None` for what cannot be an address.
pub(crate) fn fold_email(text: &str) -> Option<Sealed> {
    let folded: String = text.trim().nfkc().collect::<String>().to_lowercase();
    let (local, domain) = folded.rsplit_once('@')?;
    let fits = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c);
    let is_address = folded.len() <= 254
        && !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && local.chars().all(fits)
        && domain.chars().all(fits);
    is_address.then(|| Sealed::new(folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_fold_to_one_form() {
        for (text, want) in [
            (" Anna@Example.ORG ", Some("anna@example.org")),
            // A Kelvin sign for the K.
            ("an\u{212a}a@example.org", Some("anka@example.org")),
            ("почта@Пример.рф", Some("почта@пример.рф")),
            ("anna", None),
            ("@example.org", None),
            ("anna@example", None),
            ("an na@example.org", None),
            ("anna@example.org\r\nBcc: x@example.org", None),
            ("a@b@example.org", None),
            ("anna@example.org,b@example.org", None),
            ("", None),
        ] {
            assert_eq!(fold_email(text).as_ref().map(Sealed::reveal), want, "{text}");
        }
    }
}
