//! `/me/tokens`: personal access tokens. The secret of a new one is shown on the answer, and never again.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use crate::access::Ref;
use crate::account::Token;
use crate::account::queries::MyTokens;
use crate::account::tokens::{CreateToken, NewToken, RevokeToken};
use crate::base::error::Result;
use crate::base::web::again::Again;
use crate::base::web::ctx::Ctx;
use crate::base::web::guard::PageForm;
use crate::base::web::page::{Errors, Shell};

#[derive(Template)]
#[template(path = "account/tokens.html")]
struct Tokens {
    shell: Shell,
    tokens: Vec<Token>,
    name: String,
    days: String,
    errors: Errors,
}

impl Tokens {
    async fn of(ctx: &Ctx) -> Result<Self> {
        let (shell, list) = ctx.console("Your account", MyTokens {}).await?;
        Ok(Self { shell, tokens: list.items, name: String::new(), days: "90".into(), errors: Errors::default() })
    }
}

pub async fn page(ctx: Ctx) -> Result<HttpResponse> {
    ctx.html(&Tokens::of(&ctx).await?, |_| None)
}

#[derive(Template)]
#[template(path = "account/token_created.html")]
struct Created {
    shell: Shell,
    token: Token,
    secret: String,
    /// A line that shows that it works.
    try_it: String,
}

pub async fn create(ctx: Ctx, form: PageForm) -> Result<HttpResponse> {
    let outcome = async { ctx.run(form.command::<CreateToken>(&[])?).await };
    match outcome.await {
        Ok(NewToken { token, secret }) => {
            // A form carries no Idempotency-Key, so this is always the first answer.
            let secret = secret.unwrap_or_default();
            let (shell, _) = ctx.console("Your new token", MyTokens {}).await?;
            let try_it = format!("curl -H \"Authorization: Bearer {}\" {}", secret, ctx.world.link("/api/v1/me"));
            ctx.html(&Created { shell, token, secret, try_it }, |_| None)
        }
        Err(e) => {
            let (why, errors) = Again::of(e)?;
            let page = Tokens { name: form.get("name").into(), days: form.get("days").into(), errors, ..Tokens::of(&ctx).await? };
            ctx.again(why, &page, |_| None)
        }
    }
}

pub async fn revoke(ctx: Ctx, token: Path<String>, form: PageForm) -> Result<HttpResponse> {
    let token = ctx.run(RevokeToken { token: Ref::new(token.as_str()) }).await?;
    ctx.done(&form, "/me/tokens", format!("Revoked the token {}", token.name))
}
