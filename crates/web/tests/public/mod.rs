//! The agency's own site over a whole stand. Its visitor has no scripts, and no cookies but those it is given.

mod account;
mod consents;
mod cookies;
mod forms;
mod site;
mod testimonials;

use crate::stand::doors::MEMBER;
use crate::stand::{PASSWORD, Stand};
use axum::Router;
use axum::body::Body;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{Request, StatusCode};
use tower::ServiceExt;

/// A visitor with no cookies but those named, and no scripts.
struct Visitor {
    router: Router,
    cookies: String,
    language: &'static str,
    gpc: bool,
    site: &'static str,
    host: &'static str,
}

struct Seen {
    status: StatusCode,
    location: String,
    cookies: Vec<String>,
    cached: String,
    text: String,
}

impl Seen {
    fn field(&self, form: &str, name: &str) -> String {
        let from = self.text.split(&format!(r#" action="{form}"#)).nth(1).unwrap();
        let value = from.split(&format!(r#"name="{name}" value=""#)).nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    }

    /// What stands in the main part.
    fn main(&self) -> &str {
        let main = self.text.split("<main").nth(1).unwrap();
        main.split("</main>").next().unwrap()
    }
}

impl Visitor {
    fn new(stand: &Stand) -> Self {
        Self {
            router: web::router(stand.web.clone()),
            cookies: String::new(),
            language: "en",
            gpc: false,
            site: "same-origin",
            host: "localhost",
        }
    }

    async fn send(&self, request: http::request::Builder, body: String) -> Seen {
        let mut request = request
            .header(HOST, self.host)
            .header("accept-language", self.language)
            .header("sec-fetch-site", self.site);
        if !self.cookies.is_empty() {
            request = request.header(COOKIE, &self.cookies);
        }
        if self.gpc {
            request = request.header("sec-gpc", "1");
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let header = |name| {
            response
                .headers()
                .get_all(name)
                .iter()
                .map(|v| v.to_str().unwrap().to_owned())
        };
        let (status, location, cookies, cached) = (
            response.status(),
            header(LOCATION).collect(),
            header(SET_COOKIE).collect(),
            header(CACHE_CONTROL).collect(),
        );
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap();
        Seen {
            status,
            location,
            cookies,
            cached,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    async fn get(&self, path: &str) -> Seen {
        self.send(Request::get(path), String::new()).await
    }

    async fn post(&self, path: &str, body: &str) -> Seen {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body.into()).await
    }

    /// Loads a form and sends it.
    async fn fill(&self, page: &str, form: &str, fields: &str) -> Seen {
        let token = self.get(page).await.field(form, "token");
        self.post(form, &format!("token={token}&homepage=&{fields}"))
            .await
    }

    /// Signs in to the one account.
    async fn enter(&mut self) -> Seen {
        let fields = format!("login={MEMBER}&password={}", PASSWORD.replace(' ', "+"));
        let seen = self.fill("/account/sign-in", "/account/sign-in", &fields).await;
        assert_eq!(
            (seen.status, seen.location.as_str()),
            (StatusCode::SEE_OTHER, "/account?entered=yes")
        );
        seen.cookies[0]
            .split(';')
            .next()
            .unwrap()
            .clone_into(&mut self.cookies);
        seen
    }
}
