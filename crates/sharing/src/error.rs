//! What can go wrong, by what the caller can do about it.

use std::io;

/// Why something could not leave or arrive. Messages fit after "failed to …" and never say whom it was about, nor what
/// the other side answered in words, which often repeats an address.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It may not be: correct what was asked for.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The other side did not do its part: try again later, or correct the configuration.
    #[error("reach the {peer}: {fault}")]
    Peer {
        /// The other side.
        peer: Peer,
        /// What was wrong.
        fault: Fault,
    },
    /// A file of the configuration cannot be used.
    #[error("read the {what}")]
    File {
        /// What the file holds.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A row cannot be read, or was sealed with another key: restore the key that belongs to this database.
    #[error("read the {0}: it is not valid, or was sealed with another key")]
    Corrupt(&'static str),
    /// The system gave no random bytes.
    #[error("draw random bytes")]
    Random(#[from] getrandom::Error),
    /// The database failed or is busy.
    #[error(transparent)]
    Storage(#[from] sqldb::Error),
}

/// The other sides there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// Takes our mail (SMTP, or the folder for `.eml` files).
    MailServer,
    /// Keeps mail for us (IMAP).
    Mailbox,
    /// Answers requests over HTTP.
    WebService,
    /// Seals keys (Vault's transit engine).
    KeyService,
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::MailServer => "mail server",
            Self::Mailbox => "mailbox",
            Self::WebService => "web service",
            Self::KeyService => "key service",
        })
    }
}

/// What was wrong with the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Its name has no address.
    #[error("its name has no address, check the host and the name server")]
    Unresolved,
    /// No connection came about, or it broke.
    #[error("no connection, check host, port and firewall")]
    Connection,
    /// No trusted certificates are installed on this machine.
    #[error("no trusted certificates are installed, install the package `ca-certificates`")]
    NoCertificates,
    /// TLS failed.
    #[error("TLS failed, check the host name, its certificate and the trusted certificates")]
    Tls,
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// It refused our credentials.
    #[error("it refused our credentials, renew them")]
    SignIn,
    /// It refused what we asked for.
    #[error("it refused what was asked")]
    Refused,
    /// The mailbox has no folder of that name.
    #[error("there is no such folder, correct its name")]
    Folder,
    /// It answered with this status of its protocol (SMTP or HTTP).
    #[error("it answered {0}")]
    Status(u16),
    /// It answered what the protocol does not allow.
    #[error("its answer makes no sense, check that host and port belong to this kind of service")]
    Protocol,
    /// Its answer is larger than the limit.
    #[error("its answer is larger than the limit")]
    TooLarge,
}

impl Fault {
    pub(crate) fn of(self, peer: Peer) -> Error {
        Error::Peer { peer, fault: self }
    }
}

/// Why it may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not one plain e-mail address of at most 254 characters.
    #[error("address the mail: give one e-mail address")]
    Address,
    /// Neither subject nor text may be missing.
    #[error("write the mail: give a subject and a text")]
    Empty,
    /// The text is longer than a megabyte.
    #[error("write the mail: the text is longer than 1 MB")]
    TooLong,
    /// What a mail answers is not named by message ids.
    #[error("thread the mail: a message id is 3 to 250 ASCII characters without spaces and brackets")]
    MessageId,
    /// RFC 8058 wants one `https` address.
    #[error("write the mail: the address to unsubscribe must be `https` and shorter than 900 characters")]
    Unsubscribe,
    /// Personal data leaves for a purpose or not at all.
    #[error("disclose personal data: name the purpose")]
    NoPurpose,
    /// Every disclosure is for a service.
    #[error("disclose: name the service in 1 to 100 characters")]
    NoService,
    /// A partner is named.
    #[error("disclose: name the partner in 1 to 100 characters")]
    NoPartner,
    /// Partners get names and e-mail addresses only.
    #[error("disclose to a partner: only name and e-mail may leave")]
    FieldsOfPartner,
    /// The host has an address inside our network and is not listed.
    #[error(
        "call the host: it has an address that is not public; list it under the hosts inside, if it is meant"
    )]
    Inside,
    /// The host has an address that nobody may call.
    #[error("call the host: it has an address that is never called")]
    Never,
    /// Only `https`, except to hosts that are listed.
    #[error("call the host: only `https` is allowed; list it under the plain hosts, if it is meant")]
    Plain,
    /// The address has an account and password in it, or no host.
    #[error("call the host: give its address without account and password")]
    Url,
    /// Without TLS only to this machine.
    #[error("connect without TLS: only to `localhost`")]
    PlainToOthers,
    /// The file can be read by every account of the machine.
    #[error("read the secret: its file is open to every account, take the right to read away from others")]
    OpenFile,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}
