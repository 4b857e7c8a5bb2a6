//! What a mail's bytes must be, whatever is put into it.

use super::*;
use mail_parser::MessageParser;

const NOW: Moment = Moment(1_780_000_000_000);

fn sealed(text: &str) -> Sealed {
    Sealed::new(text.to_owned())
}

fn mail(to: &str, name: &str, subject: &str, text: &str) -> Mail {
    Mail {
        to: sealed(to),
        name: Some(sealed(name)),
        subject: sealed(subject),
        text: sealed(text),
        thread: None,
        kind: MailKind::Written,
        answerable: None,
    }
}

fn written(mail: &Mail) -> String {
    let from = Sender::new("office@agency.example", "Агентство «Антураж»").unwrap();
    let (_, bytes) = mail.written(&from, "1@agency.example", NOW).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn header_names(raw: &str) -> Vec<&str> {
    let head = raw.split_once("\r\n\r\n").unwrap().0;
    head.split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split_once(':').unwrap().0)
        .collect()
}

const PLAIN: &[&str] = &[
    "Date",
    "From",
    "To",
    "Message-ID",
    "Subject",
    "Content-Type",
    "Content-Transfer-Encoding",
];

#[test]
fn nothing_put_into_a_mail_becomes_a_header_or_a_recipient() {
    let long = "Ы".repeat(3_000);
    let nasty = [
        "x\r\nBcc: evil@evil.example",
        "x\nBcc: evil@evil.example\n\nbody",
        "x\rBcc: evil@evil.example",
        "x\u{2028}Bcc: evil@evil.example",
        "x\u{0}\u{1b}[31m",
        "evil@evil.example>, <worse@evil.example",
        "\"quoted\\\" <evil@evil.example>, \"",
        "=?utf-8?q?x=0D=0ABcc:_evil@evil.example?=",
        "Анна Мария, «Ромашка»; (ООО)",
        &"long word ".repeat(300),
        &"w".repeat(3_000),
        &long,
    ];
    for text in nasty {
        let raw = written(&mail("anna@example.org", text, text, text));
        let mut names = header_names(&raw);
        names.sort_unstable();
        let mut want = PLAIN.to_vec();
        want.sort_unstable();
        assert_eq!(names, want, "{text}");
        assert!(raw.is_ascii(), "{text}");
        let head = raw.split_once("\r\n\r\n").unwrap().0;
        for line in head.split("\r\n") {
            assert!(
                line.len() <= 998 && !line.contains(['\r', '\n', '\0']),
                "{text}: {line}"
            );
        }
        let parsed = MessageParser::default().parse(&raw).unwrap();
        let subject = parsed.subject().unwrap();
        assert!(!subject.contains(char::is_control), "{subject:?}");
        let to: Vec<_> = parsed
            .to()
            .unwrap()
            .iter()
            .map(|a| a.address().unwrap())
            .collect();
        assert_eq!(to, ["anna@example.org"], "{text}");
    }
}

#[test]
fn names_and_subjects_in_any_script_read_back() {
    for (name, subject, text) in [
        (
            "Анна Каренина",
            "Ответ на ваш запрос о статистике сайта и о том, что мы храним",
            "Здравствуйте!\n\nДо встречи,\n\nАгентство",
        ),
        ("O'Neil, Shaun \"S\"", "Hello", "Hello\n.\nworld"),
        ("李小龍", "問い合わせ 🎉", "ok"),
    ] {
        let raw = written(&mail("anna@example.org", name, subject, text));
        let parsed = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(parsed.to().unwrap().first().unwrap().name(), Some(name));
        assert_eq!(parsed.subject(), Some(subject));
        assert_eq!(
            parsed.body_text(0).unwrap().replace("\r\n", "\n").trim_end(),
            text
        );
        assert_eq!(
            parsed.from().unwrap().first().unwrap().name(),
            Some("Агентство «Антураж»")
        );
        assert_eq!(parsed.date().unwrap().to_timestamp() * 1_000, NOW.0);
        assert_eq!(parsed.message_id(), Some("1@agency.example"));
    }
}

#[test]
fn addresses_are_one_plain_address() {
    for wrong in [
        "",
        "anna",
        "anna@",
        "@example.org",
        "anna@example.org, b@example.org",
        "anna@example.org\r\nRCPT TO:<b@example.org>",
        "<anna@example.org>",
        "Anna <anna@example.org>",
        "anna@[127.0.0.1]",
        "anna@127.0.0.1",
        "an na@example.org",
        &format!("anna@{}.example", "a".repeat(300)),
    ] {
        assert_eq!(address_of(wrong).unwrap_err(), Refusal::Address, "{wrong}");
    }
    for (address, want) in [
        (" anna+site@example.org ", "anna+site@example.org"),
        ("info@пример.рф", "info@xn--e1afmkfd.xn--p1ai"),
    ] {
        assert_eq!(address_of(address).unwrap().to_string(), want);
    }
}

#[test]
fn answers_name_what_they_answer() {
    let mut mail = mail("anna@example.org", "", "Re: x", "x");
    let ids: Vec<String> = (0..50)
        .map(|n| format!("{n}.{}@example.org", "x".repeat(60)))
        .collect();
    mail.thread = Some(Thread {
        answers: format!("<{}>", ids[49]),
        earlier: ids.clone(),
    });
    let raw = written(&mail);
    let parsed = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(parsed.in_reply_to().as_text(), Some(ids[49].as_str()));
    let references = parsed.references().as_text_list().unwrap();
    assert_eq!(
        (&*references[0], references.len()),
        (&*ids[0], MOST_REFERENCES + 1)
    );
    assert_eq!(references.last().unwrap(), &ids[49]);
    for wrong in ["", "a b@c", "a@b>\r\nBcc: x@y", "я@example.org", "a@b> <c@d"] {
        mail.thread = Some(Thread {
            answers: wrong.to_owned(),
            earlier: Vec::new(),
        });
        let from = Sender::new("office@agency.example", "").unwrap();
        let refused = mail.written(&from, "1@agency.example", NOW).unwrap_err();
        assert!(matches!(refused, Error::Refused(Refusal::MessageId)), "{wrong}");
    }
}

#[test]
fn the_kind_decides_the_headers() {
    let list = Url::parse(&format!("https://agency.example/u/{}", "t".repeat(300))).unwrap();
    let unsubscribe = format!("\r\nList-Unsubscribe: <{list}>\r\n");
    for (kind, present) in [
        (MailKind::Written, vec![]),
        (
            MailKind::Automatic,
            vec!["\r\nAuto-Submitted: auto-generated\r\n"],
        ),
        (
            MailKind::Reply(AutoReply(())),
            vec!["\r\nAuto-Submitted: auto-replied\r\n"],
        ),
        (
            MailKind::List(list),
            vec![
                unsubscribe.as_str(),
                "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            ],
        ),
    ] {
        let mut mail = mail("anna@example.org", "", "x", "x");
        mail.kind = kind;
        let raw = written(&mail);
        assert_eq!(header_names(&raw).len(), PLAIN.len() + present.len());
        for header in present {
            assert!(raw.contains(header), "{header}");
        }
    }
    let mut mail = mail("anna@example.org", "", "x", "x");
    mail.kind = MailKind::List(Url::parse("http://agency.example/u").unwrap());
    let from = Sender::new("office@agency.example", "").unwrap();
    assert!(mail.written(&from, "1@agency.example", NOW).is_err());
}
