use crate::house::{House, NOW, STAFF, controller, houses, once, refusal, sealed};
use people::{
    Act, Answer, Arrival, CaseFilter, CaseId, CaseStatus, Choice, ConsentState, Controller, Direction,
    Language, Method, NewEnquiry, Outgoing, Received, Refusal,
};
use policy::{FieldClass, LegalBasis, Purpose};
use sqldb::trial::{lift, plant};
use sqlx::Row;
use vault::{Reader, Sealed};
use vocabulary::{Moment, TaskId};

const EVERY: CaseFilter<'_> = CaseFilter {
    statuses: &[],
    assignee: None,
    before: None,
    most: 100,
};

fn arrival(id: &str, answers: &[&str], from: &str, to: &str) -> Arrival {
    Arrival {
        message_id: Some(sealed(id)),
        answers: answers.iter().map(|id| sealed(id)).collect(),
        from: sealed(from),
        to: vec![sealed(to)],
        subject: sealed("Re: visits"),
        text: sealed("Thank you, and how do I count orders?"),
        received: NOW.plus_ms(60_000),
        is_automatic: false,
    }
}

async fn reply(house: &House, case: CaseId, now: Moment) -> Outgoing {
    let (subject, text) = (sealed("Visits"), sealed("Like this."));
    house
        .people
        .reply(&STAFF, case, &subject, &text, now)
        .await
        .unwrap()
}

async fn status(house: &House, case: CaseId) -> CaseStatus {
    house.people.case(case).await.unwrap().status
}

#[tokio::test]
async fn an_enquiry_makes_a_person_of_its_own_each_time() {
    for house in houses().await {
        let (one, first) = house.enquiry(Some("anna@example.org"), &[]).await;
        let (other, second) = house.enquiry(Some("anna@example.org"), &[]).await;
        assert!(one != other && first < second);
        let found = house
            .vault
            .find(0, FieldClass::Email, "Anna@example.org")
            .await
            .unwrap();
        assert_eq!(found, [one, other]);
        let kept = house.vault.values(one).await.unwrap();
        let classes: Vec<FieldClass> = kept.iter().map(|kept| kept.class).collect();
        assert_eq!(
            classes,
            [FieldClass::Name, FieldClass::Email, FieldClass::Message]
        );
        let wording = house.people.wording("enquiry", Language::En).await.unwrap();
        for kept in kept {
            assert_eq!(kept.provenance.wording, wording.reference());
            assert_eq!(kept.provenance.basis, LegalBasis::Contract);
            assert_eq!(kept.provenance.purposes, [Purpose::AnswerEnquiry]);
        }
        assert!(
            house.guard.0.lock().unwrap().is_empty(),
            "nothing was opened to take it"
        );
        let letters = house
            .people
            .open_letters(&STAFF, first, None, Purpose::AnswerEnquiry, NOW)
            .await
            .unwrap();
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].text, sealed("How do I count visits?"));
        assert_eq!(house.guard.0.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn everything_about_oneself_is_voluntary_and_the_basis_is_what_was_shown() {
    for house in houses().await {
        let enquiry = |served, ticked| NewEnquiry {
            client: 0,
            once: once(),
            served,
            shown: NOW,
            fields: Vec::new(),
            message: sealed("?"),
            ticked,
            has_gpc: false,
        };
        let both = house
            .serve(&[("enquiry", 1), ("enquiry-consent", 1), ("newsletter", 1)])
            .await;
        let alone = house.serve(&[("enquiry-consent", 1)]).await;
        let none = house.serve(&[("newsletter", 1)]).await;
        for (served, ticked, want) in [
            (both, &[][..], Ok(LegalBasis::Contract)),
            (both, &["enquiry-consent"], Ok(LegalBasis::Consent)),
            (alone, &["enquiry-consent"], Ok(LegalBasis::Consent)),
            (alone, &[], Err(Refusal::NoBasis)),
            (none, &["newsletter"], Err(Refusal::NoBasis)),
            (both, &["enquiry"], Err(Refusal::NotShown)),
            (alone, &["enquiry-consent", "newsletter"], Err(Refusal::NotShown)),
        ] {
            match (
                house.people.take_enquiry(&enquiry(served, ticked), NOW).await,
                want,
            ) {
                (Ok(taken), Ok(basis)) => {
                    let kept = house.vault.values(taken.person).await.unwrap();
                    assert_eq!(kept[0].provenance.basis, basis, "{ticked:?}");
                    assert_eq!(taken.given.len(), ticked.len());
                }
                (answer, want) => assert_eq!(refusal(answer), want.unwrap_err(), "{ticked:?}"),
            }
        }
        for text in ["", " \n", &"x".repeat(20_001)] {
            let new = NewEnquiry {
                message: sealed(text),
                ..enquiry(both, &[])
            };
            assert_eq!(refusal(house.people.take_enquiry(&new, NOW).await), Refusal::Text);
        }
        let wrong = NewEnquiry {
            fields: vec![(FieldClass::BudgetRange, sealed("95000"))],
            ..enquiry(both, &[])
        };
        assert!(
            house.people.take_enquiry(&wrong, NOW).await.is_err(),
            "a number is no range"
        );
        assert_eq!(house.people.cases(EVERY).await.unwrap().len(), 3);
    }
}

#[tokio::test]
async fn ticks_give_and_gpc_refuses_the_rest() {
    for house in houses().await {
        let (person, _) = house.enquiry(Some("anna@example.org"), &["newsletter"]).await;
        assert!(house.may_send(person).await);
        let served = house.serve(&[("enquiry", 1), ("newsletter", 1)]).await;
        let new = NewEnquiry {
            client: 0,
            once: once(),
            served,
            shown: NOW,
            fields: vec![(FieldClass::Email, sealed("boris@example.org"))],
            message: sealed("?"),
            ticked: &[],
            has_gpc: true,
        };
        let taken = house.people.take_enquiry(&new, NOW).await.unwrap();
        let state = house
            .people
            .consent_state(taken.person, Purpose::Newsletter)
            .await
            .unwrap();
        assert_eq!(state, ConsentState::Refused);
        assert!(!house.may_send(taken.person).await);
    }
}

#[tokio::test]
async fn what_failed_half_way_left_nothing_and_is_sent_again_as_one_enquiry() {
    for house in houses().await {
        let served = house.serve(&[("enquiry", 1), ("newsletter", 1)]).await;
        let new = NewEnquiry {
            client: 0,
            once: once(),
            served,
            shown: NOW,
            fields: vec![(FieldClass::Email, sealed("anna@example.org"))],
            message: sealed("How do I count visits?"),
            ticked: &["newsletter"],
            has_gpc: false,
        };
        let (fields, keys) = (
            house.trial.open().await.unwrap(),
            house.keys.open().await.unwrap(),
        );
        for (database, table) in [
            (&keys, "person_keys"),
            (&fields, "persons"),
            (&fields, "givings"),
            (&fields, "fields"),
            (&fields, "cases"),
            (&fields, "letters"),
            (&fields, "consent_events"),
        ] {
            plant(database, "INSERT", table).await.unwrap();
            assert!(house.people.take_enquiry(&new, NOW).await.is_err(), "{table}");
            lift(database, table).await.unwrap();
            for table in [
                "persons",
                "givings",
                "fields",
                "cases",
                "letters",
                "consent_events",
                "choices",
            ] {
                let sql = format!("SELECT COUNT(*) FROM {table}");
                let row = sqlx::query(sqlx::AssertSqlSafe(sql))
                    .fetch_one(fields.pool())
                    .await
                    .unwrap();
                assert_eq!(row.try_get::<i64, _>(0).unwrap(), 0, "{table}");
            }
        }
        let taken = house.people.take_enquiry(&new, NOW).await.unwrap();
        let again = house.people.take_enquiry(&new, NOW.plus_ms(1)).await.unwrap();
        let repeated = people::Taken {
            is_repeated: true,
            ..taken.clone()
        };
        assert!(!taken.is_repeated && again == repeated, "{again:?}");
        assert!(taken.given.is_empty() && taken.unconfirmed == ["newsletter"]);

        let cases = house.people.cases(EVERY).await.unwrap();
        assert_eq!((cases.len(), cases[0].letters_in), (1, 1));
        let found = house
            .vault
            .find(0, FieldClass::Email, "anna@example.org")
            .await
            .unwrap();
        assert_eq!(found, [taken.person]);
        assert_eq!(house.vault.values(taken.person).await.unwrap().len(), 2);
        let consents = house.people.consents(taken.person).await.unwrap();
        let acts: Vec<Act> = consents[0].events.iter().map(|event| event.act).collect();
        assert_eq!(acts, [Act::Ask]);
        assert!(!house.may_send(taken.person).await, "nobody has confirmed it");

        // Another text is another enquiry: what was written last is not lost.
        let changed = NewEnquiry {
            message: sealed("How do I count orders?"),
            ..new.clone()
        };
        let (one, other) = tokio::join!(
            house.people.take_enquiry(&changed, NOW),
            house.people.take_enquiry(&changed, NOW)
        );
        let (one, other) = (one.unwrap(), other.unwrap());
        assert!(one.case == other.case && one.case != taken.case);
        assert_eq!(house.people.cases(EVERY).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn without_a_named_operator_nobody_agrees_and_everybody_can_take_back() {
    for house in houses().await {
        let (person, _) = house.enquiry(Some("anna@example.org"), &["newsletter"]).await;
        let people = house
            .again(Controller {
                address: " ".into(),
                ..controller()
            })
            .await;
        assert_eq!(people.controller().missing(), ["address"]);
        let wording = people.wording("enquiry", Language::En).await.unwrap();
        assert_eq!(wording.version, 2);
        assert!(
            wording.text.contains("Anturazh LLC, privacy@agency.example.\n"),
            "{}",
            wording.text
        );
        let newest = people.wording("newsletter", Language::En).await.unwrap();
        assert_eq!(newest.version, 1, "no consent document in nobody's name");

        let served = house.serve(&[("enquiry", 2), ("newsletter", 1)]).await;
        let new = NewEnquiry {
            client: 0,
            once: once(),
            served,
            shown: NOW,
            fields: Vec::new(),
            message: sealed("?"),
            ticked: &["newsletter"],
            has_gpc: false,
        };
        assert_eq!(refusal(people.take_enquiry(&new, NOW).await), Refusal::Unnamed);
        let choice = Choice {
            served,
            shown: NOW,
            wording: "newsletter",
            answer: Answer::Give,
            method: Method::Form,
            evidence_sha256: None,
        };
        assert_eq!(
            refusal(people.choose(person, &choice, NOW).await),
            Refusal::Unnamed
        );
        let none = NewEnquiry { ticked: &[], ..new };
        let taken = people.take_enquiry(&none, NOW).await.unwrap();
        assert!(taken.given.is_empty());
        let ended = people
            .withdraw(person, Purpose::Newsletter, Method::Account, NOW)
            .await
            .unwrap();
        assert_eq!(
            (ended.state, ended.receipt),
            (ConsentState::Withdrawn, None),
            "a receipt could not say who answers"
        );
        assert!(!house.may_send(person).await);
    }
}

#[tokio::test]
async fn withdrawing_the_consent_shuts_the_enquiry() {
    for house in houses().await {
        let served = house.serve(&[("enquiry-consent", 1)]).await;
        let new = NewEnquiry {
            client: 0,
            once: once(),
            served,
            shown: NOW,
            fields: vec![(FieldClass::Email, sealed("anna@example.org"))],
            message: sealed("?"),
            ticked: &["enquiry-consent"],
            has_gpc: false,
        };
        let taken = house.people.take_enquiry(&new, NOW).await.unwrap();
        reply(&house, taken.case, NOW).await;
        let purpose = Purpose::AnswerEnquiry;
        house
            .people
            .withdraw(taken.person, purpose, people::Method::Account, NOW)
            .await
            .unwrap();
        let (subject, text) = (sealed("Visits"), sealed("Like this."));
        let answer = house.people.reply(&STAFF, taken.case, &subject, &text, NOW).await;
        assert!(
            matches!(answer, Err(people::Error::Vault(vault::Error::Denied(_)))),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn letters_are_threaded_both_ways() {
    for house in houses().await {
        let (person, case) = house.enquiry(Some("anna@example.org"), &[]).await;
        let (_, other) = house.enquiry(Some("anna@example.org"), &[]).await;
        let task = TaskId([5; 16]);
        house.people.give_case(case, task, 4, NOW).await.unwrap();
        let first = reply(&house, case, NOW.plus_ms(1_000)).await;
        assert_eq!((first.to.reveal(), first.person), ("anna@example.org", person));
        assert_eq!(first.in_reply_to, None, "a form has no id");
        assert!(first.message_id.ends_with("@post.agency.example"));
        assert_eq!(status(&house, case).await, CaseStatus::Answered);

        // By what it answers, though the address has no token.
        let second = arrival(
            "a1@home.example",
            &["x@y", &first.message_id],
            "Anna@Example.org",
            "privacy@agency.example",
        );
        let filed = house
            .people
            .receive_letter(&second, NOW.plus_ms(2_000))
            .await
            .unwrap();
        let Received::Filed {
            case: found,
            letter,
            task: of,
        } = filed
        else {
            panic!("{filed:?}")
        };
        assert_eq!((found, of), (case, Some(task)));
        assert_eq!(status(&house, case).await, CaseStatus::Open);
        assert_eq!(
            house
                .people
                .receive_letter(&second, NOW.plus_ms(3_000))
                .await
                .unwrap(),
            Received::Repeated { case }
        );

        let answer = reply(&house, case, NOW.plus_ms(4_000)).await;
        assert_eq!(answer.in_reply_to, Some(sealed("a1@home.example")));
        let references: Vec<&str> = answer.references.iter().map(Sealed::reveal).collect();
        assert_eq!(references, ["x@y", &first.message_id, "a1@home.example"]);
        assert_eq!(answer.reply_token, first.reply_token);

        // By the token, whatever it claims to answer; another's address is marked.
        let to = format!("privacy+{}@agency.example", first.reply_token.to_uppercase());
        let third = arrival("b1@evil.example", &[], "boris@evil.example", &to);
        let filed = house
            .people
            .receive_letter(&third, NOW.plus_ms(5_000))
            .await
            .unwrap();
        assert!(matches!(filed, Received::Filed { case: found, .. } if found == case));

        let letters = house.people.letters(case).await.unwrap();
        let ways: Vec<(Direction, bool)> = letters.iter().map(|l| (l.direction, l.is_sender_known)).collect();
        let (i, o) = (Direction::In, Direction::Out);
        assert_eq!(ways, [(i, true), (o, true), (i, true), (o, true), (i, false)]);
        let person = house.people.case(case).await.unwrap().person;
        for (reader, want) in [(&Reader::Person, 4), (&STAFF, 5)] {
            let shown = house.people.overview(reader, person, NOW).await.unwrap();
            let of_case: Vec<_> = shown.letters.iter().filter(|l| l.case == case).collect();
            let has_strangers = of_case.iter().any(|l| l.from.reveal() == "boris@evil.example");
            assert_eq!((of_case.len(), has_strangers), (want, want == 5), "{reader:?}");
        }
        assert_eq!(letters[2].id, letter);
        assert_eq!(letters[1].author, Some(4));
        let next = reply(&house, case, NOW.plus_ms(6_000)).await;
        assert_eq!(
            next.to.reveal(),
            "anna@example.org",
            "never to whoever wrote last"
        );
        assert_eq!(house.people.letters(other).await.unwrap().len(), 1);
        let open = house
            .people
            .open_letters(&STAFF, case, Some(&[letter]), Purpose::AnswerEnquiry, NOW)
            .await
            .unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].text, second.text);
    }
}

#[tokio::test]
async fn letters_without_a_case_make_one_only_when_asked() {
    for house in houses().await {
        house.enquiry(Some("anna@example.org"), &[]).await;
        let stranger = arrival(
            "s1@x.example",
            &["unknown@x.example"],
            "carl@example.org",
            "info+abc@agency.example",
        );
        let received = house.people.receive_letter(&stranger, NOW).await.unwrap();
        assert_eq!(received, Received::Unmatched);
        let automatic = Arrival {
            is_automatic: true,
            ..stranger.clone()
        };
        let taken = house
            .people
            .take_letter(&automatic, 0, Language::En, NOW)
            .await
            .unwrap();
        assert_eq!(taken, Received::Unmatched);
        let taken = house
            .people
            .take_letter(&stranger, 0, Language::En, NOW)
            .await
            .unwrap();
        let Received::Filed { case, task: None, .. } = taken else {
            panic!("{taken:?}")
        };
        let again = house
            .people
            .take_letter(&stranger, 0, Language::En, NOW)
            .await
            .unwrap();
        assert_eq!(again, Received::Repeated { case });
        let first = reply(&house, case, NOW).await;
        assert_eq!(first.to.reveal(), "carl@example.org");
        assert_eq!(first.in_reply_to, Some(sealed("s1@x.example")));
        // A later letter that answers only their own.
        let more = arrival(
            "s2@x.example",
            &["s1@x.example"],
            "carl@example.org",
            "info@agency.example",
        );
        let filed = house.people.receive_letter(&more, NOW).await.unwrap();
        assert!(matches!(filed, Received::Filed { case: found, .. } if found == case));
        // A note of absence is filed and opens nothing.
        reply(&house, case, NOW).await;
        let absent = Arrival {
            is_automatic: true,
            ..arrival(
                "s3@x.example",
                &["s1@x.example"],
                "carl@example.org",
                "info@agency.example",
            )
        };
        house.people.receive_letter(&absent, NOW).await.unwrap();
        assert_eq!(status(&house, case).await, CaseStatus::Answered);
        let nameless = Arrival {
            message_id: None,
            ..more.clone()
        };
        assert!(matches!(
            house.people.receive_letter(&nameless, NOW).await.unwrap(),
            Received::Filed { .. }
        ));
        let repeated = house.people.receive_letter(&nameless, NOW).await.unwrap();
        assert_eq!(repeated, Received::Repeated { case });
    }
}

#[tokio::test]
async fn cases_are_listed_worked_on_and_closed() {
    for house in houses().await {
        let mut cases = Vec::new();
        for _ in 0..3 {
            cases.push(house.enquiry(Some("anna@example.org"), &[]).await.1);
        }
        let without: Vec<CaseId> = house
            .people
            .cases_without_task(NOW.plus_ms(1))
            .await
            .unwrap()
            .iter()
            .map(|c| c.id)
            .collect();
        assert_eq!(without, cases);
        house
            .people
            .give_case(cases[1], TaskId([1; 16]), 4, NOW.plus_ms(1))
            .await
            .unwrap();
        house
            .people
            .set_case_status(cases[2], CaseStatus::Closed, NOW.plus_ms(2))
            .await
            .unwrap();
        assert_eq!(
            house
                .people
                .cases_without_task(NOW.plus_ms(1))
                .await
                .unwrap()
                .len(),
            1
        );
        let ids = async |filter| -> Vec<u32> {
            let cases = house.people.cases(filter).await.unwrap();
            cases.iter().map(|case| case.id.0).collect()
        };
        assert_eq!(ids(EVERY).await, [3, 2, 1]);
        assert_eq!(ids(CaseFilter { most: 2, ..EVERY }).await, [3, 2]);
        assert_eq!(
            ids(CaseFilter {
                before: Some(cases[1]),
                ..EVERY
            })
            .await,
            [1]
        );
        assert_eq!(
            ids(CaseFilter {
                assignee: Some(4),
                ..EVERY
            })
            .await,
            [2]
        );
        let statuses = &[CaseStatus::New, CaseStatus::Waiting];
        assert_eq!(ids(CaseFilter { statuses, ..EVERY }).await, [2, 1]);

        let closed = house.people.case(cases[2]).await.unwrap();
        assert_eq!(
            (closed.closed, closed.changed),
            (Some(NOW.plus_ms(2)), NOW.plus_ms(2))
        );
        assert_eq!(
            (closed.letters_in, closed.letters_out, closed.last_in),
            (1, 0, Some(NOW))
        );
        let first = reply(&house, cases[2], NOW.plus_ms(3)).await;
        let again = arrival(
            "a@x",
            &[&first.message_id],
            "anna@example.org",
            "x@agency.example",
        );
        house.people.receive_letter(&again, NOW.plus_ms(4)).await.unwrap();
        let reopened = house.people.case(cases[2]).await.unwrap();
        assert_eq!((reopened.status, reopened.closed), (CaseStatus::Open, None));
        assert_eq!((reopened.letters_in, reopened.letters_out), (2, 1));
        assert_eq!(reopened.last_out, Some(NOW.plus_ms(3)));
        assert!(
            house
                .people
                .set_case_status(CaseId(99), CaseStatus::Open, NOW)
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn a_reply_that_was_not_handed_over_is_found_and_made_again() {
    for house in houses().await {
        let (_, case) = house.enquiry(Some("anna@example.org"), &[]).await;
        let first = reply(&house, case, NOW).await;
        let second = reply(&house, case, NOW.plus_ms(1)).await;
        house
            .people
            .letter_handed(second.letter, NOW.plus_ms(2))
            .await
            .unwrap();
        let left = house.people.letters_not_handed(NOW.plus_ms(9)).await.unwrap();
        assert_eq!(left.iter().map(|l| l.id).collect::<Vec<_>>(), [first.letter]);
        let again = house.people.outgoing(&STAFF, first.letter, NOW).await.unwrap();
        assert_eq!(again, first);

        let (_, silent) = house.enquiry(None, &[]).await;
        let (subject, text) = (sealed("Visits"), sealed("Like this."));
        let answer = house.people.reply(&STAFF, silent, &subject, &text, NOW).await;
        assert_eq!(refusal(answer), Refusal::NoAddress);
        for (subject, text) in [("", "x"), ("x", " "), ("x\r\nBcc: y", "x")] {
            let answer = house
                .people
                .reply(&STAFF, case, &sealed(subject), &sealed(text), NOW)
                .await;
            assert_eq!(refusal(answer), Refusal::Text);
        }
        let read = house.people.outgoing(&Reader::Person, first.letter, NOW).await;
        assert!(read.is_ok(), "their own letter");
    }
}
