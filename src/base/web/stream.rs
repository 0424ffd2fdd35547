//! Server-sent events: something that goes on, told as it goes. Each event is a look of its own with a decision of its own, so whoever
//! may not look any more is told nothing more.

use std::future::Future;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use futures_util::stream;

use super::ctx::Ctx;
use crate::base::error::{Error, Result};

/// What is to be told now.
pub enum Told {
    /// The state, as a fragment of the page.
    Tick(String),
    /// It has ended.
    Done,
}

/// At most so many times a second is looked.
const PACE: Duration = Duration::from_millis(400);
/// The same state is told again after this: a page that hears nothing asks by itself.
const STILL_HERE: Duration = Duration::from_secs(2);
/// Then the browser connects anew, with its session looked at anew.
const LONGEST: Duration = Duration::from_secs(300);

struct Teller<L> {
    ctx: Ctx,
    look: L,
    begun: Instant,
    said: (String, Instant),
    ended: bool,
}

pub fn events<L, F>(ctx: Ctx, look: L) -> HttpResponse
where
    L: Fn(Ctx) -> F + 'static,
    F: Future<Output = Result<Told>>,
{
    let now = Instant::now();
    let teller = Teller { ctx, look, begun: now, said: (String::new(), now), ended: false };
    let body = stream::unfold(teller, |mut teller| async move {
        if teller.ended || teller.begun.elapsed() > LONGEST || teller.ctx.world.draining.has_begun() {
            return None;
        }
        loop {
            // Who may not look any more hears the end, and finds out by the page.
            match (teller.look)(teller.ctx.clone()).await.unwrap_or(Told::Done) {
                Told::Done => {
                    teller.ended = true;
                    return Some((Ok::<_, Error>(event("done", "")), teller));
                }
                Told::Tick(html) if html != teller.said.0 || teller.said.1.elapsed() > STILL_HERE => {
                    let event = event("tick", &html);
                    teller.said = (html, Instant::now());
                    tokio::time::sleep(PACE).await;
                    return Some((Ok(event), teller));
                }
                Told::Tick(_) => tokio::time::sleep(PACE).await,
            }
        }
    });
    HttpResponse::Ok().content_type("text/event-stream").insert_header(("x-accel-buffering", "no")).streaming(body)
}

fn event(name: &str, data: &str) -> Bytes {
    let lines: String = data.lines().map(|line| format!("data: {line}\n")).collect();
    let lines = if lines.is_empty() { "data:\n".to_owned() } else { lines };
    Bytes::from(format!("event: {name}\n{lines}\n"))
}
