//! The door for HTTP: one request, one answer, no way to places the operator did not mean.

use crate::destination::{Reach, reach};
use crate::tls::Tls;
use crate::{Disclosure, Door, Error, Fault, Leave, Ledger, Outcome, Peer, Refusal};
use bytes::Bytes;
use http::header::{HOST, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use sha2::{Digest, Sha256};
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Url;
use vocabulary::Moment;

/// What we call ourselves.
const AGENT: &str = concat!("Anturazh/", env!("CARGO_PKG_VERSION"));
/// How long the head of an answer may be, in bytes.
const MOST_HEAD_BYTES: usize = 64 * 1024;
/// How many addresses of a host are tried.
const MOST_ADDRESSES: usize = 4;

/// What requests may do.
#[derive(Clone, Debug)]
pub struct WebOptions {
    /// Hosts that may have an address inside our network: a name or address as in a URL, with `:port` to mean that port
    /// alone.
    pub inside_hosts: Vec<String>,
    /// Hosts that may be called by `http`, written alike.
    pub plain_hosts: Vec<String>,
    /// How long one request may take in all.
    pub time_limit: Duration,
    /// How long the body of an answer may be, in bytes.
    pub most_bytes: usize,
}

impl Default for WebOptions {
    /// No listed hosts, 10 seconds, a megabyte.
    fn default() -> Self {
        Self {
            inside_hosts: Vec::new(),
            plain_hosts: Vec::new(),
            time_limit: Duration::from_secs(10),
            most_bytes: 1_000_000,
        }
    }
}

/// A request. Its address, headers and body may be secret: `Debug` shows the method.
#[derive(Clone)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where: `https`, without account and password.
    pub url: Url,
    /// Headers beside `Host`, `User-Agent` and `Content-Length`.
    pub headers: HeaderMap,
    /// The body; may be empty.
    pub body: Vec<u8>,
}

impl Request {
    /// Asks for `url`.
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    /// SHA-256 of method, space, address without its fragment, line feed, body.
    fn sha256(&self) -> [u8; 32] {
        let mut url = self.url.clone();
        url.set_fragment(None);
        Sha256::new()
            .chain_update(self.method.as_str())
            .chain_update(" ")
            .chain_update(url.as_str())
            .chain_update("\n")
            .chain_update(&self.body)
            .finalize()
            .into()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} [sealed])", self.method)
    }
}

/// An answer, whatever its status; redirects are not followed.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({} [sealed])", self.status)
    }
}

/// The door; cheap to clone.
#[derive(Clone, Debug)]
pub struct Web {
    pub(crate) ledger: Ledger,
    pub(crate) tls: Tls,
    pub(crate) options: WebOptions,
}

/// Where a request goes: checked, and not looked up again.
struct Destination {
    addresses: Vec<SocketAddr>,
    host: String,
    is_plain: bool,
}

impl Web {
    /// Sends a request and reads the answer. The ledger has the row before a connection is made; what is refused or has
    /// no address leaves no row, for nothing could leave.
    pub async fn fetch(&self, request: Request, what: &Disclosure, now: Moment) -> Result<Response, Error> {
        let limit = self.options.time_limit;
        let destination = timeout(limit, self.destination(&request.url))
            .await
            .map_err(|_| Fault::Timeout.of(Peer::WebService))??;
        let leave = self.ledger.open(Door::Http, what, request.sha256(), now).await?;
        let mut outcome = Outcome::Failed;
        let answer = timeout(limit, self.exchange(&leave, request, &destination, &mut outcome))
            .await
            .unwrap_or(Err(Fault::Timeout));
        leave.done(outcome, now).await?;
        answer.map_err(|fault| fault.of(Peer::WebService))
    }

    /// Looks the host up and checks every address it has: one that may not be called spoils all.
    async fn destination(&self, url: &Url) -> Result<Destination, Error> {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(Refusal::Url.into());
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Url.into());
        }
        let is_plain = match url.scheme() {
            "https" => false,
            "http" if is_listed(&self.options.plain_hosts, host, port) => true,
            _ => return Err(Refusal::Plain.into()),
        };
        let may_be_inside = is_listed(&self.options.inside_hosts, host, port);
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<SocketAddr> = tokio::net::lookup_host((bare, port))
            .await
            .map_err(|_| Fault::Unresolved.of(Peer::WebService))?
            .collect();
        for address in &addresses {
            match reach(address.ip()) {
                Reach::Public => {}
                Reach::Inside if may_be_inside => {}
                Reach::Inside => return Err(Refusal::Inside.into()),
                Reach::Never => return Err(Refusal::Never.into()),
            }
        }
        if addresses.is_empty() {
            return Err(Fault::Unresolved.of(Peer::WebService));
        }
        Ok(Destination {
            addresses,
            host: host.to_owned(),
            is_plain,
        })
    }

    /// `outcome` becomes [`Outcome::Sent`] as soon as bytes of the request may have left.
    async fn exchange(
        &self,
        _leave: &Leave,
        request: Request,
        destination: &Destination,
        outcome: &mut Outcome,
    ) -> Result<Response, Fault> {
        let stream = connected(&destination.addresses).await?;
        let most = self.options.most_bytes;
        if destination.is_plain {
            return answer(stream, request, most, outcome).await;
        }
        let stream = self.tls.connect(&destination.host, stream).await?;
        answer(stream, request, most, outcome).await
    }
}

async fn connected(addresses: &[SocketAddr]) -> Result<TcpStream, Fault> {
    for address in addresses.iter().take(MOST_ADDRESSES) {
        if let Ok(stream) = TcpStream::connect(address).await {
            return Ok(stream);
        }
    }
    Err(Fault::Connection)
}

async fn answer<S>(stream: S, request: Request, most: usize, outcome: &mut Outcome) -> Result<Response, Fault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MOST_HEAD_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Fault::Connection)?;
    // Ends the connection when the answer is read, or when nobody waits for it any more.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let request = prepared(request).map_err(|_| Fault::Protocol)?;
    *outcome = Outcome::Sent;
    let answer = sender.send_request(request).await.map_err(|e| {
        if e.is_parse() {
            Fault::Protocol
        } else {
            Fault::Connection
        }
    })?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, most).collect().await.map_err(|e| {
        if e.is::<LengthLimitError>() {
            Fault::TooLarge
        } else {
            Fault::Connection
        }
    })?;
    Ok(Response {
        status: head.status,
        headers: head.headers,
        body: body.to_bytes(),
    })
}

fn prepared(request: Request) -> http::Result<http::Request<Full<Bytes>>> {
    let url = &request.url;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let host = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    let mut prepared = http::Request::builder()
        .method(request.method)
        .uri(target)
        .body(Full::new(Bytes::from(request.body)))?;
    *prepared.headers_mut() = request.headers;
    prepared.headers_mut().insert(HOST, HeaderValue::try_from(host)?);
    prepared
        .headers_mut()
        .insert(USER_AGENT, HeaderValue::from_static(AGENT));
    Ok(prepared)
}

fn is_listed(hosts: &[String], host: &str, port: u16) -> bool {
    let with_port = format!("{host}:{port}");
    hosts
        .iter()
        .any(|listed| listed.eq_ignore_ascii_case(host) || listed.eq_ignore_ascii_case(&with_port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_listed_with_any_port_or_with_one() {
        let hosts = [
            "vault.local".to_owned(),
            "sso.local:8443".to_owned(),
            "[::1]".to_owned(),
        ];
        for (host, port, want) in [
            ("vault.local", 443, true),
            ("vault.local", 8200, true),
            ("sso.local", 8443, true),
            ("sso.local", 443, false),
            ("[::1]", 1, true),
            ("xvault.local", 443, false),
            ("vault.local.evil.example", 443, false),
        ] {
            assert_eq!(is_listed(&hosts, host, port), want, "{host}:{port}");
        }
    }

    #[test]
    fn what_is_secret_is_not_shown() {
        let mut request = Request::get(Url::parse("https://example.org/?token=secret").unwrap());
        request.body = b"secret".to_vec();
        assert_eq!(format!("{request:?}"), "Request(GET [sealed])");
    }
}
