//! The API, generic over commands and queries. A capability's `api.rs` is a table; the router, the OpenAPI document and the tests
//! read the same table. A body and a path become a command exactly as a form does.

use actix_web::dev::Payload;
use actix_web::http::{Method, StatusCode, header};
use actix_web::web;
use actix_web::{HttpRequest, HttpResponse, guard};
use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::ctx::{Ctx, Meta};
use super::export::{self, Export};
use super::resources::{self, Resources};
use crate::access::Action;
use crate::base::db::time::DAY;
use crate::base::error::{Error, FieldError, Result};
use crate::base::form;
use crate::base::keys::digest;
use crate::base::ops::{Command, Query};
use crate::base::tx::Actor;
use crate::base::world::World;

pub const BASE: &str = "/api/v1";

pub fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}

pub struct ApiRoute {
    pub method: Method,
    /// Below [`BASE`], with the command's field names in braces.
    pub path: &'static str,
    pub summary: &'static str,
    pub action: Action,
    pub writes: bool,
    /// The status of success: 200, 201, or 204 for an answer without a body.
    pub status: u16,
    pub input: fn(&mut SchemaGenerator) -> Value,
    pub output: fn(&mut SchemaGenerator) -> Value,
}

#[derive(Default)]
pub struct Api {
    pub table: Vec<ApiRoute>,
    /// The lists that are also given as files.
    pub exports: Vec<&'static str>,
    pub resources: Resources,
}

impl Api {
    pub fn write<C>(&mut self, method: Method, path: &'static str, status: u16, summary: &'static str)
    where
        C: Command + DeserializeOwned + JsonSchema,
        C::Output: JsonSchema,
    {
        self.table.push(ApiRoute {
            method: method.clone(),
            path,
            summary,
            action: C::ACTION,
            writes: true,
            status,
            input: |g| g.subschema_for::<C>().to_value(),
            output: |g| g.subschema_for::<C::Output>().to_value(),
        });
        self.resources.add(format!("{BASE}{path}"), move || {
            let handler = move |ctx: Ctx, req: HttpRequest, body: web::Payload| write::<C>(ctx, req, body, status);
            web::method(method.clone()).to(handler)
        });
    }

    pub fn read<Q>(&mut self, path: &'static str, summary: &'static str)
    where
        Q: Query + DeserializeOwned + JsonSchema,
        Q::Output: Serialize + JsonSchema,
    {
        self.table.push(ApiRoute {
            method: Method::GET,
            path,
            summary,
            action: Q::ACTION,
            writes: false,
            status: 200,
            input: |g| g.subschema_for::<Q>().to_value(),
            output: |g| g.subschema_for::<Q::Output>().to_value(),
        });
        self.resources.add(format!("{BASE}{path}"), || resources::get().to(read::<Q>));
    }

    /// A second shape of a list: GET with `?format=` is a file. Comes before the list in the table.
    pub fn export<Q: Export>(&mut self, path: &'static str) {
        self.exports.push(path);
        self.resources.add(format!("{BASE}{path}"), || {
            let asked = guard::fn_guard(|ctx| ctx.head().uri.query().is_some_and(|q| q.split('&').any(|p| p.starts_with("format="))));
            web::get().guard(asked).to(export::serve::<Q>)
        });
    }
}

async fn write<C>(ctx: Ctx, req: HttpRequest, body: web::Payload, status: u16) -> Result<HttpResponse>
where
    C: Command + DeserializeOwned,
{
    signed_in(&ctx, &C::ACTION)?;
    let mut payload: Payload = body.into_inner();
    let bytes = super::guard::read(&req, &mut payload, C::LONGEST).await?;
    let fields = with_path(&req, json_body(&req, &bytes)?)?;
    let command: C = form::decode(fields)?;
    let query = query_map(&req)?;
    if let Some(unknown) = query.keys().find(|k| *k != "preview") {
        return Err(Error::Invalid(vec![FieldError::new(unknown, "unknown", format!("There is no parameter {unknown} here."))]));
    }
    let what_if = match query.get("preview").and_then(Value::as_str) {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Error::field("preview", "invalid", "Preview takes true or false.")),
    };
    if what_if {
        let impact = ctx.preview(command).await?;
        return Ok(HttpResponse::Ok().json(json!({"hash": impact.hash(), "impact": impact})));
    }
    let mut ctx = ctx;
    let header = |name: &str| req.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    ctx.caller.preview = header("bailiwick-preview");
    ctx.caller.if_rev = match header("if-match") {
        None => None,
        Some(tag) if tag.trim() == "*" => None,
        Some(tag) => Some(tag.trim().trim_start_matches("W/").trim_matches('"').parse().unwrap_or(-1)),
    };
    if let (Some(key), &Method::POST) = (header("idempotency-key"), req.method()) {
        if key.is_empty() || key.len() > 200 {
            return Err(Error::field("Idempotency-Key", "invalid", "An idempotency key has 1 to 200 characters."));
        }
        ctx.caller.idempotency = Some((key, digest(&format!("{} {}", req.path(), String::from_utf8_lossy(&bytes)))));
    }
    let output = ctx.run(command).await?;
    if status == 204 {
        return Ok(HttpResponse::NoContent().finish());
    }
    with_etag(StatusCode::from_u16(status).unwrap_or_default(), &output)
}

async fn read<Q>(ctx: Ctx, req: HttpRequest) -> Result<HttpResponse>
where
    Q: Query + DeserializeOwned,
    Q::Output: Serialize,
{
    signed_in(&ctx, &Q::ACTION)?;
    let query: Q = query(&req)?;
    let output = ctx.ask(query).await?;
    with_etag(StatusCode::OK, &output)
}

/// A query out of the path and the query string.
pub fn query<Q: DeserializeOwned>(req: &HttpRequest) -> Result<Q> {
    let mut map = query_map(req)?;
    map.remove("format");
    form::decode(with_path(req, map)?)
}

/// Nobody hears what is wrong with a request before it is known who asks.
pub(super) fn signed_in(ctx: &Ctx, action: &Action) -> Result<()> {
    match (&ctx.caller.actor, action.need) {
        (Actor::Nobody, need) if need != crate::access::Need::Anyone => Err(Error::SignIn),
        _ => Ok(()),
    }
}

fn with_etag(status: StatusCode, output: &impl Serialize) -> Result<HttpResponse> {
    /// All that is looked for in an answer that is written already: making a tree of a long list first would cost more than the list.
    #[derive(Deserialize)]
    struct Single {
        rev: Option<i64>,
    }
    let body = serde_json::to_string(output)?;
    let mut res = HttpResponse::build(status);
    if let Some(rev) = serde_json::from_str::<Single>(&body).ok().and_then(|single| single.rev) {
        res.insert_header((header::ETAG, format!("\"{rev}\"")));
    }
    Ok(res.content_type("application/json").body(body))
}

/// The body as a map: JSON by its content type, an object, no key twice.
fn json_body(req: &HttpRequest, bytes: &[u8]) -> Result<Map<String, Value>> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    let kind = req.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        return Err(Error::MediaType);
    }
    match serde_json::from_slice::<Strict>(bytes) {
        Ok(Strict(Value::Object(map))) => Ok(map),
        Ok(_) => Err(Error::field("", "invalid", "The body has to be a JSON object.")),
        Err(e) if e.is_data() => Err(Error::field("", "invalid", format!("The body cannot be taken: {e}."))),
        Err(e) => Err(Error::BadRequest(format!("The body is not JSON: {e}."))),
    }
}

/// Path parameters become fields; a body cannot speak for the path.
fn with_path(req: &HttpRequest, mut fields: Map<String, Value>) -> Result<Map<String, Value>> {
    for (name, value) in req.match_info().iter() {
        if fields.insert(name.to_owned(), Value::String(value.to_owned())).is_some() {
            return Err(Error::Invalid(vec![FieldError::new(name, "unknown", format!("{} stands in the path already.", form::label(name)))]));
        }
    }
    Ok(fields)
}

pub(super) fn query_map(req: &HttpRequest) -> Result<Map<String, Value>> {
    let mut map = Map::new();
    for (name, value) in url::form_urlencoded::parse(req.query_string().as_bytes()) {
        if map.insert(name.to_string(), Value::String(value.to_string())).is_some() {
            return Err(Error::field(name, "invalid", "This parameter stands there twice."));
        }
    }
    Ok(map)
}

/// A JSON value whose objects have no key twice: what two readers could read differently is refused.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Value;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON")
            }
            fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
                Ok(Value::Bool(v))
            }
            fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
                Ok(v.into())
            }
            fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
                Ok(v.into())
            }
            fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
                Ok(v.into())
            }
            fn visit_str<E>(self, v: &str) -> Result<Value, E> {
                Ok(v.into())
            }
            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
                let mut items = Vec::new();
                while let Some(Strict(item)) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Value::Array(items))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
                let mut map = Map::new();
                while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
                    if map.insert(key.clone(), value).is_some() {
                        return Err(serde::de::Error::custom(format!("{key} stands there twice")));
                    }
                }
                Ok(Value::Object(map))
            }
        }
        d.deserialize_any(Visitor).map(Strict)
    }
}

/// Who a request to the API comes from: only `Authorization: Bearer` counts, never a cookie.
pub async fn authenticate(req: &HttpRequest, world: &std::sync::Arc<World>, meta: &Meta) -> Result<Actor> {
    let Some(value) = req.headers().get(header::AUTHORIZATION) else { return Ok(Actor::Nobody) };
    let text = value.to_str().unwrap_or_default();
    let Some((scheme, token)) = text.split_once(' ') else { return Ok(Actor::Nobody) };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Actor::Nobody);
    }
    let (for_thread, token, ip) = (world.clone(), token.trim().to_owned(), meta.ip.clone());
    super::ctx::reading(world, true, move |c| crate::account::tokens::authenticate(c, &for_thread, &token, &ip)).await
}

/// Kept answers of idempotent requests live this long.
pub const IDEMPOTENT_FOR: i64 = DAY;
