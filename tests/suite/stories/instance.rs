//! The installation: what operators see and set, and its first set-up.

use bailiwick::base::text::{Email, Name, Secret};
use bailiwick::base::tx::{Actor, Caller, Via};
use bailiwick::instance::setup::{self, First};

use crate::support::{GET, PUT, each, json};

#[test]
fn operators_see_all_users_and_organizations_and_nobody_else_does() {
    each(|app| async move {
        let (ana, olga) = (app.person("Ana Ruiz"), app.operator());
        app.org(&ana, "Acme").await;
        for path in ["/instance", "/instance/users", "/instance/organizations"] {
            ana.api(GET, path, ()).await.is(403);
        }
        let users = olga.reads("/instance/users?q=RUIZ").await;
        assert_eq!((&users["items"][0]["email"], &users["items"][0]["orgs"]), (&json!(ana.email), &json!(1)));
        let one = olga.reads(&format!("/instance/users/{}", ana.id)).await;
        assert_eq!((&one["seats"][0]["slug"], &one["seats"][0]["roles"]), (&json!("acme"), &json!(["ADMIN", "DEFAULT"])));
        olga.api(GET, "/instance/users/usr_nobody", ()).await.is(404);
        assert_eq!(olga.reads("/instance/organizations").await["items"].as_array().unwrap().len(), 2);
        // Running the installation opens no organization.
        olga.api(GET, "/orgs/acme", ()).await.is(404);
        assert!(!olga.reads("/instance/users").await.to_string().contains("argon2"));
    });
}

#[test]
fn the_settings_are_changed_as_a_whole_by_who_saw_them() {
    each(|app| async move {
        let olga = app.operator();
        let wish = json!({"org_creation": "operators", "admin_page": false});
        olga.api_with(PUT, "/instance", wish.clone(), &[("if-match", "\"7\"")]).await.is(412);
        let set = olga.api_with(PUT, "/instance", wish, &[("if-match", "\"1\"")]).await.is(200).json();
        assert_eq!((&set["org_creation"], &set["rev"]), (&json!("operators"), &json!(2)));
        olga.api(PUT, "/instance", json!({"org_creation": "everybody", "admin_page": true})).await.is(422);
        olga.api(PUT, "/instance", json!({"admin_page": true})).await.is(422);
    });
}

#[test]
fn an_installation_is_set_up_once() {
    each(|app| async move {
        assert!(!setup::is_open(app.world()).unwrap());
        assert!(setup::open(app.world()).unwrap().is_none(), "no link is made for an installation that is set up");
        let first = || First {
            org: Name::parse("Mine").unwrap(),
            name: Name::parse("Mallory").unwrap(),
            email: Email::parse("mallory@people.example").unwrap(),
            password: Secret::new("plum tractor ozone lantern"),
        };
        assert_eq!(setup::set_up(app.world(), &Caller::cli(), first(), None).unwrap_err().status(), 409);
        let nobody = Caller::of(Actor::Nobody, Via::Page);
        assert!(setup::set_up(app.world(), &nobody, first(), Some("made-up")).unwrap_err().status() >= 400);
        assert_eq!(app.operator().reads("/instance/organizations").await["items"].as_array().unwrap().len(), 1);
    });
}
