//! Every way out of the system: mail, outbound HTTP, and the ledger that is written before anything leaves.
//! Must never reach vault or archive: what leaves is handed in by those who may read it.
//! Start at [`Sharing`]; [`Ledger`] is what every door writes in first.

pub mod destination;
pub mod error;
pub mod inbox;
pub mod ledger;
pub mod letter;
pub mod mail;
pub mod mailbox;
pub mod migrations;
pub mod outbox;
pub mod sharing;
pub mod transit;
pub mod transport;
pub mod undelivered;
pub mod web;

mod tls;

pub use error::{Error, Fault, Peer, Refusal};
pub use inbox::{Arrival, Inbox};
pub use ledger::{Disclosed, Disclosure, Door, Leave, Ledger, Outcome, Recipient, Totals};
pub use letter::{Correspondent, Letter};
pub use mail::{Answerable, AutoReply, Mail, MailKind, Thread, check_address};
pub use mailbox::{ImapOptions, Mailbox};
pub use outbox::{Outbox, Pass, Posted, WaitingMail};
pub use sharing::{Options, Sharing};
pub use transit::Transit;
pub use transport::{Security, SmtpOptions, Transport};
pub use undelivered::NotDelivered;
pub use web::{Request, Response, Web, WebOptions};
