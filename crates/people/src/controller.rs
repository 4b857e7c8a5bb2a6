//! The agency as the one who answers for people's data: what wordings and receipts say of it.

use policy::Purpose;

/// Who answers for the data. Everything here is public.
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

/// Somebody who receives people's data on the agency's behalf.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipient {
    /// For what alone.
    pub purpose: Purpose,
    /// The company's name.
    pub name: String,
}
