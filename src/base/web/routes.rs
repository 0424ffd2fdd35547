//! The table of pages. Registering a page also writes it down, so that tests can walk every route there is.

use actix_web::{FromRequest, Handler, Responder, web};

use super::resources::{self, Resources};
use crate::base::error::Error;

/// Who may come to a page at all; what they may do there is decided by the commands and queries behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Anyone,
    SignedIn,
    /// Somebody of the organization in the path.
    Org,
    Operator,
}

#[derive(Debug, Clone)]
pub struct PageRoute {
    pub method: &'static str,
    pub path: &'static str,
    pub who: Who,
}

#[derive(Default)]
pub struct Routes {
    pub table: Vec<PageRoute>,
    pub resources: Resources,
}

impl Routes {
    pub fn get<H, A>(&mut self, who: Who, path: &'static str, handler: H)
    where
        H: Handler<A> + Send + Sync,
        H::Output: Responder + 'static,
        A: FromRequest + 'static,
    {
        self.table.push(PageRoute { method: "GET", path, who });
        self.resources.add(path, move || resources::get().to(handler.clone()));
    }

    pub fn post<H, A>(&mut self, who: Who, path: &'static str, handler: H)
    where
        H: Handler<A> + Send + Sync,
        H::Output: Responder + 'static,
        A: FromRequest + 'static,
    {
        self.table.push(PageRoute { method: "POST", path, who });
        self.resources.add(path, move || web::post().to(handler.clone()));
    }
}

/// The address is known, the method is not.
pub async fn wrong_method() -> Result<actix_web::HttpResponse, Error> {
    Err(Error::Method)
}

pub async fn nothing_here() -> Result<actix_web::HttpResponse, Error> {
    Err(Error::NotFound)
}
