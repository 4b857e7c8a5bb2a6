//! How long a person's value may be kept (promise P4): as long as a contract, a legal duty, a consent or a hold carries
//! it, and no longer.

use crate::{FieldClass, LegalBasis, Purpose};
use serde::{Deserialize, Serialize};
use vocabulary::{Moment, moment::DAY_MS};

/// Times of the policy, in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rules {
    /// How long a consent carries a value, from the day it was given.
    pub consent_ms: i64,
    /// How long what was given for a contract, or in a legitimate interest, is kept where no contract came of it.
    pub without_contract_ms: i64,
    /// How long after the end of a contract.
    pub after_contract_ms: i64,
    /// How long what a law demands is kept where no end was set.
    pub legal_duty_ms: i64,
}

impl Default for Rules {
    /// Consent: three years. Enquiries that led to nothing: a year. After a contract: 30 days (152-FZ article 21(4)).
    /// Legal duty: five years (402-FZ article 29).
    fn default() -> Self {
        Self {
            consent_ms: 3 * 365 * DAY_MS,
            without_contract_ms: 365 * DAY_MS,
            after_contract_ms: 30 * DAY_MS,
            legal_duty_ms: 5 * 366 * DAY_MS,
        }
    }
}

/// Whether somebody has a contract with us.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contract {
    /// Nobody said so yet.
    #[default]
    Unknown,
    /// There is none.
    None,
    /// It runs, without a known end.
    Runs,
    /// It ends, or ended, then.
    Ends(Moment),
}

impl Contract {
    /// The one of two that lasts longer: a person's own, and that of the client for whom we act.
    #[must_use]
    pub fn longer(self, other: Self) -> Self {
        match (self, other) {
            (Self::Runs, _) | (_, Self::Runs) => Self::Runs,
            (Self::Ends(a), Self::Ends(b)) => Self::Ends(a.max(b)),
            (Self::Ends(a), _) | (_, Self::Ends(a)) => Self::Ends(a),
            (Self::None, _) | (_, Self::None) => Self::None,
            (Self::Unknown, Self::Unknown) => Self::Unknown,
        }
    }
}

/// What a value's end is computed from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Facts {
    /// The right by which it was given.
    pub basis: LegalBasis,
    /// When it was given.
    pub given: Moment,
    /// Since when the newest consent that covers the value stands; `None` if there is none or it was withdrawn.
    pub consent: Option<Moment>,
    /// The contract, the person's or the client's.
    pub contract: Contract,
    /// The account on our site, which is a contract too.
    pub account: Contract,
    /// Until when a law wants it kept, where that was set.
    pub legal_until: Option<Moment>,
    /// Whether a hold is on the person.
    pub is_held: bool,
}

/// How long a value is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Keep {
    /// Until then; nothing carries it any longer.
    Until(Moment),
    /// As long as the contract runs.
    WhileContractRuns,
    /// As long as the hold stands, whatever else ends.
    WhileHeld,
}

impl Keep {
    /// Whether the time is over.
    pub fn is_over(self, now: Moment) -> bool {
        matches!(self, Self::Until(end) if end <= now)
    }
}

/// What carries a value longest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A hold.
    Hold,
    /// A law, until a day that was set.
    Law,
    /// The law by which it was given, where no day was set.
    LegalDuty,
    /// A contract that runs, or its end and the days after it.
    Contract,
    /// The account on our site, or its end and the days after it.
    Account,
    /// A consent.
    Consent,
    /// It was given towards a contract, or in a legitimate interest, and there is no contract.
    Given,
}

impl Why {
    /// Every one.
    pub const ALL: &[Self] = &[
        Self::Hold,
        Self::Law,
        Self::LegalDuty,
        Self::Contract,
        Self::Account,
        Self::Consent,
        Self::Given,
    ];

    /// The name in texts and exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Law => "law",
            Self::LegalDuty => "legal_duty",
            Self::Contract => "contract",
            Self::Account => "account",
            Self::Consent => "consent",
            Self::Given => "given",
        }
    }
}

/// How long a value is kept, and what carries it so long: the latest of everything. A value that nothing ever carried
/// ends when it was given.
///
/// A contract that was over when a value was given does not carry it: it was given towards another one.
pub fn keep(facts: &Facts, rules: &Rules) -> (Keep, Why) {
    if facts.is_held {
        return (Keep::WhileHeld, Why::Hold);
    }
    let carrying = |contract: Contract| match contract {
        Contract::Runs => Some(Keep::WhileContractRuns),
        Contract::Ends(end) if end >= facts.given => Some(Keep::Until(end.plus_ms(rules.after_contract_ms))),
        Contract::Ends(_) | Contract::Unknown | Contract::None => None,
    };
    let by_contract = || {
        let (contract, account) = (carrying(facts.contract), carrying(facts.account));
        match (contract, account) {
            (None, None) => (
                Keep::Until(facts.given.plus_ms(rules.without_contract_ms)),
                Why::Given,
            ),
            (Some(keep), account) if Some(keep) >= account => (keep, Why::Contract),
            (_, account) => (account.unwrap_or(Keep::WhileContractRuns), Why::Account),
        }
    };
    let by_basis = match facts.basis {
        LegalBasis::Contract | LegalBasis::LegitimateInterest => by_contract(),
        LegalBasis::LegalObligation if facts.legal_until.is_none() => {
            let end = facts.given.plus_ms(rules.legal_duty_ms);
            (Keep::Until(end), Why::LegalDuty)
        }
        LegalBasis::LegalObligation => (Keep::Until(facts.given), Why::LegalDuty),
        LegalBasis::Consent => (Keep::Until(facts.given), Why::Consent),
    };
    let by_consent = facts
        .consent
        .map(|since| (Keep::Until(since.plus_ms(rules.consent_ms)), Why::Consent));
    let by_law = facts.legal_until.map(|until| (Keep::Until(until), Why::Law));
    [by_law, by_consent]
        .into_iter()
        .flatten()
        .fold(
            by_basis,
            |longest, other| if other.0 > longest.0 { other } else { longest },
        )
}

/// What a person chose about one purpose, after the values were given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    /// Values of these classes may be used for it, since then.
    Allowed(Vec<FieldClass>, Moment),
    /// No value may be used for it, since then.
    Withdrawn(Moment),
}

/// What a value may be used for now: what it was given for, less what was withdrawn, and what was allowed later.
/// What only the law gives ([`Purpose::is_by_law`]) needs no permission; under a hold the legal duty alone is left.
pub fn uses(
    class: FieldClass,
    given_for: &[Purpose],
    choices: &[(Purpose, Choice)],
    is_held: bool,
) -> Vec<Purpose> {
    if is_held {
        return vec![Purpose::LegalDuty];
    }
    let may = |purpose: Purpose| {
        if purpose.is_by_law() {
            return true;
        }
        match choices.iter().find(|(of, _)| *of == purpose) {
            Some((_, Choice::Withdrawn(_))) => false,
            Some((_, Choice::Allowed(classes, _))) if classes.contains(&class) => true,
            _ => given_for.contains(&purpose),
        }
    };
    Purpose::ALL.iter().copied().filter(|p| may(*p)).collect()
}

/// Since when the newest consent that covers a value stands, for [`Facts::consent`].
pub fn consent(
    class: FieldClass,
    basis: LegalBasis,
    given_for: &[Purpose],
    given: Moment,
    choices: &[(Purpose, Choice)],
) -> Option<Moment> {
    let withdrawn = |purpose: Purpose| {
        matches!(
            choices.iter().find(|(of, _)| *of == purpose),
            Some((_, Choice::Withdrawn(_)))
        )
    };
    let at_first =
        (basis == LegalBasis::Consent && given_for.iter().any(|p| !withdrawn(*p))).then_some(given);
    let later = choices.iter().filter_map(|(_, choice)| match choice {
        Choice::Allowed(classes, since) if classes.contains(&class) => Some(*since),
        _ => None,
    });
    at_first.into_iter().chain(later).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: Moment = Moment(1_000 * DAY_MS);

    fn facts(basis: LegalBasis) -> Facts {
        Facts {
            basis,
            given: GIVEN,
            consent: None,
            contract: Contract::Unknown,
            account: Contract::Unknown,
            legal_until: None,
            is_held: false,
        }
    }

    fn day(days: i64) -> Moment {
        GIVEN.plus_ms(days * DAY_MS)
    }

    #[test]
    fn the_latest_of_what_carries_a_value_counts() {
        use LegalBasis::{Consent, Contract as ByContract, LegalObligation, LegitimateInterest};
        let rules = Rules {
            consent_ms: 100 * DAY_MS,
            without_contract_ms: 50 * DAY_MS,
            after_contract_ms: 10 * DAY_MS,
            legal_duty_ms: 500 * DAY_MS,
        };
        for (facts, want) in [
            (facts(ByContract), (Keep::Until(day(50)), Why::Given)),
            (facts(LegitimateInterest), (Keep::Until(day(50)), Why::Given)),
            (facts(LegalObligation), (Keep::Until(day(500)), Why::LegalDuty)),
            (facts(Consent), (Keep::Until(day(0)), Why::Consent)),
            (
                Facts {
                    consent: Some(GIVEN),
                    ..facts(Consent)
                },
                (Keep::Until(day(100)), Why::Consent),
            ),
            (
                Facts {
                    consent: Some(day(5)),
                    ..facts(ByContract)
                },
                (Keep::Until(day(105)), Why::Consent),
            ),
            (
                Facts {
                    contract: Contract::Runs,
                    account: Contract::Runs,
                    ..facts(ByContract)
                },
                (Keep::WhileContractRuns, Why::Contract),
            ),
            (
                Facts {
                    contract: Contract::Runs,
                    ..facts(Consent)
                },
                (Keep::Until(day(0)), Why::Consent),
            ),
            (
                Facts {
                    contract: Contract::Ends(day(7)),
                    ..facts(ByContract)
                },
                (Keep::Until(day(17)), Why::Contract),
            ),
            // Over before this was given, towards another contract.
            (
                Facts {
                    contract: Contract::Ends(day(-1)),
                    account: Contract::Ends(day(-9)),
                    ..facts(ByContract)
                },
                (Keep::Until(day(50)), Why::Given),
            ),
            (
                Facts {
                    contract: Contract::Ends(day(7)),
                    account: Contract::Ends(day(8)),
                    ..facts(ByContract)
                },
                (Keep::Until(day(18)), Why::Account),
            ),
            (
                Facts {
                    contract: Contract::Ends(day(7)),
                    account: Contract::Runs,
                    ..facts(ByContract)
                },
                (Keep::WhileContractRuns, Why::Account),
            ),
            (
                Facts {
                    contract: Contract::Ends(day(7)),
                    legal_until: Some(day(900)),
                    ..facts(ByContract)
                },
                (Keep::Until(day(900)), Why::Law),
            ),
            (
                Facts {
                    legal_until: Some(day(9)),
                    ..facts(ByContract)
                },
                (Keep::Until(day(50)), Why::Given),
            ),
            (
                Facts {
                    legal_until: Some(day(90)),
                    ..facts(LegalObligation)
                },
                (Keep::Until(day(90)), Why::Law),
            ),
            (
                Facts {
                    is_held: true,
                    ..facts(Consent)
                },
                (Keep::WhileHeld, Why::Hold),
            ),
        ] {
            assert_eq!(keep(&facts, &rules), want, "{facts:?}");
        }
        assert!(Keep::Until(day(1)).is_over(day(1)) && !Keep::Until(day(1)).is_over(day(0)));
        assert!(!Keep::WhileHeld.is_over(day(9_999)) && !Keep::WhileContractRuns.is_over(day(9_999)));
    }

    #[test]
    fn of_two_contracts_the_longer_counts() {
        use Contract::{Ends, None, Runs, Unknown};
        for (one, other, want) in [
            (Unknown, None, None),
            (Unknown, Ends(day(1)), Ends(day(1))),
            (Ends(day(1)), Ends(day(2)), Ends(day(2))),
            (Ends(day(1)), Runs, Runs),
            (Unknown, Unknown, Unknown),
        ] {
            assert_eq!(one.longer(other), want);
            assert_eq!(other.longer(one), want);
        }
    }

    #[test]
    fn uses_follow_what_was_given_withdrawn_allowed_and_held() {
        use Purpose::{AnswerEnquiry, CustomerSupport, LegalDuty, Newsletter, RightsRequest};
        let given_for = [AnswerEnquiry, CustomerSupport];
        let withdrawn = [(CustomerSupport, Choice::Withdrawn(GIVEN))];
        let allowed = [(Newsletter, Choice::Allowed(vec![FieldClass::Email], GIVEN))];
        for (class, choices, held, want) in [
            (
                FieldClass::Email,
                &[][..],
                false,
                &[AnswerEnquiry, CustomerSupport, RightsRequest, LegalDuty][..],
            ),
            (
                FieldClass::Email,
                &withdrawn,
                false,
                &[AnswerEnquiry, RightsRequest, LegalDuty],
            ),
            (
                FieldClass::Email,
                &allowed,
                false,
                &[
                    AnswerEnquiry,
                    CustomerSupport,
                    Newsletter,
                    RightsRequest,
                    LegalDuty,
                ],
            ),
            (
                FieldClass::Phone,
                &allowed,
                false,
                &[AnswerEnquiry, CustomerSupport, RightsRequest, LegalDuty],
            ),
            (FieldClass::Email, &allowed, true, &[LegalDuty]),
        ] {
            assert_eq!(uses(class, &given_for, choices, held), want);
        }
    }

    #[test]
    fn the_newest_standing_consent_counts() {
        use Purpose::{Newsletter, Testimonial};
        let by = |choices: &[(Purpose, Choice)]| {
            consent(
                FieldClass::Email,
                LegalBasis::Consent,
                &[Newsletter],
                GIVEN,
                choices,
            )
        };
        assert_eq!(by(&[]), Some(GIVEN));
        assert_eq!(by(&[(Newsletter, Choice::Withdrawn(day(3)))]), None);
        let later = (Testimonial, Choice::Allowed(vec![FieldClass::Email], day(4)));
        assert_eq!(
            by(&[(Newsletter, Choice::Withdrawn(day(3))), later]),
            Some(day(4))
        );
        assert_eq!(
            by(&[(Testimonial, Choice::Allowed(vec![FieldClass::Name], day(4)))]),
            Some(GIVEN)
        );
        assert_eq!(
            consent(FieldClass::Email, LegalBasis::Contract, &[Newsletter], GIVEN, &[]),
            None
        );
    }
}
