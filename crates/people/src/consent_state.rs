//! The states of a consent and what leads from one to the next: DPV 2.2, module `consent_status`.

vocabulary::closed_list! {
    /// Where the consent of a person to a purpose stands.
    ConsentState {
        /// Never asked.
        Unknown = "unknown",
        /// Asked, no answer yet. Silence is no.
        Requested = "requested",
        /// The person will decide later.
        Deferred = "deferred",
        /// Given.
        Given = "given",
        /// Given again while it was still valid.
        Renewed = "renewed",
        /// The person said no.
        Refused = "refused",
        /// The person took it back.
        Withdrawn = "withdrawn",
        /// We gave it up.
        Revoked = "revoked",
        /// Its time is over.
        Expired = "expired",
        /// Found to have been no valid consent.
        Invalidated = "invalidated",
    }
}

vocabulary::closed_list! {
    /// What happens to a consent.
    Act {
        /// The person was shown the wording.
        Ask = "ask",
        /// The person puts it off.
        Defer = "defer",
        /// The person agrees.
        Give = "give",
        /// The person says no.
        Refuse = "refuse",
        /// The person takes it back.
        Withdraw = "withdraw",
        /// We give it up.
        Revoke = "revoke",
        /// Its time runs out.
        Expire = "expire",
        /// It is found not to be valid.
        Invalidate = "invalidate",
    }
}

impl ConsentState {
    /// Whether data may be used by this consent: only while it is given.
    pub const fn allows_use(self) -> bool {
        matches!(self, Self::Given | Self::Renewed)
    }

    /// Whether it was given once and is not any more.
    pub const fn is_ended(self) -> bool {
        matches!(
            self,
            Self::Withdrawn | Self::Revoked | Self::Expired | Self::Invalidated
        )
    }

    /// The state after `act`; `None` where that cannot happen. Nothing is given that was not asked for, and asking
    /// again leaves a given consent as it is.
    pub const fn after(self, act: Act) -> Option<Self> {
        let is_pending = matches!(self, Self::Requested | Self::Deferred);
        match (act, self.allows_use()) {
            (Act::Ask | Act::Defer, true) => Some(self),
            (Act::Ask, false) => Some(Self::Requested),
            (Act::Defer, false) if is_pending => Some(Self::Deferred),
            (Act::Give, true) => Some(Self::Renewed),
            (Act::Give, false) if is_pending => Some(Self::Given),
            (Act::Refuse | Act::Withdraw, true) => Some(Self::Withdrawn),
            (Act::Refuse, false) => Some(Self::Refused),
            (Act::Revoke, true) => Some(Self::Revoked),
            (Act::Expire, true) => Some(Self::Expired),
            (Act::Invalidate, true) => Some(Self::Invalidated),
            _ => None,
        }
    }

    /// The term of the Data Privacy Vocabulary 2.2 (`https://w3id.org/dpv#…`).
    pub const fn dpv(self) -> &'static str {
        match self {
            Self::Unknown => "ConsentUnknown",
            Self::Requested => "ConsentRequested",
            Self::Deferred => "ConsentRequestDeferred",
            Self::Given => "ConsentGiven",
            Self::Renewed => "RenewedConsentGiven",
            Self::Refused => "ConsentRefused",
            Self::Withdrawn => "ConsentWithdrawn",
            Self::Revoked => "ConsentRevoked",
            Self::Expired => "ConsentExpired",
            Self::Invalidated => "ConsentInvalidated",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_act_leads_where_it_may() {
        use ConsentState as S;
        // Columns in the order of `Act::ALL`: ask, defer, give, refuse, withdraw, revoke, expire, invalidate.
        let no = None;
        let idle = [Some(S::Requested), no, no, Some(S::Refused), no, no, no, no];
        let pending = [
            Some(S::Requested),
            Some(S::Deferred),
            Some(S::Given),
            Some(S::Refused),
            no,
            no,
            no,
            no,
        ];
        let valid = |state| {
            [
                Some(state),
                Some(state),
                Some(S::Renewed),
                Some(S::Withdrawn),
                Some(S::Withdrawn),
                Some(S::Revoked),
                Some(S::Expired),
                Some(S::Invalidated),
            ]
        };
        for &state in S::ALL {
            let want = match state {
                S::Requested | S::Deferred => pending,
                S::Given | S::Renewed => valid(state),
                _ => idle,
            };
            for (&act, want) in Act::ALL.iter().zip(want) {
                assert_eq!(state.after(act), want, "{state:?} {act:?}");
            }
        }
    }

    #[test]
    fn only_giving_opens_and_every_other_answer_shuts() {
        for &state in ConsentState::ALL {
            assert_eq!(ConsentState::parse(state.name()), Some(state));
            for &act in Act::ALL {
                let Some(after) = state.after(act) else { continue };
                if after.allows_use() {
                    assert!(act == Act::Give || state.allows_use(), "{state:?} {act:?}");
                }
                if !matches!(act, Act::Ask | Act::Defer | Act::Give) {
                    assert!(!after.allows_use(), "{state:?} {act:?}");
                }
            }
        }
    }
}
