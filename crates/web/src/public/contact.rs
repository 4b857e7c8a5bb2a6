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

/// Whether a text can be an e-mail address: one `@` with something before it and a domain with a dot after it, no
/// spaces. Whether it exists only a letter can tell.
pub(crate) fn can_be_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_plain = !text
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c));
    let labels_fit = domain.split('.').all(|label| !label.is_empty()) && domain.contains('.');
    is_plain && !local.is_empty() && !local.contains('@') && labels_fit
}

/// Whether a text can be a telephone number: at least five digits among the signs that people put between them.
pub(crate) fn can_be_phone(text: &str) -> bool {
    let fits =
        |c: char| c.is_ascii_digit() || c.is_whitespace() || "+()-–./#*".contains(c) || c.is_alphabetic();
    text.chars().all(fits) && text.chars().filter(char::is_ascii_digit).count() >= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_a_slip_are_noticed_and_unusual_ones_pass() {
        for (text, want) in [
            ("olga@agency.example", true),
            ("o.p+news@почта.рф", true),
            ("ольга@пример.рус", true),
            ("olga@agency", false),
            ("olga.agency.example", false),
            ("olga@@agency.example", false),
            ("@agency.example", false),
            ("olga@agency..example", false),
            ("olga @agency.example", false),
            ("a@b.example, c@d.example", false),
            ("a@b.example\r\nBcc: c@d.example", false),
        ] {
            assert_eq!(can_be_email(text), want, "{text:?}");
        }
        for (text, want) in [
            ("+7 (495) 123-45-67", true),
            ("123-45-67 доб. 12", true),
            ("call me", false),
            ("12 34", false),
            ("<script>12345", false),
        ] {
            assert_eq!(can_be_phone(text), want, "{text:?}");
        }
        assert_eq!(dialled("+7 (495) 123-45-67"), "+74951234567");
    }
}
