//! What a form that anyone may send has to pass: it was shown here, lately, as it is now, to somebody who took the time
//! to read it and left the trap alone, and not too many came from there. Nothing is lost at the gate: whoever is
//! stopped sees the form again with all that was filled in.

use super::Public;
use super::form_token::FormToken;
use crate::figure;
use crate::language::Language;
use crate::reader::{Asking, value};
use crate::state::Web;
use credentials::Secret;
use http::StatusCode;
use maud::{Markup, html};
use sha2::{Digest, Sha256};
use std::sync::PoisonError;
use vocabulary::Moment;
use vocabulary::moment::DAY_MS;

/// A form shown longer ago is shown anew first.
const OLDEST_MS: i64 = DAY_MS;
/// The field that people do not see.
const TRAP: &str = "homepage";

/// Why a form is shown again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Obstacle {
    /// It was not shown here, or too long ago.
    Old,
    /// Its text has changed since it was shown.
    Changed,
    /// It came faster than people fill in forms.
    Hasty,
    /// The field that must stay empty is not.
    Trapped,
    /// Too many came from there; wait so long.
    TooMany { wait_ms: i64 },
    /// It cannot be taken now.
    Closed,
}

impl Obstacle {
    /// The status that answers it.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Old | Self::Changed => StatusCode::CONFLICT,
            Self::Hasty | Self::Trapped => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Closed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What people read.
    pub(crate) fn text(self, language: Language) -> String {
        match self {
            Self::Old => language.text("gate-old"),
            Self::Changed => language.text("gate-changed"),
            Self::Hasty => language.text("gate-hasty"),
            Self::Trapped => language.text("gate-trapped"),
            Self::TooMany { wait_ms } => {
                let wait = figure::duration(language, ((wait_ms + 999) / 1_000) as f64);
                language.text_with("gate-too-many", &[("time", wait.into())])
            }
            Self::Closed => language.text("gate-closed"),
        }
    }
}

/// A form of the public site, by name, with the digest of what it shows.
#[derive(Clone, Copy)]
pub(crate) struct Gate {
    /// Its name in tokens and counts.
    pub(crate) form: &'static str,
    /// SHA-256 of the form as it is shown now, without what was filled in.
    pub(crate) form_sha256: [u8; 32],
    /// Whether something is guessed with it, so that a failure delays the next try.
    guesses: bool,
}

impl Gate {
    /// The gate of a form whose empty markup this is.
    pub(crate) fn new(form: &'static str, empty: &Markup) -> Self {
        Self {
            form,
            form_sha256: Sha256::digest(empty.0.as_bytes()).into(),
            guesses: false,
        }
    }

    /// The gate of a form with which something is guessed.
    pub(crate) fn for_guesses(form: &'static str, empty: &Markup) -> Self {
        Self {
            guesses: true,
            ..Self::new(form, empty)
        }
    }

    /// The hidden fields. `before` is the token that the form came back with: the time it was first shown is kept, and
    /// its random bytes, so that what was taken half-way is known when it comes again.
    pub(crate) fn fields(
        self,
        public: &Public,
        language: Language,
        before: Option<FormToken>,
        now: Moment,
    ) -> Option<Markup> {
        let random = Secret::draw().ok()?;
        let fresh = FormToken {
            shown: now,
            once: random.bytes()[..16].try_into().ok()?,
            form_sha256: self.form_sha256,
        };
        let token = FormToken {
            form_sha256: self.form_sha256,
            ..before.unwrap_or(fresh)
        };
        Some(html! {
            input type="hidden" name="token" value=(token.seal(&public.form_key, self.form));
            div.trap aria-hidden="true" {
                label for={ (self.form) "-" (TRAP) } { (language.text("gate-trap")) }
                input type="text" id={ (self.form) "-" (TRAP) } name=(TRAP) value="" autocomplete="off" tabindex="-1";
            }
        })
    }

    /// The token that a form came back with, if it was made here for it less than a day ago.
    pub(crate) fn token(self, web: &Web, fields: &[(String, String)]) -> Option<FormToken> {
        let token = FormToken::open(value(fields, "token"), &web.public.form_key, self.form)?;
        let age_ms = (web.now)().0 - token.shown.0;
        (0..=OLDEST_MS).contains(&age_ms).then_some(token)
    }

    /// Lets a form through or says what is in the way. To be asked when its fields are found right, since it counts.
    pub(crate) fn pass(
        self,
        web: &Web,
        asking: &Asking,
        fields: &[(String, String)],
    ) -> Result<FormToken, Obstacle> {
        let token = self.token(web, fields).ok_or(Obstacle::Old)?;
        let now = (web.now)();
        if token.form_sha256 != self.form_sha256 {
            return Err(Obstacle::Changed);
        }
        if !value(fields, TRAP).is_empty() {
            return Err(Obstacle::Trapped);
        }
        if now.0 - token.shown.0 < web.public.fastest_ms {
            return Err(Obstacle::Hasty);
        }
        let waiting = if self.guesses {
            let mut attempts = web.public.attempts.lock().unwrap_or_else(PoisonError::into_inner);
            attempts.begin(self.form, &asking.peer, now.0)
        } else {
            let mut allowance = web
                .public
                .allowance
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            allowance.take(self.form, &asking.peer, now.0)
        };
        waiting.map_err(|wait_ms| {
            asking.refused(office::Refused::TooMany);
            Obstacle::TooMany { wait_ms }
        })?;
        Ok(token)
    }

    /// Takes back what [`Gate::pass`] counted: it was no failure.
    pub(crate) fn forgive(self, web: &Web, asking: &Asking) {
        let mut attempts = web.public.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.succeeded(self.form, &asking.peer, (web.now)().0);
    }
}
