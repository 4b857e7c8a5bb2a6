//! Reading a mailbox by IMAP, without changing anything in it.

use crate::inbox::{Arrival, Inbox, Place};
use crate::letter::MOST_BYTES;
use crate::transport::{Security, is_this_machine};
use crate::{Error, Fault, Peer, Refusal};
use async_imap::error::Error as ImapError;
use async_imap::{Client, Session};
use credentials::Sealed;
use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the server may take for one step.
const STEP_LIMIT: Duration = Duration::from_mins(1);
/// How many bytes it may send in one step: a letter in full, and something around it.
const STEP_BYTES: usize = MOST_BYTES + 1024 * 1024;

/// A mailbox that is kept for us.
#[derive(Clone, Debug)]
pub struct ImapOptions {
    /// The server's name.
    pub host: String,
    /// Its port: 993 by custom.
    pub port: u16,
    /// [`Security::Tls`], or [`Security::Plain`] to this machine.
    pub security: Security,
    /// The account, read like the password.
    pub account: Sealed,
    /// The password, read from a file or the environment by the binary, never from arguments.
    pub password: Sealed,
    /// The folder: `INBOX`, or better one that only this program reads. Every letter in it is taken, those that are
    /// there already too.
    pub folder: String,
}

/// A connection to a mailbox: ask for [`Mailbox::next`] until there is none.
#[derive(Debug)]
pub struct Mailbox {
    inbox: Inbox,
    session: Session<Wire>,
    name: Vec<u8>,
    validity: u32,
    waiting: VecDeque<u32>,
}

impl Inbox {
    /// Opens a mailbox for reading and lists what is new in it.
    pub async fn connect(&self, options: &ImapOptions) -> Result<Mailbox, Error> {
        let mut session = self.signed_in(options).await?;
        let folder = step(&mut session, async |session| {
            session.examine(&options.folder).await
        })
        .await
        .map_err(|error| match error {
            Fault::Refused => Fault::Folder.of(Peer::Mailbox),
            other => other.of(Peer::Mailbox),
        })?;
        let validity = folder
            .uid_validity
            .ok_or_else(|| Fault::Protocol.of(Peer::Mailbox))?;
        let name = name_of(options);
        let last = self.last_uid(&name, validity).await?;
        // A range up to `*` always contains the last letter, known or not.
        let query = format!("UID {}:*", last.saturating_add(1));
        let found = step(&mut session, async |session| session.uid_search(&query).await)
            .await
            .map_err(|fault| fault.of(Peer::Mailbox))?;
        let mut waiting: Vec<u32> = found.into_iter().filter(|uid| *uid > last).collect();
        waiting.sort_unstable();
        Ok(Mailbox {
            inbox: self.clone(),
            session,
            name,
            validity,
            waiting: waiting.into(),
        })
    }

    async fn signed_in(&self, options: &ImapOptions) -> Result<Session<Wire>, Error> {
        let opened = async {
            let stream = TcpStream::connect((options.host.as_str(), options.port))
                .await
                .map_err(|_| Fault::Connection)?;
            let stream: Box<dyn Stream> = if options.security == Security::Plain {
                Box::new(stream)
            } else {
                Box::new(self.tls.connect(&options.host, stream).await?)
            };
            let mut client = Client::new(Wire {
                stream,
                left: STEP_BYTES,
            });
            let greeting = client.read_response().await.map_err(|_| Fault::Protocol)?;
            if greeting.is_none() {
                return Err(Fault::Connection);
            }
            client
                .login(options.account.reveal(), options.password.reveal())
                .await
                .map_err(|(error, _)| match error {
                    ImapError::No(_) | ImapError::Validate(_) => Fault::SignIn,
                    other => fault_of(&other),
                })
        };
        match options.security {
            Security::Plain if !is_this_machine(&options.host) => return Err(Refusal::PlainToOthers.into()),
            Security::StartTls => return Err(Fault::Tls.of(Peer::Mailbox)),
            Security::Plain | Security::Tls => {}
        }
        timeout(STEP_LIMIT, opened)
            .await
            .unwrap_or(Err(Fault::Timeout))
            .map_err(|fault| fault.of(Peer::Mailbox))
    }
}

impl Mailbox {
    /// The next letter that is new, oldest first; the same again until it is taken ([`Mailbox::taken`]).
    pub async fn next(&mut self) -> Result<Option<Arrival>, Error> {
        while let Some(&uid) = self.waiting.front() {
            let place = Place {
                mailbox: self.name.clone(),
                validity: self.validity,
                uid,
            };
            // There is none if it was removed since the list was made.
            if let Some(raw) = self.fetched(uid).await? {
                let arrival = self.inbox.arrival(&raw, Some(place.clone()));
                if !self.inbox.was_taken(&arrival).await? {
                    return Ok(Some(arrival));
                }
            }
            self.inbox.pass_over(&place).await?;
            self.waiting.pop_front();
        }
        Ok(None)
    }

    /// Says that what the letter brings is stored ([`Inbox::taken`]), and goes on to the next.
    pub async fn taken(&mut self, arrival: &Arrival, now: vocabulary::Moment) -> Result<(), Error> {
        self.inbox.taken(arrival, now).await?;
        if arrival.place.as_ref().map(|place| place.uid) == self.waiting.front().copied() {
            self.waiting.pop_front();
        }
        Ok(())
    }

    /// Signs out.
    pub async fn close(mut self) -> Result<(), Error> {
        step(&mut self.session, async |session| session.logout().await)
            .await
            .map_err(|fault| fault.of(Peer::Mailbox))
    }

    /// A letter's bytes, at most [`MOST_BYTES`] and one more, by which it shows that it is longer.
    async fn fetched(&mut self, uid: u32) -> Result<Option<Vec<u8>>, Error> {
        let wanted = format!("(UID BODY.PEEK[]<0.{}>)", MOST_BYTES + 1);
        step(&mut self.session, async |session| {
            let mut raw = None;
            let mut answers = session.uid_fetch(uid.to_string(), &wanted).await?;
            while let Some(answer) = answers.try_next().await? {
                if answer.uid == Some(uid) {
                    raw = answer.body().map(<[u8]>::to_vec).or(raw);
                }
            }
            Ok(raw)
        })
        .await
        .map_err(|fault| fault.of(Peer::Mailbox))
    }
}

/// Does one step within the limits of time and bytes.
async fn step<T>(
    session: &mut Session<Wire>,
    act: impl AsyncFnOnce(&mut Session<Wire>) -> Result<T, ImapError>,
) -> Result<T, Fault> {
    session.as_mut().left = STEP_BYTES;
    match timeout(STEP_LIMIT, act(session)).await {
        Err(_) => Err(Fault::Timeout),
        Ok(Err(error)) => Err(fault_of(&error)),
        Ok(Ok(done)) => Ok(done),
    }
}

/// Without the server's words, which may hold those of a letter.
fn fault_of(error: &ImapError) -> Fault {
    match error {
        ImapError::No(_) | ImapError::Bad(_) => Fault::Refused,
        ImapError::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => Fault::TooLarge,
        ImapError::Io(error) if error.kind() == io::ErrorKind::Other => Fault::Protocol,
        ImapError::Io(_) | ImapError::ConnectionLost => Fault::Connection,
        _ => Fault::Protocol,
    }
}

/// What the position in a mailbox is stored under: it names nobody.
fn name_of(options: &ImapOptions) -> Vec<u8> {
    let ImapOptions {
        host,
        port,
        account,
        folder,
        ..
    } = options;
    let account = account.reveal();
    Sha256::digest(format!("{host}\n{port}\n{account}\n{folder}")).to_vec()
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Stream for S {}

/// A connection that gives no more than `left` bytes.
#[derive(Debug)]
struct Wire {
    stream: Box<dyn Stream>,
    left: usize,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
        }
        let before = buffer.filled().len();
        let done = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.left = self.left.saturating_sub(buffer.filled().len() - before);
        done
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
