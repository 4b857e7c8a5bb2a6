//! What staff says about how long somebody's data are kept: contracts, legal duties, holds. All of it is recorded.

use crate::{Error, Office};
use audit::{Action, Actor, Entry, Subject};
use policy::FieldClass;
use vault::{Agreed, DutyId, Hold, HoldId, NewHold};
use vocabulary::{Moment, PersonId};

impl Office {
    /// Says which contract a person has with us, or that there is none: of all persons that their account claimed too.
    pub async fn set_contract(
        &self,
        person: PersonId,
        contract: Option<Agreed>,
        actor: Actor,
        now: Moment,
    ) -> Result<(), Error> {
        // First the one that was named: if there is none, nothing is said of anybody.
        self.vault.set_contract(person, contract).await?;
        self.record_of(actor.clone(), Action::KeepingChanged, person, 0, now)
            .await?;
        for other in self.people.persons_of(person).await? {
            if other == person {
                continue;
            }
            match self.vault.set_contract(other, contract).await {
                Ok(()) => {
                    self.record_of(actor.clone(), Action::KeepingChanged, other, 0, now)
                        .await?;
                }
                // Claimed, and destroyed since.
                Err(vault::Error::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Says until when a law wants a person's values of these classes kept.
    pub async fn add_duty(
        &self,
        person: PersonId,
        (classes, until, law): (&[FieldClass], Moment, &str),
        actor: Actor,
        now: Moment,
    ) -> Result<DutyId, Error> {
        let duty = self.vault.add_duty(person, classes, until, law, now).await?;
        let mut classes: Vec<u8> = classes.iter().map(|class| *class as u8).collect();
        classes.sort_unstable();
        classes.dedup();
        self.record(Entry {
            subject: about(person),
            classes,
            ..Entry::new(now, actor, Action::KeepingChanged)
        })
        .await?;
        Ok(duty)
    }

    /// Takes a legal duty of a person back.
    pub async fn end_duty(
        &self,
        person: PersonId,
        duty: DutyId,
        actor: Actor,
        now: Moment,
    ) -> Result<(), Error> {
        self.vault.end_duty(person, duty).await?;
        self.record_of(actor, Action::KeepingChanged, person, 0, now)
            .await
    }

    /// Places a hold.
    pub async fn place_hold(
        &self,
        person: PersonId,
        new: NewHold<'_>,
        actor: Actor,
        now: Moment,
    ) -> Result<HoldId, Error> {
        let hold = self.vault.place_hold(person, new, now).await?;
        self.record_of(actor, Action::Hold, person, 0, now).await?;
        Ok(hold)
    }

    /// Notes that a standing hold was looked at, and when it is next.
    pub async fn review_hold(
        &self,
        hold: HoldId,
        review: Moment,
        actor: Actor,
        now: Moment,
    ) -> Result<Hold, Error> {
        let mut found = self.vault.hold(hold).await?;
        self.vault.review_hold(hold, review, now).await?;
        found.review = review;
        self.record_of(actor, Action::HoldReviewed, found.person, 0, now)
            .await?;
        Ok(found)
    }

    /// Releases a hold. `by` is the account that answers for it.
    pub async fn release_hold(
        &self,
        hold: HoldId,
        by: u32,
        actor: Actor,
        now: Moment,
    ) -> Result<Hold, Error> {
        let found = self.vault.hold(hold).await?;
        self.vault.release_hold(hold, by, now).await?;
        self.record_of(actor, Action::HoldReleased, found.person, 0, now)
            .await?;
        Ok(found)
    }
}

fn about(person: PersonId) -> Subject {
    Subject {
        person: Some(person),
        ..Subject::default()
    }
}
