//! The group of ways by which a visit came.

macro_rules! channels {
    ($($variant:ident $name:literal)*) => {
        /// A channel. Rules that find it are in `collect`; names are stored in the archive and shown by key.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Channel { $(#[doc = $name] $variant,)* }

        impl Channel {
            /// Every channel.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name as stored and as answered by the query API.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

channels! {
    Direct "Direct"
    OrganicSearch "Organic Search"
    PaidSearch "Paid Search"
    OrganicSocial "Organic Social"
    PaidSocial "Paid Social"
    AiAssistants "AI Assistants"
    Email "Email"
    Referral "Referral"
    Affiliates "Affiliates"
    Display "Display"
    PaidOther "Paid Other"
    Messengers "Messengers"
    Video "Video"
    PushAndSms "Push and SMS"
    Campaigns "Other Campaigns"
}
