//! What was sent lately, so that a form sent twice counts once.

use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many are remembered; the oldest make room.
const REMEMBERED: usize = 4_096;

/// SHA-256 of forms that were taken, their tokens included, each with the reference that was given for it. What was
/// changed before it was sent again is another form.
#[derive(Default)]
pub struct Sent(Mutex<VecDeque<([u8; 32], String)>>);

impl Sent {
    /// Begins to take a form. `Err` with the reference given for it (empty while it is under way, or if it has none)
    /// if that has happened before.
    pub(crate) fn begin(&self, body: &str) -> Result<(), String> {
        let print = digest(body);
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, reference)) = sent.iter().find(|(p, _)| *p == print) {
            return Err(reference.clone());
        }
        if sent.len() >= REMEMBERED {
            sent.pop_front();
        }
        sent.push_back((print, String::new()));
        Ok(())
    }

    /// It was taken, with this reference; or not, and may be sent again.
    pub(crate) fn end(&self, body: &str, reference: Option<&str>) {
        let print = digest(body);
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match reference {
            Some(reference) => {
                if let Some(entry) = sent.iter_mut().find(|(p, _)| *p == print) {
                    reference.clone_into(&mut entry.1);
                }
            }
            None => sent.retain(|(p, _)| *p != print),
        }
    }
}

fn digest(body: &str) -> [u8; 32] {
    Sha256::digest(body).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_once_and_again_only_if_it_failed() {
        let sent = Sent::default();
        assert_eq!(sent.begin("one"), Ok(()));
        assert_eq!(sent.begin("one"), Err(String::new()));
        sent.end("one", Some("R-7"));
        assert_eq!(sent.begin("one"), Err("R-7".into()));
        assert_eq!(sent.begin("two"), Ok(()));
        sent.end("two", None);
        assert_eq!(sent.begin("two"), Ok(()));
        for number in 0..REMEMBERED as u64 {
            assert_eq!(sent.begin(&number.to_string()), Ok(()));
        }
        assert_eq!(sent.0.lock().unwrap().len(), REMEMBERED);
    }
}
