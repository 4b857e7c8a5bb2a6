//! A stand with something behind every route, and whoever may come.

use super::matrix::{Kind, Seen};
use super::member::member;
use super::register::Who;
use super::stand::doors::MEMBER;
use super::stand::{PASSWORD, Stand, now};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use credentials::{Sealed, Secret};
use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION};
use http::{Method, Request, StatusCode};
use office::EnquiryForm;
use policy::{FieldClass, Purpose};
use staff::{AccountId, Role};
use std::net::SocketAddr;
use std::sync::Arc;
use tasks::{NewBreakGlass, Witness};
use tower::ServiceExt;
use web::asset::Asset;
use web::caller::Caller;
use web::public::AccountDoor;
use web::public::account::{Entered, Stay};

pub(crate) struct Whoever {
    pub(crate) kind: Kind,
    /// The cookie of staff and that of a person.
    pub(crate) cookies: [Option<Secret>; 2],
    pub(crate) token: Option<String>,
}

pub(crate) const ELSEWHERE: &str = "203.0.113.9:40000";
pub(crate) const HERE: &str = "127.0.0.1:40000";

pub(crate) struct Scene {
    pub(crate) stand: Stand,
    pub(crate) router: Router,
    pub(crate) case: u32,
    pub(crate) task: String,
    pub(crate) emergency: String,
    pub(crate) testimonial: u32,
    pub(crate) person: String,
}

impl Scene {
    /// A stand with an enquiry, whose task is `assignee`'s, and an emergency opening that waits for another account.
    pub(crate) async fn open() -> (Self, Vec<Whoever>) {
        let mut stand = Stand::open(3, 5, false).await;
        let web = Arc::get_mut(&mut stand.web).unwrap();
        web.security_contact = Some("mailto:security@agency.example".into());
        web.metrics_token = Some("metrics-token".into());
        web.public.agency.logo = Some("<svg/>".into());
        let (shop, studio) = {
            let sites = stand.web.sites.snapshot();
            let id = |domain: &str| sites.by_domain(domain).unwrap().site.id;
            (id("shop.example"), id("studio.example"))
        };
        let mut callers = vec![Whoever::new(Kind::Nobody, [None, None])];
        let draw = || Secret::draw().unwrap();
        callers.push(Whoever {
            token: Some(draw().text()),
            ..Whoever::new(Kind::Stranger, [Some(draw()), Some(draw())])
        });
        let (email, password) = (Sealed::new(MEMBER.into()), Sealed::new(PASSWORD.into()));
        let entered = stand
            .taken
            .sign_in(email, password, Stay::Browser, String::new(), now())
            .await;
        let person = match entered.unwrap() {
            Entered::In(cookie) => Some(cookie),
            Entered::Wrong | Entered::Wait { .. } | Entered::TakeLink { .. } => None,
        };
        let mut assignees: Vec<AccountId> = Vec::new();
        for role in Role::ALL {
            for factor in [false, true] {
                let login = format!("{}-{factor}", role.name());
                let (id, cookie) = member(&stand.web.staff, &login, *role, factor).await;
                stand.web.staff.allow_site(id, shop).await.unwrap();
                if *role == Role::Manager {
                    assignees.push(id);
                }
                callers.push(Whoever::new(Kind::Staff(*role, factor), [Some(cookie), None]));
            }
        }
        let (id, cookie) = member(&stand.web.staff, "other", Role::Analyst, true).await;
        stand.web.staff.allow_site(id, studio).await.unwrap();
        callers.push(Whoever::new(Kind::Other, [Some(cookie.clone()), None]));
        callers.push(Whoever::new(Kind::Crossed, [person.clone(), Some(cookie)]));
        callers.push(Whoever::new(Kind::Person, [None, person]));

        let sealed = |text: &str| Sealed::new(text.to_owned());
        let form = EnquiryForm {
            form: "enquiry",
            language: people::Language::En,
            wordings: &[("enquiry", 1)],
            form_sha256: [3; 32],
            fields: vec![(FieldClass::Email, sealed("klara@client.example"))],
            message: sealed("Who counts our shop?"),
            ticked: &[],
            has_gpc: false,
            once: [7; 16],
        };
        let office = &stand.web.office;
        let intake = office.take_enquiry(form, &[assignees[1].0], now()).await.unwrap();
        let glass = NewBreakGlass {
            client: 0,
            purpose: Purpose::AnswerEnquiry,
            persons: &[intake.person],
            classes: &[FieldClass::Email],
            reason: "the mail goes out in ten minutes",
            witness: Witness::SecondPerson,
        };
        let glass = office
            .tasks
            .break_glass(glass, assignees[0].0, now())
            .await
            .unwrap();
        let draft = people::NewTestimonial {
            language: people::Language::En,
            said: people::Said {
                text: sealed("They counted everything."),
                name: None,
                position: None,
                company: None,
            },
            email: sealed("author@client.example"),
            written_by: assignees[0].0,
        };
        let testimonial = office.draft_testimonial(&draft, now()).await.unwrap();
        office.audit.checkpoint().unwrap();
        let scene = Self {
            router: web::router(stand.web.clone()),
            stand,
            case: intake.case.0,
            task: intake.task.unwrap().to_string(),
            emergency: glass.task.to_string(),
            testimonial: testimonial.0,
            person: intake.person.to_string(),
        };
        (scene, callers)
    }

    /// The address of a route: of things that all who have the right may know of.
    pub(crate) fn address(&self, path: &str) -> String {
        let id = match path.split('/').nth(2) {
            Some("tasks") => &self.task,
            Some("emergencies") => &self.emergency,
            Some("persons") => &self.person,
            _ if path.starts_with("/account/receipts") => "receipt-7",
            _ if path.starts_with("/wordings") => "enquiry",
            _ => "1",
        };
        let number = match path.split('/').nth(2) {
            Some("cases") => self.case,
            Some("testimonials") => self.testimonial,
            _ => 0,
        };
        let asset = Asset::Style.path().rsplit('/').next().unwrap();
        path.replace("{domain}", "shop.example")
            .replace("{number}", &number.to_string())
            .replace("{id}", id)
            .replace("{person}", id)
            .replace("{hold}", "1")
            .replace("{act}", "bar")
            .replace("{name}", asset)
            .replace("p.gif", "p.gif?site=shop.example")
            .replace("answered", "answered?as=agreed")
    }

    pub(crate) async fn ask(
        &self,
        whoever: &Whoever,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Seen {
        self.ask_from(ELSEWHERE, whoever, method, path, body, headers)
            .await
    }

    pub(crate) async fn ask_from(
        &self,
        from: &str,
        whoever: &Whoever,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Seen {
        let names = ["anturazh_sign_in", "anturazh_account"];
        let cookies = names.iter().zip(&whoever.cookies);
        let cookies: Vec<String> = cookies
            .filter_map(|(name, secret)| Some(format!("{name}={}", secret.as_ref()?.text())))
            .collect();
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(path)
            .header(COOKIE, cookies.join("; "))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("accept-language", "en");
        if let Some(token) = &whoever.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let peer: SocketAddr = from.parse().unwrap();
        let request = request
            .extension(ConnectInfo(Caller(peer.into())))
            .body(Body::from(body.to_owned()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let header = |name| {
            response
                .headers()
                .get(name)
                .map_or("", |v| v.to_str().unwrap())
                .to_owned()
        };
        let (status, location) = (response.status(), header(LOCATION));
        let allow = header(ALLOW);
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Seen {
            text: if status == StatusCode::METHOD_NOT_ALLOWED {
                allow
            } else {
                text
            },
            status,
            location,
        }
    }

    /// What forms could have changed: accounts, entries of the audit log, what came through the public site's doors.
    pub(crate) async fn state(&self) -> (Vec<staff::Account>, u64, usize) {
        let taken = &self.stand.taken;
        let count = taken.enquiries.lock().unwrap().len()
            + taken.requests.lock().unwrap().len()
            + taken.letters.lock().unwrap().len()
            + taken.acts.lock().unwrap().len();
        let accounts = self.stand.web.staff.accounts().await.unwrap();
        (accounts, self.stand.web.office.audit.size(), count)
    }
}

impl Whoever {
    pub(crate) fn new(kind: Kind, cookies: [Option<Secret>; 2]) -> Self {
        Self {
            kind,
            cookies,
            token: None,
        }
    }

    /// The token that the pages of this sign-in would have.
    pub(crate) fn csrf(&self, who: Who) -> String {
        let place = usize::from(matches!(who, Who::Person | Who::PersonLately));
        let secret = self.cookies[place].as_ref();
        secret.map(credentials::csrf_token).unwrap_or_default()
    }
}
