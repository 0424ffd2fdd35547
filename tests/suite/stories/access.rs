//! What grants give: to a person, to every holder of a role, to everyone, to people from outside.

use crate::support::{App, DELETE, GET, PATCH, POST, Person, each, json};

const AT: &str = "/orgs/acme/projects/apollo";

async fn acme(app: &App) -> (Person, Person) {
    let (ana, mia) = (app.person("Ana Ruiz"), app.person("Mia Holt"));
    app.org(&ana, "Acme").await;
    app.join("acme", &[(&mia, &["DEFAULT"])]).await;
    ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
    (ana, mia)
}

async fn sees(person: &Person) -> Vec<String> {
    let list = person.api(GET, "/orgs/acme/projects", ()).await.json();
    list["items"].as_array().map(|items| items.iter().map(|p| p["name"].as_str().unwrap().to_owned()).collect()).unwrap_or_default()
}

#[test]
fn a_role_on_a_project_reaches_every_holder_now_and_later() {
    each(|app| async move {
        let (ana, mia) = acme(&app).await;
        let bob = app.person("Bob Kerr");
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Field crew"})).await.is(201);
        ana.shares(AT, json!({"kind": "role", "id": "field-crew"}), "editor").await;
        mia.api(GET, AT, ()).await.is(404);
        let mias = mia.member_id("acme", &ana).await;
        ana.api(PATCH, &format!("/orgs/acme/members/{mias}"), json!({"roles": ["DEFAULT", "field-crew"]})).await.is(200);
        mia.api(PATCH, AT, json!({"description": "by Mia"})).await.is(200);
        app.join("acme", &[(&bob, &["field-crew"])]).await;
        bob.api(GET, AT, ()).await.is(200);
        assert_eq!(sees(&bob).await, ["Apollo"]);
        ana.api(PATCH, &format!("/orgs/acme/members/{mias}"), json!({"roles": ["DEFAULT"]})).await.is(200);
        mia.api(GET, AT, ()).await.is(404);
        assert!(sees(&mia).await.is_empty());
        bob.api(GET, AT, ()).await.is(200);
    });
}

#[test]
fn everyone_means_the_members_and_nobody_from_outside() {
    each(|app| async move {
        let (ana, mia) = acme(&app).await;
        let eva = app.person("Eva Stein");
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Mercury"})).await.is(201);
        ana.shares("/orgs/acme/projects/mercury", json!({"kind": "user", "email": eva.email}), "viewer").await;
        ana.shares(AT, json!({"kind": "everyone"}), "viewer").await;
        mia.api(GET, AT, ()).await.is(200);
        eva.api(GET, AT, ()).await.is(404);
        assert_eq!((sees(&mia).await, sees(&eva).await), (vec!["Apollo".to_owned()], vec!["Mercury".to_owned()]));
    });
}

#[test]
fn somebody_from_outside_sees_the_project_and_nothing_else_of_the_organization() {
    each(|app| async move {
        let (ana, _) = acme(&app).await;
        let eva = app.person("Eva Stein");
        eva.api(GET, "/orgs/acme", ()).await.is(404);
        let grant = ana.shares(AT, json!({"kind": "user", "email": eva.email}), "viewer").await;
        eva.api(GET, AT, ()).await.is(200);
        for closed in ["members", "roles", "invitations", "externals", "permissions", "security-policy", "audit-events"] {
            eva.api(GET, &format!("/orgs/acme/{closed}"), ()).await.is(404);
        }
        eva.api(PATCH, AT, json!({"name": "Mine"})).await.is(403);
        eva.api(GET, &format!("{AT}/grants"), ()).await.is(403);
        assert_eq!(eva.reads("/orgs").await["items"][0]["standing"], "External");
        assert_eq!(ana.reads("/orgs/acme/externals").await["items"][0]["email"], eva.email.as_str());
        let mail = crate::support::mailbox::latest(&app, &eva.email);
        assert!(mail.text.contains("Apollo"), "{}", mail.text);
        ana.api(DELETE, &format!("{AT}/grants/{grant}"), ()).await.is(204);
        eva.api(GET, "/orgs/acme", ()).await.is(404);
    });
}

#[test]
fn all_access_of_somebody_from_outside_is_taken_at_once() {
    each(|app| async move {
        let (ana, _) = acme(&app).await;
        let eva = app.person("Eva Stein");
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Mercury"})).await.is(201);
        for project in ["apollo", "mercury"] {
            ana.shares(&format!("/orgs/acme/projects/{project}"), json!({"kind": "user", "email": eva.email}), "viewer").await;
        }
        ana.api(DELETE, &format!("/orgs/acme/externals/{}", eva.id), ()).await.is(204);
        eva.api(GET, "/orgs/acme", ()).await.is(404);
        ana.api(DELETE, &format!("/orgs/acme/externals/{}", eva.id), ()).await.is(404);
        ana.api(DELETE, AT, ()).await.is(204);
    });
}

#[test]
fn a_removed_member_loses_roles_and_direct_access_at_once() {
    each(|app| async move {
        let (ana, mia) = acme(&app).await;
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Crew", "permissions": ["audit.read"]})).await.is(201);
        ana.shares(AT, json!({"kind": "user", "id": mia.id}), "owner").await;
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Mercury"})).await.is(201);
        ana.shares("/orgs/acme/projects/mercury", json!({"kind": "role", "id": "crew"}), "viewer").await;
        let mias = mia.member_id("acme", &ana).await;
        ana.api(PATCH, &format!("/orgs/acme/members/{mias}"), json!({"roles": ["crew"]})).await.is(200);
        assert_eq!(sees(&mia).await, ["Apollo", "Mercury"]);
        ana.api(DELETE, &format!("/orgs/acme/members/{mias}"), ()).await.is(204);
        for path in ["/orgs/acme", AT, "/orgs/acme/projects/mercury", "/orgs/acme/audit-events"] {
            mia.api(GET, path, ()).await.is(404);
        }
        ana.api(DELETE, AT, ()).await.is(204);
        // Who comes back begins anew.
        app.join("acme", &[(&mia, &["DEFAULT"])]).await;
        assert!(sees(&mia).await.is_empty());
        assert_eq!(mia.reads("/me").await["email"], mia.email.as_str(), "the account stays");
    });
}

#[test]
fn a_suspended_member_reaches_nothing_until_they_are_let_back_in() {
    each(|app| async move {
        let (ana, mia) = acme(&app).await;
        ana.shares(AT, json!({"kind": "user", "id": mia.id}), "owner").await;
        ana.shares(AT, json!({"kind": "everyone"}), "viewer").await;
        let member = format!("/orgs/acme/members/{}", mia.member_id("acme", &ana).await);
        ana.api(PATCH, &member, json!({"status": "suspended"})).await.is(200);
        for path in ["/orgs/acme", AT, "/orgs/acme/projects", "/orgs/acme/members"] {
            mia.api(GET, path, ()).await.says(403, &["suspended"]);
        }
        assert_eq!(mia.reads("/orgs").await["items"][0]["standing"], "Suspended");
        ana.api(PATCH, &member, json!({"status": "active"})).await.is(200);
        mia.api(GET, AT, ()).await.is(200);
    });
}

#[test]
fn the_owner_of_a_project_shares_it_without_being_an_admin_and_a_viewer_does_not() {
    each(|app| async move {
        let (ana, mia) = acme(&app).await;
        let (bob, vic) = (app.person("Bob Kerr"), app.person("Vic Oram"));
        app.join("acme", &[(&bob, &["DEFAULT"]), (&vic, &["DEFAULT"])]).await;
        ana.shares(AT, json!({"kind": "user", "id": mia.id}), "owner").await;
        let grant = mia.shares(AT, json!({"kind": "user", "id": vic.id}), "viewer").await;
        mia.shares(AT, json!({"kind": "user", "id": bob.id}), "owner").await;
        mia.shares(AT, json!({"kind": "user", "email": app.person("Eva Stein").email}), "viewer").await;
        vic.api(GET, AT, ()).await.is(200);
        let wish = json!({"subject": {"kind": "everyone"}, "role": "viewer"});
        vic.api(POST, &format!("{AT}/grants"), wish.clone()).await.says(403, &["projects.share"]);
        vic.api(PATCH, AT, json!({"name": "Mine"})).await.is(403);
        vic.api(PATCH, &format!("{AT}/grants/{grant}"), json!({"role": "owner"})).await.is(403);
        mia.api(PATCH, &format!("{AT}/grants/{grant}"), json!({"role": "editor"})).await.is(200);
        vic.api(PATCH, AT, json!({"description": "by an editor"})).await.is(200);
        vic.api(POST, &format!("{AT}/grants"), wish).await.is(403);
        mia.api(POST, "/orgs/acme/projects", json!({"name": "Own"})).await.is(403);
    });
}
