//! `/orgs/{org}/access/...` in the API.

use super::queries::ExplainAccess;
use crate::base::web::api::Api;

pub fn routes(api: &mut Api) {
    api.read::<ExplainAccess>(
        "/orgs/{org}/access/explanations",
        "What somebody may do on a project or in the organization, and everything that gives it",
    );
}
