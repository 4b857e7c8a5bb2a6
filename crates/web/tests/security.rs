//! The security of staff accounts over a whole stand: two steps, one's own account, accounts of others, providers, and
//! what the audit log says of all that.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "security/provider.rs"]
mod provider;
#[expect(dead_code, reason = "traffic and the public site are of other tests")]
mod stand;

use audit::Action::{
    self, AccountCreated, AccountDisabled, ConfigurationChange, CredentialsHandedOver, Refused, RoleChange,
    SecondFactorChange, SignIn, SignInFailed, SignOut, TaskChanged,
};
use axum::Router;
use axum::body::Body;
use credentials::TotpSecret;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE, USER_AGENT};
use http::{HeaderMap, Request, StatusCode};
use policy::{FieldClass, Purpose};
use staff::{AccountId, Role};
use stand::{ANALYST, OWNER, PASSWORD, Stand, now};
use tasks::{NewTask, TaskKind};
use tower::ServiceExt;
use vocabulary::PersonId;

/// The step of codes, in milliseconds.
const STEP_MS: i64 = 30_000;
const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// A browser without scripts: keeps cookies, follows nothing by itself.
struct Browser {
    router: Router,
    cookies: Vec<(String, String)>,
}

struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Seen {
    fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |v| v.to_str().unwrap())
    }

    fn csrf(&self) -> &str {
        self.between(r#"name="csrf" value=""#, "\"")
    }

    fn between(&self, before: &str, after: &str) -> &str {
        let rest = self.text.split_once(before).expect("it is on the page").1;
        rest.split_once(after).unwrap().0
    }
}

impl Browser {
    fn new(stand: &Stand) -> Self {
        Self {
            router: web::router(stand.web.clone()),
            cookies: Vec::new(),
        }
    }

    async fn send(&mut self, request: http::request::Builder, body: String) -> Seen {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let request = request
            .header(COOKIE, cookies.join("; "))
            .header(USER_AGENT, LINUX)
            .body(Body::from(body))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        for line in response.headers().get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            assert!(line.contains("; HttpOnly"), "{line}");
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(k, _)| k != name);
            if !value.is_empty() {
                self.cookies.push((name.into(), value.into()));
            }
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Seen {
            status,
            headers,
            text,
        }
    }

    async fn get(&mut self, path: &str) -> Seen {
        self.send(Request::get(path), String::new()).await
    }

    async fn post(&mut self, path: &str, body: &str) -> Seen {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body.replace(' ', "+")).await
    }

    /// Loads a page and sends a form with its token.
    async fn fill(&mut self, page: &str, form: &str, fields: &str) -> Seen {
        let csrf = self.get(page).await.csrf().to_owned();
        self.post(form, &format!("csrf={csrf}&{fields}")).await
    }

    async fn sign_in(&mut self, login: &str, password: &str) -> Seen {
        let fields = format!("login={login}&password={password}&next=/sites/shop.example");
        self.fill("/sign-in", "/sign-in", &fields).await
    }

    /// The second step, after the first.
    async fn give_code(&mut self, code: &str) -> Seen {
        let page = "/sign-in/code?next=%2Fsites%2Fshop.example";
        let fields = format!("code={code}&next=/sites/shop.example");
        self.fill(page, "/sign-in/code", &fields).await
    }

    fn is_signed_in(&self) -> bool {
        self.cookies.iter().any(|(name, _)| name == "anturazh_sign_in")
    }

    /// Sets up an app by the pages. Its code of half a minute ago is used up; gives the secret and the recovery codes.
    async fn enrol(&mut self) -> (TotpSecret, Vec<String>) {
        let begun = self
            .fill(
                "/security",
                "/security/second-factor",
                &format!("app_password={PASSWORD}"),
            )
            .await;
        assert_eq!(begun.status, StatusCode::OK);
        assert_eq!(begun.headers[CACHE_CONTROL], "no-store");
        assert!(begun.text.contains("<svg") && !begun.text.contains(" style="));
        let secret = base32(begun.between(r#"id="app-secret">"#, "<"));
        let wrong = self
            .post(
                "/security/second-factor/confirm",
                &format!("csrf={}&code=000000", begun.csrf()),
            )
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!wrong.text.contains("app-secret"), "the secret is shown once");
        let code = secret.code(now().0 - STEP_MS);
        let confirmed = self
            .post(
                "/security/second-factor/confirm",
                &format!("csrf={}&code={}", begun.csrf(), code.reveal()),
            )
            .await;
        assert_eq!(confirmed.status, StatusCode::OK);
        assert_eq!(confirmed.headers[CACHE_CONTROL], "no-store");
        let codes: Vec<String> = confirmed
            .text
            .split("<li><code>")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap().to_owned())
            .collect();
        assert_eq!(codes.len(), 10);
        let out = self
            .post("/sign-out", &format!("csrf={}", confirmed.csrf()))
            .await;
        assert_eq!(
            out.location(),
            "/",
            "the page's own form goes with the new cookie"
        );
        (secret, codes)
    }

    /// Signs in with an app that is set up just before.
    async fn enter_with_factor(&mut self, login: &str) -> TotpSecret {
        self.sign_in(login, PASSWORD).await;
        let (secret, _) = self.enrol().await;
        self.sign_in(login, PASSWORD).await;
        let seen = self.give_code(secret.code(now().0).reveal()).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER);
        secret
    }
}

/// RFC 4648, without padding, in groups.
fn base32(text: &str) -> TotpSecret {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for c in text.chars().filter(|c| *c != ' ') {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap();
        held = held << 5 | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    TotpSecret::from_bytes(&bytes).unwrap()
}

/// What the audit log says, oldest first: action, who did it, which account it concerns.
fn entries(stand: &Stand) -> Vec<(Action, Option<u32>, Option<u32>)> {
    let mut newest = stand.web.office.audit.newest(None, 100).unwrap();
    newest.reverse();
    let actor = |actor: &audit::Actor| match actor {
        audit::Actor::Staff(account) => Some(*account),
        _ => None,
    };
    newest
        .iter()
        .map(|n| (n.entry.action, actor(&n.entry.actor), n.entry.subject.account))
        .collect()
}

async fn id(stand: &Stand, login: &str) -> u32 {
    stand.web.staff.account_by_login(login).await.unwrap().id.0
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_takes_two_steps_once_an_app_is_set_up() {
    let stand = Stand::open(1, 1, false).await;
    let owner = id(&stand, OWNER).await;
    let mut browser = Browser::new(&stand);
    assert_eq!(
        browser.sign_in(OWNER, PASSWORD).await.location(),
        "/sites/shop.example"
    );
    let (secret, codes) = browser.enrol().await;

    let first = browser.sign_in(OWNER, PASSWORD).await;
    assert_eq!(first.location(), "/sign-in/code?next=%2Fsites%2Fshop%2Eexample");
    assert!(!browser.is_signed_in());
    assert_eq!(browser.get("/sites").await.status, StatusCode::SEE_OTHER);
    let bare = browser.post("/sign-in/code", "code=000000").await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN, "a form without its token");
    let wrong = browser.give_code("000000").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("wrong or was used already") && !wrong.text.contains("000000"));
    let used = browser.give_code(secret.code(now().0 - STEP_MS).reveal()).await;
    assert_eq!(
        used.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "it confirmed the app"
    );
    let right = browser.give_code(secret.code(now().0).reveal()).await;
    assert_eq!(right.location(), "/sites/shop.example");
    assert_eq!(browser.cookies.len(), 1, "the cookies of the way are gone");
    assert!(
        !browser
            .get("/sites")
            .await
            .text
            .contains("Your role needs a second factor")
    );

    for (code, location) in [
        (
            codes[0].to_lowercase(),
            "/security?used=recovery-code#second-factor",
        ),
        (codes[0].clone(), ""),
        (
            codes[1].replace('-', " "),
            "/security?used=recovery-code#second-factor",
        ),
    ] {
        let mut lost = Browser::new(&stand);
        lost.sign_in(OWNER, PASSWORD).await;
        assert_eq!(
            lost.give_code(&code).await.location(),
            location,
            "a recovery code works once"
        );
    }
    let page = browser.get("/security").await.text;
    assert!(page.contains("8 recovery codes are left"));
    for (_, value) in &browser.cookies {
        assert!(!page.contains(value));
    }

    let by_owner = |action| (action, Some(owner), Some(owner));
    let failed = (SignInFailed, None, Some(owner));
    assert_eq!(
        entries(&stand),
        [
            by_owner(SignIn),
            by_owner(SecondFactorChange),
            by_owner(SignOut),
            failed,
            failed,
            by_owner(SignIn),
            by_owner(SignIn),
            failed,
            by_owner(SignIn),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_have_to_wait_and_old_first_steps_begin_anew() {
    let stand = Stand::open(1, 1, false).await;
    let mut browser = Browser::new(&stand);
    browser.enter_with_factor(OWNER).await;
    let mut other = Browser::new(&stand);
    assert_eq!(other.get("/sign-in/code").await.location(), "/sign-in?late=yes");
    assert!(
        other
            .get("/sign-in?late=yes")
            .await
            .text
            .contains("took too long")
    );
    other.sign_in(OWNER, PASSWORD).await;
    let mut last = other.give_code("000000").await;
    for _ in 0..30 {
        if last.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        last = other.give_code("000000").await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.headers.contains_key("retry-after") && last.text.contains("Too many"));
    let count = entries(&stand).len();
    other.give_code("000000").await;
    assert_eq!(
        entries(&stand).len(),
        count,
        "what has to wait does not fill the log"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_have_a_second_factor_can_do_nothing_before_but_look_at_figures_for_an_hour() {
    let mut stand = Stand::open(1, 1, false).await;
    let settings = "/sites/shop.example/settings";
    let enrol = "/security?needs=second-factor#second-factor";
    for is_later in [false, true] {
        if is_later {
            let web = std::sync::Arc::get_mut(&mut stand.web).unwrap();
            web.now = || now().plus_ms(staff::sign_in::PUT_OFF_MS);
        }
        let mut owner = Browser::new(&stand);
        let mut analyst = Browser::new(&stand);
        owner.sign_in(OWNER, PASSWORD).await;
        analyst.sign_in(ANALYST, PASSWORD).await;
        let csrf = owner.get("/security").await.csrf().to_owned();
        for path in ["/sites", "/sites/shop.example"] {
            let seen = owner.get(path).await;
            if is_later {
                assert_eq!(seen.location(), enrol, "{path}");
            } else {
                assert!(seen.text.contains("Your role needs a second factor"), "{path}");
            }
        }
        for path in [settings, "/console", "/console/cases", "/console/staff"] {
            assert_eq!(owner.get(path).await.location(), enrol, "{path}");
        }
        for (path, fields) in [
            (format!("{settings}/tokens"), "token=Reports&can=read"),
            (format!("{settings}/collection"), "type=page_view&ip=none"),
            (
                "/console/staff/invite".to_owned(),
                "login=eve&name=Eve&role=owner",
            ),
        ] {
            let seen = owner.post(&path, &format!("csrf={csrf}&{fields}")).await;
            assert_eq!(seen.location(), enrol, "{path}");
        }
        let page = owner.get("/security").await;
        assert!(page.text.contains("First set up a second factor"));
        assert_eq!(page.text.contains("Look at the figures first"), !is_later);
        let seen = analyst.get("/sites").await;
        assert!(seen.status == StatusCode::OK && !seen.text.contains("Your role needs"));
        assert!(analyst.get("/security").await.text.contains("Set up an app"));
    }
    let site = stand
        .web
        .sites
        .snapshot()
        .by_domain("shop.example")
        .unwrap()
        .site
        .id;
    assert!(stand.web.sites.tokens(site).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_are_listed_and_ended() {
    let stand = Stand::open(1, 1, false).await;
    let [mut here, mut there, mut elsewhere] = [(); 3].map(|()| Browser::new(&stand));
    for browser in [&mut here, &mut there, &mut elsewhere] {
        browser.sign_in(OWNER, PASSWORD).await;
    }
    let mut analyst = Browser::new(&stand);
    analyst.sign_in(ANALYST, PASSWORD).await;
    let page = here.get("/security").await;
    assert_eq!(page.text.matches("<b>Firefox, Linux</b>").count(), 3);
    assert!(page.text.contains("22\u{a0}Nov 2026, 14:12 UTC") && !page.text.contains("145.0"));
    let account = AccountId(id(&stand, OWNER).await);
    let there_is = stand.web.staff.sign_ins(account, now()).await.unwrap()[1].id;
    let unproven = format!("sign_in={there_is}&sign_ins_password=not this one");
    for form in ["/security/sign-ins/end", "/security/sign-ins/end-others"] {
        let refused = here.fill("/security", form, &unproven).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "it takes the password"
        );
        assert_eq!(there.get("/sites").await.status, StatusCode::OK);
    }
    let proof = format!("sign_ins_password={PASSWORD}");
    let fields = format!("sign_in={there_is}&{proof}");
    let by_other = analyst.fill("/security", "/security/sign-ins/end", &fields).await;
    assert_eq!(by_other.status, StatusCode::NOT_FOUND, "not one's own");
    assert_eq!(there.get("/sites").await.status, StatusCode::OK);
    here.fill("/security", "/security/sign-ins/end", &fields).await;
    assert_eq!(there.get("/sites").await.status, StatusCode::SEE_OTHER);
    assert_eq!(elsewhere.get("/sites").await.status, StatusCode::OK);
    here.fill("/security", "/security/sign-ins/end-others", &proof)
        .await;
    assert_eq!(elsewhere.get("/sites").await.status, StatusCode::SEE_OTHER);
    assert_eq!(here.get("/sites").await.status, StatusCode::OK);
    assert_eq!(analyst.get("/sites").await.status, StatusCode::OK);
    let ended = entries(&stand);
    let ended = ended.iter().filter(|(action, ..)| *action == SignOut);
    assert_eq!(ended.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_sign_in_ends_the_one_that_the_browser_had() {
    let stand = Stand::open(1, 1, false).await;
    let mut browser = Browser::new(&stand);
    browser.sign_in(ANALYST, PASSWORD).await;
    let before = browser.cookies.clone();
    // A form of the sign-in page that was loaded before, in another tab.
    let mut other_tab = Browser::new(&stand);
    let csrf = other_tab.get("/sign-in").await.csrf().to_owned();
    browser.cookies.extend(
        other_tab
            .cookies
            .iter()
            .filter(|(name, _)| name == "anturazh_form")
            .cloned(),
    );
    let fields = format!("csrf={csrf}&login={ANALYST}&password={PASSWORD}");
    let seen = browser.post("/sign-in", &fields).await;
    assert_eq!(seen.location(), "/sites");
    assert_eq!(browser.get("/sites").await.status, StatusCode::OK);
    let mut earlier = Browser::new(&stand);
    earlier.cookies = before;
    assert_eq!(earlier.get("/sites").await.status, StatusCode::SEE_OTHER);
    let account = AccountId(id(&stand, ANALYST).await);
    assert_eq!(stand.web.staff.sign_ins(account, now()).await.unwrap().len(), 1);
    let out = browser.fill("/sites", "/sign-out", "").await;
    assert_eq!(out.headers["clear-site-data"], "\"cache\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_counted_by_the_minute_and_sign_ins_name_their_factor() {
    let stand = Stand::open(1, 1, false).await;
    let mut browser = Browser::new(&stand);
    for number in 0..5 {
        browser.sign_in(&format!("nobody{number}"), "x").await;
    }
    browser.post("/sign-in", "csrf=x&login=a&password=b").await;
    browser.sign_in(ANALYST, "wrong").await;
    browser.sign_in(ANALYST, PASSWORD).await;
    for path in ["/console/audit", "/console/staff", "/sites/shop.example/settings"] {
        browser.get(path).await;
    }
    browser.post("/sign-out", "csrf=x").await;
    for _ in 0..3 {
        browser.post("/api/v2/query", "{}").await;
    }
    stand.web.office.record_refusals(now()).await.unwrap();
    let mut entries = stand.web.office.audit.newest(None, 100).unwrap();
    entries.reverse();
    let analyst = Some(id(&stand, ANALYST).await);
    let found: Vec<_> = entries
        .iter()
        .map(|n| &n.entry)
        .map(|e| {
            let purpose = e.purpose.as_ref().map_or("", |word| word.as_str());
            (e.action, purpose, e.subject.account, e.count)
        })
        .collect();
    assert_eq!(
        found,
        [
            (SignInFailed, "password", analyst, 0),
            (SignIn, "password", analyst, 0),
            (SignInFailed, "unknown_login", None, 5),
            (Refused, "forged_form", None, 1),
            (Refused, "forged_form", analyst, 1),
            (Refused, "wrong_token", None, 3),
            (Refused, "page", analyst, 3),
        ]
    );
    stand.web.office.record_refusals(now()).await.unwrap();
    assert_eq!(stand.web.office.audit.size(), 7, "nothing is entered twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_whoever_knows_it() {
    let stand = Stand::open(1, 1, false).await;
    let mut browser = Browser::new(&stand);
    let mut other = Browser::new(&stand);
    browser.sign_in(OWNER, PASSWORD).await;
    other.sign_in(OWNER, PASSWORD).await;
    let new = "another pass phrase";
    for (fields, told) in [
        (format!("old=not this one&new={new}"), "The password is wrong."),
        (format!("old={PASSWORD}&new=short"), "fewer than 12"),
    ] {
        let seen = browser.fill("/security", "/security/password", &fields).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(seen.text.contains(told) && !seen.text.contains(new), "{told}");
    }
    let forged = browser
        .post("/security/password", &format!("old={PASSWORD}&new={new}"))
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let fields = format!("old={PASSWORD}&new={new}");
    let seen = browser.fill("/security", "/security/password", &fields).await;
    assert_eq!(seen.location(), "/security?saved=password");
    assert_eq!(
        browser.get("/sites").await.status,
        StatusCode::OK,
        "the cookie was renewed"
    );
    assert_eq!(other.get("/sites").await.status, StatusCode::SEE_OTHER);
    assert_eq!(other.sign_in(OWNER, new).await.status, StatusCode::SEE_OTHER);
    assert!(
        entries(&stand)
            .iter()
            .any(|(action, ..)| *action == Action::PasswordChange)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_owners_with_a_second_factor_reach_the_accounts_of_others() {
    let stand = Stand::open(1, 1, false).await;
    let analyst_id = id(&stand, ANALYST).await;
    let mut anyone = Browser::new(&stand);
    let mut analyst = Browser::new(&stand);
    let mut bare = Browser::new(&stand);
    let mut owner = Browser::new(&stand);
    analyst.sign_in(ANALYST, PASSWORD).await;
    bare.sign_in(OWNER, PASSWORD).await;
    let analyst_csrf = analyst.get("/security").await.csrf().to_owned();
    let bare_csrf = bare.get("/security").await.csrf().to_owned();
    let before = stand.web.staff.accounts().await.unwrap();
    let enrol = "/security?needs=second-factor#second-factor";
    assert!(
        anyone
            .get("/console/staff")
            .await
            .location()
            .starts_with("/sign-in?")
    );
    assert_eq!(analyst.get("/console/staff").await.status, StatusCode::NOT_FOUND);
    assert_eq!(bare.get("/console/staff").await.location(), enrol);
    for act in [
        "invite",
        "role",
        "bar",
        "unbar",
        "link",
        "second-factor",
        "sign-ins",
    ] {
        let path = format!("/console/staff/{act}");
        let fields = |csrf: &str| format!("csrf={csrf}&account={analyst_id}&role=owner&login=eve&name=Eve");
        assert!(
            anyone
                .post(&path, &fields(""))
                .await
                .location()
                .starts_with("/sign-in?")
        );
        let seen = analyst.post(&path, &fields(&analyst_csrf)).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{act}");
        assert_eq!(
            bare.post(&path, &fields(&bare_csrf)).await.location(),
            enrol,
            "{act}"
        );
    }
    assert_eq!(
        stand.web.staff.accounts().await.unwrap(),
        before,
        "nothing was done"
    );
    for path in [
        "/security/second-factor",
        "/security/recovery-codes",
        "/security/links",
    ] {
        assert!(
            anyone.post(path, "").await.location().starts_with("/sign-in?"),
            "{path}"
        );
    }
    owner.enter_with_factor(OWNER).await;
    assert_eq!(owner.get("/console/staff").await.status, StatusCode::OK);
    let forged = owner
        .post("/console/staff/bar", &format!("account={analyst_id}"))
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_invites_changes_bars_and_lets_in_again() {
    let stand = Stand::open(1, 1, false).await;
    let (owner_id, analyst_id) = (id(&stand, OWNER).await, id(&stand, ANALYST).await);
    let mut owner = Browser::new(&stand);
    owner.enter_with_factor(OWNER).await;
    let page = "/console/staff";
    let taken = format!("login={ANALYST}&name=Eve&role=manager");
    let seen = owner.fill(page, "/console/staff/invite", &taken).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.text.contains("Another account has this login") && seen.text.contains(r#"value="Eve""#));
    let fields = "login=eve@agency.example&name=Eve&role=manager";
    let seen = owner.fill(page, "/console/staff/invite", fields).await;
    assert_eq!(seen.headers[CACHE_CONTROL], "no-store");
    let link = seen.between(r#"id="set-up-link">"#, "<").to_owned();
    let eve_id = id(&stand, "eve@agency.example").await;
    let maker = stand.web.staff.handed_over_by(AccountId(eve_id), now()).await;
    assert_eq!(maker.unwrap(), Some(AccountId(owner_id)));
    let long_after = now().plus_ms(staff::hand_over::HAND_OVER_MS);
    let maker = stand
        .web
        .staff
        .handed_over_by(AccountId(eve_id), long_after)
        .await;
    assert_eq!(maker.unwrap(), None);
    assert!(!owner.get(page).await.text.contains(&link), "it is shown once");
    let mut eve = Browser::new(&stand);
    let token = link.split_once("/set-up?token=").unwrap().1;
    let set_up = format!("token={token}&name=Eve&password={PASSWORD}");
    let ready = eve.post("/set-up", &set_up).await;
    assert_eq!(ready.location(), "/security?welcome=yes");
    assert!(
        eve.get(ready.location())
            .await
            .text
            .contains("Your account is ready")
    );
    assert!(
        eve.get("/sites")
            .await
            .text
            .contains("Your role needs a second factor")
    );

    let own = format!("account={owner_id}&role=analyst");
    for act in ["role", "bar", "second-factor", "sign-ins", "link"] {
        let seen = owner.fill(page, &format!("{page}/{act}"), &own).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "one's own account: {act}");
    }
    let of_eve = format!("account={eve_id}");
    let role = format!("{of_eve}&role=privacy_officer");
    assert_eq!(
        owner.fill(page, "/console/staff/role", &role).await.location(),
        "/console/staff?saved=yes"
    );
    let changed = stand.web.staff.account(AccountId(eve_id)).await.unwrap();
    assert_eq!(changed.role, Role::PrivacyOfficer);

    eve.enrol().await;
    eve.sign_in("eve@agency.example", PASSWORD).await;
    assert!(!eve.is_signed_in());
    let letters = async || stand.web.office.sharing.outbox.waiting(100).await.unwrap().len();
    let before = letters().await;
    owner.fill(page, "/console/staff/second-factor", &of_eve).await;
    assert_eq!(letters().await, before + 1, "its holder is told");
    let seen = eve.sign_in("eve@agency.example", PASSWORD).await;
    assert!(
        seen.status == StatusCode::SEE_OTHER && eve.is_signed_in(),
        "the factor was reset"
    );
    owner.fill(page, "/console/staff/sign-ins", &of_eve).await;
    assert_eq!(eve.get("/sites").await.status, StatusCode::SEE_OTHER);

    let task = NewTask {
        client: 0,
        purpose: Purpose::AnswerEnquiry,
        kind: TaskKind::Enquiry,
        persons: &[PersonId([1; 16])],
        classes: &[FieldClass::Email],
        assignees: &[eve_id],
        end: None,
        reason: "an enquiry",
    };
    let tasks = &stand.web.office.tasks;
    tasks.open_task(task, owner_id, now()).await.unwrap();
    assert_eq!(tasks.grants_in_force(now()).await.unwrap().len(), 1);
    owner.fill(page, "/console/staff/bar", &of_eve).await;
    let in_force = tasks.grants_in_force(now()).await.unwrap();
    assert!(in_force.is_empty(), "whoever is barred has no task any more");
    let seen = eve.sign_in("eve@agency.example", PASSWORD).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(owner.get(page).await.text.contains("barred"));
    owner.fill(page, "/console/staff/unbar", &of_eve).await;
    let seen = eve.sign_in("eve@agency.example", PASSWORD).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER);

    let seen = owner
        .fill(page, "/console/staff/link", &format!("account={analyst_id}"))
        .await;
    assert!(seen.text.contains("/set-up?token="));
    for (fields, act) in [
        ("account=999", "bar"),
        ("account=x", "bar"),
        (&*of_eve, "promote"),
    ] {
        let seen = owner.fill(page, &format!("{page}/{act}"), fields).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{act} {fields}");
    }
    let by_owner: Vec<_> = entries(&stand)
        .into_iter()
        .filter(|(_, by, about)| *by == Some(owner_id) && *about != Some(owner_id))
        .map(|(action, _, about)| (action, about.unwrap()))
        .collect();
    assert_eq!(
        by_owner,
        [
            (AccountCreated, eve_id),
            (RoleChange, eve_id),
            (SecondFactorChange, eve_id),
            (SignOut, eve_id),
            (TaskChanged, eve_id),
            (AccountDisabled, eve_id),
            (ConfigurationChange, eve_id),
            (CredentialsHandedOver, analyst_id),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_a_sites_settings_are_recorded() {
    let stand = Stand::open(1, 1, false).await;
    let mut owner = Browser::new(&stand);
    owner.enter_with_factor(OWNER).await;
    let site = stand
        .web
        .sites
        .snapshot()
        .by_domain("shop.example")
        .unwrap()
        .site
        .id;
    let page = "/sites/shop.example/settings";
    let recorded = || {
        let newest = stand.web.office.audit.newest(None, 100).unwrap();
        let changes = newest.iter().filter(|n| n.entry.action == ConfigurationChange);
        changes.filter(|n| n.entry.subject.site == Some(site)).count()
    };
    for (count, (form, fields)) in [
        ("collection", "type=page_view&ip=none"),
        ("goals", "goal=Cart&kind=page&what=/cart"),
        ("goals/remove", "goal=Cart"),
        ("own", "networks=192.0.2.7"),
        ("tokens", "token=Reports&can=read"),
        ("tokens/revoke", "id=1"),
    ]
    .into_iter()
    .enumerate()
    {
        owner.fill(page, &format!("{page}/{form}"), fields).await;
        assert_eq!(recorded(), count + 1, "{form}");
    }
    let refused = owner
        .fill(page, &format!("{page}/own"), "networks=everyone")
        .await;
    assert_eq!(
        (refused.status, recorded()),
        (StatusCode::UNPROCESSABLE_ENTITY, 6)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_keeps_the_strict_policy_in_both_languages() {
    let stand = Stand::open(1, 1, false).await;
    let mut owner = Browser::new(&stand);
    owner.enter_with_factor(OWNER).await;
    let mut half = Browser::new(&stand);
    half.sign_in(OWNER, PASSWORD).await;
    for language in ["en", "ru"] {
        for path in ["/security", "/console/staff", "/sign-in/code"] {
            let browser = if path == "/sign-in/code" {
                &mut half
            } else {
                &mut owner
            };
            browser.cookies.retain(|(name, _)| name != "lang");
            let seen = browser
                .send(
                    Request::get(path).header("accept-language", language),
                    String::new(),
                )
                .await;
            assert_eq!(seen.status, StatusCode::OK, "{path}");
            let text = &seen.text;
            assert!(
                !text.contains(" style=") && !text.contains("<style") && !text.contains(" onclick="),
                "{path}"
            );
            assert_eq!(text.matches("<h1").count(), 1, "{path}");
            let ids: Vec<&str> = text
                .split(" id=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .collect();
            let distinct: std::collections::HashSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), distinct.len(), "{path}: an id occurs twice");
        }
    }
}
