//! How mail leaves: by SMTP, or into a folder.

use crate::mail::Sender;
use crate::tls::Tls;
use crate::{Error, Fault, Leave, Peer, Refusal};
use credentials::Sealed;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls as SmtpTls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};
use tokio::time::timeout;

/// How long the mail server may take for one step of the conversation.
const STEP_LIMIT: Duration = Duration::from_mins(1);
/// How long one mail may take in all; shorter than the lease of the outbox.
const MAIL_LIMIT: Duration = Duration::from_mins(5);

/// How mail leaves.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Not at all: it waits in the outbox until this is configured.
    Nowhere,
    /// As `.eml` files in a folder, for demonstrations. The folder is made, for its owner alone.
    Folder(PathBuf),
    /// By a mail server.
    Smtp(SmtpOptions),
}

/// A mail server that takes our mail.
#[derive(Clone, Debug)]
pub struct SmtpOptions {
    /// Its name.
    pub host: String,
    /// Its port: 465 for TLS, 587 for STARTTLS by custom.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Account and password, read from a file or the environment by the binary, never from arguments.
    pub credentials: Option<(Sealed, Sealed)>,
}

/// How a connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS from the command STARTTLS on, which must succeed before anything else is said.
    StartTls,
    /// Not at all: only to `localhost`, `127.0.0.1` and `::1`.
    Plain,
}

/// A transport that is ready.
#[derive(Clone, Debug)]
pub(crate) enum Carrier {
    Nowhere,
    Folder(PathBuf),
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

/// Why a mail was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refused {
    /// The server will not have this mail, however often it is sent.
    ForGood(Fault),
    /// This mail must wait, others may pass.
    ForNow(Fault),
    /// No mail passes now.
    All(Fault),
}

impl Carrier {
    pub(crate) fn new(transport: &Transport, from: &Sender, tls: &Tls) -> Result<Self, Error> {
        Ok(match transport {
            Transport::Nowhere => Self::Nowhere,
            Transport::Folder(path) => {
                fs::DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(path)
                    .map_err(|source| Error::File {
                        what: "folder for mails",
                        source,
                    })?;
                Self::Folder(path.clone())
            }
            Transport::Smtp(options) => Self::Smtp(smtp(options, from, tls)?),
        })
    }

    /// Whether mail leaves at all.
    pub(crate) fn is_somewhere(&self) -> bool {
        !matches!(self, Self::Nowhere)
    }

    /// Hands one mail over. Needs leave, so nothing passes that is not in the ledger.
    pub(crate) async fn carry(&self, leave: &Leave, envelope: &Envelope, mail: &[u8]) -> Result<(), Refused> {
        match self {
            Self::Nowhere => Err(Refused::All(Fault::Connection)),
            Self::Folder(folder) => {
                file(folder, leave.id(), mail).map_err(|_| Refused::All(Fault::Connection))
            }
            Self::Smtp(server) => match timeout(MAIL_LIMIT, server.send_raw(envelope, mail)).await {
                Err(_) => Err(Refused::ForNow(Fault::Timeout)),
                Ok(Err(error)) => Err(refused(&error)),
                Ok(Ok(_)) => Ok(()),
            },
        }
    }
}

fn smtp(
    options: &SmtpOptions,
    from: &Sender,
    tls: &Tls,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, Error> {
    let parameters = || -> Result<TlsParameters, Error> {
        let mut builder = TlsParameters::builder(options.host.clone());
        for certificate in tls.added() {
            let certificate = Certificate::from_der(certificate.to_vec());
            builder = builder.add_root_certificate(certificate.map_err(|_| Fault::Tls.of(Peer::MailServer))?);
        }
        builder.build().map_err(|_| Fault::Tls.of(Peer::MailServer))
    };
    let security = match options.security {
        Security::Tls => SmtpTls::Wrapper(parameters()?),
        Security::StartTls => SmtpTls::Required(parameters()?),
        Security::Plain if is_this_machine(&options.host) => SmtpTls::None,
        Security::Plain => return Err(Refusal::PlainToOthers.into()),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&options.host)
        .port(options.port)
        .tls(security)
        // Not the name of this machine.
        .hello_name(ClientId::Domain(from.domain().to_owned()))
        .timeout(Some(STEP_LIMIT));
    if let Some((account, password)) = &options.credentials {
        builder = builder.credentials(Credentials::new(
            account.reveal().to_owned(),
            password.reveal().to_owned(),
        ));
    }
    Ok(builder.build())
}

pub(crate) fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1" | "[::1]")
}

/// By the codes of RFC 5321 and RFC 4954.
fn refused(error: &lettre::transport::smtp::Error) -> Refused {
    let code = error.status().map(u16::from);
    match code {
        // Credentials are wanted, too weak or wrong.
        Some(454 | 530 | 534 | 535 | 538) => Refused::All(Fault::SignIn),
        // The server closes, or will have nothing from us.
        Some(code @ (421 | 521)) => Refused::All(Fault::Status(code)),
        Some(code) if error.is_permanent() => Refused::ForGood(Fault::Status(code)),
        Some(code) => Refused::ForNow(Fault::Status(code)),
        None if error.is_timeout() => Refused::All(Fault::Timeout),
        None if error.is_tls() => Refused::All(Fault::Tls),
        None if error.is_client() => Refused::ForNow(Fault::Protocol),
        None => Refused::All(Fault::Connection),
    }
}

/// Writes `ID.eml`, whole or not at all; again, if it is there.
fn file(folder: &Path, id: i64, mail: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!("{id:06}.unfinished"));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(mail)?;
    file.sync_all()?;
    fs::rename(unfinished, folder.join(format!("{id:06}.eml")))
}
