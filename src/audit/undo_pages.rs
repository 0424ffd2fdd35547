//! Undo: from the toast after a change at once, from the audit log after a look at what it does.

use actix_web::{HttpRequest, HttpResponse, web};

use super::queries::OneEvent;
use super::undo::Undo;
use crate::access::Ref;
use crate::base::error::{Error, Result};
use crate::base::web::address::Address;
use crate::base::web::confirm::Confirm;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::Flash;
use crate::base::web::routes::{Routes, Who};

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}/audit/{event}/undo", look);
    r.post(Who::Org, "/o/{org}/audit/{event}/undo", undo);
}

type EventPath = web::Path<(String, String)>;

async fn look(ctx: Ctx, req: HttpRequest, path: EventPath) -> Result<HttpResponse> {
    let back = Address::of(&req).back(&format!("/o/{}/audit", path.0));
    ask(&ctx, &path, back, None).await
}

fn command((org, event): &(String, String)) -> Undo {
    Undo { org: Ref::new(org), event: Ref::new(event) }
}

async fn ask(ctx: &Ctx, path: &(String, String), back: String, said: Option<Error>) -> Result<HttpResponse> {
    let (shell, event) = ctx.console("Undo", OneEvent { org: Ref::new(&path.0), event: Ref::new(&path.1) }).await?;
    let ask = Confirm::loss("Undo this change?".into(), format!("/o/{}/audit/{}/undo", path.0, path.1), "Undo".into(), back)
        .lede(format!("{} {}.", event.actor.name, event.summary));
    ctx.confirm(shell, Confirm { danger: false, ..ask }, command(path), said).await
}

async fn undo(ctx: Ctx, path: EventPath, form: PageForm) -> Result<HttpResponse> {
    let fallback = format!("/o/{}/audit", path.0);
    let back = ctx.local(form.get("return_to"), &fallback).to_owned();
    match ctx.run_from(&form, command(&path)).await {
        Ok(done) => {
            let (told, next) = match done.summary.strip_prefix("redid: ") {
                Some(what) => (format!("Redid: {what}"), "Undo"),
                None => (done.summary.replacen("undid", "Undid", 1), "Redo"),
            };
            ctx.on_to(&back, Some(Flash { undo: ctx.offer(next, &back), ..Flash::done(told) }))
        }
        Err(e @ Error::PreviewStale(_)) => ask(&ctx, &path, back, Some(e)).await,
        Err(e @ Error::Conflict(_)) => ctx.on_to(&back, Some(Flash::problem(e.message()))),
        Err(e) => Err(e),
    }
}
