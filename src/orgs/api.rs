//! `/orgs` in the API.

use actix_web::http::Method;

use super::commands::{CreateOrg, DeleteOrg, UpdateOrg};
use super::queries::{MyOrgs, OneOrg};
use crate::base::web::api::Api;

pub fn routes(api: &mut Api) {
    api.read::<MyOrgs>("/orgs", "List the organizations you can enter");
    api.write::<CreateOrg>(Method::POST, "/orgs", 201, "Create an organization; you become its first ADMIN");
    api.read::<OneOrg>("/orgs/{org}", "Read an organization");
    api.write::<UpdateOrg>(Method::PATCH, "/orgs/{org}", 200, "Change name, short name or description");
    api.write::<DeleteOrg>(Method::DELETE, "/orgs/{org}", 204, "Delete an organization nobody has project access in");
}
