//! `/me/tokens`: personal access tokens. The secret of a new one is shown on the answer, and never again.

use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;

use crate::access::Ref;
use crate::account::Token;
use crate::account::queries::MyTokens;
use crate::account::tokens::{CreateToken, NewToken, RevokeToken};
use crate::base::error::{Error, Result};
use crate::base::web::again::Again;
use crate::base::web::confirm::Confirm;
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

pub async fn ask(ctx: Ctx, token: Path<String>) -> Result<HttpResponse> {
    let (shell, list) = ctx.console("Revoke a token", MyTokens {}).await?;
    let token = list.items.into_iter().find(|t| t.id.as_ref() == token.as_str()).ok_or(Error::NotFound)?;
    let used =
        token.last_used_at.map_or("It was never used.".to_owned(), |at| format!("It was last used {}.", at.relative(ctx.world.now()).to_lowercase()));
    let (title, action) = (format!("Revoke {}?", token.name), format!("/me/tokens/{}/revoke", token.id));
    let ask = Confirm { said_all: true, ..Confirm::loss(title, action, format!("Revoke {}", token.name), "/me/tokens".into()) }
        .lede(format!("Whatever signs in with it stops working at once, and nothing brings it back. {used}"));
    ctx.confirm(shell, ask, RevokeToken { token: Ref::new(&token.id) }, None).await
}

pub async fn revoke(ctx: Ctx, token: Path<String>, form: PageForm) -> Result<HttpResponse> {
    let token = ctx.run_from(&form, RevokeToken { token: Ref::new(token.as_str()) }).await?;
    ctx.done(&form, "/me/tokens", format!("Revoked the token {}", token.name))
}
