//! The keys by which a provider signs: RFC 7517.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

/// The fewest bytes of the modulus of an RSA key: 2048 bits.
const MIN_RSA_BYTES: usize = 256;

/// The signatures that are accepted. Never `none`, never one made with a shared secret.
pub(crate) const ALGORITHMS: &[Algorithm] = &[Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// A provider's keys, those left out that cannot be read: providers add kinds that others do not know.
#[derive(Clone, Debug)]
pub(crate) struct KeySet(Vec<Jwk>);

impl KeySet {
    /// Reads a JSON Web Key Set.
    pub(crate) fn read(body: &str) -> Result<Self, &'static str> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<serde_json::Value>,
        }
        let document: Document = serde_json::from_str(body).map_err(|_| "it is not a set of keys")?;
        let keys = document
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value(key).ok())
            .collect();
        Ok(Self(keys))
    }

    /// The keys that a signature by `algorithm` can be checked with: the one of the identifier, or, where the token names
    /// none, all that fit.
    pub(crate) fn fitting(&self, identifier: Option<&str>, algorithm: Algorithm) -> Vec<DecodingKey> {
        self.0
            .iter()
            .filter(|key| identifier.is_none() || key.common.key_id.as_deref() == identifier)
            .filter(|key| fits(key, algorithm))
            .filter_map(|key| DecodingKey::from_jwk(key).ok())
            .collect()
    }
}

fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_or(0, |bytes| bytes.len());
    let is_for_signing = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let is_for_algorithm = key
        .common
        .key_algorithm
        .is_none_or(|named| Algorithm::try_from(named).is_ok_and(|named| named == algorithm));
    let is_sound = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(rsa), Algorithm::RS256) => bytes(&rsa.n) >= MIN_RSA_BYTES,
        (AlgorithmParameters::EllipticCurve(point), Algorithm::ES256) => {
            point.curve == EllipticCurve::P256 && bytes(&point.x) == 32 && bytes(&point.y) == 32
        }
        (AlgorithmParameters::OctetKeyPair(point), Algorithm::EdDSA) => {
            point.curve == EllipticCurve::Ed25519 && bytes(&point.x) == 32
        }
        _ => false,
    };
    is_for_signing && is_for_algorithm && is_sound
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn only_sound_keys_of_the_right_kind_are_used() {
        let point = URL_SAFE_NO_PAD.encode([1; 32]);
        let modulus = URL_SAFE_NO_PAD.encode([0xC1; 256]);
        let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": point, "kid": "k"});
        let ec = json!({"kty": "EC", "crv": "P-256", "x": point, "y": point, "kid": "k"});
        let rsa = json!({"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "k"});
        let with = |key: &Value, field: &str, value: Value| {
            let mut key = key.clone();
            key[field] = value;
            key
        };
        let (es, eddsa, rs) = (Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256);
        for (key, algorithm, want) in [
            (ed.clone(), eddsa, 1),
            (ec.clone(), es, 1),
            (rsa.clone(), rs, 1),
            (ed.clone(), es, 0),
            (rsa.clone(), Algorithm::PS256, 0),
            (with(&rsa, "use", json!("sig")), rs, 1),
            (with(&rsa, "use", json!("enc")), rs, 0),
            (with(&rsa, "alg", json!("RS256")), rs, 1),
            (with(&rsa, "alg", json!("RS512")), rs, 0),
            (with(&rsa, "alg", json!("XYZ")), rs, 0),
            (with(&rsa, "n", json!(&modulus[..300])), rs, 0),
            (with(&rsa, "kid", json!("other")), rs, 0),
            (with(&ed, "x", json!("AQ")), eddsa, 0),
            (with(&ed, "crv", json!("X25519")), eddsa, 0),
            (with(&ec, "crv", json!("P-384")), es, 0),
            (json!({"kty": "oct", "k": point, "kid": "k"}), Algorithm::HS256, 0),
            (json!({"kty": "quantum", "kid": "k"}), es, 0),
            (json!("no key"), es, 0),
        ] {
            let body = json!({"keys": ["broken", key]}).to_string();
            let set = KeySet::read(&body).unwrap();
            assert_eq!(
                set.fitting(Some("k"), algorithm).len(),
                want,
                "{body} {algorithm:?}"
            );
        }
        let set = KeySet::read(&json!({"keys": [ed, ec, rsa]}).to_string()).unwrap();
        assert_eq!(set.fitting(None, Algorithm::EdDSA).len(), 1, "without identifier");
        assert!(KeySet::read("[]").is_err());
    }
}
