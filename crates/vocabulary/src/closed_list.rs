//! Closed lists with names: what is stored, exported and audited is the name.

/// Makes an enum of a closed list: its members, each with its name.
///
/// ```
/// vocabulary::closed_list! {
///     /// How a door stands.
///     State {
///         /// It can be passed.
///         Open = "open",
///         /// It cannot.
///         Shut = "shut",
///     }
/// }
/// assert_eq!(State::Open.name(), "open");
/// assert_eq!(State::parse("shut"), Some(State::Shut));
/// assert_eq!(State::ALL.len(), 2);
/// ```
#[macro_export]
macro_rules! closed_list {
    ($(#[$outer:meta])* $type:ident { $($(#[$doc:meta])* $name:ident = $key:literal,)* }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $type {
            $($(#[$doc])* $name,)*
        }

        impl $type {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in tables, records, policies, forms and exports.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// The one of that name, if there is one.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }

        /// Its name.
        impl $crate::serde::Serialize for $type {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <String as $crate::serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&name)
                    .ok_or_else(|| <D::Error as $crate::serde::de::Error>::custom("there is none of that name"))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    #![expect(unreachable_pub, reason = "lists are made for other rooms")]

    closed_list! {
        /// How a door stands.
        State {
            /// It can be passed.
            Open = "open",
            /// It cannot, and nobody knows why.
            ShutSomehow = "shut_somehow",
        }
    }

    #[test]
    fn names_read_back_and_are_what_is_written() {
        for state in State::ALL {
            assert_eq!(State::parse(state.name()), Some(*state));
            let written = serde_json::to_string(state).unwrap();
            assert_eq!(written, format!("\"{}\"", state.name()));
            assert_eq!(serde_json::from_str::<State>(&written).unwrap(), *state);
        }
        assert_eq!(State::parse("Open"), None);
        assert!(serde_json::from_str::<State>("\"ajar\"").is_err());
    }
}
