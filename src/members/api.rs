//! `/orgs/{org}/members` and `/orgs/{org}/externals` in the API.

use actix_web::http::Method;

use super::bulk::ChangeMembers;
use super::commands::{AddMembers, Leave, RemoveExternal, RemoveMember, UpdateMember};
use super::queries::{ExternalList, MemberList, OneMember};
use crate::base::web::api::Api;

pub fn routes(api: &mut Api) {
    api.export::<MemberList>("/orgs/{org}/members");
    api.read::<MemberList>("/orgs/{org}/members", "List members");
    api.write::<AddMembers>(Method::POST, "/orgs/{org}/members", 200, "Make existing users members without asking them (operators)");
    api.read::<OneMember>("/orgs/{org}/members/{member}", "Read a member");
    api.write::<UpdateMember>(Method::PATCH, "/orgs/{org}/members/{member}", 200, "Change roles or status of a member");
    api.write::<RemoveMember>(Method::DELETE, "/orgs/{org}/members/{member}", 204, "Remove a member and all their access here");
    api.write::<ChangeMembers>(Method::POST, "/orgs/{org}/member-changes", 200, "Make one change for many members");
    api.write::<Leave>(Method::DELETE, "/orgs/{org}/membership", 204, "Leave the organization");
    api.export::<ExternalList>("/orgs/{org}/externals");
    api.read::<ExternalList>("/orgs/{org}/externals", "List people from outside with access to something here");
    api.write::<RemoveExternal>(Method::DELETE, "/orgs/{org}/externals/{user}", 204, "Take all access from a person from outside");
}
