//! The pages of members: the list with its views, one person, and the questions before access is taken.

mod changes;
pub mod list;
mod one;

use super::queries::{ExternalList, MemberList};
use crate::base::web::export;
use crate::base::web::routes::{Routes, Who};

pub fn routes(r: &mut Routes) {
    r.get(Who::Org, "/o/{org}/members", list::list);
    r.get(Who::Org, "/o/{org}/exports/members", export::serve::<MemberList>);
    r.get(Who::Org, "/o/{org}/exports/externals", export::serve::<ExternalList>);
    r.post(Who::Org, "/o/{org}/member-changes", changes::change);
    r.get(Who::Org, "/o/{org}/members/{member}", one::show);
    r.get(Who::Org, "/o/{org}/members/{member}/roles", one::roles);
    r.post(Who::Org, "/o/{org}/members/{member}/roles", one::set_roles);
    r.get(Who::Org, "/o/{org}/members/{member}/suspension", one::suspension);
    r.post(Who::Org, "/o/{org}/members/{member}/suspension", one::suspend);
    r.get(Who::Org, "/o/{org}/members/{member}/removal", one::removal);
    r.post(Who::Org, "/o/{org}/members/{member}/removal", one::remove);
    r.get(Who::Org, "/o/{org}/membership/end", one::leaving);
    r.post(Who::Org, "/o/{org}/membership/end", one::leave);
    r.get(Who::Org, "/o/{org}/externals/{user}/removal", list::external_removal);
    r.post(Who::Org, "/o/{org}/externals/{user}/removal", list::remove_external);
}

/// How somebody came in, in words.
fn joined(via: &str) -> &'static str {
    match via {
        "invitation" => "Invitation",
        _ => "Added directly",
    }
}
