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
    // After each piece of the pattern: up to where in the path it may have come. So the time is the product of both
    // lengths at most, whatever the pattern.
    let path = path.as_bytes();
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    let mut rest = pattern.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let next = match (first, after) {
            (b'*', [b'*', after @ ..]) => {
                rest = after;
                spread(&reached, |_| true)
            }
            (b'*', _) => {
                rest = after;
                spread(&reached, |place| path[place] != b'/')
            }
            _ => {
                rest = after;
                let mut next = vec![false; reached.len()];
                for (place, byte) in path.iter().enumerate() {
                    next[place + 1] = reached[place] && byte == first;
                }
                next
            }
        };
        reached = next;
    }
    reached[path.len()]
}

/// Where one may be after going on from anywhere reached, over places that may be passed.
fn spread(reached: &[bool], passes: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut spread = reached.to_vec();
    for place in 1..spread.len() {
        spread[place] |= spread[place - 1] && passes(place - 1);
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_stars_cost_no_more_than_their_length() {
        let pattern = "**a".repeat(300);
        assert!(!matches_pattern(&pattern, &"a".repeat(299)));
        assert!(matches_pattern(&pattern, &"ba".repeat(300)));
    }

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
            ("", "", true),
            ("", "/", false),
            ("/*/*/**x", "/a/b/c/x", true),
            ("/*/*/**x", "/a/b", false),
        ] {
            assert_eq!(matches_pattern(pattern, path), want, "{pattern} {path}");
        }
    }
}
