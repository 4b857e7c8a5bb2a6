//! Why a text is no question.

use smol_str::SmolStr;

/// A question that cannot be understood. Holds nothing but what the asker wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} in `{field}`; {remedy}")]
pub struct BadQuestion {
    /// Where, as a path into the question, such as `filters[0][1]`.
    pub field: String,
    /// What is wrong with it, as a fragment.
    pub problem: String,
    /// What to write instead, as a fragment.
    pub remedy: String,
}

impl BadQuestion {
    /// Joins the three parts.
    pub fn new(field: impl Into<String>, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// A name that is not known, with the nearest of those that are.
    pub fn unknown(field: impl Into<String>, name: &str, known: &[&str]) -> Self {
        let shown: SmolStr = name.chars().take(60).collect();
        let remedy = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are {}", known.join(", ")),
        };
        Self::new(field, format!("`{shown}` is not known"), remedy)
    }
}

/// The known name nearest to `name` by edit distance, if one is near enough to have been meant.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let (distance, near) = known
        .iter()
        .map(|k| (edit_distance(name.as_bytes(), k.as_bytes()), *k))
        .min_by_key(|(d, _)| *d)?;
    (name.len() <= 64 && distance <= 1 + near.len() / 3).then_some(near)
}

/// Levenshtein's distance in bytes; names longer than 64 bytes are cut first.
fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    let (a, b) = (&a[..a.len().min(64)], &b[..b.len().min(64)]);
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_if_it_is_near() {
        let known = ["visitors", "visits", "pageviews", "bounce_rate"];
        for (name, want) in [
            ("visitor", Some("visitors")),
            ("page_views", Some("pageviews")),
            ("bouncerate", Some("bounce_rate")),
            ("revenue", None),
        ] {
            assert_eq!(nearest(name, &known), want, "{name}");
        }
        assert_eq!(edit_distance(b"kitten", b"sitting"), 3);
        assert_eq!(edit_distance(b"", b"abc"), 3);
    }
}
