//! Projects: creating, naming, deleting.

use crate::support::{DELETE, GET, PATCH, POST, each, json};

#[test]
fn a_project_is_created_once_by_its_short_name() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let project = ana.api(POST, "/orgs/acme/projects", json!({"name": "Field Telemetry"})).await.is(201).json();
        assert_eq!(project["slug"], "field-telemetry");
        let same = ana.api(POST, "/orgs/acme/projects", json!({"name": "Field  telemetry!"})).await.is(422).json();
        assert_eq!((&same["errors"][0]["field"], &same["errors"][0]["code"]), (&json!("name"), &json!("taken")));
        let taken = ana.api(POST, "/orgs/acme/projects", json!({"name": "Other", "slug": "field-telemetry"})).await.is(422).json();
        assert_eq!(taken["errors"][0]["field"], "slug");
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Other", "workspace_id": "wsp_none"})).await.is(422);
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Other"})).await.is(201);
        ana.api(PATCH, "/orgs/acme/projects/other", json!({"slug": "field-telemetry"})).await.is(422);
        ana.api(PATCH, "/orgs/acme/projects/other", json!({"slug": "another", "name": "Another"})).await.is(200);
        ana.api(GET, "/orgs/acme/projects/other", ()).await.is(404);
        // Another organization has its own names.
        app.org(&ana, "Beta").await;
        ana.api(POST, "/orgs/beta/projects", json!({"name": "Field Telemetry"})).await.is(201);
    });
}

#[test]
fn a_project_is_not_deleted_while_anybody_has_access_and_the_answer_names_them() {
    each(|app| async move {
        let (ana, eva, mia) = (app.person("Ana Ruiz"), app.person("Eva Stein"), app.person("Mia Holt"));
        app.org(&ana, "Acme").await;
        app.join("acme", &[(&mia, &["DEFAULT"])]).await;
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        let at = "/orgs/acme/projects/apollo";
        let grants = [
            ana.shares(at, json!({"kind": "user", "email": eva.email}), "viewer").await,
            ana.shares(at, json!({"kind": "user", "id": mia.id}), "editor").await,
            ana.shares(at, json!({"kind": "role", "id": "DEFAULT"}), "viewer").await,
            ana.shares(at, json!({"kind": "everyone"}), "viewer").await,
        ];
        ana.api(DELETE, at, ()).await.says(409, &["Eva Stein", "Mia Holt", "DEFAULT", "Everyone"]);
        for grant in &grants {
            ana.api(DELETE, at, ()).await.is(409);
            ana.api(DELETE, &format!("{at}/grants/{grant}"), ()).await.is(204);
        }
        ana.api(DELETE, at, ()).await.is(204);
        ana.api(GET, at, ()).await.is(404);
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
    });
}

#[test]
fn access_is_given_once_to_each_and_changed_there() {
    each(|app| async move {
        let (ana, eva) = (app.person("Ana Ruiz"), app.person("Eva Stein"));
        app.org(&ana, "Acme").await;
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        let at = "/orgs/acme/projects/apollo/grants";
        let grant = ana.shares("/orgs/acme/projects/apollo", json!({"kind": "user", "email": eva.email.to_uppercase()}), "viewer").await;
        ana.api(POST, at, json!({"subject": {"kind": "user", "email": eva.email}, "role": "editor"})).await.says(409, &["Eva Stein", "Viewer"]);
        ana.api(POST, at, json!({"subject": {"kind": "user", "id": app.person("Uma Rao").id}, "role": "viewer"})).await.is(422);
        ana.api(POST, at, json!({"subject": {"kind": "everyone"}, "role": "king"})).await.is(422);
        ana.api(POST, at, json!({"subject": {"kind": "everyone", "id": "x"}, "role": "viewer"})).await.is(422);
        let changed = ana.api(PATCH, &format!("{at}/{grant}"), json!({"role": "editor"})).await.is(200).json();
        assert_eq!((&changed["role"], &changed["rev"], &changed["subject"]["external"]), (&json!("editor"), &json!(2), &json!(true)));
        assert_eq!(ana.reads(at).await["items"].as_array().unwrap().len(), 1, "nothing is there twice");
        let taken = format!("{at}/{}", changed["id"].as_str().unwrap());
        ana.api(DELETE, &taken, ()).await.is(204);
        ana.api(DELETE, &taken, ()).await.is(404);
    });
}

#[test]
fn access_with_an_end_ends_by_itself() {
    each(|app| async move {
        let (ana, eva) = (app.person("Ana Ruiz"), app.person("Eva Stein"));
        app.org(&ana, "Acme").await;
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        let at = "/orgs/acme/projects/apollo";
        let give = |end: &str| {
            ana.api(
                POST,
                "/orgs/acme/projects/apollo/grants",
                json!({"subject": {"kind": "user", "email": eva.email}, "role": "viewer", "valid_to": end}),
            )
        };
        give("2026-03-01T00:00:00Z").await.is(422);
        give("2026-03-03T00:00:00Z").await.is(201);
        eva.api(GET, at, ()).await.is(200);
        crate::support::clock::forward(app.world(), bailiwick::base::db::time::DAY);
        eva.api(GET, at, ()).await.is(404);
        eva.api(GET, "/orgs/acme", ()).await.is(404);
        give("2026-04-01T00:00:00Z").await.is(201);
        ana.api(DELETE, at, ()).await.is(409);
    });
}
