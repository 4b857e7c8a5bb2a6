//! Roles of accounts and what a sign-in may.

use crate::stand::{ANNA, NOW, OLGA, enrolled, member, owner, refusal, register, signed_in};
use sqldb::trial::trials;
use staff::{AccountId, Error, Refusal, Right, Role};

#[tokio::test]
async fn a_role_changes_at_once_and_the_last_owner_stays() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        let owner = owner(&staff).await;
        let anna = member(&staff, ANNA.login, Role::Analyst).await;
        let (cookie, _) = signed_in(&staff, ANNA.login).await;
        for role in [Role::Manager, Role::PrivacyOfficer, Role::Owner] {
            let before = staff.account(anna).await.unwrap().role;
            assert_eq!(staff.change_role(anna, role).await.unwrap(), before);
            let now = staff.signed_in(&cookie, NOW).await.unwrap().unwrap();
            assert_eq!(now.account.role, role, "the same sign-in");
        }
        staff.change_role(owner.id, Role::Owner).await.unwrap();
        let (first, second) = tokio::join!(
            staff.change_role(owner.id, Role::Analyst),
            staff.change_role(anna, Role::Analyst)
        );
        assert!(
            first.is_ok() != second.is_ok(),
            "one of two owners stays: {first:?} {second:?}"
        );
        let last = if first.is_ok() { anna } else { owner.id };
        assert_eq!(
            refusal(staff.change_role(last, Role::PrivacyOfficer).await),
            Refusal::LastOwner
        );
        staff.change_role(last, Role::Owner).await.unwrap();
        assert!(matches!(
            staff.change_role(AccountId(99), Role::Owner).await,
            Err(Error::NotFound(_))
        ));
    }
}

#[tokio::test]
async fn without_a_second_factor_nothing_is_open_that_leads_to_persons() {
    for trial in trials().await.unwrap() {
        let staff = register(&trial).await;
        owner(&staff).await;
        member(&staff, "officer", Role::PrivacyOfficer).await;
        member(&staff, "manager", Role::Manager).await;
        member(&staff, "analyst", Role::Analyst).await;
        for (login, must_enrol) in [
            (OLGA, true),
            ("officer", true),
            ("manager", true),
            ("analyst", false),
        ] {
            let (_, who) = signed_in(&staff, login).await;
            assert_eq!(
                (who.second_factor, who.must_enrol()),
                (false, must_enrol),
                "{login}"
            );
            for right in Right::ALL {
                let want = who.account.role.may(*right) && !right.needs_second_factor();
                assert_eq!(who.may(*right), want, "{login} {right:?}");
            }
            let (_, enrolled) = enrolled(&staff, &who).await;
            let who = staff.signed_in(&enrolled.cookie, NOW).await.unwrap().unwrap();
            assert_eq!((who.second_factor, who.must_enrol()), (true, false), "{login}");
            for right in Right::ALL {
                assert_eq!(who.may(*right), who.account.role.may(*right), "{login} {right:?}");
            }
        }
    }
}
