//! Wrapping keys by the transit engine of Vault: the wrapping key never leaves that service.

use crate::{Disclosure, Error, Fault, Peer, Recipient, Refusal, Request, Response, Web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use url::Url;
use vocabulary::Moment;
use zeroize::{Zeroize, Zeroizing};

/// Where the key is.
#[derive(Clone, Debug)]
pub struct Transit {
    /// The service, such as `https://vault.example:8200`.
    pub url: Url,
    /// Where the engine is mounted; `transit` unless the operator chose another place.
    pub mount: String,
    /// The name of the key.
    pub key: String,
    /// A file with the token, which others of the machine may not read. Read anew for every call, so that it can be
    /// renewed.
    pub token_file: PathBuf,
}

/// Wraps a key: `POST /v1/MOUNT/encrypt/KEY`. Gives `vault:v1:…`.
pub async fn wrap(web: &Web, transit: &Transit, key: &[u8; 32], now: Moment) -> Result<String, Error> {
    let mut plaintext = Zeroizing::new(STANDARD.encode(key));
    let body = json!({ "plaintext": plaintext.as_str() });
    plaintext.zeroize();
    let answer = call(web, transit, "encrypt", &body, now).await?;
    let data = data_of(&answer)?;
    let wrapped = data["ciphertext"].as_str().ok_or_else(senseless)?;
    if !wrapped.starts_with("vault:") {
        return Err(senseless());
    }
    Ok(wrapped.to_owned())
}

/// Unwraps what [`wrap`] gave: `POST /v1/MOUNT/decrypt/KEY`.
pub async fn unwrap(
    web: &Web,
    transit: &Transit,
    wrapped: &str,
    now: Moment,
) -> Result<Zeroizing<[u8; 32]>, Error> {
    let answer = call(web, transit, "decrypt", &json!({ "ciphertext": wrapped }), now).await?;
    let data = data_of(&answer)?;
    let plaintext = data["plaintext"].as_str().ok_or_else(senseless)?;
    let bytes = Zeroizing::new(STANDARD.decode(plaintext).map_err(|_| senseless())?);
    let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| senseless())?;
    Ok(Zeroizing::new(key))
}

async fn call(
    web: &Web,
    transit: &Transit,
    verb: &str,
    body: &Value,
    now: Moment,
) -> Result<Response, Error> {
    let token = token_of(&transit.token_file)?;
    let mut url = transit.url.clone();
    url.path_segments_mut()
        .map_err(|()| Refusal::Url)?
        .pop_if_empty()
        .push("v1")
        .extend(transit.mount.split('/'))
        .extend([verb, &transit.key]);
    let mut request = Request::get(url);
    request.method = Method::POST;
    request.body = body.to_string().into_bytes();
    request
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut secret = HeaderValue::try_from(token.as_str()).map_err(|_| Fault::SignIn.of(Peer::KeyService))?;
    secret.set_sensitive(true);
    request.headers.insert("x-vault-token", secret);
    // Vault's guard against requests that a browser was tricked into.
    request
        .headers
        .insert("x-vault-request", HeaderValue::from_static("true"));
    let what = Disclosure {
        recipient: Recipient::Infrastructure("key service".to_owned()),
        person: None,
        fields: BTreeSet::new(),
        purpose: None,
        service: format!("transit_{verb}"),
    };
    let answer = web
        .fetch(request, &what, now)
        .await
        .map_err(|error| match error {
            Error::Peer { fault, .. } => fault.of(Peer::KeyService),
            other => other,
        })?;
    match answer.status {
        StatusCode::OK => Ok(answer),
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => Err(Fault::SignIn.of(Peer::KeyService)),
        other => Err(Fault::Status(other.as_u16()).of(Peer::KeyService)),
    }
}

fn data_of(answer: &Response) -> Result<Value, Error> {
    let mut answer: Value = serde_json::from_slice(&answer.body).map_err(|_| senseless())?;
    Ok(answer["data"].take())
}

fn senseless() -> Error {
    Fault::Protocol.of(Peer::KeyService)
}

fn token_of(path: &Path) -> Result<Zeroizing<String>, Error> {
    let unreadable = |source| Error::File {
        what: "file with the token of the key service",
        source,
    };
    let mode = std::fs::metadata(path).map_err(unreadable)?.permissions().mode();
    if mode & 0o007 != 0 {
        return Err(Refusal::OpenFile.into());
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
    Ok(Zeroizing::new(text.trim().to_owned()))
}
