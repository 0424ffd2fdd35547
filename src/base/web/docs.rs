//! The API for reading: the OpenAPI document, and a page of it made on the server. Both come from the table of routes.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde_json::Value;

use super::api;
use crate::base::error::Result;
use crate::sections::Map;

pub fn configure(cfg: &mut web::ServiceConfig) {
    cfg.route("/api/v1/openapi.json", web::get().to(document));
    cfg.route("/api/docs", web::get().to(page));
}

async fn document(map: web::Data<Map>) -> HttpResponse {
    HttpResponse::Ok().json(map.openapi())
}

#[derive(Template)]
#[template(path = "layout/api_docs.html")]
struct Docs {
    groups: Vec<Group>,
}

struct Group {
    name: String,
    operations: Vec<Operation>,
}

struct Operation {
    method: String,
    path: String,
    summary: String,
    status: u16,
    needs: String,
    /// Name, where it stands (query or body), what it takes, whether it has to be there.
    fields: Vec<(String, &'static str, String, bool)>,
}

async fn page(map: web::Data<Map>) -> Result<HttpResponse> {
    let document = map.openapi();
    let mut groups: Vec<Group> = Vec::new();
    for route in &map.api.table {
        let path = format!("{}{}", api::BASE, route.path);
        let method = route.method.as_str().to_ascii_lowercase();
        let described = document.pointer(&format!("/paths/{}/{method}", path.replace('/', "~1"))).cloned().unwrap_or_default();
        let group = described.pointer("/tags/0").and_then(Value::as_str).unwrap_or("orgs").to_owned();
        let operation = Operation {
            method: route.method.to_string(),
            path,
            summary: route.summary.into(),
            status: route.status,
            needs: route.action.need.in_words(),
            fields: fields(&described),
        };
        match groups.iter_mut().find(|g| g.name == group) {
            Some(found) => found.operations.push(operation),
            None => groups.push(Group { name: group, operations: vec![operation] }),
        }
    }
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(Docs { groups }.render()?))
}

fn fields(operation: &Value) -> Vec<(String, &'static str, String, bool)> {
    let mut fields = Vec::new();
    for parameter in operation.pointer("/parameters").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
        // Every write takes ?preview=true; the conventions say so once.
        if text("in") == "query" && text("name") != "preview" {
            let required = parameter.get("required").and_then(Value::as_bool).unwrap_or(false);
            let schema = parameter.get("schema").cloned().unwrap_or_default();
            let said = if text("description").is_empty() { kind(&schema) } else { text("description").to_owned() };
            fields.push((text("name").to_owned(), "query", said, required));
        }
    }
    let body = operation.pointer("/requestBody/content/application~1json/schema");
    let required: Vec<&str> =
        body.and_then(|b| b.get("required")).and_then(Value::as_array).map(|r| r.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
    for (name, schema) in body.and_then(|b| b.get("properties")).and_then(Value::as_object).into_iter().flatten() {
        fields.push((name.clone(), "body", kind(schema), required.contains(&name.as_str())));
    }
    fields
}

/// What a field takes, in a few words: its description, else its type or the name of its shape.
fn kind(schema: &Value) -> String {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    if let Some(said) = text("description") {
        return said.to_owned();
    }
    if let Some(shape) = text("$ref").and_then(|r| r.rsplit('/').next()) {
        return shape.to_owned();
    }
    match schema.get("type") {
        Some(Value::String(one)) => one.clone(),
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).filter(|t| *t != "null").collect::<Vec<_>>().join(" or "),
        _ => schema.pointer("/anyOf/0").map(kind).unwrap_or_default(),
    }
}
