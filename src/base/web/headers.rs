//! The outermost layer: a request id, the client's address, the host check, security headers on every answer, one log line.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, web};
use futures_util::FutureExt as _;

use super::answers;
use super::ctx::Meta;
use crate::base::error::Error;
use crate::base::world::World;

pub const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
                       form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

pub async fn outer(req: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(world) = req.app_data::<web::Data<World>>().cloned() else {
        return Ok(next.call(req).await?.map_into_boxed_body());
    };
    let started = std::time::Instant::now();
    let meta = Meta { request_id: world.id::<crate::base::ids::EventId>(world.now()).to_string().replace("evt_", "req_"), ip: client(&req, &world) };
    req.extensions_mut().insert(meta.clone());
    let method = req.method().clone();
    let path = req.path().to_owned();
    let (api, hx) = (super::api::is_api(&path), req.headers().contains_key("hx-request"));
    let answered = match unwelcome(&req, &world) {
        Some(error) => {
            let (http, _) = req.into_parts();
            let answer = answers::answer(&http, &error);
            Ok(ServiceResponse::new(http, answer))
        }
        // A panic costs its own request and nothing else.
        None => match AssertUnwindSafe(next.call(req)).catch_unwind().await {
            Ok(Ok(res)) => Ok(answers::finish(res)),
            Ok(Err(e)) => Err(answers::translate(&e)),
            Err(_) => Err(Error::internal("a handler panicked")),
        },
    };
    let said = |status: actix_web::http::StatusCode, route: Option<String>| {
        if let Some(metrics) = &world.metrics {
            metrics.note(&method, route, status.as_u16(), started.elapsed());
        }
        // The query string stays out of the log: it can hold what somebody searched for, and once held a link's token.
        tracing::info!(request_id = %meta.request_id, %method, path = %without_token(&path), status = status.as_u16(), ms = started.elapsed().as_millis() as u64, "request");
    };
    match answered {
        Ok(mut res) => {
            let is_static = res.request().path().starts_with("/static/") && res.status().is_success();
            dress(res.response_mut(), &world, &meta, is_static);
            said(res.status(), res.request().match_pattern());
            let (req, res) = res.into_parts();
            let packed = super::compress::answer(req.headers(), res);
            Ok(ServiceResponse::new(req, packed))
        }
        // What panicked, and a session that is out of reach, have taken the request with them.
        Err(error) => {
            let mut res = answers::bare(&error, api, hx, &meta.request_id);
            dress(&mut res, &world, &meta, false);
            said(res.status(), None);
            Err(actix_web::error::InternalError::from_response("the request is gone", res).into())
        }
    }
}

/// Paths of mailed links end in their token.
fn without_token(path: &str) -> String {
    let plain: String = url::form_urlencoded::parse(path.replace('+', "%2B").as_bytes()).map(|(name, _)| name.to_lowercase()).collect();
    let parts: Vec<&str> = plain.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["invitations", _, ..] => "/invitations/…".into(),
        ["password", "reset", ..] => "/password/reset/…".into(),
        ["email", "confirm", ..] => "/email/confirm/…".into(),
        _ => path.to_owned(),
    }
}

/// In bytes.
const LONGEST_URI: usize = 8 * 1024;
const LONGEST_HEADERS: usize = 16 * 1024;

fn unwelcome(req: &ServiceRequest, world: &World) -> Option<Error> {
    if req.method() == actix_web::http::Method::TRACE {
        return Some(Error::Method);
    }
    if req.uri().path_and_query().is_some_and(|asked| asked.as_str().len() > LONGEST_URI) {
        return Some(Error::UriTooLong);
    }
    if req.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>() > LONGEST_HEADERS {
        return Some(Error::HeadersTooLarge);
    }
    let host = req.headers().get("host").and_then(|h| h.to_str().ok()).or_else(|| req.uri().host()).unwrap_or_default();
    if !host_is_ours(host, world) {
        return Some(Error::BadRequest("This server does not answer under that name. Check the address, or the setting public-url.".into()));
    }
    None
}

/// The public name, and on a loopback listener the loopback names.
fn host_is_ours(host: &str, world: &World) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
    let name = name.to_ascii_lowercase();
    let loopback = world.settings.listen.ip().is_loopback() && matches!(name.as_str(), "localhost" | "127.0.0.1" | "[::1]");
    loopback || world.settings.public_url.host_str().is_some_and(|ours| ours == name)
}

/// The peer's address, or what a trusted proxy in front of us says; what cannot be read is never taken.
fn client(req: &ServiceRequest, world: &World) -> String {
    let Some(peer) = req.peer_addr().map(|a| a.ip()) else { return "unknown".into() };
    let trusted = |ip: &IpAddr| world.settings.trusted_proxies.iter().any(|net| net.contains(ip));
    let mut address = peer;
    if trusted(&peer) {
        let forwarded: Vec<&str> =
            req.headers().get_all("x-forwarded-for").filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).map(str::trim).collect();
        for hop in forwarded.iter().rev() {
            let Ok(ip) = hop.parse::<IpAddr>() else { break };
            address = ip;
            if !trusted(&ip) {
                break;
            }
        }
    }
    address.to_string()
}

fn dress(res: &mut HttpResponse, world: &World, meta: &Meta, is_static: bool) {
    if world.draining.has_begun() {
        // Whoever asks again asks a process that stays.
        res.head_mut().set_connection_type(ConnectionType::Close);
    }
    let headers = res.headers_mut();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("content-security-policy", CSP);
    set("x-content-type-options", "nosniff");
    set("x-frame-options", "DENY");
    set("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    set("x-request-id", &meta.request_id);
    if world.settings.is_https() {
        set("strict-transport-security", "max-age=31536000; includeSubDomains");
    }
    if !is_static {
        set("cache-control", "no-store, private");
        set("vary", "Accept-Encoding, Cookie, HX-Request, HX-Boosted, HX-History-Restore-Request, HX-Target");
    }
    if !headers.contains_key("referrer-policy") {
        headers.insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("strict-origin"));
    }
}
