//! `/orgs/{org}/audit-events` in the API.

use actix_web::http::Method;

use super::queries::EventList;
use super::undo::Undo;
use crate::base::web::api::Api;

pub fn routes(api: &mut Api) {
    api.export::<EventList>("/orgs/{org}/audit-events");
    api.read::<EventList>("/orgs/{org}/audit-events", "List audit events, newest first");
    api.write::<Undo>(Method::POST, "/orgs/{org}/audit-events/{event}/undo", 200, "Take a change back");
}
