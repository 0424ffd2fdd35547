//! How far an import is: as events while the page is open, and as an answer to who asks.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::queries::OneImport;
use super::{Import, State};
use crate::access::Ref;
use crate::base::db::Ts;
use crate::base::db::time::SECOND;
use crate::base::error::Result;
use crate::base::text::grouped;
use crate::base::web::ctx::Ctx;
use crate::base::web::stream::{self, Told};

#[derive(Template)]
#[template(path = "imports/_progress.html")]
pub struct Progress {
    pub title: String,
    pub text: String,
    pub part: i64,
    pub whole: i64,
    pub csrf: String,
    pub base: String,
}

impl Progress {
    pub fn of(ctx: &Ctx, org: &str, import: &Import) -> Self {
        let (part, whole) = import.progress();
        let (title, counted) = match import.state {
            State::Checking => ("Checking every row".to_owned(), format!("{} checked", grouped(import.total))),
            _ => (format!("Importing {}", import.file_name), format!("{} of {} taken in", grouped(import.done), grouped(import.ready))),
        };
        let left = if import.message.is_empty() { left(import, part, whole, ctx.world.now()) } else { format!(" · {}", import.message) };
        Self { title, text: format!("{counted}{left}"), part, whole: whole.max(1), csrf: ctx.csrf(), base: format!("/o/{org}/imports/{}", import.id) }
    }
}

/// "about 40 seconds left", once that can be told.
fn left(import: &Import, part: i64, whole: i64, now: Ts) -> String {
    let gone = now.0 - import.started_at.0;
    if part <= 0 || gone < 2 * SECOND {
        return String::new();
    }
    let seconds = i128::from(gone) * i128::from(whole - part) / i128::from(part) / i128::from(SECOND);
    match seconds {
        ..=1 => " · nearly there".into(),
        2..=90 => format!(" · about {seconds} seconds left"),
        91..=5400 => format!(" · about {} minutes left", seconds / 60),
        _ => format!(" · about {} hours left", seconds / 3600),
    }
}

async fn one(ctx: &Ctx, org: &str, import: &str) -> Result<Import> {
    ctx.ask(OneImport { org: Ref::new(org), import: Ref::new(import) }).await
}

pub async fn events(ctx: Ctx, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    one(&ctx, &path.0, &path.1).await?;
    let (org, id) = path.into_inner();
    Ok(stream::events(ctx, move |ctx| {
        let (org, id) = (org.clone(), id.clone());
        async move {
            let import = one(&ctx, &org, &id).await?;
            if !import.state.is_at_work() {
                return Ok(Told::Done);
            }
            Ok(Told::Tick(Progress::of(&ctx, &org, &import).render()?))
        }
    }))
}

/// For who hears no events: the same fragment, and at the end the word to stop asking and show the page anew.
pub async fn progress(ctx: Ctx, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let import = one(&ctx, &path.0, &path.1).await?;
    if !import.state.is_at_work() {
        let stop = StatusCode::from_u16(286).unwrap_or(StatusCode::OK);
        return Ok(HttpResponse::build(stop).insert_header(("hx-refresh", "true")).finish());
    }
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(Progress::of(&ctx, &path.0, &import).render()?))
}
