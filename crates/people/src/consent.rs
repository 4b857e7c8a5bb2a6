//! Consents: asked for, given, refused and taken back, one purpose each.
//!
//! What is given opens the use in the vault, what ends shuts it. The two cannot change together, so the order keeps to
//! the safe side: a use is opened after the event is stored, and shut before it and, for the sake of another process
//! that may be opening it, once more after it.

use crate::consent_history::{self, ConsentEvent, Recorded, WordingShown};
use crate::people::row_person;
use crate::{
    Act, ConsentState, Error, People, Refusal, Served, ServedId, TestimonialStatus, Wording, receipt,
};
use policy::{FieldClass, Purpose};
use sqlx::{Row, any::AnyRow};
use vocabulary::{Moment, PersonId};

vocabulary::closed_list! {
    /// By what means a choice was made.
    Method {
        /// A form on a page.
        Form = "form",
        /// A letter by e-mail.
        Email = "email",
        /// Global Privacy Control, sent by the browser.
        Gpc = "gpc",
        /// The person's account.
        Account = "account",
        /// The link in a letter.
        Link = "link",
        /// Somebody of our staff, as the person wished.
        Staff = "staff",
        /// Ourselves: time ran out, or we gave it up.
        Operator = "operator",
    }
}

/// What a person answers to a wording that was shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Yes.
    Give,
    /// No.
    Refuse,
    /// Later.
    Defer,
    /// Nothing: an unticked box. The person was asked, and silence is no.
    Nothing,
}

impl Answer {
    /// What it does; nothing where nothing was answered.
    const fn act(self) -> Option<Act> {
        match self {
            Self::Give => Some(Act::Give),
            Self::Refuse => Some(Act::Refuse),
            Self::Defer => Some(Act::Defer),
            Self::Nothing => None,
        }
    }
}

/// A choice that a person made.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// What was shown.
    pub served: ServedId,
    /// When it was shown; not later than now.
    pub shown: Moment,
    /// The id of the consent document, one of those shown.
    pub wording: &'a str,
    /// The answer.
    pub answer: Answer,
    /// By what means.
    pub method: Method,
    /// SHA-256 of the evidence, such as the letter with its headers, if there is any beyond the form.
    pub evidence_sha256: Option<[u8; 32]>,
}

impl People {
    /// Records a choice and opens or shuts the use at once.
    pub async fn choose(
        &self,
        person: PersonId,
        choice: &Choice<'_>,
        now: Moment,
    ) -> Result<Recorded, Error> {
        if choice.answer == Answer::Give && !self.controller.may_ask_consent() {
            return Err(Refusal::Unnamed.into());
        }
        // Nothing is recorded of somebody who is not there, or not any more.
        self.vault.client_of(person).await?;
        let served = self.served(choice.served).await?;
        let (id, version) = served
            .wordings
            .iter()
            .find(|(id, _)| id == choice.wording)
            .ok_or(Refusal::NotShown)?;
        let wording = self.wording_version(id, *version, served.language).await?;
        if !wording.is_consent() {
            return Err(Refusal::NotAConsent.into());
        }
        let before = self.consent_state(person, wording.purpose).await?;
        if choice.answer == Answer::Refuse && before.allows_use() {
            self.shut_use(person, wording.purpose, now).await?;
        }
        let mut write = self.change().await?;
        let recorded = self
            .record_choice(&mut write, person, &wording, &served, choice, now)
            .await?;
        write.commit().await?;
        if choice.answer == Answer::Give {
            self.open_use(person, &wording, now).await?;
        } else if recorded.state.is_ended() {
            self.keep_shut(person, wording.purpose, now).await?;
        }
        if matches!(choice.answer, Answer::Give | Answer::Refuse) {
            self.end_consent_links(person, wording.purpose).await?;
        }
        Ok(recorded)
    }

    /// Adds what was asked and what was answered to the history; the use in the vault is for the caller to open or shut.
    pub(crate) async fn record_choice(
        &self,
        write: &mut sqldb::Write,
        person: PersonId,
        wording: &Wording,
        served: &Served,
        choice: &Choice<'_>,
        now: Moment,
    ) -> Result<Recorded, Error> {
        let asked = ConsentEvent {
            act: Act::Ask,
            state: ConsentState::Unknown,
            at: Moment(choice.shown.0.min(now.0)),
            method: choice.method,
            wording: Some(WordingShown {
                id: wording.id.clone(),
                version: wording.version,
                language: wording.language,
                sha256: wording.sha256,
            }),
            served: Some(served.id),
            form_sha256: Some(served.form_sha256),
            evidence_sha256: choice.evidence_sha256,
            ends: None,
            receipt: None,
        };
        let mut history = consent_history::history(write, person, wording.purpose).await?;
        let recorded = self
            .add_event(write, person, wording, &mut history, asked.clone())
            .await?;
        let Some(act) = choice.answer.act() else {
            return Ok(recorded);
        };
        let ends = wording.valid_ms.filter(|_| act == Act::Give);
        let answered = ConsentEvent {
            act,
            at: now,
            ends: ends.map(|ms| now.plus_ms(ms)),
            ..asked
        };
        self.add_event(write, person, wording, &mut history, answered)
            .await
    }

    /// Takes a consent back for its person: one call, no question asked. What is not given, or not any more, stays
    /// so; refused only where the person was never asked.
    pub async fn withdraw(
        &self,
        person: PersonId,
        purpose: Purpose,
        method: Method,
        now: Moment,
    ) -> Result<Recorded, Error> {
        self.end_consent_links(person, purpose).await?;
        self.end(person, purpose, Act::Withdraw, method, now).await
    }

    /// Gives a consent up on our side.
    pub async fn revoke(&self, person: PersonId, purpose: Purpose, now: Moment) -> Result<Recorded, Error> {
        self.end(person, purpose, Act::Revoke, Method::Operator, now)
            .await
    }

    /// Records that a consent was never valid.
    pub async fn invalidate(
        &self,
        person: PersonId,
        purpose: Purpose,
        now: Moment,
    ) -> Result<Recorded, Error> {
        self.end(person, purpose, Act::Invalidate, Method::Operator, now)
            .await
    }

    /// Ends the consents whose time is over. To be called hourly or so. Returns how many.
    pub async fn expire_consents(&self, now: Moment) -> Result<u64, Error> {
        let rows = sqlx::query(
            "SELECT person, purpose FROM consent_events AS given
             WHERE ends_ms <= $1 AND NOT EXISTS (
                 SELECT 1 FROM consent_events AS later
                 WHERE later.person = given.person AND later.purpose = given.purpose AND later.id > given.id
                   AND later.act NOT IN ('ask', 'defer'))",
        )
        .bind(now.0)
        .fetch_all(self.database.pool())
        .await?;
        for row in &rows {
            let (person, purpose) = (row_person(row, "person")?, row_purpose(row)?);
            self.end(person, purpose, Act::Expire, Method::Operator, now)
                .await?;
        }
        Ok(rows.len() as u64)
    }

    /// Honours Global Privacy Control: says no to every purpose that needs consent, unless that was given by an act of
    /// the person's own. Returns how many.
    pub async fn honour_gpc(&self, person: PersonId, now: Moment) -> Result<u64, Error> {
        let mut write = self.change().await?;
        let refused = Self::record_gpc(&mut write, person, &[], now).await?;
        write.commit().await?;
        Ok(refused)
    }

    /// The same, but for what the person ticked and is still to confirm.
    pub(crate) async fn record_gpc(
        write: &mut sqldb::Write,
        person: PersonId,
        ticked: &[Purpose],
        now: Moment,
    ) -> Result<u64, Error> {
        let mut refused = 0;
        let asked = |purpose: &&Purpose| purpose.needs_consent() && !ticked.contains(purpose);
        for &purpose in Purpose::ALL.iter().filter(asked) {
            let history = consent_history::history(write, person, purpose).await?;
            let state = state_of(&history);
            if state.allows_use() || state == ConsentState::Refused {
                continue;
            }
            let fact = ConsentEvent {
                act: Act::Refuse,
                state: ConsentState::Refused,
                at: now,
                method: Method::Gpc,
                wording: None,
                served: None,
                form_sha256: None,
                evidence_sha256: None,
                ends: None,
                receipt: None,
            };
            consent_history::add(write, person, purpose, &fact, None).await?;
            refused += 1;
        }
        Ok(refused)
    }

    /// Makes the vault agree with the consents that changed since `since`. To be called at start: a crash between the
    /// two leaves a given consent without effect.
    pub async fn settle_uses(&self, since: Moment, now: Moment) -> Result<(), Error> {
        let rows = sqlx::query("SELECT DISTINCT person, purpose FROM consent_events WHERE at_ms >= $1")
            .bind(since.0)
            .fetch_all(self.database.pool())
            .await?;
        for row in &rows {
            let (person, purpose) = (row_person(row, "person")?, row_purpose(row)?);
            let history = self.history(person, purpose).await?;
            let state = state_of(&history);
            if state.allows_use() {
                let wording = self.wording_given(&history).await?;
                self.open_use(person, &wording, now).await?;
            } else if state.is_ended() {
                self.shut_use(person, purpose, now).await?;
            }
        }
        Ok(())
    }

    async fn end(
        &self,
        person: PersonId,
        purpose: Purpose,
        act: Act,
        method: Method,
        now: Moment,
    ) -> Result<Recorded, Error> {
        let history = self.history(person, purpose).await?;
        let unchanged = |history: &[ConsentEvent]| Recorded {
            purpose,
            state: state_of(history),
            receipt: None,
        };
        match state_of(&history) {
            ConsentState::Unknown => return Err(Refusal::State.into()),
            state if state.allows_use() => self.shut_use(person, purpose, now).await?,
            state if state.is_ended() => self.keep_shut(person, purpose, now).await?,
            _ => {}
        }
        if !state_of(&history).allows_use() {
            return Ok(unchanged(&history));
        }
        let wording = self.wording_given(&history).await?;
        let fact = ConsentEvent {
            act,
            state: ConsentState::Unknown,
            at: now,
            method,
            wording: Some(WordingShown {
                id: wording.id.clone(),
                version: wording.version,
                language: wording.language,
                sha256: wording.sha256,
            }),
            served: None,
            form_sha256: None,
            evidence_sha256: None,
            ends: None,
            receipt: None,
        };
        let mut write = self.change().await?;
        let mut history = consent_history::history(&mut write, person, purpose).await?;
        if !state_of(&history).allows_use() {
            return Ok(unchanged(&history));
        }
        let recorded = self
            .add_event(&mut write, person, &wording, &mut history, fact)
            .await?;
        write.commit().await?;
        self.keep_shut(person, purpose, now).await?;
        if purpose == Purpose::Testimonial {
            let status = match act {
                Act::Expire => TestimonialStatus::Lapsed,
                _ => TestimonialStatus::Withdrawn,
            };
            self.end_agreed(person, status, now).await?;
        }
        Ok(recorded)
    }

    /// Adds an event with the state it leads to, and a receipt where a consent begins or ends, unless it could not say
    /// who answers for the data: taking a consent back works all the same.
    async fn add_event(
        &self,
        write: &mut sqldb::Write,
        person: PersonId,
        wording: &Wording,
        history: &mut Vec<ConsentEvent>,
        mut event: ConsentEvent,
    ) -> Result<Recorded, Error> {
        let before = state_of(history);
        event.state = before.after(event.act).ok_or(Refusal::State)?;
        let changes_use =
            !matches!(event.act, Act::Ask | Act::Defer) && (before.allows_use() || event.state.allows_use());
        let mut signed = None;
        if changes_use && self.controller.may_ask_consent() {
            let id = receipt::draw_id()?;
            event.receipt = Some(id.clone());
            history.push(event.clone());
            let receipt = receipt::receipt(&self.controller, wording, person, &id, history);
            signed = Some(self.receipt_key.sign(&receipt));
        } else {
            history.push(event.clone());
        }
        consent_history::add(write, person, wording.purpose, &event, signed.as_deref()).await?;
        Ok(Recorded {
            purpose: wording.purpose,
            state: event.state,
            receipt: event.receipt,
        })
    }

    /// The wording by which a consent was last given.
    async fn wording_given(&self, history: &[ConsentEvent]) -> Result<Wording, Error> {
        let shown = history
            .iter()
            .rev()
            .filter(|event| event.act == Act::Give)
            .find_map(|event| event.wording.as_ref())
            .ok_or(Error::Corrupt("a consent"))?;
        self.wording_version(&shown.id, shown.version, shown.language)
            .await
    }

    pub(crate) async fn open_use(
        &self,
        person: PersonId,
        wording: &Wording,
        now: Moment,
    ) -> Result<(), Error> {
        self.vault
            .allow_use(person, wording.purpose, classes_opened(wording), now)
            .await?;
        let state = self.consent_state(person, wording.purpose).await?;
        if !state.allows_use() {
            self.vault.withdraw_use(person, wording.purpose, now).await?;
        }
        Ok(())
    }

    /// Shuts a use whose consent has ended, unless it was given anew meanwhile.
    async fn keep_shut(&self, person: PersonId, purpose: Purpose, now: Moment) -> Result<(), Error> {
        self.shut_use(person, purpose, now).await?;
        let history = self.history(person, purpose).await?;
        if !state_of(&history).allows_use() {
            return Ok(());
        }
        let wording = self.wording_given(&history).await?;
        self.open_use(person, &wording, now).await
    }

    /// Shuts the use; for a person who is gone there is nothing to shut.
    async fn shut_use(&self, person: PersonId, purpose: Purpose, now: Moment) -> Result<(), Error> {
        match self.vault.withdraw_use(person, purpose, now).await {
            Ok(()) | Err(vault::Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The classes whose use a consent opens.
pub(crate) fn classes_opened(wording: &Wording) -> &[FieldClass] {
    match wording.purpose {
        // A testimonial is agreed to letter by letter: what was agreed to is given for it, and nothing else is opened.
        Purpose::Testimonial => &[],
        _ => &wording.classes,
    }
}

fn state_of(history: &[ConsentEvent]) -> ConsentState {
    history.last().map_or(ConsentState::Unknown, |event| event.state)
}

fn row_purpose(row: &AnyRow) -> Result<Purpose, Error> {
    Purpose::parse(&row.try_get::<String, _>("purpose")?).ok_or(Error::Corrupt("a consent"))
}
