use crate::house::{HOME, House, NOW, STAFF, houses, receipt_key, refusal, sealed};
use people::testimonial::{ANSWER_MS, PUBLISHED_MS};
use people::{
    AuthorAsked, ConsentState, Error, Followed, Language, LinkUse, Method, NewServed, NewTestimonial,
    Refusal, Said, ServedId, Testimonial, TestimonialFilter, TestimonialStatus, verify,
};
use policy::{FieldClass, LegalBasis, Purpose};
use vault::Reader;
use vocabulary::{Moment, PersonId, moment::DAY_MS};

const PUBLISHER: Reader = Reader::Job("publication");
const EMAIL: &str = "olga@client.example";

fn said(text: &str) -> Said {
    Said {
        text: sealed(text),
        name: Some(sealed("Olga P.")),
        position: None,
        company: Some(sealed("Leuchtwerk")),
    }
}

async fn draft(house: &House, text: &str, email: &str) -> Testimonial {
    let new = NewTestimonial {
        language: Language::En,
        said: said(text),
        email: sealed(email),
        written_by: 4,
    };
    house.people.draft_testimonial(&new, NOW).await.unwrap()
}

async fn ask(house: &House, of: &Testimonial) -> AuthorAsked {
    house.people.ask_author(&STAFF, of.id, NOW).await.unwrap()
}

/// The form behind the link.
async fn serve(house: &House) -> ServedId {
    let new = NewServed {
        form: "testimonial",
        language: Language::En,
        wordings: &[("testimonial", 1), ("testimonial-draft", 1)],
        form_sha256: [5; 32],
    };
    house.people.serve(&new, NOW).await.unwrap()
}

async fn agree(house: &House, asked: &AuthorAsked) -> Result<people::Agreed, Error> {
    let served = serve(house).await;
    let sha256 = asked.testimonial.sha256;
    house
        .people
        .agree_to_testimonial(&asked.secret, &sha256, served, NOW)
        .await
}

/// The words that everybody can read.
async fn published(house: &House) -> Vec<String> {
    let mut texts = Vec::new();
    for one in house.people.published_testimonials().await.unwrap() {
        let said = house
            .people
            .open_testimonial(&PUBLISHER, &one, Purpose::Testimonial, NOW)
            .await
            .unwrap();
        texts.push(said.text.reveal().to_owned());
    }
    texts
}

async fn consent(house: &House, person: PersonId) -> ConsentState {
    house
        .people
        .consent_state(person, Purpose::Testimonial)
        .await
        .unwrap()
}

async fn status(house: &House, of: &Testimonial) -> TestimonialStatus {
    house.people.testimonial(of.id).await.unwrap().status
}

/// The classes of what the vault has of somebody, and what for.
async fn kept(house: &House, person: PersonId) -> Vec<(FieldClass, Vec<Purpose>)> {
    let kept = house.vault.values(person).await.unwrap();
    kept.into_iter()
        .map(|kept| (kept.class, kept.provenance.purposes))
        .collect()
}

#[tokio::test]
async fn only_what_its_author_agreed_to_is_published_with_evidence_of_every_letter() {
    for house in houses().await {
        let drafted = draft(&house, "They found the fault.", " Olga@Client.Example ").await;
        assert_eq!((drafted.status, drafted.version), (TestimonialStatus::Draft, 1));
        assert!(published(&house).await.is_empty());
        assert!(house.guard.0.lock().unwrap().is_empty(), "nothing was opened");
        let before = house.vault.values(drafted.person).await.unwrap();
        for value in &before {
            assert_eq!(value.provenance.purposes, [Purpose::AskAuthor]);
            assert_eq!(value.provenance.basis, LegalBasis::LegitimateInterest);
            assert_eq!(value.provenance.wording.id, "testimonial-draft");
        }
        assert_eq!(
            before.len(),
            3,
            "an address to be found by, the words, where to ask"
        );
        let early = house
            .people
            .open_testimonial(&PUBLISHER, &drafted, Purpose::Testimonial, NOW)
            .await;
        assert!(matches!(early, Err(Error::Vault(vault::Error::Denied(_)))));

        let asked = ask(&house, &drafted).await;
        assert_eq!(
            (asked.to.reveal(), &asked.said),
            (EMAIL, &said("They found the fault."))
        );
        assert_eq!(asked.until, NOW.plus_ms(30 * DAY_MS));
        let link = house.people.author_link(&asked.secret, NOW).await.unwrap();
        assert_eq!((link.does, &link.said), (LinkUse::Answer, &asked.said));
        assert!(published(&house).await.is_empty(), "looking agrees to nothing");
        assert_eq!(consent(&house, drafted.person).await, ConsentState::Unknown);

        let other_words = house
            .people
            .agree_to_testimonial(&asked.secret, &[0; 32], serve(&house).await, NOW)
            .await;
        assert_eq!(refusal(other_words), Refusal::Link);
        let unshown = house.serve(&[("newsletter", 1)]).await;
        let unshown = house
            .people
            .agree_to_testimonial(&asked.secret, &drafted.sha256, unshown, NOW)
            .await;
        assert_eq!(refusal(unshown), Refusal::NotShown);
        assert!(published(&house).await.is_empty());

        let agreed = agree(&house, &asked).await.unwrap();
        assert_eq!(
            (agreed.to.reveal(), agreed.testimonial.agreed),
            (EMAIL, Some(NOW))
        );
        assert_eq!(published(&house).await, ["They found the fault."]);
        let consents = house.people.consents(drafted.person).await.unwrap();
        let given = consents[0].events.last().unwrap();
        let wording = given.wording.as_ref().unwrap();
        assert_eq!(
            (
                given.state,
                given.method,
                given.at,
                given.evidence_sha256,
                given.form_sha256
            ),
            (
                ConsentState::Given,
                Method::Link,
                NOW,
                Some(drafted.sha256),
                Some([5; 32])
            )
        );
        assert_eq!((wording.id.as_str(), wording.version), ("testimonial", 1));
        let receipt = agreed.recorded.receipt.unwrap();
        let receipt = house.people.receipt(drafted.person, &receipt).await.unwrap();
        let receipt = verify(&receipt_key().jwks(), &receipt).unwrap();
        let stored = serde_json::to_value(&drafted).unwrap();
        let evidence = stored["sha256"].as_str().unwrap();
        assert_eq!(receipt["evidence_ref"], format!("sha256:{evidence}"));
        let given_for: Vec<_> = kept(&house, drafted.person)
            .await
            .into_iter()
            .map(|(_, p)| p)
            .collect();
        assert_eq!(
            given_for.iter().filter(|p| **p == [Purpose::Testimonial]).count(),
            1,
            "the words alone are given for publication: {given_for:?}"
        );
        let year_and_more = NOW.plus_ms(2 * 365 * DAY_MS);
        assert!(
            house
                .vault
                .destroy_due(year_and_more, false)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            published(&house).await.len(),
            1,
            "what it rests on is kept as long"
        );
        let found = house.vault.find(0, FieldClass::Email, EMAIL).await.unwrap();
        assert_eq!(found, [drafted.person], "and its author can be found");
        assert_eq!(
            refusal(agree(&house, &asked).await),
            Refusal::Link,
            "a link answers once"
        );
    }
}

#[tokio::test]
async fn no_other_status_is_ever_published() {
    for house in houses().await {
        for (nth, &want) in TestimonialStatus::ALL.iter().enumerate() {
            let text = format!("words {nth}");
            let one = draft(&house, &text, &format!("author{nth}@client.example")).await;
            if want != TestimonialStatus::Draft && want != TestimonialStatus::Lapsed {
                let asked = ask(&house, &one).await;
                let served = serve(&house).await;
                match want {
                    TestimonialStatus::Agreed => drop(agree(&house, &asked).await.unwrap()),
                    TestimonialStatus::Declined => {
                        let declined = house
                            .people
                            .decline_testimonial(&asked.secret, &one.sha256, served, NOW)
                            .await;
                        assert_eq!(declined.unwrap().testimonial.status, want);
                        assert_eq!(consent(&house, one.person).await, ConsentState::Refused);
                    }
                    TestimonialStatus::Withdrawn => {
                        agree(&house, &asked).await.unwrap();
                        house.people.withdraw_testimonial(one.id, NOW).await.unwrap();
                        assert_eq!(consent(&house, one.person).await, ConsentState::Revoked);
                    }
                    _ => {}
                }
            }
            if want == TestimonialStatus::Lapsed {
                let asked = ask(&house, &one).await;
                agree(&house, &asked).await.unwrap();
                house
                    .people
                    .expire_consents(NOW.plus_ms(3 * 366 * DAY_MS))
                    .await
                    .unwrap();
            }
            assert_eq!(status(&house, &one).await, want);
            let shown = published(&house).await;
            assert_eq!(
                shown.contains(&text),
                want == TestimonialStatus::Agreed,
                "{want:?}"
            );
            if want.is_over() {
                assert!(
                    kept(&house, one.person).await.is_empty(),
                    "{want:?}: the words are destroyed"
                );
                assert_eq!(
                    refusal(house.people.change_testimonial(one.id, &said("new"), NOW).await),
                    Refusal::Ended
                );
            }
            let of_status = TestimonialFilter {
                status: Some(want),
                before: None,
                most: 10,
            };
            let listed = house.people.testimonials(of_status).await.unwrap();
            assert!(listed.iter().any(|l| l.id == one.id), "{want:?}");
        }
    }
}

#[tokio::test]
async fn a_changed_letter_voids_the_agreement_until_it_is_agreed_to_anew() {
    for house in houses().await {
        let one = draft(&house, "They found the fault.", EMAIL).await;
        let first = ask(&house, &one).await;
        let agreed = agree(&house, &first).await.unwrap();
        let same = house
            .people
            .change_testimonial(one.id, &said("They found the fault."), NOW)
            .await;
        assert!(!same.unwrap());
        assert_eq!(published(&house).await.len(), 1, "the same words change nothing");

        let mut other = said("They found the fault.");
        other.position = Some(sealed("Owner"));
        assert!(
            house
                .people
                .change_testimonial(one.id, &other, NOW)
                .await
                .unwrap()
        );
        assert!(published(&house).await.is_empty());
        assert_eq!(consent(&house, one.person).await, ConsentState::Revoked);
        assert_eq!(status(&house, &one).await, TestimonialStatus::Draft);
        for dead in [&first.secret, &agreed.secret] {
            assert_eq!(refusal(house.people.author_link(dead, NOW).await), Refusal::Link);
        }
        let second = ask(&house, &one).await;
        // Changed again while the author reads.
        house
            .people
            .change_testimonial(one.id, &said("Else."), NOW)
            .await
            .unwrap();
        assert_eq!(refusal(agree(&house, &second).await), Refusal::Link);
        assert!(published(&house).await.is_empty());
        let third = ask(&house, &one).await;
        assert_eq!(third.testimonial.version, 3);
        agree(&house, &third).await.unwrap();
        assert_eq!(published(&house).await, ["Else."]);
        assert_eq!(
            kept(&house, one.person).await.len(),
            3,
            "no former words are left"
        );
    }
}

#[tokio::test]
async fn it_is_taken_back_by_link_and_in_the_account_and_others_stay() {
    for house in houses().await {
        let (one, two) = (
            draft(&house, "one", EMAIL).await,
            draft(&house, "two", EMAIL).await,
        );
        assert_eq!(one.person, two.person, "who gave that address is known");
        let first = agree(&house, &ask(&house, &one).await).await.unwrap();
        agree(&house, &ask(&house, &two).await).await.unwrap();
        assert_eq!(consent(&house, one.person).await, ConsentState::Renewed);
        let three = ask(&house, &draft(&house, "three", EMAIL).await).await;
        let four = draft(&house, "four", EMAIL).await;
        assert_eq!(
            published(&house).await,
            ["two", "one"],
            "a consent that stands is none to other words"
        );
        let back = house.people.withdraw_testimonial(four.id, NOW).await.unwrap();
        assert!(!back.ends_consent);
        let declined = house
            .people
            .decline_testimonial(&three.secret, &three.testimonial.sha256, serve(&house).await, NOW)
            .await;
        assert!(!declined.unwrap().ends_consent);
        assert_eq!(
            published(&house).await,
            ["two", "one"],
            "declining one leaves the others"
        );

        let back = house
            .people
            .withdraw_testimonial_by_link(&first.secret, NOW)
            .await
            .unwrap();
        assert_eq!(
            (back.ends_consent, published(&house).await),
            (false, vec!["two".to_owned()])
        );
        let again = house
            .people
            .withdraw_testimonial_by_link(&first.secret, NOW)
            .await;
        assert_eq!(refusal(again), Refusal::Link);
        assert!(consent(&house, one.person).await.allows_use());

        house
            .people
            .withdraw(one.person, Purpose::Testimonial, Method::Account, NOW)
            .await
            .unwrap();
        assert!(published(&house).await.is_empty());
        assert_eq!(status(&house, &two).await, TestimonialStatus::Withdrawn);
        assert!(kept(&house, one.person).await.is_empty());

        let last = draft(&house, "last", EMAIL).await;
        let last = agree(&house, &ask(&house, &last).await).await.unwrap();
        let back = house
            .people
            .withdraw_testimonial_by_link(&last.secret, NOW)
            .await
            .unwrap();
        assert!(back.ends_consent);
        assert_eq!(
            consent(&house, last.testimonial.person).await,
            ConsentState::Withdrawn
        );
    }
}

#[tokio::test]
async fn what_nobody_answers_is_destroyed_and_its_link_is_dead() {
    for house in houses().await {
        let written = draft(&house, "never asked", "one@client.example").await;
        let asked = ask(&house, &draft(&house, "never answered", EMAIL).await).await;
        let stands = draft(&house, "stands", "other@client.example").await;
        agree(&house, &ask(&house, &stands).await).await.unwrap();
        let last = NOW.plus_ms(ANSWER_MS - 1);
        assert!(house.people.lapse_testimonials(last).await.unwrap().is_empty());
        assert!(house.people.author_link(&asked.secret, last).await.is_ok());
        let over = last.plus_ms(1);
        assert_eq!(
            refusal(house.people.author_link(&asked.secret, over).await),
            Refusal::Link
        );
        let gone = house.people.lapse_testimonials(over).await.unwrap();
        let ids: Vec<_> = gone.iter().map(|one| one.id).collect();
        assert_eq!(ids, [written.id, asked.testimonial.id]);
        for one in [&written, &asked.testimonial] {
            assert_eq!(status(&house, one).await, TestimonialStatus::Lapsed);
            assert!(kept(&house, one.person).await.is_empty());
        }
        assert_eq!(published(&house).await, ["stands"]);
    }
}

#[tokio::test]
async fn an_author_who_is_known_keeps_their_values_and_an_erased_one_takes_the_words_along() {
    for house in houses().await {
        let (person, _) = house.enquiry(Some(EMAIL), &[]).await;
        let before = kept(&house, person).await;
        let one = draft(&house, "quokka words", EMAIL).await;
        assert_eq!(one.person, person);
        let asked = ask(&house, &one).await;
        agree(&house, &asked).await.unwrap();
        let overview = house.people.overview(&Reader::Person, person, NOW).await.unwrap();
        assert!(!format!("{overview:?}").contains("quokka"));
        let export = serde_json::to_string(&overview).unwrap();
        for once in ["quokka words", "Leuchtwerk", "\"status\":\"agreed\""] {
            assert_eq!(export.matches(once).count(), 1, "{once}");
        }
        house.people.withdraw_testimonial(one.id, NOW).await.unwrap();
        assert_eq!(
            kept(&house, person).await,
            before,
            "what they gave for other things stays"
        );

        let two = draft(&house, "more", EMAIL).await;
        let secret = agree(&house, &ask(&house, &two).await).await.unwrap().secret;
        house.vault.erase(person, "asked for", NOW).await.unwrap();
        house.people.forget(person).await.unwrap();
        assert!(published(&house).await.is_empty());
        assert!(matches!(
            house.people.testimonial(two.id).await,
            Err(Error::NotFound(_))
        ));
        assert_eq!(
            refusal(house.people.author_link(&secret, NOW).await),
            Refusal::Link
        );
    }
}

#[tokio::test]
async fn whoever_proves_the_address_finds_the_testimonial_in_their_account() {
    for house in houses().await {
        let one = draft(&house, "words", EMAIL).await;
        let page = NewServed {
            form: "account",
            language: Language::En,
            wordings: &[("account", 1)],
            form_sha256: [1; 32],
        };
        let served = house.people.serve(&page, NOW).await.unwrap();
        let letter = house
            .people
            .ask_link(EMAIL, Language::En, Some(served), HOME, NOW)
            .await
            .unwrap();
        let followed = house.people.follow_link(&letter.secret, false, NOW).await;
        let Ok(Followed::SignedIn { signed_in, .. }) = followed else {
            panic!("signed in")
        };
        house.people.claim_testimonials(&signed_in, NOW).await.unwrap();
        house
            .people
            .claim_testimonials(&signed_in, Moment(NOW.0 + 1))
            .await
            .unwrap();
        let persons = house.people.persons_of(signed_in.person).await.unwrap();
        assert_eq!(persons, [signed_in.person, one.person]);
        assert_eq!(draft(&house, "more", EMAIL).await.person, signed_in.person);
    }
}

#[tokio::test]
async fn each_stands_for_three_years_from_its_own_agreement() {
    for house in houses().await {
        let first = draft(&house, "first", EMAIL).await;
        agree(&house, &ask(&house, &first).await).await.unwrap();
        let year = NOW.plus_ms(365 * DAY_MS);
        let second = draft(&house, "second", EMAIL).await;
        let asked = house.people.ask_author(&STAFF, second.id, year).await.unwrap();
        let served = serve(&house).await;
        house
            .people
            .agree_to_testimonial(&asked.secret, &second.sha256, served, year)
            .await
            .unwrap();
        let over = NOW.plus_ms(PUBLISHED_MS);
        assert!(
            house
                .people
                .lapse_testimonials(over.plus_ms(-1))
                .await
                .unwrap()
                .is_empty()
        );
        let lapsed = house.people.lapse_testimonials(over).await.unwrap();
        assert_eq!(lapsed.len(), 1);
        assert_eq!(published(&house).await, ["second"]);
        assert!(
            consent(&house, first.person).await.allows_use(),
            "the other rests on it"
        );
        house
            .people
            .lapse_testimonials(year.plus_ms(PUBLISHED_MS))
            .await
            .unwrap();
        assert!(published(&house).await.is_empty());
        assert!(!consent(&house, first.person).await.allows_use());
    }
}
