//! A form that was not taken is shown once more: with what was typed, the reason beside it, and the status that says why.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use askama::Template;

use super::ctx::Ctx;
use super::page::Errors;
use crate::base::error::{Error, FieldError, Result};

/// How the answer that shows the form again is marked for programs.
#[derive(Debug, Clone, Copy)]
pub struct Again {
    status: u16,
    retry_after: Option<i64>,
}

impl Again {
    /// What the person can mend in the form; anything else goes on as it is.
    pub fn of(error: Error) -> Result<(Self, Errors)> {
        let status = error.status();
        let fields = |message: &str| Errors(vec![FieldError::new("", "refused", message)]);
        let (errors, retry_after) = match &error {
            Error::Invalid(found) => (Errors(found.clone()), None),
            Error::Unproven(message) | Error::Conflict(message) => (fields(message), None),
            Error::Limited { retry_after, message } => (fields(message), Some(*retry_after)),
            Error::Stale { .. } => (fields(&error.message()), None),
            _ => return Err(error),
        };
        Ok((Self { status, retry_after }, errors))
    }
}

impl Ctx {
    pub fn again<T: Template>(&self, why: Again, page: &T, block: impl FnOnce(&str) -> Option<askama::Result<String>>) -> Result<HttpResponse> {
        let mut res = self.html_as(why.status, page, block)?;
        if let Some(seconds) = why.retry_after {
            res.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        Ok(res)
    }
}
