//! The operator's key, above all others.

use futures::future::BoxFuture;
use zeroize::Zeroizing;

/// The key that wraps the clients' keys. It lives outside the databases: in an age file ([`crate::AgeFile`]), or at a
/// server such as `HashiCorp` Vault's transit engine, for which the binary brings an implementation.
pub trait OperatorKey: Send + Sync {
    /// Which key this is: stored beside what it wrapped, and shown to operators. Not secret.
    fn id(&self) -> String;

    /// Wraps a key. The bytes are stored as they are.
    fn wrap<'a>(&'a self, key: &'a [u8; 32]) -> BoxFuture<'a, Result<Vec<u8>, KeyFault>>;

    /// Unwraps what [`OperatorKey::wrap`] gave.
    fn unwrap<'a>(&'a self, wrapped: &'a [u8]) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, KeyFault>>;
}

/// Why the operator's key cannot be used. The texts say what was wrong, never anything of the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// The file or server cannot be reached or read.
    #[error("use the operator's key: {0}")]
    Unreachable(String),
    /// Others may read the file: take their rights away (`chmod 600`).
    #[error("use the operator's key `{0}`: others may read the file; take that right away (`chmod 600`)")]
    Exposed(String),
    /// There is a file already.
    #[error("make the operator's key `{0}`: there is a file of that name")]
    Exists(String),
    /// It is no key of this kind, or not the one that wrapped this.
    #[error("use the operator's key: it does not fit")]
    Unfit,
    /// Another operator's key wrapped this.
    #[error("use the operator's key: `{0}` is needed")]
    Other(String),
}
