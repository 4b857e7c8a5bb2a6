//! The closed list of what people may give us about themselves (promise P2). There is no class for anything else, so
//! nothing else can be stored.

use serde::{Deserialize, Serialize};

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $key:literal, $most:literal;)*) => {
        /// A class of personal data.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum FieldClass {
            $($(#[$doc])* $name = $number,)*
        }

        impl FieldClass {
            /// Every class, in the order in which people see them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in forms, policies and exports.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// How many characters a value may have.
            pub const fn most_characters(self) -> usize {
                match self { $(Self::$name => $most,)* }
            }
        }
    };
}

// The numbers are part of what is sealed: never reuse one.
fields! {
    /// What the person is called.
    Name = 1, "name", 200;
    /// A postal address.
    Address = 2, "address", 500;
    /// The position in the company.
    Position = 3, "position", 200;
    /// An e-mail address.
    Email = 4, "email", 254;
    /// A telephone number.
    Phone = 5, "phone", 40;
    /// The company the person works for.
    Company = 6, "company", 200;
    /// The range of advertising spend: the id of one of the configured ranges, never an amount.
    BudgetRange = 7, "budget_range", 40;
    /// What the person wrote to us, and we to them.
    Message = 8, "message", 20_000;
}

impl FieldClass {
    /// The class of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.name() == name)
    }

    /// The class of that number, if there is one.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| *class as u8 == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_read_back() {
        for class in FieldClass::ALL {
            assert_eq!(FieldClass::parse(class.name()), Some(*class));
            assert_eq!(FieldClass::from_number(*class as u8), Some(*class));
        }
        assert_eq!(FieldClass::parse("passport"), None);
        assert_eq!(FieldClass::from_number(0), None);
    }
}
