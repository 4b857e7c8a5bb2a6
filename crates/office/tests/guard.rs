//! The guard at work: who reads, what is recorded, and what is left of somebody who was erased.
#![expect(clippy::unwrap_used, reason = "tests")]

use audit::{About, Action, Actor};
use credentials::{Sealed, Secret};
use office::{EnquiryForm, Intake, Office};
use people::Language;
use policy::{FieldClass, Purpose};
use std::path::Path;
use vault::Reader;
use vocabulary::{Moment, TaskId};

const NOW: Moment = Moment(1_795_000_000_000);
const ACCOUNT: u32 = 7;
const NAME: &str = "Marker-Anna-Name";
const EMAIL: &str = "marker.anna@example.org";
const MESSAGE: &str = "Marker message about a shop";

fn now() -> Moment {
    NOW
}

async fn enquiry(office: &Office) -> Intake {
    let wording = office.people.wording("enquiry", Language::En).await.unwrap();
    let form = EnquiryForm {
        form: "enquiry",
        once: Secret::draw().unwrap().bytes()[..16].try_into().unwrap(),
        language: Language::En,
        wordings: &[(&wording.id, wording.version)],
        form_sha256: [9; 32],
        fields: vec![
            (FieldClass::Name, Sealed::new(NAME.into())),
            (FieldClass::Email, Sealed::new(EMAIL.into())),
        ],
        message: Sealed::new(MESSAGE.into()),
        ticked: &[],
        has_gpc: false,
    };
    office.take_enquiry(form, &[ACCOUNT], NOW).await.unwrap()
}

fn staff(account: u32, task: TaskId, second_factor: bool) -> Reader {
    Reader::Staff {
        account,
        task,
        break_glass: false,
        second_factor,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_task_opens_and_every_reading_is_recorded_first() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::trial::office(folder.path(), now).await;
    let intake = enquiry(&office).await;
    let task = intake.task.unwrap();
    let classes = [FieldClass::Name, FieldClass::Email];
    let read = async |reader: Reader, purpose: Purpose| {
        office
            .vault
            .read(&reader, intake.person, purpose, &classes, NOW)
            .await
    };
    for (what, reader, purpose) in [
        (
            "without the second factor",
            staff(ACCOUNT, task, false),
            Purpose::AnswerEnquiry,
        ),
        ("another account", staff(8, task, true), Purpose::AnswerEnquiry),
        ("another purpose", staff(ACCOUNT, task, true), Purpose::Newsletter),
        (
            "another task",
            staff(ACCOUNT, TaskId([1; 16]), true),
            Purpose::AnswerEnquiry,
        ),
        ("a job that may not", Reader::Job("retention"), Purpose::LegalDuty),
        (
            "a job for another purpose",
            Reader::Job("mail"),
            Purpose::Newsletter,
        ),
    ] {
        assert!(
            matches!(read(reader, purpose).await, Err(vault::Error::Denied(_))),
            "{what}"
        );
    }
    assert_eq!(office.readings().await.unwrap(), (0, 0), "nothing was opened");

    let values = read(staff(ACCOUNT, task, true), Purpose::AnswerEnquiry)
        .await
        .unwrap();
    let texts: Vec<&str> = values.iter().map(|value| value.text.reveal()).collect();
    assert!(texts.contains(&NAME) && texts.contains(&EMAIL));
    assert_eq!(office.readings().await.unwrap(), (2, 2));
    let entries = office
        .audit
        .about(About::Person(intake.person), None, 100)
        .unwrap();
    let newest = &entries[0].entry;
    assert_eq!(
        (newest.action, &newest.actor, newest.subject.task, newest.count),
        (Action::Read, &Actor::Staff(ACCOUNT), Some(task), 2)
    );
    let denied = entries
        .iter()
        .filter(|e| e.entry.action == Action::ReadDenied)
        .count();
    assert_eq!(denied, 6, "refusals are recorded, too");

    office
        .tasks
        .set_status(task, tasks::TaskStatus::Done, ACCOUNT, NOW)
        .await
        .unwrap();
    let after = read(staff(ACCOUNT, task, true), Purpose::AnswerEnquiry).await;
    assert!(
        matches!(after, Err(vault::Error::Denied(_))),
        "a task that is done opens nothing"
    );
    assert_eq!(office.readings().await.unwrap(), (2, 2));
}

fn find(folder: &Path, marker: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(find(&path, marker));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            if bytes
                .windows(marker.len())
                .any(|window| window == marker.as_bytes())
            {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_lies_in_clear_and_an_erased_person_is_gone_with_every_proof_valid() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::trial::office(folder.path(), now).await;
    let intake = enquiry(&office).await;
    for marker in [NAME, EMAIL, MESSAGE] {
        assert_eq!(find(folder.path(), marker), Vec::<String>::new(), "{marker}");
    }
    let before = office.audit.checkpoint().unwrap();
    let gone = office
        .erase(intake.person, "asked for it", Actor::System, NOW)
        .await
        .unwrap();
    assert_eq!((gone.rows.cases, gone.rows.letters), (1, 1));
    assert!(gone.bytes_gone);
    let read = office
        .vault
        .read(
            &Reader::Person,
            intake.person,
            Purpose::RightsRequest,
            FieldClass::ALL,
            NOW,
        )
        .await;
    assert!(matches!(read, Err(vault::Error::NotFound(_))));
    assert!(
        office
            .vault
            .find(0, FieldClass::Email, EMAIL)
            .await
            .unwrap()
            .is_empty()
    );
    // Once more does no harm.
    office
        .erase(intake.person, "asked for it", Actor::System, NOW)
        .await
        .unwrap();
    let verifier = office.audit.verifier().clone();
    office.audit.checkpoint().unwrap();
    office.audit.close().await.unwrap();
    let report = audit::verify(folder.path().join("audit"), &verifier, Some(&before)).unwrap();
    assert!(report.fault.is_none() && report.covered == report.entries);
}
