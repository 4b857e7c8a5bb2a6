//! Closed lists with names: what is stored and audited is the name.

macro_rules! closed_list {
    ($(#[$outer:meta])* $type:ident { $($(#[$doc:meta])* $name:ident = $key:literal,)* }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type {
            $($(#[$doc])* $name,)*
        }

        impl $type {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in tables, forms and the audit log.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// The one of that name, if there is one.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}
pub(crate) use closed_list;
