//! A mail to be sent, and its bytes (RFC 5322): plain text in UTF-8, one recipient.

use crate::{Error, Refusal};
use credentials::Sealed;
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use std::time::{Duration, UNIX_EPOCH};
use url::{Host, Url};
use vocabulary::Moment;

/// How long a text may be, in bytes.
pub const MOST_TEXT_BYTES: usize = 1_000_000;
/// How long a subject or a name may be, in characters; the rest is cut off.
const MOST_LINE_CHARACTERS: usize = 250;
/// How long a message id may be, in bytes, without its angle brackets.
pub(crate) const MOST_ID_BYTES: usize = 250;
/// How many earlier mails of its thread a mail names: the first and the latest (RFC 5322 advises to name all, but a
/// thread may be long).
pub(crate) const MOST_REFERENCES: usize = 20;

/// A mail to be sent.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The address, such as `anna@example.org`; its domain may be in any script.
    pub to: Sealed,
    /// The name beside the address.
    pub name: Option<Sealed>,
    /// The subject: one line. Line breaks and control characters become spaces.
    pub subject: Sealed,
    /// The text, lines separated by `\n`.
    pub text: Sealed,
    /// What it answers, if anything.
    pub thread: Option<Thread>,
    /// What kind of mail it is.
    pub kind: MailKind,
    /// What answers to it find their way by, if whoever wrote it keeps a thread.
    pub answerable: Option<Answerable>,
}

/// How answers to a mail find their way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answerable {
    /// The mail's own message id without angle brackets: never used before, and random, so that it says nothing.
    pub message_id: String,
    /// What stands behind a `+` in the local part of the address that answers go to (RFC 5233): 1 to 64 ASCII letters
    /// and digits.
    pub tag: String,
}

/// What kind of mail it is, which decides its headers.
#[derive(Clone, Debug)]
pub enum MailKind {
    /// Somebody wrote it.
    Written,
    /// Sent by the program of its own accord, such as a link to sign in or a notice the law demands
    /// (RFC 3834: `Auto-Submitted: auto-generated`).
    Automatic,
    /// Sent by the program because a letter came (`Auto-Submitted: auto-replied`).
    Reply(AutoReply),
    /// To people who subscribed: the `https` address that unsubscribes when it is posted to (RFC 8058).
    List(Url),
}

/// The right to answer a letter automatically; automatic letters give none, see [`crate::Letter::auto_reply`].
#[derive(Clone, Debug)]
pub struct AutoReply(pub(crate) ());

/// What a mail answers: message ids, with or without angle brackets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Thread {
    /// The mail that is answered.
    pub answers: String,
    /// The mails before it, oldest first.
    pub earlier: Vec<String>,
}

/// Who we are in mails.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    mailbox: Mailbox,
}

impl Sender {
    pub(crate) fn new(address: &str, name: &str) -> Result<Self, Refusal> {
        Ok(Self {
            mailbox: Mailbox::new(name_of(name), address_of(address)?),
        })
    }

    /// Our address with a tag.
    fn tagged(&self, tag: &str) -> Result<Mailbox, Refusal> {
        let is_tag = (1..=64).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_tag {
            return Err(Refusal::MessageId);
        }
        let ours = &self.mailbox.email;
        let address = Address::new(format!("{}+{tag}", ours.user()), ours.domain());
        Ok(Mailbox::new(
            self.mailbox.name.clone(),
            address.map_err(|_| Refusal::Address)?,
        ))
    }

    /// The part behind the `@`, in ASCII.
    pub(crate) fn domain(&self) -> &str {
        self.mailbox.email.domain()
    }

    /// From us to one address.
    pub(crate) fn envelope(&self, to: Address) -> Envelope {
        Envelope::new(Some(self.mailbox.email.clone()), vec![to]).expect("there is one recipient")
    }
}

impl Mail {
    /// The recipient's address as servers understand it, and the bytes. `message_id` is without angle brackets.
    pub(crate) fn written(
        &self,
        from: &Sender,
        message_id: &str,
        now: Moment,
    ) -> Result<(Address, Vec<u8>), Error> {
        let to = address_of(self.to.reveal())?;
        let subject = line(self.subject.reveal());
        let text = text_of(self.text.reveal());
        if subject.is_empty() || text.trim().is_empty() {
            return Err(Refusal::Empty.into());
        }
        if text.len() > MOST_TEXT_BYTES {
            return Err(Refusal::TooLong.into());
        }
        let name = self.name.as_ref().and_then(|name| name_of(name.reveal()));
        let mut builder = Message::builder()
            .date(UNIX_EPOCH + Duration::from_millis(now.0.max(0).unsigned_abs()))
            .from(from.mailbox.clone())
            .to(Mailbox::new(name, to.clone()))
            .envelope(from.envelope(to.clone()))
            .message_id(Some(format!("<{message_id}>")))
            .subject(subject);
        if let Some(answerable) = &self.answerable {
            builder = builder.reply_to(from.tagged(&answerable.tag)?);
        }
        if let Some(thread) = &self.thread {
            let answers = bracketed(&thread.answers)?;
            let mut earlier = thread
                .earlier
                .iter()
                .map(|id| bracketed(id))
                .collect::<Result<Vec<_>, _>>()?;
            earlier.retain(|id| *id != answers);
            if earlier.len() > MOST_REFERENCES {
                earlier.drain(1..=earlier.len() - MOST_REFERENCES);
            }
            earlier.push(answers.clone());
            builder = builder.in_reply_to(answers).references(earlier.join(" "));
        }
        for (header, value) in self.kind.headers()? {
            // Ours and ASCII, and never folded: some signers break folded `List-` headers.
            let value = HeaderValue::dangerous_new_pre_encoded(
                HeaderName::new_from_ascii_str(header),
                value.clone(),
                value,
            );
            builder = builder.raw_header(value);
        }
        let message = builder
            .header(ContentType::TEXT_PLAIN)
            .body(text)
            .map_err(|_| Refusal::Address)?;
        Ok((to, message.formatted()))
    }
}

impl MailKind {
    /// The kind of a mail to people who subscribed, which `unsubscribe` ends when it is posted to; where that is no
    /// `https` address, as on a machine of one's own, it goes as automatic.
    pub fn list(unsubscribe: &str) -> Self {
        match Url::parse(unsubscribe) {
            Ok(url) if url.scheme() == "https" => Self::List(url),
            _ => Self::Automatic,
        }
    }

    fn headers(&self) -> Result<Vec<(&'static str, String)>, Refusal> {
        Ok(match self {
            Self::Written => Vec::new(),
            Self::Automatic => vec![("Auto-Submitted", "auto-generated".to_owned())],
            Self::Reply(_) => vec![("Auto-Submitted", "auto-replied".to_owned())],
            Self::List(url) => {
                let plain = url
                    .as_str()
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b','));
                if url.scheme() != "https" || !plain || url.as_str().len() >= 900 {
                    return Err(Refusal::Unsubscribe);
                }
                vec![
                    ("List-Unsubscribe", format!("<{url}>")),
                    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
                ]
            }
        })
    }
}

/// That the text is one plain e-mail address, as mails are sent from and to.
pub fn check_address(text: &str) -> Result<(), Refusal> {
    address_of(text).map(drop)
}

/// Reads one address; its domain becomes ASCII (IDNA).
pub(crate) fn address_of(text: &str) -> Result<Address, Refusal> {
    let text = text.trim();
    if text.len() > 254 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Refusal::Address);
    }
    let (local, domain) = text.rsplit_once('@').ok_or(Refusal::Address)?;
    let Ok(Host::Domain(domain)) = Host::parse(domain) else {
        return Err(Refusal::Address);
    };
    Address::new(local, domain).map_err(|_| Refusal::Address)
}

/// Text on one line without control characters, at most 250 characters. What looks like an encoded word (RFC 2047) is
/// taken apart, for the reader's program would decode it to anything.
pub(crate) fn line(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() || is_line_end(c) { ' ' } else { c })
        .collect();
    let mut line = String::new();
    for word in clean.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let line = line.replace("=?", "= ?");
    match line.char_indices().nth(MOST_LINE_CHARACTERS) {
        Some((end, _)) => line[..end].trim_end().to_owned(),
        None => line,
    }
}

/// Text of many lines without control characters but `\n` and tabs.
pub(crate) fn text_of(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect()
}

/// Whether the text can be a message id without brackets.
pub(crate) fn is_message_id(text: &str) -> bool {
    (3..=MOST_ID_BYTES).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'))
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

fn name_of(name: &str) -> Option<String> {
    Some(line(name)).filter(|name| !name.is_empty())
}

fn bracketed(id: &str) -> Result<String, Refusal> {
    let bare = id.trim();
    let bare = bare
        .strip_prefix('<')
        .and_then(|id| id.strip_suffix('>'))
        .unwrap_or(bare);
    if !is_message_id(bare) {
        return Err(Refusal::MessageId);
    }
    Ok(format!("<{bare}>"))
}

#[cfg(test)]
mod tests;
