//! Signing in by a provider, over real HTTP.

use crate::provider_stand::{Client, Stand, pairs};
use crate::stand::{
    ANNA, ELSEWHERE, FORM, HOME, NOW, OLGA, PASSWORD, after, done, enrolled, half, member, owner, refusal,
    register, signed_in,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqldb::trial::trials;
use staff::oidc::{Identity, Provider, ProviderAnswer, ProviderSettings};
use staff::{Error, NewAccount, Refusal, Role, Sealed, Secret, SetUpForm, Staff};
use std::collections::HashMap;
use vocabulary::Moment;

/// The claims of a token that holds, for an attempt's query.
fn claims(stand: &Stand, query: &HashMap<String, String>, now: Moment) -> Value {
    json!({
        "iss": stand.issuer, "aud": "anturazh", "sub": "subject-of-anna", "nonce": query["nonce"],
        "iat": now.0 / 1_000, "exp": now.0 / 1_000 + 300,
        "email": "Anna@agency.example", "email_verified": true
    })
}

async fn query(provider: &Provider, attempt: &Secret, now: Moment) -> HashMap<String, String> {
    let address = provider.address(&Client, attempt, now).await.unwrap();
    pairs(url::Url::parse(&address).unwrap().query().unwrap())
}

/// Goes to the provider and comes back with a token whose claims are changed as wished.
async fn identity(
    staff: &Staff,
    stand: &Stand,
    provider: &Provider,
    now: Moment,
    change: impl FnOnce(&mut Value),
) -> Result<Identity, Error> {
    let attempt = Secret::draw().unwrap();
    let query = query(provider, &attempt, now).await;
    let mut claims = claims(stand, &query, now);
    change(&mut claims);
    stand.scene.lock().unwrap().claims = Some(claims);
    let answer = ProviderAnswer {
        state: &query["state"],
        code: Some("the code"),
        ..ProviderAnswer::default()
    };
    staff
        .identity(provider, &Client, &attempt, answer, HOME, now)
        .await
}

/// Path, header `authorization` and body.
fn last_token_request(stand: &Stand) -> (String, String, String) {
    let scene = stand.scene.lock().unwrap();
    let found = scene.asked.iter().rfind(|(path, ..)| path == "/token");
    found.unwrap().clone()
}

#[tokio::test]
async fn an_invited_account_is_opened_and_linked_and_no_other_is_made() {
    for trial in trials().await.unwrap() {
        let (staff, stand) = (register(&trial).await, Stand::new().await);
        owner(&staff).await;
        let provider = stand.provider(|_| ());
        let anna = identity(&staff, &stand, &provider, NOW, |_| ()).await.unwrap();
        assert_eq!(anna.subject.reveal(), "subject-of-anna");
        assert_eq!(
            refusal(staff.sign_in_by(&anna, HOME, NOW).await),
            Refusal::NotInvited
        );
        assert_eq!(staff.accounts().await.unwrap().len(), 1, "nothing is made");

        let new = NewAccount {
            login: "anna@Agency.example",
            ..ANNA
        };
        let (id, _) = staff.invite(new, NOW).await.unwrap();
        let unverified = identity(&staff, &stand, &provider, NOW, |claims| {
            claims["email_verified"] = json!(false);
        });
        let unverified = unverified.await.unwrap();
        assert_eq!(
            refusal(staff.sign_in_by(&unverified, HOME, NOW).await),
            Refusal::NotInvited
        );
        let first = staff.sign_in_by(&anna, HOME, NOW).await.unwrap();
        assert_eq!((first.account, first.linked), (id, true));
        let (cookie, who) = done(first.step);
        assert!(!who.second_factor && !who.account.is_set_up);
        assert_eq!(staff.signed_in(&cookie, NOW).await.unwrap(), Some(who.clone()));

        // By the subject from now on, whatever the address; nobody else of that address.
        let moved = identity(&staff, &stand, &provider, NOW, |claims| {
            claims["email"] = json!("olga@agency.example");
        });
        let moved = staff.sign_in_by(&moved.await.unwrap(), HOME, NOW).await.unwrap();
        assert_eq!((moved.account, moved.linked), (id, false));
        let heir = identity(&staff, &stand, &provider, NOW, |claims| {
            claims["sub"] = json!("subject-of-another");
        });
        let heir = heir.await.unwrap();
        assert_eq!(
            refusal(staff.sign_in_by(&heir, HOME, NOW).await),
            Refusal::NotInvited
        );

        // An app is enrolled without a password, soon after signing in.
        let late = staff.begin_enrolment(&who, "", "Agency", HOME, after(16)).await;
        assert_eq!(refusal(late), Refusal::StaleSignIn);
        let (app, _) = enrolled(&staff, &who).await;
        let step = staff.sign_in_by(&anna, HOME, after(1)).await.unwrap().step;
        let pending = half(step);
        staff
            .second_step(&pending, app.code(after(1).0).reveal(), HOME, after(1))
            .await
            .unwrap();

        staff.disable_account(id, NOW).await.unwrap();
        assert_eq!(
            refusal(staff.sign_in_by(&anna, HOME, NOW).await),
            Refusal::NotInvited
        );
        staff.enable_account(id).await.unwrap();
        assert_eq!(staff.links(id).await.unwrap(), [(stand.issuer.clone(), NOW)]);
        staff.unlink(id, &stand.issuer).await.unwrap();
        assert!(staff.unlink(id, &stand.issuer).await.is_err());
        assert_eq!(
            staff.sign_in_by(&heir, HOME, NOW).await.unwrap().account,
            id,
            "the address of an account that is not linked"
        );
        let shown = format!("{anna:?} {heir:?} {provider:?}");
        for secret in ["subject-of", "Anna", "s p/ce"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}

#[tokio::test]
async fn what_counts_as_a_second_factor_is_configured() {
    let trial = sqldb::trial::sqlite().unwrap();
    let (staff, stand) = (register(&trial).await, Stand::new().await);
    owner(&staff).await;
    member(&staff, "anna@agency.example", Role::Manager).await;
    let provider =
        stand.provider(|settings| settings.second_factor_acr = vec!["gold".into(), "silver".into()]);
    let query = query(&provider, &Secret::draw().unwrap(), NOW).await;
    assert_eq!(query["acr_values"], "gold silver");
    for (name, value, counts) in [
        ("amr", json!(["pwd"]), false),
        ("amr", json!(["pwd", "mfa"]), true),
        ("acr", json!("silver"), true),
        ("acr", json!("mfa"), false),
    ] {
        let identity = identity(&staff, &stand, &provider, NOW, |claims| {
            claims[name] = value.clone();
        });
        let identity = identity.await.unwrap();
        assert_eq!(identity.second_factor, counts, "{name} {value}");
        let step = staff.sign_in_by(&identity, HOME, NOW).await.unwrap().step;
        assert_eq!(done(step).1.second_factor, counts, "{name} {value}");
    }
}

#[tokio::test]
async fn an_account_is_linked_by_its_holder_where_no_address_is_verified() {
    let trial = sqldb::trial::sqlite().unwrap();
    let (staff, stand) = (register(&trial).await, Stand::new().await);
    owner(&staff).await;
    let (_, who) = signed_in(&staff, OLGA).await;
    let provider = stand.provider(|_| ());
    let without_address = |claims: &mut Value| claims["email"] = Value::Null;
    let nameless = identity(&staff, &stand, &provider, NOW, without_address)
        .await
        .unwrap();
    let link = async |password| staff.link_subject(&who, &nameless, password, HOME, NOW).await;
    assert_eq!(refusal(link("wrong").await), Refusal::WrongCredentials);
    link(PASSWORD).await.unwrap();
    assert_eq!(refusal(link(PASSWORD).await), Refusal::Linked);
    let step = staff.sign_in_by(&nameless, HOME, NOW).await.unwrap();
    assert_eq!((step.account, step.linked), (who.account.id, false));
}

#[tokio::test]
async fn the_provider_is_asked_as_the_standard_says() {
    let trial = sqldb::trial::sqlite().unwrap();
    let (staff, stand) = (register(&trial).await, Stand::new().await);
    let provider = stand.provider(|_| ());
    let attempt = Secret::draw().unwrap();
    let address = provider.address(&Client, &attempt, NOW).await.unwrap();
    assert!(
        address.starts_with(&format!("{}/authorize?tenant=a&", stand.issuer)),
        "{address}"
    );
    let asked = query(&provider, &attempt, NOW).await;
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "anturazh"),
        ("redirect_uri", "https://agency.example/sign-in/provider"),
        ("scope", "openid email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(asked[name], value);
    }
    let values = [&asked["state"], &asked["nonce"], &asked["code_challenge"]];
    assert!(
        values
            .iter()
            .all(|value| value.len() == 43 && !address.contains(&attempt.text()))
    );
    assert!(values[0] != values[1] && values[1] != values[2]);
    let other = query(&provider, &Secret::draw().unwrap(), NOW).await;
    assert!(other["state"] != asked["state"] && other["nonce"] != asked["nonce"]);

    identity(&staff, &stand, &provider, NOW, |_| ()).await.unwrap();
    let token_request = last_token_request(&stand);
    assert_eq!(
        token_request.1,
        format!("Basic {}", STANDARD.encode("anturazh:s+p%2Fce"))
    );
    let form = pairs(&token_request.2);
    assert_eq!(
        (form["grant_type"].as_str(), form["code"].as_str()),
        ("authorization_code", "the code")
    );
    assert_eq!(form["redirect_uri"], asked["redirect_uri"]);
    assert!(!form.contains_key("client_secret"));

    stand.scene.lock().unwrap().document = vec![(
        "token_endpoint_auth_methods_supported",
        json!(["client_secret_post"]),
    )];
    for (secret, want) in [(Some("s"), Some("s")), (None, None)] {
        let provider =
            stand.provider(|settings| settings.client_secret = secret.map(|s| Sealed::new(s.into())));
        let asked = query(&provider, &attempt, NOW).await;
        stand.scene.lock().unwrap().claims = Some(claims(&stand, &asked, NOW));
        let answer = ProviderAnswer {
            state: &asked["state"],
            code: Some("c"),
            ..ProviderAnswer::default()
        };
        staff
            .identity(&provider, &Client, &attempt, answer, HOME, NOW)
            .await
            .unwrap();
        let (_, authorization, body) = last_token_request(&stand);
        let form = pairs(&body);
        assert_eq!(authorization, "");
        assert_eq!(form["client_id"], "anturazh");
        assert_eq!(form.get("client_secret").map(String::as_str), want);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
        assert_eq!(challenge, asked["code_challenge"]);
    }
}

#[tokio::test]
async fn answers_that_do_not_hold_are_refused() {
    let trial = sqldb::trial::sqlite().unwrap();
    let (staff, stand) = (register(&trial).await, Stand::new().await);
    let provider = stand.provider(|_| ());
    let attempt = Secret::draw().unwrap();
    let asked = query(&provider, &attempt, NOW).await;
    let good = ProviderAnswer {
        state: &asked["state"],
        code: Some("c"),
        error: None,
        issuer: Some(&stand.issuer),
    };
    let another = "the answer belongs to another attempt";
    let issuers = "the answer is another issuer's";
    for (number, (answer, want)) in [
        (ProviderAnswer { state: "", ..good }, another),
        (
            ProviderAnswer {
                state: &asked["nonce"],
                ..good
            },
            another,
        ),
        (
            ProviderAnswer {
                issuer: Some("https://evil.example"),
                ..good
            },
            issuers,
        ),
        (
            ProviderAnswer {
                error: Some("access_denied"),
                ..good
            },
            "the provider, or who asked it, declined",
        ),
        (ProviderAnswer { code: None, ..good }, "the answer has no code"),
        (good, "the code is not accepted"),
    ]
    .into_iter()
    .enumerate()
    {
        let address = format!("203.0.113.{number}");
        let origin = crate::stand::from(&address);
        let found = staff
            .identity(&provider, &Client, &attempt, answer, origin, NOW)
            .await;
        assert_eq!(refusal(found), Refusal::Provider(want));
    }
    // Who goes on like that waits; but answers that a foreign page made the browser send are not counted.
    for number in 0..15 {
        let found = staff
            .identity(
                &provider,
                &Client,
                &attempt,
                ProviderAnswer { state: "", ..good },
                ELSEWHERE,
                NOW,
            )
            .await;
        assert_eq!(refusal(found), Refusal::Provider(another), "{number}");
    }
    for number in 0..5 {
        let answer = ProviderAnswer { code: None, ..good };
        let found = staff
            .identity(&provider, &Client, &attempt, answer, ELSEWHERE, NOW)
            .await;
        let waits = matches!(refusal(found), Refusal::TooManyAttempts { .. });
        assert_eq!(waits, number >= 3, "{number}");
    }
    // Another attempt's answer, as by a page that wants to sign somebody in as someone else.
    let found = staff
        .identity(&provider, &Client, &Secret::draw().unwrap(), good, HOME, NOW)
        .await;
    assert_eq!(refusal(found), Refusal::Provider(another));
    // An issuer that says it names itself has to.
    stand.scene.lock().unwrap().document =
        vec![("authorization_response_iss_parameter_supported", json!(true))];
    let strict = stand.provider(|_| ());
    let silent = ProviderAnswer { issuer: None, ..good };
    let found = staff
        .identity(&strict, &Client, &attempt, silent, HOME, NOW)
        .await;
    assert_eq!(refusal(found), Refusal::Provider(issuers));
}

#[tokio::test]
async fn keys_are_kept_for_a_while_and_new_ones_are_noticed() {
    let trial = sqldb::trial::sqlite().unwrap();
    let (staff, stand) = (register(&trial).await, Stand::new().await);
    let provider = stand.provider(|_| ());
    let ask = async |now| identity(&staff, &stand, &provider, now, |_| ()).await;
    let counts = || {
        (
            stand.count("/.well-known/openid-configuration"),
            stand.count("/keys"),
        )
    };
    ask(NOW).await.unwrap();
    ask(after(59)).await.unwrap();
    assert_eq!(counts(), (1, 1));
    ask(after(60)).await.unwrap();
    assert_eq!(counts(), (1, 2), "after an hour");
    stand.scene.lock().unwrap().keys.push(2);
    ask(after(62)).await.unwrap();
    assert_eq!(counts(), (1, 3), "for the sake of an unknown key");
    stand.scene.lock().unwrap().keys.push(3);
    assert_eq!(
        refusal(ask(after(62)).await),
        Refusal::Provider("the token is signed with an unknown key"),
        "not twice a minute"
    );
    assert_eq!(counts(), (1, 3));
    ask(after(63)).await.unwrap();
    ask(after(24 * 60)).await.unwrap();
    assert_eq!(counts().0, 2, "after a day");
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_said_to() {
    let trial = sqldb::trial::sqlite().unwrap();
    let (staff, stand) = (register(&trial).await, Stand::new().await);
    stand.scene.lock().unwrap().document = vec![("issuer", json!("https://evil.example"))];
    let provider = stand.provider(|_| ());
    let attempt = Secret::draw().unwrap();
    let wrong = provider.address(&Client, &attempt, NOW).await.unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "get the document of Discovery from the sign-in provider"
    );
    assert_eq!(
        std::error::Error::source(&wrong).unwrap().to_string(),
        "it is another issuer's"
    );
    // Corrected there, it works at the next attempt.
    stand.scene.lock().unwrap().document.clear();
    identity(&staff, &stand, &provider, NOW, |_| ()).await.unwrap();
    let nowhere = stand.provider(|settings| settings.issuer = "http://127.0.0.1:1".to_owned());
    let wrong = nowhere.address(&Client, &attempt, NOW).await.unwrap_err();
    assert!(matches!(wrong, Error::Provider { .. }), "{wrong:?}");
    let issuer_of = |issuer: &str| ProviderSettings {
        issuer: issuer.to_owned(),
        client_id: "a".to_owned(),
        client_secret: None,
        redirect_uri: "https://agency.example/".to_owned(),
        second_factor_amr: vec![],
        second_factor_acr: vec![],
    };
    assert!(Provider::new(issuer_of("https://id.example/a")).is_ok());
    for issuer in ["http://id.example", "https://id.example/?a=b", "id.example"] {
        let refused = Provider::new(issuer_of(issuer)).err();
        assert!(matches!(refused, Some(Error::Settings(_))), "{issuer}");
    }
}

#[tokio::test]
async fn a_password_set_later_does_not_undo_the_link() {
    let trial = sqldb::trial::sqlite().unwrap();
    let (staff, stand) = (register(&trial).await, Stand::new().await);
    owner(&staff).await;
    let new = NewAccount {
        login: "anna@agency.example",
        ..ANNA
    };
    let (id, link) = staff.invite(new, NOW).await.unwrap();
    let provider = stand.provider(|_| ());
    let anna = identity(&staff, &stand, &provider, NOW, |_| ()).await.unwrap();
    let (cookie, _) = done(staff.sign_in_by(&anna, HOME, NOW).await.unwrap().step);
    let form = SetUpForm { name: "Anna", ..FORM };
    staff.finish_set_up(&link, form, NOW).await.unwrap();
    assert!(staff.signed_in(&cookie, NOW).await.unwrap().is_none());
    assert_eq!(staff.sign_in_by(&anna, HOME, NOW).await.unwrap().account, id);
}
