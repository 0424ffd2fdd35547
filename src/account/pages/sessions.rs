//! `/me/sessions`: where one is signed in.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use crate::access::Ref;
use crate::account::MySession;
use crate::account::commands::{EndOtherSessions, EndSession};
use crate::account::queries::MySessions;
use crate::base::error::Result;
use crate::base::text::count;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::Shell;

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct Sessions {
    shell: Shell,
    sessions: Vec<MySession>,
    others: usize,
}

pub async fn page(ctx: Ctx) -> Result<HttpResponse> {
    let (shell, list) = ctx.console("Your account", MySessions {}).await?;
    let others = list.items.iter().filter(|s| !s.current).count();
    ctx.html(&Sessions { shell, sessions: list.items, others }, |_| None)
}

pub async fn end(ctx: Ctx, session: Path<String>, form: PageForm) -> Result<HttpResponse> {
    let ended = ctx.run(EndSession { session: Ref::new(session.as_str()) }).await?;
    ctx.done(&form, "/me/sessions", format!("Ended the session on {}", ended.device))
}

pub async fn end_others(ctx: Ctx, form: PageForm) -> Result<HttpResponse> {
    let ended = ctx.run(EndOtherSessions {}).await?;
    ctx.done(&form, "/me/sessions", format!("Signed out of {}", count(ended.count, "other session", "other sessions")))
}
