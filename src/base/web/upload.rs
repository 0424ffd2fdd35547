//! A form with a file in it. It passes the same guard as any other form; its parts are read one by one, and no more of them than is said.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures_util::TryStreamExt as _;

use super::guard::{PageForm, genuine, same_site};
use crate::base::error::{Error, Result};
use crate::base::form::Form;

/// All parts together.
const LARGEST: usize = 16 * 1024 * 1024 + 64 * 1024;
const PARTS: usize = 100;
/// How long a file may take to arrive.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Upload {
    pub form: Form,
    /// Name and content of the file, when one was chosen.
    pub file: Option<(String, Vec<u8>)>,
}

impl FromRequest for Upload {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let kind = req.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
            if !kind.starts_with("multipart/form-data") {
                let PageForm(form) = PageForm::from_request(&req, &mut payload).await?;
                return Ok(Self { form, file: None });
            }
            same_site(&req)?;
            let parts = Multipart::new(req.headers(), payload);
            let upload = match tokio::time::timeout(PATIENCE, read(parts)).await {
                Ok(read) => read?,
                Err(_) => return Err(Error::BadRequest("The file took too long to arrive. Send it again, or in parts.".into())),
            };
            genuine(&req, &upload.form).await?;
            Ok(upload)
        })
    }
}

async fn read(mut parts: Multipart) -> Result<Upload> {
    let broken = |e: actix_multipart::MultipartError| Error::BadRequest(format!("The form could not be read: {e}"));
    let (mut upload, mut size) = (Upload { form: Form::default(), file: None }, 0);
    while let Some(mut part) = parts.try_next().await.map_err(broken)? {
        let said = part.content_disposition();
        let name = said.and_then(|d| d.get_name()).unwrap_or_default().to_owned();
        let file = said.and_then(|d| d.get_filename()).map(str::to_owned);
        let mut bytes = Vec::new();
        while let Some(chunk) = part.try_next().await.map_err(broken)? {
            size += chunk.len();
            if size > LARGEST {
                return Err(Error::TooLarge(format!("A file has at most {} MiB. Send it in parts.", LARGEST / 1024 / 1024)));
            }
            bytes.extend_from_slice(&chunk);
        }
        match file {
            // A field for a file that nobody has chosen.
            Some(file) if file.is_empty() && bytes.is_empty() => {}
            Some(file) => upload.file = Some((file, bytes)),
            None if upload.form.0.len() < PARTS => upload.form.0.push((name, String::from_utf8_lossy(&bytes).into_owned())),
            None => return Err(Error::TooLarge(format!("A form takes at most {PARTS} fields at once."))),
        }
    }
    Ok(upload)
}
