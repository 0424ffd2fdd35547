//! Nobody gives more than they hold, by no door; and an organization always keeps an ADMIN.

use crate::support::{App, DELETE, PATCH, POST, Person, each, json};

/// Ana is ADMIN; Max manages people and roles, and is no ADMIN; Mia is a plain member.
async fn acme(app: &App) -> (Person, Person, Person) {
    let (ana, max, mia) = (app.person("Ana Ruiz"), app.person("Max Orth"), app.person("Mia Holt"));
    app.org(&ana, "Acme").await;
    let permissions = ["members.read", "members.invite", "members.remove", "roles.read", "roles.assign", "roles.manage"];
    ana.api(POST, "/orgs/acme/roles", json!({"name": "People", "permissions": permissions})).await.is(201);
    ana.api(POST, "/orgs/acme/roles", json!({"name": "Auditor", "permissions": ["audit.read"]})).await.is(201);
    app.join("acme", &[(&max, &["people"]), (&mia, &["DEFAULT"])]).await;
    (ana, max, mia)
}

#[test]
fn nobody_gives_a_role_that_holds_more_than_they_do() {
    each(|app| async move {
        let (ana, max, mia) = acme(&app).await;
        let mias = format!("/orgs/acme/members/{}", mia.member_id("acme", &ana).await);
        let maxs = format!("/orgs/acme/members/{}", max.member_id("acme", &ana).await);
        let anas = format!("/orgs/acme/members/{}", ana.member_id("acme", &ana).await);
        max.api(PATCH, &mias, json!({"roles": ["ADMIN"]})).await.says(403, &["only give what you hold"]);
        max.api(PATCH, &mias, json!({"roles": ["auditor"]})).await.says(403, &["audit.read"]);
        max.api(PATCH, &maxs, json!({"roles": ["people", "ADMIN"]})).await.is(403);
        max.api(PATCH, &mias, json!({"roles": ["people"]})).await.is(200);
        for change in ["suspended", "active"] {
            max.api(PATCH, &anas, json!({"status": change})).await.is(403);
        }
        max.api(PATCH, &anas, json!({"roles": []})).await.is(403);
        max.api(DELETE, &anas, ()).await.is(403);
        let bulk = |change: &str| max.api(POST, "/orgs/acme/member-changes", json!({"change": change, "role": "ADMIN", "filter": {}}));
        bulk("add_role").await.is(403);
        bulk("take_role").await.is(403);
        max.api(POST, "/orgs/acme/member-changes", json!({"change": "remove", "filter": {"q": "ana"}})).await.is(403);
        max.api(POST, "/orgs/acme/members", json!({"members": [{"email": mia.email, "roles": ["ADMIN"]}]})).await.is(403);
    });
}

#[test]
fn nobody_makes_or_widens_a_role_beyond_what_they_hold() {
    each(|app| async move {
        let (ana, max, _) = acme(&app).await;
        max.api(POST, "/orgs/acme/roles", json!({"name": "Spy", "permissions": ["audit.read"]})).await.says(403, &["audit.read"]);
        max.api(POST, "/orgs/acme/roles", json!({"name": "Greeter", "permissions": ["members.invite"]})).await.is(201);
        max.api(PATCH, "/orgs/acme/roles/people", json!({"permissions": ["audit.read"]})).await.is(403);
        max.api(PATCH, "/orgs/acme/roles/auditor", json!({"permissions": ["audit.read", "org.delete"]})).await.is(403);
        ana.api(PATCH, "/orgs/acme/roles/auditor", json!({"permissions": ["audit.read", "org.update"]})).await.is(200);
    });
}

#[test]
fn nobody_invites_to_more_than_they_hold() {
    each(|app| async move {
        let (ana, max, _) = acme(&app).await;
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        let invite = |body| max.api(POST, "/orgs/acme/invitations", body);
        invite(json!({"emails": ["a@people.example"], "roles": ["ADMIN"]})).await.is(403);
        invite(json!({"emails": ["a@people.example"], "roles": ["auditor"]})).await.is(403);
        invite(json!({"emails": ["a@people.example"], "grants": [{"project": "apollo", "role": "viewer"}]})).await;
        assert!(ana.reads("/orgs/acme/invitations").await["items"].as_array().unwrap().is_empty(), "something was promised");
        invite(json!({"emails": ["a@people.example"], "roles": ["people"]})).await.is(200);
    });
}

#[test]
fn the_last_admin_cannot_go_by_any_door() {
    each(|app| async move {
        let (ana, _, mia) = acme(&app).await;
        let anas = format!("/orgs/acme/members/{}", ana.member_id("acme", &ana).await);
        let kept = ["ADMIN"];
        ana.api(DELETE, &anas, ()).await.says(409, &kept);
        ana.api(DELETE, "/orgs/acme/membership", ()).await.says(409, &kept);
        ana.api(PATCH, &anas, json!({"roles": ["DEFAULT"]})).await.says(409, &kept);
        ana.api(PATCH, &anas, json!({"roles": []})).await.says(409, &kept);
        ana.api(PATCH, &anas, json!({"status": "suspended"})).await.says(409, &kept);
        for (change, role) in [("take_role", Some("ADMIN")), ("suspend", None), ("remove", None)] {
            let body = json!({"change": change, "role": role, "filter": {}});
            ana.api(POST, "/orgs/acme/member-changes", body).await.says(409, &kept);
        }
        assert_eq!(ana.member_of("acme", &ana).await["roles"][0]["key"], "ADMIN");
        let mias = format!("/orgs/acme/members/{}", mia.member_id("acme", &ana).await);
        ana.api(PATCH, &mias, json!({"roles": ["ADMIN"]})).await.is(200);
        // Somebody who is suspended does not count.
        ana.api(PATCH, &mias, json!({"status": "suspended"})).await.is(200);
        ana.api(DELETE, "/orgs/acme/membership", ()).await.is(409);
        ana.api(PATCH, &mias, json!({"status": "active"})).await.is(200);
        ana.api(DELETE, "/orgs/acme/membership", ()).await.is(204);
    });
}
