//! `/orgs/{org}/projects` and their grants in the API.

use actix_web::http::Method;

use super::commands::{CreateProject, DeleteProject, UpdateProject};
use super::export::ProjectExport;
use super::grants::{ChangeAccess, GiveAccess, TakeAccess};
use super::queries::{GrantList, OneProject, ProjectList};
use crate::base::web::api::Api;

pub fn routes(api: &mut Api) {
    api.export::<ProjectExport>("/orgs/{org}/projects");
    api.read::<ProjectList>("/orgs/{org}/projects", "List the projects you can see");
    api.write::<CreateProject>(Method::POST, "/orgs/{org}/projects", 201, "Create a project");
    api.read::<OneProject>("/orgs/{org}/projects/{project}", "Read a project");
    api.write::<UpdateProject>(Method::PATCH, "/orgs/{org}/projects/{project}", 200, "Change a project");
    api.write::<DeleteProject>(Method::DELETE, "/orgs/{org}/projects/{project}", 204, "Delete a project nobody has access to");
    api.read::<GrantList>("/orgs/{org}/projects/{project}/grants", "List who has access to a project");
    api.write::<GiveAccess>(Method::POST, "/orgs/{org}/projects/{project}/grants", 201, "Give access to a project");
    api.write::<ChangeAccess>(Method::PATCH, "/orgs/{org}/projects/{project}/grants/{grant}", 200, "Change the level of access");
    api.write::<TakeAccess>(Method::DELETE, "/orgs/{org}/projects/{project}/grants/{grant}", 204, "Take access to a project");
}
