//! Letters as they come, and as they should not.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const HEAD: &str = "From: Anna <anna@example.org>\r\nTo: office@agency.example\r\nSubject: x\r\n";

#[test]
fn a_letter_is_read_in_old_charsets_too() {
    let mut raw = b"From: =?koi8-r?B?4c7OwQ==?= <anna@example.org>\r\n\
        To: office@agency.example, =?utf-8?q?=D0=91=D0=BE=D1=80=D0=B8=D1=81?= <boris@agency.example>\r\n\
        Cc: cc@example.org\r\n\
        Message-ID: <3@example.org>\r\nIn-Reply-To: <2@agency.example>\r\n\
        References: <1@example.org>\r\n <2@agency.example>\r\n\
        Subject: =?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=\r\n\
        Date: Fri, 29 May 2026 00:26:40 +0300\r\n\
        Content-Type: text/plain; charset=windows-1251\r\n\r\n"
        .to_vec();
    raw.extend(b"\xc7\xe4\xf0\xe0\xe2\xf1\xf2\xe2\xf3\xe9\xf2\xe5\r\n\0ok\r\n");
    let letter = Letter::read(&raw);
    let from = letter.from.as_ref().unwrap();
    assert_eq!(from.name.as_ref().unwrap().reveal(), "Анна");
    assert_eq!(from.address.reveal(), "anna@example.org");
    let to: Vec<_> = letter.to.iter().map(|to| to.address.reveal()).collect();
    assert_eq!(
        to,
        ["office@agency.example", "boris@agency.example", "cc@example.org"]
    );
    assert_eq!(letter.subject.reveal(), "Привет");
    assert_eq!(letter.text.reveal(), "Здравствуйте\nok\n");
    assert_eq!(letter.message_id.as_deref(), Some("3@example.org"));
    assert_eq!(letter.in_reply_to.as_deref(), Some("2@agency.example"));
    assert_eq!(letter.references, ["1@example.org", "2@agency.example"]);
    assert_eq!(letter.date, Some(Moment(1_780_003_600_000)));
    assert!(!letter.is_automatic && !letter.is_cut && letter.came_back.is_none());
    assert!(letter.auto_reply().is_some());
    let shown = format!("{letter:?}");
    assert!(!shown.contains("anna") && !shown.contains("example"), "{shown}");
}

#[test]
fn of_html_the_text_is_read_and_attachments_are_counted() {
    let raw = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/html\r\n\r\n<p>Hello <b>there</b></p><script>x()</script>\r\n\
         --b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF\r\n\
         --b--\r\n"
    );
    let letter = Letter::read(raw.as_bytes());
    assert!(letter.text.reveal().contains("Hello there"));
    assert!(!letter.text.reveal().contains('<'));
    assert_eq!(letter.attachments, 1);
}

#[test]
fn automatic_mail_is_known_as_such_and_gives_no_right_to_answer() {
    for (header, want) in [
        ("Auto-Submitted: auto-replied", true),
        ("auto-submitted: Auto-Generated; x=y", true),
        ("Auto-Submitted: no", false),
        ("Auto-Submitted: no\r\nAuto-Submitted: auto-notified", true),
        ("Precedence: bulk", true),
        ("Precedence: first-class", false),
        ("Return-Path: <>", true),
        ("Return-Path: <anna@example.org>", false),
        ("List-Id: <x.example>", true),
        ("X-Auto-Response-Suppress: All", true),
        (
            "Content-Type: multipart/report; report-type=disposition-notification",
            true,
        ),
        ("X-Mailer: x", false),
    ] {
        let letter = Letter::read(format!("{HEAD}{header}\r\n\r\nx").as_bytes());
        assert_eq!(letter.is_automatic, want, "{header}");
        assert_eq!(letter.auto_reply().is_none(), want, "{header}");
    }
    for (from, want) in [
        ("MAILER-DAEMON@example.org", true),
        ("no-reply@example.org", true),
        ("noreply.news@example.org", false),
        ("nobody", true),
        ("", true),
    ] {
        let letter = Letter::read(format!("From: {from}\r\nSubject: x\r\n\r\nx").as_bytes());
        assert_eq!(letter.is_automatic, want, "{from}");
    }
}

#[test]
fn reports_of_failed_delivery_name_the_mail() {
    let report = |action: &str, original: &str| {
        format!(
            "From: MAILER-DAEMON@mx.example\r\nSubject: failed\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
             Final-Recipient: rfc822; anna@example.org\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n\
             --b\r\nContent-Type: {original}\r\n\r\n\
             From: office@agency.example\r\nMessage-ID: <7@agency.example>\r\nSubject: x\r\n\r\n\
             --b--\r\n"
        )
    };
    for original in ["message/rfc822", "text/rfc822-headers"] {
        let letter = Letter::read(report("failed", original).as_bytes());
        assert_eq!(
            letter.came_back.as_deref(),
            Some("7@agency.example"),
            "{original}"
        );
        assert!(letter.is_automatic);
        let letter = Letter::read(report("delayed", original).as_bytes());
        assert_eq!(letter.came_back, None, "{original}");
    }
}

#[test]
fn hostile_mail_is_bounded() {
    let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(40_000);
    let wide = "--b\r\nX: 1\r\n\r\nx\r\n".repeat(10_000);
    let parts: Vec<String> = (0..3_000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
        .collect();
    let parts = parts.concat();
    let sly = [
        "content-type: Message/RFC822\r\n\r\n",
        "Content-Type:\r\n\t(x) message/global\r\n\r\n",
        ": c o n t e n t-type: message/rfc822\r\n\r\n",
        "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n",
    ]
    .concat()
    .repeat(10_000);
    let hidden = STANDARD.encode(&deep);
    let endless = "--b\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n".repeat(20_000);
    let plain = "Content-Type: text/html\r\n\r\n";
    let cases: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"\r\n\r\n".to_vec(),
        vec![0; 1000],
        vec![0xff; 100_000],
        b"From: <".to_vec(),
        deep.into_bytes(),
        sly.into_bytes(),
        format!("{HEAD}Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{hidden}")
            .into_bytes(),
        format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{endless}").into_bytes(),
        format!("Subject: {}\r\n{HEAD}\r\nx", "=?utf-8?q?".repeat(100_000)).into_bytes(),
        format!("From: {}\r\n{HEAD}\r\nx", "(<=?\"".repeat(200_000)).into_bytes(),
        format!(
            "{HEAD}Content-Type: text/plain; {}\r\n\r\nx",
            "a*0*=x'y'z; ".repeat(50_000)
        )
        .into_bytes(),
        format!("{HEAD}{}\r\nx", "Auto-Submitted: no\r\n".repeat(100_000)).into_bytes(),
        format!("{HEAD}Content-Type: {}\r\n\r\nx", "rfc822".repeat(100_000)).into_bytes(),
        format!("{HEAD}{plain}{}", "<&<!--".repeat(500_000)).into_bytes(),
        format!("{HEAD}Date: {}\r\n\r\nx", "9".repeat(100_000)).into_bytes(),
        format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{wide}").into_bytes(),
        format!("{HEAD}{parts}").into_bytes(),
        format!("{HEAD}X: {}\r\n\r\nx", "a ".repeat(1_000_000)).into_bytes(),
        format!("{HEAD}References: {}\r\n\r\nx", "<a@b> ".repeat(100_000)).into_bytes(),
        format!("To: {}\r\n{HEAD}\r\n\r\nx", "a@b.example, ".repeat(100_000)).into_bytes(),
        format!("{HEAD}Content-Type: text/html\r\n\r\n{}", "<div>".repeat(500_000)).into_bytes(),
        format!("{HEAD}\r\n{}", "я\u{0}".repeat(MOST_BYTES / 3)).into_bytes(),
        format!("{HEAD}Subject: =?utf-8?q?x=0D=0ABcc:_e@e.example=00?=\r\n\r\nx").into_bytes(),
    ];
    for (place, raw) in cases.iter().enumerate() {
        let letter = Letter::read(raw);
        let text = letter.text.reveal();
        assert!(
            text.chars().count() <= FieldClass::Message.most_characters(),
            "{place}"
        );
        assert!(!text.contains(['\0', '\r']), "{place}");
        assert!(!letter.subject.reveal().contains(['\0', '\r', '\n']), "{place}");
        assert!(letter.to.len() <= MOST_RECIPIENTS, "{place}");
        assert!(letter.references.len() <= MOST_REFERENCES, "{place}");
    }
}
