//! The tables under the pictures as CSV: the same rows as the picture was drawn from.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{asked, rows};
use crate::access::Ref;
use crate::audit::export::defuse;
use crate::base::error::{Error, Result};
use crate::base::web::address::Address;
use crate::base::web::ctx::Ctx;
use crate::insights::queries::{AccessMapOf, MemberGrowth, TwoFactorCoverage};

pub async fn export(ctx: Ctx, req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse> {
    let at = Address::of(&req);
    let org = || Ref::new(path.as_str());
    let number = |n: i64| n.to_string();
    let (name, table): (&str, Vec<Vec<String>>) = match at.or("of", "growth") {
        "two-factor" => {
            let c = ctx.ask(TwoFactorCoverage { org: org() }).await?;
            let row = |who: &str, all: i64, without: i64| vec![who.to_owned(), number(all - without), number(without)];
            let head = ["people", "with_second_factor", "without"].map(str::to_owned).to_vec();
            ("two-factor", vec![head, row("members", c.members, c.members_without), row("from outside", c.externals, c.externals_without)])
        }
        "access" => {
            let asked = asked(&at);
            let map = ctx.ask(AccessMapOf { org: org(), person: asked.person, role: asked.role, project: asked.project }).await?;
            let head = ["person", "through", "project", "level"].map(str::to_owned).to_vec();
            ("access", std::iter::once(head).chain(rows(&map).into_iter().map(Vec::from)).collect())
        }
        _ => {
            let months = if at.is("months", "24") { 24 } else { 12 };
            let growth = ctx.ask(MemberGrowth { org: org(), months: Some(months) }).await?;
            let head = ["month", "joined", "left", "members"].map(str::to_owned).to_vec();
            let rows = growth.months.into_iter().map(|m| vec![m.month, number(m.joined), number(m.left), number(m.members)]);
            ("growth", std::iter::once(head).chain(rows).collect())
        }
    };
    let mut csv = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    for row in table {
        csv.write_record(row.iter().map(|cell| defuse(cell))).map_err(|e| Error::internal(format!("csv: {e}")))?;
    }
    let bytes = csv.into_inner().map_err(|e| Error::internal(format!("csv: {e}")))?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("content-disposition", format!("attachment; filename=\"{name}-{}.csv\"", path.as_str())))
        .body(bytes))
}
