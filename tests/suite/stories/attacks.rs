//! What somebody tried who meant harm, and what it came to.

use crate::support::{GET, POST, PUT, each, json};

#[test]
fn a_session_without_the_second_factor_makes_nothing_that_lasts() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        ana.enrols();
        ana.sign_in(false);
        for (path, fields) in [("/me/tokens", &[("name", "x")][..]), ("/me/mfa/codes", &[]), ("/me/mfa/off", &[])] {
            let answer = ana.post(path, fields).await.is(303);
            assert!(answer.header("location").starts_with("/login/code"), "{path} led to {}", answer.header("location"));
        }
        assert!(ana.reads("/me").await["mfa"].as_bool().unwrap());
    });
}

#[test]
fn a_token_makes_none_that_outlives_it() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        let old = ana.reads("/me/tokens").await["items"][0]["expires_at"].as_str().unwrap().to_owned();
        let new = ana.api(POST, "/me/tokens", json!({"name": "Heir", "days": 365})).await.is(201).json();
        assert!(new["expires_at"].as_str().unwrap() <= old.as_str(), "{} is later than {old}", new["expires_at"]);
    });
}

#[test]
fn a_request_on_its_way_does_not_outlive_its_session() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        ana.sign_in(false);
        ana.get("/me").await.is(200);
        let caller = ana.caller();
        ana.api(crate::support::DELETE, &format!("/me/tokens/{}", ana.reads("/me/tokens").await["items"][0]["id"].as_str().unwrap()), ())
            .await
            .is(204);
        let name = Some(bailiwick::base::text::Name::parse("Somebody Else").unwrap());
        let late = bailiwick::account::commands::UpdateMe { name, theme: None, time_zone: None, shortcuts: None };
        assert_eq!(bailiwick::base::ops::run(app.world(), &caller, &late).unwrap_err().status(), 401, "decided when it acts, not when it came");
    });
}

#[test]
fn a_preview_is_asked_for_in_so_many_words() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        for word in ["1", "TRUE", "yes", ""] {
            ana.api(POST, &format!("/orgs/acme/roles?preview={word}"), json!({"name": "Data"})).await.is(422);
        }
        ana.api(POST, "/orgs/acme/roles?preview=true", json!({"name": "Data"})).await.is(200);
        ana.api(GET, "/orgs/acme/roles/data", ()).await.is(404);
    });
}

#[test]
fn nobody_learns_which_organizations_exist_without_signing_in() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        for page in ["", "/members", "/projects", "/settings", "/audit"] {
            let there = app.get(&format!("/o/acme{page}")).await.is(303);
            let nowhere = app.get(&format!("/o/nowhere{page}")).await.is(303);
            assert_eq!(there.header("location").replace("acme", "nowhere"), nowhere.header("location"));
        }
    });
}

#[test]
fn a_preview_tells_nothing_about_strangers() {
    each(|app| async move {
        let (ana, bob) = (app.person("Ana Ruiz"), app.person("Bob Stone"));
        app.org(&ana, "Acme").await;
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        for email in [bob.email.as_str(), "nobody@people.example"] {
            let asked = json!({"subject": {"kind": "user", "email": email}, "role": "viewer"});
            let told = ana.api(POST, "/orgs/acme/projects/apollo/grants?preview=true", asked).await.is(200).text();
            assert!(!told.contains("Bob") && !told.contains(&bob.id), "{told}");
        }
    });
}

#[test]
fn a_link_that_gives_more_than_one_holds_is_not_shown() {
    each(|app| async move {
        let (ana, ivo) = (app.person("Ana Ruiz"), app.person("Ivo Lind"));
        app.org(&ana, "Acme").await;
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Inviter", "permissions": ["members.read", "members.invite"]})).await.is(201);
        app.join("acme", &[(&ivo, &["inviter"])]).await;
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": ["boss@people.example"], "roles": ["ADMIN"]})).await.is(200);
        ana.sign_in(false);
        ivo.sign_in(false);
        assert!(ana.get("/o/acme/invitations").await.is(200).text().contains("/invitations/"));
        let seen = ivo.get("/o/acme/invitations").await.is(200).text();
        assert!(
            seen.contains("boss@people.example") && !seen.contains("http://localhost:8080/invitations/"),
            "the link is the power of what it promises"
        );
    });
}

#[test]
fn a_token_made_without_the_second_factor_does_not_pass_for_one_with_it() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        ana.sign_in(false);
        let page = ana.post("/me/tokens", &[("name", "Weak"), ("days", "30")]).await.is(200).text();
        let weak = page.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').find(|w| w.starts_with("bwp_") && w.len() > 60).unwrap().to_owned();
        ana.enrols();
        ana.api(PUT, "/orgs/acme/security-policy", json!({"mfa": "enrolled", "mfa_externals": true})).await.is(200);
        ana.api(GET, "/orgs/acme", ()).await.is(200);
        let asked = crate::support::people::api_request(GET, "/orgs/acme", json!(null)).insert_header(("authorization", format!("Bearer {weak}")));
        assert_eq!(app.send(asked).await.status, 403);
    });
}
