//! Conditions that a request carries: the revision it saw, the key that makes it happen once.

use futures_util::future::join_all;

use crate::support::{DELETE, GET, PATCH, POST, each, json};

#[test]
fn who_saw_an_older_revision_is_told_instead_of_overwriting() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Crew"})).await.is(201);
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        for path in ["/orgs/acme", "/orgs/acme/projects/apollo", "/orgs/acme/roles/crew"] {
            let tag = ana.api(GET, path, ()).await.is(200).header("etag").to_owned();
            assert_eq!(tag, "\"1\"", "{path}");
            ana.api_with(PATCH, path, json!({"description": "first"}), &[("if-match", &tag)]).await.is(200);
            let stale = ana.api_with(PATCH, path, json!({"description": "second"}), &[("if-match", &tag)]).await.is(412).json();
            assert_eq!((&stale["type"], &stale["rev"]), (&json!("urn:bailiwick:problem:stale"), &json!(2)), "{path}");
            ana.api_with(DELETE, path, (), &[("if-match", "W/\"1\"")]).await.is(412);
            ana.api_with(DELETE, path, (), &[("if-match", "\"nonsense\"")]).await.is(412);
            assert_eq!(ana.reads(path).await["description"], "first");
            ana.api_with(PATCH, path, json!({"description": "third"}), &[("if-match", "*")]).await.is(200);
        }
    });
}

#[test]
fn of_two_who_edit_the_same_thing_at_once_one_wins() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let edit = |text: String| ana.api_with(PATCH, "/orgs/acme", json!({"description": text}), &[("if-match", "\"1\"")]);
        let mut statuses: Vec<u16> = join_all((0..10).map(|n| edit(format!("text {n}")))).await.iter().map(|a| a.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [[200].as_slice(), &[412; 9]].concat());
    });
}

#[test]
fn the_same_key_makes_a_request_happen_once() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let post = async |key: &str, body: crate::support::Value| ana.api_with(POST, "/orgs/acme/projects", body, &[("idempotency-key", key)]).await;
        let first = post("one", json!({"name": "Apollo"})).await.is(201);
        let again = post("one", json!({"name": "Apollo"})).await.is(201);
        assert_eq!(first.json(), again.json());
        post("one", json!({"name": "Mercury"})).await.says(422, &["Idempotency-Key"]);
        post("two", json!({"name": "Apollo"})).await.is(422);
        // A refusal is not kept: with the reason gone the same key works.
        ana.api(PATCH, "/orgs/acme/projects/apollo", json!({"slug": "moved", "name": "Moved"})).await.is(200);
        post("two", json!({"name": "Apollo"})).await.is(201);
        // Keys of two people are two keys.
        let bob = app.person("Bob Kerr");
        app.join("acme", &[(&bob, &["ADMIN"])]).await;
        bob.api_with(POST, "/orgs/acme/projects", json!({"name": "Of Bob"}), &[("idempotency-key", "one")]).await.is(201);
        post("", json!({"name": "X"})).await.is(422);
    });
}

#[test]
fn twenty_at_once_under_one_key_have_one_effect_and_one_answer() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let before = app.events().len();
        let all = join_all((0..20).map(|_| ana.api_with(POST, "/me/tokens", json!({"name": "Deploy"}), &[("idempotency-key", "k")]))).await;
        // One of them was first and hears the secret; to the others everything is said but that.
        let told: Vec<String> = all.iter().filter_map(|a| a.json()["secret"].as_str().map(str::to_owned)).collect();
        assert!(told.len() == 1 && told[0].starts_with("bwp_"), "{told:?}");
        let record = |answer: &crate::support::Answer| {
            let mut record = answer.json();
            record.as_object_mut().unwrap().remove("secret");
            record
        };
        for answer in &all {
            assert_eq!((answer.status, record(answer)), (201, record(&all[0])));
        }
        assert_eq!(app.events().len(), before + 1);
    });
}

#[test]
fn who_lost_their_right_gets_no_kept_answer() {
    each(|app| async move {
        let (ana, bob) = (app.person("Ana Ruiz"), app.person("Bob Kerr"));
        app.org(&ana, "Acme").await;
        app.join("acme", &[(&bob, &["ADMIN"])]).await;
        let post = || bob.api_with(POST, "/orgs/acme/projects", json!({"name": "Apollo"}), &[("idempotency-key", "k")]);
        post().await.is(201);
        let member = format!("/orgs/acme/members/{}", bob.member_id("acme", &ana).await);
        ana.api(PATCH, &member, json!({"roles": ["DEFAULT"]})).await.is(200);
        post().await.is(403);
        ana.api(DELETE, &member, ()).await.is(204);
        post().await.is(404);
    });
}
