//! What a provider says of itself: OIDC Discovery 1.0.

use super::address::checked;
use serde::Deserialize;

/// The part of the document that is used.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    pub(crate) jwks_uri: String,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// RFC 9207: whether answers say whose they are.
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Where a provider's document lies.
    pub(crate) fn address(issuer: &str) -> String {
        format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        )
    }

    /// Reads the document of `issuer`; the error says what is wrong with it.
    pub(crate) fn read(body: &str, issuer: &str) -> Result<Self, &'static str> {
        let read: Self =
            serde_json::from_str(body).map_err(|_| "it is not the document that Discovery asks for")?;
        if read.issuer != issuer {
            return Err("it is another issuer's");
        }
        if [&read.authorization_endpoint, &read.token_endpoint, &read.jwks_uri]
            .iter()
            .any(|address| checked(address).is_none())
        {
            return Err("it names an address without `https`");
        }
        let methods = read.code_challenge_methods_supported.as_ref();
        if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
            return Err("it does not support PKCE by `S256`");
        }
        Ok(read)
    }

    /// Whether the client's secret goes into the form: only if the header is not accepted.
    pub(crate) fn secret_in_form(&self) -> bool {
        self.token_endpoint_auth_methods_supported
            .as_ref()
            .is_some_and(|methods| {
                let has = |name| methods.iter().any(|method| method == name);
                has("client_secret_post") && !has("client_secret_basic")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn document() -> Value {
        json!({
            "issuer": "https://id.example/a",
            "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/keys",
            "scopes_supported": ["openid"]
        })
    }

    #[test]
    fn documents_are_read_or_refused_with_the_reason() {
        let read =
            |document: &Value| Metadata::read(&document.to_string(), "https://id.example/a").map(|_| ());
        assert_eq!(read(&document()), Ok(()));
        for (field, value, want) in [
            ("issuer", json!("https://id.example/b"), "it is another issuer's"),
            ("issuer", json!("https://id.example/a/"), "it is another issuer's"),
            (
                "token_endpoint",
                json!("http://id.example/token"),
                "it names an address without `https`",
            ),
            (
                "jwks_uri",
                Value::Null,
                "it is not the document that Discovery asks for",
            ),
            (
                "code_challenge_methods_supported",
                json!(["plain"]),
                "it does not support PKCE by `S256`",
            ),
        ] {
            let mut document = document();
            document[field] = value;
            assert_eq!(read(&document), Err(want), "{field}");
        }
        assert_eq!(
            Metadata::address("https://id.example/a/"),
            "https://id.example/a/.well-known/openid-configuration"
        );
    }

    #[test]
    fn the_secret_goes_into_the_header_where_it_can() {
        for (methods, in_form) in [
            (Value::Null, false),
            (json!(["client_secret_basic", "client_secret_post"]), false),
            (json!(["client_secret_post", "private_key_jwt"]), true),
        ] {
            let mut document = document();
            document["token_endpoint_auth_methods_supported"] = methods;
            let read = Metadata::read(&document.to_string(), "https://id.example/a").unwrap();
            assert_eq!(read.secret_in_form(), in_form, "{document}");
        }
    }
}
