//! An enquiry that was cut off after it was stored gets its task and its record later, each once.
#![expect(clippy::unwrap_used, reason = "tests")]

use audit::{About, Action};
use credentials::Sealed;
use office::{EnquiryForm, Office};
use people::{Case, CaseFilter, Language};
use policy::FieldClass;
use sharing::Letter;
use sqldb::Database;
use sqldb::trial::{lift, plant};
use vocabulary::Moment;

const NOW: Moment = Moment(1_795_000_000_000);
const LATER: Moment = Moment(NOW.0 + 61_000);
const ACCOUNT: u32 = 7;

fn now() -> Moment {
    NOW
}

fn form() -> EnquiryForm<'static> {
    let sealed = |text: &str| Sealed::new(text.to_owned());
    EnquiryForm {
        form: "enquiry",
        once: [4; 16],
        language: Language::En,
        wordings: &[("enquiry", 1), ("newsletter", 1)],
        form_sha256: [3; 32],
        fields: vec![(FieldClass::Email, sealed("olga@client.example"))],
        message: sealed("Good day."),
        ticked: &["newsletter"],
        has_gpc: false,
    }
}

async fn cases(office: &Office) -> Vec<Case> {
    let every = CaseFilter {
        statuses: &[],
        assignee: None,
        before: None,
        most: 100,
    };
    office.people.cases(every).await.unwrap()
}

/// What the log has of a case's person, newest first.
fn recorded(office: &Office, case: &Case) -> Vec<Action> {
    let about = office.audit.about(About::Person(case.person), None, 100).unwrap();
    about.iter().map(|one| one.entry.action).collect()
}

/// The case of the enquiry is there with one task, of one account, and each entry once.
async fn assert_whole(office: &Office, what: &str) {
    let [case] = cases(office).await.try_into().unwrap();
    assert_eq!(case.assignee, Some(ACCOUNT), "{what}");
    let tasks = office.tasks.tasks_of_person(case.person).await.unwrap();
    assert_eq!(tasks.len(), 1, "{what}");
    assert_eq!(case.task, Some(tasks[0].id), "{what}");
    let mut recorded = recorded(office, &case);
    recorded.sort_by_key(|action| *action as u8);
    let mut want = [Action::Receive, Action::TaskOpened];
    want.sort_by_key(|action| *action as u8);
    assert_eq!(recorded, want, "{what}");
    assert!(
        office.people.unrecorded(LATER).await.unwrap().is_empty(),
        "{what}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cut_off_at_any_step_is_ended_later() {
    for (file, act, table) in [
        // The task itself, and its grant: nothing of the task is there.
        ("tasks.sqlite", "INSERT", "tasks"),
        ("tasks.sqlite", "INSERT", "grants"),
        // The task is there and recorded, the case does not know of it; then the record of what came in.
        ("vault.sqlite", "UPDATE", "cases"),
    ] {
        for is_sent_again in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let office = office::trial::office(folder.path(), now).await;
            let place = folder.path().join(file).display().to_string();
            let database = Database::open(&place).await.unwrap();
            plant(&database, act, table).await.unwrap();
            // The person is told that it arrived wherever nothing of theirs is lost.
            let first = office.take_enquiry(form(), &[ACCOUNT], NOW).await;
            assert!(
                first.is_ok(),
                "{table}: it is stored, so it need not be sent again"
            );
            assert_eq!(cases(&office).await.len(), 1, "{table}: it is stored");
            lift(&database, table).await.unwrap();

            if is_sent_again {
                office.take_enquiry(form(), &[ACCOUNT], NOW).await.unwrap();
            } else {
                let soon = NOW.plus_ms(1_000);
                office.finish_intakes(&[ACCOUNT], soon).await.unwrap();
                assert_eq!(cases(&office).await[0].task, None, "{table}: it may be under way");
                office.finish_intakes(&[ACCOUNT], LATER).await.unwrap();
            }
            assert_whole(&office, table).await;
            office.finish_intakes(&[ACCOUNT], LATER).await.unwrap();
            assert_whole(&office, table).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ended_right_after_storing_is_caught_up_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::trial::office(folder.path(), now).await;
    let served = people::NewServed {
        form: "enquiry",
        language: Language::En,
        wordings: form().wordings,
        form_sha256: [3; 32],
    };
    let served = office.people.serve(&served, NOW).await.unwrap();
    let new = people::NewEnquiry {
        client: 0,
        once: [4; 16],
        served,
        shown: NOW,
        fields: form().fields,
        message: form().message,
        ticked: &["newsletter"],
        has_gpc: false,
    };
    office.people.take_enquiry(&new, NOW).await.unwrap();
    office.audit.close().await.unwrap();
    drop(office);

    let office = office::trial::office(folder.path(), now).await;
    office.finish_intakes(&[], LATER).await.unwrap();
    let [case] = cases(&office).await.try_into().unwrap();
    assert_eq!(
        (case.task, recorded(&office, &case).len()),
        (None, 1),
        "nobody to give it"
    );
    office.finish_intakes(&[ACCOUNT], LATER).await.unwrap();
    assert_whole(&office, "after a restart").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_was_cut_off_is_one_case_when_it_is_fetched_again() {
    let text = "From: olga@client.example\r\nTo: hello@agency.example\r\nMessage-ID: <1@client.example>\r\n\
                Subject: Good day\r\n\r\nHow do I count visits?\r\n";
    let folder = tempfile::tempdir().unwrap();
    let office = office::trial::office(folder.path(), now).await;
    let place = folder.path().join("vault.sqlite").display().to_string();
    let database = Database::open(&place).await.unwrap();
    for table in ["fields", "cases", "letters"] {
        plant(&database, "INSERT", table).await.unwrap();
        let filed = office
            .take_letter(&Letter::read(text.as_bytes()), &[ACCOUNT], NOW)
            .await;
        assert!(filed.is_err(), "{table}");
        lift(&database, table).await.unwrap();
        assert!(
            office.vault.roll(None, 0, 10).await.unwrap().is_empty(),
            "{table}"
        );
    }
    plant(&database, "UPDATE", "cases").await.unwrap();
    let filed = office
        .take_letter(&Letter::read(text.as_bytes()), &[ACCOUNT], NOW)
        .await;
    assert!(filed.is_err());
    lift(&database, "cases").await.unwrap();
    office
        .take_letter(&Letter::read(text.as_bytes()), &[ACCOUNT], NOW)
        .await
        .unwrap();
    office.finish_intakes(&[ACCOUNT], LATER).await.unwrap();
    let [case] = cases(&office).await.try_into().unwrap();
    assert_eq!((case.letters_in, case.assignee), (1, Some(ACCOUNT)));
    let mut recorded = recorded(&office, &case);
    recorded.sort_by_key(|action| *action as u8);
    let mut want = [Action::Receive, Action::TaskOpened];
    want.sort_by_key(|action| *action as u8);
    assert_eq!(recorded, want);
}
