//! Marked personal values, given to the real binary in every way there is, are afterwards nowhere but sealed: not in
//! what it logs at its most talkative, not in its figures or errors, not on either side of its folder.

use crate::browser::{Browser, encoded};
use crate::http::Connection;
use crate::installation::{Installation, SITE, Server, path};
use crate::mail_server::MailServer;
use crate::search::Search;
use credentials::Secret;
use serde_json::json;
use std::fs::File;

const NAME: &str = "Юзефа Кволтцевская";
const EMAIL: &str = "qvoltze.mail@kunde.example";
const NEW_EMAIL: &str = "qvoltze.new@kunde.example";
const PHONE: &str = "+7 999 817-36-55";
const ADDRESS: &str = "Qvoltzegasse 17, 1010 Wien";
const COMPANY: &str = "Qvoltze Lampen GmbH";
const POSITION: &str = "Oberqvoltzmeisterin";
const MESSAGE: &str = "Наш магазин Кволтцемаркт растёт, и никто не знает почему.";
const REPLY: &str = "Dear Qvoltzanne, it is the autumn letter.";
const RIGHTS: &str = "Please delete the qvoltzrecords of my aunt";
const RIGHTS_CONTACT: &str = "qvoltze.aunt@kunde.example";
const PERSON_PASSWORD: &str = "qvoltzword of a person";
const WRONG_PASSWORD: &str = "qvoltzwrong guess of a person";
const TYPED_AS_LOGIN: &str = "qvoltz-typed-as-login";
const AGENT: &str = " Qvoltzbrowser/9.9";
const REASON: &str = "Frau Qvoltzreason wrote to me once more";
const HOLD_REASON: &str = "the court of Qvoltzhold";

/// What people gave: parts of it that cannot be there by chance, and are no parts of each other.
const OF_PEOPLE: &[&str] = &[
    NAME,
    "Кволтцевская",
    "qvoltze.mail",
    "qvoltze.new",
    PHONE,
    "9998173655",
    "8173655",
    "Qvoltzegasse",
    "Qvoltze Lampen",
    "Oberqvoltz",
    "Кволтцемаркт",
    "Qvoltzanne",
    "qvoltzrecords",
    "qvoltze.aunt",
    "qvoltzword",
    "qvoltzwrong",
    "Qvoltzbrowser",
    "Qvoltzreason",
    "Qvoltzhold",
];

/// What staff gave, which may be with the accounts of staff and the tasks, sealed or digested where it is a secret.
const OF_STAFF: &[&str] = &["qvoltz-typed-as-login", "qvoltze pass phrase"];

/// Accounts of staff have a name and a login, in clear: in the database of staff and nowhere else.
const STAFF_NAME: &str = "Annaqvoltzia";

/// Where everything is sent.
struct Scene {
    installation: Installation,
    mail: MailServer,
    log: std::path::PathBuf,
}

impl Scene {
    fn open() -> (Self, String) {
        let (installation, link) = Installation::initialised();
        installation.add_site();
        installation.trust_this_machine();
        let mail = MailServer::start();
        installation.configure(&format!(
            "[mail]\nfrom = \"hello@agency.example\"\nhost = \"127.0.0.1\"\nport = {}\n\
             security = \"plain\"",
            mail.port
        ));
        let log = installation.folder.path().join("log.txt");
        let scene = Self {
            installation,
            mail,
            log,
        };
        (scene, link)
    }

    /// The server at its most talkative.
    fn serve(&self) -> Server {
        let mut command = self.installation.command(&["serve", "--listen", "127.0.0.1:0"]);
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        Server::start(command.env("RUST_LOG", "trace").stderr(log))
    }
}

/// What the program said to programs and to the operator, and the secrets that it gave away.
#[derive(Default)]
struct Heard {
    answers: Vec<u8>,
    secrets: Vec<String>,
}

fn enquire(heard: &mut Heard, server: &Server) {
    let fields = [
        ("message", MESSAGE),
        ("name", NAME),
        ("company", COMPANY),
        ("position", POSITION),
        ("email", EMAIL),
        ("phone", PHONE),
        ("address", ADDRESS),
        ("agree", "newsletter"),
    ];
    for language in ["ru", "en"] {
        let mut person = Browser::new(&server.address);
        person.forwarded_for = Some("198.51.100.7".into());
        let form = format!("/enquiry?lang={language}");
        // First with a slip, then in haste, then too long.
        let slip = person.post("/enquiry", &[&fields[..], &[("email", "qvoltze.mail")]].concat());
        assert_eq!(slip.status, 422);
        assert_eq!(person.post("/enquiry", &fields).status, 409);
        let long = MESSAGE.repeat(5_000);
        let refused = person.post("/enquiry", &[("message", &long)]);
        assert_eq!(refused.status, 413);
        heard.answers.extend(refused.body);
        let sent = person.fill_slowly(&form, &form, &fields);
        assert_eq!(sent.status, 303, "{}", sent.text());
    }
    let mut person = Browser::new(&server.address);
    let fields = [
        ("want", "delete"),
        ("contact", RIGHTS_CONTACT),
        ("message", RIGHTS),
    ];
    let sent = person.fill_slowly("/privacy", "/privacy", &fields);
    assert_eq!(sent.status, 303, "{}", sent.text());
    heard.answers.extend(sent.header("location").bytes());
}

/// Of the two enquiries with the newsletter ticked, the first is confirmed, and that is told.
fn confirm(heard: &mut Heard, scene: &Scene, server: &Server) {
    let mut person = Browser::new(&server.address);
    scene.mail.letter(1);
    let question = token_in(&scene.mail.letter(0));
    let page = person.get(&format!("/consents/confirm?token={question}"));
    assert_eq!(page.status, 200);
    assert_eq!(
        person.post("/consents/confirm", &[("token", &question)]).status,
        303
    );
    let back = token_in(&scene.mail.letter(2));
    heard
        .answers
        .extend(person.get(&format!("/consents/withdraw?token={back}")).body);
    heard.secrets.extend([question, back]);
}

fn keep_an_account(heard: &mut Heard, scene: &Scene, server: &Server) {
    let mut person = Browser::new(&server.address);
    let before = scene.mail.count();
    let asked = person.fill_slowly("/account/sign-in", "/account/letter", &[("email", EMAIL)]);
    assert_eq!(asked.status, 303, "{}", asked.text());
    let link = token_in(&scene.mail.letter(before));
    let entered = person.post("/account/link", &[("token", &link), ("remember", "yes")]);
    assert_eq!(entered.header("location"), "/account?entered=yes");
    heard.secrets.push(link);
    let page = person.get("/account");
    assert!(page.text().contains(EMAIL), "the account is theirs");
    let act = |person: &mut Browser, path: &str, fields: &[(&str, &str)]| {
        let done = person.fill("/account", path, fields);
        assert_eq!(done.status, 303, "{path}: {}", done.text());
    };
    act(
        &mut person,
        "/account/fields",
        &[("name", NAME), ("phone", PHONE)],
    );
    act(
        &mut person,
        "/account/password",
        &[("new-password", PERSON_PASSWORD)],
    );
    act(&mut person, "/account/email", &[("new-email", NEW_EMAIL)]);
    heard.secrets.push(token_in(&scene.mail.letter(before + 1)));
    let export = person.get("/account/export.json");
    assert!(
        export.text().contains("Кволтцевская"),
        "what is theirs is theirs to take"
    );
    heard.secrets.append(&mut person.secrets);
    let mut other = Browser::new(&server.address);
    let fields = [("login", EMAIL), ("password", WRONG_PASSWORD)];
    let wrong = other.fill_slowly("/account/sign-in", "/account/sign-in", &fields);
    assert_eq!(wrong.status, 422);
}

/// The token of the link in a letter.
fn token_in(letter: &str) -> String {
    let token = letter.split("token=").nth(1).unwrap_or_else(|| panic!("no link"));
    let end = token.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    token[..end.unwrap_or(token.len())].to_owned()
}

fn serve_them(heard: &mut Heard, scene: &Scene, server: &Server, owner: &mut Browser) {
    let mut guess = Browser::new(&server.address);
    let page = guess.get("/sign-in").text();
    let csrf = crate::browser::hidden(&page, "/sign-in", "csrf");
    for login in [TYPED_AS_LOGIN, EMAIL] {
        let fields = [("csrf", &*csrf), ("login", login), ("password", WRONG_PASSWORD)];
        assert_eq!(guess.post("/sign-in", &fields).status, 422);
    }
    let opened = owner
        .fill("/console/cases/1", "/console/cases/1/open", &[])
        .text();
    assert!(
        opened.contains(MESSAGE) && opened.contains(EMAIL),
        "who serves an enquiry reads it"
    );
    let before = scene.mail.count();
    let fields = [("subject", "Ваш вопрос"), ("text", REPLY)];
    let sent = owner.fill("/console/cases/1", "/console/cases/1/reply", &fields);
    assert_eq!(sent.status, 303, "{}", sent.text());
    let letter = scene.mail.letter(before);
    assert!(letter.contains("Qvoltzanne"), "{letter}");
    heard.secrets.push(token_in(&letter));
    let task = [
        ("kind", "enquiry"),
        ("purpose", "answer_enquiry"),
        ("class", "email"),
        ("account", "1"),
        ("days", "7"),
        ("reason", REASON),
    ];
    let people = scene.installation.ok(&["person", "list"]);
    let person = people[0]["person"].as_str().unwrap();
    scene.installation.ok(&[
        "person",
        "hold",
        person,
        "--reason",
        HOLD_REASON,
        "--owner",
        "anna.qvoltz",
        "--review",
        "2090-01-31",
    ]);
    let holds = scene.installation.ok(&["person", "holds", person]);
    assert_eq!(holds[0]["reason"], HOLD_REASON, "the operator is shown why");
    let hold = holds[0]["hold"].to_string();
    scene
        .installation
        .ok(&["person", "release", &hold, "--by", "anna.qvoltz"]);
    for (case, status) in [(EMAIL, 422), ("1", 303)] {
        let fields = [&task[..], &[("case", case)]].concat();
        let answer = owner.fill("/console/tasks/new", "/console/tasks/new", &fields);
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    for (page, action) in [
        ("/console/audit", None),
        ("/console/staff", None),
        ("/console/nothing-here", None),
        ("/console/tasks/new", Some("/console/tasks/find")),
    ] {
        let answer = match action {
            Some(action) => owner.fill(page, action, &[("by", "email"), ("contact", EMAIL)]),
            None => owner.get(page),
        };
        heard.answers.extend(answer.body);
    }
    heard.secrets.append(&mut owner.secrets);
    heard.secrets.append(&mut guess.secrets);
}

fn track(heard: &mut Heard, server: &Server) {
    let mut connection = Connection::open(&server.address).unwrap();
    let at = format!(
        "https://{SITE}/thanks/{EMAIL}?email={}&tel={}&page=MARKERKEPT#{EMAIL}",
        encoded(EMAIL),
        encoded(PHONE)
    );
    let hits = json!([
        {"site": SITE, "name": "page_view", "url": at, "title": format!("Thanks, {EMAIL}"), "visitor": EMAIL,
         "referrer": format!("https://mail.example/?to={EMAIL}")},
        {"site": SITE, "name": "signup", "url": format!("https://{SITE}/MARKERKEPT"), "properties": {"to": EMAIL, "phone": PHONE, "plan": format!("call {PHONE}")}},
        {"site": SITE, "name": format!("mail {EMAIL}"), "url": format!("https://{EMAIL}:secret@{SITE}/")},
    ]);
    let plausible = json!({"n": "pageview", "u": at, "d": SITE, "r": format!("https://x.example/{EMAIL}"), "p": {"to": EMAIL}});
    let wrong = [
        json!({"site": SITE, "name": "page_view", "url": EMAIL}),
        json!({"site": EMAIL, "name": "page_view", "url": at}),
        json!({"site": SITE, "name": "page_view", "url": at, EMAIL: 1, "purchase": PHONE}),
        json!({"site": SITE, "name": "page_view", "url": at, "timestamp": PHONE}),
    ];
    let mut bodies: Vec<(&str, String)> = vec![
        ("/api/v1/events", hits.to_string()),
        ("/api/event", plausible.to_string()),
        ("/api/v1/events", "{\"site\": \"".to_owned() + EMAIL),
        (
            "/api/v1/events",
            format!("{{\"{EMAIL}\": {}}}", "x".repeat(1_200_000)),
        ),
        (
            "/api/v2/query",
            json!({"site_id": EMAIL, "metrics": [EMAIL]}).to_string(),
        ),
    ];
    bodies.extend(wrong.map(|hit| ("/api/v1/events", hit.to_string())));
    let bearer = format!("Authorization: Bearer {EMAIL}\r\nCookie: anturazh_sign_in={EMAIL}\r\n");
    let bodies = bodies.iter().flat_map(|(path, body)| {
        // Programs that name an address of mail are taken for robots.
        [
            (path, body, AGENT, ""),
            (path, body, " (+mailto:qvoltze.mail@kunde.example)", &*bearer),
        ]
    });
    let mut accepted = 0;
    for (path, body, agent, credentials) in bodies {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {SITE}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0{agent}\r\nReferer: https://x.example/{EMAIL}\r\n\
             X-Forwarded-For: 198.51.100.77\r\n{credentials}Content-Length: {}\r\n\r\n",
            body.len()
        );
        let answer = connection
            .send(&[head.as_bytes(), body.as_bytes()].concat())
            .unwrap();
        assert!(answer.status < 500, "{path}: {}", answer.status);
        accepted += u32::from(answer.status == 202);
        heard.answers.extend(answer.body);
        heard
            .answers
            .extend(answer.headers.iter().flat_map(|(_, value)| value.bytes()));
        connection = Connection::open(&server.address).unwrap();
    }
    assert!(accepted >= 2, "some of it is taken");
    let pixel = format!("/p.gif?site={SITE}&url={}&title={}", encoded(&at), encoded(EMAIL));
    heard.answers.extend(connection.get(&pixel).unwrap().body);
    for path in [
        "/metrics",
        "/healthz",
        "/api/openapi.json",
        "/.well-known/security.txt",
    ] {
        heard.answers.extend(connection.get(path).unwrap().body);
    }
}

#[test]
fn no_personal_value_is_anywhere_but_sealed() {
    let (scene, link) = Scene::open();
    let mut heard = Heard::default();
    heard.secrets.push(scene.installation.token("send"));
    heard.secrets.push(scene.installation.token("read"));
    let server = scene.serve();
    let mut owner = Browser::new(&server.address);
    owner.set_up(&link, "anna.qvoltz", STAFF_NAME);
    heard
        .secrets
        .push(link.split("token=").nth(1).unwrap().to_owned());
    enquire(&mut heard, &server);
    confirm(&mut heard, &scene, &server);
    serve_them(&mut heard, &scene, &server, &mut owner);
    keep_an_account(&mut heard, &scene, &server);
    track(&mut heard, &server);

    let data = scene.installation.data();
    let (anonymous, staff, people) = (data.join("anonymous"), data.join("staff"), data.join("people"));
    let of_people = Search::of(OF_PEOPLE);
    let anybody = Search::of(&[OF_PEOPLE, OF_STAFF, &[STAFF_NAME, "anna.qvoltz"]].concat());
    let secrets: Vec<&str> = heard.secrets.iter().map(String::as_str).collect();
    assert!(secrets.len() > 8, "{}", secrets.len());
    let secret = Search::of(&secrets);
    let look = |when: &str| {
        let mut found = anybody.found_below(&anonymous);
        found.extend(of_people.found_below(&staff));
        found.extend(of_people.found_below(&people));
        found.extend(Search::of(OF_STAFF).found_below(&data));
        found.extend(secret.found_below(&data));
        for kept in heard.secrets.iter().filter_map(|text| Secret::parse(text)) {
            for file in crate::search::files(&data) {
                let bytes = std::fs::read(file).unwrap_or_default();
                assert!(
                    memchr::memmem::find(&bytes, kept.bytes()).is_none(),
                    "a secret as it is"
                );
            }
        }
        assert!(found.is_empty(), "{when}: {found:#?}");
    };
    let kept = Search::of(&["MARKERKEPT"]);
    assert!(
        !kept.found_below(&anonymous).is_empty(),
        "the journal is searched, too"
    );
    look("while it runs");
    server.stop();
    look("when it has ended");

    // Segments are compressed: what is in them is looked at as it comes out.
    let out = scene.installation.folder.path().join("out");
    scene.installation.ok(&[
        "export",
        "--site",
        SITE,
        "--what",
        "events",
        "--format",
        "ndjson",
        "--out",
        path(&out),
    ]);
    assert!(!kept.found_below(&out).is_empty(), "the export has the events");
    assert_eq!(anybody.found_below(&out), [""; 0]);

    assert_eq!(
        of_people.found(&heard.answers),
        [""; 0],
        "in answers to programs and errors"
    );
    let log = std::fs::read(&scene.log).unwrap();
    assert!(log.len() > 100_000, "it was talkative: {} bytes", log.len());
    assert_eq!(anybody.found(&log), [""; 0], "in the log");
    assert_eq!(secret.found(&log), [""; 0], "secrets in the log");

    // What was not there is found where it is put.
    let names = Search::of(&[STAFF_NAME]);
    assert!(
        !names.found_below(&staff).is_empty(),
        "names of staff are with their accounts"
    );
    std::fs::write(anonymous.join("planted"), format!("\u{feff}{}", encoded(NAME))).unwrap();
    assert!(!anybody.found_below(&anonymous).is_empty());
}
