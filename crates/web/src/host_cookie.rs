//! Cookies are called `__Host-…` towards browsers where the service is reached by https: then the browser takes them
//! from this host alone, over https, for all of it (RFC 6265bis, section 4.1.3.2). Handlers know the plain names.
//!
//! One rule, here, for every cookie of the register that this site sets. Whatever a neighbour on a sub-domain sets under
//! a plain name is not let in.

use crate::cookie_register::{Place, REGISTER};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use std::borrow::Cow;

/// What stands before the names.
const PREFIX: &str = "__Host-";

/// A cookie's name in browsers.
pub(crate) fn name_in_browsers(name: &str, is_https: bool) -> Cow<'_, str> {
    if is_https && is_ours(name) {
        format!("{PREFIX}{name}").into()
    } else {
        name.into()
    }
}

fn is_ours(name: &str) -> bool {
    REGISTER
        .iter()
        .any(|entry| entry.place == Place::Here && entry.name == name)
}

/// Takes the prefix off on the way in, and puts it before on the way out. For services reached by https.
pub(crate) async fn layer(mut request: Request, next: Next) -> Response {
    take_off(request.headers_mut());
    let mut response = next.run(request).await;
    put_before(response.headers_mut());
    response
}

fn take_off(headers: &mut HeaderMap) {
    let known: Vec<&str> = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .map(str::trim)
        .filter(|pair| !is_ours(name_of(pair)))
        .map(|pair| match pair.strip_prefix(PREFIX) {
            Some(plain) if is_ours(name_of(plain)) => plain,
            _ => pair,
        })
        .collect();
    match HeaderValue::from_str(&known.join("; ")) {
        Ok(line) if !known.is_empty() => drop(headers.insert(COOKIE, line)),
        _ => drop(headers.remove(COOKIE)),
    }
}

fn name_of(pair: &str) -> &str {
    pair.split('=').next().unwrap_or_default()
}

fn put_before(headers: &mut HeaderMap) {
    let set: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    for line in set {
        let served = line.to_str().ok().map(|text| {
            let name = name_of(text);
            let secure = if text.contains("; Secure") { "" } else { "; Secure" };
            format!("{}{}{secure}", name_in_browsers(name, true), &text[name.len()..])
        });
        let line = served
            .and_then(|text| HeaderValue::from_str(&text).ok())
            .unwrap_or(line);
        headers.append(SET_COOKIE, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_prefixed_cookies_of_ours_come_in_and_go_out() {
        let mut headers = HeaderMap::new();
        for line in [
            "_anturazh=seen; anturazh_sign_in=planted; lang=planted",
            "__Host-anturazh_sign_in=mine;__Host-other=x",
        ] {
            headers.append(COOKIE, HeaderValue::from_static(line));
        }
        take_off(&mut headers);
        assert_eq!(
            headers[COOKIE],
            "_anturazh=seen; anturazh_sign_in=mine; __Host-other=x"
        );
        assert_eq!(headers.get_all(COOKIE).iter().count(), 1);
        let mut none = HeaderMap::new();
        none.append(COOKIE, HeaderValue::from_static("anturazh_account=planted"));
        take_off(&mut none);
        assert!(none.is_empty());

        for line in ["anturazh_account=a; Path=/; Secure", "lang=ru; Path=/; Max-Age=5"] {
            headers.append(SET_COOKIE, HeaderValue::from_static(line));
        }
        put_before(&mut headers);
        let set: Vec<&HeaderValue> = headers.get_all(SET_COOKIE).iter().collect();
        assert_eq!(
            set,
            [
                "__Host-anturazh_account=a; Path=/; Secure",
                "__Host-lang=ru; Path=/; Max-Age=5; Secure"
            ]
        );
    }
}
