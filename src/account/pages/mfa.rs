//! `/me/mfa`: setting two-factor sign-in up, its recovery codes, turning it off.

use actix_session::Session;
use actix_web::HttpResponse;
use askama::Template;

use crate::account::browser::{self, param};
use crate::account::mfa::{self, Codes, ConfirmEnrolment, Disable, RenewCodes, StartEnrolment};
use crate::account::queries::{MfaState, MyMfa};
use crate::base::error::{Error, Result};
use crate::base::text::{Secret, names};
use crate::base::web::again::Again;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Errors, Flash, Shell};

#[derive(Template)]
#[template(path = "account/mfa.html")]
struct Mfa {
    shell: Shell,
    mfa: MfaState,
    /// Who asks for it: "Acme and Fernhill".
    wanted_by: String,
    /// Shown because an organization asked for it on the way to `next`.
    required: bool,
    next: String,
    qr: Option<(i32, String)>,
    errors: Errors,
}

impl Mfa {
    async fn of(ctx: &Ctx, required: bool, next: &str) -> Result<Self> {
        let (shell, mfa) = ctx.console("Your account", MyMfa).await?;
        let qr = mfa.pending.as_ref().map(|p| mfa::qr(&p.url)).transpose()?;
        let next = ctx.local(next, "").to_owned();
        Ok(Self { shell, wanted_by: names(&mfa.wanted_by, 3), mfa, required, next, qr, errors: Errors::default() })
    }
}

pub async fn page(ctx: Ctx) -> Result<HttpResponse> {
    let page = Mfa::of(&ctx, !param(&ctx, "required").is_empty(), &param(&ctx, "next")).await?;
    ctx.html(&page, |_| None)
}

/// The page with what it was asked for and where to go on to.
fn here(form: &PageForm) -> String {
    if form.get("required").is_empty() { "/me/mfa".into() } else { browser::with_next("/me/mfa", form.get("next")) + "&required=1" }
}

pub async fn start(ctx: Ctx, form: PageForm) -> Result<HttpResponse> {
    match ctx.run(StartEnrolment).await {
        Ok(()) => ctx.on_to(&here(&form), None),
        Err(e @ Error::Conflict(_)) => ctx.on_to("/me/mfa", Some(Flash::problem(e.message()))),
        Err(e) => Err(e),
    }
}

#[derive(Template)]
#[template(path = "account/recovery_codes.html")]
struct RecoveryCodes {
    shell: Shell,
    codes: Vec<String>,
    /// Two-factor sign-in was turned on just now.
    fresh: bool,
    next: String,
}

pub async fn confirm(ctx: Ctx, session: Session, form: PageForm) -> Result<HttpResponse> {
    match ctx.run(ConfirmEnrolment { code: Secret::new(form.get("code")) }).await {
        Ok(codes) => {
            browser::proved(&ctx, &session, None, Some(ctx.world.now()))?;
            show(&ctx, codes, true, form.get("next")).await
        }
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            let page = Mfa { errors, ..Mfa::of(&ctx, !form.get("required").is_empty(), form.get("next")).await? };
            ctx.again(why, &page, |_| None)
        }
    }
}

pub async fn renew_codes(ctx: Ctx, _: PageForm) -> Result<HttpResponse> {
    let codes = ctx.run(RenewCodes).await?;
    show(&ctx, codes, false, "").await
}

async fn show(ctx: &Ctx, codes: Codes, fresh: bool, next: &str) -> Result<HttpResponse> {
    let (shell, _) = ctx.console("Recovery codes", MyMfa).await?;
    let next = ctx.local(next, "").to_owned();
    ctx.html(&RecoveryCodes { shell, codes: codes.codes, fresh, next }, |_| None)
}

#[derive(Template)]
#[template(path = "account/mfa_off.html", blocks = ["form"])]
struct Off {
    shell: Shell,
    wanted_by: String,
    errors: Errors,
}

impl Off {
    async fn of(ctx: &Ctx, errors: Errors) -> Result<Self> {
        let (shell, mfa) = ctx.console("Turn off two-factor sign-in", MyMfa).await?;
        Ok(Self { shell, wanted_by: names(&mfa.wanted_by, 3), errors })
    }
    fn block(&self, target: &str) -> Option<askama::Result<String>> {
        (target == "dialog-body").then(|| self.as_form().render())
    }
}

pub async fn off_page(ctx: Ctx) -> Result<HttpResponse> {
    let page = Off::of(&ctx, Errors::default()).await?;
    ctx.html(&page, |target| page.block(target))
}

pub async fn off(ctx: Ctx, form: PageForm) -> Result<HttpResponse> {
    match ctx.run(Disable).await {
        Ok(()) => ctx.done(&form, "/me/mfa", "Turned off two-factor sign-in"),
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            let page = Off::of(&ctx, errors).await?;
            ctx.again(why, &page, |target| page.block(target))
        }
    }
}
