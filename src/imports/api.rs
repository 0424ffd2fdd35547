//! `/orgs/{org}/imports` in the API.

use actix_web::http::Method;

use super::commands::{CreateImport, RunImport, StopImport};
use super::queries::{ImportList, ImportRows, OneImport};
use crate::base::web::api::Api;

pub fn routes(api: &mut Api) {
    api.read::<ImportList>("/orgs/{org}/imports", "List imports, newest first");
    api.write::<CreateImport>(
        Method::POST,
        "/orgs/{org}/imports",
        201,
        "Bring people in a CSV file; every row is told its fate, and nothing changes yet",
    );
    api.read::<OneImport>("/orgs/{org}/imports/{import}", "Read an import, its state and how far it is");
    api.export::<ImportRows>("/orgs/{org}/imports/{import}/rows");
    api.read::<ImportRows>("/orgs/{org}/imports/{import}/rows", "List the rows of an import with their fates");
    api.write::<RunImport>(Method::POST, "/orgs/{org}/imports/{import}/run", 200, "Take in the rows that are ready");
    api.write::<StopImport>(Method::POST, "/orgs/{org}/imports/{import}/stop", 200, "Stop an import; what was taken in stays");
}
