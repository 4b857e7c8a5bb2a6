//! The token by which a provider says who signed in, and whether it holds: OIDC Core 1.0, section 3.1.3.7.

use super::key_set::{ALGORITHMS, KeySet};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;
use vocabulary::Moment;

/// How far the provider's clock may be from ours, in seconds.
const LEEWAY_S: i64 = 60;
/// How old a token may be, in seconds: it is fetched as soon as it is made.
const MAX_AGE_S: i64 = 10 * 60;
/// The longest subject (section 2: 255 characters).
const MAX_SUBJECT: usize = 255;

/// What a token must say.
#[derive(Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    /// The access token that came with it, if one did.
    pub(crate) access_token: Option<&'a str>,
}

/// What a token says, once it holds.
#[derive(Deserialize)]
pub(crate) struct Claims {
    iss: String,
    pub(crate) sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    at_hash: Option<String>,
    pub(crate) email: Option<String>,
    #[serde(default)]
    email_verified: Verified,
    pub(crate) acr: Option<String>,
    #[serde(default)]
    pub(crate) amr: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// A truth value, which some providers write as text.
#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Verified {
    Bool(bool),
    Text(String),
    #[default]
    Absent,
}

/// Why a token does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TokenFault {
    /// It is signed with a key that is not in the set: there may be a newer set.
    UnknownKey,
    /// What is wrong with it.
    Refused(&'static str),
}

use TokenFault::{Refused, UnknownKey};

impl Claims {
    /// The claims of a token, if it holds.
    pub(crate) fn read(
        token: &str,
        keys: &KeySet,
        expected: Expected<'_>,
        now: Moment,
    ) -> Result<Self, TokenFault> {
        let header = decode_header(token).map_err(|_| Refused("the token cannot be read"))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(Refused("the token is signed by a method that is not accepted"));
        }
        if header.crit.is_some() {
            return Err(Refused("the token asks for an extension"));
        }
        let fitting = keys.fitting(header.kid.as_deref(), header.alg);
        if fitting.is_empty() {
            return Err(UnknownKey);
        }
        let mut validation = Validation::new(header.alg);
        // Only the signature: the claims are checked below, by our clock.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let claims = fitting
            .iter()
            .find_map(|key| decode::<Value>(token, key, &validation).ok())
            .ok_or(Refused("the token's signature is wrong"))?
            .claims;
        let claims: Self = serde_json::from_value(claims).map_err(|_| Refused("the token lacks a claim"))?;
        claims.check(expected, header.alg, now)?;
        Ok(claims)
    }

    /// The e-mail address, if the provider vouches for it.
    pub(crate) fn verified_email(&self) -> Option<&str> {
        let is_verified = match &self.email_verified {
            Verified::Bool(is_verified) => *is_verified,
            Verified::Text(text) => text == "true",
            Verified::Absent => false,
        };
        self.email.as_deref().filter(|_| is_verified)
    }

    fn check(&self, expected: Expected<'_>, algorithm: Algorithm, now: Moment) -> Result<(), TokenFault> {
        let now_s = now.0.div_euclid(1_000);
        let (is_for_us, is_for_others) = match &self.aud {
            Audience::One(one) => (one == expected.client_id, false),
            Audience::Many(many) => (
                many.iter().any(|one| one == expected.client_id),
                many.iter().any(|one| one != expected.client_id),
            ),
        };
        let azp = self.azp.as_deref();
        let nonce = self.nonce.as_deref().unwrap_or_default();
        for (holds, otherwise) in [
            (self.iss == expected.issuer, "the token is another issuer's"),
            (is_for_us, "the token is for another client"),
            (
                azp.map_or(!is_for_others, |azp| azp == expected.client_id),
                "the token was asked for by another client",
            ),
            (self.exp > now_s.saturating_sub(LEEWAY_S), "the token has expired"),
            (
                self.iat <= now_s + LEEWAY_S && self.nbf.is_none_or(|nbf| nbf <= now_s + LEEWAY_S),
                "the token is from the future: compare the clocks",
            ),
            (
                self.iat >= now_s - MAX_AGE_S,
                "the token is too old: compare the clocks",
            ),
            (
                nonce.as_bytes().ct_eq(expected.nonce.as_bytes()).into(),
                "the token belongs to another attempt",
            ),
            (
                self.at_hash
                    .as_deref()
                    .is_none_or(|hash| is_hash_of(hash, expected.access_token, algorithm)),
                "the token belongs to another access token",
            ),
            (
                (1..=MAX_SUBJECT).contains(&self.sub.len()) && !self.sub.chars().any(char::is_control),
                "the token names no subject",
            ),
        ] {
            if !holds {
                return Err(Refused(otherwise));
            }
        }
        Ok(())
    }
}

/// Whether `at_hash` is the first half of the access token's hash, by the hash function of the signature (section
/// 3.1.3.6; Ed25519 hashes by SHA-512).
fn is_hash_of(at_hash: &str, access_token: Option<&str>, algorithm: Algorithm) -> bool {
    let Some(access_token) = access_token else {
        return false;
    };
    let hash = match algorithm {
        Algorithm::EdDSA => Sha512::digest(access_token).to_vec(),
        _ => Sha256::digest(access_token).to_vec(),
    };
    URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2]) == at_hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    const NOW_S: i64 = 1_780_000_000;
    const ACCESS_TOKEN: &str = "an access token";

    const EXPECTED: Expected<'_> = Expected {
        issuer: "https://id.example",
        client_id: "anturazh",
        nonce: "the nonce",
        access_token: Some(ACCESS_TOKEN),
    };

    /// PKCS #8 (RFC 5958) around 32 bytes.
    fn ed25519(seed: [u8; 32]) -> EncodingKey {
        const PREFIX: [u8; 16] = [
            0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20,
        ];
        EncodingKey::from_ed_der(&[&PREFIX[..], &seed].concat())
    }

    fn p256(scalar: [u8; 32]) -> EncodingKey {
        const PREFIX: [u8; 35] = [
            0x30, 0x41, 2, 1, 0, 0x30, 0x13, 6, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1, 6, 8, 0x2A, 0x86,
            0x48, 0xCE, 0x3D, 3, 1, 7, 4, 0x27, 0x30, 0x25, 2, 1, 1, 4, 0x20,
        ];
        EncodingKey::from_ec_der(&[&PREFIX[..], &scalar].concat())
    }

    /// For tests alone; drawing one takes half a minute.
    fn rsa() -> EncodingKey {
        EncodingKey::from_rsa_der(include_bytes!("../../tests/keys/rsa-2048.der"))
    }

    fn set(keys: &[(&str, &EncodingKey, Algorithm)]) -> KeySet {
        let keys: Vec<Jwk> = keys
            .iter()
            .map(|(id, key, algorithm)| {
                let mut public = Jwk::from_encoding_key(key, *algorithm).unwrap();
                public.common.key_id = Some((*id).to_owned());
                public
            })
            .collect();
        KeySet::read(&json!({ "keys": keys }).to_string()).unwrap()
    }

    fn claims() -> Value {
        json!({
            "iss": EXPECTED.issuer, "sub": "248289761001", "aud": EXPECTED.client_id, "nonce": EXPECTED.nonce,
            "iat": NOW_S - 1, "exp": NOW_S + 300,
            "email": "anna@agency.example", "email_verified": true
        })
    }

    fn token(algorithm: Algorithm, id: &str, key: &EncodingKey, claims: &Value) -> String {
        let mut header = Header::new(algorithm);
        header.kid = Some(id.to_owned());
        encode(&header, claims, key).unwrap()
    }

    fn read(token: &str, keys: &KeySet) -> Result<Claims, TokenFault> {
        Claims::read(token, keys, EXPECTED, Moment(NOW_S * 1_000))
    }

    fn half_of(hash: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])
    }

    #[test]
    fn the_three_signatures_hold_and_no_other_key_or_method_does() {
        let (ed, ec, rsa) = (ed25519([1; 32]), p256([2; 32]), rsa());
        let (eddsa, es, rs) = (Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256);
        let keys = set(&[("ed", &ed, eddsa), ("ec", &ec, es), ("rsa", &rsa, rs)]);
        let (sha256, sha512) = (Sha256::digest(ACCESS_TOKEN), Sha512::digest(ACCESS_TOKEN));
        for (algorithm, id, key, hash) in [
            (eddsa, "ed", &ed, &sha512[..]),
            (es, "ec", &ec, &sha256[..]),
            (rs, "rsa", &rsa, &sha256[..]),
        ] {
            let mut claims = claims();
            claims["at_hash"] = json!(half_of(hash));
            let good = token(algorithm, id, key, &claims);
            let found = read(&good, &keys).map_err(|fault| format!("{algorithm:?} {fault:?}"));
            assert_eq!(found.unwrap().verified_email(), Some("anna@agency.example"));
            // Any other byte of the signature's.
            let mut forged = good.clone().into_bytes();
            let at = good.rfind('.').unwrap() + 5;
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(
                read(&forged, &keys).err(),
                Some(Refused("the token's signature is wrong"))
            );
            claims["at_hash"] = json!(half_of(&Sha256::digest("another")));
            assert_eq!(
                read(&token(algorithm, id, key, &claims), &keys).err(),
                Some(Refused("the token belongs to another access token"))
            );
        }
        let claims = claims();
        let other = ed25519([9; 32]);
        let shared = EncodingKey::from_secret(EXPECTED.client_id.as_bytes());
        for (token, want) in [
            (
                token(eddsa, "ed", &other, &claims),
                Refused("the token's signature is wrong"),
            ),
            (token(eddsa, "new", &ed, &claims), UnknownKey),
            (token(es, "ed", &ec, &claims), UnknownKey),
            (
                token(Algorithm::RS512, "rsa", &rsa, &claims),
                Refused("the token is signed by a method that is not accepted"),
            ),
            (
                token(Algorithm::HS256, "ed", &shared, &claims),
                Refused("the token is signed by a method that is not accepted"),
            ),
            (
                format!(
                    "{}.{}.",
                    URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
                    URL_SAFE_NO_PAD.encode(claims.to_string())
                ),
                Refused("the token cannot be read"),
            ),
            ("no token".to_owned(), Refused("the token cannot be read")),
        ] {
            assert_eq!(read(&token, &keys).err(), Some(want), "{token}");
        }
        let mut header = Header::new(eddsa);
        header.crit = Some(vec!["b64".to_owned()]);
        let extended = encode(&header, &claims, &ed).unwrap();
        assert_eq!(
            read(&extended, &keys).err(),
            Some(Refused("the token asks for an extension"))
        );
        let anonymous = encode(&Header::new(eddsa), &claims, &ed).unwrap();
        assert!(
            read(&anonymous, &keys).is_ok(),
            "no identifier, one key that fits"
        );
    }

    #[test]
    fn every_claim_is_checked() {
        let ed = ed25519([1; 32]);
        let keys = set(&[("ed", &ed, Algorithm::EdDSA)]);
        let lacks = "the token lacks a claim";
        let client = EXPECTED.client_id;
        for (name, value, want) in [
            (
                "iss",
                json!("https://id.example/"),
                Some("the token is another issuer's"),
            ),
            ("iss", Value::Null, Some(lacks)),
            ("aud", json!("another"), Some("the token is for another client")),
            ("aud", json!([]), Some("the token is for another client")),
            ("aud", json!([client]), None),
            (
                "aud",
                json!([client, "another"]),
                Some("the token was asked for by another client"),
            ),
            ("azp", json!(client), None),
            (
                "azp",
                json!("another"),
                Some("the token was asked for by another client"),
            ),
            ("exp", json!(NOW_S - 59), None),
            ("exp", json!(NOW_S - 60), Some("the token has expired")),
            ("exp", Value::Null, Some(lacks)),
            ("iat", json!(NOW_S - 600), None),
            (
                "iat",
                json!(NOW_S - 601),
                Some("the token is too old: compare the clocks"),
            ),
            ("iat", json!(NOW_S + 60), None),
            (
                "iat",
                json!(NOW_S + 61),
                Some("the token is from the future: compare the clocks"),
            ),
            ("iat", Value::Null, Some(lacks)),
            (
                "nbf",
                json!(NOW_S + 61),
                Some("the token is from the future: compare the clocks"),
            ),
            (
                "nonce",
                json!("another"),
                Some("the token belongs to another attempt"),
            ),
            ("nonce", Value::Null, Some("the token belongs to another attempt")),
            ("sub", json!(""), Some("the token names no subject")),
            ("sub", json!("x".repeat(256)), Some("the token names no subject")),
            ("sub", Value::Null, Some(lacks)),
        ] {
            let mut claims = claims();
            claims[name] = value.clone();
            let found = read(&token(Algorithm::EdDSA, "ed", &ed, &claims), &keys).err();
            assert_eq!(found, want.map(Refused), "{name} {value}");
        }
        let mut both = claims();
        (both["aud"], both["azp"]) = (json!([client, "another"]), json!(client));
        assert!(read(&token(Algorithm::EdDSA, "ed", &ed, &both), &keys).is_ok());

        let mut hashed = claims();
        hashed["at_hash"] = json!(half_of(&Sha512::digest(ACCESS_TOKEN)));
        let hashed = token(Algorithm::EdDSA, "ed", &ed, &hashed);
        let without = Expected {
            access_token: None,
            ..EXPECTED
        };
        assert!(read(&hashed, &keys).is_ok());
        assert!(Claims::read(&hashed, &keys, without, Moment(NOW_S * 1_000)).is_err());
    }

    #[test]
    fn an_address_counts_only_if_the_provider_verified_it() {
        let ed = ed25519([1; 32]);
        let keys = set(&[("ed", &ed, Algorithm::EdDSA)]);
        for (verified, counts) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!(1), false),
            (Value::Null, false),
        ] {
            let mut claims = claims();
            claims["email_verified"] = verified.clone();
            let found = read(&token(Algorithm::EdDSA, "ed", &ed, &claims), &keys);
            let counted = found.is_ok_and(|claims| claims.verified_email().is_some());
            assert_eq!(counted, counts, "{verified}");
        }
    }
}
