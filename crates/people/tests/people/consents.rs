use crate::house::{House, NOW, houses, once, receipt_key, refusal, sealed};
use people::consent_link::CONFIRM_MS;
use people::{Act, Answer, Choice, ConsentState, Method, NewEnquiry, Recorded, Refusal, Ticked, verify};
use policy::Purpose;
use vocabulary::{Moment, PersonId, moment::DAY_MS};

const NEWS: Purpose = Purpose::Newsletter;

async fn choose(house: &House, person: PersonId, answer: Answer, now: Moment) -> Recorded {
    let choice = Choice {
        served: house.serve(&[("newsletter", 1)]).await,
        shown: now.plus_ms(-1_000),
        wording: "newsletter",
        answer,
        method: Method::Account,
        evidence_sha256: None,
    };
    house.people.choose(person, &choice, now).await.unwrap()
}

async fn somebody(house: &House) -> PersonId {
    house.enquiry(Some("anna@example.org"), &[]).await.0
}

#[tokio::test]
async fn a_use_is_open_while_the_consent_is_given_and_at_no_other_time() {
    for house in houses().await {
        let person = somebody(&house).await;
        assert!(!house.may_send(person).await, "an unticked box is no consent");
        let state = house.people.consent_state(person, NEWS).await.unwrap();
        assert_eq!(state, ConsentState::Requested);

        let steps = [
            (Answer::Defer, ConsentState::Deferred),
            (Answer::Refuse, ConsentState::Refused),
            (Answer::Give, ConsentState::Given),
            (Answer::Nothing, ConsentState::Given),
            (Answer::Give, ConsentState::Renewed),
            (Answer::Refuse, ConsentState::Withdrawn),
            (Answer::Nothing, ConsentState::Requested),
            (Answer::Give, ConsentState::Given),
        ];
        for (number, (answer, state)) in steps.into_iter().enumerate() {
            let recorded = choose(&house, person, answer, NOW).await;
            assert_eq!(recorded.state, state, "{number}");
            assert_eq!(house.may_send(person).await, state.allows_use(), "{number}");
        }

        let withdraw = async || {
            house
                .people
                .withdraw(person, NEWS, Method::Account, NOW)
                .await
                .unwrap()
        };
        let recorded = withdraw().await;
        assert_eq!(recorded.state, ConsentState::Withdrawn);
        assert!(recorded.receipt.is_some());
        assert!(!house.may_send(person).await);
        let again = withdraw().await;
        assert_eq!((again.state, again.receipt), (ConsentState::Withdrawn, None));

        choose(&house, person, Answer::Give, NOW).await;
        house.people.revoke(person, NEWS, NOW).await.unwrap();
        assert!(!house.may_send(person).await);
        choose(&house, person, Answer::Give, NOW).await;
        house.people.invalidate(person, NEWS, NOW).await.unwrap();
        assert!(!house.may_send(person).await);
        let state = house.people.consent_state(person, NEWS).await.unwrap();
        assert_eq!(state, ConsentState::Invalidated);
    }
}

#[tokio::test]
async fn the_history_links_each_choice_to_what_was_shown() {
    for house in houses().await {
        let person = somebody(&house).await;
        choose(&house, person, Answer::Give, NOW).await;
        house
            .people
            .withdraw(person, NEWS, Method::Account, NOW.plus_ms(5))
            .await
            .unwrap();
        let consents = house.people.consents(person).await.unwrap();
        assert_eq!(consents.len(), 1);
        let events = &consents[0].events;
        let acts: Vec<Act> = events.iter().map(|event| event.act).collect();
        assert_eq!(acts, [Act::Ask, Act::Ask, Act::Give, Act::Withdraw]);
        let given = &events[2];
        let shown = house.people.served(given.served.unwrap()).await.unwrap();
        assert_eq!(given.form_sha256, Some(shown.form_sha256));
        let wording = given.wording.as_ref().unwrap();
        let stored = house
            .people
            .wording_version(&wording.id, wording.version, wording.language)
            .await
            .unwrap();
        assert_eq!((stored.sha256, stored.is_consent()), (wording.sha256, true));
        assert_eq!(events[1].at, NOW.plus_ms(-1_000), "asked when it was shown");
        assert_eq!((given.at, given.method), (NOW, Method::Account));
        assert!(given.ends > Some(NOW.plus_ms(1_000 * DAY_MS)));
    }
}

#[tokio::test]
async fn every_beginning_and_end_has_a_receipt_that_verifies() {
    for house in houses().await {
        let person = somebody(&house).await;
        let jwks = receipt_key().jwks();
        let mut ids = Vec::new();
        for answer in [Answer::Give, Answer::Give, Answer::Refuse] {
            ids.push(choose(&house, person, answer, NOW).await.receipt.unwrap());
        }
        let mut states = Vec::new();
        for id in &ids {
            let signed = house.people.receipt(person, id).await.unwrap();
            let receipt = verify(&jwks, &signed).unwrap();
            assert_eq!(receipt["receipt_id"], id.as_str());
            assert_eq!(receipt["pii_principal_id"], person.to_string());
            assert_eq!(
                receipt["services"][0]["purposes"][0]["thirdPartyName"],
                "Post House"
            );
            let text = receipt.to_string();
            assert!(!text.contains("anna") && !text.contains("Karenina"), "{text}");
            let events = receipt["events"].as_array().unwrap();
            states.push(events.last().unwrap()["event_state"].clone());
        }
        assert_eq!(
            states,
            ["ConsentGiven", "RenewedConsentGiven", "ConsentWithdrawn"]
        );
        let other = house.enquiry(None, &[]).await.0;
        assert!(
            house.people.receipt(other, &ids[0]).await.is_err(),
            "another person's"
        );
    }
}

#[tokio::test]
async fn what_was_not_shown_or_is_no_consent_is_refused() {
    for house in houses().await {
        let person = somebody(&house).await;
        let served = house.serve(&[("enquiry", 1), ("newsletter", 1)]).await;
        let choice = |wording| Choice {
            served,
            shown: NOW,
            wording,
            answer: Answer::Give,
            method: Method::Form,
            evidence_sha256: None,
        };
        let refused = async |wording| refusal(house.people.choose(person, &choice(wording), NOW).await);
        assert_eq!(refused("enquiry").await, Refusal::NotAConsent);
        assert_eq!(refused("enquiry-consent").await, Refusal::NotShown);
        let nobody = PersonId([1; 16]);
        let answer = house.people.choose(nobody, &choice("newsletter"), NOW).await;
        assert!(matches!(
            answer,
            Err(people::Error::Vault(vault::Error::NotFound(_)))
        ));
        assert!(house.people.consents(nobody).await.unwrap().is_empty());
        let never = house
            .people
            .withdraw(person, Purpose::Testimonial, Method::Account, NOW)
            .await;
        assert_eq!(refusal(never), Refusal::State);
    }
}

#[tokio::test]
async fn consents_end_when_their_time_is_over() {
    for house in houses().await {
        let person = somebody(&house).await;
        let renewed = house.enquiry(Some("boris@example.org"), &["newsletter"]).await.0;
        choose(&house, person, Answer::Give, NOW).await;
        let three_years = NOW.plus_ms(3 * 365 * DAY_MS);
        let early = three_years.plus_ms(-1);
        assert_eq!(house.people.expire_consents(early).await.unwrap(), 0);
        choose(&house, renewed, Answer::Give, early).await;
        // Only asked again: that keeps nothing alive.
        choose(&house, person, Answer::Nothing, early).await;
        assert_eq!(house.people.expire_consents(three_years).await.unwrap(), 1);
        assert_eq!(house.people.expire_consents(three_years).await.unwrap(), 0);
        let state = house.people.consent_state(person, NEWS).await.unwrap();
        assert_eq!(state, ConsentState::Expired);
        assert!(!house.may_send(person).await);
        assert!(house.may_send(renewed).await);
    }
}

#[tokio::test]
async fn gpc_refuses_what_was_not_given() {
    for house in houses().await {
        let (silent, giver) = (somebody(&house).await, somebody(&house).await);
        choose(&house, giver, Answer::Give, NOW).await;
        assert_eq!(house.people.honour_gpc(silent, NOW).await.unwrap(), 2);
        assert_eq!(house.people.honour_gpc(silent, NOW).await.unwrap(), 0);
        assert_eq!(house.people.honour_gpc(giver, NOW).await.unwrap(), 1);
        let consents = house.people.consents(silent).await.unwrap();
        for consent in &consents {
            assert_eq!(consent.state, ConsentState::Refused);
            assert_eq!(consent.events.last().unwrap().method, Method::Gpc);
        }
        assert!(!house.may_send(silent).await && house.may_send(giver).await);
        choose(&house, silent, Answer::Give, NOW).await;
        assert!(house.may_send(silent).await, "an act of the person's own");
    }
}

#[tokio::test]
async fn a_link_in_a_letter_withdraws_at_one_press() {
    for house in houses().await {
        let person = somebody(&house).await;
        choose(&house, person, Answer::Give, NOW).await;
        let link = house.people.draw_withdraw_link(person, NEWS, NOW).await.unwrap();
        assert_eq!(house.people.withdraw_link(&link).await.unwrap(), NEWS);
        assert!(house.may_send(person).await, "looking is not pressing");
        let years = NOW.plus_ms(2_000 * DAY_MS);
        for _ in 0..2 {
            let (who, recorded) = house.people.withdraw_by_link(&link, years).await.unwrap();
            assert_eq!((who, recorded.state), (person, ConsentState::Withdrawn));
            assert!(!house.may_send(person).await);
        }
        let events = house.people.consents(person).await.unwrap().remove(0).events;
        assert_eq!(events.last().unwrap().method, Method::Link);
        let unknown =
            people::People::withdraw_link(&house.people, &credentials::Secret::draw().unwrap()).await;
        assert_eq!(refusal(unknown), Refusal::Link);
    }
}

#[tokio::test]
async fn a_consent_that_a_crash_left_without_effect_is_settled() {
    for house in houses().await {
        let (giver, leaver) = (somebody(&house).await, somebody(&house).await);
        choose(&house, giver, Answer::Give, NOW).await;
        choose(&house, leaver, Answer::Give, NOW).await;
        house
            .people
            .withdraw(leaver, NEWS, Method::Account, NOW)
            .await
            .unwrap();
        // As if the process had ended between the event and the use, and as if the use had stayed open.
        house.vault.withdraw_use(giver, NEWS, NOW).await.unwrap();
        let classes = policy::FieldClass::ALL;
        house.vault.allow_use(leaver, NEWS, classes, NOW).await.unwrap();
        assert!(!house.may_send(giver).await && house.may_send(leaver).await);
        house.people.settle_uses(NOW.plus_ms(-DAY_MS), NOW).await.unwrap();
        assert!(house.may_send(giver).await && !house.may_send(leaver).await);
    }
}

#[tokio::test]
async fn giving_and_withdrawing_at_once_end_in_agreement() {
    for house in houses().await {
        let person = somebody(&house).await;
        choose(&house, person, Answer::Give, NOW).await;
        for _ in 0..10 {
            let (_, withdrawn) = tokio::join!(
                choose(&house, person, Answer::Give, NOW),
                house.people.withdraw(person, NEWS, Method::Account, NOW)
            );
            withdrawn.unwrap();
            let state = house.people.consent_state(person, NEWS).await.unwrap();
            assert_eq!(house.may_send(person).await, state.allows_use());
        }
    }
}

/// An enquiry with the newsletter ticked, and the browser's refusal of everything; the person, and the question that
/// goes to the owner of the address.
async fn ticked(house: &House, email: &str) -> (PersonId, people::ConsentLetter) {
    let served = house.serve(&[("enquiry", 1), ("newsletter", 1)]).await;
    let new = NewEnquiry {
        client: 0,
        once: once(),
        served,
        shown: NOW,
        fields: vec![(policy::FieldClass::Email, sealed(email))],
        message: sealed("?"),
        ticked: &["newsletter"],
        has_gpc: true,
    };
    let taken = house.people.take_enquiry(&new, NOW).await.unwrap();
    assert!(taken.given.is_empty());
    let question = Ticked {
        person: taken.person,
        email: &sealed(email),
        served,
        shown: NOW,
        wording: "newsletter",
    };
    let letter = house
        .people
        .ask_to_confirm(&question, NOW)
        .await
        .unwrap()
        .unwrap();
    let again = house.people.ask_to_confirm(&question, NOW).await.unwrap();
    assert!(again.is_none(), "one question for one form");
    (taken.person, letter)
}

#[tokio::test]
async fn a_tick_is_a_consent_only_when_the_owner_of_the_address_confirmed_it() {
    for house in houses().await {
        let (person, letter) = ticked(&house, "Anna@Example.org").await;
        assert_eq!(letter.to, sealed("anna@example.org"));
        let asked = house.people.consent_link(&letter.secret, NOW).await.unwrap();
        assert_eq!((asked.person, asked.wording.id.as_str()), (person, "newsletter"));
        let consent = house.people.consents(person).await.unwrap().remove(0);
        assert_eq!((consent.purpose, consent.state), (NEWS, ConsentState::Requested));
        assert!(consent.events.iter().all(|event| event.receipt.is_none()));
        assert_eq!(house.people.unconfirmed(person, NOW).await.unwrap(), [NEWS]);
        assert!(!house.may_send(person).await, "looking is not pressing");

        let (who, recorded) = house
            .people
            .confirm_consent(&letter.secret, NOW.plus_ms(1))
            .await
            .unwrap();
        assert_eq!((who, recorded.state), (person, ConsentState::Given));
        assert!(recorded.receipt.is_some() && house.may_send(person).await);
        assert!(house.people.unconfirmed(person, NOW).await.unwrap().is_empty());
        house
            .people
            .withdraw(person, NEWS, Method::Link, NOW.plus_ms(2))
            .await
            .unwrap();
        let twice = house.people.confirm_consent(&letter.secret, NOW.plus_ms(3)).await;
        assert_eq!(refusal(twice), Refusal::Link, "it gives once");

        // Nobody confirms it.
        let (person, letter) = ticked(&house, "boris@example.org").await;
        let over = NOW.plus_ms(CONFIRM_MS);
        assert!(
            house
                .people
                .consent_link(&letter.secret, over.plus_ms(-1))
                .await
                .is_ok()
        );
        assert_eq!(
            refusal(house.people.consent_link(&letter.secret, over).await),
            Refusal::Link
        );
        assert_eq!(house.people.sweep(over).await.unwrap(), 1);
        let late = house.people.confirm_consent(&letter.secret, over).await;
        assert_eq!(refusal(late), Refusal::Link);
        assert!(!house.may_send(person).await);

        // Whoever says no meanwhile has said so.
        let (person, letter) = ticked(&house, "clara@example.org").await;
        house
            .people
            .withdraw(person, NEWS, Method::Staff, NOW)
            .await
            .unwrap();
        assert_eq!(
            refusal(house.people.consent_link(&letter.secret, NOW).await),
            Refusal::Link
        );
        house.people.forget(person).await.unwrap();
    }
}
