//! The staff console over a whole stand: who may enter, what is masked, what is recorded, what leaves.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "stand/member.rs"]
mod member;
#[expect(dead_code, reason = "the stand serves other tests as well")]
mod stand;

use audit::{Action, Actor};
use axum::Router;
use axum::body::Body;
use credentials::Sealed;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION};
use http::{HeaderMap, Request, StatusCode};
use member::member;
use office::{EnquiryForm, Intake};
use policy::{FieldClass, Purpose};
use staff::Role;
use stand::{Stand, now};
use tasks::{NewBreakGlass, Witness};
use tower::ServiceExt;

const NAME: &str = "Klara Zimmermann";
const EMAIL: &str = "klara@client.example";
const MESSAGE: &str = "Our shop grows and nobody knows why.";
const MARKS: [&str; 3] = [NAME, EMAIL, MESSAGE];

/// A browser without scripts, signed in from the beginning, if at all.
struct Browser {
    router: Router,
    cookie: String,
    account: u32,
    language: &'static str,
}

struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Seen {
    fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |v| v.to_str().unwrap())
    }

    fn has_marks(&self) -> [bool; 3] {
        MARKS.map(|mark| self.text.contains(mark))
    }

    fn between(&self, before: &str, after: &str) -> &str {
        let rest = self.text.split_once(before).unwrap().1;
        rest.split_once(after).unwrap().0
    }
}

impl Browser {
    fn of(stand: &Stand, account: u32, cookie: &str) -> Self {
        Self {
            router: web::router(stand.web.clone()),
            cookie: format!("anturazh_sign_in={cookie}"),
            account,
            language: "en",
        }
    }

    /// Somebody of staff, with a second factor if wished.
    async fn staff(stand: &Stand, login: &str, role: Role, factor: bool) -> Self {
        let (id, cookie) = member(&stand.web.staff, login, role, factor).await;
        Self::of(stand, id.0, &cookie.text())
    }

    /// Somebody who has an account, with a second factor if wished.
    async fn enter(stand: &Stand, account: u32, login: &str, factor: bool) -> Self {
        let cookie = stand::signed_in(&stand.web.staff, login, factor).await;
        Self::of(stand, account, &cookie.text())
    }

    async fn send(&self, request: http::request::Builder, body: String) -> Seen {
        let request = request
            .header(COOKIE, &self.cookie)
            .header("accept-language", self.language)
            .body(Body::from(body))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap();
        Seen {
            status,
            headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    async fn get(&self, path: &str) -> Seen {
        self.send(Request::get(path), String::new()).await
    }

    async fn post(&self, path: &str, body: &str) -> Seen {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body.into()).await
    }

    /// Sends a form with the token of this sign-in.
    async fn fill(&self, path: &str, fields: &str) -> Seen {
        let page = self.get("/console").await;
        let csrf = page.between(r#"name="csrf" value=""#, "\"").to_owned();
        self.post(path, &format!("csrf={csrf}&{fields}")).await
    }
}

/// A stand whose mail goes into a folder that the test can read.
async fn open() -> (Stand, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut stand = Stand::open(1, 1, false).await;
    let web = std::sync::Arc::get_mut(&mut stand.web).unwrap();
    web.office = office::trial::office(folder.path(), now).await;
    (stand, folder)
}

async fn enquiry(stand: &Stand, assignee: u32) -> Intake {
    sent(stand, "enquiry", assignee).await
}

/// What came by a form of that name.
async fn sent(stand: &Stand, form: &str, assignee: u32) -> Intake {
    let sealed = |text: &str| Sealed::new(text.to_owned());
    let form = EnquiryForm {
        form,
        once: credentials::Secret::draw().unwrap().bytes()[..16]
            .try_into()
            .unwrap(),
        language: people::Language::En,
        wordings: &[("enquiry", 1), ("newsletter", 1)],
        form_sha256: [3; 32],
        fields: vec![
            (FieldClass::Name, sealed(NAME)),
            (FieldClass::Email, sealed(EMAIL)),
        ],
        message: sealed(MESSAGE),
        ticked: if form == "with-news" { &["newsletter"] } else { &[] },
        has_gpc: false,
    };
    stand
        .web
        .office
        .take_enquiry(form, &[assignee], now())
        .await
        .unwrap()
}

/// A testimonial with the marks, written down by an account.
async fn drafted(stand: &Stand, account: u32) -> people::TestimonialId {
    let sealed = |text: &str| Sealed::new(text.to_owned());
    let new = people::NewTestimonial {
        language: people::Language::En,
        said: people::Said {
            text: sealed(MESSAGE),
            name: Some(sealed(NAME)),
            position: None,
            company: None,
        },
        email: sealed(EMAIL),
        written_by: account,
    };
    stand.web.office.draft_testimonial(&new, now()).await.unwrap()
}

/// Who may enter at all is said by the access matrix.
#[tokio::test(flavor = "multi_thread")]
async fn tasks_and_emergencies_are_known_to_those_they_concern() {
    let (stand, _folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let other = Browser::staff(&stand, "other", Role::Manager, true).await;
    let officer = Browser::staff(&stand, "officer", Role::PrivacyOfficer, true).await;
    let intake = enquiry(&stand, manager.account).await;
    let case = format!("/console/cases/{}", intake.case.0);
    let task = format!("/console/tasks/{}", intake.task.unwrap());
    let alarm = NewBreakGlass {
        client: 0,
        purpose: Purpose::AnswerEnquiry,
        persons: &[intake.person],
        classes: &[FieldClass::Email],
        reason: "the mail goes out in ten minutes",
        witness: Witness::Alarm,
    };
    let tasks = &stand.web.office.tasks;
    let glass = tasks.break_glass(alarm, other.account, now()).await.unwrap().task;
    let glass = format!("/console/emergencies/{glass}");
    let testimonial = format!(
        "/console/testimonials/{}",
        drafted(&stand, manager.account).await.0
    );
    let who = [&manager, &other, &officer];
    for (path, want) in [
        (&*case, [200, 200, 404]),
        ("/console/cases/99", [404, 404, 404]),
        ("/console/cases/x", [404, 404, 404]),
        (&task, [200, 404, 200]),
        ("/console/tasks/x", [404, 404, 404]),
        ("/console/emergencies/x", [404, 404, 404]),
        (&glass, [404, 200, 200]),
        (&testimonial, [200, 200, 404]),
        ("/console/testimonials/99", [404, 404, 404]),
        ("/console/testimonials/x", [404, 404, 404]),
        ("/console/audit/checkpoint", [404, 404, 404]),
    ] {
        for (browser, want) in who.iter().zip(want) {
            let seen = browser.get(path).await;
            assert_eq!(seen.status, want, "account {} at {path}", browser.account);
            assert_eq!(seen.has_marks(), [false; 3], "{path}");
        }
    }
    stand.web.office.audit.checkpoint().unwrap();
    let note = officer.get("/console/audit/checkpoint").await;
    assert_eq!(note.status, 200);
    assert!(
        stand.web.office.audit.verifier().open(&note.text).is_ok(),
        "{}",
        note.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_masked_until_asked_and_each_reading_is_recorded_once() {
    let (stand, _folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let other = Browser::staff(&stand, "other", Role::Manager, true).await;
    let officer = Browser::staff(&stand, "officer", Role::PrivacyOfficer, true).await;
    let case = format!("/console/cases/{}", enquiry(&stand, manager.account).await.case.0);
    let readings = async || stand.web.office.readings().await.unwrap();
    let read_by = |account: u32, action: Action| {
        let newest = stand.web.office.audit.newest(None, 100).unwrap();
        let of = newest.iter().map(|n| &n.entry);
        let of = of.filter(|e| e.actor == Actor::Staff(account) && e.action == action);
        of.map(|e| e.count).collect::<Vec<u32>>()
    };

    assert_eq!(manager.get(&case).await.has_marks(), [false; 3]);
    assert_eq!(readings().await, (0, 0), "looking at the page reads nothing");
    let opened = manager.fill(&format!("{case}/open"), "").await;
    assert_eq!((opened.status, opened.has_marks()), (StatusCode::OK, [true; 3]));
    assert_eq!(opened.headers[CACHE_CONTROL], "no-store");
    assert!(opened.text.contains("This reading was recorded: 3 values"));
    let title = opened.between("<title>", "</title>");
    assert!(MARKS.iter().all(|mark| !title.contains(mark)), "{title}");
    assert_eq!(readings().await, (3, 3));
    assert_eq!(
        read_by(manager.account, Action::Read),
        [2, 1],
        "two values and one letter"
    );
    assert_eq!(manager.get(&case).await.has_marks(), [false; 3], "masked again");

    let denied = other.fill(&format!("{case}/open"), "").await;
    assert_eq!(
        (denied.status, denied.has_marks()),
        (StatusCode::FORBIDDEN, [false; 3])
    );
    assert!(denied.text.contains("The task is not yours") && denied.text.contains("The policies say"));
    assert_eq!(readings().await, (3, 3));
    assert_eq!(read_by(other.account, Action::ReadDenied).len(), 1);

    let log = officer.get("/console/audit").await;
    assert_eq!((log.status, log.has_marks()), (StatusCode::OK, [false; 3]));
    assert!(log.text.contains("Was refused a reading") && log.text.contains("2 values"));
    let about = officer
        .get(&format!("/console/audit?account={}", other.account))
        .await;
    assert!(about.text.contains("Was refused a reading") && !about.text.contains("2 values"));
    let not_a_number = officer.get(&format!("/console/audit?person={EMAIL}")).await;
    assert_eq!(
        (not_a_number.status, not_a_number.has_marks()),
        (StatusCode::OK, [false; 3])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_leaves_as_a_letter() {
    let (stand, folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let case = format!("/console/cases/{}", enquiry(&stand, manager.account).await.case.0);
    let reply = format!("{case}/reply");
    let empty = manager.fill(&reply, "subject=About+growth&text=+").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains(r#"value="About growth""#), "nothing is lost");
    let sent = manager
        .fill(&reply, "subject=About+growth&text=It+is+the+autumn+letter.")
        .await;
    assert_eq!(sent.location(), format!("{case}?saved=reply"), "{}", sent.text);
    let pass = stand.web.office.sharing.outbox.send_due(now()).await.unwrap();
    assert_eq!(pass.sent, 1);
    let letters: Vec<_> = std::fs::read_dir(folder.path().join("outbox")).unwrap().collect();
    let [Ok(letter)] = &letters[..] else {
        panic!("{letters:?}");
    };
    let letter = std::fs::read_to_string(letter.path()).unwrap();
    for mark in [EMAIL, "About growth", "It is the autumn letter."] {
        assert!(letter.contains(mark), "{letter}");
    }
    let page = manager.get(&case).await;
    assert!(page.text.contains("answered") && page.has_marks() == [false; 3]);
    let readings = stand.web.office.readings().await.unwrap();
    assert_eq!(readings.0, readings.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn access_given_to_oneself_waits_for_another() {
    let (stand, _folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let other = Browser::staff(&stand, "other", Role::Manager, true).await;
    let case = format!("/console/cases/{}", enquiry(&stand, manager.account).await.case.0);
    let open = format!("{case}/open");
    let taken = other
        .fill(&format!("{case}/assign"), &format!("account={}", other.account))
        .await;
    assert_eq!(taken.location(), format!("{case}?saved=assign-pending"));
    let told = other.get(&case).await;
    assert!(told.text.contains("Ask another account to approve it") && !told.text.contains(&open));
    for browser in [&manager, &other] {
        let seen = browser.fill(&open, "").await;
        assert_eq!(
            (seen.status, seen.has_marks()),
            (StatusCode::FORBIDDEN, [false; 3])
        );
    }
    let page = other.get(&case).await;
    let task = format!("/console/tasks/{}", page.between("href=\"/console/tasks/", "\""));
    let own = other.fill(&format!("{task}/approve"), "").await;
    assert_eq!(own.location(), format!("{task}?problem=another"));
    let approved = manager.fill(&format!("{task}/approve"), "").await;
    assert_eq!(approved.location(), format!("{task}?saved=approve"));
    assert_eq!(other.fill(&open, "").await.has_marks(), [true; 3]);

    let closed = other.fill(&format!("{case}/status"), "status=closed").await;
    assert_eq!(closed.location(), format!("{case}?saved=status"));
    assert_eq!(
        other.fill(&open, "").await.has_marks(),
        [false; 3],
        "the task is done"
    );
    let page = other.get(&case).await;
    assert!(page.text.contains("The case is closed") && !page.text.contains(&open));
    let again = manager
        .fill(&format!("{case}/assign"), &format!("account={}", other.account))
        .await;
    assert_eq!(again.location(), format!("{case}?saved=assign"));
    assert!(
        other.get(&case).await.text.contains(&open),
        "given anew, it is open again"
    );
    assert_eq!(other.fill(&open, "").await.has_marks(), [true; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_nobody_to_ask_gets_access_at_once_and_is_reviewed() {
    let (stand, _folder) = open().await;
    let owner = Browser::enter(&stand, 1, stand::OWNER, true).await;
    let case = format!("/console/cases/{}", enquiry(&stand, 99).await.case.0);
    let page = owner.get(&case).await;
    assert!(
        page.text
            .contains("No other account could approve what you give yourself")
    );
    let taken = owner.fill(&format!("{case}/assign"), "account=1").await;
    assert_eq!(taken.location(), format!("{case}?saved=assign-alone"));
    assert!(
        owner
            .get(taken.location())
            .await
            .text
            .contains("it comes up for review")
    );
    assert_eq!(
        owner.fill(&format!("{case}/open"), "").await.has_marks(),
        [true; 3]
    );
    let newest = stand.web.office.audit.newest(None, 20).unwrap();
    let marked = newest.iter().filter(|n| n.entry.action == Action::SelfGranted);
    assert_eq!(marked.count(), 1);
    assert_eq!(stand.web.office.tasks.reviews_to_mail().await.unwrap().len(), 1);

    let glass = owner.get("/console/emergencies/new").await;
    assert!(
        glass
            .text
            .contains("There is no other account that could confirm it")
    );
    let page = owner.get(&case).await;
    let task = format!("/console/tasks/{}", page.between("href=\"/console/tasks/", "\""));
    let page = owner.get(&task).await;
    assert!(page.text.contains("No other account can review this"));
    let review = format!("/console/reviews/{}", page.between("/console/reviews/", "\""));
    let reviewed = owner.fill(&review, "finding=It+was+right.").await;
    assert_eq!(reviewed.location(), format!("{task}?saved=review"));

    // Once somebody else is there, they are asked.
    let longer = owner.fill(&format!("{task}/extend"), "days=30").await;
    assert_eq!(
        longer.location(),
        format!("{task}?problem=end"),
        "it lasts as long as it may"
    );
    let _manager = Browser::staff(&stand, "manager", Role::Manager, false).await;
    let other_case = format!("/console/cases/{}", enquiry(&stand, 99).await.case.0);
    assert!(
        owner
            .get(&other_case)
            .await
            .text
            .contains("waits until another account approves it")
    );
    let taken = owner.fill(&format!("{other_case}/assign"), "account=1").await;
    assert_eq!(taken.location(), format!("{other_case}?saved=assign-pending"));
    assert_eq!(
        owner.fill(&format!("{other_case}/open"), "").await.has_marks(),
        [false; 3]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_opens_with_an_alarm_and_is_reviewed() {
    let (stand, _folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let other = Browser::staff(&stand, "other", Role::Manager, true).await;
    let officer = Browser::staff(&stand, "officer", Role::PrivacyOfficer, true).await;
    let case = enquiry(&stand, manager.account).await.case.0;
    let fields = format!("case={case}&purpose=answer_enquiry&class=email&class=message&witness=alarm");
    let short = other
        .fill("/console/emergencies/new", &format!("{fields}&reason=too+short"))
        .await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let broken = other
        .fill(
            "/console/emergencies/new",
            &format!("{fields}&reason=The+mail+goes+out+in+ten+minutes"),
        )
        .await;
    assert_eq!(broken.status, StatusCode::SEE_OTHER, "{}", broken.text);
    let glass = broken.location().split('?').next().unwrap().to_owned();
    let opened = other.fill(&format!("{glass}/open"), "").await;
    assert_eq!(
        opened.has_marks(),
        [false, true, true],
        "what was asked for, no more"
    );
    assert_eq!(manager.get(&glass).await.status, StatusCode::NOT_FOUND);
    assert!(
        officer
            .get("/console")
            .await
            .text
            .contains("Emergency opening by other")
    );
    let seen = officer.fill(&format!("{glass}/seen"), "").await;
    assert_eq!(seen.location(), format!("{glass}?saved=seen"));
    let page = officer.get(&glass).await;
    let review = format!("/console/reviews/{}", page.between("/console/reviews/", "\""));
    let done = officer.fill(&review, "finding=It+was+right.").await;
    assert_eq!(done.location(), format!("{glass}?saved=review"));
    assert!(officer.get(&glass).await.text.contains("It was right."));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_without_an_alarm_waits_for_a_second_person() {
    let (stand, _folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let other = Browser::staff(&stand, "other", Role::Manager, true).await;
    let case = enquiry(&stand, manager.account).await.case.0;
    let fields = format!(
        "case={case}&purpose=answer_enquiry&class=name&witness=second&reason=The+mail+goes+out+in+ten+minutes"
    );
    let asked = other.fill("/console/emergencies/new", &fields).await;
    let glass = asked.location().split('?').next().unwrap().to_owned();
    let open = format!("{glass}/open");
    let early = other.fill(&open, "").await;
    assert_eq!(
        (early.status, early.has_marks()),
        (StatusCode::FORBIDDEN, [false; 3])
    );
    let own = other.fill(&format!("{glass}/confirm"), "").await;
    assert_eq!(own.location(), "/console/tasks?problem=another");
    let confirmed = manager.fill(&format!("{glass}/confirm"), "").await;
    assert_eq!(confirmed.location(), "/console/tasks?saved=confirm");
    let told = manager.get(confirmed.location()).await;
    assert!(told.text.contains("Confirmed. It is open for one hour."));
    assert_eq!(other.fill(&open, "").await.has_marks(), [true, false, false]);
    let ended = other.fill(&format!("{glass}/end"), "").await;
    assert_eq!(ended.location(), format!("{glass}?saved=end"));
    assert_eq!(other.fill(&open, "").await.has_marks(), [false; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_task_opens_what_it_names_to_whom_it_names() {
    let (stand, _folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let other = Browser::staff(&stand, "other", Role::Manager, true).await;
    let case = enquiry(&stand, manager.account).await.case.0;
    let fields = format!(
        "kind=enquiry&purpose=answer_enquiry&class=email&account={}&days=7",
        other.account
    );
    for (more, wrong) in [
        ("case=99&reason=help", "There is nobody of that number"),
        (&*format!("case={case}&reason=x"), "Say why, in 3 to"),
    ] {
        let refused = manager
            .fill("/console/tasks/new", &format!("{fields}&{more}"))
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains(wrong), "{more}");
    }
    let beyond = format!("{fields}&case={case}&reason=help").replace("kind=enquiry", "kind=rights_request");
    assert_eq!(
        manager.fill("/console/tasks/new", &beyond).await.status,
        StatusCode::NOT_FOUND
    );
    let made = manager
        .fill("/console/tasks/new", &format!("{fields}&case={case}&reason=help"))
        .await;
    let task = made.location().split('?').next().unwrap().to_owned();
    assert_eq!(made.location(), format!("{task}?saved=task"));
    let opened = other.fill(&format!("{task}/open"), "").await;
    assert_eq!(opened.has_marks(), [false, true, false]);
    let mine = manager.fill(&format!("{task}/open"), "").await;
    assert_eq!(mine.has_marks(), [false; 3], "whoever made it has no grant of it");

    let longer = other.fill(&format!("{task}/extend"), "days=14").await;
    assert_eq!(longer.location(), format!("{task}?saved=extend-pending"));
    let refused = manager.fill(&format!("{task}/refuse"), "").await;
    assert_eq!(refused.location(), "/console/tasks?saved=refuse");
    let closed = other.fill(&format!("{task}/close"), "status=done").await;
    assert_eq!(closed.location(), format!("{task}?saved=close"));
    assert_eq!(
        other.fill(&format!("{task}/open"), "").await.has_marks(),
        [false; 3]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_gives_numbers_and_never_values() {
    let (stand, _folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let officer = Browser::staff(&stand, "officer", Role::PrivacyOfficer, true).await;
    let intake = enquiry(&stand, manager.account).await;
    let fields = "by=email&contact=KLARA@client.example";
    for (browser, path) in [
        (&officer, "/console/tasks/find".to_owned()),
        (&manager, format!("/console/tasks/{}/find", intake.task.unwrap())),
    ] {
        let seen = browser.fill(&path, fields).await;
        assert_eq!(
            (seen.status, seen.has_marks()),
            (StatusCode::OK, [false; 3]),
            "{path}"
        );
        assert!(seen.text.contains(&intake.person.to_string()));
    }
    let seen = officer
        .fill(&format!("/console/tasks/{}/find", intake.task.unwrap()), fields)
        .await;
    assert_eq!(
        seen.status,
        StatusCode::FORBIDDEN,
        "an eye on all tasks is no grant"
    );
    assert!(!seen.text.contains(&intake.person.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_of_an_account_have_a_limit() {
    let (stand, _folder) = open().await;
    let officer = Browser::staff(&stand, "officer", Role::PrivacyOfficer, true).await;
    let other = Browser::staff(&stand, "other", Role::PrivacyOfficer, true).await;
    let fields = "by=email&contact=a@client.example";
    for number in 0..32 {
        let seen = officer.fill("/console/tasks/find", fields).await;
        let want = if number < 30 {
            StatusCode::OK
        } else {
            StatusCode::TOO_MANY_REQUESTS
        };
        assert_eq!(seen.status, want, "{number}");
    }
    let seen = other.fill("/console/tasks/find", fields).await;
    assert_eq!(seen.status, StatusCode::OK, "each has their own");
    let searched = stand.web.office.audit.newest(None, 100).unwrap();
    let searched = searched.iter().filter(|n| n.entry.action == Action::Read);
    assert_eq!(searched.count(), 31, "what was refused was not searched");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_access_by_a_task_ends_the_sign_ins_of_its_persons() {
    let (stand, _folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let other = Browser::staff(&stand, "other", Role::Manager, true).await;
    let officer = Browser::staff(&stand, "officer", Role::PrivacyOfficer, true).await;
    let office = &stand.web.office;
    let intake = enquiry(&stand, manager.account).await;
    let task = format!("/console/tasks/{}", intake.task.unwrap());
    assert!(!manager.get(&task).await.text.contains("Sign-ins of the person"));
    // The person opens an account by a link, which takes the enquiry in: the account is another person's number.
    let served = people::NewServed {
        form: "account",
        language: people::Language::En,
        wordings: &[("account", 1)],
        form_sha256: [4; 32],
    };
    let served = office.people.serve(&served, now()).await.unwrap();
    let mut cookies = Vec::new();
    for _ in 0..2 {
        let letter = office
            .people
            .ask_link(EMAIL, people::Language::En, Some(served), "home", now())
            .await
            .unwrap();
        let followed = office
            .people
            .follow_link(&letter.secret, false, now())
            .await
            .unwrap();
        let people::Followed::SignedIn {
            cookie, signed_in, ..
        } = followed
        else {
            panic!("{followed:?}")
        };
        for claimable in office.people.claimable(&signed_in, now()).await.unwrap() {
            office
                .people
                .claim(&signed_in, claimable.case, now())
                .await
                .unwrap();
        }
        cookies.push((cookie, signed_in.person));
    }
    let page = manager.get(&task).await;
    assert!(page.text.contains("2 sign-ins to the person"), "{}", page.text);
    // An eye on all tasks is no access, and no task at all is none either.
    for (browser, status) in [(&officer, 404), (&other, 404)] {
        let seen = browser.fill(&format!("{task}/sign-ins"), "").await;
        assert_eq!(seen.status, status);
    }
    assert!(!officer.get(&task).await.text.contains("Sign-ins of the person"));
    assert!(
        office
            .people
            .signed_in(&cookies[0].0, now())
            .await
            .unwrap()
            .is_some()
    );
    let ended = manager.fill(&format!("{task}/sign-ins"), "").await;
    assert_eq!(ended.location(), format!("{task}?saved=sign-ins"));
    for (cookie, _) in &cookies {
        assert!(office.people.signed_in(cookie, now()).await.unwrap().is_none());
    }
    let newest = office.audit.newest(None, 1).unwrap();
    let entry = &newest[0].entry;
    assert_eq!(
        (entry.action, &entry.actor, entry.count),
        (Action::SignOut, &Actor::Staff(manager.account), 2)
    );
    assert_eq!(
        (entry.subject.person, entry.subject.task),
        (Some(cookies[0].1), intake.task)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_behind_a_sign_in_is_kept_nowhere() {
    let (stand, _folder) = open().await;
    let owner = Browser::enter(&stand, 1, stand::OWNER, true).await;
    let intake = enquiry(&stand, owner.account).await;
    let routes = include_str!("../src/pages.rs").to_owned()
        + include_str!("../src/security.rs")
        + include_str!("../src/console.rs");
    let pattern = regex::Regex::new(r#"\.route\(\s*"([^"]+)",\s*get"#).unwrap();
    let mut shown = 0;
    for route in pattern.captures_iter(&routes) {
        let path = route[1]
            .replace("{domain}", "shop.example")
            .replace("{number}", &intake.case.0.to_string())
            .replace("{id}", &intake.task.unwrap().to_string());
        let seen = owner.get(&path).await;
        if seen.status == StatusCode::OK {
            shown += 1;
            let cached = seen.headers[CACHE_CONTROL].to_str().unwrap();
            assert!(cached.contains("no-store"), "{path}: {cached}");
        }
    }
    assert!(shown >= 14, "{shown}");
}

#[tokio::test]
async fn a_testimonial_is_written_down_masked_changed_and_its_author_asked() {
    let (stand, folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let other = Browser::staff(&stand, "other", Role::Manager, true).await;
    let list = "/console/testimonials";
    let fields = format!(
        "language=en&position=&company=Nord+%26+Co&name={}",
        NAME.replace(' ', "+")
    );
    let lacking = manager
        .fill(&format!("{list}/new"), &format!("{fields}&text=+&email=klara"))
        .await;
    assert_eq!(lacking.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in [
        NAME,
        "value=\"klara\"",
        "Nord &amp; Co",
        "Please write down what was said",
        "name@example.org",
    ] {
        assert!(lacking.text.contains(kept), "{kept}: {}", lacking.text);
    }
    let text = MESSAGE.replace(' ', "+");
    let drafted = manager
        .fill(
            &format!("{list}/new"),
            &format!("{fields}&text={text}&email={EMAIL}"),
        )
        .await;
    let one = format!("{list}/1");
    assert_eq!(
        drafted.location(),
        format!("{one}?saved=testimonial"),
        "{}",
        drafted.text
    );
    for path in [list, &one, "/console"] {
        assert_eq!(manager.get(path).await.has_marks(), [false; 3], "{path}");
    }
    let opened = manager.fill(&format!("{one}/open"), "").await;
    assert_eq!(
        opened.has_marks(),
        [true, false, true],
        "words and lines; the address is not needed"
    );
    assert_eq!(opened.headers[CACHE_CONTROL], "no-store");
    assert!(
        opened.text.contains("This reading was recorded: 1 value"),
        "{}",
        opened.text
    );
    for act in ["open", "ask"] {
        let denied = other.fill(&format!("{one}/{act}"), "").await;
        assert_eq!(
            (denied.status, denied.has_marks()),
            (StatusCode::FORBIDDEN, [false; 3]),
            "{act}"
        );
    }
    let empty = manager
        .fill(&format!("{one}/change"), "text=&name=Klara&position=&company=")
        .await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("value=\"Klara\""), "nothing is lost");
    let changed = manager
        .fill(
            &format!("{one}/change"),
            &format!("text={text}&name=Klara+Z.&position=&company="),
        )
        .await;
    assert_eq!(changed.location(), format!("{one}?saved=testimonial-changed"));
    let asked = manager.fill(&format!("{one}/ask"), "").await;
    assert_eq!(
        asked.location(),
        format!("{one}?saved=testimonial-asked"),
        "{}",
        asked.text
    );
    assert_eq!(
        stand
            .web
            .office
            .sharing
            .outbox
            .send_due(now())
            .await
            .unwrap()
            .sent,
        1
    );
    let letters: Vec<_> = std::fs::read_dir(folder.path().join("outbox")).unwrap().collect();
    let [Ok(letter)] = &letters[..] else {
        panic!("{letters:?}");
    };
    let letter = sharing::Letter::read(&std::fs::read(letter.path()).unwrap());
    assert_eq!(letter.to[0].address.reveal(), EMAIL);
    for part in [
        MESSAGE,
        "— Klara Z.\n",
        "/testimonials/answer?lang=en&token=",
        "30 days",
    ] {
        assert!(letter.text.reveal().contains(part), "{part}");
    }
    assert!(
        !letter.text.reveal().contains("Nord"),
        "what is not shown is not there"
    );
    let gone = manager.fill(&format!("{one}/withdraw"), "").await;
    assert_eq!(gone.location(), format!("{one}?saved=testimonial-withdrawn"));
    let late = manager.fill(&format!("{one}/ask"), "").await;
    assert_eq!(late.location(), format!("{one}?problem=testimonial-ended"));
    assert!(manager.get(&one).await.text.contains("the words are destroyed"));
    let readings = stand.web.office.readings().await.unwrap();
    assert_eq!(readings.0, readings.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_author_is_asked_before_the_operator_has_said_who_asks() {
    let folder = tempfile::tempdir().unwrap();
    let mut stand = Stand::open(1, 1, false).await;
    let unnamed = people::Controller {
        address: String::new(),
        ..office::trial::controller()
    };
    let web = std::sync::Arc::get_mut(&mut stand.web).unwrap();
    web.office = office::trial::office_of(folder.path(), now, unnamed).await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let id = drafted(&stand, manager.account).await;
    let one = format!("/console/testimonials/{}", id.0);
    let seen = manager.get(&one).await;
    assert!(!seen.text.contains(&format!("{one}/ask")), "{}", seen.text);
    assert!(seen.text.contains("[controller]"), "{}", seen.text);
    let asked = manager.fill(&format!("{one}/ask"), "").await;
    assert_eq!(asked.location(), format!("{one}?problem=unnamed"));
    assert!(
        stand
            .web
            .office
            .sharing
            .outbox
            .waiting(9)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        stand.web.office.people.testimonial(id).await.unwrap().status,
        people::TestimonialStatus::Draft
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_told_from_an_enquiry_and_an_answer_that_failed_from_one_that_arrived() {
    let (stand, folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let case = enquiry(&stand, manager.account).await.case;
    let request = sent(&stand, "privacy", manager.account).await.case;
    let list = manager.get("/console/cases").await;
    assert!(list.text.contains(&format!(">№ {}</a>", case.0)), "{}", list.text);
    assert!(
        list.text.contains(&format!(">R-{}</a>", request.0)),
        "{}",
        list.text
    );
    assert_eq!(list.text.matches("request about own data").count(), 1);

    let page = format!("/console/cases/{}", case.0);
    manager
        .fill(&format!("{page}/reply"), "subject=Growth&text=An+answer.")
        .await;
    let office = &stand.web.office;
    office.sharing.outbox.send_due(now()).await.unwrap();
    assert!(!manager.get("/console").await.text.contains("not delivered"));
    let mut sent = std::fs::read_dir(folder.path().join("outbox")).unwrap();
    let letter = std::fs::read(sent.next().unwrap().unwrap().path()).unwrap();
    let id = sharing::Letter::read(&letter).message_id.unwrap();
    assert!(office.sharing.outbox.came_back(&id, now()).await.unwrap());
    office.note_all_undelivered(now()).await.unwrap();
    for path in ["/console", "/console/cases"] {
        let seen = manager.get(path).await;
        assert!(
            seen.text.contains("answer not delivered"),
            "{path}: {}",
            seen.text
        );
    }
    let seen = manager.get(&page).await;
    assert!(
        seen.text.contains("This letter was not delivered. It came back"),
        "{}",
        seen.text
    );
    assert_eq!(seen.has_marks(), [false; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_named_as_the_cause_in_the_language_of_the_page() {
    let (stand, _folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let intake = enquiry(&stand, manager.account).await;
    let hold = vault::NewHold {
        reason: "a dispute",
        owner: 1,
        review: now().plus_ms(1000),
    };
    let vault = &stand.web.office.vault;
    vault.place_hold(intake.person, hold, now()).await.unwrap();
    let open = format!("/console/cases/{}/open?lang=ru", intake.case.0);
    let denied = manager.fill(&open, "").await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    assert!(
        denied
            .text
            .contains("На данные человека наложен запрет на удаление из-за спора")
    );
    assert!(!denied.text.contains("on hold") && denied.has_marks() == [false; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_promises_a_letter_only_where_one_can_leave() {
    let (stand, _folder) = open().await;
    let officer = Browser::staff(&stand, "officer", Role::PrivacyOfficer, true).await;
    Browser::staff(&stand, "other", Role::PrivacyOfficer, true).await;
    let form = "/console/emergencies/new";
    let seen = officer.get(form).await;
    assert!(seen.text.contains("No letter can leave: nobody"), "{}", seen.text);
    Browser::staff(&stand, "third@agency.example", Role::PrivacyOfficer, true).await;
    let seen = officer.get(form).await;
    assert!(
        seen.text.contains("A letter goes to those who review"),
        "{}",
        seen.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn contracts_laws_and_holds_are_noted_by_whom_it_takes() {
    let (stand, _folder) = open().await;
    let manager = Browser::staff(&stand, "manager", Role::Manager, true).await;
    let other = Browser::staff(&stand, "other", Role::Manager, true).await;
    let officer = Browser::staff(&stand, "officer", Role::PrivacyOfficer, true).await;
    let intake = enquiry(&stand, manager.account).await;
    let vault = &stand.web.office.vault;
    let page = format!("/console/persons/{}", intake.person);
    let case = manager.get(&format!("/console/cases/{}", intake.case.0)).await;
    assert!(case.text.contains(&format!("href=\"{page}\"")));
    let seen = manager.get(&page).await;
    assert_eq!((seen.status, seen.has_marks()), (StatusCode::OK, [false; 3]));
    assert!(seen.text.contains("given without a contract: one year"));
    assert_eq!(stand.web.office.readings().await.unwrap(), (0, 0));

    // Without a task of one's own nothing is noted.
    for (act, fields) in [
        ("contract", "from=2026-01-01"),
        ("contract/none", ""),
        ("duties", "class=name&law=402-FZ&last=2031-12-31"),
        ("duties/end", "duty=1"),
    ] {
        let seen = other.fill(&format!("{page}/{act}"), fields).await;
        assert_eq!(seen.location(), format!("{page}?problem=no-own-task"), "{act}");
    }
    assert_eq!(vault.contract(intake.person).await.unwrap(), None);
    for (act, fields, outcome) in [
        ("contract", "from=&until=", "problem=date"),
        ("contract", "from=2026-01-01&until=never", "problem=date"),
        ("contract", "from=2026-01-02&until=2026-01-01", "problem=contract"),
        ("contract", "from=2026-01-01&until=2030-01-31", "saved=contract"),
        ("duties", "law=402-FZ&last=2099-12-31", "problem=duty"),
        ("duties", "class=name&law=402-FZ&last=2001-12-31", "problem=duty"),
        ("duties", "class=name&law=402-FZ&last=2099-12-31", "saved=duty"),
    ] {
        let seen = manager.fill(&format!("{page}/{act}"), fields).await;
        assert_eq!(seen.location(), format!("{page}?{outcome}"), "{act} {fields}");
        let seen = manager.get(seen.location()).await;
        assert!(seen.text.contains("class=\"notice "), "{outcome} is said");
    }
    let seen = manager.get(&page).await;
    for words in [
        "402-FZ",
        "1\u{a0}Jan 2026",
        "31\u{a0}Jan 2030",
        "31\u{a0}Dec 2099",
    ] {
        assert!(seen.text.contains(words), "{words}: {}", seen.text);
    }
    assert!(
        !other.get(&page).await.text.contains("402-FZ"),
        "no task, no text"
    );
    let duty = vault.duties(intake.person).await.unwrap()[0].id.0;
    let seen = manager
        .fill(&format!("{page}/duties/end"), &format!("duty={duty}"))
        .await;
    assert_eq!(seen.location(), format!("{page}?saved=duty-end"));

    // Holds are the officer's, with no task.
    let hold = format!("{page}/hold");
    assert_eq!(
        manager.fill(&hold, "reason=x&review=2099-01-01").await.status,
        404
    );
    assert_eq!(manager.get("/console/holds").await.status, 404);
    let seen = officer.fill(&hold, "reason=&review=2099-01-01").await;
    assert_eq!(seen.location(), format!("{page}?problem=hold"));
    let seen = officer
        .fill(&hold, "reason=court+case+12&review=2099-01-01")
        .await;
    assert_eq!(seen.location(), format!("{page}?saved=hold"));
    let seen = officer.get("/console/holds").await;
    assert!(seen.text.contains("court case 12") && seen.text.contains("1\u{a0}Jan 2099"));
    let seen = manager.get(&page).await;
    assert!(seen.text.contains("a legal hold") && !seen.text.contains("court case 12"));
    let id = vault.holds_on(intake.person).await.unwrap()[0].id;
    assert!(!officer.get("/console").await.text.contains("Holds to review"));
    let hold = format!("/console/holds/{}", id.0);
    let seen = officer.fill(&format!("{hold}/review"), "review=2001-01-01").await;
    assert_eq!(seen.location(), "/console/holds?problem=hold-review");
    // As if the day had come.
    vault
        .review_hold(id, now().plus_ms(-1), now().plus_ms(-2))
        .await
        .unwrap();
    assert!(officer.get("/console").await.text.contains("Holds to review"));
    assert!(
        officer
            .get("/console/holds")
            .await
            .text
            .contains("Was to be looked at again")
    );
    let seen = officer.fill(&format!("{hold}/review"), "review=2098-01-01").await;
    assert_eq!(seen.location(), "/console/holds?saved=hold-review");
    let seen = officer.fill(&format!("{hold}/release"), "").await;
    assert_eq!(seen.location(), "/console/holds?saved=hold-released");
    assert!(!vault.is_held(intake.person).await.unwrap());
    let newest = stand.web.office.audit.newest(None, 100).unwrap();
    let count = |action: Action, account: u32| {
        let of = newest.iter().map(|numbered| &numbered.entry);
        of.filter(|e| e.action == action && e.actor == Actor::Staff(account))
            .filter(|e| e.subject.person == Some(intake.person))
            .count()
    };
    assert_eq!(count(Action::KeepingChanged, manager.account), 3);
    for action in [Action::Hold, Action::HoldReviewed, Action::HoldReleased] {
        assert_eq!(count(action, officer.account), 1, "{action:?}");
    }
}

/// The owner of the address confirms what was ticked; no letter is left.
async fn confirm(office: &office::Office, folder: &std::path::Path) {
    let mut question = None;
    for _ in 0..2 {
        office.sharing.outbox.send_due(now()).await.unwrap();
        for file in std::fs::read_dir(folder.join("outbox")).unwrap() {
            let path = file.unwrap().path();
            let letter = sharing::Letter::read(&std::fs::read(&path).unwrap());
            std::fs::remove_file(path).unwrap();
            let link = letter.text.reveal().split_once("/consents/confirm?token=");
            question = question.or(link.map(|(_, rest)| rest.split('&').next().unwrap().to_owned()));
        }
        let Some(token) = question.take() else { continue };
        let link = credentials::Secret::parse(&token).unwrap();
        office.confirm_consent(&link, now()).await.unwrap();
    }
}

/// The numbers of consents taken back in the audit log.
fn taken_back(stand: &Stand, person: vocabulary::PersonId) -> usize {
    let about = audit::About::Person(person);
    let entries = stand.web.office.audit.about(about, None, 100).unwrap();
    entries
        .iter()
        .filter(|one| one.entry.action == Action::ConsentWithdrawn)
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_taken_back_by_the_link_in_a_letter_and_by_staff_at_the_persons_wish() {
    let (stand, folder) = open().await;
    let (office, clerk) = (
        &stand.web.office,
        Browser::staff(&stand, "clerk", Role::Manager, true).await,
    );
    let state = async |person| {
        office
            .people
            .consent_state(person, Purpose::Newsletter)
            .await
            .unwrap()
    };
    let first = sent(&stand, "with-news", clerk.account).await;
    confirm(office, folder.path()).await;
    let case = format!("/console/cases/{}", first.case.0);
    clerk
        .fill(&format!("{case}/reply"), "subject=Hello&text=Like+this.&once=a")
        .await;
    office.sharing.outbox.send_due(now()).await.unwrap();
    let mail = std::fs::read_dir(folder.path().join("outbox"))
        .unwrap()
        .next()
        .unwrap();
    let mail = std::fs::read_to_string(mail.unwrap().path())
        .unwrap()
        .replace("=\r\n", "")
        .replace("=3D", "=");
    let token = mail.split_once("/consents/withdraw?token=").expect("a link").1;
    let token = token.split('&').next().unwrap();

    let person = Browser {
        router: web::router(stand.web.clone()),
        cookie: String::new(),
        account: 0,
        language: "ru",
    };
    let page = person.get(&format!("/consents/withdraw?token={token}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Отозвать"), "{}", page.text);
    assert!(state(first.person).await.allows_use(), "looking changes nothing");
    for _ in 0..2 {
        let pressed = person.post("/consents/withdraw", &format!("token={token}")).await;
        assert_eq!(pressed.status, StatusCode::OK);
    }
    assert_eq!(state(first.person).await, people::ConsentState::Withdrawn);
    assert_eq!(taken_back(&stand, first.person), 1, "once, though pressed twice");
    let dead = person.get("/consents/withdraw?token=x").await;
    assert_eq!(dead.status, StatusCode::NOT_FOUND);

    let second = sent(&stand, "with-news", clerk.account).await;
    confirm(office, folder.path()).await;
    let case = format!("/console/cases/{}", second.case.0);
    let seen = clerk.get(&case).await;
    assert!(seen.text.contains("Take back at their wish"));
    let done = clerk
        .fill(&format!("{case}/withdraw"), "purpose=newsletter")
        .await;
    assert_eq!(done.location(), format!("{case}?saved=consent-withdrawn"));
    assert_eq!(state(second.person).await, people::ConsentState::Withdrawn);
    assert_eq!(taken_back(&stand, second.person), 1);
    assert!(!clerk.get(&case).await.text.contains("Take back at their wish"));
    let never = clerk
        .fill(&format!("{case}/withdraw"), "purpose=testimonial")
        .await;
    assert_eq!(never.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_sent_three_times_is_one_letter_and_what_is_wrong_is_named() {
    let (stand, _folder) = open().await;
    let clerk = Browser::staff(&stand, "clerk", Role::Manager, true).await;
    let intake = enquiry(&stand, clerk.account).await;
    let reply = format!("/console/cases/{}/reply", intake.case.0);
    let fields = "subject=Hello&text=Like+this.&once=a";
    let (one, two, three) = tokio::join!(
        clerk.fill(&reply, fields),
        clerk.fill(&reply, fields),
        clerk.fill(&reply, fields)
    );
    for seen in [one, two, three] {
        assert!(seen.location().ends_with("?saved=reply"), "{}", seen.text);
    }
    let letters = stand.web.office.people.letters(intake.case).await.unwrap();
    assert_eq!(letters.len(), 2, "theirs and ours");
    let long = format!("subject={}&text=x", "s".repeat(201));
    for (fields, why) in [
        ("subject=&text=x", "An answer needs a subject."),
        ("subject=x&text=+", "An answer needs a text."),
        (&*long, "This is too long"),
    ] {
        let seen = clerk.fill(&reply, fields).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        assert!(seen.text.contains(why), "{why}: {}", seen.text);
    }
    let nothing = clerk
        .fill(
            &format!("/console/tasks/{}/find", intake.task.unwrap()),
            "by=email&contact=+",
        )
        .await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.text.contains("Type the whole"), "{}", nothing.text);
}
