//! `/orgs/{org}/roles` and `/orgs/{org}/permissions` in the API.

use actix_web::http::Method;

use super::commands::{CreateRole, DeleteRole, UpdateRole};
use super::queries::{OneRole, PermissionList, RoleList};
use crate::base::web::api::Api;

pub fn routes(api: &mut Api) {
    api.export::<RoleList>("/orgs/{org}/roles");
    api.read::<RoleList>("/orgs/{org}/roles", "List roles");
    api.write::<CreateRole>(Method::POST, "/orgs/{org}/roles", 201, "Create a role");
    api.read::<OneRole>("/orgs/{org}/roles/{role}", "Read a role");
    api.write::<UpdateRole>(Method::PATCH, "/orgs/{org}/roles/{role}", 200, "Change a role");
    api.write::<DeleteRole>(Method::DELETE, "/orgs/{org}/roles/{role}", 204, "Delete a role nobody uses");
    api.read::<PermissionList>("/orgs/{org}/permissions", "List the permissions there are");
}
