//! What somebody sees who opens the link of an invitation.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use super::joining::{Newcomer, join};
use super::queries::{ByToken, Offer};
use crate::account::browser;
use crate::base::error::{Error, Result};
use crate::base::web::again::Again;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Door, Errors, Flash, home};
use crate::base::web::routes::{Routes, Who};

pub fn routes(r: &mut Routes) {
    r.get(Who::Anyone, "/invitations/{token}", link);
    r.get(Who::Anyone, "/invitation", page);
    r.post(Who::Anyone, "/invitation", accept);
}

const KIND: &str = "invitation";

async fn link(ctx: Ctx, session: Session, token: Path<String>) -> Result<HttpResponse> {
    browser::carry(&ctx, &session, KIND, &token)?;
    ctx.on_to("/invitation", None).map(browser::quiet)
}

#[derive(Template)]
#[template(path = "invitations/accept.html")]
struct Invited {
    door: Door,
    offer: Offer,
    /// The address that the browser is signed in with, or "".
    me: String,
    mine: bool,
    name: String,
    errors: Errors,
}

impl Invited {
    async fn of(ctx: &Ctx, name: &str, errors: Errors) -> Result<Self> {
        let offer = ctx.ask(ByToken { token: token(ctx)? }).await?;
        let me = ctx.caller.actor.user().map(|u| u.email.clone()).unwrap_or_default();
        let mine = me.eq_ignore_ascii_case(&offer.invitation.email);
        Ok(Self { door: ctx.door(&format!("Join {}", offer.org_name)), offer, me, mine, name: name.into(), errors })
    }
}

fn token(ctx: &Ctx) -> Result<String> {
    browser::carried(ctx, KIND).ok_or_else(|| Error::Gone("Open the link in your invitation once more.".into()))
}

async fn page(ctx: Ctx) -> Result<HttpResponse> {
    ctx.html(&Invited::of(&ctx, "", Errors::default()).await?, |_| None).map(browser::quiet)
}

async fn accept(mut ctx: Ctx, session: Session, form: PageForm) -> Result<HttpResponse> {
    let token = token(&ctx)?;
    let (world, caller) = (ctx.world.clone(), ctx.caller.clone());
    let signed_in = ctx.caller.actor.user().is_some();
    let outcome = async {
        let newcomer: Option<Newcomer> = if signed_in { None } else { Some(form.command(&[])?) };
        ctx.blocking(move || join(&world, &caller, token, newcomer)).await
    };
    match outcome.await {
        Ok(joined) => {
            browser::put_down(&mut ctx, &session)?;
            if !signed_in {
                browser::enter(&ctx, &session, joined.user_id, false)?;
            }
            ctx.on_to(&home(&joined.org_slug, ""), Some(Flash::done(format!("Joined {}", joined.org_name))))
        }
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            ctx.again(why, &Invited::of(&ctx, form.get("name"), errors).await?, |_| None).map(browser::quiet)
        }
    }
}
