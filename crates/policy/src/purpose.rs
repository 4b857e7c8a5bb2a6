//! What personal data may be used for, and by what right.

vocabulary::closed_list! {
    /// What a value may be used for. A value is used for the purposes it was given for, and for no other.
    Purpose {
        /// To answer what somebody asked us.
        AnswerEnquiry = "answer_enquiry",
        /// To provide a service that was ordered.
        ProvideService = "provide_service",
        /// To help a customer.
        CustomerSupport = "customer_support",
        /// To keep the person's own account on our site.
        Account = "account",
        /// To send news, if the person asked for them.
        Newsletter = "newsletter",
        /// To write down what the person said of us and ask them whether it may be published; nothing else.
        AskAuthor = "ask_author",
        /// To publish what the person said of us.
        Testimonial = "testimonial",
        /// To carry out a person's request about their own data.
        RightsRequest = "rights_request",
        /// To do what a law demands: accounts, evidence, disputes.
        LegalDuty = "legal_duty",
    }
}

vocabulary::closed_list! {
    /// The right by which a value is used, as in GDPR article 6(1) and 152-FZ article 6(1).
    LegalBasis {
        /// The person agreed, in a document of its own.
        Consent = "consent",
        /// A contract with the person, or steps towards one that the person asked for.
        Contract = "contract",
        /// A law demands it.
        LegalObligation = "legal_obligation",
        /// A legitimate interest that the person's own does not outweigh.
        LegitimateInterest = "legitimate_interest",
    }
}

impl Purpose {
    /// Whether the purpose needs the person's consent, whatever else is agreed.
    pub const fn needs_consent(self) -> bool {
        matches!(self, Self::Newsletter | Self::Testimonial)
    }

    /// Whether the law gives the purpose, so that nobody is asked for it and nobody can refuse it.
    pub const fn is_by_law(self) -> bool {
        matches!(self, Self::RightsRequest | Self::LegalDuty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::parse(purpose.name()), Some(*purpose));
        }
        for basis in LegalBasis::ALL {
            assert_eq!(LegalBasis::parse(basis.name()), Some(*basis));
        }
        assert_eq!(Purpose::parse("profiling"), None);
    }
}
