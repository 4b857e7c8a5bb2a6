//! What stands below a letter to somebody who has agreed to something: one link for each consent, which takes it back.

use crate::{Error, Office};
use people::Language;
use policy::Purpose;
use std::fmt::Write as _;
use vocabulary::{Moment, PersonId};

impl Office {
    /// The lines for a letter to that person; empty where no consent stands. What an author agreed to be published has
    /// links in letters of its own.
    pub(crate) async fn withdrawal_lines(
        &self,
        person: PersonId,
        language: Language,
        now: Moment,
    ) -> Result<String, Error> {
        let mut lines = String::new();
        for consent in self.people.consents(person).await? {
            if !consent.state.allows_use() || consent.purpose == Purpose::Testimonial {
                continue;
            }
            let shown = consent
                .events
                .iter()
                .rev()
                .find_map(|event| event.wording.as_ref());
            let Some(shown) = shown else { continue };
            let wording = self
                .people
                .wording_version(&shown.id, shown.version, language)
                .await?;
            let secret = self
                .people
                .draw_withdraw_link(person, consent.purpose, now)
                .await?;
            let site = self.people.controller().url.trim_end_matches('/');
            let (title, link) = (
                wording.title(),
                format!("{site}/consents/withdraw?token={}", secret.text()),
            );
            let _ = match language {
                Language::En => write!(
                    lines,
                    "\n\n-- \nYou gave us this: {title}. To take it back, open this page and press the button:\n{link}"
                ),
                Language::Ru => write!(
                    lines,
                    "\n\n-- \nВы дали нам: {title}. Чтобы отозвать его, откройте эту страницу и нажмите кнопку:\n{link}"
                ),
            };
        }
        Ok(lines)
    }
}
