//! How to reach the agency, and what people tell about reaching them.

use super::agency::Agency;
use maud::{Markup, html};

/// The agency's e-mail address and telephone number, as links.
pub(crate) fn lines(agency: &Agency) -> Markup {
    html! {
        @if let Some(email) = &agency.email { p { a href={ "mailto:" (email) } { (email) } } }
        @if let Some(phone) = &agency.phone { p { a href={ "tel:" (dialled(phone)) } { (phone) } } }
    }
}

fn dialled(phone: &str) -> String {
    phone
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dialled_without_what_people_put_between_digits() {
        assert_eq!(dialled("+7 (495) 123-45-67"), "+74951234567");
    }
}
