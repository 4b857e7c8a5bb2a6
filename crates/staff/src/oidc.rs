//! Sign-in by a provider that the operator configures: OIDC Core 1.0 with the authorization code, PKCE
//! (RFC 7636), state and nonce. The network is handed in as [`Fetch`]; everything else is decided here.

mod address;
pub mod fetch;
mod id_token;
mod key_set;
mod metadata;
pub mod provider;

pub use fetch::{Fetch, FetchFault, FetchFuture, FetchRequest, Fetched};
pub use provider::{Identity, Provider, ProviderAnswer, ProviderSettings};
