//! Organizations: founding, names, deletion.

use crate::support::{DELETE, GET, PATCH, POST, PUT, each, json};

#[test]
fn who_founds_an_organization_is_its_admin() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        let org = ana.api(POST, "/orgs", json!({"name": "Field Telemetry", "description": "Rain and wind"})).await.is(201).json();
        assert_eq!((&org["slug"], &org["rev"]), (&json!("field-telemetry"), &json!(1)));
        let me = ana.member_of("field-telemetry", &ana).await;
        assert_eq!((&me["roles"][0]["key"], &me["status"]), (&json!("ADMIN"), &json!("active")));
        assert_eq!(ana.reads("/orgs").await["items"][0]["standing"], "ADMIN");
        let named = ana.reads(&format!("/orgs/{}", org["id"].as_str().unwrap())).await;
        assert_eq!(named, ana.reads("/orgs/field-telemetry").await, "by id and by short name it is the same");
    });
}

#[test]
fn a_short_name_is_taken_once() {
    each(|app| async move {
        let (ana, bob) = (app.person("Ana Ruiz"), app.person("Bob Kerr"));
        ana.api(POST, "/orgs", json!({"name": "Acme", "slug": "acme"})).await.is(201);
        let taken = bob.api(POST, "/orgs", json!({"name": "Other", "slug": "acme"})).await.is(422).json();
        assert_eq!((&taken["errors"][0]["field"], &taken["errors"][0]["code"]), (&json!("slug"), &json!("taken")));
        let second = bob.api(POST, "/orgs", json!({"name": "Acme"})).await.is(201).json();
        assert_eq!(second["slug"], "acme-2", "a name leads to the next free short name");
        bob.api(PATCH, "/orgs/acme-2", json!({"slug": "acme"})).await.is(422);
        for bad in ["Acme", "a b", "new", "-a", "a--b", "", "prj_x"] {
            bob.api(POST, "/orgs", json!({"name": "X", "slug": bad})).await.is(422);
        }
    });
}

#[test]
fn the_operator_decides_who_may_found_organizations() {
    each(|app| async move {
        let (ana, olga) = (app.person("Ana Ruiz"), app.operator());
        olga.api(PUT, "/instance", json!({"org_creation": "operators", "admin_page": true})).await.is(200);
        ana.api(POST, "/orgs", json!({"name": "Acme"})).await.says(403, &["operators"]);
        olga.api(POST, "/orgs", json!({"name": "Acme"})).await.is(201);
        olga.api(PUT, "/instance", json!({"org_creation": "anyone", "admin_page": true})).await.is(200);
        ana.api(POST, "/orgs", json!({"name": "Beta"})).await.is(201);
    });
}

#[test]
fn an_organization_is_not_deleted_while_somebody_works_in_it() {
    each(|app| async move {
        let (ana, eva) = (app.person("Ana Ruiz"), app.person("Eva Stein"));
        app.org(&ana, "Acme").await;
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        let grant = ana.shares("/orgs/acme/projects/apollo", json!({"kind": "user", "email": eva.email}), "viewer").await;
        ana.api(DELETE, "/orgs/acme", ()).await.says(409, &["Apollo"]);
        ana.api(DELETE, &format!("/orgs/acme/projects/apollo/grants/{grant}"), ()).await.is(204);
        ana.api(DELETE, "/orgs/acme", ()).await.is(204);
        ana.api(GET, "/orgs/acme", ()).await.is(404);
        assert_eq!(ana.reads("/orgs").await["items"], json!([]));
        assert!(app.broken_chains().is_empty());
        app.org(&ana, "Acme").await;
    });
}

#[test]
fn a_new_organization_says_what_to_do_first_until_it_is_done() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        ana.sign_in(false);
        let steps = async || ana.get("/o/acme").await.is(200).text();
        let page = steps().await;
        assert!(page.contains("First steps") && page.contains("Review and require") && !page.contains("(done)"), "{page}");
        assert!(!page.contains("Share the project"), "what cannot be done yet has no button");

        ana.api(POST, "/orgs/acme/invitations", json!({"emails": ["ben@acme.example"]})).await.is(200);
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        let page = steps().await;
        assert_eq!(page.matches("(done)").count(), 2, "{page}");
        assert!(page.contains("Share the project") && page.contains("/o/acme/projects/apollo"));

        ana.shares("/orgs/acme/projects/apollo", json!({"kind": "role", "id": "DEFAULT"}), "viewer").await;
        let page = steps().await;
        assert!(!page.contains("First steps") && page.contains("Two-factor sign-in is optional here"), "{page}");
    });
}
