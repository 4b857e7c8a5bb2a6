//! Signing in by a provider: one that answers within the test, with tokens really signed.

use crate::stand::{ANALYST, OWNER, PASSWORD, Stand, now};
use crate::{Browser, Seen, entries};
use audit::Action::{self, ConfigurationChange, Refused, SignIn, SignInFailed};
use http::StatusCode;
use http::header::REFRESH;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use staff::Sealed;
use staff::oidc::{Fetch, FetchFault, FetchFuture, FetchRequest, Fetched, Provider, ProviderSettings};
use std::sync::{Arc, Mutex};

const ISSUER: &str = "https://id.example";

/// The claims of the next token; without them the code is refused.
#[derive(Clone, Default)]
struct Scene(Arc<Mutex<Option<Value>>>);

fn key() -> EncodingKey {
    const PREFIX: [u8; 16] = [
        0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ];
    EncodingKey::from_ed_der(&[&PREFIX[..], &[7; 32]].concat())
}

impl Fetch for Scene {
    fn fetch<'a>(&'a self, request: FetchRequest<'a>) -> FetchFuture<'a> {
        Box::pin(async move {
            let body = match request.address.strip_prefix(ISSUER) {
                Some("/.well-known/openid-configuration") => json!({
                    "issuer": ISSUER,
                    "authorization_endpoint": format!("{ISSUER}/authorize"),
                    "token_endpoint": format!("{ISSUER}/token"),
                    "jwks_uri": format!("{ISSUER}/keys"),
                }),
                Some("/keys") => {
                    json!({"keys": [Jwk::from_encoding_key(&key(), Algorithm::EdDSA).unwrap()]})
                }
                Some("/token") => {
                    let claims = self
                        .0
                        .lock()
                        .unwrap()
                        .take()
                        .ok_or(FetchFault("no claims".into()))?;
                    let token = encode(&Header::new(Algorithm::EdDSA), &claims, &key()).unwrap();
                    json!({"id_token": token, "access_token": "a", "token_type": "Bearer"})
                }
                _ => return Err(FetchFault("no such place".into())),
            };
            let body = Sealed::new(body.to_string());
            Ok(Fetched { status: 200, body })
        })
    }
}

fn with_provider(stand: &mut Stand) -> Scene {
    let scene = Scene::default();
    let settings = ProviderSettings {
        issuer: ISSUER.to_owned(),
        client_id: "anturazh".to_owned(),
        client_secret: Some(Sealed::new("secret".to_owned())),
        redirect_uri: "https://agency.example/sign-in/provider/0/back".to_owned(),
        second_factor_amr: vec!["mfa".to_owned()],
        second_factor_acr: vec![],
    };
    let web = Arc::get_mut(&mut stand.web).expect("nobody has it yet");
    web.providers = vec![Arc::new(Provider::new(settings).unwrap())];
    web.fetch = Arc::new(scene.clone());
    scene
}

/// To the provider and back, where it vouches for `subject`.
async fn round(browser: &mut Browser, scene: &Scene, subject: &str, email: &str, amr: &[&str]) -> Seen {
    let page = if browser.is_signed_in() {
        "/security"
    } else {
        "/sign-in"
    };
    let there = browser.fill(page, "/sign-in/provider/0", "").await;
    assert_eq!(there.status, StatusCode::OK);
    let onward = there.headers[REFRESH].to_str().unwrap().to_owned();
    let given = |name: &str| {
        let rest = onward.split_once(&format!("&{name}=")).unwrap().1;
        rest.split('&').next().unwrap().to_owned()
    };
    assert!(
        onward.starts_with("0; url=https://id.example/authorize?"),
        "{onward}"
    );
    assert!(there.text.contains(r#"href="https://id.example/authorize?"#));
    *scene.0.lock().unwrap() = Some(json!({
        "iss": ISSUER, "aud": "anturazh", "sub": subject, "email": email, "email_verified": true,
        "nonce": given("nonce"), "iat": now().0 / 1_000, "exp": now().0 / 1_000 + 300, "amr": amr,
    }));
    let back = format!("/sign-in/provider/0/back?state={}&code=c", given("state"));
    browser.get(&back).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_provider_vouches_for_signs_in_if_invited() {
    let mut stand = Stand::open(1, 1, false).await;
    let scene = with_provider(&mut stand);
    let mut browser = Browser::new(&stand);
    assert!(
        browser
            .get("/sign-in")
            .await
            .text
            .contains("Sign in with id.example")
    );
    let forged = browser.get("/sign-in/provider/0/back?state=x&code=c").await;
    assert_eq!(forged.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody asked");
    let stranger = round(&mut browser, &scene, "s", "stranger@example.org", &[]).await;
    assert_eq!(stranger.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stranger.text.contains("has to invite you first") && !stranger.text.contains("stranger@"));
    assert!(!browser.is_signed_in());
    for (path, csrf, status) in [
        ("/sign-in/provider/1", "", StatusCode::NOT_FOUND),
        ("/sign-in/provider/0", "", StatusCode::FORBIDDEN),
        ("/sign-in/provider/0", "csrf=x", StatusCode::FORBIDDEN),
    ] {
        let seen = browser.post(path, csrf).await;
        assert_eq!(seen.status, status, "another site begins nothing: {path} {csrf}");
        assert!(!seen.headers.contains_key(REFRESH));
    }
    stand.web.office.record_refusals(now()).await.unwrap();

    let invited = round(&mut browser, &scene, "b", ANALYST, &[]).await;
    assert_eq!(invited.location(), "/sites");
    assert_eq!(browser.get("/sites").await.status, StatusCode::OK);
    let again = round(&mut Browser::new(&stand), &scene, "b", "", &[]).await;
    assert_eq!(again.location(), "/sites", "the subject is linked from then on");
    let actions: Vec<Action> = entries(&stand).into_iter().map(|(action, ..)| action).collect();
    assert_eq!(
        actions,
        [SignInFailed, Refused, ConfigurationChange, SignIn, SignIn]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_does_not_stand_in_for_the_second_factor_unless_it_says_so() {
    let mut stand = Stand::open(1, 1, false).await;
    let scene = with_provider(&mut stand);
    let mut browser = Browser::new(&stand);
    let secret = browser.enter_with_factor(OWNER).await;
    let asks = round(&mut Browser::new(&stand), &scene, "a", OWNER, &["pwd"]).await;
    assert_eq!(asks.location(), "/sign-in/code?next=%2Fsites");
    let brought = round(&mut Browser::new(&stand), &scene, "a", OWNER, &["mfa"]).await;
    assert_eq!(brought.location(), "/sites");
    let mut by_code = Browser::new(&stand);
    round(&mut by_code, &scene, "a", OWNER, &[]).await;
    let code = secret.code(now().0 + crate::STEP_MS);
    assert_eq!(
        by_code.give_code(code.reveal()).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_linked_with_the_password_and_unlinked() {
    let mut stand = Stand::open(1, 1, false).await;
    let scene = with_provider(&mut stand);
    let mut browser = Browser::new(&stand);
    browser.sign_in(OWNER, PASSWORD).await;
    for (password, location) in [("not this one", ""), (PASSWORD, "/security?saved=links#links")] {
        let page = round(&mut browser, &scene, "a", "", &[]).await;
        assert!(page.status == StatusCode::OK && page.text.contains("can vouch for you"));
        let state = page.between(r#"name="state" value=""#, "\"").to_owned();
        let fields = format!(
            "csrf={}&number=0&state={state}&code=c&password={password}",
            page.csrf()
        );
        let linked = browser.post("/security/links", &fields).await;
        assert_eq!(linked.location(), location, "{password}");
    }
    let signed_in = round(&mut Browser::new(&stand), &scene, "a", "", &[]).await;
    assert_eq!(signed_in.location(), "/sites");
    let without = format!("issuer={ISSUER}&links_password=not this one");
    let refused = browser
        .fill("/security", "/security/links/remove", &without)
        .await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "it takes the password"
    );
    let signed_in = round(&mut Browser::new(&stand), &scene, "a", "", &[]).await;
    assert_eq!(signed_in.location(), "/sites");
    let fields = format!("issuer={ISSUER}&links_password={PASSWORD}");
    browser.fill("/security", "/security/links/remove", &fields).await;
    let refused = round(&mut Browser::new(&stand), &scene, "a", "", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_cannot_be_reached_leaves_the_password() {
    let mut stand = Stand::open(1, 1, false).await;
    with_provider(&mut stand);
    let reachless = Stand::open(1, 1, false).await;
    let fetch = reachless.web.fetch.clone();
    Arc::get_mut(&mut stand.web).unwrap().fetch = fetch;
    let seen = Browser::new(&stand)
        .fill("/sign-in", "/sign-in/provider/0", "")
        .await;
    assert_eq!(seen.status, StatusCode::BAD_GATEWAY);
    assert!(seen.text.contains("Use your password") && seen.text.contains(r#"name="password""#));
}
