//! What was done with a person's data: who read it, and who received it.

use audit::{About, Action, Entry};
use office::{Error, Office};
use sharing::ledger::Disclosed;
use vocabulary::PersonId;

/// Entries of the log that are read at a time.
const PAGE: usize = 500;

/// Readings of the data of these persons, their own too, newest first.
pub(super) fn readings(office: &Office, persons: &[PersonId]) -> Result<Vec<Entry>, Error> {
    let mut readings = Vec::new();
    for person in persons {
        let mut before = None;
        loop {
            let page = office.audit.about(About::Person(*person), before, PAGE)?;
            before = page.last().map(|numbered| numbered.number);
            let is_last = page.len() < PAGE;
            readings.extend(
                page.into_iter()
                    .map(|numbered| numbered.entry)
                    .filter(|entry| entry.action == Action::Read && entry.subject.person == Some(*person)),
            );
            if is_last {
                break;
            }
        }
    }
    readings.sort_by_key(|entry| std::cmp::Reverse(entry.time));
    Ok(readings)
}

/// What left of the data of these persons, newest first.
pub(super) async fn disclosures(office: &Office, persons: &[PersonId]) -> Result<Vec<Disclosed>, Error> {
    let mut disclosures = Vec::new();
    for person in persons {
        disclosures.extend(office.sharing.ledger.of_person(*person).await?);
    }
    disclosures.sort_by_key(|row| std::cmp::Reverse(row.at));
    Ok(disclosures)
}
