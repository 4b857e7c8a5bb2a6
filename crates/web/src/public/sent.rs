//! What was sent lately, so that a form sent twice counts once.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many are remembered; the oldest make room.
const REMEMBERED: usize = 4_096;

/// Tokens of forms that were taken, each with the reference that was given for it.
#[derive(Default)]
pub struct Sent(Mutex<VecDeque<([u8; 16], String)>>);

impl Sent {
    /// Begins to take a form. `Err` with the reference given for it (empty while it is under way, or if it has none)
    /// if that has happened before.
    pub(crate) fn begin(&self, once: [u8; 16]) -> Result<(), String> {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, reference)) = sent.iter().find(|(o, _)| *o == once) {
            return Err(reference.clone());
        }
        if sent.len() >= REMEMBERED {
            sent.pop_front();
        }
        sent.push_back((once, String::new()));
        Ok(())
    }

    /// It was taken, with this reference; or not, and may be sent again.
    pub(crate) fn end(&self, once: [u8; 16], reference: Option<&str>) {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match reference {
            Some(reference) => {
                if let Some(entry) = sent.iter_mut().find(|(o, _)| *o == once) {
                    reference.clone_into(&mut entry.1);
                }
            }
            None => sent.retain(|(o, _)| *o != once),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_once_and_again_only_if_it_failed() {
        let sent = Sent::default();
        assert_eq!(sent.begin([1; 16]), Ok(()));
        assert_eq!(sent.begin([1; 16]), Err(String::new()));
        sent.end([1; 16], Some("R-7"));
        assert_eq!(sent.begin([1; 16]), Err("R-7".into()));
        assert_eq!(sent.begin([2; 16]), Ok(()));
        sent.end([2; 16], None);
        assert_eq!(sent.begin([2; 16]), Ok(()));
        for number in 0..REMEMBERED as u64 {
            let mut once = [0; 16];
            once[..8].copy_from_slice(&(number + 1_000).to_le_bytes());
            assert_eq!(sent.begin(once), Ok(()));
        }
        assert_eq!(sent.0.lock().unwrap().len(), REMEMBERED);
    }
}
