//! `/instance` in the API, for operators.

use actix_web::http::Method;

use super::commands::UpdateInstance;
use super::queries::{OneUser, OrgList, ReadInstance, UserList};
use crate::base::web::api::Api;

pub fn routes(api: &mut Api) {
    api.read::<ReadInstance>("/instance", "Read the installation's settings");
    api.write::<UpdateInstance>(Method::PUT, "/instance", 200, "Change the installation's settings");
    api.read::<UserList>("/instance/users", "List all users");
    api.read::<OneUser>("/instance/users/{user}", "Read a user with their organizations and roles");
    api.read::<OrgList>("/instance/organizations", "List all organizations");
}
