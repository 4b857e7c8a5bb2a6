//! Testimonials as anyone sees them, and as their authors answer.

use super::Visitor;
use crate::stand::{self, now};
use audit::{About, Action};
use credentials::Sealed;
use http::StatusCode;
use people::{Language, NewTestimonial, Said, TestimonialId, TestimonialStatus};
use vault::Reader;

const ACCOUNT: u32 = 1;
const WORDS: &str = "They <b>found</b> the fault.";

/// A stand whose mail goes into a folder that the test can read.
struct Stand {
    stand: stand::Stand,
    folder: tempfile::TempDir,
}

impl Stand {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut stand = stand::Stand::open(1, 1, false).await;
        let web = std::sync::Arc::get_mut(&mut stand.web).unwrap();
        web.office = office::trial::office(folder.path(), now).await;
        Self { stand, folder }
    }
}

impl std::ops::Deref for Stand {
    type Target = stand::Stand;

    fn deref(&self) -> &stand::Stand {
        &self.stand
    }
}

/// A testimonial that its author was asked about, and the secret of the link in the letter.
async fn asked(stand: &Stand, words: &str, language: Language) -> (TestimonialId, String) {
    let sealed = |text: &str| Sealed::new(text.to_owned());
    let office = &stand.web.office;
    let new = NewTestimonial {
        language,
        said: Said {
            text: sealed(words),
            name: Some(sealed("Olga P.")),
            position: None,
            company: Some(sealed("Leuchtwerk")),
        },
        email: sealed("olga@client.example"),
        written_by: ACCOUNT,
    };
    let id = office.draft_testimonial(&new, now()).await.unwrap();
    ask(stand, id).await;
    (id, secret(stand).await)
}

async fn ask(stand: &Stand, id: TestimonialId) {
    let office = &stand.web.office;
    let task = office.people.testimonial(id).await.unwrap().task.unwrap();
    let reader = Reader::Staff {
        account: ACCOUNT,
        task,
        break_glass: false,
        second_factor: true,
    };
    office
        .ask_author(&reader, id, ACCOUNT, "http://localhost", now())
        .await
        .unwrap();
}

/// The secret of the link in the only letter that waits.
async fn secret(stand: &Stand) -> String {
    let sent = stand.web.office.sharing.outbox.send_due(now()).await.unwrap();
    assert_eq!(sent.sent, 1);
    let folder = stand.folder.path().join("outbox");
    let file = std::fs::read_dir(&folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let letter = sharing::Letter::read(&std::fs::read(&file).unwrap());
    std::fs::remove_file(&file).unwrap();
    let text = letter.text.reveal();
    let (_, rest) = text.split_once("&token=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

async fn status(stand: &Stand, id: TestimonialId) -> TestimonialStatus {
    stand.web.office.people.testimonial(id).await.unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_answers_nothing_and_a_button_publishes_exactly_what_was_shown() {
    let stand = Stand::open().await;
    let visitor = Visitor::new(&stand);
    let (id, token) = asked(&stand, WORDS, Language::En).await;
    let page = format!("/testimonials/answer?token={token}");
    let shown = visitor.get(&page).await;
    assert_eq!((shown.status, shown.cookies.len()), (StatusCode::OK, 0));
    for part in [
        r#"<figure class="voice" lang="en"><blockquote><p>They &lt;b&gt;found&lt;/b&gt; the fault.</p></blockquote><figcaption>— Olga P., Leuchtwerk</figcaption>"#,
        "Consent to the publication of my testimonial",
        r#"name="answer" value="agree""#,
        r#"name="answer" value="decline""#,
        r#"name="robots" content="noindex""#,
    ] {
        assert!(shown.text.contains(part), "{part}: {}", shown.main());
    }
    for _ in 0..3 {
        visitor.get(&format!("{page}&answer=agree")).await;
    }
    assert_eq!(status(&stand, id).await, TestimonialStatus::Asked);
    assert!(!visitor.get("/testimonials").await.text.contains("Olga"));
    assert!(!visitor.get("/").await.text.contains("id=\"voices\""));

    let print = shown.field("/testimonials/answer", "shown");
    let foreign = Visitor {
        site: "cross-site",
        ..Visitor::new(&stand)
    };
    let body = format!("token={token}&shown={print}&answer=agree");
    assert_eq!(
        foreign.post("/testimonials/answer", &body).await.status,
        StatusCode::FORBIDDEN
    );
    let unread = format!("token={token}&shown=00&answer=agree");
    let unread = visitor.post("/testimonials/answer", &unread).await;
    assert_eq!(unread.status, StatusCode::CONFLICT);
    assert!(unread.text.contains("Please read it once more"));
    assert_eq!(status(&stand, id).await, TestimonialStatus::Asked);

    let agreed = visitor.post("/testimonials/answer", &body).await;
    assert_eq!(
        agreed.location, "/testimonials/answered?as=agreed",
        "{}",
        agreed.text
    );
    let again = visitor.post("/testimonials/answer", &body).await;
    assert_eq!(again.location, agreed.location, "pressed twice");
    for path in ["/testimonials", "/"] {
        let text = visitor.get(path).await.text;
        assert!(
            text.contains("They &lt;b&gt;found&lt;/b&gt; the fault.") && text.contains("Olga P., Leuchtwerk"),
            "{path}"
        );
        assert!(!text.contains("olga@client.example"));
    }
    let office = &stand.web.office;
    let of = office.people.testimonial(id).await.unwrap();
    let entries = office.audit.about(About::Person(of.person), None, 100).unwrap();
    let count = |action: Action| entries.iter().filter(|e| e.entry.action == action).count();
    for action in [
        Action::Receive,
        Action::TaskOpened,
        Action::MessageSent,
        Action::ConsentGiven,
        Action::Disclose,
        Action::TaskClosed,
    ] {
        assert_eq!(count(action), 1, "{action:?}");
    }
    let readings = office.readings().await.unwrap();
    visitor.get("/testimonials").await;
    assert_eq!(
        office.readings().await.unwrap(),
        readings,
        "visitors open nothing anew"
    );
    assert_eq!(readings.0, readings.1);

    // The letter that tells of it takes it back.
    let back = secret(&stand).await;
    let page = visitor.get(&format!("/testimonials/answer?token={back}")).await;
    assert!(page.text.contains(r#"value="withdraw""#) && !page.text.contains(r#"value="agree""#));
    assert_eq!(status(&stand, id).await, TestimonialStatus::Agreed);
    let body = format!("token={back}&answer=withdraw");
    let done = visitor.post("/testimonials/answer", &body).await;
    assert_eq!(done.location, "/testimonials/answered?as=withdrawn");
    assert!(
        !visitor.get("/testimonials").await.text.contains("Olga"),
        "it vanishes at once"
    );
    assert_eq!(
        visitor.post("/testimonials/answer", &body).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(count(Action::ConsentWithdrawn), 0);
    let entries = office.audit.about(About::Person(of.person), None, 100).unwrap();
    assert!(entries.iter().any(|e| e.entry.action == Action::ConsentWithdrawn));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_kills_the_link_and_declining_publishes_nothing() {
    let stand = Stand::open().await;
    let mut visitor = Visitor::new(&stand);
    visitor.language = "ru";
    let (id, token) = asked(&stand, "Нашли ошибку.", Language::Ru).await;
    let page = visitor.get(&format!("/testimonials/answer?token={token}")).await;
    assert!(page.text.contains("lang=\"ru\"><blockquote>") && page.text.contains("Согласие на публикацию"));
    let print = page.field("/testimonials/answer", "shown");
    let office = &stand.web.office;
    let other = Said {
        text: Sealed::new("Нашли все ошибки.".into()),
        name: None,
        position: None,
        company: None,
    };
    office
        .change_testimonial(id, &other, ACCOUNT, now())
        .await
        .unwrap();
    let body = format!("token={token}&shown={print}&answer=agree");
    assert_eq!(
        visitor.post("/testimonials/answer", &body).await.status,
        StatusCode::NOT_FOUND
    );
    ask(&stand, id).await;
    let token = secret(&stand).await;
    let page = visitor.get(&format!("/testimonials/answer?token={token}")).await;
    assert!(page.text.contains("никто не назван") && !page.text.contains("<figcaption>"));
    let print = page.field("/testimonials/answer", "shown");
    let body = format!("token={token}&shown={print}&answer=decline");
    let declined = visitor.post("/testimonials/answer", &body).await;
    assert_eq!(declined.location, "/testimonials/answered?as=declined");
    assert_eq!(status(&stand, id).await, TestimonialStatus::Declined);
    assert!(
        visitor
            .get("/testimonials")
            .await
            .text
            .contains("Пока ничего не опубликовано")
    );
    for link in [token.as_str(), "x", ""] {
        let dead = visitor.get(&format!("/testimonials/answer?token={link}")).await;
        assert_eq!(dead.status, StatusCode::NOT_FOUND);
    }
}
