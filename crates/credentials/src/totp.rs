//! Codes of six digits that an app on a phone shows, a new one every half minute: RFC 6238 with HMAC-SHA-1, 6 digits and
//! steps of 30 seconds, which is what every such app reads.

use crate::Sealed;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::{EcLevel, QrCode, render::svg};
use std::fmt;
use totp_rs::{Builder, Totp};
use zeroize::ZeroizeOnDrop;

/// How long a code is shown, in milliseconds.
const STEP_MS: i64 = 30_000;
/// The bytes of a secret: as many as HMAC-SHA-1 gives (RFC 4226, section 4, R6).
const LENGTH: usize = 20;
/// The digits of a code.
const DIGITS: usize = 6;

/// What an app and this installation both know. Whoever has it has every code: it is shown once and stored sealed.
#[derive(Clone, ZeroizeOnDrop)]
pub struct TotpSecret([u8; LENGTH]);

/// A secret as it is shown, once, to be taken over by an app.
#[derive(Clone, Debug)]
pub struct TotpCard {
    /// To be typed: base32 in groups of four.
    pub text: Sealed,
    /// To be opened on the phone itself: the `otpauth://totp/` address.
    pub address: Sealed,
    /// To be scanned: the same address as an SVG element, dark on light in every theme.
    pub qr: Sealed,
}

impl TotpSecret {
    /// A fresh one.
    pub fn draw() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads [`TotpSecret::bytes`]; `None` if it cannot be one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, to be sealed and stored.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What the app is given. `issuer` is what this installation is called, `account` whose it is; both are shown
    /// beside the codes.
    pub fn card(&self, issuer: &str, account: &str) -> TotpCard {
        let base32 = self.totp().secret().to_base32();
        let groups: Vec<&str> = (0..base32.len())
            .step_by(4)
            .map(|at| &base32[at..base32.len().min(at + 4)])
            .collect();
        let part = |text: &str| {
            let short: String = text.chars().filter(|c| *c != ':').take(100).collect();
            utf8_percent_encode(&short, NON_ALPHANUMERIC).to_string()
        };
        let (issuer, account) = (part(issuer), part(account));
        let address = format!(
            "otpauth://totp/{issuer}:{account}?secret={base32}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
        );
        let qr = QrCode::with_error_correction_level(&address, EcLevel::L)
            .expect("two texts of 100 characters fit a QR code")
            .render::<svg::Color<'_>>()
            .min_dimensions(240, 240)
            .build();
        TotpCard {
            text: Sealed::new(groups.join(" ")),
            address: Sealed::new(address),
            // The declaration of XML has no place within a page.
            qr: Sealed::new(qr.find("<svg").map_or(String::new(), |at| qr[at..].to_owned())),
        }
    }

    /// The step whose code this is, if it is that of the moment, or of the step before or after: clocks differ.
    /// A code is good once: the caller remembers the step, and accepts only later ones.
    pub fn step_of(&self, code: &str, now_ms: i64) -> Option<i64> {
        let now_s = u64::try_from(now_ms / 1_000).ok()?;
        let step = self.totp().check(&digits(code)?, now_s)?;
        i64::try_from(step).ok()
    }

    /// The code of a moment, as the app shows it.
    pub fn code(&self, now_ms: i64) -> Sealed {
        let now_s = now_ms.max(0).unsigned_abs() / 1_000;
        Sealed::new(self.totp().generate(now_s).to_string())
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_step_duration(STEP_MS.unsigned_abs() / 1_000)
            .with_secret(self.0.to_vec())
            .build_noncompliant()
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

/// The six digits of what was typed, spaces left out; `None` if it is something else, such as a recovery code.
fn digits(typed: &str) -> Option<String> {
    let typed: String = typed
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(DIGITS + 1)
        .collect();
    (typed.len() == DIGITS && typed.bytes().all(|b| b.is_ascii_digit())).then_some(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_rfc_6238() {
        let secret = TotpSecret::from_bytes(RFC).unwrap();
        // Appendix B; its eight digits end with these six.
        for (now_s, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code(now_s * 1_000).reveal(), code);
            assert_eq!(secret.step_of(code, now_s * 1_000), Some(now_s / 30), "{now_s}");
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_one_step_late() {
        let secret = TotpSecret::from_bytes(RFC).unwrap();
        let now_ms = 1_234_567_890_000;
        let step = now_ms / STEP_MS;
        for (steps, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = secret.code(now_ms + steps * STEP_MS);
            let found = secret.step_of(code.reveal(), now_ms);
            assert_eq!(found, good.then_some(step + steps), "{steps}");
        }
        for (typed, good) in [
            ("005924", true),
            (" 005 924 ", true),
            ("5924", false),
            ("0005924", false),
            ("", false),
            ("00592x", false),
            ("٠٠٥٩٢٤", false),
        ] {
            assert_eq!(secret.step_of(typed, now_ms).is_some(), good, "{typed:?}");
        }
        assert_eq!(secret.step_of("005924", -1), None);
    }

    #[test]
    fn a_card_says_the_same_three_times_and_hides_it_from_debug() {
        let secret = TotpSecret::from_bytes(RFC).unwrap();
        let card = secret.card("Антураж: бюро", "anna:k@agency.example");
        assert_eq!(card.text.reveal(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let issuer = "%D0%90%D0%BD%D1%82%D1%83%D1%80%D0%B0%D0%B6%20%D0%B1%D1%8E%D1%80%D0%BE";
        assert_eq!(
            card.address.reveal(),
            format!(
                "otpauth://totp/{issuer}:annak%40agency%2Eexample?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
            )
        );
        assert!(card.qr.reveal().starts_with("<svg ") && card.qr.reveal().ends_with("</svg>"));
        assert_eq!(
            format!("{card:?} {secret:?}"),
            "TotpCard { text: [sealed], address: [sealed], qr: [sealed] } [sealed]"
        );
        let longest = "ж".repeat(300);
        assert!(secret.card(&longest, &longest).qr.reveal().len() > 1_000);
        assert_ne!(
            TotpSecret::draw().unwrap().bytes(),
            TotpSecret::draw().unwrap().bytes()
        );
    }
}
