//! A small provider on a real socket, and a small client of HTTP.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use staff::Sealed;
use staff::oidc::{Fetch, FetchFault, FetchFuture, FetchRequest, Fetched, Provider, ProviderSettings};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the provider answers with, and what it was asked.
#[derive(Default)]
pub(crate) struct Scene {
    /// The identifiers of its keys; each is the seed of an Ed25519 key too. It signs with the last.
    pub(crate) keys: Vec<u8>,
    /// The claims of the next token; none means that the code is refused.
    pub(crate) claims: Option<Value>,
    /// Fields that the document of Discovery has besides.
    pub(crate) document: Vec<(&'static str, Value)>,
    /// The requests: path, header `authorization`, body.
    pub(crate) asked: Vec<(String, String, String)>,
}

pub(crate) struct Stand {
    pub(crate) issuer: String,
    pub(crate) scene: Arc<Mutex<Scene>>,
}

impl Stand {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let scene = Arc::new(Mutex::new(Scene {
            keys: vec![1],
            ..Scene::default()
        }));
        let (serving, at) = (scene.clone(), issuer.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, &serving, &at).await;
            }
        });
        Self { issuer, scene }
    }

    pub(crate) fn provider(&self, change: impl FnOnce(&mut ProviderSettings)) -> Provider {
        let mut settings = ProviderSettings {
            issuer: self.issuer.clone(),
            client_id: "anturazh".to_owned(),
            client_secret: Some(Sealed::new("s p/ce".to_owned())),
            redirect_uri: "https://agency.example/sign-in/provider".to_owned(),
            second_factor_amr: vec!["mfa".to_owned()],
            second_factor_acr: vec![],
        };
        change(&mut settings);
        Provider::new(settings).unwrap()
    }

    /// How often a path was asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        let scene = self.scene.lock().unwrap();
        scene.asked.iter().filter(|(asked, ..)| asked == path).count()
    }
}

fn signing_key(seed: u8) -> EncodingKey {
    const PREFIX: [u8; 16] = [
        0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ];
    EncodingKey::from_ed_der(&[&PREFIX[..], &[seed; 32]].concat())
}

async fn serve(mut stream: TcpStream, scene: &Mutex<Scene>, issuer: &str) {
    let mut request = Vec::new();
    let (head, body) = loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.unwrap();
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8(request.clone()).unwrap();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = header(head, "content-length").parse().unwrap_or(0);
            if body.len() >= length {
                break (head.to_owned(), body.to_owned());
            }
        }
        assert!(read > 0, "the request breaks off");
    };
    let (status, answer) = {
        let mut scene = scene.lock().unwrap();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        scene
            .asked
            .push((path.clone(), header(&head, "authorization"), body));
        answered(&scene, &path, issuer)
    };
    let answer = answer.to_string();
    let head = format!(
        "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(answer.as_bytes()).await.unwrap();
}

fn answered(scene: &Scene, path: &str, issuer: &str) -> (u16, Value) {
    match path {
        "/.well-known/openid-configuration" => {
            let mut document = json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/authorize?tenant=a"),
                "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/keys"),
            });
            for (name, value) in &scene.document {
                document[*name] = value.clone();
            }
            (200, document)
        }
        "/keys" => {
            let public = |seed: &u8| {
                let mut public = Jwk::from_encoding_key(&signing_key(*seed), Algorithm::EdDSA).unwrap();
                public.common.key_id = Some(seed.to_string());
                public
            };
            (
                200,
                json!({"keys": scene.keys.iter().map(public).collect::<Vec<_>>()}),
            )
        }
        "/token" => match &scene.claims {
            Some(claims) => {
                let seed = *scene.keys.last().unwrap();
                let mut header = Header::new(Algorithm::EdDSA);
                header.kid = Some(seed.to_string());
                let token = encode(&header, claims, &signing_key(seed)).unwrap();
                (
                    200,
                    json!({"id_token": token, "access_token": "a", "token_type": "Bearer"}),
                )
            }
            None => (400, json!({"error": "invalid_grant"})),
        },
        _ => (404, json!({})),
    }
}

fn header(head: &str, name: &str) -> String {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map_or(String::new(), |(_, value)| value.to_owned())
}

/// HTTP/1.1, one request for each connection.
pub(crate) struct Client;

impl Fetch for Client {
    fn fetch<'a>(&'a self, request: FetchRequest<'a>) -> FetchFuture<'a> {
        Box::pin(async move {
            let failed = |error: std::io::Error| FetchFault(error.to_string());
            let url = url::Url::parse(request.address).unwrap();
            let at = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
            let mut stream = TcpStream::connect(&at).await.map_err(failed)?;
            let body = request.form.as_ref().map_or("", Sealed::reveal);
            let method = if request.form.is_some() { "POST" } else { "GET" };
            let authorization = request.authorization.as_ref().map_or("", Sealed::reveal);
            let head = format!(
                "{method} {} HTTP/1.1\r\nhost: {at}\r\ncontent-length: {}\r\nauthorization: {authorization}\r\n",
                url.path(),
                body.len()
            );
            stream
                .write_all(format!("{head}\r\n{body}").as_bytes())
                .await
                .map_err(failed)?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.map_err(failed)?;
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            Ok(Fetched {
                status: head.split(' ').nth(1).unwrap().parse().unwrap(),
                body: Sealed::new(body.to_owned()),
            })
        })
    }
}

/// The pairs of a query or form.
pub(crate) fn pairs(text: &str) -> HashMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}
