//! `/orgs/{org}/audit-events` in the API.

use super::queries::EventList;
use crate::base::web::api::Api;

pub fn routes(api: &mut Api) {
    api.export::<EventList>("/orgs/{org}/audit-events");
    api.read::<EventList>("/orgs/{org}/audit-events", "List audit events, newest first");
}
