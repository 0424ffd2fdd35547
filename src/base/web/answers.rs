//! How an error looks: problem details (RFC 9457) to programs, a page to people, a plain sentence to htmx, which shows it as a toast.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use serde_json::json;

use super::ctx::Meta;
use crate::base::error::{Error, StepUp};

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
    /// A stand-in: `finish` makes the real answer, because only there the request is known. Sent as it is only after a panic.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).content_type("text/plain; charset=utf-8").body(self.message())
    }
}

/// Turns what a handler failed with into the answer for whoever asked.
pub fn finish(res: ServiceResponse<impl MessageBody + 'static>) -> ServiceResponse<BoxBody> {
    let foreign = res.response().error().map(|e| match e.as_error::<Error>() {
        Some(_) => None,
        None => Some(translate(e)),
    });
    match foreign {
        None => res.map_into_boxed_body(),
        Some(translated) => {
            let (req, old) = res.into_parts();
            let mut answer = match (&translated, old.error().and_then(|e| e.as_error::<Error>())) {
                (Some(error), _) => answer(&req, error),
                (None, Some(error)) => answer(&req, error),
                (None, None) => answer(&req, &Error::internal("an error was lost")),
            };
            // What the session's middleware has told the browser holds for this answer, too.
            for cookie in old.headers().get_all(header::SET_COOKIE) {
                answer.headers_mut().append(header::SET_COOKIE, cookie.clone());
            }
            ServiceResponse::new(req, answer)
        }
    }
}

/// Errors that the framework itself makes: bad paths, bodies that are too large, a store that failed.
pub fn translate(e: &actix_web::Error) -> Error {
    match e.as_response_error().status_code().as_u16() {
        400 => Error::BadRequest("The request could not be read.".into()),
        404 => Error::NotFound,
        405 => Error::Method,
        413 => Error::TooLarge("That is too large.".into()),
        500 if format!("{e:?}").contains(super::session::AWAY) => Error::database_away(),
        _ => Error::Internal(e.to_string()),
    }
}

pub fn answer(req: &HttpRequest, error: &Error) -> HttpResponse {
    let request_id = req.extensions().get::<Meta>().map(|m| m.request_id.clone()).unwrap_or_default();
    if let Error::Internal(context) = error {
        tracing::error!(%request_id, "{context}");
    }
    let mut res = if super::api::is_api(req.path()) {
        problem(error, &request_id)
    } else if let Some(to) = way_on(req, error) {
        elsewhere(req, error, &to)
    } else if is_hx(req) {
        HttpResponse::build(error.status_code()).content_type("text/plain; charset=utf-8").body(error.message())
    } else {
        page(error, &request_id)
    };
    with_retry(&mut res, error);
    res
}

/// The answer when the request is not there any more.
pub fn bare(error: &Error, api: bool, hx: bool, request_id: &str) -> HttpResponse {
    if let Error::Internal(context) = error {
        tracing::error!(%request_id, "{context}");
    }
    let mut res = match (api, hx) {
        (true, _) => problem(error, request_id),
        (false, true) => HttpResponse::build(error.status_code()).content_type("text/plain; charset=utf-8").body(error.message()),
        (false, false) => page(error, request_id),
    };
    with_retry(&mut res, error);
    res
}

fn with_retry(res: &mut HttpResponse, error: &Error) {
    let retry = match error {
        Error::Limited { retry_after, .. } => Some(*retry_after),
        Error::Unavailable(_) | Error::Race => Some(2),
        _ => None,
    };
    if let Some(seconds) = retry {
        res.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds.max(1)));
    }
}

/// Where a person goes who has to prove something first, with the way back.
fn way_on(req: &HttpRequest, error: &Error) -> Option<String> {
    let back = way_back(req);
    let next: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
    match error {
        Error::SignIn => Some(format!("/login?next={next}")),
        Error::StepUp(StepUp::Fresh) => Some(format!("/reauthenticate?next={next}")),
        Error::StepUp(StepUp::EnrolMfa) => Some(format!("/me/mfa?required=1&next={next}")),
        Error::StepUp(StepUp::VerifyMfa) => Some(format!("/login/code?next={next}")),
        _ => None,
    }
}

/// The page to come back to: the one asked for, or the one whose form was sent.
fn way_back(req: &HttpRequest) -> String {
    let header = |name: &str| req.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let asked = match req.method().as_str() {
        _ if is_hx(req) => url::Url::parse(&header("hx-current-url"))
            .map(|u| format!("{}{}", u.path(), u.query().map(|q| format!("?{q}")).unwrap_or_default()))
            .unwrap_or_default(),
        "GET" | "HEAD" => req.uri().to_string(),
        _ if super::late::is_kept(req) => super::late::WAITS.into(),
        // A form's own page stands at the address that it was sent to, or one above it.
        _ => page_of_form(req),
    };
    if super::ctx::is_local(&asked) { asked } else { "/".into() }
}

/// The referrer policy keeps paths out of the referer, so the table of pages is asked: the nearest address above that can be opened.
pub(super) fn page_of_form(req: &HttpRequest) -> String {
    let (Some(map), Some(pattern)) = (req.app_data::<actix_web::web::Data<crate::sections::Map>>(), req.match_pattern()) else { return "/".into() };
    let (mut pattern, mut path) = (pattern.as_str(), req.path());
    while !pattern.is_empty() {
        if map.routes.table.iter().any(|r| r.method == "GET" && r.path == pattern) {
            return path.to_owned();
        }
        pattern = pattern.rsplit_once('/').map_or("", |(above, _)| above);
        path = path.rsplit_once('/').map_or("", |(above, _)| above);
    }
    "/".into()
}

fn elsewhere(req: &HttpRequest, error: &Error, to: &str) -> HttpResponse {
    if is_hx(req) {
        // A page that is open may have something typed in it: it stays, and asks for the sign-in itself.
        let way = if matches!(error, Error::SignIn) { ("HX-Trigger", "console:expired") } else { ("HX-Redirect", to) };
        return HttpResponse::build(error.status_code()).insert_header(way).finish();
    }
    HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()
}

fn is_hx(req: &HttpRequest) -> bool {
    req.headers().contains_key("hx-request")
}

pub fn problem(error: &Error, request_id: &str) -> HttpResponse {
    let mut body = json!({
        "type": format!("urn:bailiwick:problem:{}", name(error)),
        "title": title(error),
        "status": error.status(),
        "detail": error.message(),
        "request_id": request_id,
    });
    if let Some(object) = body.as_object_mut() {
        match error {
            Error::Invalid(fields) => drop(object.insert("errors".into(), json!(fields))),
            Error::Stale { rev } => drop(object.insert("rev".into(), json!(rev))),
            Error::PreviewStale(impact) => {
                object.insert("impact".into(), json!(impact));
                object.insert("hash".into(), json!(impact.hash()));
            }
            _ => {}
        }
    }
    let mut res = HttpResponse::build(error.status_code());
    if error.status() == 401 {
        res.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    res.content_type("application/problem+json").body(body.to_string())
}

/// The last part of the problem's type.
fn name(error: &Error) -> &'static str {
    match error {
        Error::NotFound => "not_found",
        Error::SignIn | Error::Unproven(_) => "not_authenticated",
        Error::Denied(_) => "forbidden",
        Error::StepUp(StepUp::Fresh) => "reauth_required",
        Error::StepUp(_) => "mfa_required",
        Error::Invalid(_) => "invalid",
        Error::Conflict(_) => "conflict",
        Error::Gone(_) => "gone",
        Error::Stale { .. } => "stale",
        Error::PreviewStale(_) => "preview_stale",
        Error::Limited { .. } => "limited",
        Error::TooLarge(_) => "too_large",
        Error::UriTooLong => "uri_too_long",
        Error::HeadersTooLarge => "headers_too_large",
        Error::MediaType => "unsupported_media_type",
        Error::Method => "method_not_allowed",
        Error::BadRequest(_) => "bad_request",
        Error::Unavailable(_) | Error::Race => "unavailable",
        Error::Internal(_) => "internal",
    }
}

pub fn title(error: &Error) -> &'static str {
    match error {
        Error::NotFound => "Not found",
        Error::SignIn | Error::Unproven(_) => "Not signed in",
        Error::Denied(_) => "Not allowed",
        Error::StepUp(StepUp::Fresh) => "Confirm that it is you",
        Error::StepUp(_) => "Two-factor sign-in needed",
        Error::Invalid(_) => "Something needs another look",
        Error::Conflict(_) => "That does not go together",
        Error::Gone(_) => "No longer valid",
        Error::Stale { .. } => "Somebody was faster",
        Error::PreviewStale(_) => "Look again before you save",
        Error::Limited { .. } => "Too many tries",
        Error::TooLarge(_) => "Too large",
        Error::UriTooLong => "The address is too long",
        Error::HeadersTooLarge => "The headers are too long",
        Error::MediaType => "Not JSON",
        Error::Method => "Not that way",
        Error::BadRequest(_) => "The request could not be read",
        Error::Unavailable(_) | Error::Race => "Not available at the moment",
        Error::Internal(_) => "Something went wrong",
    }
}

#[derive(Template)]
#[template(path = "layout/error.html")]
struct ErrorPage<'a> {
    door: super::page::Door,
    status: u16,
    message: String,
    request_id: &'a str,
    ours: bool,
}

fn page(error: &Error, request_id: &str) -> HttpResponse {
    let title = title(error);
    let page = ErrorPage {
        door: super::page::Door { title: title.into(), csrf: String::new(), flash: None },
        status: error.status(),
        message: error.message(),
        request_id,
        ours: error.status() >= 500,
    };
    let body = page.render().unwrap_or_else(|_| error.message());
    HttpResponse::build(error.status_code()).content_type("text/html; charset=utf-8").body(body)
}
