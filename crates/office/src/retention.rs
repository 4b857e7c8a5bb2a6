//! What has no basis left goes by itself, with a record.

use crate::{Error, Office};
use audit::{Action, Actor, Entry, Subject};
use vault::Destroyed;
use vocabulary::Moment;

impl Office {
    /// Ends consents whose time is over, destroys testimonials that nobody agreed to in time, and destroys the values that no contract, law, consent or hold keeps any more;
    /// with `dry_run` only says which.
    pub async fn destroy_due(&self, now: Moment, dry_run: bool) -> Result<Vec<Destroyed>, Error> {
        if !dry_run {
            self.people.expire_consents(now).await?;
            self.lapse_testimonials(now).await?;
        }
        let destroyed = self.vault.destroy_due(now, dry_run).await?;
        if dry_run {
            return Ok(destroyed);
        }
        for one in &destroyed {
            let mut classes: Vec<u8> = one.classes.iter().map(|class| *class as u8).collect();
            classes.sort_unstable();
            classes.dedup();
            self.record(Entry {
                subject: Subject {
                    person: Some(one.person),
                    ..Subject::default()
                },
                classes,
                count: one.classes.len() as u32,
                ..Entry::new(now, Actor::Job("retention".into()), Action::Destroy)
            })
            .await?;
            if one.is_whole {
                self.people.forget(one.person).await?;
                self.sharing.outbox.forget(one.person, now).await?;
                self.tasks.erase_texts_about(one.person).await?;
                self.close_tasks_of_gone(one.person, now).await?;
            }
        }
        Ok(destroyed)
    }
}
