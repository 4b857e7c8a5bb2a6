//! Answers that did not arrive: their case is ours again, and the ledger says so.
#![expect(clippy::unwrap_used, reason = "tests")]

use credentials::Sealed;
use office::mail::Filed;
use office::{EnquiryForm, Office};
use people::{CaseStatus, Language, Undelivered};
use policy::FieldClass;
use sharing::{Letter, Outcome};
use vault::Reader;
use vocabulary::Moment;

const NOW: Moment = Moment(1_795_000_000_000);
const ACCOUNT: u32 = 7;

fn now() -> Moment {
    NOW
}

/// A case with an answer that left; its message id.
async fn answered(office: &Office) -> (people::CaseId, String) {
    let sealed = |text: &str| Sealed::new(text.to_owned());
    let form = EnquiryForm {
        form: "enquiry",
        once: [4; 16],
        language: Language::En,
        wordings: &[("enquiry", 1)],
        form_sha256: [3; 32],
        fields: vec![(FieldClass::Email, sealed("olga@client.example"))],
        message: sealed("Good day."),
        ticked: &[],
        has_gpc: false,
    };
    let intake = office.take_enquiry(form, &[ACCOUNT], NOW).await.unwrap();
    let reader = Reader::Staff {
        account: ACCOUNT,
        task: intake.task.unwrap(),
        break_glass: false,
        second_factor: true,
    };
    let (subject, text) = (sealed("Hello"), sealed("An answer."));
    let outgoing = office
        .people
        .reply(&reader, intake.case, &subject, &text, NOW)
        .await
        .unwrap();
    office.hand_over(&outgoing, NOW).await.unwrap();
    assert_eq!(office.sharing.outbox.send_due(NOW).await.unwrap().sent, 1);
    (intake.case, outgoing.message_id)
}

/// What a mail server reports of a mail that it could not deliver (RFC 3464).
fn report(message_id: &str) -> Letter {
    let text = format!(
        "From: MAILER-DAEMON@mx.example\r\nSubject: failed\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
         Final-Recipient: rfc822; olga@client.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\n\
         From: hello@agency.example\r\nMessage-ID: <{message_id}>\r\nSubject: x\r\n\r\n--b--\r\n"
    );
    Letter::read(text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_back_opens_its_case_again() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::trial::office(folder.path(), now).await;
    let (case, message_id) = answered(&office).await;
    let before = office.people.case(case).await.unwrap();
    assert_eq!((before.status, before.undelivered), (CaseStatus::Answered, None));
    let other = office.take_letter(&report("0@agency.example"), &[], NOW).await;
    assert!(matches!(other.unwrap(), Filed::Dismissed(_)));
    let filed = office.take_letter(&report(&message_id), &[], NOW).await.unwrap();
    assert_eq!(filed, Filed::CameBack(Some(case)));
    let after = office.people.case(case).await.unwrap();
    assert_eq!(
        (after.status, after.undelivered),
        (CaseStatus::Open, Some(Undelivered::CameBack))
    );
    let letters = office.people.letters(case).await.unwrap();
    let marks: Vec<_> = letters.iter().map(|letter| letter.undelivered).collect();
    assert_eq!(marks, [None, Some(Undelivered::CameBack)]);
    let ledger = office.sharing.ledger.of_person(after.person).await.unwrap();
    assert_eq!(ledger.last().unwrap().outcome, Outcome::Bounced);

    // Said once: whoever closes the case meanwhile does not find it open again.
    let closed = CaseStatus::Closed;
    office.people.set_case_status(case, closed, NOW).await.unwrap();
    office.note_all_undelivered(NOW).await.unwrap();
    office
        .people
        .letter_undelivered(&message_id, Undelivered::Refused, NOW)
        .await
        .unwrap();
    assert_eq!(office.people.case(case).await.unwrap().status, closed);
}
