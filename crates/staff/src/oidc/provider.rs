//! A provider of sign-ins: the way there and what comes back.

use super::address::checked;
use super::fetch::{Fetch, FetchFault, FetchRequest};
use super::id_token::{Claims, Expected, TokenFault};
use super::key_set::KeySet;
use super::metadata::Metadata;
use crate::{Error, Refusal, Sealed, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;
use url::form_urlencoded;
use vocabulary::{
    Moment,
    moment::{DAY_MS, HOUR_MS, MINUTE_MS},
};

/// How long the provider's document is used, in milliseconds.
const METADATA_MS: i64 = DAY_MS;
/// How long its keys are used.
const KEYS_MS: i64 = HOUR_MS;
/// How soon they are asked for again because of a token with an unknown one.
const KEYS_ANEW_MS: i64 = MINUTE_MS;

/// How the operator configures a provider.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// The issuer, exactly as the provider writes it: `https`, or `http` at a loopback address.
    pub issuer: String,
    /// What the provider calls this installation.
    pub client_id: String,
    /// Its secret there, if it has one.
    pub client_secret: Option<Sealed>,
    /// Where the provider sends the browser back to: an address of this installation, as registered there.
    pub redirect_uri: String,
    /// Values of the claim `amr`, any of which counts as a second factor, such as `mfa` (RFC 8176). Usually none.
    pub second_factor_amr: Vec<String>,
    /// Values of the claim `acr`, any of which counts as a second factor. They are asked for, in this order.
    pub second_factor_acr: Vec<String>,
}

/// What the browser brings back from the provider, in the query of the redirect address.
#[derive(Clone, Copy, Default)]
pub struct ProviderAnswer<'a> {
    /// `state`.
    pub state: &'a str,
    /// `code`.
    pub code: Option<&'a str>,
    /// `error`.
    pub error: Option<&'a str>,
    /// `iss` (RFC 9207).
    pub issuer: Option<&'a str>,
}

/// For whom a provider vouches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// What it calls the person: always the same, and nobody else's there.
    pub subject: Sealed,
    /// The e-mail address, if the provider verified it.
    pub email: Option<Sealed>,
    /// Whether a second factor was used that counts here.
    pub second_factor: bool,
}

/// A provider; keeps its document and keys for a while.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
    metadata: Mutex<Option<(Moment, Arc<Metadata>)>>,
    keys: Mutex<Option<(Moment, Arc<KeySet>)>>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

impl Provider {
    /// Takes up a provider; [`Error::Settings`] if the settings cannot work. Nothing is asked of it yet.
    pub fn new(settings: ProviderSettings) -> Result<Self, Error> {
        let is_issuer = checked(&settings.issuer).is_some_and(|url| url.query().is_none());
        for (holds, otherwise) in [
            (is_issuer, "the issuer is not an address with `https`"),
            (
                checked(&settings.redirect_uri).is_some(),
                "the redirect address is not one with `https`",
            ),
            (!settings.client_id.is_empty(), "there is no client id"),
        ] {
            if !holds {
                return Err(Error::Settings(otherwise));
            }
        }
        Ok(Self {
            settings,
            metadata: Mutex::default(),
            keys: Mutex::default(),
        })
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Where to send the browser. `attempt` is drawn for this attempt and lies in a cookie of the browser (`HttpOnly`,
    /// `SameSite=Lax`, some minutes) until it comes back: state, nonce and PKCE verifier are made from it, so that an
    /// answer counts only in the browser that asked.
    pub async fn address(&self, fetch: &dyn Fetch, attempt: &Secret, now: Moment) -> Result<String, Error> {
        let metadata = self.metadata(fetch, now).await?;
        let mut url = checked(&metadata.authorization_endpoint).ok_or(Error::Settings(
            "the provider's address for signing in is not one with `https`",
        ))?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.made_from(attempt, "verifier")));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.settings.redirect_uri)
            .append_pair("scope", "openid email")
            .append_pair("state", &self.made_from(attempt, "state"))
            .append_pair("nonce", &self.made_from(attempt, "nonce"))
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if !self.settings.second_factor_acr.is_empty() {
            url.query_pairs_mut()
                .append_pair("acr_values", &self.settings.second_factor_acr.join(" "));
        }
        Ok(url.into())
    }

    /// Refuses an answer to a question that this browser did not ask.
    pub(crate) fn check_state(&self, attempt: &Secret, answer: ProviderAnswer<'_>) -> Result<(), Refusal> {
        let state = self.made_from(attempt, "state");
        if bool::from(state.as_bytes().ct_eq(answer.state.as_bytes())) {
            Ok(())
        } else {
            Err(Refusal::Provider("the answer belongs to another attempt"))
        }
    }

    /// For whom the provider vouches by this answer, which passed [`Provider::check_state`]. Every fault of the answer is [`Refusal::Provider`] and says which.
    pub(crate) async fn identity(
        &self,
        fetch: &dyn Fetch,
        attempt: &Secret,
        answer: ProviderAnswer<'_>,
        now: Moment,
    ) -> Result<Identity, Error> {
        let metadata = self.metadata(fetch, now).await?;
        let is_ours = match answer.issuer {
            Some(issuer) => issuer == self.settings.issuer,
            None => !metadata.authorization_response_iss_parameter_supported,
        };
        if !is_ours {
            return Err(Refusal::Provider("the answer is another issuer's").into());
        }
        if answer.error.is_some() {
            return Err(Refusal::Provider("the provider, or who asked it, declined").into());
        }
        let code = answer.code.ok_or(Refusal::Provider("the answer has no code"))?;
        let tokens = self.tokens(fetch, &metadata, attempt, code).await?;
        let nonce = self.made_from(attempt, "nonce");
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &nonce,
            access_token: tokens.access_token.as_deref(),
        };
        let keys = self.keys(fetch, &metadata, KEYS_MS, now).await?;
        let mut claims = Claims::read(&tokens.id_token, &keys, expected, now);
        if matches!(claims, Err(TokenFault::UnknownKey)) {
            let keys = self.keys(fetch, &metadata, KEYS_ANEW_MS, now).await?;
            claims = Claims::read(&tokens.id_token, &keys, expected, now);
        }
        let claims = claims.map_err(|fault| {
            Refusal::Provider(match fault {
                TokenFault::UnknownKey => "the token is signed with an unknown key",
                TokenFault::Refused(why) => why,
            })
        })?;
        Ok(Identity {
            issuer: self.settings.issuer.clone(),
            email: claims.verified_email().map(|email| Sealed::new(email.to_owned())),
            second_factor: self.has_second_factor(&claims),
            subject: Sealed::new(claims.sub),
        })
    }

    fn has_second_factor(&self, claims: &Claims) -> bool {
        let is_listed = |list: &[String], value: &String| list.contains(value);
        claims
            .amr
            .iter()
            .any(|amr| is_listed(&self.settings.second_factor_amr, amr))
            || claims
                .acr
                .as_ref()
                .is_some_and(|acr| is_listed(&self.settings.second_factor_acr, acr))
    }

    /// The form that asks for tokens, and the header `Authorization`. Not within [`Provider::tokens`]: its writer cannot
    /// wait for an answer on whichever thread goes on.
    fn token_request(&self, metadata: &Metadata, attempt: &Secret, code: &str) -> (Sealed, Option<Sealed>) {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.settings.redirect_uri)
            .append_pair("code_verifier", &self.made_from(attempt, "verifier"));
        let mut authorization = None;
        match &self.settings.client_secret {
            // RFC 6749, section 2.3.1.
            Some(secret) if !metadata.secret_in_form() => {
                let encode =
                    |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encode(&self.settings.client_id), encode(secret.reveal()));
                authorization = Some(Sealed::new(format!("Basic {}", STANDARD.encode(pair))));
            }
            secret => {
                form.append_pair("client_id", &self.settings.client_id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret.reveal());
                }
            }
        }
        (Sealed::new(form.finish()), authorization)
    }

    async fn tokens(
        &self,
        fetch: &dyn Fetch,
        metadata: &Metadata,
        attempt: &Secret,
        code: &str,
    ) -> Result<Tokens, Error> {
        let (form, authorization) = self.token_request(metadata, attempt, code);
        let what = "tokens";
        let request = FetchRequest {
            address: &metadata.token_endpoint,
            form: Some(form),
            authorization,
        };
        let fetched = fetch
            .fetch(request)
            .await
            .map_err(|source| Error::Provider { what, source })?;
        match fetched.status {
            200 => serde_json::from_str(fetched.body.reveal())
                .map_err(|_| fault(what, "there is no token in it")),
            400 => Err(Refusal::Provider("the code is not accepted").into()),
            status => Err(fault(what, &format!("the answer has status {status}"))),
        }
    }

    async fn metadata(&self, fetch: &dyn Fetch, now: Moment) -> Result<Arc<Metadata>, Error> {
        let mut kept = self.metadata.lock().await;
        if let Some(metadata) = young(kept.as_ref(), METADATA_MS, now) {
            return Ok(metadata);
        }
        let what = "the document of Discovery";
        let body = got(fetch, &Metadata::address(&self.settings.issuer), what).await?;
        let metadata =
            Metadata::read(body.reveal(), &self.settings.issuer).map_err(|wrong| fault(what, wrong))?;
        let metadata = Arc::new(metadata);
        *kept = Some((now, metadata.clone()));
        Ok(metadata)
    }

    async fn keys(
        &self,
        fetch: &dyn Fetch,
        metadata: &Metadata,
        max_age_ms: i64,
        now: Moment,
    ) -> Result<Arc<KeySet>, Error> {
        let mut kept = self.keys.lock().await;
        if let Some(keys) = young(kept.as_ref(), max_age_ms, now) {
            return Ok(keys);
        }
        let what = "its keys";
        let body = got(fetch, &metadata.jwks_uri, what).await?;
        let keys = Arc::new(KeySet::read(body.reveal()).map_err(|wrong| fault(what, wrong))?);
        *kept = Some((now, keys.clone()));
        Ok(keys)
    }

    /// 43 characters that only who has the attempt's secret knows, different for each use and provider.
    fn made_from(&self, attempt: &Secret, what: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(attempt.bytes()).expect("HMAC takes keys of any length");
        mac.update(format!("anturazh provider 1 {what} {}", self.settings.issuer).as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

fn young<T>(kept: Option<&(Moment, Arc<T>)>, max_age_ms: i64, now: Moment) -> Option<Arc<T>> {
    kept.filter(|(since, _)| (0..max_age_ms).contains(&(now.0 - since.0)))
        .map(|(_, value)| value.clone())
}

async fn got(fetch: &dyn Fetch, address: &str, what: &'static str) -> Result<Sealed, Error> {
    let request = FetchRequest {
        address,
        form: None,
        authorization: None,
    };
    let fetched = fetch
        .fetch(request)
        .await
        .map_err(|source| Error::Provider { what, source })?;
    match fetched.status {
        200 => Ok(fetched.body),
        status => Err(fault(what, &format!("the answer has status {status}"))),
    }
}

fn fault(what: &'static str, why: &str) -> Error {
    Error::Provider {
        what,
        source: FetchFault(why.to_owned()),
    }
}
