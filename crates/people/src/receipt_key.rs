//! The key that signs receipts: Ed25519, compact JWS (RFC 7515, RFC 8037), published as a JWK set (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The key that signs, and the public halves of the keys before it, whose receipts stay good.
pub struct ReceiptKey {
    signing: SigningKey,
    earlier: Vec<VerifyingKey>,
}

/// Why a receipt is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    /// It is no compact JWS of a JSON object, or names another algorithm.
    #[error("read the receipt: it is no signed receipt")]
    Shape,
    /// None of the published keys made it.
    #[error("verify the receipt: it names a key that is not published")]
    Key,
    /// It was changed.
    #[error("verify the receipt: the signature does not fit")]
    Signature,
}

impl ReceiptKey {
    /// The key of this seed, and the public keys (32 bytes each) that signed before it. Bytes that are no public key
    /// are refused with [`ReceiptFault::Key`].
    pub fn new(seed: &[u8; 32], earlier: &[[u8; 32]]) -> Result<Self, ReceiptFault> {
        Ok(Self {
            signing: SigningKey::from_bytes(seed),
            earlier: earlier
                .iter()
                .map(|bytes| VerifyingKey::from_bytes(bytes).map_err(|_| ReceiptFault::Key))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Signs an object: header, payload and signature in base64 for URLs, with dots between.
    pub fn sign(&self, payload: &Value) -> String {
        let header = json!({
            "alg": "EdDSA",
            "typ": "consent-receipt+jws",
            "kid": thumbprint(&self.signing.verifying_key()),
        });
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(payload.to_string())
        );
        let signature = self.signing.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }

    /// The public keys as a JWK set, newest first: what `/.well-known/consent-receipt-keys.json` serves.
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = std::iter::once(&self.signing.verifying_key())
            .chain(&self.earlier)
            .map(|key| {
                json!({
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "x": URL_SAFE_NO_PAD.encode(key.as_bytes()),
                    "kid": thumbprint(key),
                    "use": "sig",
                    "alg": "EdDSA",
                })
            })
            .collect();
        json!({ "keys": keys })
    }
}

/// Checks a receipt against a published JWK set and gives what it says.
pub fn verify(jwks: &Value, receipt: &str) -> Result<Value, ReceiptFault> {
    let mut parts = receipt.split('.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(ReceiptFault::Shape);
    };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| ReceiptFault::Shape);
    let object =
        |part: &str| serde_json::from_slice::<Value>(&decoded(part)?).map_err(|_| ReceiptFault::Shape);
    let head = object(header)?;
    if head["alg"] != "EdDSA" || head.get("crit").is_some() {
        return Err(ReceiptFault::Shape);
    }
    let key = jwks["keys"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|key| key["kid"] == head["kid"] && key["crv"] == "Ed25519")
        .and_then(|key| key["x"].as_str())
        .and_then(|x| URL_SAFE_NO_PAD.decode(x).ok())
        .and_then(|bytes| VerifyingKey::try_from(bytes.as_slice()).ok())
        .ok_or(ReceiptFault::Key)?;
    let signature = Signature::from_slice(&decoded(signature)?).map_err(|_| ReceiptFault::Signature)?;
    let signed = &receipt[..header.len() + 1 + payload.len()];
    key.verify_strict(signed.as_bytes(), &signature)
        .map_err(|_| ReceiptFault::Signature)?;
    object(payload)
}

/// RFC 7638: SHA-256 of the key's required members in lexical order.
fn thumbprint(key: &VerifyingKey) -> String {
    let x = URL_SAFE_NO_PAD.encode(key.as_bytes());
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(members.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ReceiptKey {
        ReceiptKey::new(&[7; 32], &[]).unwrap()
    }

    #[test]
    fn a_receipt_verifies_and_is_made_alike_each_time() {
        let receipt = crate::receipt::tests::example();
        let signed = key().sign(&receipt);
        assert_eq!(signed, key().sign(&receipt));
        assert_eq!(verify(&key().jwks(), &signed), Ok(receipt));
    }

    #[test]
    fn a_changed_character_anywhere_is_refused() {
        let signed = key().sign(&json!({"receipt_id": "1", "purpose": "newsletter"}));
        let jwks = key().jwks();
        for place in 0..signed.len() {
            for other in ["A", "."] {
                let mut changed = signed.clone();
                changed.replace_range(place..=place, other);
                assert_eq!(
                    verify(&jwks, &changed).is_ok(),
                    changed == signed,
                    "{place} {other}"
                );
            }
            assert!(verify(&jwks, &signed[..place]).is_err());
        }
        for wrong in ["", "..", "a.b.c", &format!("{signed}.")] {
            assert!(verify(&jwks, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn another_key_or_algorithm_is_refused_and_an_earlier_key_is_not() {
        let signed = key().sign(&json!({"receipt_id": "1"}));
        let other = ReceiptKey::new(&[8; 32], &[]).unwrap();
        assert_eq!(verify(&other.jwks(), &signed), Err(ReceiptFault::Key));
        let public = key().signing.verifying_key().to_bytes();
        let rotated = ReceiptKey::new(&[8; 32], &[public]).unwrap();
        assert!(verify(&rotated.jwks(), &signed).is_ok());
        // The other's key under this one's name.
        let mut forged = other.jwks();
        forged["keys"][0]["kid"] = key().jwks()["keys"][0]["kid"].clone();
        assert_eq!(verify(&forged, &signed), Err(ReceiptFault::Signature));
        let (_, rest) = signed.split_once('.').unwrap();
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        assert_eq!(
            verify(&key().jwks(), &format!("{header}.{rest}")),
            Err(ReceiptFault::Shape)
        );
    }

    #[test]
    fn keys_are_named_as_rfc_8037_shows() {
        // RFC 8037, appendices A.1 and A.3.
        let seed = URL_SAFE_NO_PAD
            .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
            .unwrap();
        let key = ReceiptKey::new(&seed.try_into().unwrap(), &[]).unwrap();
        let published = &key.jwks()["keys"][0];
        assert_eq!(published["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(published["kid"], "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
