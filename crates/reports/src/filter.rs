//! Which events a question is about.

use crate::{BadQuestion, Dimension};
use regex::{Regex, RegexBuilder};
use smol_str::SmolStr;

/// The largest compiled size of a pattern, in bytes.
const PATTERN_LIMIT_BYTES: usize = 1 << 20;

/// A condition on events. A leaf on a `visit:` dimension looks at the event's visit.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum Filter {
    /// Every event.
    #[default]
    All,
    /// A comparison of one dimension with values. An absent text is compared as the empty one; an event that
    /// reaches several goals passes `is`, `contains` and `matches` if one of them does.
    Leaf {
        /// What is compared.
        dimension: Dimension,
        /// How.
        operator: Operator,
        /// With what; one of them suffices.
        values: Vec<SmolStr>,
        /// Whether capital and small letters differ.
        case_sensitive: bool,
    },
    /// All of them hold.
    And(Vec<Filter>),
    /// One of them holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
}

/// How a leaf compares.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operator {
    /// Equals one of the values.
    Is,
    /// Equals none of them.
    IsNot,
    /// Has one of them within it.
    Contains,
    /// Has none of them within it.
    ContainsNot,
    /// One of them, a regular expression, is found in it.
    Matches,
    /// None of them is found in it.
    MatchesNot,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 6] = [
        Self::Is,
        Self::IsNot,
        Self::Contains,
        Self::ContainsNot,
        Self::Matches,
        Self::MatchesNot,
    ];

    /// The name in questions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is_not",
            Self::Contains => "contains",
            Self::ContainsNot => "contains_not",
            Self::Matches => "matches",
            Self::MatchesNot => "matches_not",
        }
    }

    /// The operator of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.name() == name)
    }

    /// Whether it is the denial of another.
    pub const fn is_denial(self) -> bool {
        matches!(self, Self::IsNot | Self::ContainsNot | Self::MatchesNot)
    }
}

impl Filter {
    /// A leaf that minds capital letters.
    pub fn leaf(
        dimension: Dimension,
        operator: Operator,
        values: impl IntoIterator<Item = impl Into<SmolStr>>,
    ) -> Self {
        Self::Leaf {
            dimension,
            operator,
            values: values.into_iter().map(Into::into).collect(),
            case_sensitive: true,
        }
    }

    /// Both conditions; [`Filter::All`] adds nothing.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut all = self.into_conjuncts();
        all.extend(other.into_conjuncts());
        Self::from_conjuncts(all)
    }

    /// The conditions that must all hold, nested ones opened.
    pub fn into_conjuncts(self) -> Vec<Self> {
        match self {
            Self::All => Vec::new(),
            Self::And(parts) => parts.into_iter().flat_map(Self::into_conjuncts).collect(),
            other => vec![other],
        }
    }

    fn from_conjuncts(mut all: Vec<Self>) -> Self {
        match all.len() {
            0 => Self::All,
            1 => all.swap_remove(0),
            _ => Self::And(all),
        }
    }

    /// The filter of the visitors that a conversion rate is taken against: without the conditions that speak only
    /// of what visitors did (goal, name, page, properties).
    #[must_use]
    pub fn without_deeds(&self) -> Self {
        let mut all = self.clone().into_conjuncts();
        let has_leaf = |f: &Self| !f.every_leaf(&|_| false);
        all.retain(|f| !(has_leaf(f) && f.every_leaf(&Dimension::is_deed)));
        Self::from_conjuncts(all)
    }

    /// Whether its answer is the same for all events of a visit.
    pub fn is_of_visit(&self) -> bool {
        self.every_leaf(&Dimension::is_of_visit)
    }

    fn every_leaf(&self, holds: &impl Fn(&Dimension) -> bool) -> bool {
        match self {
            Self::All => true,
            Self::Leaf { dimension, .. } => holds(dimension),
            Self::And(parts) | Self::Or(parts) => parts.iter().all(|p| p.every_leaf(holds)),
            Self::Not(inner) => inner.every_leaf(holds),
        }
    }
}

/// The values of a leaf made ready; tells of a text whether one of them fits, before denial.
pub(crate) enum Matcher {
    Equal(Vec<String>, bool),
    Within(Vec<String>, bool),
    Patterns(Vec<Regex>),
}

impl Matcher {
    /// Compiles a leaf's values. Fails if a pattern is no regular expression or a too large one.
    pub(crate) fn new(
        operator: Operator,
        values: &[SmolStr],
        case_sensitive: bool,
    ) -> Result<Self, BadQuestion> {
        let fold = |v: &SmolStr| {
            if case_sensitive {
                v.to_string()
            } else {
                v.to_lowercase()
            }
        };
        Ok(match operator {
            Operator::Is | Operator::IsNot => Self::Equal(values.iter().map(fold).collect(), case_sensitive),
            Operator::Contains | Operator::ContainsNot => {
                Self::Within(values.iter().map(fold).collect(), case_sensitive)
            }
            Operator::Matches | Operator::MatchesNot => Self::Patterns(
                values
                    .iter()
                    .map(|v| pattern(v, case_sensitive))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    /// Whether one of the values fits the text.
    pub(crate) fn fits(&self, text: &str) -> bool {
        let lower;
        let mut folded = text;
        if let Self::Equal(_, false) | Self::Within(_, false) = self {
            lower = text.to_lowercase();
            folded = &lower;
        }
        match self {
            Self::Equal(values, _) => values.iter().any(|v| v == folded),
            Self::Within(values, _) => values.iter().any(|v| folded.contains(v.as_str())),
            Self::Patterns(patterns) => patterns.iter().any(|p| p.is_match(text)),
        }
    }
}

fn pattern(text: &str, case_sensitive: bool) -> Result<Regex, BadQuestion> {
    RegexBuilder::new(text)
        .case_insensitive(!case_sensitive)
        .size_limit(PATTERN_LIMIT_BYTES)
        .build()
        .map_err(|error| {
            let problem = match error {
                regex::Error::CompiledTooBig(_) => "a pattern that grows too large".to_owned(),
                _ => "no regular expression".to_owned(),
            };
            BadQuestion::new("filters", problem, "write a shorter pattern in the syntax of RE2")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_follow_the_operator_and_the_case() {
        use Operator::{Contains, Is, Matches};
        for (operator, value, case_sensitive, text, want) in [
            (Is, "Berlin", true, "Berlin", true),
            (Is, "berlin", true, "Berlin", false),
            (Is, "МОСКВА", false, "Москва", true),
            (Is, "", true, "", true),
            (Contains, "erl", true, "Berlin", true),
            (Contains, "ERL", false, "Berlin", true),
            (Contains, "", true, "", true),
            (Matches, "^/u/[0-9]+$", true, "/u/17", true),
            (Matches, "^/u/[0-9]+$", true, "/u/17/", false),
            (Matches, "^/U/", false, "/u/17", true),
        ] {
            let matcher = Matcher::new(operator, &[value.into()], case_sensitive).unwrap();
            assert_eq!(matcher.fits(text), want, "{} {value} {text}", operator.name());
        }
        assert!(Matcher::new(Matches, &["(".into()], true).is_err());
        assert!(
            Matcher::new(Matches, &["(a{1000}){1000}".into()], true).is_err(),
            "too large"
        );
    }

    #[test]
    fn conditions_on_deeds_are_left_out_of_the_base() {
        let page = Filter::leaf(
            Dimension::parse("event:page").unwrap(),
            Operator::Contains,
            ["/shop"],
        );
        let goal = Filter::Not(Box::new(Filter::leaf(Dimension::Goal, Operator::Is, ["Order"])));
        let device = Filter::leaf(
            Dimension::parse("visit:device").unwrap(),
            Operator::Is,
            ["mobile"],
        );
        let mixed = Filter::Or(vec![goal.clone(), device.clone()]);
        let whole = Filter::And(vec![page, Filter::And(vec![goal, device.clone()]), mixed.clone()]);
        assert_eq!(whole.without_deeds(), Filter::And(vec![device, mixed]));
        assert_eq!(Filter::All.without_deeds(), Filter::All);
    }
}
