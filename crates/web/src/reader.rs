//! Who asks for a page, in which language, and what they may see.

use crate::cookie_register::{self, SIGN_IN_COOKIE};
use crate::error_page::{self, Fault};
use crate::language::{Language, cookie};
use crate::origin;
use crate::page::Reader;
use crate::public::Theme;
use crate::questions::ASKING;
use crate::state::Web;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sites::ServedSite;
use staff::{Right, Secret, SignedIn};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::ops::Deref;
use std::sync::Arc;

/// A request for a page.
pub(crate) struct Asking {
    /// What the handlers share.
    pub(crate) web: Arc<Web>,
    /// The page's language.
    pub(crate) language: Language,
    /// The language to be carried in links, while no cookie remembers it.
    pub(crate) carried: Option<Language>,
    /// The query, decoded.
    pub(crate) pairs: Vec<(String, String)>,
    /// Path and query as asked for.
    pub(crate) address: String,
    /// The page to come back to: this one, or the one that a form stood on.
    page: String,
    /// What stands for the client's network, for limiting attempts; never stored or logged.
    pub(crate) peer: String,
    /// Who is signed in.
    pub(crate) signed_in: Option<Signed>,
    /// Whether the browser sends Global Privacy Control.
    pub(crate) gpc: bool,
    /// Whether the browser says that a page of another site sent this.
    pub(crate) is_foreign: bool,
    /// The look that a cookie remembers.
    pub(crate) theme: Option<Theme>,
    /// What the request's `Host` says this installation is called, with scheme.
    pub(crate) server: String,
}

/// Someone signed in.
pub(crate) struct Signed {
    /// Account and sign-in, as the register of staff knows them.
    pub(crate) who: SignedIn,
    /// The cookie's secret.
    pub(crate) cookie: Secret,
    /// What the frame shows of it.
    pub(crate) reader: Reader,
    /// Whether the second factor that the account must have can wait until the dashboards were looked at.
    pub(crate) may_put_off: bool,
}

/// Fields of a form or pairs of a query, decoded.
pub(crate) type Fields = Vec<(String, String)>;

/// Pairs of a query or form, decoded.
pub(crate) fn pairs(query: &str) -> Fields {
    let decode = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

/// The last value of a key.
pub(crate) fn value<'a>(pairs: &'a [(String, String)], key: &str) -> &'a str {
    pairs
        .iter()
        .rev()
        .find(|(k, _)| k == key)
        .map_or("", |(_, v)| v.as_str())
}

impl FromRequestParts<Arc<Web>> for Asking {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Infallible> {
        let uri = parts
            .extensions
            .get::<axum::extract::OriginalUri>()
            .map_or(&parts.uri, |uri| &uri.0);
        let address = uri
            .path_and_query()
            .map_or_else(|| "/".to_owned(), ToString::to_string);
        let pairs = pairs(uri.query().unwrap_or_default());
        let asked = Language::parse(value(&pairs, "lang"));
        let remembered = cookie(&parts.headers, crate::language::COOKIE_NAME).and_then(Language::parse);
        let signed_in = signed_in(web, parts).await;
        let chosen = asked.or(remembered).or_else(|| {
            signed_in
                .as_ref()
                .and_then(|s| Language::parse(s.account.language.name()))
        });
        let host = parts
            .headers
            .get(http::header::HOST)
            .and_then(|h| h.to_str().ok())
            .unwrap_or("localhost");
        Ok(Self {
            web: web.clone(),
            language: chosen.unwrap_or_else(|| Language::of(&parts.headers, None)),
            carried: asked.filter(|l| remembered != Some(*l)),
            peer: parts
                .extensions
                .get::<ConnectInfo<crate::caller::Caller>>()
                .map(|caller| network(&web.door.client(caller.0.0, &parts.headers).full()))
                .unwrap_or_default(),
            gpc: sends_gpc(&parts.headers),
            is_foreign: origin::is_foreign(&parts.headers, host, web.address.as_deref()),
            theme: cookie(&parts.headers, cookie_register::THEME).and_then(Theme::parse),
            server: web.address.clone().unwrap_or_else(|| format!("http://{host}")),
            pairs,
            page: if parts.method == http::Method::GET {
                address.clone()
            } else {
                page_before(&parts.headers, host)
            },
            address,
            signed_in,
        })
    }
}

/// The page that a form stood on, as far as the browser says so: what can be shown again after signing in.
fn page_before(headers: &http::HeaderMap, host: &str) -> String {
    let referer = headers.get(http::header::REFERER).and_then(|h| h.to_str().ok());
    let path = referer
        .and_then(|url| url.split_once("://"))
        .and_then(|(_, rest)| rest.strip_prefix(host))
        .filter(|path| path.starts_with('/'));
    path.unwrap_or("/sites").to_owned()
}

/// What stands for the network of an address: the address, of IPv6 its first 64 bits, which one subscriber has.
fn network(peer: &str) -> String {
    match collect::Address::parse(peer) {
        Some(address) if peer.contains(':') => format!("{:?}", &address.octets()[..8]),
        _ => peer.to_owned(),
    }
}

async fn signed_in(web: &Web, parts: &Parts) -> Option<Signed> {
    let cookie = Secret::parse(cookie(&parts.headers, SIGN_IN_COOKIE)?)?;
    let now = (web.now)();
    match web.staff.signed_in(&cookie, now).await {
        Ok(found) => found.map(|found| Signed {
            reader: Reader {
                name: found.account.name.reveal().to_owned(),
                csrf: staff::csrf_token(&cookie),
                must_enrol: found.must_enrol(),
                has_console: found.may(Right::WorkOnTasks),
            },
            may_put_off: found.may_put_off(now),
            who: found,
            cookie,
        }),
        Err(error) => {
            tracing::error!(%error, "cannot tell who is signed in");
            None
        }
    }
}

impl Deref for Signed {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.who
    }
}

impl Asking {
    /// What the frame shows of who is signed in.
    pub(crate) fn reader(&self) -> Option<&Reader> {
        self.signed_in.as_ref().map(|s| &s.reader)
    }

    /// A path of the public site that keeps the language asked for, which no cookie remembers.
    pub(crate) fn link(&self, path: &str) -> String {
        match self.carried {
            Some(language) => {
                let sign = if path.contains('?') { '&' } else { '?' };
                format!("{path}{sign}lang={}", language.tag())
            }
            None => path.to_owned(),
        }
    }

    /// The last value of a key of the query.
    pub(crate) fn value(&self, key: &str) -> &str {
        value(&self.pairs, key)
    }

    /// Has the audit log know that something was refused, and to which account if one asked.
    pub(crate) fn refused(&self, what: office::Refused) {
        let account = self.signed_in.as_ref().map(|signed| signed.account.id.0);
        self.web.office.refused(what, account);
    }

    /// A page that says what went wrong.
    pub(crate) fn fault(&self, fault: Fault) -> Response {
        error_page::response(self, fault)
    }

    fn to_sign_in(&self) -> Response {
        let next = utf8_percent_encode(&self.page, NON_ALPHANUMERIC);
        Redirect::to(&format!("/sign-in?next={next}")).into_response()
    }

    /// Who is signed in, or the way to the sign-in page; to where a second factor is set up for those who must have one
    /// first.
    pub(crate) fn signed(&self) -> Result<&Signed, Box<Response>> {
        self.signed_unless(|signed| signed.must_enrol())
    }

    /// As [`Asking::signed`], for dashboards: the second factor may be put off for the account's first hour.
    pub(crate) fn reading(&self) -> Result<&Signed, Box<Response>> {
        self.signed_unless(|signed| signed.must_enrol() && !signed.may_put_off)
    }

    /// Who is signed in, with the second factor that they must have or not yet: for the page of their own account.
    pub(crate) fn enrolling(&self) -> Result<&Signed, Box<Response>> {
        self.signed_unless(|_| false)
    }

    fn signed_unless(&self, must_enrol: impl Fn(&Signed) -> bool) -> Result<&Signed, Box<Response>> {
        match &self.signed_in {
            None => Err(Box::new(self.to_sign_in())),
            Some(signed) if must_enrol(signed) => Err(Box::new(
                Redirect::to("/security?needs=second-factor#second-factor").into_response(),
            )),
            Some(signed) => Ok(signed),
        }
    }

    /// Whether the reader may read a site.
    pub(crate) fn may_read(&self, web: &Web, site: &ServedSite) -> bool {
        web.public_dashboards
            || self
                .signed_in
                .as_ref()
                .is_some_and(|s| s.account.may_read(site.site.id))
    }

    /// Whether the reader may change the settings of sites that they may read.
    pub(crate) fn may_change(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|s| s.may(Right::ChangeSites))
    }

    /// Whether the reader is the one who adds sites, on the command line.
    pub(crate) fn may_add_sites(&self) -> bool {
        self.signed_in
            .as_ref()
            .is_some_and(|s| s.may(Right::ChangeSettings))
    }

    /// Counts a question about a site against what the reader's account may ask.
    pub(crate) fn may_ask(&self, web: &Web) -> Result<(), Box<Response>> {
        let Some(signed) = &self.signed_in else {
            return Ok(());
        };
        let whose = format!("account {}", signed.account.id.0);
        let asked = web.questions.spend(&whose, ASKING, (web.now)());
        asked.map_err(|_| Box::new(self.fault(Fault::TooMany)))
    }

    /// The site of that name, if the reader may know of it.
    pub(crate) fn site(&self, web: &Web, domain: &str) -> Result<Arc<ServedSite>, Box<Response>> {
        if !web.public_dashboards {
            self.reading()?;
        }
        web.sites
            .snapshot()
            .by_domain(domain)
            .filter(|site| self.may_read(web, site))
            .cloned()
            .ok_or_else(|| Box::new(self.fault(Fault::NotFound)))
    }

    /// The domains that the reader may read, in order.
    pub(crate) fn domains(&self, web: &Web) -> Vec<String> {
        let snapshot = web.sites.snapshot();
        let mut domains: Vec<String> = snapshot
            .sites()
            .filter(|s| self.may_read(web, s))
            .map(|s| s.site.domain.to_string())
            .collect();
        domains.sort();
        domains
    }

    /// A form's fields, if it was sent from a page of this very sign-in.
    pub(crate) fn form(&self, body: &str) -> Result<(&Signed, Fields), Box<Response>> {
        self.signed()?;
        self.enrolling_form(body)
    }

    /// As [`Asking::form`], for forms of [`Asking::enrolling`].
    pub(crate) fn enrolling_form(&self, body: &str) -> Result<(&Signed, Fields), Box<Response>> {
        let signed = self.enrolling()?;
        let fields = pairs(body);
        if !staff::csrf_matches(&signed.cookie, value(&fields, "csrf")) {
            return Err(Box::new(self.fault(Fault::Forged)));
        }
        Ok((signed, fields))
    }
}

/// Whether a request carries Global Privacy Control: `Sec-GPC` of exactly `1`, also among several.
pub(crate) fn sends_gpc(headers: &http::HeaderMap) -> bool {
    headers.get_all("sec-gpc").iter().any(|value| value == "1")
}

/// A `Set-Cookie` value. `max_age_s` of none means until the browser is closed; zero removes it.
pub(crate) fn set_cookie(
    name: &str,
    value: &str,
    max_age_s: Option<i64>,
    http_only: bool,
    is_https: bool,
) -> String {
    let mut text = format!("{name}={value}; Path=/; SameSite=Lax");
    if http_only {
        text.push_str("; HttpOnly");
    }
    if is_https {
        text.push_str("; Secure");
    }
    if let Some(seconds) = max_age_s {
        let _ = write!(text, "; Max-Age={seconds}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_to_its_page_and_to_no_other_host() {
        let of = |referer: &str| {
            let mut headers = http::HeaderMap::new();
            headers.insert(http::header::REFERER, referer.parse().unwrap());
            page_before(&headers, "stats.example:8080")
        };
        assert_eq!(
            of("https://stats.example:8080/console/cases/5?lang=ru"),
            "/console/cases/5?lang=ru"
        );
        for elsewhere in [
            "https://other.example/console",
            "https://stats.example:80801/x",
            "https://stats.example:8080",
            "x",
        ] {
            assert_eq!(of(elsewhere), "/sites", "{elsewhere}");
        }
    }

    #[test]
    fn queries_are_decoded() {
        let got = pairs("a=1&b=%D0%AF+x&&c&a=2%26");
        assert_eq!(value(&got, "a"), "2&");
        assert_eq!(value(&got, "b"), "Я x");
        assert_eq!(value(&got, "c"), "");
        assert_eq!(value(&got, "d"), "");
    }

    #[test]
    fn addresses_of_one_network_count_together() {
        assert_eq!(network("2001:db8::1"), network("2001:db8:0:0:ffff::2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network(""), "");
    }

    #[test]
    fn cookies_say_how_far_they_reach() {
        assert_eq!(
            set_cookie("a", "b", Some(0), true, true),
            "a=b; Path=/; SameSite=Lax; HttpOnly; Secure; Max-Age=0"
        );
        assert_eq!(
            set_cookie("a", "b", None, false, false),
            "a=b; Path=/; SameSite=Lax"
        );
    }
}
