//! One's own account: name, sessions, tokens.

use bailiwick::base::db::time::DAY;

use crate::support::{DELETE, GET, PATCH, POST, clock, each, json};

#[test]
fn a_token_is_shown_once_and_dies_when_it_is_revoked_or_runs_out() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        let made = ana.api(POST, "/me/tokens", json!({"name": "Deploy", "days": 10})).await.is(201).json();
        let secret = made["secret"].as_str().unwrap().to_owned();
        assert!(secret.ends_with(made["last4"].as_str().unwrap()) && secret.starts_with("bwp_"));
        let list = ana.reads("/me/tokens").await;
        assert!(!list.to_string().contains(&secret) && !list.to_string().contains("secret"));
        let mut other = ana.clone();
        other.token = secret;
        other.api(GET, "/me", ()).await.is(200);
        for days in [0, -1, 366] {
            ana.api(POST, "/me/tokens", json!({"name": "X", "days": days})).await.is(422);
        }
        clock::forward(app.world(), 11 * DAY);
        other.api(GET, "/me", ()).await.is(401);
        let again = ana.api(POST, "/me/tokens", json!({"name": "Again"})).await.is(201).json();
        other.token = again["secret"].as_str().unwrap().to_owned();
        other.api(GET, "/me", ()).await.is(200);
        ana.api(DELETE, &format!("/me/tokens/{}", again["id"].as_str().unwrap()), ()).await.is(204);
        other.api(GET, "/me", ()).await.is(401);
        for wrong in ["", "bwp_", "bwp_x_y", &ana.token[..ana.token.len() - 1], &format!("{}0", ana.token)] {
            other.token = wrong.to_owned();
            other.api(GET, "/me", ()).await.is(401);
        }
    });
}

#[test]
fn nobody_ends_the_sessions_or_tokens_of_another() {
    each(|app| async move {
        let (ana, bob) = (app.person("Ana Ruiz"), app.person("Bob Kerr"));
        let session = ana.sign_in(false);
        bob.api(DELETE, &format!("/me/sessions/{session}"), ()).await.is(404);
        let token = ana.reads("/me/tokens").await["items"][0]["id"].as_str().unwrap().to_owned();
        bob.api(DELETE, &format!("/me/tokens/{token}"), ()).await.is(404);
        assert_eq!(ana.reads("/me/sessions").await["items"].as_array().unwrap().len(), 1);
        assert_eq!(bob.reads("/me/sessions").await["items"], json!([]));
        ana.api(DELETE, &format!("/me/sessions/{session}"), ()).await.is(204);
        ana.api(DELETE, &format!("/me/sessions/{session}"), ()).await.is(404);
        ana.sign_in(false);
        ana.sign_in(true);
        assert_eq!(ana.api(DELETE, "/me/sessions", ()).await.is(200).json()["count"], 2);
    });
}

#[test]
fn a_changed_name_is_the_name_in_every_list() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let me = ana.api(PATCH, "/me", json!({"name": "Zora Ruiz"})).await.is(200).json();
        assert_eq!((&me["name"], &me["rev"]), (&json!("Zora Ruiz"), &json!(2)));
        assert_eq!(ana.reads("/orgs/acme/members?q=zora").await["items"][0]["name"], "Zora Ruiz");
        for bad in ["", "   ", "a\nb", "a\u{202e}b", &"x".repeat(101)] {
            ana.api(PATCH, "/me", json!({"name": bad})).await.is(422);
        }
        ana.api(PATCH, "/me", json!({"name": "Ana", "is_operator": true})).await.is(422);
        ana.api_with(PATCH, "/me", json!({"name": "Ana"}), &[("if-match", "\"1\"")]).await.is(412);
    });
}

#[test]
fn a_session_ends_by_idling_and_by_age_and_a_deactivated_person_is_nobody() {
    each(|app| async move {
        use bailiwick::base::db::sessions;
        use bailiwick::base::web::session::IDLE;
        let ana = app.person("Ana Ruiz");
        let live = async || ana.reads("/me/sessions").await["items"].as_array().unwrap().len();
        ana.sign_in(false);
        assert_eq!(live().await, 1);
        clock::forward(app.world(), IDLE + 1_000_000);
        assert_eq!(live().await, 0);
        assert!(sessions::load(&mut app.world().db.reader().unwrap(), "no such key", app.world().now()).unwrap().is_none());
        app.sql("UPDATE users SET active = FALSE").unwrap();
        ana.api(GET, "/me", ()).await.is(401);
    });
}
