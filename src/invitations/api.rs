//! `/orgs/{org}/invitations` in the API.

use actix_web::http::Method;

use super::commands::{InvitePeople, Revoke, SendAgain};
use super::queries::{InvitationList, OneInvitation};
use crate::base::web::api::Api;

pub fn routes(api: &mut Api) {
    api.export::<InvitationList>("/orgs/{org}/invitations");
    api.read::<InvitationList>("/orgs/{org}/invitations", "List invitations, newest first");
    api.write::<InvitePeople>(Method::POST, "/orgs/{org}/invitations", 200, "Invite people by e-mail; each address is answered by itself");
    api.read::<OneInvitation>("/orgs/{org}/invitations/{invitation}", "Read an invitation");
    api.write::<SendAgain>(Method::POST, "/orgs/{org}/invitations/{invitation}/deliveries", 200, "Send an invitation again, with a new link");
    api.write::<Revoke>(Method::DELETE, "/orgs/{org}/invitations/{invitation}", 204, "Withdraw an invitation");
}
