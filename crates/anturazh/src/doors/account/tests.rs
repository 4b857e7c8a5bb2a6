//! Accounts from the letter to the deletion, over a whole office.

use crate::doors::stand::{HOME, NOW, Stand, enquiry, sealed, secret};
use audit::{About, Action, Actor};
use credentials::{PasswordFault, Secret};
use people::Controller;
use policy::retention::Why;
use policy::{FieldClass, LegalBasis, Purpose};
use vault::{Agreed, NewHold, Reader};
use vocabulary::{
    Moment, PersonId,
    moment::{DAY_MS, HOUR_MS},
};
use web::language::Language;
use web::public::account::{
    Act, Change, ChoiceState, Entered, HeldField, Left, LinkUse, Outcome, Overview, Proof, ProofNeeded,
    ReadBy, Stay,
};

const EMAIL: &str = "quokka@mail.example";

async fn overview(stand: &Stand, cookie: &Secret, at: Moment) -> Overview {
    let shown = stand.doors.accounts.overview(cookie.clone(), at).await.unwrap();
    shown.expect("the cookie is good")
}

async fn act(stand: &Stand, cookie: &Secret, act: Act, at: Moment) -> Outcome {
    stand.doors.accounts.act(cookie.clone(), act, at).await.unwrap()
}

/// Who it is, by a password or not.
fn proof(password: Option<&str>) -> Proof {
    Proof {
        password: password.map(sealed),
        network: HOME.to_owned(),
    }
}

fn set_password(text: &str, now: Option<&str>) -> Act {
    Act::SetPassword {
        password: sealed(text),
        proof: proof(now),
    }
}

/// Class, what the form showed, what it is to be.
fn correct(changes: &[(FieldClass, Option<&str>, Option<&str>)]) -> Act {
    let changes = changes.iter().map(|(class, shown, text)| Change {
        class: *class,
        shown: shown.map(sealed),
        text: text.map(sealed),
    });
    Act::Correct {
        changes: changes.collect(),
        language: Language::En,
    }
}

fn value(overview: &Overview, class: FieldClass) -> Vec<&str> {
    let of_class = overview.fields.iter().filter(|field| field.class == class);
    of_class.map(|field| field.value.reveal()).collect()
}

/// What a value may be used for, by what right, by what text.
fn rights(field: &HeldField) -> Vec<(Purpose, LegalBasis, &str)> {
    field
        .uses
        .iter()
        .map(|one| {
            let text = one.wording.as_ref().map_or("", |wording| wording.id.as_str());
            (one.purpose, one.basis, text)
        })
        .collect()
}

fn actions(stand: &Stand, person: PersonId) -> Vec<Action> {
    let entries = stand
        .office
        .audit
        .about(About::Person(person), None, 1_000)
        .unwrap();
    let mut actions: Vec<Action> = entries
        .iter()
        .map(|numbered| numbered.entry.action)
        .filter(|action| *action != Action::Read)
        .collect();
    actions.reverse();
    actions
}

async fn person_of(stand: &Stand, cookie: &Secret) -> PersonId {
    let who = stand.office.people.signed_in(cookie, NOW).await.unwrap();
    who.unwrap().person
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_is_shown_taken_back_and_taken_along() {
    let stand = Stand::new().await;
    for mark in ["quokka", "wombat"] {
        stand.enquire(mark).await;
    }
    let case = stand.cases().await.pop().unwrap();
    let staff = Reader::Staff {
        account: 7,
        task: case.task.unwrap(),
        break_glass: false,
        second_factor: true,
    };
    for _ in 0..2 {
        let vault = &stand.office.vault;
        let purpose = Purpose::AnswerEnquiry;
        let read = vault.read(&staff, case.person, purpose, &[FieldClass::Name], NOW);
        read.await.unwrap();
    }

    let cookie = stand.enter(EMAIL, NOW).await;
    let before = overview(&stand, &cookie, NOW).await;
    assert_eq!(before.email.as_ref().unwrap().reveal(), EMAIL);
    assert!(!before.has_password);
    assert_eq!(value(&before, FieldClass::Name), ["quokka-name"]);
    assert_eq!(value(&before, FieldClass::Company), ["quokka-company"]);
    assert_eq!(before.letters[0].text.reveal(), "quokka-message");
    assert_eq!((before.letters.len(), before.letters[0].is_ours), (1, false));
    let name = before
        .fields
        .iter()
        .find(|f| f.class == FieldClass::Name)
        .unwrap();
    assert_eq!(
        rights(name),
        [
            (Purpose::AnswerEnquiry, LegalBasis::Contract, "enquiry"),
            (Purpose::Newsletter, LegalBasis::Consent, "newsletter"),
        ]
    );
    assert!(name.until.is_some());
    let consent = &before.consents[0];
    assert_eq!((before.consents.len(), consent.purpose), (1, Purpose::Newsletter));
    assert_eq!(
        consent.history.iter().map(|step| step.state).collect::<Vec<_>>(),
        [ChoiceState::Given]
    );
    let by_staff: Vec<_> = before.readings.iter().filter(|r| r.by == ReadBy::Staff).collect();
    assert_eq!((by_staff.len(), by_staff[0].times), (1, 2), "equal lines are one");
    assert_eq!(by_staff[0].classes, [FieldClass::Name]);
    assert_eq!(by_staff[0].at, NOW);
    assert_eq!(by_staff[0].case, Some(case.id.0));
    let task = case.task.unwrap().to_string()[..8].to_owned();
    assert_eq!(
        (by_staff[0].role, by_staff[0].task.as_ref()),
        (Some("manager"), Some(&task))
    );
    assert!(before.letters[0].until.is_some() && !before.letters[0].uses.is_empty());
    assert!(before.readings.iter().any(|r| r.by == ReadBy::Person));
    let to: Vec<&str> = before.passings.iter().map(|one| one.to.as_str()).collect();
    assert_eq!(to, ["you, by letter"; 3], "the question, the news and the link");
    assert!(before.sessions.len() == 1 && before.sessions[0].is_this);

    let withdraw = || Act::Withdraw(consent.id.clone());
    assert_eq!(act(&stand, &cookie, withdraw(), NOW).await, Outcome::Done);
    assert_eq!(act(&stand, &cookie, withdraw(), NOW).await, Outcome::Done);
    let unknown = Act::Withdraw("newsletter".into());
    assert_eq!(act(&stand, &cookie, unknown, NOW).await, Outcome::NoSuch);
    let after = overview(&stand, &cookie, NOW).await;
    assert_eq!(
        after.consents[0].history.last().unwrap().state,
        ChoiceState::Withdrawn
    );
    let name = after.fields.iter().find(|f| f.class == FieldClass::Name).unwrap();
    assert_eq!(
        rights(name),
        [(Purpose::AnswerEnquiry, LegalBasis::Contract, "enquiry")]
    );
    let withdrawn = actions(&stand, case.person);
    assert_eq!(
        withdrawn
            .iter()
            .filter(|a| **a == Action::ConsentWithdrawn)
            .count(),
        1
    );

    let receipt = after.consents[0].receipt.clone().unwrap();
    let signed = stand
        .doors
        .accounts
        .receipt(cookie.clone(), receipt, NOW)
        .await
        .unwrap();
    assert_eq!(signed.unwrap().matches('.').count(), 2);
    let theirs = stand.cases().await[0].person;
    let theirs = stand.office.people.consents(theirs).await.unwrap()[0]
        .events
        .iter()
        .find_map(|event| event.receipt.clone())
        .unwrap();
    let denied = stand
        .doors
        .accounts
        .receipt(cookie.clone(), theirs, NOW)
        .await
        .unwrap();
    assert_eq!(denied, None);

    let export = || stand.doors.accounts.export(cookie.clone(), NOW);
    let first = export().await.unwrap().unwrap();
    for marker in ["quokka-name", "quokka-company", "quokka-message"] {
        assert_eq!(first.matches(marker).count(), 1, "{marker}");
    }
    assert!(!first.contains("wombat"));
    let json: serde_json::Value = serde_json::from_str(&first).unwrap();
    let by = |name: &str| {
        let readings = json["readings"].as_array().unwrap().iter();
        readings.filter(|one| one["by"] == name).count()
    };
    assert_eq!(by("staff"), 2);
    let staffs = json["readings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["by"] == "staff");
    assert!(
        staffs
            .into_iter()
            .all(|one| one["role"] == "manager" && !one["task"].is_null())
    );
    assert!(by("person") > 0);
    assert_eq!(json["disclosures"].as_array().unwrap().len(), 3);
    assert_eq!(json["receipts"].as_array().unwrap().len(), 2);
    // What was given out is itself in the ledger, and in the next export.
    let json: serde_json::Value = serde_json::from_str(&export().await.unwrap().unwrap()).unwrap();
    let disclosures = json["disclosures"].as_array().unwrap();
    let export = disclosures.iter().find(|one| one["by"] == "export").unwrap();
    assert_eq!(export["outcome"], "sent");
    let shown = overview(&stand, &cookie, NOW).await.passings;
    let files = shown.iter().filter(|passing| passing.to == "you, as a file");
    assert_eq!(files.count(), 2, "the page and the file have one source");
    let person = person_of(&stand, &cookie).await;
    assert_eq!(
        actions(&stand, person),
        [
            Action::Receive,
            Action::AccountCreated,
            Action::SignIn,
            Action::ConsentWithdrawn,
            Action::Export,
            Action::Export
        ]
    );
    let (opened, recorded) = stand.office.readings().await.unwrap();
    assert_eq!(opened, recorded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purpose_has_one_consent_for_all_enquiries_and_an_answer_is_seen_to_have_left() {
    let stand = Stand::new().await;
    stand.enquire("quokka").await;
    let case = stand.only_case().await;
    let mut without = enquiry(&stand, "quokka");
    without.agreed.clear();
    without.at = NOW.plus_ms(1);
    (stand.enquiries().take)(without).await.unwrap();
    let staff = Reader::Staff {
        account: 7,
        task: case.task.unwrap(),
        break_glass: false,
        second_factor: true,
    };
    let (subject, text) = (sealed("Your enquiry"), sealed("Gladly."));
    let people = &stand.office.people;
    let answer = people.reply(&staff, case.id, &subject, &text, NOW).await.unwrap();
    stand.office.hand_over(&answer, NOW).await.unwrap();
    stand.letters(1, NOW).await;

    let cookie = stand.enter(EMAIL, NOW).await;
    let shown = overview(&stand, &cookie, NOW).await;
    let purposes: Vec<_> = shown
        .consents
        .iter()
        .map(|one| (one.purpose, one.now.state))
        .collect();
    assert_eq!(purposes, [(Purpose::Newsletter, ChoiceState::Given)]);
    let states: Vec<_> = shown.consents[0].history.iter().map(|step| step.state).collect();
    assert_eq!(states, [ChoiceState::Given, ChoiceState::Refused]);
    let to: Vec<&str> = shown.passings.iter().map(|one| one.to.as_str()).collect();
    assert_eq!(
        to, ["you, by letter"; 4],
        "two of the consent, the answer, the link"
    );
    let withdraw = Act::Withdraw(shown.consents[0].id.clone());
    assert_eq!(act(&stand, &cookie, withdraw, NOW).await, Outcome::Done);
    let after = overview(&stand, &cookie, NOW).await.consents;
    assert_eq!((after.len(), after[0].now.state), (1, ChoiceState::Withdrawn));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_the_same_for_every_address_and_only_the_letter_differs() {
    let stand = Stand::new().await;
    let unknown = stand.link(EMAIL, NOW).await;
    let accounts = &stand.doors.accounts;
    assert!(
        accounts
            .open_link(unknown.clone(), Stay::Remembered, HOME.into(), NOW)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        accounts
            .open_link(unknown, Stay::Remembered, HOME.into(), NOW)
            .await
            .unwrap()
            .is_none(),
        "used up"
    );
    let wrong = Secret::draw().unwrap();
    assert!(
        accounts
            .open_link(wrong, Stay::Browser, HOME.into(), NOW)
            .await
            .unwrap()
            .is_none()
    );

    // One that is known, one that is not, and one that cannot be an address.
    for email in [EMAIL, "wombat@mail.example", "a@b,c@d.example"] {
        stand.ask(email, Language::Ru, NOW).await;
    }
    let letters = stand.letters(2, NOW).await;
    let mut got: Vec<(&str, &str)> = letters
        .iter()
        .map(|letter| (letter.to[0].address.reveal(), letter.subject.reveal()))
        .collect();
    got.sort_unstable();
    assert_eq!(
        got,
        [
            // In the language of the account.
            (EMAIL, "Sign in to your account"),
            ("wombat@mail.example", "Открыть личный кабинет"),
        ]
    );
    let late = NOW.plus_ms(16 * 60_000);
    let known = letters
        .iter()
        .find(|letter| letter.to[0].address.reveal() == EMAIL)
        .unwrap();
    assert!(
        accounts
            .open_link(secret(known), Stay::Browser, HOME.into(), late)
            .await
            .unwrap()
            .is_none(),
        "over"
    );
    let again = accounts
        .open_link(secret(known), Stay::Browser, HOME.into(), NOW)
        .await
        .unwrap();
    assert!(again.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_corrected_where_they_are_and_removed() {
    let stand = Stand::new().await;
    stand.enquire("quokka").await;
    let enquirer = stand.only_case().await.person;
    let later = NOW.plus_ms(1);
    let cookie = stand.enter(EMAIL, later).await;
    let account = person_of(&stand, &cookie).await;
    let form = correct(&[
        (FieldClass::Name, None, Some("quokka-name")),
        (FieldClass::Company, None, None),
        (FieldClass::Position, None, Some("quokka-position")),
        (FieldClass::Phone, None, None),
    ]);
    assert_eq!(act(&stand, &cookie, form, later).await, Outcome::Done);
    let shown = overview(&stand, &cookie, later).await;
    assert_eq!(value(&shown, FieldClass::Name), ["quokka-name"]);
    assert!(value(&shown, FieldClass::Company).is_empty());
    assert_eq!(value(&shown, FieldClass::Position), ["quokka-position"]);
    assert!(
        !actions(&stand, enquirer).contains(&Action::Correct),
        "the name was left alone"
    );
    assert!(actions(&stand, enquirer).contains(&Action::Erase));
    assert!(actions(&stand, account).contains(&Action::Correct));
    let address = correct(&[(FieldClass::Email, None, None)]);
    assert_eq!(act(&stand, &cookie, address, later).await, Outcome::NoSuch);

    // What another browser saved meanwhile is not undone, and nothing of that form is saved.
    let stale = correct(&[
        (FieldClass::Position, Some("quokka-position"), Some("quokka-lost")),
        (FieldClass::Name, Some("quokka-before"), Some("quokka-newname")),
    ]);
    assert_eq!(
        act(&stand, &cookie, stale, later).await,
        Outcome::Meanwhile(vec![FieldClass::Name])
    );
    let shown = overview(&stand, &cookie, later).await;
    assert_eq!(value(&shown, FieldClass::Name), ["quokka-name"]);
    assert_eq!(value(&shown, FieldClass::Position), ["quokka-position"]);

    let form = correct(&[(FieldClass::Name, Some("quokka-name"), Some("quokka-newname"))]);
    assert_eq!(act(&stand, &cookie, form, later).await, Outcome::Done);
    let shown = overview(&stand, &cookie, later).await;
    assert_eq!(value(&shown, FieldClass::Name), ["quokka-newname"]);
    let name = shown.fields.iter().find(|f| f.class == FieldClass::Name).unwrap();
    assert!(
        rights(name).contains(&(Purpose::AnswerEnquiry, LegalBasis::Contract, "account")),
        "it keeps what it is for, by the text that stood beside the form"
    );
    assert!(actions(&stand, enquirer).contains(&Action::Correct));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_signs_in_and_needs_a_fresh_link_to_be_set() {
    let stand = Stand::new().await;
    let cookie = stand.enter(EMAIL, NOW).await;
    let set = |text: &str| set_password(text, None);
    assert_eq!(
        act(&stand, &cookie, set("my quokka@mail.example"), NOW).await,
        Outcome::Password(PasswordFault::ContainsName)
    );
    let good = "a marmot sleeps in the snow";
    let stale = NOW.plus_ms(2 * HOUR_MS);
    assert_eq!(act(&stand, &cookie, set(good), stale).await, Outcome::SignInAgain);
    assert_eq!(act(&stand, &cookie, set(good), NOW).await, Outcome::Done);
    assert!(overview(&stand, &cookie, NOW).await.has_password);
    // Now the password shows who it is, where the link is too old.
    assert_eq!(
        overview(&stand, &cookie, stale).await.proof,
        ProofNeeded::Password
    );
    for (now, want) in [
        (None, Outcome::SignInAgain),
        (Some("a marmot sleeps in the rain"), Outcome::WrongPassword),
        (Some(good), Outcome::Done),
    ] {
        let got = act(&stand, &cookie, set_password(good, now), stale).await;
        assert_eq!(got, want, "{now:?}");
    }
    let accounts = &stand.doors.accounts;
    for (email, password, fits) in [
        (EMAIL, good, true),
        (EMAIL, "a marmot sleeps in the rain", false),
        ("wombat@mail.example", good, false),
    ] {
        let entered = accounts
            .sign_in(sealed(email), sealed(password), Stay::Browser, HOME.into(), NOW)
            .await
            .unwrap();
        assert_eq!(matches!(entered, Entered::In(_)), fits, "{email} {password}");
    }
    let sessions = overview(&stand, &cookie, NOW).await.sessions;
    let other = sessions.iter().find(|session| !session.is_this).unwrap().id;
    assert_eq!(
        act(&stand, &cookie, Act::EndSession(other), NOW).await,
        Outcome::Done
    );
    assert_eq!(
        act(&stand, &cookie, Act::EndSession(other), NOW).await,
        Outcome::Done
    );
    assert_eq!(overview(&stand, &cookie, NOW).await.sessions.len(), 1);
    let person = person_of(&stand, &cookie).await;
    assert_eq!(act(&stand, &cookie, Act::SignOut, NOW).await, Outcome::Done);
    assert_eq!(act(&stand, &cookie, Act::SignOut, NOW).await, Outcome::SignedOut);
    assert!(accounts.overview(cookie.clone(), NOW).await.unwrap().is_none());
    assert!(accounts.export(cookie, NOW).await.unwrap().is_none());
    assert_eq!(
        actions(&stand, person)[2..],
        [
            Action::SignIn,
            Action::PasswordChange,
            Action::PasswordChange,
            Action::SignIn,
            Action::SignInFailed,
            Action::SignOut,
            Action::SignOut
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_is_confirmed_by_its_letter_and_the_former_one_is_told() {
    let stand = Stand::new().await;
    let cookie = stand.enter(EMAIL, NOW).await;
    let change = Act::ChangeEmail {
        email: sealed("numbat@mail.example"),
        language: Language::En,
        site: crate::doors::stand::SITE.to_owned(),
        proof: proof(None),
    };
    assert_eq!(act(&stand, &cookie, change, NOW).await, Outcome::Done);
    let letter = stand.letters(1, NOW).await.remove(0);
    assert_eq!(letter.to[0].address.reveal(), "numbat@mail.example");
    let look = |link: Secret| stand.doors.accounts.look_at_link(link, NOW);
    assert_eq!(look(secret(&letter)).await.unwrap(), Some(LinkUse::Move));
    assert_eq!(
        overview(&stand, &cookie, NOW).await.email.unwrap().reveal(),
        EMAIL
    );

    let opened = stand
        .doors
        .accounts
        .open_link(secret(&letter), Stay::Browser, HOME.into(), NOW)
        .await;
    let there = opened.unwrap().expect("the link signs in");
    let shown = overview(&stand, &there, NOW).await;
    assert_eq!(shown.email.unwrap().reveal(), "numbat@mail.example");
    assert_eq!(look(secret(&letter)).await.unwrap(), None);
    let former = stand.doors.accounts.overview(cookie, NOW).await;
    assert!(former.unwrap().is_none(), "the other sign-ins are over");
    let told = stand.letters(1, NOW).await.remove(0);
    assert_eq!(told.to[0].address.reveal(), EMAIL);
    assert_eq!(told.subject.reveal(), "The address of your account has changed");
    stand.ask(EMAIL, Language::En, NOW).await;
    let letter = stand.letters(1, NOW).await.remove(0);
    assert_eq!(look(secret(&letter)).await.unwrap(), Some(LinkUse::SignIn));
    assert_eq!(letter.subject.reveal(), "Open your account");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_does_not_move_to_where_somebody_is_known() {
    let stand = Stand::new().await;
    stand.enquire("quokka").await;
    let cookie = stand.enter("numbat@mail.example", NOW).await;
    for email in [EMAIL, "wombat@mail.example"] {
        let change = Act::ChangeEmail {
            email: sealed(email),
            language: Language::En,
            site: crate::doors::stand::SITE.to_owned(),
            proof: proof(None),
        };
        assert_eq!(act(&stand, &cookie, change, NOW).await, Outcome::Done);
        let letter = stand.letters(1, NOW).await.remove(0);
        assert_eq!(letter.to[0].address.reveal(), email);
        let has_link = letter.text.reveal().contains("token=");
        assert_eq!(has_link, email != EMAIL, "{email}");
        if !has_link {
            assert_eq!(letter.subject.reveal(), "No account was moved to this address");
        }
    }
    // What is hers comes to her by a link that she asks for.
    let hers = stand.enter(EMAIL, NOW).await;
    let shown = overview(&stand, &hers, NOW).await;
    assert_eq!(value(&shown, FieldClass::Name), ["quokka-name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_is_gone_and_enquiries_keep_their_own_time() {
    let stand = Stand::new().await;
    stand.enquire("quokka").await;
    let enquirer = stand.only_case().await.person;
    let cookie = stand.enter(EMAIL, NOW).await;
    let account = person_of(&stand, &cookie).await;
    let stale = NOW.plus_ms(2 * HOUR_MS);
    assert_eq!(
        act(&stand, &cookie, Act::Delete(proof(None)), stale).await,
        Outcome::SignInAgain
    );
    assert!(stand.office.vault.values(account).await.is_ok());

    assert_eq!(
        act(&stand, &cookie, Act::Delete(proof(None)), NOW).await,
        Outcome::Left(Left::default())
    );
    assert!(
        stand
            .doors
            .accounts
            .overview(cookie, NOW)
            .await
            .unwrap()
            .is_none()
    );
    assert!(stand.office.vault.values(account).await.is_err(), "erased");
    assert_eq!(stand.office.vault.values(enquirer).await.unwrap().len(), 4);
    let consents = stand.office.people.consents(enquirer).await.unwrap();
    assert!(!consents[0].state.allows_use());
    let recorded = actions(&stand, account);
    assert!(
        recorded.ends_with(&[Action::AccountDisabled, Action::Erase]),
        "{recorded:?}"
    );

    // The same address again: another account, which finds the enquiry.
    let cookie = stand.enter(EMAIL, NOW).await;
    assert_ne!(person_of(&stand, &cookie).await, account);
    assert_eq!(
        value(&overview(&stand, &cookie, NOW).await, FieldClass::Name),
        ["quokka-name"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_sign_ins_wait_by_network_and_are_recorded_without_a_contact() {
    let stand = Stand::new().await;
    let cookie = stand.enter(EMAIL, NOW).await;
    let person = person_of(&stand, &cookie).await;
    let good = "a marmot sleeps in the snow";
    let set = set_password(good, None);
    assert_eq!(act(&stand, &cookie, set, NOW).await, Outcome::Done);
    let enter = async |email: &str, password: &str, network: &str| {
        let accounts = &stand.doors.accounts;
        let entered = accounts.sign_in(
            sealed(email),
            sealed(password),
            Stay::Browser,
            network.into(),
            NOW,
        );
        entered.await.unwrap()
    };
    for _ in 0..3 {
        assert!(matches!(
            enter(EMAIL, "wrong", "198.51.100.9").await,
            Entered::Wrong
        ));
    }
    for password in ["wrong", good] {
        let entered = enter(EMAIL, password, "198.51.100.9").await;
        assert!(matches!(entered, Entered::Wait { wait_ms: 1_000 }), "{entered:?}");
    }
    assert!(
        matches!(enter(EMAIL, good, HOME).await, Entered::In(_)),
        "the owner elsewhere does not wait"
    );
    // One network, many addresses: its budget ends.
    let mut wrong = 0;
    while matches!(
        enter(&format!("nobody{wrong}@mail.example"), "x", "203.0.113.5").await,
        Entered::Wrong
    ) {
        wrong += 1;
        assert!(wrong < 100, "no end");
    }
    assert_eq!(wrong, 30);

    stand.office.record_refusals(NOW).await.unwrap();
    let log = stand.office.audit.newest(None, 1_000).unwrap();
    let of = |action: Action| {
        let entries = log.iter().map(|numbered| &numbered.entry);
        entries.filter(move |entry| entry.action == action)
    };
    assert!(of(Action::SignInFailed).all(|entry| entry.actor == Actor::System));
    let tried = of(Action::SignInFailed).filter_map(|entry| entry.subject.person);
    assert_eq!(tried.collect::<Vec<_>>(), [person; 3]);
    let word = |entry: &audit::Entry| entry.purpose.as_ref().map(ToString::to_string);
    let counted: Vec<_> = of(Action::SignInFailed)
        .chain(of(Action::Refused))
        .filter(|entry| entry.count > 0)
        .map(|entry| (word(entry).unwrap(), entry.count))
        .collect();
    let want = [("unknown_login".to_owned(), 30), ("too_many".to_owned(), 3)];
    assert_eq!(counted, want, "addresses of nobody are one entry, however many");
    let factors: Vec<_> = of(Action::SignIn).filter_map(word).collect();
    assert_eq!(factors, ["password", "link"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_under_attack_from_everywhere_waits_and_a_link_signs_in() {
    let stand = Stand::new().await;
    let cookie = stand.enter(EMAIL, NOW).await;
    let good = "a marmot sleeps in the snow";
    let set = set_password(good, None);
    assert_eq!(act(&stand, &cookie, set, NOW).await, Outcome::Done);
    let enter = async |password: &str, network: String| {
        let accounts = &stand.doors.accounts;
        let entered = accounts.sign_in(sealed(EMAIL), sealed(password), Stay::Browser, network, NOW);
        entered.await.unwrap()
    };
    let mut wrong = 0;
    for number in 0..60 {
        let entered = enter("wrong", format!("198.51.100.{number}")).await;
        wrong += usize::from(matches!(entered, Entered::Wrong));
    }
    assert_eq!(wrong, 40);
    let hotel = enter(good, "hotel".into()).await;
    assert!(
        matches!(hotel, Entered::TakeLink { wait_ms: 120_000 }),
        "{hotel:?}"
    );
    // From where the link was followed the password opens.
    assert!(matches!(enter(good, HOME.into()).await, Entered::In(_)));
    stand.enter(EMAIL, NOW).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_for_by_somebody_unnamed_and_requests_are_taken() {
    for (address, email, has_form) in [("1 Road", "", true), ("", "privacy@localhost", false)] {
        let stand = Stand::of(Controller {
            address: address.into(),
            email: email.into(),
            ..office::trial::controller()
        })
        .await;
        let doors = &stand.doors;
        let consents = doors
            .enquiries
            .as_ref()
            .map(|door| (door.terms)(Language::En).consents.len());
        assert_eq!(consents, has_form.then_some(0), "{address}");
        assert_eq!(doors.accounts.terms(Language::Ru).is_some(), has_form);
        let notice = (doors.rights.terms)(Language::Ru).text;
        assert!(
            !notice.contains(", ,") && !notice.contains("localhost"),
            "{notice}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_a_law_and_a_contract_stand_in_the_way_and_are_named() {
    let stand = Stand::new().await;
    stand.enquire("quokka").await;
    let enquirer = stand.only_case().await.person;
    let cookie = stand.enter(EMAIL, NOW).await;
    let account = person_of(&stand, &cookie).await;
    let office = &stand.office;
    let runs = Agreed {
        from: NOW,
        until: None,
    };
    // Said of the account, it goes for the enquiry that the account claimed too.
    office
        .set_contract(account, Some(runs), Actor::Staff(7), NOW)
        .await
        .unwrap();
    assert!(actions(&stand, enquirer).contains(&Action::KeepingChanged));
    let law = (
        &[FieldClass::Name][..],
        NOW.plus_ms(2_000 * DAY_MS),
        "402-FZ, article 29",
    );
    office
        .add_duty(enquirer, law, Actor::Staff(7), NOW)
        .await
        .unwrap();
    let shown = overview(&stand, &cookie, NOW).await;
    let name = shown.fields.iter().find(|f| f.class == FieldClass::Name).unwrap();
    assert_eq!((name.until, name.why), (None, Some(Why::Contract)));
    assert_eq!(name.laws[0].reveal(), "402-FZ, article 29");
    let left = Left {
        by_hold: false,
        by_law: true,
        by_contract: true,
    };
    assert_eq!(
        act(&stand, &cookie, Act::AskDelete, NOW).await,
        Outcome::Left(left)
    );

    let hold = NewHold {
        owner: 7,
        reason: "a dispute",
        review: NOW.plus_ms(DAY_MS),
    };
    let hold = office
        .place_hold(enquirer, hold, Actor::Staff(7), NOW)
        .await
        .unwrap();
    // The page sends all of its fields; one that is frozen stops the whole form.
    for (class, text) in [
        (FieldClass::Name, Some("quokka-other")),
        (FieldClass::Company, None),
    ] {
        let form = correct(&[(FieldClass::Position, None, Some("new")), (class, None, text)]);
        assert_eq!(act(&stand, &cookie, form, NOW).await, Outcome::OnHold);
    }
    let shown = overview(&stand, &cookie, NOW).await;
    assert!(
        value(&shown, FieldClass::Position).is_empty(),
        "nothing was saved"
    );
    assert_eq!(value(&shown, FieldClass::Name), ["quokka-name"]);
    let name = shown.fields.iter().find(|f| f.class == FieldClass::Name).unwrap();
    assert_eq!((name.until, name.why), (None, Some(Why::Hold)));
    let form = correct(&[
        (FieldClass::Position, None, Some("new")),
        (FieldClass::Name, None, Some("quokka-name")),
    ]);
    assert_eq!(
        act(&stand, &cookie, form, NOW).await,
        Outcome::Done,
        "what is new or stays is saved"
    );
    let export = stand.doors.accounts.export(cookie.clone(), NOW).await.unwrap();
    let export: serde_json::Value = serde_json::from_str(&export.unwrap()).unwrap();
    let fields = export["fields"].as_array().unwrap();
    let name = fields.iter().find(|field| field["class"] == "name").unwrap();
    assert_eq!(name["kept"]["why"], "hold");
    assert_eq!(name["kept"]["laws"][0], "402-FZ, article 29");

    let left = Left {
        by_hold: true,
        ..left
    };
    assert_eq!(
        act(&stand, &cookie, Act::Delete(proof(None)), NOW).await,
        Outcome::Left(left)
    );
    assert_eq!(
        office.vault.values(enquirer).await.unwrap().len(),
        4,
        "the account is gone and what is held stays"
    );
    office.release_hold(hold, 7, Actor::Staff(7), NOW).await.unwrap();
    assert!(actions(&stand, enquirer).contains(&Action::HoldReleased));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_is_allowed_and_refused_in_the_account_each_by_its_own_document() {
    let stand = Stand::new().await;
    stand.enquire("quokka").await;
    let enquirer = stand.only_case().await.person;
    let cookie = stand.enter(EMAIL, NOW).await;
    let person = person_of(&stand, &cookie).await;
    let before = overview(&stand, &cookie, NOW).await;
    assert!(before.offers.is_empty(), "it is given");
    let withdraw = Act::Withdraw(before.consents[0].id.clone());
    assert_eq!(act(&stand, &cookie, withdraw, NOW).await, Outcome::Done);

    let offers = overview(&stand, &cookie, NOW).await.offers;
    assert!(offers.len() == 1 && offers[0].is_refused && !offers[0].is_asked);
    let answer = |gives: bool, version: u32| {
        let mut wording = offers[0].wording.shown();
        wording.version = version;
        Act::Choose {
            wording,
            language: Language::En,
            form_sha256: [6; 32],
            gives,
        }
    };
    for (gives, action) in [(true, Action::ConsentGiven), (false, Action::ConsentRefused)] {
        assert_eq!(act(&stand, &cookie, answer(gives, 1), NOW).await, Outcome::Done);
        let shown = overview(&stand, &cookie, NOW).await;
        assert_eq!(shown.offers.is_empty(), gives);
        assert_eq!(shown.consents[0].now.state == ChoiceState::Given, gives);
        assert!(shown.consents[0].receipt.is_some());
        assert_eq!(actions(&stand, person).last(), Some(&action));
        let people = &stand.office.people;
        let state = people.consent_state(person, Purpose::Newsletter).await.unwrap();
        assert_eq!(state.allows_use(), gives);
    }
    let state = stand
        .office
        .people
        .consent_state(enquirer, Purpose::Newsletter)
        .await
        .unwrap();
    assert!(!state.allows_use());
    assert_eq!(act(&stand, &cookie, answer(true, 9), NOW).await, Outcome::NoSuch);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_the_persons_to_choose_and_letters_about_an_account_are_in_its_ledger() {
    let stand = Stand::new().await;
    let cookie = stand.enter(EMAIL, NOW).await;
    let person = person_of(&stand, &cookie).await;
    let done = act(&stand, &cookie, Act::SetLanguage(Language::Ru), NOW).await;
    assert_eq!(done, Outcome::Done);
    assert_eq!(overview(&stand, &cookie, NOW).await.language, Some(Language::Ru));
    stand.ask(EMAIL, Language::En, NOW).await;
    let letter = stand.letters(1, NOW).await.remove(0);
    assert_eq!(letter.subject.reveal(), "Вход в личный кабинет");
    let change = |email: &str| Act::ChangeEmail {
        email: sealed(email),
        language: Language::En,
        site: crate::doors::stand::SITE.to_owned(),
        proof: proof(None),
    };
    assert_eq!(
        act(&stand, &cookie, change("numbat@mail.example"), NOW).await,
        Outcome::Done
    );
    stand.letters(1, NOW).await;
    let services: Vec<String> = stand
        .office
        .sharing
        .ledger
        .of_person(person)
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.what.service)
        .collect();
    for service in ["sign_in_link", "new_address_link"] {
        assert!(services.iter().any(|one| one == service), "{services:?}");
    }
    // What no letter can go to, and too many letters.
    for email in ["a\u{ff20}b@x.example", "nobody"] {
        assert_eq!(act(&stand, &cookie, change(email), NOW).await, Outcome::Address);
    }
    for _ in 0..2 {
        assert_eq!(
            act(&stand, &cookie, change("numbat@mail.example"), NOW).await,
            Outcome::Done
        );
    }
    let often = act(&stand, &cookie, change("numbat@mail.example"), NOW).await;
    assert!(
        matches!(often, Outcome::Wait { wait_ms } if wait_ms > 0),
        "{often:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_lives_in_a_page_does_not_outlive_the_hour() {
    let stand = Stand::new().await;
    let link = stand.link(EMAIL, NOW).await;
    let opened = stand
        .doors
        .accounts
        .open_link(link, Stay::Page, HOME.into(), NOW)
        .await
        .unwrap();
    let page = opened.expect("a fresh link works");
    for (at, is_in) in [(HOUR_MS - 1, true), (HOUR_MS, false)] {
        let shown = stand.doors.accounts.overview(page.clone(), NOW.plus_ms(at)).await;
        assert_eq!(shown.unwrap().is_some(), is_in, "{at}");
    }
}
