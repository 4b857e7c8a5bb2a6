//! The agency as the one who answers for people's data: what wordings and receipts say of it.

use crate::account_link::fold_email;
use policy::Purpose;

/// Who answers for the data. Everything here is public. A text that is empty was not set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Controller {
    /// The full name.
    pub name: String,
    /// Street, number, postal code and town.
    pub address: String,
    /// ISO 3166-1 alpha-2, such as `RU`.
    pub country: String,
    /// Whom to ask: a person or a department.
    pub contact: String,
    /// The address for everything about personal data.
    pub email: String,
    /// A telephone number; may be empty.
    pub phone: String,
    /// The start page of the agency's site.
    pub url: String,
    /// Where the policy stands.
    pub policy_url: String,
    /// The country whose law applies, ISO 3166-1 alpha-2.
    pub jurisdiction: String,
    /// Where the data are stored, such as `RU, Moscow`.
    pub storage: String,
    /// Who receives data on the agency's behalf, and for what.
    pub recipients: Vec<Recipient>,
}

impl Controller {
    /// What is not set of name, postal address and mail, by the names of their lines in `anturazh.toml`. An address of
    /// mail that letters from elsewhere cannot reach, such as `x@localhost`, is none.
    pub fn missing(&self) -> Vec<&'static str> {
        let lines = [
            ("name", !self.name.trim().is_empty()),
            ("address", !self.address.trim().is_empty()),
            ("email", self.has_mail()),
        ];
        lines
            .into_iter()
            .filter_map(|(line, is_set)| (!is_set).then_some(line))
            .collect()
    }

    /// Whether anything personal may be asked for: people must be told who asks and how to reach them at the time they
    /// give it (GDPR, article 13(1)(a)).
    pub fn may_collect(&self) -> bool {
        let missing = self.missing();
        !missing.contains(&"name") && missing.len() < 2
    }

    /// Whether consent may be asked for. The document must name the operator and their address (152-FZ, article 9(4);
    /// GDPR, recital 42), and ours name the mail by which it is taken back.
    pub fn may_ask_consent(&self) -> bool {
        self.missing().is_empty()
    }

    pub(crate) fn has_mail(&self) -> bool {
        fold_email(&self.email).is_some_and(|email| !email.reveal().ends_with(".localhost"))
    }
}

/// Somebody who receives people's data on the agency's behalf.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipient {
    /// For what alone.
    pub purpose: Purpose,
    /// The company's name.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_or_leads_nowhere_is_not_set() {
        let whole = crate::receipt::tests::controller();
        let with = |name: &str, address: &str, email: &str| Controller {
            name: name.into(),
            address: address.into(),
            email: email.into(),
            ..whole.clone()
        };
        let (name, address, email) = ("Agency", "1 Road", "privacy@agency.example");
        for (controller, missing, collects) in [
            (with(name, address, email), vec![], true),
            (with(name, " ", email), vec!["address"], true),
            (with(name, address, ""), vec!["email"], true),
            (with(name, address, "privacy@localhost"), vec!["email"], true),
            (with(name, address, "x@a.localhost"), vec!["email"], true),
            (with(name, address, "nobody"), vec!["email"], true),
            (with("\t", address, email), vec!["name"], false),
            (
                with(name, "", "privacy@localhost"),
                vec!["address", "email"],
                false,
            ),
            (with("", "", ""), vec!["name", "address", "email"], false),
        ] {
            assert_eq!(controller.missing(), missing, "{controller:?}");
            assert_eq!(controller.may_collect(), collects, "{controller:?}");
            assert_eq!(controller.may_ask_consent(), missing.is_empty(), "{controller:?}");
        }
    }
}
