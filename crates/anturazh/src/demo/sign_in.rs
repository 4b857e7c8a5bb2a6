//! The demo's account of staff: made by the link for the first owner, with a second factor enrolled, as every account
//! that may serve enquiries must have one. What opens it is drawn anew for each folder and kept in a file beside it.

use crate::folder::Folder;
use anyhow::{Context, bail};
use audit::{Action, Actor, Entry, Subject};
use credentials::{RecoveryCode, Sealed, TotpSecret};
use office::Office;
use serde::{Deserialize, Serialize};
use staff::{AccountId, Language, Origin, SetUpForm, Staff, Step};
use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, path::PathBuf};
use vocabulary::Moment;

/// What signs in to the console of a demo.
#[derive(Serialize, Deserialize)]
pub(super) struct SignIn {
    pub(super) login: String,
    pub(super) password: String,
    /// The key for an app that shows codes: base32 in groups of four.
    pub(super) app_key: String,
    /// Each in place of a code, once.
    pub(super) recovery_codes: Vec<String>,
}

impl SignIn {
    /// Makes the account.
    pub(super) async fn make(
        staff: &Staff,
        office: &Office,
        folder: &Folder,
        now: Moment,
    ) -> anyhow::Result<AccountId> {
        let origin = Origin {
            address: "demo",
            browser: "",
        };
        let login = "demo";
        let password = RecoveryCode::draw()?.text();
        let link = staff.link_for_first_owner(now).await?;
        let form = SetUpForm {
            login,
            name: "Vera Demo",
            language: Language::En,
            password: password.reveal(),
        };
        let account = staff.finish_set_up(&link, form, now).await?.id;
        let Step::SignedIn(_, who) = staff.sign_in(login, password.reveal(), origin, now).await? else {
            bail!("a new account has no second factor");
        };
        let card = staff
            .begin_enrolment(&who, password.reveal(), "Anturazh", origin, now)
            .await?;
        let code = code(card.text.reveal(), now).context("the key of a card is base32")?;
        let enrolled = staff.confirm_enrolment(&who, code.reveal(), origin, now).await?;
        staff.end_all_sign_ins(account, None).await?;
        for action in [
            Action::AccountCreated,
            Action::PasswordChange,
            Action::SecondFactorChange,
        ] {
            let subject = Subject {
                account: Some(account.0),
                ..Subject::default()
            };
            let entry = Entry::new(now, Actor::Staff(account.0), action);
            office.record(Entry { subject, ..entry }).await?;
        }
        let sign_in = Self {
            login: login.to_owned(),
            password: password.reveal().to_owned(),
            app_key: card.text.reveal().to_owned(),
            recovery_codes: enrolled
                .recovery_codes
                .iter()
                .map(|code| code.text().reveal().to_owned())
                .collect(),
        };
        sign_in.write(folder)?;
        Ok(account)
    }

    fn write(&self, folder: &Folder) -> anyhow::Result<()> {
        let at = path(folder);
        let mut file = std::fs::OpenOptions::new();
        file.write(true).create_new(true).mode(0o600);
        let text = serde_json::to_string_pretty(self)?;
        let written = file
            .open(&at)
            .and_then(|mut file| file.write_all(text.as_bytes()));
        written.with_context(|| format!("failed to write `{}`", at.display()))
    }

    /// That of a folder, if it has one: folders of earlier demos have no people.
    pub(super) fn read(folder: &Folder) -> anyhow::Result<Option<Self>> {
        let at = path(folder);
        if !at.exists() {
            return Ok(None);
        }
        let text = crate::secret_file::text(&at)?;
        let read = serde_json::from_str(&text);
        Ok(Some(
            read.with_context(|| format!("failed to read `{}`", at.display()))?,
        ))
    }

    /// How to sign in at a moment.
    pub(super) fn lines(&self, now: Moment) -> anyhow::Result<Vec<String>> {
        let mut lines = vec![
            format!("login     {}", self.login),
            format!("password  {}", self.password),
            format!(
                "code      {} now, later one of these, each once:",
                self.code(now)?.reveal()
            ),
        ];
        lines.extend(
            self.recovery_codes
                .chunks(4)
                .map(|some| format!("          {}", some.join("  "))),
        );
        lines.push(format!("app       key {}", self.app_key));
        Ok(lines)
    }

    /// The code that the app shows at a moment.
    pub(super) fn code(&self, now: Moment) -> anyhow::Result<Sealed> {
        code(&self.app_key, now).context("the key for an app is no base32 of 20 bytes")
    }
}

fn path(folder: &Folder) -> PathBuf {
    folder.root().join("demo-sign-in.json")
}

/// The code of a moment, from the key as an app takes it: base32 (RFC 4648, section 6), spaces left out.
fn code(key: &str, now: Moment) -> Option<Sealed> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0u32, 0);
    for letter in key.bytes().filter(|byte| *byte != b' ') {
        held = held << 5 | ALPHABET.iter().position(|known| *known == letter)? as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Some(TotpSecret::from_bytes(&bytes)?.code(now.0))
}
