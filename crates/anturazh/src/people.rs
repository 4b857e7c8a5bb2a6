//! The people's side of a data folder, opened by what the operator configured.

use crate::{
    clock,
    command::backup::TOMBSTONES,
    configuration::{Configuration, InboxSettings, MailSecurity, MailSettings},
    folder::Folder,
    key_file, key_rotation,
    operator_key::KeyPlaces,
    secret_file,
    store::Store,
};
use anyhow::{Context, bail};
use credentials::Sealed;
use futures::future::BoxFuture;
use office::{Office, Options};
use people::Controller;
use sharing::{ImapOptions, Security, SmtpOptions, Transport, WebOptions};
use sqldb::Database;
use std::{collections::HashSet, path::Path, sync::Arc};
use tasks::Rules;
use vault::{Denied, Guard, KeyFault, OperatorKey, Request, Settings, Tombstone, Vault};
use vocabulary::Moment;
use zeroize::Zeroizing;

impl Store {
    /// Opens the people's side. One process may have it open at a time, since the audit log is one.
    pub(crate) async fn office(&self) -> anyhow::Result<Office> {
        self.office_at(clock::now()).await
    }

    /// The same at another time: what comes with the program, such as wordings, is in force since then.
    pub(crate) async fn office_at(&self, now: Moment) -> anyhow::Result<Office> {
        let (folder, configuration) = (&self.folder, &self.configuration);
        let agency = &configuration.agency;
        let controller = controller(configuration);
        if let Some(warning) = unnamed(&controller) {
            tracing::warn!("{warning} (in `{}`)", folder.configuration().display());
        }
        let key = |name: &str, what: &str| key_file::key(&folder.key(name), what).map(Zeroizing::new);
        let (from_address, transport) = transport(configuration.mail.as_ref(), &controller)?;
        let places = KeyPlaces::of(folder, configuration)?;
        let wrapping = if places.needs_wrapping() {
            self.vault_without_reading().await?.operators().await?
        } else {
            Vec::new()
        };
        let operator_key = places.in_use(&wrapping)?;
        let (fields, keys) = databases(folder, configuration).await?;
        let receipt_key = folder.key("receipts.key");
        if !receipt_key.exists() && people::has_receipts(&fields).await? {
            bail!(
                "the key of receipts is missing at `{0}`, and receipts were given that are checked by it: put it back from \
                 a backup of keys. If no copy is left, make a new one (`umask 077; head -c 32 /dev/urandom > {0}`): \
                 receipts given so far can then not be checked any more",
                receipt_key.display()
            );
        }
        let options = Options {
            fields,
            keys,
            tasks: open(None, &folder.tasks(), "the tasks").await?,
            sharing: open(None, &folder.people("sharing.sqlite"), "the ledger").await?,
            operator_key,
            clock: clock::now,
            audit_folder: folder.audit(),
            audit_name: audit_name(folder, &controller)?,
            audit_key: key("audit.key", "the key of the audit log")?,
            receipt_key: key("receipts.key", "the key of receipts")?,
            task_key: key("tasks.key", "the key of the texts of tasks")?,
            mail_key: key("mail.key", "the key of waiting mail")?,
            budget_ranges: agency
                .budget_ranges
                .iter()
                .map(|range| range.id.clone())
                .collect(),
            rules: Rules::default(),
            controller,
            transport,
            from_address,
            web: WebOptions {
                inside_hosts: configuration.outbound.inside_hosts.clone(),
                plain_hosts: configuration.outbound.plain_hosts.clone(),
                ..WebOptions::default()
            },
        };
        let office = Office::open(options, now)
            .await
            .context("failed to open the people's side")?;
        std::fs::write(folder.audit_verifier(), format!("{}\n", office.audit.verifier()))?;
        // The state that a log begins with is signed at once: where none is, somebody took them away.
        if office.audit.newest_checkpoint()?.is_none() {
            if office.audit.size() > 0 {
                tracing::error!("no signed state of the audit log is there, although it has entries");
            }
            office.audit.checkpoint()?;
        }
        key_rotation::finish(self, &office)
            .await
            .context("failed to end the rotation of the operator's key")?;
        erase_again(folder, &office.vault)
            .await
            .context("failed to erase again whoever had been erased")?;
        let checked = office.vault.check_operator().await;
        checked.context("failed to open the people's data with the operator's key")?;
        office.vault.seal_hold_reasons().await?;
        Ok(office)
    }

    /// The vault for what reads no value, which may be beside a running server and needs no operator's key.
    pub(crate) async fn vault_without_reading(&self) -> anyhow::Result<Vault> {
        vault_without_reading(&self.folder, &self.configuration).await
    }
}

/// As [`Store::vault_without_reading`], of a folder that is not in its place yet.
pub(crate) async fn vault_without_reading(
    folder: &Folder,
    configuration: &Configuration,
) -> anyhow::Result<Vault> {
    let (fields, keys) = databases(folder, configuration).await?;
    let (key, guard) = (Arc::new(NoReading), Arc::new(NoReading));
    let vault = Vault::open(fields, keys, key, guard, Settings::default()).await;
    vault.context("failed to open the vault")
}

/// The databases of values and of keys. A lost file of keys is not made anew: with another one nobody could be read.
async fn databases(folder: &Folder, configuration: &Configuration) -> anyhow::Result<(Database, Database)> {
    let people = &configuration.people;
    let fields = open(people.vault.as_ref(), &folder.people("vault.sqlite"), "the vault").await?;
    let path = folder.people("keys.sqlite");
    if people.keys.is_none() && !path.exists() && vault::has_people(&fields).await? {
        bail!(
            "the database of keys is missing at `{}`, and people are kept whom nobody can read without it: put it back, \
             or restore a backup of data and keys into an empty folder (`anturazh restore`)",
            path.display()
        );
    }
    let keys = open(people.keys.as_ref(), &path, "the keys").await?;
    Ok((fields, keys))
}

/// The name of the audit log: the one it began with, whatever the address is now.
fn audit_name(folder: &Folder, controller: &Controller) -> anyhow::Result<String> {
    match std::fs::read_to_string(folder.audit_verifier()) {
        Ok(text) => {
            let verifier = audit::Verifier::parse(text.trim());
            let verifier = verifier.with_context(|| {
                format!(
                    "`{}` names no audit log: restore it from a backup or from where you keep its copy",
                    folder.audit_verifier().display()
                )
            })?;
            Ok(verifier.name().to_owned())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(format!("{}/audit", host_of(&controller.url)))
        }
        Err(error) => Err(error).context("failed to read what names the audit log"),
    }
}

/// Erases whoever is in the folder's list of the erased and not among those the vault knows: its databases are older than
/// the list, so somebody put them there from a copy.
async fn erase_again(folder: &Folder, vault: &Vault) -> anyhow::Result<()> {
    let Some(list) = tombstones(folder)? else {
        return Ok(());
    };
    let known: HashSet<[u8; 32]> = vault.tombstones().await?.iter().map(|stone| stone.hash).collect();
    if list.iter().any(|stone| !known.contains(&stone.hash)) {
        let again = vault.replay_tombstones(&list).await?;
        tracing::warn!(
            again,
            "people's data were older than the list of the erased, who were erased again"
        );
    }
    Ok(())
}

/// The folder's list of the erased, if one was written for a backup.
pub(crate) fn tombstones(folder: &Folder) -> anyhow::Result<Option<Vec<Tombstone>>> {
    match std::fs::read(folder.people(TOMBSTONES)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        read => {
            let list = serde_json::from_slice(&read.context("the list of the erased cannot be read")?);
            list.map(Some).context("the list of the erased is damaged")
        }
    }
}

/// Where mail comes from that never leaves.
const NOBODY: &str = "nobody@localhost";

/// Admits nobody, and is no key.
struct NoReading;

impl OperatorKey for NoReading {
    fn id(&self) -> String {
        "none".into()
    }

    fn wrap<'a>(&'a self, _: &'a [u8; 32]) -> BoxFuture<'a, Result<Vec<u8>, KeyFault>> {
        Box::pin(async { Err(KeyFault::Unreachable("no key is used here".into())) })
    }

    fn unwrap<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, KeyFault>> {
        Box::pin(async { Err(KeyFault::Unreachable("no key is used here".into())) })
    }
}

impl Guard for NoReading {
    fn admit<'a>(&'a self, _: &'a Request<'a>) -> BoxFuture<'a, Result<(), Denied>> {
        Box::pin(async {
            Err(Denied {
                reason: "nothing is read here".into(),
                policies: Vec::new(),
            })
        })
    }
}

async fn open(configured: Option<&String>, path: &Path, what: &str) -> anyhow::Result<Database> {
    let at = configured.cloned().unwrap_or_else(|| path.display().to_string());
    Database::open(&at)
        .await
        .with_context(|| format!("failed to open {what}"))
}

/// What the operator is told at the start while they have not said who they are.
fn unnamed(controller: &Controller) -> Option<String> {
    let lines: Vec<String> = controller
        .missing()
        .iter()
        .map(|line| format!("`{line}`"))
        .collect();
    let about = match (lines.is_empty(), controller.may_collect()) {
        (true, _) => return None,
        (false, true) => "no consent is asked for",
        (false, false) => "the form for enquiries is closed, no account is opened, no consent is asked for",
    };
    Some(format!(
        "until `[controller]` says who answers for people's data, {about}; it lacks {}",
        lines.join(", ")
    ))
}

/// Who answers for people's data: what `[controller]` says. A legal name is no brand, so the agency's own does not stand
/// in for it.
fn controller(configuration: &Configuration) -> Controller {
    let (settings, agency) = (&configuration.controller, &configuration.agency);
    let url = configuration
        .address
        .clone()
        .unwrap_or_else(|| format!("http://{}", configuration.listen));
    let url = url.trim_end_matches('/').to_owned();
    let country = settings.country.clone().unwrap_or_else(|| "RU".into());
    let pick = |own: &Option<String>, other: &str| own.clone().unwrap_or_else(|| other.to_owned());
    Controller {
        name: pick(&settings.name, ""),
        address: pick(&settings.address, ""),
        contact: pick(&settings.contact, settings.name.as_deref().unwrap_or_default()),
        email: pick(&settings.email, ""),
        phone: pick(&settings.phone, agency.phone.as_deref().unwrap_or_default()),
        policy_url: format!("{url}/policy"),
        url,
        jurisdiction: country.clone(),
        storage: pick(&settings.storage, &country),
        country,
        recipients: Vec::new(),
    }
}

pub(crate) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or(rest)
}

fn transport(mail: Option<&MailSettings>, controller: &Controller) -> anyhow::Result<(String, Transport)> {
    let Some(mail) = mail else {
        let is_known = !controller.missing().contains(&"email");
        let from = if is_known { &controller.email } else { NOBODY };
        return Ok((from.to_owned(), Transport::Nowhere));
    };
    let transport = match (&mail.host, &mail.folder) {
        (Some(_), Some(_)) => bail!("`mail`: set `host` or `folder`, not both"),
        (None, None) => Transport::Nowhere,
        (None, Some(folder)) => Transport::Folder(folder.clone()),
        (Some(host), None) => Transport::Smtp(SmtpOptions {
            host: host.clone(),
            port: mail.port.unwrap_or(match mail.security {
                MailSecurity::Tls => 465,
                MailSecurity::StartTls => 587,
                MailSecurity::Plain => 25,
            }),
            security: security(mail.security),
            credentials: mail.credentials_file.as_deref().map(credentials).transpose()?,
        }),
    };
    // Said before any database is made.
    sharing::check_address(&mail.from).context("`mail.from`")?;
    Ok((mail.from.clone(), transport))
}

const fn security(security: MailSecurity) -> Security {
    match security {
        MailSecurity::Tls => Security::Tls,
        MailSecurity::StartTls => Security::StartTls,
        MailSecurity::Plain => Security::Plain,
    }
}

/// Where mail comes from.
pub(crate) fn mailbox(inbox: &InboxSettings) -> anyhow::Result<ImapOptions> {
    let (account, password) = credentials(&inbox.credentials_file)?;
    Ok(ImapOptions {
        host: inbox.host.clone(),
        port: inbox.port.unwrap_or(993),
        security: security(inbox.security),
        account,
        password,
        folder: inbox.folder.clone().unwrap_or_else(|| "INBOX".into()),
    })
}

/// Account and password, on the first two lines of a file.
fn credentials(path: &Path) -> anyhow::Result<(Sealed, Sealed)> {
    let text = secret_file::text(path)?;
    let mut lines = text.lines().map(|line| Sealed::new(line.to_owned()));
    match (lines.next(), lines.next()) {
        (Some(account), Some(password)) => Ok((account, password)),
        _ => bail!(
            "`{}` must have the account on its first line and the password on its second",
            path.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agencys_brand_does_not_answer_for_data_and_missing_lines_are_told() {
        let of = |controller: &str| {
            let text = format!(
                "[agency]\nname = {{ en = \"Lamp\", ru = \"Лампа\" }}\nemail = \"a@b.example\"\n{controller}"
            );
            super::controller(&toml::from_str(&text).unwrap())
        };
        let nobody = of("");
        assert_eq!(nobody.missing(), ["name", "address", "email"]);
        let told = unnamed(&nobody).unwrap();
        assert!(
            told.contains("closed") && told.contains("`name`, `address`, `email`"),
            "{told}"
        );
        let half = of("[controller]\nname = \"Lamp Ltd\"\naddress = \"1 Road\"\nemail = \"x@localhost\"");
        let told = unnamed(&half).unwrap();
        assert!(
            !told.contains("closed") && told.ends_with("it lacks `email`"),
            "{told}"
        );
        let whole = of("[controller]\nname = \"Lamp Ltd\"\naddress = \"1 Road\"\nemail = \"p@lamp.example\"");
        assert_eq!(unnamed(&whole), None);
        assert_eq!(
            (whole.name.as_str(), whole.contact.as_str()),
            ("Lamp Ltd", "Lamp Ltd")
        );
    }
}
