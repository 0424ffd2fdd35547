//! The API's document says what there is.

use std::collections::BTreeSet;

use bailiwick::sections::Map;

use crate::support::{Value, each};

#[test]
fn the_document_has_every_route_and_every_reference_resolves() {
    let map = Map::default();
    let document = map.openapi();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for route in &map.api.table {
        let operation = &document["paths"][format!("/api/v1{}", route.path)][route.method.as_str().to_ascii_lowercase()];
        assert_eq!(operation["x-action"], route.action.name, "{} {}", route.method, route.path);
        assert!(operation["responses"].get(route.status.to_string()).is_some(), "{} {}", route.method, route.path);
        assert!(ids.insert(operation["operationId"].to_string()), "two operations are called {}", operation["operationId"]);
        let named: Vec<&str> =
            operation["parameters"].as_array().unwrap().iter().filter(|p| p["in"] == "path").map(|p| p["name"].as_str().unwrap()).collect();
        for name in &named {
            assert!(route.path.contains(&format!("{{{name}}}")), "{} has no {name}", route.path);
        }
        assert_eq!(named.len(), route.path.matches('{').count(), "{}", route.path);
    }
    let mut references = Vec::new();
    collect(&document, &mut references);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads out of the document"));
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|v| collect(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| collect(v, found)),
        _ => {}
    }
}

#[test]
fn the_api_says_405_415_and_422_in_problem_details() {
    use crate::support::{DELETE, GET, PATCH, POST, PUT, json};
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let problem = ana.api(PUT, "/orgs", json!({})).await.is(405);
        assert_eq!(problem.header("content-type"), "application/problem+json");
        assert_eq!(problem.json()["request_id"], problem.header("x-request-id"));
        ana.api(DELETE, "/me", ()).await.is(405);
        let raw = |kind: &'static str, body: &'static str| {
            let req = actix_web::test::TestRequest::post()
                .uri("/api/v1/orgs")
                .insert_header(("authorization", format!("Bearer {}", ana.token)))
                .insert_header(("content-type", kind))
                .set_payload(body);
            app.send(req)
        };
        raw("text/plain", "{\"name\": \"Beta\"}").await.is(415);
        raw("application/x-www-form-urlencoded", "name=Beta").await.is(415);
        raw("application/json", "{\"name\": ").await.is(400);
        raw("application/json", "[]").await.is(422);
        raw("application/json", "{\"name\": \"Beta\", \"name\": \"Gamma\"}").await.says(422, &["name stands there twice"]);
        raw("application/json; charset=utf-8", "{\"name\": \"Beta\"}").await.is(201);
        for field in ["org_id", "owner", "role", "status", "is_operator", "email_verified", "id"] {
            let unknown = ana.api(POST, "/orgs", json!({"name": "Delta", field: "x"})).await.is(422).json();
            assert_eq!((&unknown["errors"][0]["field"], &unknown["errors"][0]["code"]), (&json!(field), &json!("unknown")));
        }
        ana.api(PATCH, "/orgs/acme", json!({"org": "beta", "name": "Mine"})).await.is(422);
        ana.api(GET, "/orgs/acme/members?nonsense=1", ()).await.is(422);
        ana.api(GET, "/orgs/acme/members?limit=0", ()).await.is(422);
        ana.api(GET, "/orgs/acme/members?limit=201", ()).await.is(422);
        ana.api(GET, "/orgs/acme/members?limit=5&limit=6", ()).await.is(422);
        ana.api(GET, "/orgs/acme/members?cursor=forged.cursor", ()).await.is(422);
        app.get("/api/v1/nothing/here").await.is(404);
    });
}

#[test]
fn a_body_beyond_a_megabyte_is_413() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        let big = "x".repeat(1024 * 1024 + 1);
        ana.api(crate::support::POST, "/orgs", crate::support::json!({"name": big})).await.is(413);
    });
}
