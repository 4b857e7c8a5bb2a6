//! What people take with them: a receipt, and everything that is held.

use super::{
    Accounts,
    overview::{Roles, classes},
    traces,
};
use audit::{Action, Actor, Entry};
use credentials::Secret;
use office::Error;
use policy::{FieldClass, Purpose};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sharing::ledger::Disclosed;
use sharing::{Disclosure, Door, Outcome, Recipient};
use std::collections::BTreeSet;
use vault::Reader;
use vocabulary::Moment;

impl Accounts {
    /// A receipt of the signed-in person, or of a person that their account claimed.
    pub(super) async fn receipt_of(
        &self,
        cookie: &Secret,
        id: &str,
        now: Moment,
    ) -> Result<Option<String>, Error> {
        let Some(who) = self.signed_in(cookie, now).await? else {
            return Ok(None);
        };
        for person in self.office.people.persons_of(who.person).await? {
            match self.office.people.receipt(person, id).await {
                Ok(receipt) => return Ok(Some(receipt)),
                Err(people::Error::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// Everything that is held, as JSON. The ledger and the log say that it was given out before it is.
    pub(super) async fn export_of(&self, cookie: &Secret, now: Moment) -> Result<Option<String>, Error> {
        let Some(who) = self.signed_in(cookie, now).await? else {
            return Ok(None);
        };
        let office = &self.office;
        let mut held = office.people.overview(&Reader::Person, who.person, now).await?;
        let readings = traces::readings(office, &held.persons)?;
        let roles = self.roles(&readings).await;
        held.readings = readings.iter().map(|entry| reading(entry, &roles)).collect();
        let disclosures = traces::disclosures(office, &held.persons).await?;
        held.disclosures = disclosures.iter().map(disclosure).collect();
        let text = serde_json::to_string_pretty(&held).expect("what is held has texts as keys");

        let mut fields: BTreeSet<FieldClass> = held.fields.iter().map(|field| field.class).collect();
        if !held.letters.is_empty() {
            fields.insert(FieldClass::Message);
        }
        let given: Vec<FieldClass> = fields.iter().copied().collect();
        let what = Disclosure {
            recipient: Recipient::Person,
            person: Some(who.person),
            fields,
            purpose: Some(Purpose::RightsRequest),
            service: "account_export".into(),
        };
        let sha256 = Sha256::digest(text.as_bytes()).into();
        let leave = office
            .sharing
            .ledger
            .open(Door::Export, &what, sha256, now)
            .await?;
        self.note(who.person, who.person, Action::Export, &given, now)
            .await?;
        leave.done(Outcome::Sent, now).await?;
        Ok(Some(text))
    }
}

fn reading(entry: &Entry, roles: &Roles) -> Value {
    let role = match &entry.actor {
        Actor::Staff(account) => roles.get(account),
        _ => None,
    };
    let by = match &entry.actor {
        Actor::Staff(_) => "staff",
        Actor::Person(_) => "person",
        Actor::Job(name) => name.as_str(),
        Actor::System => "system",
    };
    json!({
        "at": entry.time,
        "by": by,
        "role": role,
        "purpose": entry.purpose.as_ref().map(audit::Word::as_str),
        "task": entry.subject.task,
        "classes": classes(entry),
        "count": entry.count,
    })
}

fn disclosure(row: &Disclosed) -> Value {
    let firm = match &row.what.recipient {
        Recipient::Partner(firm) | Recipient::Infrastructure(firm) => Some(firm),
        Recipient::Person | Recipient::Staff | Recipient::Public => None,
    };
    json!({
        "at": row.at,
        "left": row.left,
        "by": row.door.name(),
        "to": row.what.recipient.name(),
        "firm": firm,
        "classes": row.what.fields,
        "purpose": row.what.purpose,
        "service": row.what.service,
        "outcome": row.outcome.name(),
    })
}
