//! What `/api/openapi.json` says, against what the server has and does.

use super::matrix::Kind;
use super::register::REGISTER;
use super::scene::{HERE, Scene, Whoever};
use super::stand::now;
use collect::protocol::native::LONGEST;
use http::StatusCode;
use regex::Regex;
use serde_json::{Value, json};
use sites::Can;
use std::collections::BTreeSet;
use vocabulary::Reason;

fn document() -> Value {
    serde_json::from_str(include_str!("../../src/openapi.json")).unwrap()
}

/// Whether a path is a program's: pages and what they load are not in the document.
fn is_for_programs(path: &str) -> bool {
    [
        "/api/",
        "/.well-known/",
        "/a.js",
        "/p.gif",
        "/healthz",
        "/metrics",
    ]
    .iter()
    .any(|start| path.starts_with(start))
}

/// Why a value does not fit a schema, if it does not: the words of JSON Schema that the document uses.
fn misfit(document: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(&reference[1..]).unwrap();
        return misfit(document, schema, value, at);
    }
    let all = |schemas: &Value| -> Vec<Value> { schemas.as_array().cloned().unwrap_or_default() };
    let fits = |schema: &Value| misfit(document, schema, value, at).is_none();
    if schema["oneOf"].is_array() && all(&schema["oneOf"]).iter().filter(|s| fits(s)).count() != 1 {
        return Some(format!("{at}: not one of {}", schema["oneOf"]));
    }
    if schema["enum"].is_array() && !all(&schema["enum"]).contains(value) {
        return Some(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    let is = |name: &Value| match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        // No type of JSON, so nothing is one.
        _ => false,
    };
    let types = match &schema["type"] {
        Value::Null => Vec::new(),
        Value::Array(names) => names.clone(),
        name => vec![name.clone()],
    };
    if !types.is_empty() && !types.iter().any(is) {
        return Some(format!("{at}: {value} is no {}", schema["type"]));
    }
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str())
        && !Regex::new(pattern).unwrap().is_match(text)
    {
        return Some(format!("{at}: {text} is not {pattern}"));
    }
    if let Some(object) = value.as_object() {
        for key in all(&schema["required"]) {
            if !object.contains_key(key.as_str().unwrap()) {
                return Some(format!("{at}: lacks {key}"));
            }
        }
        for (key, value) in object {
            let (own, rest) = (&schema["properties"][key], &schema["additionalProperties"]);
            let schema = if own.is_null() { rest } else { own };
            if *schema == json!(false) {
                return Some(format!("{at}: has {key}"));
            }
            let found = misfit(document, schema, value, &format!("{at}.{key}"));
            if found.is_some() {
                return found;
            }
        }
    }
    let items = value.as_array().into_iter().flatten();
    for (place, item) in items.enumerate() {
        let first = schema["prefixItems"].get(place);
        let found = misfit(
            document,
            first.unwrap_or(&schema["items"]),
            item,
            &format!("{at}[{place}]"),
        );
        if found.is_some() {
            return found;
        }
    }
    None
}

fn names(value: &Value) -> BTreeSet<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect()
}

#[test]
fn every_route_of_the_interface_is_described_and_no_other() {
    let document = document();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(|method| (path.clone(), method.to_uppercase()))
        })
        .collect();
    let routes: BTreeSet<(String, String)> = REGISTER
        .iter()
        .filter(|route| is_for_programs(route.path))
        .map(|route| (route.path.to_owned(), route.method.to_owned()))
        .collect();
    assert!(routes.len() > 10);
    assert_eq!(described, routes);
}

#[test]
fn what_it_lists_is_what_there_is() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let metrics: BTreeSet<&str> = reports::Metric::ALL.iter().map(|m| m.name()).collect();
    assert_eq!(names(&schemas["Metric"]["enum"]), metrics);
    let dimensions: Vec<_> = reports::Dimension::all();
    let dimensions: Vec<_> = dimensions.iter().map(reports::Dimension::name).collect();
    let dimensions: BTreeSet<&str> = dimensions.iter().map(AsRef::as_ref).collect();
    assert_eq!(names(&schemas["Dimension"]["oneOf"][0]["enum"]), dimensions);
    let reasons: BTreeSet<&str> = Reason::ALL.iter().map(|r| r.name()).collect();
    let dropped = &schemas["Accepted"]["properties"]["dropped"];
    assert_eq!(names(&dropped["propertyNames"]["enum"]), reasons);
    let event = &schemas["Event"]["properties"];
    for (field, longest) in LONGEST {
        let schema = match *field {
            "order_id" => &event["purchase"]["properties"]["order_id"],
            "sku" => &schemas["Item"]["properties"]["sku"],
            "item" => &schemas["Item"]["properties"]["name"],
            "property name" | "property" => continue,
            field => &event[field],
        };
        assert_eq!(schema["maxLength"], *longest, "{field}");
    }
    // Nothing is referred to that is not there.
    let text = document.to_string();
    for reference in Regex::new(r##""\$ref":"#([^"]+)""##)
        .unwrap()
        .captures_iter(&text)
    {
        assert!(document.pointer(&reference[1]).is_some(), "{}", &reference[1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_as_described() {
    let (scene, mut callers) = Scene::open().await;
    let document = document();
    let site = scene.stand.web.sites.site("shop.example").unwrap().site.id;
    let sites = &scene.stand.web.sites;
    let made = sites
        .create_token(site, Can::Read, "program", now())
        .await
        .unwrap();
    sites.refresh().await.unwrap();
    let stranger = callers.swap_remove(0);
    let reader = Whoever {
        token: Some(made.text),
        ..Whoever::new(Kind::Nobody, [None, None])
    };
    let question = |more: Value| {
        let mut question = json!({"site_id": "shop.example", "metrics": ["visitors", "bounce_rate", "total_revenue"], "date_range": "28d"});
        question
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        question
    };
    let event = json!({"site": "shop.example", "name": "page_view", "url": "https://shop.example/"});
    let bad = json!({"site": "shop.example", "name": "page_view"});
    for (path, asks, body, status) in [
        ("/api/v1/events", &stranger, event.clone(), 202),
        (
            "/api/v1/events",
            &stranger,
            json!([event, {"site": "x.example", "name": "a"}]),
            202,
        ),
        ("/api/v1/events", &stranger, bad, 400),
        ("/api/v2/query", &stranger, question(json!({})), 401),
        ("/api/v2/query", &reader, question(json!({})), 200),
        (
            "/api/v2/query",
            &reader,
            question(json!({
                "dimensions": ["time:day", "visit:source"],
                "filters": [["is", "event:page", ["/"]], ["not", ["or", [["contains", "visit:source", ["a"]], ["matches", "event:props:plan", ["^p"]]]]]],
                "order_by": [["visitors", "desc"]],
                "include": {"time_labels": true, "total_rows": true, "comparisons": {"mode": "previous_period"}},
                "pagination": {"limit": 3, "offset": 0},
            })),
            200,
        ),
        (
            "/api/v2/query",
            &reader,
            question(json!({"site_id": "studio.example"})),
            404,
        ),
        (
            "/api/v2/query",
            &reader,
            question(json!({"date_range": "5y"})),
            400,
        ),
    ] {
        let about = &document["paths"][path]["post"];
        if status < 300 {
            let schema = &about["requestBody"]["content"]["application/json"]["schema"];
            assert_eq!(misfit(&document, schema, &body, "body"), None, "{body}");
        }
        let seen = scene.ask(asks, "POST", path, &body.to_string(), &[]).await;
        assert_eq!(seen.status.as_u16(), status, "{body}: {}", seen.text);
        let mut response = &about["responses"][status.to_string()];
        if let Some(reference) = response["$ref"].as_str() {
            response = document.pointer(&reference[1..]).unwrap();
        }
        let content = response["content"].as_object().unwrap().values().next().unwrap();
        let answer: Value = serde_json::from_str(&seen.text).unwrap();
        assert_eq!(
            misfit(&document, &content["schema"], &answer, "answer"),
            None,
            "{body}"
        );
    }
    for path in [
        "/healthz",
        "/.well-known/gpc.json",
        "/.well-known/receipts.jwks.json",
    ] {
        let seen = scene.ask_from(HERE, &stranger, "GET", path, "", &[]).await;
        assert_eq!(seen.status, StatusCode::OK);
        let schema =
            &document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let answer: Value = serde_json::from_str(&seen.text).unwrap();
        assert_eq!(misfit(&document, schema, &answer, "answer"), None, "{path}");
    }
}
