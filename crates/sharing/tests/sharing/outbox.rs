use crate::smtp_server::{ACCOUNT, smtp_server};
use crate::{ANNA, NOW, options, sharing_with, to_anna};
use credentials::Sealed;
use mail_parser::MessageParser;
use sha2::{Digest, Sha256};
use sharing::outbox::GIVE_UP_MS;
use sharing::{
    Door, Error, Fault, Mail, MailKind, NotDelivered, Options, Outcome, Pass, Refusal, Security, Sharing,
    SmtpOptions, Thread, Transport,
};
use sqldb::Engine;
use sqldb::trial::{sqlite, trials};
use vocabulary::Moment;
use vocabulary::moment::{HOUR_MS, MINUTE_MS};

fn mail(to: &str) -> Mail {
    let sealed = |text: &str| Sealed::new(text.to_owned());
    Mail {
        to: sealed(to),
        name: Some(sealed("Анна Каренина")),
        subject: sealed("Re: Ваш запрос"),
        text: sealed("Здравствуйте, Анна!\n.\nmarker-of-anna"),
        thread: Some(Thread {
            answers: "2@example.org".to_owned(),
            earlier: vec!["1@example.org".to_owned()],
        }),
        kind: MailKind::Written,
        answerable: None,
    }
}

fn smtp(port: u16, security: Security) -> Transport {
    let (account, password) = ACCOUNT;
    let credentials = (Sealed::new(account.to_owned()), Sealed::new(password.to_owned()));
    Transport::Smtp(SmtpOptions {
        host: "localhost".to_owned(),
        port,
        security,
        credentials: (security != Security::Plain).then_some(credentials),
    })
}

fn sent(sent: u32) -> Pass {
    Pass {
        sent,
        ..Pass::default()
    }
}

#[tokio::test]
async fn mail_goes_to_the_server_protected_and_signed_in() {
    for security in [Security::Tls, Security::StartTls, Security::Plain] {
        for trial in trials().await.unwrap() {
            let (port, taken) = smtp_server(security).await;
            let sharing = sharing_with(&trial, smtp(port, security)).await;
            let posted = sharing
                .outbox
                .post(&mail("anna@example.org"), &to_anna(), NOW)
                .await
                .unwrap();
            let before = sharing.ledger.row(posted.disclosure).await.unwrap().unwrap();
            assert_eq!(
                (before.left, before.outcome),
                (None, Outcome::Open),
                "the row is first"
            );
            assert_eq!(
                sharing.outbox.send_due(NOW.plus_ms(9)).await.unwrap(),
                sent(1),
                "{security:?}"
            );
            assert_eq!(
                sharing.outbox.send_due(NOW.plus_ms(9)).await.unwrap(),
                sent(0),
                "once"
            );

            let (to, raw) = taken.lock().unwrap().pop().unwrap();
            assert_eq!(to, "anna@example.org");
            let parsed = MessageParser::default().parse(&raw).unwrap();
            assert_eq!(parsed.subject(), Some("Re: Ваш запрос"));
            assert_eq!(parsed.message_id(), Some(posted.message_id.as_str()));
            assert_eq!(parsed.in_reply_to().as_text(), Some("2@example.org"));
            assert!(
                parsed
                    .body_text(0)
                    .unwrap()
                    .replace("\r\n", "\n")
                    .contains("\n.\nmarker")
            );

            let row = sharing.ledger.row(posted.disclosure).await.unwrap().unwrap();
            assert_eq!((row.left, row.outcome), (Some(NOW.plus_ms(9)), Outcome::Sent));
            let exact = raw.strip_suffix("\r\n").filter(|raw| hash(raw) == row.sha256);
            assert!(
                exact.is_some() || hash(&raw) == row.sha256,
                "the hash is of what left"
            );
        }
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[tokio::test]
async fn what_the_server_refuses_bounces_waits_or_stops_all() {
    for trial in trials().await.unwrap() {
        let (port, taken) = smtp_server(Security::Plain).await;
        let sharing = sharing_with(&trial, smtp(port, Security::Plain)).await;
        let outbox = &sharing.outbox;
        let gone = outbox
            .post(&mail("gone@example.org"), &to_anna(), NOW)
            .await
            .unwrap();
        let later = outbox
            .post(&mail("later@example.org"), &to_anna(), NOW)
            .await
            .unwrap();
        let fine = outbox
            .post(&mail("fine@example.org"), &to_anna(), NOW)
            .await
            .unwrap();
        let pass = outbox.send_due(NOW).await.unwrap();
        assert_eq!(
            (pass.bounced, pass.delayed, pass.sent, pass.stopped),
            (1, 1, 1, None)
        );
        let outcome = async |posted: &sharing::Posted| {
            sharing
                .ledger
                .row(posted.disclosure)
                .await
                .unwrap()
                .unwrap()
                .outcome
        };
        assert_eq!(outcome(&gone).await, Outcome::Bounced);
        assert_eq!(outcome(&later).await, Outcome::Open);
        assert_eq!(outcome(&fine).await, Outcome::Sent);
        let refused = (gone.message_id.clone(), NotDelivered::Refused);
        assert_eq!(outbox.not_delivered(9).await.unwrap(), [refused]);
        outbox.told_not_delivered(&gone.message_id).await.unwrap();
        assert!(outbox.not_delivered(9).await.unwrap().is_empty());

        // Waits grow, until it is given up.
        let mut now = NOW;
        let mut waits = Vec::new();
        loop {
            let waiting = outbox.waiting(9).await.unwrap();
            let Some(waiting) = waiting.first() else { break };
            assert_eq!(waiting.disclosure, later.disclosure);
            assert_eq!(
                waiting.fault.as_deref(),
                Some("it answered 451"),
                "nobody is named"
            );
            waits.push((waiting.due.0 - now.0) / MINUTE_MS);
            assert_eq!(
                outbox.send_due(Moment(waiting.due.0 - 1)).await.unwrap(),
                Pass::default()
            );
            now = waiting.due;
            outbox.send_due(now).await.unwrap();
        }
        assert_eq!(waits[..7], [1, 5, 15, 60, 240, 480, 480]);
        assert!(now.0 - NOW.0 >= GIVE_UP_MS && now.0 - NOW.0 < GIVE_UP_MS + 8 * HOUR_MS);
        assert_eq!(outcome(&later).await, Outcome::Failed);

        // A report that comes later.
        assert!(outbox.came_back(&fine.message_id, now).await.unwrap());
        assert!(!outbox.came_back(&fine.message_id, now).await.unwrap(), "once");
        assert!(!outbox.came_back("7@elsewhere.example", now).await.unwrap());
        assert_eq!(outcome(&fine).await, Outcome::Bounced);

        // The connection breaks before the server says that it took it: sent again, with the same message id.
        let lost = outbox
            .post(&mail("lost@example.org"), &to_anna(), now)
            .await
            .unwrap();
        let fine = outbox
            .post(&mail("fine@example.org"), &to_anna(), now)
            .await
            .unwrap();
        let pass = outbox.send_due(now).await.unwrap();
        assert_eq!(
            (pass.delayed, pass.sent, pass.stopped),
            (1, 0, Some(Fault::Connection))
        );
        assert_eq!(
            (outcome(&lost).await, outcome(&fine).await),
            (Outcome::Open, Outcome::Open)
        );
        assert_eq!(
            outbox.send_due(now).await.unwrap(),
            sent(1),
            "the rest, when called again"
        );
        let totals = sharing.ledger.totals().await.unwrap();
        let door = totals.iter().find(|t| t.door == Door::Mail).unwrap();
        assert_eq!((door.passed, door.rows, door.waiting), (5, 5, 0));
        let tries = taken
            .lock()
            .unwrap()
            .iter()
            .filter(|(to, _)| to == "lost@example.org")
            .count();
        assert_eq!(tries, 1);
    }
}

#[tokio::test]
async fn nothing_is_said_without_tls_and_wrong_credentials_stop_the_pass() {
    let trial = sqlite().unwrap();
    let (port, taken) = smtp_server(Security::Plain).await;
    let outbox = sharing_with(&trial, smtp(port, Security::StartTls)).await.outbox;
    outbox
        .post(&mail("anna@example.org"), &to_anna(), NOW)
        .await
        .unwrap();
    let pass = outbox.send_due(NOW).await.unwrap();
    assert_eq!((pass.sent, pass.delayed), (0, 1), "no STARTTLS is offered");

    let (port, _) = smtp_server(Security::Tls).await;
    let Transport::Smtp(mut options) = smtp(port, Security::Tls) else {
        panic!()
    };
    options.credentials = Some((Sealed::new("office".to_owned()), Sealed::new("wrong".to_owned())));
    let outbox = sharing_with(&trial, Transport::Smtp(options.clone()))
        .await
        .outbox;
    let pass = outbox.send_due(NOW.plus_ms(HOUR_MS)).await.unwrap();
    assert_eq!((pass.sent, pass.stopped), (0, Some(Fault::SignIn)));

    // The certificate is for `localhost` alone.
    "127.0.0.1".clone_into(&mut options.host);
    let outbox = sharing_with(&trial, Transport::Smtp(options.clone()))
        .await
        .outbox;
    let pass = outbox.send_due(NOW.plus_ms(2 * HOUR_MS)).await.unwrap();
    assert_eq!((pass.sent, pass.stopped.is_some()), (0, true));
    assert!(taken.lock().unwrap().is_empty());

    options.security = Security::Plain;
    "mx.example".clone_into(&mut options.host);
    let refused = Sharing::open(Options {
        transport: Transport::Smtp(options),
        ..crate::options(&trial).await
    })
    .await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::PlainToOthers))));
}

#[tokio::test]
async fn mail_waits_sealed_over_a_restart_and_leaves_once() {
    for trial in trials().await.unwrap() {
        let sharing = sharing_with(&trial, Transport::Nowhere).await;
        assert!(!sharing.outbox.is_connected());
        sharing
            .outbox
            .post(&mail("anna@example.org"), &to_anna(), NOW)
            .await
            .unwrap();
        assert_eq!(sharing.outbox.send_due(NOW).await.unwrap(), Pass::default());
        assert_eq!(sharing.outbox.waiting(9).await.unwrap()[0].attempts, 0);
        drop(sharing);
        if trial.engine == Engine::Sqlite {
            let bytes = bytes_of(&trial.place);
            for marker in ["anna@example.org", "marker-of-anna", "Каренина", "Re:"] {
                let found = bytes
                    .windows(marker.len())
                    .any(|window| window == marker.as_bytes());
                assert!(!found, "{marker}");
            }
        }
        let wrong_key = Sharing::open(Options {
            key: [8; 32].into(),
            transport: Transport::Folder(tempfile::tempdir().unwrap().path().join("x")),
            ..options(&trial).await
        })
        .await
        .unwrap();
        let failed = wrong_key.outbox.send_due(NOW).await.unwrap_err();
        assert!(matches!(failed, Error::Corrupt("mail")), "{failed:?}");

        let (port, taken) = smtp_server(Security::Plain).await;
        let one = sharing_with(&trial, smtp(port, Security::Plain)).await;
        let other = sharing_with(&trial, smtp(port, Security::Plain)).await;
        let later = NOW.plus_ms(HOUR_MS);
        let (one, other) = tokio::join!(one.outbox.send_due(later), other.outbox.send_due(later));
        assert_eq!(one.unwrap().sent + other.unwrap().sent, 1);
        assert_eq!(taken.lock().unwrap().len(), 1);
    }
}

fn bytes_of(place: &str) -> Vec<u8> {
    let mut bytes = std::fs::read(place).unwrap();
    assert!(bytes.windows(6).any(|window| window == b"SQLite"));
    bytes.extend(std::fs::read(format!("{place}-wal")).unwrap_or_default());
    bytes
}

#[tokio::test]
async fn a_folder_gets_files_that_open_as_mails() {
    let trial = sqlite().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("mails");
    let sharing = sharing_with(&trial, Transport::Folder(folder.clone())).await;
    assert!(sharing.outbox.is_connected());
    for to in ["anna@example.org", "info@пример.рф"] {
        sharing.outbox.post(&mail(to), &to_anna(), NOW).await.unwrap();
    }
    assert_eq!(sharing.outbox.send_due(NOW).await.unwrap(), sent(2));
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["000001.eml", "000002.eml"]);
    let raw = std::fs::read(folder.join("000002.eml")).unwrap();
    let row = sharing.ledger.row(2).await.unwrap().unwrap();
    assert_eq!(<[u8; 32]>::from(Sha256::digest(&raw)), row.sha256, "to the byte");
    let letter = sharing::Letter::read(&raw);
    assert_eq!(letter.to[0].address.reveal(), "info@xn--e1afmkfd.xn--p1ai");
    assert_eq!(letter.to[0].name.as_ref().unwrap().reveal(), "Анна Каренина");
}

#[tokio::test]
async fn who_is_forgotten_gets_no_mail() {
    for trial in trials().await.unwrap() {
        let sharing = sharing_with(&trial, Transport::Nowhere).await;
        let anna = sharing
            .outbox
            .post(&mail("anna@example.org"), &to_anna(), NOW)
            .await
            .unwrap();
        let other = sharing::Disclosure {
            person: None,
            ..to_anna()
        };
        let other = sharing
            .outbox
            .post(&mail("boris@example.org"), &other, NOW)
            .await
            .unwrap();
        assert_eq!(sharing.outbox.forget(ANNA, NOW).await.unwrap(), 1);
        let waiting = sharing.outbox.waiting(9).await.unwrap();
        assert_eq!(
            waiting.iter().map(|mail| mail.disclosure).collect::<Vec<_>>(),
            [other.disclosure]
        );
        let row = sharing.ledger.row(anna.disclosure).await.unwrap().unwrap();
        assert_eq!((row.outcome, row.left), (Outcome::Failed, None));
        let (port, taken) = smtp_server(Security::Plain).await;
        let sharing = sharing_with(&trial, smtp(port, Security::Plain)).await;
        assert_eq!(sharing.outbox.send_due(NOW).await.unwrap(), sent(1));
        assert_eq!(taken.lock().unwrap()[0].0, "boris@example.org");
    }
}

#[tokio::test]
async fn what_may_not_be_mailed_leaves_no_row() {
    let trial = sqlite().unwrap();
    let sharing = sharing_with(&trial, Transport::Nowhere).await;
    let mut empty = mail("anna@example.org");
    empty.text = Sealed::new(" \n".to_owned());
    let mut long = mail("anna@example.org");
    long.text = Sealed::new("я".repeat(600_000));
    for (mail, want) in [
        (mail("anna@example.org, boris@example.org"), Refusal::Address),
        (empty, Refusal::Empty),
        (long, Refusal::TooLong),
    ] {
        match sharing.outbox.post(&mail, &to_anna(), NOW).await {
            Err(Error::Refused(refusal)) => assert_eq!(refusal, want),
            other => panic!("{other:?}"),
        }
    }
    let unnamed = sharing::Disclosure {
        purpose: None,
        ..to_anna()
    };
    assert!(
        sharing
            .outbox
            .post(&mail("anna@example.org"), &unnamed, NOW)
            .await
            .is_err()
    );
    assert!(sharing.ledger.row(1).await.unwrap().is_none());
    assert!(sharing.outbox.waiting(9).await.unwrap().is_empty());
}
