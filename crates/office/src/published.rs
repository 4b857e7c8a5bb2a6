//! What is published: read once for each text, on record, and then shown to everybody.

use crate::{Error, Office};
use people::{Language, Said, TestimonialId};
use policy::Purpose;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use vault::Reader;
use vocabulary::Moment;

/// As whom what is published is read, once for each text.
const PUBLISHER: Reader = Reader::Job("publication");

/// Texts by number and digest.
type Texts = HashMap<(TestimonialId, [u8; 32]), Arc<Said>>;

/// What is published and was opened before, so that it is read once and not for every visitor. What is published no more
/// is dropped from it.
pub(crate) type Shelf = Arc<Mutex<Texts>>;

/// A published testimonial.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its number.
    pub id: TestimonialId,
    /// The language of the words.
    pub language: Language,
    /// What stands there.
    pub said: Arc<Said>,
}

impl Office {
    /// What is published now, the newest first, at most so many. Each text is read once, on record; one that cannot be
    /// read is not shown.
    pub async fn published_testimonials(&self, most: usize, now: Moment) -> Result<Vec<Published>, Error> {
        let now_published = self.people.published_testimonials().await?;
        let mut shown = Vec::new();
        for one in now_published.iter().take(most) {
            let key = (one.id, one.sha256);
            let known = self.shelf().get(&key).cloned();
            let said = if let Some(said) = known {
                said
            } else {
                let read = self
                    .people
                    .open_testimonial(&PUBLISHER, one, Purpose::Testimonial, now)
                    .await;
                match read {
                    Ok(said) => {
                        let said = Arc::new(said);
                        self.shelf().insert(key, said.clone());
                        said
                    }
                    Err(error) => {
                        tracing::error!(%error, number = one.id.0, "a testimonial cannot be shown");
                        continue;
                    }
                }
            };
            shown.push(Published {
                id: one.id,
                language: one.language,
                said,
            });
        }
        self.shelf()
            .retain(|key, _| now_published.iter().any(|one| (one.id, one.sha256) == *key));
        Ok(shown)
    }

    fn shelf(&self) -> MutexGuard<'_, Texts> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
