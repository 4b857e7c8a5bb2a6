//! What a site wants its visitors to do.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A goal: reached by each event that its rule matches.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Goal {
    /// The name shown and used in `event:goal` filters.
    pub name: SmolStr,
    /// What reaches it.
    pub rule: GoalRule,
}

/// What reaches a goal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoalRule {
    /// A page view whose path matches the pattern: `*` stands for any characters but `/`, `**` for any at all.
    Page(SmolStr),
    /// An event of that name which is no page view.
    Action(SmolStr),
}

impl GoalRule {
    /// Whether a page view of `path` reaches the goal.
    pub fn matches_page(&self, path: &str) -> bool {
        matches!(self, Self::Page(pattern) if matches_pattern(pattern, path))
    }

    /// Whether an action called `name` reaches the goal.
    pub fn matches_action(&self, name: &str) -> bool {
        matches!(self, Self::Action(wanted) if wanted == name)
    }
}

/// Whether the whole of `path` matches `pattern`, where `*` stands for any characters but `/`, `**` for any at all.
pub fn matches_pattern(pattern: &str, path: &str) -> bool {
    fn matches(pattern: &[u8], path: &[u8]) -> bool {
        match pattern {
            [] => path.is_empty(),
            [b'*', b'*', rest @ ..] => (0..=path.len()).any(|n| matches(rest, &path[n..])),
            [b'*', rest @ ..] => {
                let reach = path.iter().position(|b| *b == b'/').unwrap_or(path.len());
                (0..=reach).any(|n| matches(rest, &path[n..]))
            }
            [first, rest @ ..] => path.first() == Some(first) && matches(rest, &path[1..]),
        }
    }
    matches(pattern.as_bytes(), path.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_within_and_across_slashes() {
        for (pattern, path, want) in [
            ("/thanks", "/thanks", true),
            ("/thanks", "/thanks/", false),
            ("/thanks*", "/thanks-a-lot", true),
            ("/thanks*", "/thanks/a", false),
            ("/thanks**", "/thanks/a/b", true),
            ("/shop/*/done", "/shop/7/done", true),
            ("/shop/*/done", "/shop/7/8/done", false),
            ("/shop/**/done", "/shop/7/8/done", true),
            ("**", "", true),
            ("*", "", true),
        ] {
            assert_eq!(matches_pattern(pattern, path), want, "{pattern} {path}");
        }
    }
}
