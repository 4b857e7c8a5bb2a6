//! A mail that came, as far as we read it. It was written by anybody: everything is bounded and cleaned.

use crate::mail::{AutoReply, MOST_REFERENCES, Thread, is_message_id, line, text_of};
use credentials::Sealed;
use mail_parser::{Address, HeaderValue, Message, MessageParser, MimeHeaders};
use policy::FieldClass;
use std::fmt;
use vocabulary::Moment;

/// How many bytes of a mail are read; what is behind is cut off.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;
/// How many recipients are kept.
const MOST_RECIPIENTS: usize = 50;
/// How many parts may have parts themselves. With more nothing but the head is read: the parser looks for each one's end
/// through the whole mail.
const MOST_MULTIPARTS: usize = 100;

/// Somebody who writes or is written to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Correspondent {
    /// The name beside the address, on one line.
    pub name: Option<Sealed>,
    /// The address as written, at most 254 bytes without spaces; anybody may claim to have it.
    pub address: Sealed,
}

/// A mail that came. `Debug` shows no word of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its message id without angle brackets, if it has a proper one.
    pub message_id: Option<String>,
    /// The mail it answers.
    pub in_reply_to: Option<String>,
    /// The mails of its thread, oldest first: the first and the latest.
    pub references: Vec<String>,
    /// Who wrote it, or says so.
    pub from: Option<Correspondent>,
    /// To whom, copies included; at most 50.
    pub to: Vec<Correspondent>,
    /// The subject, on one line of at most 250 characters; may be empty.
    pub subject: Sealed,
    /// The text, lines separated by `\n`, at most as long as a message may be ([`FieldClass::Message`]); of HTML what
    /// can be read of it.
    pub text: Sealed,
    /// When it was written, or says so.
    pub date: Option<Moment>,
    /// Whether a program sent it, or a list, or nobody who could be answered: never answer it automatically.
    pub is_automatic: bool,
    /// How many attachments it has. They are not kept.
    pub attachments: usize,
    /// Whether something was cut off or left unread.
    pub is_cut: bool,
    /// The message id of the mail that did not arrive, if this is the report of that (RFC 3464, action `failed`).
    pub came_back: Option<String>,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter")
            .field("is_automatic", &self.is_automatic)
            .field("attachments", &self.attachments)
            .field("is_cut", &self.is_cut)
            .finish_non_exhaustive()
    }
}

impl Letter {
    /// Reads a mail. Never fails: what cannot be read is empty.
    pub fn read(raw: &[u8]) -> Self {
        let (cut, multiparts) = flat(&raw[..raw.len().min(MOST_BYTES)]);
        let parser = MessageParser::default();
        let is_wild = multiparts > MOST_MULTIPARTS;
        let message = if is_wild {
            parser.parse_headers(&cut)
        } else {
            parser.parse(&cut)
        };
        let message = message.unwrap_or_default();
        if message.parts.is_empty() {
            return Self::unreadable();
        }
        let from = message
            .from()
            .into_iter()
            .flat_map(Address::iter)
            .find_map(correspondent);
        let to: Vec<_> = [message.to(), message.cc()]
            .into_iter()
            .flatten()
            .flat_map(Address::iter)
            .filter_map(correspondent)
            .take(MOST_RECIPIENTS)
            .collect();
        let mut references = ids(message.references());
        if references.len() > MOST_REFERENCES {
            references.drain(1..=references.len() - MOST_REFERENCES);
        }
        let (text, is_long) = text(&message);
        Self {
            message_id: message
                .message_id()
                .filter(|id| is_message_id(id))
                .map(str::to_owned),
            in_reply_to: ids(message.in_reply_to()).pop(),
            references,
            is_automatic: is_automatic(&message, from.as_ref()),
            from,
            to,
            subject: Sealed::new(line(message.subject().unwrap_or_default())),
            text: Sealed::new(text),
            date: message
                .date()
                .filter(|date| date.is_valid())
                .map(|date| Moment(date.to_timestamp() * 1_000)),
            attachments: message.attachment_count(),
            is_cut: is_long || is_wild || cut.len() < raw.len(),
            came_back: came_back(&message),
        }
    }

    fn unreadable() -> Self {
        Self {
            message_id: None,
            in_reply_to: None,
            references: Vec::new(),
            from: None,
            to: Vec::new(),
            subject: Sealed::new(String::new()),
            text: Sealed::new(String::new()),
            date: None,
            is_automatic: true,
            attachments: 0,
            is_cut: true,
            came_back: None,
        }
    }

    /// What an answer to this letter answers.
    pub fn thread(&self) -> Option<Thread> {
        Some(Thread {
            answers: self.message_id.clone()?,
            earlier: self.references.clone(),
        })
    }

    /// The right to answer automatically, unless this letter is itself automatic (RFC 3834).
    pub fn auto_reply(&self) -> Option<AutoReply> {
        (!self.is_automatic).then_some(AutoReply(()))
    }
}

/// The mail with parts that are mails themselves renamed to a kind that is left alone, and how many parts have parts.
///
/// The parser reads a mail within a mail into a tree that is taken down step by step, so that a hostile mail of many
/// levels would exhaust the stack. What is a header, it decides generously; so must this.
fn flat(raw: &[u8]) -> (Vec<u8>, usize) {
    let mut flat = raw.to_vec();
    let mut multiparts = 0;
    let mut is_inside = false;
    for line in flat.split_inclusive_mut(|&byte| byte == b'\n') {
        is_inside = is_content_type(line) || is_inside && line.first().is_some_and(u8::is_ascii_whitespace);
        if !is_inside {
            continue;
        }
        let is_multipart = line
            .windows(9)
            .any(|window| window.eq_ignore_ascii_case(b"multipart"));
        multiparts += usize::from(is_multipart);
        for place in 0..line.len().saturating_sub(5) {
            let word = &mut line[place..place + 6];
            for (kind, other) in [
                (b"rfc822", b"rfc_82"),
                (b"global", b"gl_bal"),
                (b"digest", b"dig_st"),
            ] {
                if word.eq_ignore_ascii_case(kind) {
                    word.copy_from_slice(other);
                }
            }
        }
    }
    (flat, multiparts)
}

/// Whether the parser takes the line for the header, with spaces between the letters and colons before them too.
fn is_content_type(line: &[u8]) -> bool {
    let mut name = line
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .skip_while(|byte| **byte == b':')
        .map(u8::to_ascii_lowercase);
    b"content-type:".iter().all(|byte| name.next() == Some(*byte))
}

fn correspondent(address: &mail_parser::Addr<'_>) -> Option<Correspondent> {
    let text = address.address()?.trim();
    let is_usable =
        text.len() <= 254 && text.contains('@') && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    is_usable.then(|| Correspondent {
        name: address
            .name()
            .map(line)
            .filter(|name| !name.is_empty())
            .map(Sealed::new),
        address: Sealed::new(text.to_owned()),
    })
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let ids = match value {
        HeaderValue::Text(id) => vec![id.to_string()],
        HeaderValue::TextList(ids) => ids.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    ids.into_iter().filter(|id| is_message_id(id)).collect()
}

/// The parts to be read, one below the other, and whether they were cut.
fn text(message: &Message<'_>) -> (String, bool) {
    let mut left = FieldClass::Message.most_characters();
    let mut text = String::new();
    for place in 0..message.text_body_count() {
        let Some(part) = message.body_text(place) else {
            continue;
        };
        let between = if text.is_empty() { "" } else { "\n" };
        for c in between.chars().chain(text_of(&part).chars()) {
            if left == 0 {
                return (text, true);
            }
            left -= 1;
            text.push(c);
        }
    }
    (text, false)
}

fn is_automatic(message: &Message<'_>, from: Option<&Correspondent>) -> bool {
    let Some(from) = from else {
        return true;
    };
    let says_so = message.headers_raw().any(|(name, value)| {
        let value = value.trim().to_ascii_lowercase();
        match name.to_ascii_lowercase().as_str() {
            "auto-submitted" => value.split([';', ' ', '(']).next() != Some("no"),
            "precedence" => matches!(value.as_str(), "bulk" | "junk" | "list" | "auto_reply"),
            "return-path" => value == "<>",
            "x-auto-response-suppress" => value != "none",
            "list-id"
            | "list-post"
            | "list-unsubscribe"
            | "x-autoreply"
            | "x-autorespond"
            | "x-failed-recipients" => true,
            "content-type" => value.starts_with("multipart/report"),
            _ => false,
        }
    });
    let local = from.address.reveal().split('@').next().unwrap_or_default();
    let bare: String = local
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    says_so
        || matches!(
            bare.as_str(),
            "mailerdaemon" | "noreply" | "donotreply" | "nichtantworten"
        )
}

/// Of a report of delivery, the message id of what was to be delivered.
fn came_back(message: &Message<'_>) -> Option<String> {
    let kind = message.content_type()?;
    if !kind.ctype().eq_ignore_ascii_case("multipart") || kind.subtype() != Some("report") {
        return None;
    }
    let failed = message.parts.iter().any(|part| {
        is_kind(part, "delivery-status")
            && String::from_utf8_lossy(part.contents())
                .lines()
                .filter_map(|line| line.split_once(':'))
                .any(|(name, value)| {
                    name.trim().eq_ignore_ascii_case("action") && value.trim().eq_ignore_ascii_case("failed")
                })
    });
    if !failed {
        return None;
    }
    // The kinds as `flat` renamed them.
    let original = message
        .parts
        .iter()
        .find(|part| is_kind(part, "rfc_82") || is_kind(part, "rfc_82-headers"))?;
    let head = MessageParser::default().parse_headers(original.contents())?;
    let id = head.message_id()?.to_owned();
    is_message_id(&id).then_some(id)
}

fn is_kind(part: &mail_parser::MessagePart<'_>, subtype: &str) -> bool {
    part.content_type()
        .and_then(|kind| kind.subtype())
        .is_some_and(|kind| kind.eq_ignore_ascii_case(subtype))
}

#[cfg(test)]
mod tests;
