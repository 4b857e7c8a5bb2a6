//! Names that people give to things.

use crate::{Error, Problem};

/// The name without white space around it, if it has between 1 and `max` characters and no control characters.
pub(crate) fn checked(field: &'static str, text: &str, max: usize) -> Result<String, Error> {
    let text = text.trim();
    let refused = |problem| Err(Error::Refused { field, problem });
    if text.is_empty() {
        refused(Problem::Empty)
    } else if text.chars().count() > max {
        refused(Problem::TooLong { max })
    } else if text.chars().any(char::is_control) {
        refused(Problem::Control)
    } else {
        Ok(text.to_owned())
    }
}
