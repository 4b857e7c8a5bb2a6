//! Ends and holds.

use super::*;
use policy::retention::{Contract, Keep, Why};
use vault::{Agreed, Due, NewHold};
use vocabulary::moment::DAY_MS;

fn day(days: i64) -> Moment {
    NOW.plus_ms(days * DAY_MS)
}

fn whose(due: &[Due]) -> Vec<(PersonId, bool, usize)> {
    due.iter()
        .map(|due| (due.person, due.is_whole, due.values.len()))
        .collect()
}

#[tokio::test]
async fn what_nothing_carries_any_longer_is_destroyed_with_a_record() {
    for place in places().await {
        let vault = place.open().await;
        let add = async |client, values: &[(FieldClass, &str)]| {
            vault.add_person(&new_person(client, values), NOW).await.unwrap()
        };
        let (enquirer, customer) = (add(0, ANNA).await, add(0, ANNA).await);
        let (of_client, reader, empty) = (add(5, ANNA).await, add(0, ANNA).await, add(0, &[]).await);
        assert_eq!(vault.contract_unknown(day(1)).await.unwrap().len(), 5);
        let runs = Agreed {
            from: NOW,
            until: None,
        };
        vault.set_contract(customer, Some(runs)).await.unwrap();
        vault
            .set_client_contract(5, Contract::Ends(day(700)))
            .await
            .unwrap();
        assert_eq!(
            vault.contract_unknown(day(1)).await.unwrap(),
            [enquirer, reader, empty]
        );
        assert!(vault.contract_unknown(NOW).await.unwrap().is_empty());
        vault
            .allow_use(reader, Purpose::Newsletter, &[FieldClass::Email], NOW)
            .await
            .unwrap();

        assert!(vault.due(day(364)).await.unwrap().is_empty());
        let due = vault.due(day(365)).await.unwrap();
        assert_eq!(
            whose(&due),
            [(enquirer, true, 5), (reader, false, 4), (empty, true, 0)]
        );
        let dry = vault.destroy_due(day(365), true).await.unwrap();
        assert_eq!(dry.len(), 3);
        assert_eq!(
            vault.due(day(365)).await.unwrap(),
            due,
            "a dry run destroys nothing"
        );
        assert!(vault.destructions(NOW).await.unwrap().is_empty());

        let done = vault.destroy_due(day(365), false).await.unwrap();
        assert_eq!(done, dry);
        assert_eq!(vault.destructions(NOW).await.unwrap(), done);
        assert!(vault.due(day(365)).await.unwrap().is_empty());
        assert!(is_unknown(vault.values(enquirer).await) && is_unknown(vault.values(empty).await));
        assert_eq!(
            texts(&vault, reader).await,
            [(FieldClass::Email, "Anna@Example.org".to_owned())]
        );
        assert_eq!(vault.tombstones().await.unwrap().len(), 2);

        // A consent withdrawn carries no longer; a client's contract ends.
        vault
            .withdraw_use(reader, Purpose::Newsletter, day(366))
            .await
            .unwrap();
        assert_eq!(whose(&vault.due(day(366)).await.unwrap()), [(reader, true, 1)]);
        assert_eq!(
            whose(&vault.due(day(730)).await.unwrap()),
            [(of_client, true, 5), (reader, true, 1)]
        );
        let law = "402-FZ, article 29";
        vault
            .add_duty(of_client, FieldClass::ALL, day(2_000), law, day(1))
            .await
            .unwrap();
        for (person, want) in [
            (of_client, (Keep::Until(day(2_000)), Why::Law)),
            (customer, (Keep::WhileContractRuns, Why::Contract)),
        ] {
            let ends = vault.ends(person).await.unwrap();
            assert!(ends.iter().all(|end| (end.keep, end.why) == want));
        }
        assert_eq!(whose(&vault.due(day(1_999)).await.unwrap()), [(reader, true, 1)]);
        assert_eq!(
            whose(&vault.due(day(2_000)).await.unwrap()),
            [(of_client, true, 5), (reader, true, 1)]
        );
        let ended = Agreed {
            until: Some(day(10)),
            ..runs
        };
        vault.set_contract(customer, Some(ended)).await.unwrap();
        assert_eq!(vault.due(day(40)).await.unwrap()[0].person, customer);
    }
}

#[tokio::test]
async fn nothing_of_a_held_person_is_destroyed() {
    for place in places().await {
        let vault = place.open().await;
        let anna = vault.add_person(&new_person(0, ANNA), NOW).await.unwrap();
        for (reason, review) in [("", day(1)), ("court case 12", NOW), (&"x".repeat(501), day(1))] {
            let wrong = NewHold {
                owner: 4,
                reason,
                review,
            };
            assert_eq!(refusal(vault.place_hold(anna, wrong, NOW).await), Refusal::Hold);
        }
        let new = NewHold {
            owner: 4,
            reason: "court case 12",
            review: day(30),
        };
        let hold = vault.place_hold(anna, new, NOW).await.unwrap();
        let second = vault.place_hold(anna, new, NOW).await.unwrap();

        assert!(vault.due(day(9_999)).await.unwrap().is_empty());
        assert_eq!(
            refusal(vault.erase(anna, "request 1", NOW).await),
            Refusal::OnHold
        );
        let value = vault.values(anna).await.unwrap()[0].id;
        assert_eq!(
            refusal(vault.delete_value(anna, value, NOW).await),
            Refusal::OnHold
        );
        let correction = given(&[(FieldClass::Name, "Other")]);
        assert_eq!(
            refusal(vault.record(anna, &correction, NOW).await),
            Refusal::OnHold
        );
        vault
            .record(anna, &given(&[(FieldClass::Company, "Acme")]), NOW)
            .await
            .unwrap();
        assert_eq!(texts(&vault, anna).await.len(), 6);

        assert!(vault.holds_to_review(day(29)).await.unwrap().is_empty());
        assert_eq!(vault.holds_to_review(day(30)).await.unwrap().len(), 2);
        assert!(vault.holds_to_tell(day(29)).await.unwrap().is_empty());
        for due in vault.holds_to_tell(day(30)).await.unwrap() {
            vault.note_hold_told(due.id, day(30)).await.unwrap();
        }
        assert!(vault.holds_to_tell(day(59)).await.unwrap().is_empty());
        vault.review_hold(second, day(60), day(30)).await.unwrap();
        assert_eq!(vault.holds_to_review(day(30)).await.unwrap()[0].id, hold);
        let again = vault.holds_to_tell(day(60)).await.unwrap();
        assert_eq!(again.iter().map(|hold| hold.id).collect::<Vec<_>>(), [second]);
        for id in [hold, second] {
            assert!(vault.due(day(9_999)).await.unwrap().is_empty());
            vault.release_hold(id, 5, day(31)).await.unwrap();
        }
        let holds = vault.holds_on(anna).await.unwrap();
        assert_eq!((holds[0].owner, holds[0].person), (4, anna));
        let reason = vault.hold_reason(&holds[0]).await.unwrap();
        assert_eq!(reason.reveal(), "court case 12");
        assert!(holds.iter().all(|hold| hold.released == Some((5, day(31)))));
        assert_eq!(vault.due(day(9_999)).await.unwrap().len(), 1);
        vault.erase(anna, "request 1", NOW).await.unwrap();
    }
}

#[tokio::test]
async fn contracts_and_laws_carry_a_customer_beyond_the_year_and_no_longer() {
    for place in places().await {
        let vault = place.open().await;
        let anna = vault.add_person(&new_person(0, ANNA), NOW).await.unwrap();
        let wrong = Agreed {
            from: day(10),
            until: Some(day(10)),
        };
        assert_eq!(
            refusal(vault.set_contract(anna, Some(wrong)).await),
            Refusal::Contract
        );
        for (classes, until, law) in [
            (&[][..], day(9), "402-FZ"),
            (&[FieldClass::Name], NOW, "402-FZ"),
            (&[FieldClass::Name], day(9), " "),
            (&[FieldClass::Name], day(9), &"x".repeat(201)),
        ] {
            assert_eq!(
                refusal(vault.add_duty(anna, classes, until, law, NOW).await),
                Refusal::Duty
            );
        }
        let mut contract = Agreed {
            from: day(20),
            until: None,
        };
        vault.set_contract(anna, Some(contract)).await.unwrap();
        assert_eq!(vault.contract(anna).await.unwrap(), Some(contract));
        assert!(vault.due(day(9_999)).await.unwrap().is_empty(), "it runs");

        contract.until = Some(day(800));
        vault.set_contract(anna, Some(contract)).await.unwrap();
        let law = "402-FZ, article 29";
        let classes = [FieldClass::Name, FieldClass::Address];
        let duty = vault
            .add_duty(anna, &classes, day(2_000), law, NOW)
            .await
            .unwrap();
        let other = vault
            .add_duty(anna, &classes, day(3_000), "a mistake", NOW)
            .await
            .unwrap();
        vault.end_duty(anna, other).await.unwrap();
        assert!(is_unknown(vault.end_duty(anna, other).await));
        vault.rotate_person_key(anna, NOW).await.unwrap();
        let duties = vault.duties(anna).await.unwrap();
        assert_eq!(duties.len(), 1);
        assert_eq!((duties[0].id, duties[0].law.reveal()), (duty, law));

        // The year is long over; what the law does not name goes 30 days after the contract.
        assert!(vault.destroy_due(day(829), false).await.unwrap().is_empty());
        let gone = vault.destroy_due(day(830), false).await.unwrap();
        assert!(!gone[0].is_whole, "{gone:?}");
        let left: Vec<FieldClass> = vault
            .ends(anna)
            .await
            .unwrap()
            .iter()
            .map(|end| {
                assert_eq!((end.keep, end.why), (Keep::Until(day(2_000)), Why::Law));
                end.class
            })
            .collect();
        assert!(!left.is_empty() && left.iter().all(|class| classes.contains(class)));
        assert!(vault.destroy_due(day(1_999), false).await.unwrap().is_empty());
        assert!(vault.destroy_due(day(2_000), false).await.unwrap()[0].is_whole);
        assert!(is_unknown(vault.duties(anna).await));
    }
}
