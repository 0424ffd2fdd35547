//! The OpenAPI document: the table of the API, told in its format.

use actix_web::http::Method;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::api::{Api, ApiRoute, BASE};

/// The OpenAPI 3.1 document of the table.
pub fn openapi(api: &Api, version: &str) -> Value {
    let mut generator =
        schemars::generate::SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into()).into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for route in &api.table {
        let mut operation = operation(route, &mut generator);
        if route.method == Method::GET && api.exports.contains(&route.path) {
            as_file(&mut operation);
        }
        let entry = paths.entry(format!("{BASE}{}", route.path)).or_insert_with(|| json!({}));
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(route.method.as_str().to_ascii_lowercase(), operation);
        }
    }
    let mut schemas = generator.take_definitions(true);
    schemas.insert("Problem".into(), problem_schema());
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Bailiwick", "version": version, "description": "Everything that the console does, for programs. Errors are problem details (RFC 9457); times are RFC 3339 in UTC.",
                 "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "A personal access token (bwp_...), made on /me/tokens."}}},
    })
}

fn operation(route: &ApiRoute, generator: &mut SchemaGenerator) -> Value {
    let names: Vec<&str> = route.path.split('{').skip(1).filter_map(|p| p.split('}').next()).collect();
    let input = (route.input)(generator);
    let input = resolve(generator, input);
    let properties = input.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let required: Vec<&str> =
        input.get("required").and_then(Value::as_array).map(|r| r.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
    let mut parameters: Vec<Value> =
        names.iter().map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})).collect();
    let rest: Map<String, Value> = properties.into_iter().filter(|(name, _)| !names.contains(&name.as_str())).collect();
    let rest_required: Vec<&str> = required.into_iter().filter(|name| !names.contains(name)).collect();
    let mut operation: Map<String, Value> = Map::new();
    let said = json!({
        "summary": route.summary,
        "operationId": format!("{}{}", route.method.as_str().to_ascii_lowercase(), route.path.replace(['{', '}', '-'], "").replace('/', "_")),
        "x-action": route.action.name,
        "x-needs": route.action.need.in_words(),
        "tags": [route.path.split('/').find(|p| !p.is_empty() && !p.starts_with('{') && *p != "orgs").unwrap_or("orgs")],
    });
    if let Value::Object(said) = said {
        operation.extend(said);
    }
    if route.writes {
        parameters.push(json!({"name": "preview", "in": "query", "schema": {"type": "boolean"}, "description": "true: change nothing, answer 200 with what it would do"}));
        if route.method != Method::DELETE && !rest.is_empty() {
            let schema = json!({"type": "object", "properties": rest, "required": rest_required, "additionalProperties": false});
            let body = json!({"required": !rest_required.is_empty(), "content": {"application/json": {"schema": schema}}});
            operation.insert("requestBody".into(), body);
        }
    } else {
        for (name, schema) in rest {
            parameters.push(json!({"name": name, "in": "query", "required": rest_required.contains(&name.as_str()), "schema": schema}));
        }
    }
    operation.insert("parameters".into(), json!(parameters));
    let mut responses = Map::new();
    let success = match route.status {
        204 => json!({"description": "Done"}),
        _ => json!({"description": "Done", "content": {"application/json": {"schema": (route.output)(generator)}}}),
    };
    responses.insert(route.status.to_string(), success);
    let errors: &[u16] =
        if route.writes { &[400, 401, 403, 404, 409, 410, 412, 413, 415, 422, 429, 503] } else { &[400, 401, 403, 404, 422, 429, 503] };
    for status in errors {
        responses.insert(status.to_string(), json!({"description": "See title and detail", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}));
    }
    operation.insert("responses".into(), Value::Object(responses));
    Value::Object(operation)
}

/// What a list that is also given as a file says beside its own.
fn as_file(operation: &mut Value) {
    let format = json!({"name": "format", "in": "query", "schema": {"type": "string", "enum": ["csv", "ndjson"]}, "description": "a file of all that match, streamed, instead of a page; limit and cursor do not count then"});
    if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
        parameters.push(format);
    }
    if let Some(content) = operation.pointer_mut("/responses/200/content").and_then(Value::as_object_mut) {
        for media_type in ["text/csv", "application/x-ndjson"] {
            content.insert(media_type.into(), json!({"schema": {"type": "string"}}));
        }
    }
}

/// A reference to a definition, followed.
fn resolve(generator: &SchemaGenerator, schema: Value) -> Value {
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next());
    name.and_then(|name| generator.definitions().get(name)).cloned().unwrap_or(schema)
}

fn problem_schema() -> Value {
    json!({"type": "object", "required": ["type", "title", "status", "detail", "request_id"], "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"}, "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object", "properties": {"field": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}}}}}})
}
