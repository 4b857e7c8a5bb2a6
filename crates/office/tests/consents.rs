//! Consents between us and the owner of an address: confirmed by a letter, taken back by another or by staff.
#![expect(clippy::unwrap_used, reason = "tests")]

use audit::{About, Action, Actor};
use credentials::{Sealed, Secret};
use office::{EnquiryForm, Intake, Office, OnBehalf};
use people::{ConsentState, Language, Method};
use policy::{FieldClass, Purpose};
use std::path::Path;
use vault::Reader;
use vocabulary::{Moment, PersonId};

const NOW: Moment = Moment(1_795_000_000_000);
const ACCOUNT: u32 = 7;
const NEWS: Purpose = Purpose::Newsletter;

fn now() -> Moment {
    NOW
}

/// An enquiry with the newsletter ticked.
async fn enquire(office: &Office, once: u8, email: &str, language: Language) -> Intake {
    let form = EnquiryForm {
        form: "enquiry",
        once: [once; 16],
        language,
        wordings: &[("enquiry", 1), ("newsletter", 1)],
        form_sha256: [3; 32],
        fields: vec![(FieldClass::Email, Sealed::new(email.into()))],
        message: Sealed::new("Good day.".into()),
        ticked: &["newsletter"],
        has_gpc: false,
    };
    office.take_enquiry(form, &[ACCOUNT], NOW).await.unwrap()
}

/// The mails that leave now, as they are written.
async fn mails(office: &Office, folder: &Path) -> Vec<(String, sharing::Letter)> {
    office.sharing.outbox.send_due(NOW).await.unwrap();
    let outbox = folder.join("outbox");
    let mut files: Vec<_> = std::fs::read_dir(&outbox)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let bytes = std::fs::read(&file).unwrap();
            std::fs::remove_file(&file).unwrap();
            (
                String::from_utf8_lossy(&bytes).into_owned(),
                sharing::Letter::read(&bytes),
            )
        })
        .collect()
}

fn secret(letter: &sharing::Letter, what: &str) -> Secret {
    let text = letter.text.reveal();
    let address = format!("https://agency.example/consents/{what}?token=");
    let (_, rest) = text.split_once(&address).unwrap();
    Secret::parse(rest.split('&').next().unwrap()).unwrap()
}

async fn state(office: &Office, person: PersonId) -> ConsentState {
    office.people.consent_state(person, NEWS).await.unwrap()
}

fn acts(office: &Office, person: PersonId, action: Action) -> Vec<Actor> {
    let entries = office.audit.about(About::Person(person), None, 100).unwrap();
    let of_action = entries.into_iter().filter(|one| one.entry.action == action);
    of_action.map(|one| one.entry.actor).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_counts_when_its_letter_is_answered_and_every_letter_takes_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::trial::office(folder.path(), now).await;
    let intake = enquire(&office, 1, "olga@client.example", Language::Ru).await;
    enquire(&office, 1, "olga@client.example", Language::Ru).await;
    let (person, sent) = (intake.person, mails(&office, folder.path()).await);
    assert_eq!(sent.len(), 1, "one form, one question");
    assert!(
        sent[0]
            .1
            .subject
            .reveal()
            .starts_with("Подтвердите, пожалуйста: Согласие")
    );
    assert!(!sent[0].0.contains("List-Unsubscribe"));
    assert_eq!(state(&office, person).await, ConsentState::Requested);
    assert!(acts(&office, person, Action::ConsentGiven).is_empty());

    let question = secret(&sent[0].1, "confirm");
    office.confirm_consent(&question, NOW).await.unwrap();
    assert!(office.confirm_consent(&question, NOW).await.is_err());
    assert_eq!(state(&office, person).await, ConsentState::Given);
    assert_eq!(
        acts(&office, person, Action::ConsentGiven),
        [Actor::Person(person)]
    );
    let sent = mails(&office, folder.path()).await;
    let (bytes, told) = &sent[0];
    let back = secret(told, "withdraw");
    let header = format!(
        "List-Unsubscribe: <https://agency.example/consents/withdraw?token={}&lang=ru>",
        back.text()
    );
    assert!(bytes.contains(&header), "{bytes}");
    assert!(bytes.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    let ledger = office.sharing.ledger.of_person(person).await.unwrap();
    assert_eq!(ledger.len(), 2, "both letters are in the person's ledger");

    // An answer to the enquiry has the link too.
    let reader = Reader::Staff {
        account: ACCOUNT,
        task: intake.task.unwrap(),
        break_glass: false,
        second_factor: true,
    };
    let (subject, text) = (Sealed::new("Ответ".into()), Sealed::new("Да.".into()));
    let reply = office
        .people
        .reply(&reader, intake.case, &subject, &text, NOW)
        .await
        .unwrap();
    office.hand_over(&reply, NOW).await.unwrap();
    let sent = mails(&office, folder.path()).await;
    let answer = sent[0].1.text.reveal();
    assert!(answer.starts_with("Да.") && answer.contains("Согласие на получение рассылки"));
    let back_from_answer = secret(&sent[0].1, "withdraw");

    // One press ends all that was given under the address, and nothing that others gave.
    let second = enquire(&office, 2, "Olga@client.example", Language::En)
        .await
        .person;
    let other = enquire(&office, 3, "boris@client.example", Language::En)
        .await
        .person;
    let questions = mails(&office, folder.path()).await;
    for (_, letter) in &questions {
        office
            .confirm_consent(&secret(letter, "confirm"), NOW)
            .await
            .unwrap();
    }
    assert_eq!(questions.len(), 2);
    let standing = office.standing(&back).await.unwrap();
    assert!(standing.is_given && standing.purpose == NEWS && standing.receipt.is_some());
    assert_eq!(
        state(&office, person).await,
        ConsentState::Given,
        "looking is not pressing"
    );
    for _ in 0..2 {
        office
            .withdraw_by_link(&back_from_answer, NOW.plus_ms(1))
            .await
            .unwrap();
    }
    for (one, want) in [
        (person, ConsentState::Withdrawn),
        (second, ConsentState::Withdrawn),
        (other, ConsentState::Given),
    ] {
        assert_eq!(state(&office, one).await, want);
    }
    assert_eq!(
        acts(&office, person, Action::ConsentWithdrawn),
        [Actor::Person(person)]
    );
    let over = office.standing(&back).await.unwrap();
    assert!(
        !over.is_given && over.receipt != standing.receipt,
        "a receipt of the end"
    );
    let reply = office
        .people
        .reply(&reader, intake.case, &subject, &text, NOW)
        .await
        .unwrap();
    office.hand_over(&reply, NOW).await.unwrap();
    let sent = mails(&office, folder.path()).await;
    let last = sent.last().unwrap().1.text.reveal();
    assert_eq!(last.trim_end(), "Да.", "nothing stands, nothing is offered");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_takes_a_consent_back_as_the_person_wishes() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::trial::office(folder.path(), now).await;
    let intake = enquire(&office, 1, "olga@client.example", Language::En).await;
    let question = mails(&office, folder.path()).await;
    let question = secret(&question[0].1, "confirm");
    office.confirm_consent(&question, NOW).await.unwrap();
    let by = OnBehalf {
        account: ACCOUNT,
        task: intake.task.unwrap(),
    };
    let person = intake.person;
    for want in [1, 0] {
        let ended = office
            .withdraw_at_wish(person, NEWS, by, NOW.plus_ms(1))
            .await
            .unwrap();
        assert_eq!(ended, want);
    }
    assert_eq!(
        acts(&office, person, Action::ConsentWithdrawn),
        [Actor::Staff(ACCOUNT)]
    );
    let consent = office.people.consents(person).await.unwrap().remove(0);
    let last = consent.events.last().unwrap();
    assert_eq!(
        (last.state, last.method),
        (ConsentState::Withdrawn, Method::Staff)
    );
    assert!(last.receipt.is_some());
    // What is still to be confirmed ends by the same wish.
    let other = enquire(&office, 2, "boris@client.example", Language::En).await;
    let letters = mails(&office, folder.path()).await;
    let question = secret(&letters.last().unwrap().1, "confirm");
    let ended = office
        .withdraw_at_wish(other.person, NEWS, by, NOW)
        .await
        .unwrap();
    assert_eq!(ended, 0);
    assert!(office.confirm_consent(&question, NOW).await.is_err());
}
