//! Where the operator's key is: in a file, or at a key service.

use futures::future::BoxFuture;
use sharing::{Transit, Web, transit};
use std::path::PathBuf;
use std::sync::Arc;
use vault::{AgeFile, KeyFault, OperatorKey};
use vocabulary::Moment;
use zeroize::Zeroizing;

/// Where the operator's key is.
#[derive(Clone, Debug)]
pub enum KeyPlace {
    /// In an age identity file that exists.
    File(PathBuf),
    /// In an age identity file that is made now.
    NewFile(PathBuf),
    /// At a service that speaks the transit protocol of `HashiCorp` Vault.
    Service(Transit),
}

impl KeyPlace {
    /// What a key at a service is called where it wraps something; nothing for a file, which says so itself.
    pub fn name(&self) -> String {
        match self {
            Self::File(_) | Self::NewFile(_) => String::new(),
            Self::Service(transit) => format!("transit {}/{}", transit.mount, transit.key),
        }
    }

    /// The key; a service is reached through `web`.
    pub fn open(self, web: &Web, now: fn() -> Moment) -> Result<Arc<dyn OperatorKey>, KeyFault> {
        Ok(match self {
            Self::File(path) => Arc::new(AgeFile::open(&path)?),
            Self::NewFile(path) => Arc::new(AgeFile::create(&path)?),
            Self::Service(transit) => Arc::new(Service {
                web: web.clone(),
                transit,
                now,
            }),
        })
    }
}

/// A key at a service.
struct Service {
    web: Web,
    transit: Transit,
    now: fn() -> Moment,
}

impl OperatorKey for Service {
    fn id(&self) -> String {
        KeyPlace::Service(self.transit.clone()).name()
    }

    fn wrap<'a>(&'a self, key: &'a [u8; 32]) -> BoxFuture<'a, Result<Vec<u8>, KeyFault>> {
        Box::pin(async move {
            let wrapped = transit::wrap(&self.web, &self.transit, key, (self.now)()).await;
            wrapped.map(String::into_bytes).map_err(|error| fault(&error))
        })
    }

    fn unwrap<'a>(&'a self, wrapped: &'a [u8]) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, KeyFault>> {
        Box::pin(async move {
            let text = std::str::from_utf8(wrapped).map_err(|_| KeyFault::Unfit)?;
            let key = transit::unwrap(&self.web, &self.transit, text, (self.now)()).await;
            key.map_err(|error| fault(&error))
        })
    }
}

fn fault(error: &sharing::Error) -> KeyFault {
    KeyFault::Unreachable(error.to_string())
}
