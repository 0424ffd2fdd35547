//! `/me` in the API. What needs the person in front of a browser (password, second factor, address) is on the pages only.

use actix_web::http::Method;

use super::commands::{EndOtherSessions, EndSession, UpdateMe};
use super::queries::{MySessions, MyTokens, ReadMe};
use super::tokens::{CreateToken, RevokeToken};
use crate::base::web::api::Api;
use crate::orgs::queries::MyOrgs;

pub fn routes(api: &mut Api) {
    api.read::<ReadMe>("/me", "Read your account");
    api.write::<UpdateMe>(Method::PATCH, "/me", 200, "Change your name or how pages look to you");
    api.read::<MyOrgs>("/me/orgs", "List the organizations you can enter");
    api.read::<MySessions>("/me/sessions", "List your sessions");
    api.write::<EndSession>(Method::DELETE, "/me/sessions/{session}", 204, "End one of your sessions");
    api.write::<EndOtherSessions>(Method::DELETE, "/me/sessions", 200, "Sign out everywhere else");
    api.read::<MyTokens>("/me/tokens", "List your tokens");
    api.write::<CreateToken>(Method::POST, "/me/tokens", 201, "Make a token; its secret is in this answer and never again");
    api.write::<RevokeToken>(Method::DELETE, "/me/tokens/{token}", 204, "Revoke a token");
}
