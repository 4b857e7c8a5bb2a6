//! JSON values of the expected shape, or the field at fault.

use crate::BadQuestion;
use serde_json::{Map, Value};

/// The path of a list's entry.
pub(super) fn at(field: &str, place: usize) -> String {
    format!("{field}[{place}]")
}

/// An object that has no other keys than those known.
pub(super) fn object<'v>(
    value: &'v Value,
    field: &str,
    known: &[&str],
) -> Result<&'v Map<String, Value>, BadQuestion> {
    let object = value
        .as_object()
        .ok_or_else(|| BadQuestion::new(field, "no object", "write an object in braces"))?;
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(BadQuestion::unknown(field, key, known)),
        None => Ok(object),
    }
}

/// A list.
pub(super) fn list<'v>(value: &'v Value, field: &str) -> Result<&'v [Value], BadQuestion> {
    value
        .as_array()
        .map(Vec::as_slice)
        .ok_or_else(|| BadQuestion::new(field, "no list", "write a list in brackets"))
}

/// A text.
pub(super) fn text<'v>(value: &'v Value, field: &str) -> Result<&'v str, BadQuestion> {
    value
        .as_str()
        .ok_or_else(|| BadQuestion::new(field, "no text", "write a text in quotation marks"))
}

/// A list of two.
pub(super) fn pair<'v>(value: &'v Value, field: &str, want: &str) -> Result<[&'v Value; 2], BadQuestion> {
    match value.as_array().map(Vec::as_slice) {
        Some([first, second]) => Ok([first, second]),
        _ => Err(BadQuestion::new(field, "no pair", format!("write {want}"))),
    }
}
