//! Taking back: from the toast after a change, from the audit log later, from a program; never against what happened since.

use crate::support::people::form_of;
use crate::support::{App, DELETE, GET, PATCH, POST, PUT, Person, Scene, Value, each, json};

/// The button in the toast of a page: where it posts to, with what.
fn undo_of(page: &str) -> Option<(String, Vec<(String, String)>)> {
    let html = scraper::Html::parse_document(page);
    let form = scraper::Selector::parse("#toasts .toast form").unwrap();
    let action = html.select(&form).next()?.value().attr("action").unwrap().to_owned();
    let fields = form_of(page, &action).unwrap();
    Some((action, fields))
}

/// Does something on a page and presses the button in the toast that tells of it; returns the page after that.
async fn undoes(who: &Person, path: &str, fields: &[(&str, &str)]) -> String {
    let to = who.post(path, fields).await.is(303).header("location").to_owned();
    let page = who.get(&to).await.is(200).text();
    presses(who, &page).await
}

async fn presses(who: &Person, page: &str) -> String {
    let (action, fields) = undo_of(page).unwrap_or_else(|| panic!("nothing is offered: {page}"));
    let fields: Vec<(&str, &str)> = fields.iter().filter(|(n, _)| n != "csrf").map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let to = who.post(&action, &fields).await.is(303).header("location").to_owned();
    who.get(&to).await.is(200).text()
}

async fn undo(who: &Person, event: &str) -> crate::support::Answer {
    who.api(POST, &format!("/orgs/acme/audit-events/{event}/undo"), ()).await
}

async fn holds(scene: &Scene, who: &Person) -> Vec<String> {
    let member = who.member_of("acme", &scene.ana).await;
    member["roles"].as_array().unwrap().iter().map(|r| r["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_toast_after_a_change_takes_it_back_and_brings_it_again() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let ana = &scene.ana;
        ana.sign_in(true);
        let mia = scene.mia.member_id("acme", ana).await;
        let roles = format!("/o/acme/members/{mia}/roles");
        let page = undoes(ana, &roles, &[("roles[]", "DEFAULT"), ("roles[]", &scene.role), ("return_to", "/o/acme/members?q=mia")]).await;
        assert!(page.contains("Undid: set the roles of Mia Holt to"), "{page}");
        assert_eq!(holds(&scene, &scene.mia).await, ["DEFAULT"]);
        let events = app.events();
        let last = events.last().unwrap();
        assert_eq!((last.action.as_str(), last.outcome.as_str(), last.actor_id.as_str()), ("member.roles", "success", ana.id.as_str()));
        assert!(last.summary.starts_with("undid: set the roles of Mia Holt"), "{}", last.summary);
        // The undoing is a change like any other, so its toast takes that back.
        let page = presses(ana, &page).await;
        assert!(page.contains("Redid: set the roles of Mia Holt to"), "{page}");
        assert!(app.events().last().unwrap().summary.starts_with("redid: set the roles"));
        assert_eq!(holds(&scene, &scene.mia).await, ["helpers", "DEFAULT"]);
        assert!(app.broken_chains().is_empty());
    });
}

#[test]
fn every_change_that_can_be_taken_back_leaves_things_as_they_were() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let (ana, at) = (&scene.ana, "/orgs/acme/projects/apollo");
        let mia = format!("/orgs/acme/members/{}", scene.mia.member_id("acme", ana).await);
        let grant = format!("{at}/grants/{}", scene.grant);
        let invitation = format!("/orgs/acme/invitations/{}", scene.invitation);
        let role = format!("/orgs/acme/roles/{}", scene.role);
        let access =
            |v: &Value| v["items"].as_array().unwrap().iter().map(|g| json!([g["subject"]["id"], g["role"], g["valid_to"]])).collect::<Vec<_>>();
        for (method, path, body, look) in [
            (PATCH, "/orgs/acme", json!({"name": "Other", "slug": "other", "description": "x"}), "/orgs/acme"),
            (PATCH, at, json!({"name": "Artemis", "slug": "artemis", "description": "Later"}), at),
            (POST, &format!("{at}/grants"), json!({"subject": {"kind": "everyone"}, "role": "viewer"}), "grants"),
            (PATCH, &grant, json!({"role": "editor"}), "grants"),
            (PATCH, &role, json!({"name": "Hands", "permissions": ["audit.read", "members.read"]}), &role),
            (PATCH, &mia, json!({"roles": ["helpers"], "status": "suspended"}), &mia),
            (POST, "/orgs/acme/member-changes", json!({"change": "add_role", "role": "helpers", "filter": {}}), "/orgs/acme/members"),
            (POST, "/orgs/acme/member-changes", json!({"change": "take_role", "role": "DEFAULT", "filter": {}}), "/orgs/acme/members"),
            (POST, "/orgs/acme/member-changes", json!({"change": "suspend", "filter": {"q": "mia"}}), "/orgs/acme/members"),
            (POST, "/orgs/acme/member-changes", json!({"change": "reinstate", "filter": {"q": "sam"}}), "/orgs/acme/members"),
            (PUT, "/orgs/acme/security-policy", json!({"mfa": "off", "mfa_externals": false}), "/orgs/acme/security-policy"),
            (DELETE, &invitation, Value::Null, &invitation),
            (DELETE, &grant, Value::Null, "grants"),
        ] {
            let look = if look == "grants" { format!("{at}/grants") } else { look.to_owned() };
            let seen = async || {
                let mut state = ana.reads(&look).await;
                if look.ends_with("/grants") {
                    return json!(access(&state));
                }
                strip(&mut state);
                state
            };
            let before = seen().await;
            // The last change has made the grant a row of its own.
            let path = match path.contains("/grants/") {
                true => format!("{at}/grants/{}", grant_of(ana, at, &scene.eva).await),
                false => path.to_owned(),
            };
            let done = ana.api(method.clone(), &path, body.clone()).await;
            assert!(done.status < 300, "{method} {path}: {}", done.text());
            let event = ana.api(GET, &format!("/orgs/{}/audit-events?limit=1", scene.org), ()).await.is(200).json();
            let event = crate::support::scene::id(&event["items"][0]);
            let undone = ana.api(POST, &format!("/orgs/{}/audit-events/{event}/undo", scene.org), ()).await;
            assert_eq!(undone.status, 200, "{method} {path} {body}: {}", undone.text());
            assert_eq!(seen().await, before, "{method} {path} {body}");
            // Once: what was taken back is not there to be taken back.
            let again = ana.api(POST, &format!("/orgs/{}/audit-events/{event}/undo", scene.org), ()).await.status;
            assert_eq!(again, 409, "{method} {path} {body} was undone twice");
        }
        assert!(app.broken_chains().is_empty());
    });
}

/// Without what every change moves.
fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["rev", "updated_at", "delivery"] {
                fields.remove(name);
            }
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

async fn grant_of(who: &Person, project: &str, person: &Person) -> String {
    let grants = who.reads(&format!("{project}/grants")).await;
    let found = grants["items"].as_array().unwrap().iter().find(|g| g["subject"]["id"] == person.id.as_str());
    crate::support::scene::id(found.unwrap_or_else(|| panic!("{} has no access: {grants}", person.name)))
}

#[test]
fn who_was_removed_comes_back_with_what_they_held_and_nothing_more() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let (ana, at) = (&scene.ana, "/orgs/acme/projects/apollo");
        let end = app.world().now().plus(40 * bailiwick::base::db::time::DAY).rfc3339();
        for who in [&scene.mia, &scene.sam] {
            let given = json!({"subject": {"kind": "user", "id": who.id}, "role": "editor", "valid_to": end});
            ana.api(POST, &format!("{at}/grants"), given).await.is(201);
        }
        ana.api(PATCH, &format!("/orgs/acme/members/{}", scene.mia.id), json!({"roles": ["DEFAULT", "helpers"]})).await.is(200);
        for who in [&scene.mia, &scene.sam, &scene.eva] {
            let part = if who.id == scene.eva.id { "externals" } else { "members" };
            let grant = grant_of(ana, at, who).await;
            let before = ana.reads(&format!("{at}/grants")).await;
            let was = before["items"].as_array().unwrap().iter().find(|g| g["id"] == grant.as_str()).unwrap().clone();
            let path = format!("/orgs/acme/{part}/{}", who.id);
            let member = if part == "members" { ana.reads(&path).await } else { Value::Null };
            ana.api(DELETE, &path, ()).await.is(204);
            let event = ana.last_event("acme").await;
            who.api(GET, "/orgs/acme", ()).await.is(404);
            undo(ana, &event).await.is(200);
            let is = ana.reads(&format!("{at}/grants")).await;
            let is = is["items"]
                .as_array()
                .unwrap()
                .iter()
                .find(|g| g["subject"]["id"] == who.id.as_str())
                .unwrap_or_else(|| panic!("{} has nothing", who.name))
                .clone();
            assert_eq!((&is["role"], &is["valid_to"], &is["subject"]), (&was["role"], &was["valid_to"], &was["subject"]));
            if part == "members" {
                let back = ana.reads(&path).await;
                assert_eq!((&back["roles"], &back["status"]), (&member["roles"], &member["status"]), "{}", who.name);
            }
            undo(ana, &event).await.is(409);
            // And away again.
            let restored = ana.last_event("acme").await;
            undo(ana, &restored).await.is(200);
            who.api(GET, "/orgs/acme", ()).await.is(404);
        }
        let ids = [scene.bob.member_id("acme", ana).await, scene.pia.member_id("acme", ana).await];
        ana.api(POST, "/orgs/acme/member-changes", json!({"change": "remove", "ids": ids})).await.is(200);
        let event = ana.last_event("acme").await;
        let late = app.world().now();
        undo(ana, &event).await.is(200);
        scene.pia.api(PATCH, at, json!({"description": "Mine still"})).await.is(200);
        scene.bob.api(GET, "/orgs/acme", ()).await.is(200);
        // Much later nobody is brought back without being asked.
        ana.api(DELETE, &format!("/orgs/acme/members/{}", scene.bob.id), ()).await.is(204);
        let event = ana.last_event("acme").await;
        crate::support::clock::forward(app.world(), 31 * bailiwick::base::db::time::DAY);
        assert!(app.world().now() > late);
        undo(&app.known("ana@people.example"), &event).await.says(409, &["30 days", "Invite them again"]);
    });
}

#[test]
fn what_was_changed_since_is_left_and_told() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let ana = &scene.ana;
        ana.sign_in(true);
        let change = async |name: &str| {
            ana.api(PATCH, "/orgs/acme/projects/apollo", json!({"name": name})).await.is(200);
            ana.last_event("acme").await
        };
        let (first, second) = (change("One").await, change("Two").await);
        undo(ana, &first).await.says(409, &["One was changed again since then"]);
        // The one after it first, then it is as that one left it.
        let path = format!("/o/acme/audit/{first}/undo");
        let to = ana.post(&path, &[("return_to", "/o/acme/projects")]).await.is(303).header("location").to_owned();
        assert_eq!(to, "/o/acme/projects");
        ana.get(&to).await.says(200, &["One was changed again since then"]);
        ana.get(&path).await.says(200, &["Undo this change?", "changed again since then"]);
        undo(ana, &second).await.is(200);
        assert_eq!(ana.reads("/orgs/acme/projects/apollo").await["name"], "One");
        // Of many those are left alone whom somebody has changed since.
        let ids = [scene.mia.member_id("acme", ana).await, scene.bob.member_id("acme", ana).await];
        ana.api(POST, "/orgs/acme/member-changes", json!({"change": "suspend", "ids": ids})).await.is(200);
        let event = ana.last_event("acme").await;
        for status in ["active", "suspended"] {
            ana.api(PATCH, &format!("/orgs/acme/members/{}", ids[1]), json!({"status": status})).await.is(200);
        }
        undo(ana, &event).await.is(200);
        let status = async |who: &Person| who.member_of("acme", ana).await["status"].clone();
        assert_eq!((status(&scene.mia).await, status(&scene.bob).await), (json!("active"), json!("suspended")));
        // A member whose access was taken does not get it back as somebody from outside.
        let at = "/orgs/acme/projects/empty";
        let grant = ana.shares(at, json!({"kind": "user", "id": scene.mia.id}), "viewer").await;
        ana.api(DELETE, &format!("{at}/grants/{grant}"), ()).await.is(204);
        let event = ana.last_event("acme").await;
        ana.api(DELETE, &format!("/orgs/acme/members/{}", scene.mia.id), ()).await.is(204);
        undo(ana, &event).await.says(409, &["Mia Holt is no member any more"]);
    });
}

#[test]
fn only_who_may_make_the_change_may_take_it_back() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let ana = &scene.ana;
        undo(&scene.mia, &scene.event).await.says(403, &["members.remove"]);
        undo(&scene.eva, &scene.event).await.is(404);
        undo(&scene.uma, &scene.event).await.is(404);
        // The owner of a project takes back what is theirs, and nothing of the organization.
        scene.pia.sign_in(true);
        let gives = [("subject", &*format!("user:{}", scene.bob.id)), ("level", "viewer"), ("return_to", "/o/acme/projects/apollo")];
        let page = undoes(&scene.pia, "/o/acme/projects/apollo/grants", &gives).await;
        assert!(page.contains("Undid: gave Bob Kerr Viewer on Apollo"), "{page}");
        scene.bob.api(GET, "/orgs/acme/projects/apollo", ()).await.is(404);
        undo(&scene.pia, &scene.event).await.is(403);
        scene.pia.sign_in(true);
        scene.pia.get(&format!("/o/acme/audit/{}/undo", scene.event)).await.is(403);
        // Who gave away their own right is not offered what would be refused.
        app.join("acme", &[(&scene.sid, &["ADMIN"])]).await;
        scene.sid.sign_in(true);
        let me = scene.sid.member_id("acme", ana).await;
        let roles = format!("/o/acme/members/{me}/roles");
        let asked = scene.sid.post(&roles, &[("roles[]", "DEFAULT"), ("return_to", "/o/acme/projects")]).await.is(200).text();
        let fields = form_of(&asked, &roles).unwrap();
        let fields: Vec<(&str, &str)> = fields.iter().filter(|(n, _)| n != "csrf").map(|(n, v)| (n.as_str(), v.as_str())).collect();
        scene.sid.post(&roles, &fields).await.is(303);
        let page = scene.sid.get("/o/acme/projects").await.is(200).text();
        assert!(page.contains("Changed the roles of Sid Webb") && undo_of(&page).is_none(), "{page}");
    });
}

#[test]
fn what_is_final_offers_no_way_back() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let ana = &scene.ana;
        ana.sign_in(true);
        let quiet = async |path: &str, fields: &[(&str, &str)]| {
            let to = ana.post(path, fields).await.is(303).header("location").to_owned();
            let page = ana.get(&to).await.is(200).text();
            assert!(page.contains(r#"class="toast""#) && undo_of(&page).is_none(), "{path} offers a way back");
        };
        quiet("/o/acme/projects/empty/deletion", &[("confirm", "empty")]).await;
        quiet("/o/acme/invitations", &[("emails", "one@people.example")]).await;
        quiet("/o/acme/projects", &[("name", "Nova")]).await;
        // Nothing was changed, so there is nothing to take back.
        let nova = ana.get("/o/acme/projects/nova/settings").await.is(200).text();
        let same = form_of(&nova, "/o/acme/projects/nova").unwrap();
        let same: Vec<(&str, &str)> = same.iter().filter(|(n, _)| n != "csrf").map(|(n, v)| (n.as_str(), v.as_str())).collect();
        quiet("/o/acme/projects/nova", &same).await;
        for action in ["project.delete", "invitation.create", "project.create"] {
            let events = ana.reads(&format!("/orgs/acme/audit-events?action={action}&limit=1")).await;
            let event = crate::support::scene::id(&events["items"][0]);
            undo(ana, &event).await.says(409, &["cannot be undone"]);
        }
        // Who left on their own is not fetched back.
        scene.mia.api(DELETE, "/orgs/acme/membership", ()).await.is(204);
        let event = ana.last_event("acme").await;
        undo(ana, &event).await.is(409);
    });
}

#[test]
fn the_audit_log_leads_to_a_look_at_what_undoing_does() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let ana = &scene.ana;
        ana.sign_in(true);
        let log = ana.get("/o/acme/audit").await.is(200).text();
        let path = format!("/o/acme/audit/{}/undo", scene.event);
        let event = path.trim_end_matches("/undo");
        assert!(log.contains(&format!("href=\"{event}\"")), "{log}");
        let told = ana.get(event).await.says(200, &["changed Sam Vane", "Before", "After"]).text();
        assert!(told.contains(&format!("href=\"{path}\"")), "{told}");
        let denied = app.events().iter().filter(|e| e.outcome == "denied").count();
        let look = ana.get(&path).await.says(200, &["Undo this change?", "changed Sam Vane", "Gives:", "Membership"]).text();
        let fields = form_of(&look, &path).unwrap();
        let fields: Vec<(&str, &str)> = fields.iter().filter(|(n, _)| n != "csrf").map(|(n, v)| (n.as_str(), v.as_str())).collect();
        ana.post(&path, &fields).await.is(303);
        scene.sam.api(GET, "/orgs/acme", ()).await.is(200);
        assert_eq!(app.events().iter().filter(|e| e.outcome == "denied").count(), denied);
        // The policy is put back only by somebody who has just proved that it is them.
        ana.post("/o/acme/security", &[("mfa", "off"), ("mfa_externals", "false")]).await.is(303);
        let event = ana.last_event("acme").await;
        crate::support::clock::forward(app.world(), 11 * bailiwick::base::db::time::MINUTE);
        let to = ana.post(&format!("/o/acme/audit/{event}/undo"), &[]).await.is(303).header("location").to_owned();
        assert!(to.starts_with("/reauthenticate?next="), "{to}");
    });
}

#[test]
fn the_button_of_another_browser_does_nothing() {
    // The button is bound to the page that it stands on: its token is the one of this browser.
    each(|app: App| async move {
        let scene = Scene::set(&app).await;
        scene.ana.sign_in(true);
        let mia = scene.mia.member_id("acme", &scene.ana).await;
        let to = scene.ana.post(&format!("/o/acme/members/{mia}/roles"), &[("roles[]", "DEFAULT"), ("roles[]", &scene.role)]).await.is(303);
        let page = scene.ana.get(to.header("location")).await.is(200).text();
        let (action, _) = undo_of(&page).unwrap();
        let forged = scene.ana.browse(actix_web::test::TestRequest::post().uri(&action).set_form([("csrf", "other")])).await;
        assert_eq!(forged.status, 403);
        assert_eq!(holds(&scene, &scene.mia).await, ["helpers", "DEFAULT"]);
    });
}
