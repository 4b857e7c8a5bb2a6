//! The network, as far as signing in needs it.

use crate::Sealed;
use std::pin::Pin;

/// One request to a provider.
#[derive(Clone, Debug)]
pub struct FetchRequest<'a> {
    /// Where: `https`, or `http` at a loopback address.
    pub address: &'a str,
    /// Of a POST, the body in `application/x-www-form-urlencoded`; none means GET.
    pub form: Option<Sealed>,
    /// The header `Authorization`, if there is one.
    pub authorization: Option<Sealed>,
}

/// What a provider answered.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The status of HTTP.
    pub status: u16,
    /// The body.
    pub body: Sealed,
}

/// Why there is no answer, for logs: without addresses of persons, codes or tokens.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct FetchFault(pub String);

/// What [`Fetch::fetch`] gives.
pub type FetchFuture<'a> = Pin<Box<dyn Future<Output = Result<Fetched, FetchFault>> + Send + 'a>>;

/// The way to the provider. It accepts `application/json`, follows no redirect, ends within seconds, and reads no more
/// than 256 KiB.
pub trait Fetch: Send + Sync {
    /// Sends a request, once.
    fn fetch<'a>(&'a self, request: FetchRequest<'a>) -> FetchFuture<'a>;
}
