//! TLS as a client: the machine's trusted certificates and those the operator adds.

use crate::{Error, Fault};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How we trust; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    config: Arc<ClientConfig>,
    added: Arc<[CertificateDer<'static>]>,
    trusts_nobody: bool,
}

impl Tls {
    /// `added`: a file of certificates (PEM) that are trusted too. Reads files.
    pub(crate) fn load(added: Option<&Path>) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let unreadable = |source| Error::File {
            what: "file of trusted certificates",
            source,
        };
        let added: Vec<CertificateDer<'static>> = match added {
            None => Vec::new(),
            Some(path) => CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect)
                .map_err(|e| unreadable(io::Error::other(e)))?,
        };
        for certificate in &added {
            roots
                .add(certificate.clone())
                .map_err(|e| unreadable(io::Error::other(e)))?;
        }
        let trusts_nobody = roots.is_empty();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            config: Arc::new(config),
            added: added.into(),
            trusts_nobody,
        })
    }

    /// The certificates the operator added.
    pub(crate) fn added(&self) -> &[CertificateDer<'static>] {
        &self.added
    }

    /// Speaks TLS over `stream` with the server of that name, an IP address or a domain.
    pub(crate) async fn connect(&self, host: &str, stream: TcpStream) -> Result<TlsStream<TcpStream>, Fault> {
        if self.trusts_nobody {
            return Err(Fault::NoCertificates);
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| Fault::Tls)?;
        TlsConnector::from(self.config.clone())
            .connect(name, stream)
            .await
            .map_err(|_| Fault::Tls)
    }
}
