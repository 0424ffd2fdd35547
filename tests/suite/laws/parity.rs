//! What the API does, the pages do, and the other way round; where not, the reason stands here.

use std::collections::BTreeSet;

use bailiwick::sections::Map;

enum Door {
    /// The form that does the same.
    Page(&'static str),
    /// Why there is none.
    Only(&'static str),
}
use Door::{Only, Page};

/// Every write of the API: method, path, and its form among the pages.
const WRITES: &[(&str, &str, Door)] = &[
    ("POST", "/orgs", Page("/orgs")),
    ("PATCH", "/orgs/{org}", Page("/o/{org}/settings")),
    ("DELETE", "/orgs/{org}", Page("/o/{org}/deletion")),
    ("POST", "/orgs/{org}/projects", Page("/o/{org}/projects")),
    ("PATCH", "/orgs/{org}/projects/{project}", Page("/o/{org}/projects/{project}")),
    ("DELETE", "/orgs/{org}/projects/{project}", Page("/o/{org}/projects/{project}/deletion")),
    ("POST", "/orgs/{org}/projects/{project}/grants", Page("/o/{org}/projects/{project}/grants")),
    ("PATCH", "/orgs/{org}/projects/{project}/grants/{grant}", Page("/o/{org}/projects/{project}/grants/{grant}")),
    ("DELETE", "/orgs/{org}/projects/{project}/grants/{grant}", Page("/o/{org}/projects/{project}/grants/{grant}/removal")),
    ("POST", "/orgs/{org}/members", Only("for scripts of operators that move people in; people are invited")),
    ("PATCH", "/orgs/{org}/members/{member}", Page("/o/{org}/members/{member}/roles")),
    ("DELETE", "/orgs/{org}/members/{member}", Page("/o/{org}/members/{member}/removal")),
    ("POST", "/orgs/{org}/member-changes", Page("/o/{org}/member-changes")),
    ("DELETE", "/orgs/{org}/membership", Page("/o/{org}/membership/end")),
    ("DELETE", "/orgs/{org}/externals/{user}", Page("/o/{org}/externals/{user}/removal")),
    ("POST", "/orgs/{org}/invitations", Page("/o/{org}/invitations")),
    ("POST", "/orgs/{org}/invitations/{invitation}/deliveries", Page("/o/{org}/invitations/{invitation}/deliveries")),
    ("DELETE", "/orgs/{org}/invitations/{invitation}", Page("/o/{org}/invitations/{invitation}/revocation")),
    ("POST", "/orgs/{org}/imports", Page("/o/{org}/imports")),
    ("POST", "/orgs/{org}/imports/{import}/run", Page("/o/{org}/imports/{import}/run")),
    ("POST", "/orgs/{org}/imports/{import}/stop", Page("/o/{org}/imports/{import}/stop")),
    ("POST", "/orgs/{org}/roles", Page("/o/{org}/roles")),
    ("PATCH", "/orgs/{org}/roles/{role}", Page("/o/{org}/roles/{role}")),
    ("DELETE", "/orgs/{org}/roles/{role}", Page("/o/{org}/roles/{role}/deletion")),
    ("PUT", "/orgs/{org}/security-policy", Page("/o/{org}/security")),
    ("POST", "/orgs/{org}/audit-events/{event}/undo", Page("/o/{org}/audit/{event}/undo")),
    ("PATCH", "/me", Page("/me")),
    ("DELETE", "/me/sessions/{session}", Page("/me/sessions/{session}/end")),
    ("DELETE", "/me/sessions", Page("/me/sessions/others/end")),
    ("POST", "/me/tokens", Page("/me/tokens")),
    ("DELETE", "/me/tokens/{token}", Page("/me/tokens/{token}/revoke")),
    ("PUT", "/instance", Page("/instance")),
];

/// Forms without a route of the API.
const FORMS: &[(&str, &str)] = &[
    ("/login", "a browser signs in; programs carry a token"),
    ("/login/code", "a browser signs in; programs carry a token"),
    ("/logout", "a token is revoked instead"),
    ("/reauthenticate", "asks for the person in front of the browser"),
    ("/unsaved", "about what this browser sent before"),
    ("/setup", "the command line sets up without a browser"),
    ("/invitation", "the invited person answers for themselves, with the link out of their mail"),
    ("/email/confirm", "a link out of a mail"),
    ("/password/forgotten", "ends in a mail"),
    ("/password/reset", "a link out of a mail"),
    ("/me/email", "needs the person in front of a browser"),
    ("/me/email/confirmation", "needs the person in front of a browser"),
    ("/me/password", "needs the person in front of a browser"),
    ("/me/mfa", "needs the person in front of a browser"),
    ("/me/mfa/confirm", "needs the person in front of a browser"),
    ("/me/mfa/codes", "needs the person in front of a browser"),
    ("/me/mfa/off", "needs the person in front of a browser"),
    ("/o/{org}/members/{member}/suspension", "the status of a member is a field of PATCH in the API"),
];

#[test]
fn every_change_has_both_doors_or_a_written_reason() {
    let map = Map::default();
    let mut wrong = Vec::new();
    let posts: BTreeSet<&str> = map.routes.table.iter().filter(|r| r.method == "POST").map(|r| r.path).collect();
    for route in map.api.table.iter().filter(|r| r.writes) {
        match WRITES.iter().find(|(method, path, _)| *method == route.method.as_str() && *path == route.path) {
            None => wrong.push(format!("{} {}: say which form does the same, or why none does", route.method, route.path)),
            Some((_, _, Page(form))) if !posts.contains(form) => wrong.push(format!("{} {}: there is no form at {form}", route.method, route.path)),
            Some(_) => {}
        }
    }
    let paired: BTreeSet<&str> = WRITES.iter().filter_map(|(_, _, door)| if let Page(form) = door { Some(*form) } else { None }).collect();
    for form in &posts {
        if !paired.contains(form) && !FORMS.iter().any(|(path, _)| path == form) {
            wrong.push(format!("POST {form}: say which route of the API does the same, or why none does"));
        }
    }
    let known = |method: &str, path: &str| map.api.table.iter().any(|r| r.method.as_str() == method && r.path == path);
    wrong.extend(WRITES.iter().filter(|(m, p, _)| !known(m, p)).map(|(m, p, _)| format!("{m} {p} is gone from the API: take it out here")));
    wrong.extend(FORMS.iter().filter(|(p, _)| !posts.contains(p)).map(|(p, _)| format!("the form {p} is gone: take it out here")));
    let reasons = WRITES.iter().filter_map(|(_, path, door)| if let Only(why) = door { Some((path, *why)) } else { None });
    wrong.extend(reasons.filter(|(_, why)| why.len() < 10).map(|(path, _)| format!("{path}: the reason is too short")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
