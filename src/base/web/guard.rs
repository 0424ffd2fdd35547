//! What a form has to show before anything reads it: that it comes from our own page, in this browser. And the limits of a form.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use super::ctx::Ctx;
use super::late;
use crate::base::error::{Error, Result};
use crate::base::form::Form;
use crate::base::world::World;

const FORM_BYTES: usize = 64 * 1024;
/// Names of fields; a list of selected rows is one of them.
const FORM_FIELDS: usize = 100;
const FORM_VALUES: usize = 300;

/// A posted form that has passed the guard.
pub struct PageForm(pub Form);

impl std::ops::Deref for PageForm {
    type Target = Form;
    fn deref(&self) -> &Form {
        &self.0
    }
}

impl FromRequest for PageForm {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            same_site(&req)?;
            let body = read(&req, &mut payload, FORM_BYTES).await?;
            let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
            let names: std::collections::BTreeSet<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            if names.len() > FORM_FIELDS || fields.len() > FORM_VALUES {
                return Err(Error::TooLarge(format!("A form takes at most {FORM_FIELDS} fields at once.")));
            }
            let form = Form(fields);
            genuine(&req, &form).await?;
            Ok(Self(form))
        })
    }
}

/// Whether a form was made for this browser and its session.
pub(super) async fn genuine(req: &HttpRequest, form: &Form) -> Result<()> {
    let ctx = Ctx::from_request(req, &mut Payload::None).await?;
    let header = req.headers().get("x-csrf-token").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let given = if header.is_empty() { form.get("csrf") } else { header };
    if !ctx.new_seed && ctx.csrf_matches(given) {
        return Ok(());
    }
    if late::is_late(req, &ctx, form, given).await? {
        return Err(Error::SignIn);
    }
    Err(Error::denied("This form has grown too old, or was opened in another session. Go back, reload the page and send it again."))
}

/// A browser says where a request comes from; what does not come from our own pages is refused.
pub(super) fn same_site(req: &HttpRequest) -> Result<()> {
    let header = |name: &str| req.headers().get(name).map(|v| v.to_str().unwrap_or("?"));
    let refused = || Err(Error::denied("This request came from another site and was not carried out."));
    match (header("sec-fetch-site"), header("origin")) {
        (Some("same-origin"), _) => Ok(()),
        (Some(_), _) => refused(),
        (None, Some(origin)) => {
            let world = req.app_data::<web::Data<World>>().ok_or_else(|| Error::internal("no world"))?;
            let ours = world.settings.public_url.origin().ascii_serialization();
            if origin == ours || is_loopback_twin(world, origin) { Ok(()) } else { refused() }
        }
        // Neither: not a browser. The token decides alone.
        (None, None) => Ok(()),
    }
}

/// `http://localhost:8080` and `http://127.0.0.1:8080` are one program when that is what we serve on.
fn is_loopback_twin(world: &World, origin: &str) -> bool {
    let Ok(origin) = url::Url::parse(origin) else { return false };
    let ours = &world.settings.public_url;
    origin.scheme() == "http"
        && ours.scheme() == "http"
        && origin.port_or_known_default() == ours.port_or_known_default()
        && matches!(origin.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Reads a body up to a limit; longer ones are refused without being kept, compressed ones at once.
pub async fn read(req: &HttpRequest, payload: &mut Payload, most: usize) -> Result<Vec<u8>> {
    use futures_util::StreamExt as _;
    let too_large = || Error::TooLarge(format!("This takes at most {} KiB.", most / 1024));
    if req.headers().contains_key("content-encoding") {
        return Err(Error::MediaType);
    }
    let announced = req.headers().get("content-length").and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    if announced.is_some_and(|n| n > most) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    let whole = async {
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|e| Error::BadRequest(format!("The request broke off: {e}")))?;
            if body.len() + chunk.len() > most {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(())
    };
    match tokio::time::timeout(std::time::Duration::from_secs(15), whole).await {
        Ok(outcome) => outcome?,
        Err(_) => return Err(Error::BadRequest("The request took too long to arrive.".into())),
    }
    Ok(body)
}
