//! `/orgs/{org}/security-policy` in the API.

use actix_web::http::Method;

use super::commands::SetPolicy;
use super::queries::CurrentPolicy;
use crate::base::web::api::Api;

pub fn routes(api: &mut Api) {
    api.read::<CurrentPolicy>("/orgs/{org}/security-policy", "Read the sign-in policy");
    api.write::<SetPolicy>(Method::PUT, "/orgs/{org}/security-policy", 200, "Set the sign-in policy as a whole");
}
