use crate::house::{HOME, House, NOW, controller, houses, refusal};
use credentials::{PasswordFault, Secret};
use people::account_link::LINK_LIFETIME_MS;
use people::sign_in::{REMEMBERED_MS, UNREMEMBERED_MS};
use people::{
    AccountLetter, Controller, Error, Followed, Language, LinkKind, NewAddress, NewServed, Refusal, ServedId,
    SignedIn,
};
use policy::{FieldClass, Purpose};
use vault::{Given, Provenance, Reader, Sealed};
use vocabulary::{Moment, PersonId, moment::HOUR_MS};

const EMAIL: &str = "anna@example.org";
const PASSWORD: &str = "correct horse battery";

async fn page(house: &House) -> ServedId {
    let new = NewServed {
        form: "account",
        language: Language::Ru,
        wordings: &[("account", 1)],
        form_sha256: [4; 32],
    };
    house.people.serve(&new, NOW).await.unwrap()
}

async fn letter(house: &House, email: &str, now: Moment) -> AccountLetter {
    // Each from elsewhere, so that only the mailbox's own limit counts.
    let address = Secret::draw().unwrap().text();
    let served = page(house).await;
    house
        .people
        .ask_link(email, Language::Ru, Some(served), &address, now)
        .await
        .unwrap()
}

async fn account(house: &House, email: &str, now: Moment) -> (Secret, SignedIn) {
    let letter = letter(house, email, now).await;
    signed_in(house.people.follow_link(&letter.secret, false, now).await)
}

fn signed_in(followed: Result<Followed, Error>) -> (Secret, SignedIn) {
    match followed.unwrap() {
        Followed::SignedIn {
            cookie, signed_in, ..
        } => (cookie, signed_in),
        other @ Followed::NewAddress { .. } => panic!("{other:?}"),
    }
}

async fn address_of(house: &House, person: PersonId) -> String {
    let values = house
        .vault
        .read(
            &Reader::Person,
            person,
            Purpose::Account,
            &[FieldClass::Email],
            NOW,
        )
        .await
        .unwrap();
    values[0].text.reveal().to_owned()
}

#[tokio::test]
async fn a_link_makes_an_account_once_and_signs_in_afterwards() {
    for house in houses().await {
        let first = letter(&house, " Anna@Example.ORG", NOW).await;
        assert_eq!((first.kind, first.to.reveal()), (LinkKind::NewAccount, EMAIL));
        assert_eq!(
            house.people.link(&first.secret, NOW).await.unwrap(),
            LinkKind::NewAccount
        );
        let wrong = house.serve(&[("enquiry", 1)]).await;
        for served in [None, Some(wrong)] {
            let people = &house.people;
            let without = people
                .ask_link("boris@example.org", Language::En, served, HOME, NOW)
                .await;
            assert_eq!(refusal(without), Refusal::NotShown);
        }
        assert!(
            house
                .vault
                .find(0, FieldClass::Email, EMAIL)
                .await
                .unwrap()
                .is_empty()
        );

        // Whoever asked before a restart gets in after it.
        let people = house.again(controller()).await;
        let made = people.follow_link(&first.secret, true, NOW).await.unwrap();
        let Followed::SignedIn {
            cookie,
            signed_in: who,
            is_new: true,
        } = made
        else {
            panic!("{made:?}")
        };
        let again = house.people.follow_link(&first.secret, true, NOW).await;
        assert_eq!(refusal(again), Refusal::Link, "once");
        assert_eq!(house.people.signed_in(&cookie, NOW).await.unwrap(), Some(who));
        assert_eq!(who.language, Language::Ru);
        let kept = house.vault.values(who.person).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].provenance.wording.id, "account");
        assert_eq!(kept[0].provenance.source, "account");

        let second = letter(&house, EMAIL, NOW).await;
        assert_eq!(second.kind, LinkKind::SignIn);
        let over = NOW.plus_ms(LINK_LIFETIME_MS);
        assert_eq!(
            refusal(house.people.link(&second.secret, over).await),
            Refusal::Link
        );
        assert_eq!(
            refusal(house.people.follow_link(&second.secret, false, over).await),
            Refusal::Link
        );
        let (_, same) = signed_in(house.people.follow_link(&second.secret, false, NOW).await);
        assert_eq!(same.person, who.person);
        let unknown = house.people.link(&Secret::draw().unwrap(), NOW).await;
        assert_eq!(refusal(unknown), Refusal::Link);
    }
}

#[tokio::test]
async fn two_links_followed_at_once_make_one_account() {
    for house in houses().await {
        let (one, other) = (letter(&house, EMAIL, NOW).await, letter(&house, EMAIL, NOW).await);
        assert_eq!(
            (one.kind, other.kind),
            (LinkKind::NewAccount, LinkKind::NewAccount)
        );
        let (first, second) = tokio::join!(
            house.people.follow_link(&one.secret, false, NOW),
            house.people.follow_link(&other.secret, false, NOW)
        );
        let ((_, first), (_, second)) = (signed_in(first), signed_in(second));
        assert_eq!(first.person, second.person);
        let found = house.vault.find(0, FieldClass::Email, EMAIL).await.unwrap();
        assert_eq!(found, [first.person]);
        let same = letter(&house, "boris@example.org", NOW).await;
        let (first, second) = tokio::join!(
            house.people.follow_link(&same.secret, false, NOW),
            house.people.follow_link(&same.secret, false, NOW)
        );
        assert!(first.is_ok() != second.is_ok(), "one link, one use");
    }
}

#[tokio::test]
async fn answers_do_not_tell_whether_an_address_is_known() {
    for house in houses().await {
        let (_, who) = account(&house, EMAIL, NOW).await;
        house
            .people
            .set_password(&who, None, PASSWORD, HOME, NOW)
            .await
            .unwrap();
        house.enquiry(Some("enquirer@example.org"), &[]).await;
        for email in [
            EMAIL,
            "enquirer@example.org",
            "nobody@example.org",
            "not an address",
        ] {
            for number in 0..5 {
                let want = match number {
                    0..3 => Refusal::WrongCredentials,
                    _ => Refusal::TooManyAttempts { wait_ms: 1_000 },
                };
                let answer = house
                    .people
                    .sign_in(email, "wrong password", false, "198.51.100.9", NOW)
                    .await;
                assert_eq!(refusal(answer), want, "{email} {number}");
            }
        }
        let later = NOW.plus_ms(25 * HOUR_MS);
        let served = page(&house).await;
        for email in [EMAIL, "enquirer@example.org", "nobody@example.org"] {
            for number in 0..5 {
                let address = format!("192.0.2.{number}");
                let answer = house
                    .people
                    .ask_link(email, Language::En, Some(served), &address, later)
                    .await;
                assert_eq!(
                    answer.is_ok(),
                    number < 3,
                    "{email} {number}: one mailbox, few letters"
                );
            }
        }
        assert_eq!(
            refusal(
                house
                    .people
                    .ask_link("anna", Language::En, None, HOME, later)
                    .await
            ),
            Refusal::Email
        );
        // Somebody who only enquired has no account to sign in to.
        let letter = letter(&house, "enquirer@example.org", later.plus_ms(HOUR_MS)).await;
        assert_eq!(letter.kind, LinkKind::NewAccount);
    }
}

#[tokio::test]
async fn passwords_cannot_be_guessed_from_many_networks_and_the_holder_goes_on() {
    for house in houses().await {
        let (_, who) = account(&house, EMAIL, NOW).await;
        let people = &house.people;
        people
            .set_password(&who, None, PASSWORD, HOME, NOW)
            .await
            .unwrap();
        people.sign_in(EMAIL, PASSWORD, false, HOME, NOW).await.unwrap();
        // Known and unknown addresses alike.
        for email in [EMAIL, "nobody@example.org"] {
            let mut answers = Vec::new();
            for number in 0..45 {
                let network = format!("198.51.100.{number}");
                answers.push(refusal(
                    people.sign_in(email, "wrong", false, &network, NOW).await,
                ));
            }
            let wrong = answers.iter().filter(|a| **a == Refusal::WrongCredentials);
            assert_eq!(wrong.count(), 40, "{email}");
            let wait_ms = 2 * 60_000;
            assert_eq!(answers[44], Refusal::TooManyGuesses { wait_ms }, "{email}");
        }
        // The right password from a strange network has to wait; from where one signed in it does not.
        let from = async |network: &str| people.sign_in(EMAIL, PASSWORD, false, network, NOW).await;
        assert!(matches!(
            refusal(from("hotel").await),
            Refusal::TooManyGuesses { .. }
        ));
        from(HOME).await.unwrap();
        // A link signs in, and its network goes on with the password from then on.
        let (_, who) = account(&house, EMAIL, NOW).await;
        people.trust_network(&who, "hotel", NOW);
        from("hotel").await.unwrap();
        assert!(from("train").await.is_err());
    }
}

#[tokio::test]
async fn letters_to_ever_new_addresses_are_few_and_those_with_an_account_get_theirs() {
    for house in houses().await {
        account(&house, EMAIL, NOW).await;
        let served = page(&house).await;
        let ask = async |email: &str, network: usize| {
            let network = format!("network {network}");
            house
                .people
                .ask_link(email, Language::En, Some(served), &network, NOW)
                .await
        };
        let mut sent = 0;
        for number in 0..80 {
            sent += usize::from(ask(&format!("new{number}@example.org"), number).await.is_ok());
        }
        // One was spent for the account itself.
        assert_eq!(sent, 59);
        assert!(matches!(
            refusal(ask("newer@example.org", 81).await),
            Refusal::TooManyAttempts { .. }
        ));
        assert_eq!(ask(EMAIL, 82).await.unwrap().kind, LinkKind::SignIn);
    }
}

#[tokio::test]
async fn passwords_open_and_are_changed_with_the_old_one_or_a_fresh_link() {
    for house in houses().await {
        let (cookie, who) = account(&house, EMAIL, NOW).await;
        let by = async |password, now| {
            house
                .people
                .sign_in("ANNA@example.org ", password, false, HOME, now)
                .await
        };
        assert_eq!(
            refusal(by(PASSWORD, NOW).await),
            Refusal::WrongCredentials,
            "none is set"
        );
        let weak = house
            .people
            .set_password(&who, None, "anna@example.org", HOME, NOW)
            .await;
        assert_eq!(refusal(weak), Refusal::Password(PasswordFault::ContainsName));
        house
            .people
            .set_password(&who, None, PASSWORD, HOME, NOW)
            .await
            .unwrap();
        let (other, with) = by(PASSWORD, NOW).await.unwrap();
        assert!(!with.is_by_link && with.person == who.person);

        let late = NOW.plus_ms(HOUR_MS);
        let next = "quite another phrase";
        let set = async |who: &SignedIn, old, now| house.people.set_password(who, old, next, HOME, now).await;
        assert_eq!(refusal(set(&with, None, NOW).await), Refusal::SignInAgain);
        assert_eq!(refusal(set(&who, None, late).await), Refusal::SignInAgain);
        assert_eq!(
            refusal(set(&with, Some("wrong"), NOW).await),
            Refusal::WrongCredentials
        );
        assert!(house.people.signed_in(&cookie, NOW).await.unwrap().is_some());
        set(&with, Some(PASSWORD), NOW).await.unwrap();
        assert!(
            house.people.signed_in(&cookie, NOW).await.unwrap().is_none(),
            "others end"
        );
        assert!(house.people.signed_in(&other, NOW).await.unwrap().is_some());
        assert_eq!(refusal(by(PASSWORD, late).await), Refusal::WrongCredentials);
        by(next, late).await.unwrap();
        let endless = "x".repeat(1_000_000);
        assert_eq!(refusal(by(&endless, late).await), Refusal::WrongCredentials);
    }
}

#[tokio::test]
async fn sign_ins_last_as_long_as_was_chosen_are_listed_and_ended() {
    for house in houses().await {
        let (short, who) = account(&house, EMAIL, NOW).await;
        let link = letter(&house, EMAIL, NOW).await;
        let (long, remembered) = signed_in(house.people.follow_link(&link.secret, true, NOW).await);
        let good = async |cookie, after| {
            house
                .people
                .signed_in(cookie, NOW.plus_ms(after))
                .await
                .unwrap()
                .is_some()
        };
        assert!(good(&short, UNREMEMBERED_MS - 1).await && !good(&short, UNREMEMBERED_MS).await);
        assert!(good(&long, REMEMBERED_MS - 1).await && !good(&long, REMEMBERED_MS).await);
        let listed = house.people.sign_ins(who.person, NOW).await.unwrap();
        let ids: Vec<(u32, bool)> = listed.iter().map(|s| (s.id, s.is_remembered)).collect();
        assert_eq!(ids, [(who.sign_in, false), (remembered.sign_in, true)]);
        assert_eq!(
            house
                .people
                .sign_ins(who.person, NOW.plus_ms(UNREMEMBERED_MS))
                .await
                .unwrap()
                .len(),
            1
        );

        let (_, stranger) = account(&house, "boris@example.org", NOW).await;
        assert!(
            house
                .people
                .end_sign_in(stranger.person, who.sign_in)
                .await
                .is_err()
        );
        house.people.end_sign_in(who.person, who.sign_in).await.unwrap();
        assert!(!good(&short, 0).await && good(&long, 0).await);
        assert_eq!(
            house
                .people
                .end_all_sign_ins(who.person, Some(remembered.sign_in))
                .await
                .unwrap(),
            0
        );
        assert_eq!(house.people.end_all_sign_ins(who.person, None).await.unwrap(), 1);
        assert!(!good(&long, 0).await);
        letter(&house, EMAIL, NOW).await;
        assert_eq!(house.people.sweep(NOW).await.unwrap(), 0);
        assert_eq!(house.people.sweep(NOW.plus_ms(REMEMBERED_MS)).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn a_new_address_counts_when_it_is_confirmed() {
    for house in houses().await {
        let (before, who) = account(&house, EMAIL, NOW).await;
        let (_, boris) = account(&house, "boris@example.org", NOW).await;
        house
            .people
            .set_password(&who, None, PASSWORD, HOME, NOW)
            .await
            .unwrap();
        let ask = async |who: &SignedIn, email, now| {
            house.people.ask_new_address(who, None, email, HOME, now).await
        };
        assert_eq!(
            refusal(ask(&who, "new@example.org", NOW.plus_ms(HOUR_MS)).await),
            Refusal::SignInAgain
        );
        let letter = moving(ask(&who, "New@example.org", NOW).await);
        assert_eq!(
            (letter.kind, letter.to.reveal()),
            (LinkKind::NewAddress, "new@example.org")
        );
        assert_eq!(address_of(&house, who.person).await, EMAIL);
        let followed = house
            .people
            .follow_link(&letter.secret, false, NOW)
            .await
            .unwrap();
        let Followed::NewAddress {
            cookie,
            signed_in: there,
            former,
        } = followed
        else {
            panic!("{followed:?}")
        };
        assert_eq!(
            (there.person, former),
            (who.person, Some(Sealed::new(EMAIL.into())))
        );
        assert!(there.is_by_link);
        assert_eq!(house.people.signed_in(&cookie, NOW).await.unwrap(), Some(there));
        // Whoever had the account until now is out of it: no sign-in, no password.
        assert_eq!(house.people.signed_in(&before, NOW).await.unwrap(), None);
        let by_password = house
            .people
            .sign_in("new@example.org", PASSWORD, false, HOME, NOW)
            .await;
        assert_eq!(refusal(by_password), Refusal::WrongCredentials);
        assert!(!house.people.account(who.person).await.unwrap().has_password);
        assert_eq!(address_of(&house, who.person).await, "new@example.org");
        let kind = async |email| letter_kind(&house, email).await;
        assert_eq!(kind("new@example.org").await, LinkKind::SignIn);
        assert_eq!(kind(EMAIL).await, LinkKind::NewAccount);

        // Where somebody is known, by an account or by an enquiry, no account moves; nor where they came meanwhile.
        house.enquiry(Some("olga@example.org"), &[]).await;
        for email in ["new@example.org", "olga@example.org"] {
            let asked = ask(&boris, email, NOW.plus_ms(60_000)).await.unwrap();
            assert!(
                matches!(&asked, NewAddress::Taken { to, .. } if to.reveal() == email),
                "{asked:?}"
            );
        }
        let letter = moving(ask(&boris, "vera@example.org", NOW).await);
        house.enquiry(Some("vera@example.org"), &[]).await;
        let taken = house.people.follow_link(&letter.secret, false, NOW).await;
        assert_eq!(refusal(taken), Refusal::EmailTaken);
        assert_eq!(address_of(&house, boris.person).await, "boris@example.org");

        // An address that somebody else wrote into the account is not confirmed, and opens nothing.
        let kept = house.vault.values(who.person).await.unwrap();
        let given = Given {
            provenance: Provenance {
                source: "console".into(),
                ..kept[0].provenance.clone()
            },
            values: vec![(FieldClass::Email, Sealed::new("thief@example.org".into()))],
        };
        house.vault.record(who.person, &given, NOW).await.unwrap();
        assert_eq!(kind("thief@example.org").await, LinkKind::NewAccount);
    }
}

fn moving(asked: Result<NewAddress, Error>) -> AccountLetter {
    match asked.unwrap() {
        NewAddress::Letter(letter) => letter,
        other @ NewAddress::Taken { .. } => panic!("{other:?}"),
    }
}

async fn letter_kind(house: &House, email: &str) -> LinkKind {
    letter(house, email, NOW).await.kind
}

#[tokio::test]
async fn people_correct_their_own_values_but_not_the_address() {
    for house in houses().await {
        let (_, who) = account(&house, EMAIL, NOW).await;
        let change = async |class, text: &str| {
            let values = [(class, Sealed::new(text.to_owned()))];
            house.people.change_values(&who, &values, NOW.plus_ms(1)).await
        };
        change(FieldClass::Name, "Anna").await.unwrap();
        change(FieldClass::Name, "Anna K").await.unwrap();
        assert!(change(FieldClass::BudgetRange, "95000").await.is_err());
        let answer = change(FieldClass::Email, "other@example.org").await;
        assert_eq!(refusal(answer), Refusal::AddressByLetter);
        let overview = house
            .people
            .overview(&Reader::Person, who.person, NOW)
            .await
            .unwrap();
        let fields: Vec<_> = overview
            .fields
            .iter()
            .map(|field| (field.class, field.value.reveal(), field.purposes.as_slice()))
            .collect();
        let purposes = [Purpose::Account].as_slice();
        let want = [
            (FieldClass::Name, "Anna K", purposes),
            (FieldClass::Email, EMAIL, purposes),
        ];
        assert_eq!(fields, want);
        assert_eq!(overview.fields[0].given, NOW.plus_ms(1));
    }
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_its_data_are_shut() {
    for house in houses().await {
        let (cookie, who) = account(&house, EMAIL, NOW).await;
        let late = NOW.plus_ms(2 * HOUR_MS);
        let answer = house.people.delete_account(&who, None, HOME, late).await;
        assert_eq!(refusal(answer), Refusal::SignInAgain);
        assert_eq!(address_of(&house, who.person).await, EMAIL);
        house.people.delete_account(&who, None, HOME, NOW).await.unwrap();
        assert_eq!(house.people.signed_in(&cookie, NOW).await.unwrap(), None);
        assert!(house.people.account(who.person).await.is_err());
        let read = house
            .vault
            .read(
                &Reader::Person,
                who.person,
                Purpose::Account,
                &[FieldClass::Email],
                NOW,
            )
            .await;
        assert!(matches!(read, Err(vault::Error::Denied(_))), "{read:?}");
        assert_eq!(letter_kind(&house, EMAIL).await, LinkKind::NewAccount);
        let month = NOW.plus_ms(31 * 24 * HOUR_MS);
        let destroyed = house.vault.destroy_due(month, false).await.unwrap();
        assert_eq!(
            destroyed.iter().map(|d| d.person).collect::<Vec<_>>(),
            [who.person]
        );
    }
}

#[tokio::test]
async fn enquiries_under_the_own_address_may_be_claimed_and_no_others() {
    for house in houses().await {
        let (mine, case) = house.enquiry(Some("Anna@example.org"), &[]).await;
        let (_, others) = house.enquiry(Some("boris@example.org"), &[]).await;
        let (_, who) = account(&house, EMAIL, NOW).await;
        assert_eq!(
            house.people.persons_of(who.person).await.unwrap(),
            [who.person],
            "not by itself"
        );
        let claimable = house.people.claimable(&who, NOW).await.unwrap();
        assert_eq!(claimable.iter().map(|c| c.case).collect::<Vec<_>>(), [case]);
        assert!(house.people.claim(&who, others, NOW).await.is_err());
        house.people.claim(&who, case, NOW).await.unwrap();
        assert!(house.people.claim(&who, case, NOW).await.is_err(), "once");
        assert_eq!(
            house.people.persons_of(who.person).await.unwrap(),
            [who.person, mine]
        );
        let overview = house
            .people
            .overview(&Reader::Person, who.person, NOW)
            .await
            .unwrap();
        assert_eq!(overview.cases.len(), 1);
        assert_eq!(overview.letters[0].text.reveal(), "How do I count visits?");
        house.vault.erase(mine, "its year is over", NOW).await.unwrap();
        let overview = house
            .people
            .overview(&Reader::Person, who.person, NOW)
            .await
            .unwrap();
        assert!(overview.letters.is_empty() && overview.fields.len() == 1);
    }
}

#[tokio::test]
async fn who_has_not_said_who_they_are_opens_no_account_and_lets_everybody_in_who_has_one() {
    for house in houses().await {
        let (_, who) = account(&house, EMAIL, NOW).await;
        let before = letter(&house, "boris@example.org", NOW).await;
        let people = house
            .again(Controller {
                name: String::new(),
                ..controller()
            })
            .await;
        let served = Some(page(&house).await);
        let asked = people
            .ask_link("vera@example.org", Language::En, served, HOME, NOW)
            .await;
        assert_eq!(refusal(asked), Refusal::Unnamed);
        assert_eq!(
            refusal(people.follow_link(&before.secret, false, NOW).await),
            Refusal::Unnamed
        );
        let own = people
            .ask_link(EMAIL, Language::En, served, HOME, NOW)
            .await
            .unwrap();
        let (_, same) = signed_in(people.follow_link(&own.secret, false, NOW).await);
        assert_eq!(same.person, who.person);
    }
}
