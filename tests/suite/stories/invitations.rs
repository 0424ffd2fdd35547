//! Invitations: each address by itself, links that work once, promises that are kept or not made.

use bailiwick::base::db::time::DAY;
use bailiwick::base::error::Error;
use bailiwick::base::ids::{Id, OrgId};
use bailiwick::base::ops;
use bailiwick::base::text::Name;
use bailiwick::base::tx::{Actor, Caller, Via};
use bailiwick::invitations::commands::{Accept, Accepted};

use crate::support::{App, DELETE, GET, PATCH, POST, Person, each, json, mailbox};

async fn acme(app: &App) -> (Person, OrgId) {
    let ana = app.person("Ana Ruiz");
    let org = OrgId::known(app.org(&ana, "Acme").await);
    (ana, org)
}

impl App {
    /// Takes an invitation up as somebody with an account.
    pub fn accepts(&self, person: &Person, org: &OrgId, token: &str) -> Result<Accepted, Error> {
        ops::run(self.world(), &person.caller(), &Accept { org: org.clone(), token: token.to_owned(), newcomer: None })
    }

    /// Takes an invitation up as somebody new.
    pub fn joins(&self, org: &OrgId, token: &str) -> Result<Accepted, Error> {
        let newcomer = Some((Name::parse("Ivy New").unwrap(), "$argon2id$none".to_owned()));
        let caller = Caller::of(Actor::Nobody, Via::Page);
        ops::run(self.world(), &caller, &Accept { org: org.clone(), token: token.to_owned(), newcomer })
    }

    pub fn invitation_token(&self, email: &str) -> String {
        mailbox::latest(self, email).token("/invitations/")
    }
}

#[track_caller]
fn is_gone<T>(outcome: Result<T, Error>) {
    assert_eq!(outcome.map(|_| ()).unwrap_err().status(), 410);
}

#[test]
fn each_of_many_addresses_is_answered_by_itself() {
    each(|app| async move {
        let (ana, _) = acme(&app).await;
        let emails = json!(["new@people.example", "hugo@nowhere", ana.email, "NEW@people.example", "two@people.example", "x\r\nBcc: y@z.example"]);
        let answer = ana.api(POST, "/orgs/acme/invitations", json!({"emails": emails})).await.is(200).json();
        let fates: Vec<_> = answer["items"].as_array().unwrap().iter().map(|i| i["status"].as_str().unwrap()).collect();
        assert_eq!(fates, ["invited", "invalid", "member", "duplicate", "invited", "invalid"]);
        assert_eq!(mailbox::of(&app, "people.example").len(), 2);
        let none = ana.api(POST, "/orgs/acme/invitations", json!({"emails": ["new@people.example", "x"]})).await.is(422).json();
        assert_eq!((&none["errors"][0]["code"], &none["errors"][1]["field"]), (&json!("duplicate"), &json!("emails[1]")));
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": []})).await.is(422);
        let many: Vec<String> = (0..201).map(|n| format!("n{n}@people.example")).collect();
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": many})).await.is(422);
    });
}

#[test]
fn who_accepts_gets_what_was_promised_or_default() {
    each(|app| async move {
        let (ana, org) = acme(&app).await;
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Crew"})).await.is(201);
        ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
        let (mia, bob) = (app.person("Mia Holt"), app.person("Bob Kerr"));
        let wish = json!({"emails": [mia.email], "roles": ["crew"], "grants": [{"project": "apollo", "role": "editor"}]});
        ana.api(POST, "/orgs/acme/invitations", wish).await.is(200);
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": [bob.email, "ivy@people.example"]})).await.is(200);
        app.accepts(&mia, &org, &app.invitation_token(&mia.email)).unwrap();
        app.accepts(&bob, &org, &app.invitation_token(&bob.email)).unwrap();
        let ivy = app.joins(&org, &app.invitation_token("ivy@people.example")).unwrap();
        assert!(ivy.new_user);
        mia.api(PATCH, "/orgs/acme/projects/apollo", json!({"description": "Hi"})).await.is(200);
        let roles = |member: crate::support::Value| member["roles"].as_array().unwrap().iter().map(|r| r["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        let mias = mia.member_of("acme", &ana).await;
        assert_eq!((roles(mias.clone()), &mias["joined_via"]), (vec!["crew".to_owned()], &json!("invitation")));
        assert_eq!(roles(bob.member_of("acme", &ana).await), ["DEFAULT"]);
        let statuses = ana.reads("/orgs/acme/invitations?status=accepted").await;
        assert_eq!(statuses["items"].as_array().unwrap().len(), 3);
    });
}

#[test]
fn a_link_works_once_for_one_address_and_only_as_long_as_it_is_the_latest() {
    each(|app| async move {
        let (ana, org) = acme(&app).await;
        let (mia, bob) = (app.person("Mia Holt"), app.person("Bob Kerr"));
        let invited = ana.api(POST, "/orgs/acme/invitations", json!({"emails": [mia.email]})).await.is(200).json();
        let at = format!("/orgs/acme/invitations/{}", invited["items"][0]["id"].as_str().unwrap());
        let first = app.invitation_token(&mia.email);
        assert_eq!(app.accepts(&bob, &org, &first).unwrap_err().status(), 403, "it is for another address");
        ana.api(POST, &format!("{at}/deliveries"), ()).await.is(200);
        let second = app.invitation_token(&mia.email);
        assert_ne!(first, second);
        is_gone(app.accepts(&mia, &org, &first));
        app.accepts(&mia, &org, &second).unwrap();
        is_gone(app.accepts(&mia, &org, &second));
        is_gone(app.accepts(&mia, &org, "made-up"));
        ana.api(POST, &format!("{at}/deliveries"), ()).await.is(409);
        ana.api(DELETE, &at, ()).await.is(409);
    });
}

#[test]
fn a_withdrawn_or_expired_invitation_is_gone() {
    each(|app| async move {
        let (ana, org) = acme(&app).await;
        let (mia, bob) = (app.person("Mia Holt"), app.person("Bob Kerr"));
        let invited = ana.api(POST, "/orgs/acme/invitations", json!({"emails": [mia.email, bob.email]})).await.is(200).json();
        let (mias, bobs) = (app.invitation_token(&mia.email), app.invitation_token(&bob.email));
        ana.api(DELETE, &format!("/orgs/acme/invitations/{}", invited["items"][0]["id"].as_str().unwrap()), ()).await.is(204);
        is_gone(app.accepts(&mia, &org, &mias));
        crate::support::clock::forward(app.world(), 7 * DAY);
        is_gone(app.accepts(&bob, &org, &bobs));
        let list = ana.reads("/orgs/acme/invitations").await;
        let mut fates: Vec<_> = list["items"].as_array().unwrap().iter().map(|i| i["status"].as_str().unwrap()).collect();
        fates.sort_unstable();
        assert_eq!(fates, ["expired", "revoked"]);
        // Both can be invited anew.
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": [mia.email, bob.email]})).await.is(200);
        app.accepts(&bob, &org, &app.invitation_token(&bob.email)).unwrap();
    });
}

#[test]
fn what_the_inviter_can_no_longer_give_is_not_given() {
    each(|app| async move {
        let (ana, org) = acme(&app).await;
        let (max, mia) = (app.person("Max Orth"), app.person("Mia Holt"));
        app.join("acme", &[(&max, &["ADMIN"])]).await;
        max.api(POST, "/orgs/acme/invitations", json!({"emails": [mia.email], "roles": ["ADMIN"]})).await.is(200);
        let token = app.invitation_token(&mia.email);
        let member = format!("/orgs/acme/members/{}", max.member_id("acme", &ana).await);
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Greeter", "permissions": ["members.invite"]})).await.is(201);
        ana.api(PATCH, &member, json!({"roles": ["greeter"]})).await.is(200);
        is_gone(app.accepts(&mia, &org, &token));
        mia.api(GET, "/orgs/acme", ()).await.is(404);
        ana.api(DELETE, &member, ()).await.is(204);
        is_gone(app.accepts(&mia, &org, &token));
    });
}

#[test]
fn a_role_that_grew_after_the_invitation_is_not_given_by_somebody_below_it() {
    each(|app| async move {
        let (ana, org) = acme(&app).await;
        let (max, mia) = (app.person("Max Orth"), app.person("Mia Holt"));
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Crew"})).await.is(201);
        ana.api(POST, "/orgs/acme/roles", json!({"name": "Greeter", "permissions": ["members.invite"]})).await.is(201);
        app.join("acme", &[(&max, &["greeter"])]).await;
        max.api(POST, "/orgs/acme/invitations", json!({"emails": [mia.email], "roles": ["crew"]})).await.is(200);
        ana.api(PATCH, "/orgs/acme/roles/crew", json!({"permissions": ["audit.read"]})).await.is(200);
        is_gone(app.accepts(&mia, &org, &app.invitation_token(&mia.email)));
    });
}

#[test]
fn a_suspended_inviter_gives_nothing_and_a_known_address_is_not_taken_by_a_newcomer() {
    each(|app| async move {
        let (ana, org) = acme(&app).await;
        let (max, mia) = (app.person("Max Orth"), app.person("Mia Holt"));
        app.join("acme", &[(&max, &["ADMIN"])]).await;
        max.api(POST, "/orgs/acme/invitations", json!({"emails": [mia.email]})).await.is(200);
        let token = app.invitation_token(&mia.email);
        assert_eq!(app.joins(&org, &token).map(|_| ()).unwrap_err().status(), 409, "there is an account with that address");
        let member = format!("/orgs/acme/members/{}", max.member_id("acme", &ana).await);
        ana.api(PATCH, &member, json!({"status": "suspended"})).await.is(200);
        is_gone(app.accepts(&mia, &org, &token));
        ana.api(PATCH, &member, json!({"status": "active"})).await.is(200);
        app.accepts(&mia, &org, &token).unwrap();
    });
}
