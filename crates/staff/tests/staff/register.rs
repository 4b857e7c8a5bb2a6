//! Accounts, links, sign-ins and sites.

use crate::stand::{ANNA, ELSEWHERE, FORM, HOME, NOW, OLGA, PASSWORD, done, from, owner, refusal, register};
use sqldb::trial::trials;
use staff::set_up::LINK_LIFETIME_MS;
use staff::sign_in::LIFETIMES;
use staff::{Error, Language, NewAccount, PasswordFault, Refusal, Role, Secret, SetUp, SetUpForm};
use vocabulary::{SiteId, moment::MINUTE_MS};

#[tokio::test]
async fn the_first_owner_sets_up_by_a_link_that_works_once() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        let old = staff.link_for_first_owner(NOW).await.unwrap();
        let link = staff.link_for_first_owner(NOW).await.unwrap();
        assert_eq!(refusal(staff.set_up(&old, NOW).await), Refusal::Link, "replaced");
        assert_eq!(
            refusal(staff.set_up(&Secret::draw().unwrap(), NOW).await),
            Refusal::Link
        );
        assert_eq!(staff.set_up(&link, NOW).await.unwrap(), SetUp::FirstOwner);
        let late = NOW.plus_ms(LINK_LIFETIME_MS);
        assert_eq!(refusal(staff.set_up(&link, late).await), Refusal::Link);
        assert_eq!(
            refusal(staff.finish_set_up(&link, FORM, late).await),
            Refusal::Link
        );

        // What is wrong in the form does not use the link up.
        for (form, want) in [
            (SetUpForm { login: "o p", ..FORM }, Refusal::Login),
            (SetUpForm { name: " ", ..FORM }, Refusal::Name),
            (
                SetUpForm {
                    password: "short",
                    ..FORM
                },
                Refusal::Password(PasswordFault::TooShort),
            ),
            (
                SetUpForm {
                    password: "olga petrova's own",
                    ..FORM
                },
                Refusal::Password(PasswordFault::ContainsName),
            ),
        ] {
            assert_eq!(refusal(staff.finish_set_up(&link, form, NOW).await), want);
        }
        let (first, second) = tokio::join!(
            staff.finish_set_up(&link, FORM, NOW),
            staff.finish_set_up(&link, FORM, NOW)
        );
        assert!(
            first.is_ok() != second.is_ok(),
            "exactly one of two at once: {first:?} {second:?}"
        );
        let owner = first.or(second).unwrap();
        assert_eq!(
            (owner.login.reveal(), owner.name.reveal()),
            ("olga@agency.example", "Olga Petrova")
        );
        assert_eq!(
            (owner.role, owner.language, owner.is_set_up),
            (Role::Owner, Language::Ru, true)
        );
        assert_eq!(
            refusal(staff.finish_set_up(&link, FORM, NOW).await),
            Refusal::Link
        );
        assert_eq!(
            refusal(staff.link_for_first_owner(NOW).await),
            Refusal::OwnerExists
        );
    }
}

#[tokio::test]
async fn invited_accounts_set_a_password_and_forgotten_ones_are_replaced() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        let (id, link) = staff.invite(ANNA, NOW).await.unwrap();
        assert_eq!(
            refusal(
                staff
                    .invite(
                        NewAccount {
                            login: " ANNA",
                            ..ANNA
                        },
                        NOW
                    )
                    .await
            ),
            Refusal::LoginTaken
        );
        let SetUp::Account(invited) = staff.set_up(&link, NOW).await.unwrap() else {
            panic!("a link for an account")
        };
        assert_eq!((invited.id, invited.is_set_up), (id, false));
        assert_eq!(
            refusal(staff.sign_in("anna", "", HOME, NOW).await),
            Refusal::WrongCredentials,
            "no password yet"
        );
        let form = SetUpForm {
            login: "somebody-else",
            name: "Anna K",
            ..FORM
        };
        let anna = staff.finish_set_up(&link, form, NOW).await.unwrap();
        assert_eq!(
            (anna.id, anna.login.reveal(), anna.name.reveal()),
            (id, "anna", "Anna K")
        );
        assert_eq!((anna.role, anna.is_set_up), (Role::Analyst, true));

        let (cookie, _) = done(staff.sign_in("anna", PASSWORD, HOME, NOW).await.unwrap());
        let link = staff.link_for(id, NOW).await.unwrap();
        assert!(
            staff.signed_in(&cookie, NOW).await.unwrap().is_some(),
            "until the link is used"
        );
        let form = SetUpForm {
            password: "another horse and battery",
            ..form
        };
        let other = SetUpForm {
            password: "a thief's idea of one",
            ..form
        };
        let (first, second) = tokio::join!(
            staff.finish_set_up(&link, form, NOW),
            staff.finish_set_up(&link, other, NOW)
        );
        assert!(first.is_ok() != second.is_ok(), "exactly one of two at once");
        let form = if first.is_ok() { form } else { other };
        assert!(staff.signed_in(&cookie, NOW).await.unwrap().is_none());
        assert_eq!(
            refusal(staff.sign_in("anna", PASSWORD, HOME, NOW).await),
            Refusal::WrongCredentials
        );
        staff.sign_in("anna", form.password, HOME, NOW).await.unwrap();
        assert_eq!(staff.accounts().await.unwrap().len(), 1);
        assert_eq!(staff.account_by_login(" Anna ").await.unwrap().id, id);
    }
}

#[tokio::test]
async fn sign_ins_last_as_long_as_they_may() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        let owner = owner(&staff).await;
        let (cookie, signed_in) = done(
            staff
                .sign_in(" OLGA@agency.example", PASSWORD, HOME, NOW)
                .await
                .unwrap(),
        );
        assert_eq!(signed_in.account, owner);
        let again = Secret::parse(&cookie.text()).unwrap();
        assert_eq!(staff.signed_in(&again, NOW).await.unwrap(), Some(signed_in));
        assert_eq!(
            staff.signed_in(&Secret::draw().unwrap(), NOW).await.unwrap(),
            None
        );

        // Kept alive by requests, each just before it would have ended, until the week is over.
        let mut now = NOW;
        loop {
            now = now.plus_ms(LIFETIMES.idle_ms - 1);
            if now.0 >= NOW.0 + LIFETIMES.absolute_ms {
                break;
            }
            assert!(
                staff.signed_in(&cookie, now).await.unwrap().is_some(),
                "{}",
                now.0 - NOW.0
            );
        }
        assert!(staff.signed_in(&cookie, now).await.unwrap().is_none());

        let (idle, _) = done(staff.sign_in(OLGA, PASSWORD, HOME, now).await.unwrap());
        // Too soon after the last to be written.
        staff
            .signed_in(&idle, now.plus_ms(MINUTE_MS - 1))
            .await
            .unwrap()
            .unwrap();
        let over = now.plus_ms(LIFETIMES.idle_ms);
        assert!(staff.signed_in(&idle, over).await.unwrap().is_none());
        assert_eq!(staff.sign_ins(owner.id, over).await.unwrap(), []);
        assert_eq!(staff.sweep(over).await.unwrap(), 2);
        assert_eq!(staff.sweep(over).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn sign_ins_are_listed_and_ended() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        let owner = owner(&staff).await;
        let mut cookies = Vec::new();
        for after_ms in 0..4 {
            let now = NOW.plus_ms(after_ms);
            cookies.push(done(staff.sign_in(OLGA, PASSWORD, HOME, now).await.unwrap()));
        }
        let listed = staff.sign_ins(owner.id, NOW).await.unwrap();
        let ids: Vec<u32> = cookies.iter().map(|(_, s)| s.sign_in).collect();
        assert_eq!(listed.iter().map(|s| s.id).collect::<Vec<_>>(), ids);
        assert_eq!(listed[3].created, NOW.plus_ms(3));
        assert_eq!(
            (listed[3].browser.as_str(), listed[3].second_factor),
            (HOME.browser, false)
        );

        let good = async |cookies: &[(Secret, staff::SignedIn)]| {
            let mut good = Vec::new();
            for (cookie, _) in cookies {
                good.push(staff.signed_in(cookie, NOW).await.unwrap().is_some());
            }
            good
        };
        staff.end_sign_in(owner.id, ids[1]).await.unwrap();
        assert!(matches!(
            staff.end_sign_in(owner.id, ids[1]).await,
            Err(Error::NotFound(_))
        ));
        let (other, _) = staff.invite(ANNA, NOW).await.unwrap();
        assert!(
            staff.end_sign_in(other, ids[0]).await.is_err(),
            "another account's"
        );
        assert_eq!(good(&cookies).await, [true, false, true, true]);

        let wrong = staff
            .change_password(&cookies[2].1, "wrong", "quite another phrase", HOME, NOW)
            .await;
        assert_eq!(refusal(wrong), Refusal::WrongCredentials);
        let weak = staff
            .change_password(&cookies[2].1, PASSWORD, "short", HOME, NOW)
            .await;
        assert_eq!(refusal(weak), Refusal::Password(PasswordFault::TooShort));
        assert_eq!(good(&cookies).await, [true, false, true, true]);
        let rotated = staff
            .change_password(&cookies[2].1, PASSWORD, "quite another phrase", HOME, NOW)
            .await
            .unwrap();
        assert_eq!(good(&cookies).await, [false; 4], "the secret is another one too");
        cookies[2].0 = rotated;
        assert_eq!(good(&cookies).await, [false, false, true, false]);
        cookies.push(done(
            staff
                .sign_in("olga@agency.example", "quite another phrase", HOME, NOW)
                .await
                .unwrap(),
        ));
        assert_eq!(staff.end_all_sign_ins(owner.id, None).await.unwrap(), 2);
        assert_eq!(good(&cookies).await, [false; 5]);
    }
}

#[tokio::test]
async fn wrong_and_unknown_are_answered_alike_and_slowed_down() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        owner(&staff).await;
        for login in ["olga@agency.example", "nobody@agency.example", ""] {
            for number in 0..5 {
                let want = if number < 3 {
                    Refusal::WrongCredentials
                } else {
                    Refusal::TooManyAttempts { wait_ms: 1_000 }
                };
                let answer = staff.sign_in(login, "wrong password", ELSEWHERE, NOW).await;
                assert_eq!(refusal(answer), want, "{login} {number}");
            }
        }
        // Not even the right password helps there now, but it does elsewhere, and there after waiting.
        let right = async |address, now| staff.sign_in(OLGA, PASSWORD, address, now).await;
        assert!(matches!(
            refusal(right(ELSEWHERE, NOW).await),
            Refusal::TooManyAttempts { .. }
        ));
        right(HOME, NOW).await.unwrap();
        right(ELSEWHERE, NOW.plus_ms(1_000)).await.unwrap();
        let endless = "x".repeat(1_000_000);
        let answer = staff.sign_in("olga@agency.example", &endless, HOME, NOW).await;
        assert_eq!(refusal(answer), Refusal::WrongCredentials);
    }
}

#[tokio::test]
async fn passwords_cannot_be_guessed_from_many_networks_and_nobody_is_locked_out() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        let olga = owner(&staff).await;
        staff.sign_in(OLGA, PASSWORD, HOME, NOW).await.unwrap();
        // Nothing is known of a login that nobody has, and it is answered alike.
        for login in [OLGA, "nobody@agency.example"] {
            let mut tried = 0;
            for number in 0..60 {
                let address = format!("203.0.113.{number}");
                let wrong = staff.sign_in(login, "wrong password", from(&address), NOW).await;
                match refusal(wrong) {
                    Refusal::WrongCredentials => tried += 1,
                    Refusal::TooManyGuesses { wait_ms } => assert_eq!(wait_ms, 120_000),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(tried, 40, "{login}");
        }
        let strange = staff.sign_in(OLGA, PASSWORD, ELSEWHERE, NOW).await;
        assert!(matches!(refusal(strange), Refusal::TooManyGuesses { .. }));
        staff.sign_in(OLGA, PASSWORD, HOME, NOW).await.unwrap();
        // Whoever opens a link of the account is its holder.
        staff.trust_network(&olga, ELSEWHERE, NOW);
        staff.sign_in(OLGA, PASSWORD, ELSEWHERE, NOW).await.unwrap();
    }
}

#[tokio::test]
async fn disabled_accounts_are_out_at_once_and_the_last_owner_stays() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        let owner = owner(&staff).await;
        assert_eq!(
            refusal(staff.disable_account(owner.id, NOW).await),
            Refusal::LastOwner
        );
        let second = NewAccount {
            role: Role::Owner,
            ..ANNA
        };
        let (id, link) = staff.invite(second, NOW).await.unwrap();
        assert_eq!(
            refusal(staff.disable_account(owner.id, NOW).await),
            Refusal::LastOwner,
            "one without a password does not count"
        );
        staff.finish_set_up(&link, FORM, NOW).await.unwrap();
        let pending = staff.link_for(id, NOW).await.unwrap();
        let (cookie, signed_in) = done(staff.sign_in("anna", PASSWORD, HOME, NOW).await.unwrap());
        assert!(signed_in.account.may_read(SiteId(7)));
        staff.disable_account(id, NOW).await.unwrap();
        assert!(staff.signed_in(&cookie, NOW).await.unwrap().is_none());
        assert_eq!(
            refusal(staff.sign_in("anna", PASSWORD, HOME, NOW).await),
            Refusal::WrongCredentials
        );
        assert_eq!(refusal(staff.set_up(&pending, NOW).await), Refusal::Link);
        assert!(staff.link_for(id, NOW).await.is_err());
        let disabled = staff.account(id).await.unwrap();
        assert!(!disabled.may_read(SiteId(7)) && disabled.disabled == Some(NOW));
        assert_eq!(
            refusal(staff.disable_account(owner.id, NOW).await),
            Refusal::LastOwner
        );
        staff.enable_account(id).await.unwrap();
        assert!(
            staff.signed_in(&cookie, NOW).await.unwrap().is_none(),
            "old sign-ins stay ended"
        );
        staff.sign_in("anna", PASSWORD, HOME, NOW).await.unwrap();
        staff.disable_account(owner.id, NOW).await.unwrap();
    }
}

#[tokio::test]
async fn analysts_read_the_sites_listed_for_them() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        let owner = owner(&staff).await;
        let (id, _) = staff.invite(ANNA, NOW).await.unwrap();
        let reads = async |id| {
            let account = staff.account(id).await.unwrap();
            [1, 2, 3].map(|site| account.may_read(SiteId(site)))
        };
        assert_eq!(reads(id).await, [false; 3]);
        staff.allow_site(id, SiteId(1)).await.unwrap();
        staff.allow_site(id, SiteId(3)).await.unwrap();
        staff.allow_site(id, SiteId(3)).await.unwrap();
        assert_eq!(reads(id).await, [true, false, true]);
        staff.deny_site(id, SiteId(3)).await.unwrap();
        assert_eq!(reads(id).await, [true, false, false]);
        assert_eq!(reads(owner.id).await, [true; 3]);
        assert!(staff.allow_site(staff::AccountId(99), SiteId(1)).await.is_err());
        staff.change_account(id, "Anna Q", Language::Ru).await.unwrap();
        let account = staff.account(id).await.unwrap();
        assert_eq!(
            (account.name.reveal(), account.language),
            ("Anna Q", Language::Ru)
        );
    }
}

#[tokio::test]
async fn nothing_readable_is_stored_or_shown() {
    let trial = sqldb::trial::sqlite().unwrap();
    let staff = register(&trial).await;
    let link = staff.link_for_first_owner(NOW).await.unwrap();
    let owner = staff.finish_set_up(&link, FORM, NOW).await.unwrap();
    let (cookie, signed_in) = done(staff.sign_in(OLGA, PASSWORD, HOME, NOW).await.unwrap());
    let shown = format!("{owner:?} {signed_in:?} {cookie:?} {link:?} {staff:?}").to_lowercase();
    for secret in [
        "olga",
        "petrova",
        "agency",
        HOME.address,
        PASSWORD,
        &cookie.text().to_lowercase(),
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("[sealed]"));
    let error = staff
        .invite(
            NewAccount {
                login: "olga@agency.example",
                ..ANNA
            },
            NOW,
        )
        .await
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains("olga"));

    let folder = std::path::Path::new(&trial.place).parent().unwrap();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        files.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let stored = |bytes: &[u8]| files.windows(bytes.len()).any(|w| w == bytes);
    assert!(stored(b"olga@agency.example"), "the search finds what is there");
    for secret in [PASSWORD, HOME.address, &cookie.text(), &link.text()] {
        assert!(!stored(secret.as_bytes()), "{secret}");
    }
}
