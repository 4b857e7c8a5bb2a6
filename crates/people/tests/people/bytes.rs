use crate::house::{HOME, NOW, STAFF, house, sealed};
use people::{Arrival, Followed, Language, NewServed};
use std::path::Path;

/// Everything in a folder.
fn bytes_of(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    bytes
}

#[tokio::test]
async fn nothing_personal_and_no_secret_is_readable_in_the_databases() {
    let (trial, keys) = (sqldb::trial::sqlite().unwrap(), sqldb::trial::sqlite().unwrap());
    let house = house(trial, keys).await;
    let (person, case) = house.enquiry(Some("anna@marker.example"), &["newsletter"]).await;
    let out = house
        .people
        .reply(
            &STAFF,
            case,
            &sealed("subject-marker"),
            &sealed("reply-marker"),
            NOW,
        )
        .await
        .unwrap();
    let arrival = Arrival {
        message_id: Some(sealed("id-marker@home.example")),
        answers: vec![sealed(&out.message_id), sealed("earlier-marker@home.example")],
        from: sealed("sender@marker.example"),
        to: vec![sealed("privacy@agency.example")],
        subject: sealed("inbound-subject-marker"),
        text: sealed("inbound-marker"),
        received: NOW,
        is_automatic: false,
    };
    house.people.receive_letter(&arrival, NOW).await.unwrap();
    let page = NewServed {
        form: "account",
        language: Language::En,
        wordings: &[("account", 1)],
        form_sha256: [1; 32],
    };
    let served = house.people.serve(&page, NOW).await.unwrap();
    let testimonial = people::NewTestimonial {
        language: Language::En,
        said: people::Said {
            text: sealed("words-marker"),
            name: Some(sealed("name-marker")),
            position: None,
            company: None,
        },
        email: sealed("author@marker.example"),
        written_by: 4,
    };
    let testimonial = house.people.draft_testimonial(&testimonial, NOW).await.unwrap();
    let author = house
        .people
        .ask_author(&STAFF, testimonial.id, NOW)
        .await
        .unwrap();
    let link = house
        .people
        .ask_link("pending@marker.example", Language::En, Some(served), HOME, NOW)
        .await
        .unwrap();
    let withdraw = house
        .people
        .draw_withdraw_link(person, policy::Purpose::Newsletter, NOW)
        .await
        .unwrap();
    let letter = house
        .people
        .ask_link("holder@marker.example", Language::En, Some(served), HOME, NOW)
        .await
        .unwrap();
    let followed = house.people.follow_link(&letter.secret, true, NOW).await.unwrap();
    let Followed::SignedIn {
        cookie, signed_in, ..
    } = &followed
    else {
        panic!("signed in")
    };
    let password = "seven green umbrellas";
    house
        .people
        .set_password(signed_in, None, password, HOME, NOW)
        .await
        .unwrap();

    let mut stored = bytes_of(Path::new(&house.trial.place).parent().unwrap());
    stored.extend(bytes_of(Path::new(&house.keys.place).parent().unwrap()));
    let contains = |text: &str| stored.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(
        contains("consent_events") && contains("newsletter"),
        "the search finds what is there"
    );
    for secret in [
        "marker",
        "Karenina",
        "count visits",
        HOME,
        password,
        &link.secret.text(),
        &withdraw.text(),
        &author.secret.text(),
        &cookie.text(),
    ] {
        assert!(!contains(secret), "{secret}");
    }
    for secret in [
        link.secret.bytes(),
        withdraw.bytes(),
        cookie.bytes(),
        author.secret.bytes(),
    ] {
        assert!(!stored.windows(32).any(|w| w == secret));
    }
    let shown = format!("{followed:?} {link:?} {out:?} {arrival:?} {author:?} {testimonial:?}");
    for text in ["marker", "anna", &cookie.text()] {
        assert!(!shown.contains(text), "{text} in {shown}");
    }
    assert!(house.folder.path().join("operator.age").exists());
}
