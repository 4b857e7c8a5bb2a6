use crate::imap_server::{Content, Shared, imap_server};
use crate::{NOW, sharing_with};
use credentials::Sealed;
use sharing::letter::MOST_BYTES;
use sharing::{Error, Fault, ImapOptions, Inbox, Peer, Refusal, Security, Transport};
use sqldb::trial::{Trial, sqlite, trials};

async fn inbox(trial: &Trial) -> Inbox {
    sharing_with(trial, Transport::Nowhere).await.inbox
}

fn content(validity: u32, uids: &[u32]) -> Shared {
    let shared = Shared::default();
    *shared.lock().unwrap() = Content {
        validity,
        letters: uids.iter().map(|uid| (*uid, letter(*uid))).collect(),
        ..Content::default()
    };
    shared
}

fn letter(number: u32) -> Vec<u8> {
    format!(
        "From: anna@example.org\r\nMessage-ID: <{number}@example.org>\r\nSubject: n{number}\r\n\r\nПривет\r\n"
    )
    .into_bytes()
}

fn imap(port: u16, security: Security) -> ImapOptions {
    ImapOptions {
        host: "localhost".to_owned(),
        port,
        security,
        account: Sealed::new("office".to_owned()),
        password: Sealed::new(r#"a "b\c"#.to_owned()),
        folder: "INBOX".to_owned(),
    }
}

/// Takes everything; gives the subjects.
async fn take_all(inbox: &Inbox, options: &ImapOptions) -> Vec<String> {
    let mut mailbox = inbox.connect(options).await.unwrap();
    let mut subjects = Vec::new();
    while let Some(arrival) = mailbox.next().await.unwrap() {
        subjects.push(arrival.letter.subject.reveal().to_owned());
        mailbox.taken(&arrival, NOW).await.unwrap();
    }
    mailbox.close().await.unwrap();
    subjects
}

#[tokio::test]
async fn every_letter_is_taken_once() {
    for security in [Security::Tls, Security::Plain] {
        for trial in trials().await.unwrap() {
            let shared = content(9, &[3, 5, 20]);
            let options = imap(imap_server(security, &shared).await, security);
            let first = inbox(&trial).await;
            // Not taken: it comes again, with the same id.
            let mut mailbox = first.connect(&options).await.unwrap();
            let id = mailbox.next().await.unwrap().unwrap().id;
            assert_eq!(mailbox.next().await.unwrap().unwrap().id, id);
            drop(mailbox);
            let mut mailbox = first.connect(&options).await.unwrap();
            let arrival = mailbox.next().await.unwrap().unwrap();
            assert_eq!((arrival.id, arrival.letter.subject.reveal()), (id, "n3"));
            mailbox.taken(&arrival, NOW).await.unwrap();
            assert_eq!(
                mailbox.next().await.unwrap().unwrap().letter.subject.reveal(),
                "n5"
            );
            drop(mailbox);

            // Another process, later: the rest, and what came since.
            let again = inbox(&trial).await;
            shared.lock().unwrap().letters.insert(21, letter(21));
            assert_eq!(take_all(&again, &options).await, ["n5", "n20", "n21"]);
            assert_eq!(take_all(&again, &options).await, [""; 0]);
            let fetched = shared.lock().unwrap().fetched;
            assert_eq!(take_all(&again, &options).await, [""; 0]);
            assert_eq!(
                shared.lock().unwrap().fetched,
                fetched,
                "known letters are not fetched"
            );

            // The server numbers anew: what is known is passed over.
            {
                let mut shared = shared.lock().unwrap();
                shared.validity = 10;
                shared.letters = [(1, letter(5)), (2, letter(20)), (3, letter(22))].into();
            }
            assert_eq!(take_all(&again, &options).await, ["n22"]);
            assert_eq!(take_all(&again, &options).await, [""; 0]);

            // The same from a file.
            assert!(again.receive(&letter(3)).await.unwrap().is_none());
            let arrival = again.receive(&letter(30)).await.unwrap().unwrap();
            again.taken(&arrival, NOW).await.unwrap();
            shared.lock().unwrap().letters.insert(4, letter(30));
            assert_eq!(take_all(&again, &options).await, [""; 0]);
        }
    }
}

#[tokio::test]
async fn large_and_senseless_letters_do_not_stop_the_others() {
    let trial = sqlite().unwrap();
    let mut large = letter(1);
    large.resize(MOST_BYTES + 5_000, b'x');
    let shared = content(1, &[4]);
    {
        let mut shared = shared.lock().unwrap();
        shared.letters.insert(1, large);
        shared.letters.insert(2, Vec::new());
        shared.letters.insert(3, vec![0xff; 3_000]);
        shared.noise = b"* 7 EXISTS\r\n* 2 FETCH (UID 99 FLAGS (\\Seen))\r\n".to_vec();
    }
    let options = imap(imap_server(Security::Plain, &shared).await, Security::Plain);
    let inbox = inbox(&trial).await;
    let mut mailbox = inbox.connect(&options).await.unwrap();
    let mut seen = Vec::new();
    while let Some(arrival) = mailbox.next().await.unwrap() {
        seen.push((arrival.letter.subject.reveal().to_owned(), arrival.letter.is_cut));
        mailbox.taken(&arrival, NOW).await.unwrap();
    }
    assert_eq!(
        seen,
        [("n1", true), ("", true), ("", false), ("n4", false)].map(|(s, c)| (s.to_owned(), c))
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_without_names() {
    let trial = sqlite().unwrap();
    let inbox = inbox(&trial).await;
    let shared = content(1, &[1]);
    let port = imap_server(Security::Tls, &shared).await;
    let good = imap(port, Security::Tls);
    let plain_port = imap_server(Security::Plain, &shared).await;
    let closed = crate::server::serve(|_| async {}).await;
    let change = |change: fn(&mut ImapOptions)| {
        let mut options = good.clone();
        change(&mut options);
        options
    };
    for (options, want) in [
        (
            change(|o| o.password = Sealed::new("wrong".to_owned())),
            Fault::SignIn,
        ),
        (
            change(|o| o.account = Sealed::new("x\r\nA1 DELETE INBOX".to_owned())),
            Fault::SignIn,
        ),
        (change(|o| "Nowhere".clone_into(&mut o.folder)), Fault::Folder),
        (change(|o| "127.0.0.1".clone_into(&mut o.host)), Fault::Tls),
        (imap(plain_port, Security::Tls), Fault::Tls),
        (imap(closed, Security::Plain), Fault::Connection),
        (imap(1, Security::Plain), Fault::Connection),
    ] {
        let error = inbox.connect(&options).await.unwrap_err();
        let Error::Peer { peer, fault } = error else {
            panic!("{error:?}")
        };
        assert_eq!((peer, fault), (Peer::Mailbox, want));
        let shown = format!("{error} {error:?} {options:?}");
        assert!(
            !shown.contains("agency") && !shown.contains("wrong") && !shown.contains("a \""),
            "{shown}"
        );
    }
    let others = change(|o| {
        o.security = Security::Plain;
        "imap.example".clone_into(&mut o.host);
    });
    let error = inbox.connect(&others).await.unwrap_err();
    assert!(matches!(error, Error::Refused(Refusal::PlainToOthers)));

    shared.lock().unwrap().noise = vec![b'*'; MOST_BYTES * 2];
    let mut mailbox = inbox.connect(&good).await.unwrap();
    let error = mailbox.next().await.unwrap_err();
    assert!(matches!(error, Error::Peer { .. }), "{error:?}");
    shared.lock().unwrap().noise = b"* 1 FETCH (UID 1 BODY[] {900000000}\r\n".to_vec();
    let mut mailbox = inbox.connect(&good).await.unwrap();
    let error = mailbox.next().await.unwrap_err();
    assert!(matches!(error, Error::Peer { .. }), "{error:?}");
}
