//! `/orgs/{org}/insights/...` in the API.

use super::queries::{AccessMapOf, MemberGrowth, TwoFactorCoverage};
use crate::base::web::api::Api;

pub fn routes(api: &mut Api) {
    api.read::<MemberGrowth>("/orgs/{org}/insights/growth", "Members at the end of each month, and who joined and left");
    api.read::<TwoFactorCoverage>("/orgs/{org}/insights/two-factor", "How many people have set up two-factor sign-in");
    api.read::<AccessMapOf>("/orgs/{org}/insights/access", "Who reaches which project by what, around a person, a role or a project");
}
