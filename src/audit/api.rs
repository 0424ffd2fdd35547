//! `/orgs/{org}/audit-events` in the API.

use actix_web::{HttpRequest, HttpResponse};

use super::export::{self, Format};
use super::queries::{EventList, ExportAllowed};
use crate::base::error::Result;
use crate::base::web::api::{self, Api};
use crate::base::web::ctx::Ctx;

pub fn routes(api: &mut Api) {
    api.export("/orgs/{org}/audit-events", stream);
    api.read::<EventList>("/orgs/{org}/audit-events", "List audit events, newest first; with format=csv or ndjson all that match are streamed");
}

/// The same for the console's Export links and for programs.
pub async fn stream(ctx: Ctx, req: HttpRequest) -> Result<HttpResponse> {
    let list: EventList = api::query(&req)?;
    let wanted = url::form_urlencoded::parse(req.query_string().as_bytes()).find(|(n, _)| n == "format").map(|(_, v)| v.to_string());
    let format = Format::parse(wanted.as_deref().unwrap_or_default())?;
    let filter = list.filter()?;
    let (chain, slug) = ctx.ask(ExportAllowed { org: list.org }).await?;
    Ok(export::stream(ctx.world.clone(), chain, &slug, filter, format))
}
