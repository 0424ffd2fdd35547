//! Roles of an organization.

use crate::support::{App, DELETE, GET, PATCH, POST, Person, each, json};

async fn acme(app: &App) -> (Person, Person) {
    let (ana, mia) = (app.person("Ana Ruiz"), app.person("Mia Holt"));
    app.org(&ana, "Acme").await;
    app.join("acme", &[(&mia, &["DEFAULT"])]).await;
    (ana, mia)
}

#[test]
fn a_role_in_use_is_not_deleted_and_the_answer_says_who_uses_it() {
    each(|app| async move {
        let (ana, mia) = acme(&app).await;
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Crew"})).await.is(201);
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        let member = format!("/orgs/acme/members/{}", mia.member_id("acme", &ana).await);
        ana.api(PATCH, &member, json!({"roles": ["crew"]})).await.is(200);
        let grant = ana.shares("/orgs/acme/projects/apollo", json!({"kind": "role", "id": "crew"}), "viewer").await;
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": ["ivy@people.example"], "roles": ["crew"]})).await.is(200);
        let used = ana.api(DELETE, "/orgs/acme/roles/crew", ()).await.says(409, &["Mia Holt", "Apollo", "ivy@people.example"]);
        assert!(used.json()["detail"].as_str().unwrap().starts_with("Crew is in use"));
        ana.api(PATCH, &member, json!({"roles": ["DEFAULT"]})).await.is(200);
        ana.api(DELETE, &format!("/orgs/acme/projects/apollo/grants/{grant}"), ()).await.is(204);
        let invitation = ana.reads("/orgs/acme/invitations").await["items"][0]["id"].as_str().unwrap().to_owned();
        ana.api(DELETE, &format!("/orgs/acme/invitations/{invitation}"), ()).await.is(204);
        ana.api(DELETE, "/orgs/acme/roles/crew", ()).await.is(204);
        ana.api(GET, "/orgs/acme/roles/crew", ()).await.is(404);
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Crew"})).await.is(201);
    });
}

#[test]
fn the_built_in_roles_stay_as_they_are_and_cannot_be_imitated() {
    each(|app| async move {
        let (ana, _) = acme(&app).await;
        for role in ["ADMIN", "DEFAULT"] {
            assert!(ana.api(PATCH, &format!("/orgs/acme/roles/{role}"), json!({"permissions": []})).await.status >= 400);
            assert!(ana.api(DELETE, &format!("/orgs/acme/roles/{role}"), ()).await.status >= 400);
        }
        for name in ["Admin", "admin", "DEFAULT", "default"] {
            ana.api(POST, "/orgs/acme/roles", json!({"name": name})).await.is(422);
        }
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Crew", "permissions": ["members.fly"]})).await.says(422, &["members.fly"]);
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Crew", "kind": "machine"})).await.is(422);
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Crew"})).await.is(201);
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Crew"})).await.is(422);
        let known: Vec<_> = ana.reads("/orgs/acme/permissions").await["items"].as_array().unwrap().to_vec();
        assert_eq!(known.len(), bailiwick::access::permissions::CATALOGUE.len());
    });
}

#[test]
fn what_a_role_gains_or_loses_its_holders_gain_and_lose_at_once() {
    each(|app| async move {
        let (ana, mia) = acme(&app).await;
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Auditor"})).await.is(201);
        let member = format!("/orgs/acme/members/{}", mia.member_id("acme", &ana).await);
        ana.api(PATCH, &member, json!({"roles": ["auditor"]})).await.is(200);
        mia.api(GET, "/orgs/acme/audit-events", ()).await.is(403);
        ana.api(PATCH, "/orgs/acme/roles/auditor", json!({"permissions": ["audit.read"]})).await.is(200);
        mia.api(GET, "/orgs/acme/audit-events", ()).await.is(200);
        let gone = ana.api(PATCH, "/orgs/acme/roles/auditor?preview=true", json!({"permissions": []})).await.is(200).json();
        assert!(gone["impact"].is_object());
        ana.api(PATCH, "/orgs/acme/roles/auditor", json!({"permissions": []})).await.is(200);
        mia.api(GET, "/orgs/acme/audit-events", ()).await.is(403);
    });
}
