//! A filter of the dashboard, written `is,visit:country,DE,AT` in its address.

/// How a condition compares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// Equals one of the values.
    Is,
    /// Equals none of the values.
    IsNot,
    /// Contains one of the values.
    Contains,
    /// Contains none of the values.
    ContainsNot,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 4] = [Self::Is, Self::IsNot, Self::Contains, Self::ContainsNot];

    /// The name in questions and addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is_not",
            Self::Contains => "contains",
            Self::ContainsNot => "contains_not",
        }
    }

    /// The key of its words.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Is => "operator-is",
            Self::IsNot => "operator-is-not",
            Self::Contains => "operator-contains",
            Self::ContainsNot => "operator-contains-not",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.name() == name)
    }
}

/// One filter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// How it compares.
    pub operator: Operator,
    /// What it looks at.
    pub dimension: String,
    /// With what it compares; at least one.
    pub values: Vec<String>,
}

impl Condition {
    /// That a dimension is a value.
    pub fn is(dimension: &str, value: &str) -> Self {
        Self {
            operator: Operator::Is,
            dimension: dimension.into(),
            values: vec![value.into()],
        }
    }

    /// Reads what [`Condition::write`] wrote; a backslash before a comma or backslash makes it part of a value.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = vec![String::new()];
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            let last = parts.last_mut().expect("never empty");
            match character {
                '\\' => last.push(characters.next()?),
                ',' => parts.push(String::new()),
                other => last.push(other),
            }
        }
        let mut parts = parts.into_iter();
        let operator = Operator::parse(&parts.next()?)?;
        let dimension = parts
            .next()
            .filter(|d| reports::Dimension::parse(d).is_some() && !d.starts_with("time:"))?;
        let values: Vec<String> = parts.collect();
        (!values.is_empty()).then_some(Self {
            operator,
            dimension,
            values,
        })
    }

    /// Writes it for an address, before percent-encoding.
    pub fn write(&self) -> String {
        let mut text = format!("{},{}", self.operator.name(), self.dimension);
        for value in &self.values {
            text.push(',');
            for character in value.chars() {
                if matches!(character, ',' | '\\') {
                    text.push('\\');
                }
                text.push(character);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_as_written() {
        for values in [vec!["DE"], vec!["", "a,b", "c\\", "\\,"], vec!["Яндекс"]] {
            for operator in Operator::ALL {
                let condition = Condition {
                    operator,
                    dimension: "visit:source".into(),
                    values: values.iter().map(|v| (*v).to_owned()).collect(),
                };
                assert_eq!(Condition::read(&condition.write()), Some(condition));
            }
        }
        for text in [
            "",
            "is",
            "is,visit:country",
            "like,visit:country,DE",
            "is,country,DE",
            "is,visit:nothing,DE",
            "is,time:day,2026-11-22",
            "is,visit:country,\\",
        ] {
            assert_eq!(Condition::read(text), None, "{text}");
        }
    }
}
