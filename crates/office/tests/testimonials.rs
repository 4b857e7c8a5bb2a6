//! Testimonials through the whole people's side: who may read them, what erasing and time take away, what is on record.
#![expect(clippy::unwrap_used, reason = "tests")]

use audit::{About, Action, Actor};
use credentials::{Sealed, Secret};
use office::{AuthorForm, Error, Office};
use people::{Language, NewTestimonial, Said, Testimonial, TestimonialId, TestimonialStatus};
use policy::Purpose;
use std::path::Path;
use tasks::TaskStatus;
use vault::Reader;
use vocabulary::{Moment, TaskId};

const NOW: Moment = Moment(1_795_000_000_000);
const ACCOUNT: u32 = 7;
const SITE: &str = "https://agency.example";

fn now() -> Moment {
    NOW
}

async fn draft(office: &Office, words: &str) -> Testimonial {
    let new = NewTestimonial {
        language: Language::En,
        said: Said {
            text: Sealed::new(words.into()),
            name: Some(Sealed::new("Olga P.".into())),
            position: None,
            company: None,
        },
        email: Sealed::new("olga@client.example".into()),
        written_by: ACCOUNT,
    };
    let id = office.draft_testimonial(&new, NOW).await.unwrap();
    office.people.testimonial(id).await.unwrap()
}

fn staff(account: u32, task: TaskId) -> Reader {
    Reader::Staff {
        account,
        task,
        break_glass: false,
        second_factor: true,
    }
}

/// The secret of the link in the newest letter.
async fn secret(office: &Office, folder: &Path) -> Secret {
    assert_eq!(office.sharing.outbox.send_due(NOW).await.unwrap().sent, 1);
    let file = std::fs::read_dir(folder.join("outbox")).unwrap().next();
    let path = file.unwrap().unwrap().path();
    let letter = sharing::Letter::read(&std::fs::read(&path).unwrap());
    std::fs::remove_file(path).unwrap();
    let (_, rest) = letter.text.reveal().split_once("&token=").unwrap();
    Secret::parse(rest.split_whitespace().next().unwrap()).unwrap()
}

/// Asks the author, who agrees.
async fn publish(office: &Office, folder: &Path, one: &Testimonial) {
    let reader = staff(ACCOUNT, one.task.unwrap());
    office
        .ask_author(&reader, one.id, ACCOUNT, SITE, NOW)
        .await
        .unwrap();
    let secret = secret(office, folder).await;
    let form = AuthorForm {
        language: Language::En,
        wordings: &[("testimonial", 1), ("testimonial-draft", 1)],
        form_sha256: [5; 32],
        said_sha256: one.sha256,
    };
    office
        .agree_to_testimonial(&secret, &form, SITE, NOW)
        .await
        .unwrap();
}

async fn published(office: &Office) -> Vec<TestimonialId> {
    let published = office.published_testimonials(10, NOW).await.unwrap();
    published.into_iter().map(|one| one.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_whoever_wrote_it_down_reads_a_draft_and_its_task_opens_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::trial::office(folder.path(), now).await;
    let one = draft(&office, "words").await;
    let task = one.task.unwrap();
    let read = async |reader: Reader, purpose: Purpose| {
        let read = office.people.open_testimonial(&reader, &one, purpose, NOW).await;
        read.is_ok()
    };
    assert!(read(staff(ACCOUNT, task), Purpose::AskAuthor).await);
    for (what, reader, purpose) in [
        ("another account", staff(8, task), Purpose::AskAuthor),
        (
            "another task",
            staff(ACCOUNT, TaskId([1; 16])),
            Purpose::AskAuthor,
        ),
        ("another purpose", staff(ACCOUNT, task), Purpose::Testimonial),
        ("the job of mail", Reader::Job("mail"), Purpose::AskAuthor),
        (
            "the publisher, to ask",
            Reader::Job("publication"),
            Purpose::AskAuthor,
        ),
    ] {
        assert!(!read(reader, purpose).await, "{what}");
    }
    let classes = [policy::FieldClass::Email];
    let other = office
        .vault
        .read(
            &staff(ACCOUNT, task),
            one.person,
            Purpose::AskAuthor,
            &classes,
            NOW,
        )
        .await;
    assert!(
        matches!(other, Err(vault::Error::Denied(_))),
        "the task is for the words"
    );
    let asked = office.ask_author(&staff(8, task), one.id, 8, SITE, NOW).await;
    assert!(matches!(
        asked,
        Err(Error::People(people::Error::Vault(vault::Error::Denied(_))))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_its_author_takes_it_from_the_site_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::trial::office(folder.path(), now).await;
    let one = draft(&office, "words").await;
    assert!(published(&office).await.is_empty());
    publish(&office, folder.path(), &one).await;
    assert_eq!(published(&office).await, [one.id]);
    let ledger = office.sharing.ledger.of_person(one.person).await.unwrap();
    let to_all = ledger
        .iter()
        .filter(|row| row.what.recipient == sharing::Recipient::Public && row.sha256 == one.sha256);
    assert_eq!(to_all.count(), 1, "the ledger says what everybody got");
    let waiting = draft(&office, "other words").await;
    assert_eq!(waiting.person, one.person);
    office
        .erase(one.person, "asked for it", Actor::System, NOW)
        .await
        .unwrap();
    assert!(published(&office).await.is_empty());
    assert!(office.people.testimonial(one.id).await.is_err());
    let task = office.tasks.task(waiting.task.unwrap()).await.unwrap();
    assert_eq!(
        task.status,
        TaskStatus::Cancelled,
        "nothing is left to open by it"
    );
    let (opened, recorded) = office.readings().await.unwrap();
    assert_eq!(opened, recorded);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_answers_goes_by_itself_with_its_task_and_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::trial::office(folder.path(), now).await;
    let one = draft(&office, "words").await;
    let over = NOW.plus_ms(people::testimonial::ANSWER_MS);
    office.destroy_due(over, true).await.unwrap();
    let still = office.people.testimonial(one.id).await.unwrap();
    assert_eq!(
        still.status,
        TestimonialStatus::Draft,
        "a dry run destroys nothing"
    );
    office.destroy_due(over, false).await.unwrap();
    let lapsed = office.people.testimonial(one.id).await.unwrap();
    assert_eq!(lapsed.status, TestimonialStatus::Lapsed);
    assert!(office.vault.values(one.person).await.unwrap().is_empty());
    let task = office.tasks.task(one.task.unwrap()).await.unwrap();
    assert_eq!(task.status, TaskStatus::Done);
    let entries = office.audit.about(About::Person(one.person), None, 10).unwrap();
    for action in [
        Action::Receive,
        Action::TaskOpened,
        Action::Destroy,
        Action::TaskClosed,
    ] {
        let count = entries.iter().filter(|e| e.entry.action == action).count();
        assert_eq!(count, 1, "{action:?}");
    }
}
