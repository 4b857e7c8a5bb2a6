//! Apps, recovery codes, and signing in in two steps.

use crate::stand::{
    ANNA, ELSEWHERE, FORM, HOME, NOW, OLGA, PASSWORD, after, app, done, enrolled, from, half, member, owner,
    refusal, register, signed_in,
};
use sqldb::trial::trials;
use staff::migrations::MIGRATIONS;
use staff::second_factor::ENROLMENT_MS;
use staff::step::SECOND_STEP_MS;
use staff::{AccountId, Error, Origin, Refusal, Role, Secret, SetUpForm, Staff, StaffKey, Used};
use vocabulary::Moment;

async fn half_signed_in(staff: &Staff, origin: Origin<'_>, now: Moment) -> Secret {
    half(staff.sign_in(OLGA, PASSWORD, origin, now).await.unwrap())
}

#[tokio::test]
async fn an_app_counts_once_it_is_confirmed_and_every_other_sign_in_ends() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        let owner = owner(&staff).await;
        let (cookie, who) = signed_in(&staff, OLGA).await;
        let (other, _) = signed_in(&staff, OLGA).await;
        let wrong = staff.begin_enrolment(&who, "wrong", "Agency", HOME, NOW).await;
        assert_eq!(
            refusal(wrong),
            Refusal::WrongCredentials,
            "the cookie alone is not enough"
        );
        let nothing = staff.confirm_enrolment(&who, "123456", HOME, NOW).await;
        assert_eq!(refusal(nothing), Refusal::TooLate);

        let begin = async || {
            let card = staff.begin_enrolment(&who, PASSWORD, "Agency", HOME, NOW).await;
            app(&card.unwrap())
        };
        let (earlier, app) = (begin().await, begin().await);
        let confirm = async |code: &str, now| staff.confirm_enrolment(&who, code, HOME, now).await;
        let late = NOW.plus_ms(ENROLMENT_MS);
        assert_eq!(
            refusal(confirm(app.code(late.0).reveal(), late).await),
            Refusal::TooLate
        );
        assert_eq!(
            refusal(confirm(earlier.code(NOW.0).reveal(), NOW).await),
            Refusal::WrongCode,
            "of the card before"
        );
        done(staff.sign_in(OLGA, PASSWORD, HOME, NOW).await.unwrap());
        assert!(!staff.account(owner.id).await.unwrap().second_factor);

        let now = after(1);
        let enrolled = confirm(app.code(now.0).reveal(), now).await.unwrap();
        assert_eq!((enrolled.recovery_codes.len(), enrolled.replaced), (10, false));
        for ended in [&cookie, &other] {
            assert!(staff.signed_in(ended, now).await.unwrap().is_none());
        }
        let who = staff.signed_in(&enrolled.cookie, now).await.unwrap().unwrap();
        assert!(who.second_factor && who.account.second_factor);
        let listed = staff.sign_ins(owner.id, now).await.unwrap();
        assert_eq!(
            listed.iter().map(|s| (s.id, s.second_factor)).collect::<Vec<_>>(),
            [(who.sign_in, true)]
        );
        assert_eq!(
            refusal(confirm(app.code(now.0).reveal(), now).await),
            Refusal::TooLate,
            "it is used up"
        );
    }
}

#[tokio::test]
async fn the_second_step_takes_a_code_that_was_never_used() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        let owner = owner(&staff).await;
        let (app, enrolled) = enrolled(&staff, &signed_in(&staff, OLGA).await.1).await;
        let pending = half_signed_in(&staff, HOME, NOW).await;
        assert_eq!(staff.pending(&pending, NOW).await.unwrap(), Some(owner.id));
        assert!(
            staff.signed_in(&pending, NOW).await.unwrap().is_none(),
            "it opens nothing"
        );
        let step =
            async |pending: &Secret, code: &str, now| staff.second_step(pending, code, HOME, now).await;
        for (code, why) in [
            (app.code(NOW.0).reveal(), "used to enrol"),
            (app.code(after(5).0).reveal(), "of another time"),
            ("", "none"),
        ] {
            assert_eq!(
                refusal(step(&pending, code, NOW).await),
                Refusal::WrongCode,
                "{why}"
            );
        }
        let late = NOW.plus_ms(SECOND_STEP_MS);
        assert_eq!(
            refusal(step(&pending, app.code(late.0).reveal(), late).await),
            Refusal::TooLate
        );
        assert_eq!(
            refusal(step(&Secret::draw().unwrap(), "123456", NOW).await),
            Refusal::TooLate
        );

        // One code at two first steps at once.
        let (now, code) = (after(2), app.code(after(2).0));
        let other = half_signed_in(&staff, HOME, now).await;
        let (first, second) = tokio::join!(
            step(&pending, code.reveal(), now),
            step(&other, code.reveal(), now)
        );
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let left = if first.is_ok() { other } else { pending };
        let good = first.or(second).unwrap();
        assert_eq!(good.used, Used::Code);
        let who = staff.signed_in(&good.cookie, now).await.unwrap();
        assert_eq!(who.as_ref(), Some(&good.signed_in));
        assert!(who.unwrap().second_factor);
        // The step before is over with it; the next is not.
        let before = app.code(now.0 - 30_000);
        assert_eq!(
            refusal(step(&left, before.reveal(), now).await),
            Refusal::WrongCode
        );
        let next = app.code(now.0 + 30_000);
        step(&left, next.reveal(), now).await.unwrap();
        assert_eq!(
            refusal(step(&left, app.code(now.0 + 60_000).reveal(), now.plus_ms(60_000)).await),
            Refusal::TooLate,
            "a first step leads to one sign-in"
        );

        // Two good things at one first step at once.
        let now = after(10);
        let pending = half_signed_in(&staff, HOME, now).await;
        let (code, recovery_code) = (app.code(now.0), enrolled.recovery_codes[0].text());
        let (first, second) = tokio::join!(
            step(&pending, code.reveal(), now),
            step(&pending, recovery_code.reveal(), now)
        );
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let left = staff.recovery_codes_left(owner.id).await.unwrap();
        assert_eq!(
            left,
            if second.is_ok() { 9 } else { 10 },
            "the other is not used up"
        );
    }
}

#[tokio::test]
async fn recovery_codes_are_good_once_and_can_be_made_anew() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        let owner = owner(&staff).await;
        let (_, weak) = signed_in(&staff, OLGA).await;
        let (_, enrolled) = enrolled(&staff, &weak).await;
        let codes = &enrolled.recovery_codes;
        let sign_in = async |code: &str| {
            let pending = half_signed_in(&staff, HOME, NOW).await;
            staff.second_step(&pending, code, HOME, NOW).await
        };
        let typed = codes[3].text().reveal().to_lowercase().replace('-', " ");
        let used = sign_in(&typed).await.unwrap();
        assert_eq!(used.used, Used::RecoveryCode { left: 9 });
        assert!(used.signed_in.second_factor);
        assert_eq!(refusal(sign_in(&typed).await), Refusal::WrongCode);
        assert_eq!(staff.recovery_codes_left(owner.id).await.unwrap(), 9);

        let renew = async |who, password| staff.renew_recovery_codes(who, password, HOME, NOW).await;
        assert_eq!(refusal(renew(&weak, PASSWORD).await), Refusal::SecondFactorNeeded);
        assert_eq!(
            refusal(renew(&used.signed_in, "wrong").await),
            Refusal::WrongCredentials
        );
        let fresh = renew(&used.signed_in, PASSWORD).await.unwrap();
        assert_eq!(staff.recovery_codes_left(owner.id).await.unwrap(), 10);
        assert_eq!(
            refusal(sign_in(codes[0].text().reveal()).await),
            Refusal::WrongCode,
            "of the old ones"
        );
        sign_in(fresh[0].text().reveal()).await.unwrap();
    }
}

#[tokio::test]
async fn a_thief_of_the_password_cannot_guess_codes_and_locks_nobody_out() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        owner(&staff).await;
        let (app, enrolled) = enrolled(&staff, &signed_in(&staff, OLGA).await.1).await;
        let pending = half_signed_in(&staff, HOME, after(1)).await;
        let code = app.code(after(1).0);
        staff
            .second_step(&pending, code.reveal(), HOME, after(1))
            .await
            .unwrap();

        // From thirty addresses, until not even the right code is accepted there.
        let now = after(2);
        let mut tried = 0;
        for number in 0..30 {
            let address = format!("203.0.113.{number}");
            let pending = half_signed_in(&staff, from(&address), now).await;
            let wrong = staff.second_step(&pending, "000000", from(&address), now).await;
            match refusal(wrong) {
                Refusal::WrongCode => tried += 1,
                Refusal::TooManyGuesses { wait_ms } => assert_eq!(wait_ms, 600_000),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(tried, 10);
        let pending = half_signed_in(&staff, ELSEWHERE, now).await;
        let code = app.code(now.0);
        let strange = staff.second_step(&pending, code.reveal(), ELSEWHERE, now).await;
        assert!(matches!(refusal(strange), Refusal::TooManyGuesses { .. }));

        // The owner goes on where she signed in before, and everywhere by a recovery code.
        let known = half_signed_in(&staff, HOME, now).await;
        staff.second_step(&known, code.reveal(), HOME, now).await.unwrap();
        let recovery_code = enrolled.recovery_codes[0].text();
        staff
            .second_step(&pending, recovery_code.reveal(), ELSEWHERE, now)
            .await
            .unwrap();
        // And there by codes from then on.
        let pending = half_signed_in(&staff, ELSEWHERE, after(4)).await;
        let code = app.code(after(4).0);
        staff
            .second_step(&pending, code.reveal(), ELSEWHERE, after(4))
            .await
            .unwrap();

        // At one address, waiting doubles.
        let now = after(100);
        let pending = half_signed_in(&staff, from("203.0.113.200"), now).await;
        let refusals = async |typed: &str| {
            let origin = from("203.0.113.200");
            refusal(staff.second_step(&pending, typed, origin, now).await)
        };
        for _ in 0..3 {
            assert_eq!(refusals("000000").await, Refusal::WrongCode);
        }
        for typed in ["000000", "0000-0000-0000-0000"] {
            assert_eq!(
                refusals(typed).await,
                Refusal::TooManyAttempts { wait_ms: 1_000 },
                "{typed}"
            );
        }
    }
}

#[tokio::test]
async fn an_app_is_replaced_with_the_one_before_or_reset_by_others() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        owner(&staff).await;
        let anna = member(&staff, ANNA.login, Role::Manager).await;
        let (_, weak) = signed_in(&staff, ANNA.login).await;
        let (_, old) = enrolled(&staff, &weak).await;
        // A sign-in from before the app, as a thief's page may still think it is.
        let stale = staff.begin_enrolment(&weak, PASSWORD, "Agency", HOME, NOW).await;
        assert_eq!(refusal(stale), Refusal::SecondFactorNeeded);
        let who = staff.signed_in(&old.cookie, NOW).await.unwrap().unwrap();
        let (app, new) = enrolled(&staff, &who).await;
        assert!(new.replaced);
        assert_eq!(staff.recovery_codes_left(anna).await.unwrap(), 10);
        assert!(staff.signed_in(&old.cookie, NOW).await.unwrap().is_none());
        let sign_in = async |now| half(staff.sign_in(ANNA.login, PASSWORD, HOME, now).await.unwrap());
        let pending = sign_in(after(1)).await;
        let stolen = old.recovery_codes[0].text();
        assert_eq!(
            refusal(staff.second_step(&pending, stolen.reveal(), HOME, after(1)).await),
            Refusal::WrongCode
        );
        let code = app.code(after(1).0);
        staff
            .second_step(&pending, code.reveal(), HOME, after(1))
            .await
            .unwrap();

        // A new password does not go around the second factor, and ends what waits for it.
        let pending = sign_in(after(2)).await;
        let link = staff.link_for(anna, NOW).await.unwrap();
        let form = SetUpForm { name: "Anna", ..FORM };
        staff.finish_set_up(&link, form, NOW).await.unwrap();
        assert_eq!(staff.pending(&pending, after(2)).await.unwrap(), None);
        sign_in(after(2)).await;

        let waits = sign_in(after(3)).await;
        let signed_in = staff
            .second_step(&waits, app.code(after(3).0).reveal(), HOME, after(3))
            .await;
        let cookie = signed_in.unwrap().cookie;
        assert_eq!(staff.reset_second_factor(anna).await.unwrap(), 1);
        assert!(staff.signed_in(&cookie, after(3)).await.unwrap().is_none());
        assert_eq!(staff.recovery_codes_left(anna).await.unwrap(), 0);
        let (_, who) = done(staff.sign_in(ANNA.login, PASSWORD, HOME, after(3)).await.unwrap());
        assert!(!who.second_factor && who.must_enrol());
        assert!(matches!(
            staff.reset_second_factor(anna).await,
            Err(Error::NotFound(_))
        ));
        // Who is barred is not asked for a code.
        let (_, _) = enrolled(&staff, &who).await;
        let pending = sign_in(after(4)).await;
        staff.disable_account(anna, after(4)).await.unwrap();
        assert_eq!(staff.pending(&pending, after(4)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn accounts_from_before_second_factors_go_on() {
    for trial in trials().await.unwrap() {
        let database = trial.open().await.unwrap();
        database.migrate("staff", &MIGRATIONS[..1]).await.unwrap();
        let cookie = Secret::draw().unwrap();
        sqlx::query(
            "INSERT INTO accounts (login, name, language, role, created_ms) VALUES ('anna', 'Anna', 'en', 'owner', 1)",
        )
        .execute(database.pool())
        .await
        .unwrap();
        sqlx::query("INSERT INTO sign_ins (account, sha256, created_ms, seen_ms) VALUES (1, $1, $2, $2)")
            .bind(cookie.digest())
            .bind(NOW.0)
            .execute(database.pool())
            .await
            .unwrap();
        let staff = register(&trial).await;
        let who = staff.signed_in(&cookie, NOW).await.unwrap().unwrap();
        assert_eq!(who.account.id, AccountId(1));
        assert!(!who.second_factor && !who.account.second_factor && who.must_enrol());
        let listed = staff.sign_ins(who.account.id, NOW).await.unwrap();
        assert_eq!((listed.len(), listed[0].browser.as_str()), (1, ""));
    }
}

#[tokio::test]
async fn what_is_swept_and_what_is_kept() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        owner(&staff).await;
        let (_, who) = signed_in(&staff, OLGA).await;
        let (_, enrolled) = enrolled(&staff, &who).await;
        half_signed_in(&staff, HOME, NOW).await;
        let who = staff.signed_in(&enrolled.cookie, NOW).await.unwrap().unwrap();
        staff
            .begin_enrolment(&who, PASSWORD, "Agency", HOME, NOW)
            .await
            .unwrap();
        assert_eq!(staff.sweep(NOW.plus_ms(SECOND_STEP_MS - 1)).await.unwrap(), 0);
        assert_eq!(staff.sweep(NOW.plus_ms(SECOND_STEP_MS)).await.unwrap(), 1);
        assert_eq!(staff.sweep(NOW.plus_ms(ENROLMENT_MS)).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn secrets_lie_sealed_and_only_their_key_opens_them() {
    let trial = sqldb::trial::sqlite().unwrap();
    let staff = register(&trial).await;
    owner(&staff).await;
    let (_, who) = signed_in(&staff, OLGA).await;
    let card = staff
        .begin_enrolment(&who, PASSWORD, "Agency", HOME, NOW)
        .await
        .unwrap();
    let app = app(&card);
    let enrolled = staff
        .confirm_enrolment(&who, app.code(NOW.0).reveal(), HOME, NOW)
        .await
        .unwrap();
    let pending = half_signed_in(&staff, HOME, NOW).await;
    let shown = format!("{card:?} {enrolled:?} {staff:?}");
    let files = || {
        let folder = std::path::Path::new(&trial.place).parent().unwrap();
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            files.extend(std::fs::read(entry.unwrap().path()).unwrap());
        }
        files
    };
    let files = files();
    let stored = |bytes: &[u8]| files.windows(bytes.len()).any(|w| w == bytes);
    assert!(stored(HOME.browser.as_bytes()), "the search finds what is there");
    let (text, code) = (card.text.reveal(), enrolled.recovery_codes[0].text());
    for secret in [
        app.bytes(),
        text.as_bytes(),
        text.replace(' ', "").as_bytes(),
        code.reveal().as_bytes(),
        code.reveal().replace('-', "").as_bytes(),
        pending.text().as_bytes(),
        pending.bytes(),
        enrolled.cookie.bytes(),
        &[7; 32],
    ] {
        assert!(!stored(secret));
        let text = String::from_utf8_lossy(secret);
        assert!(!shown.contains(&*text), "{text} in {shown}");
    }

    let other = Staff::open(trial.open().await.unwrap(), StaffKey::new([8; 32]))
        .await
        .unwrap();
    let step = other
        .second_step(&pending, app.code(after(1).0).reveal(), HOME, after(1))
        .await;
    assert!(matches!(step, Err(Error::Key)), "{step:?}");
    let code = enrolled.recovery_codes[1].text();
    other
        .second_step(&pending, code.reveal(), HOME, after(1))
        .await
        .unwrap();
}
