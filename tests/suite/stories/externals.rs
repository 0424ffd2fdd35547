//! People from outside who had no account before: named by address, they take up their account by the mail that tells them.

use bailiwick::account::links::reset_password;
use bailiwick::account::sign_in::{Attempt, with_password};
use bailiwick::base::text::{Name, Secret};
use bailiwick::base::tx::{Actor, Caller, Via};
use bailiwick::invitations::joining::{Newcomer, join};

use crate::support::app::PASSWORD;
use crate::support::{App, POST, Person, each, json, mailbox};

const AT: &str = "/orgs/acme/projects/apollo/grants";

fn nobody() -> Caller {
    Caller { ip: "10.0.0.1".into(), ..Caller::of(Actor::Nobody, Via::Page) }
}

/// An admin of Acme, which has the project Apollo.
async fn ana(app: &App) -> Person {
    let ana = app.person("Ana Ruiz");
    app.org(&ana, "Acme").await;
    ana.api(POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
    ana
}

fn can_sign_in(app: &App, email: &str, password: &str) -> bool {
    let attempt = Attempt { email: email.into(), password: Secret::new(password), device: None };
    with_password(app.world(), &nobody(), &attempt).is_ok()
}

#[test]
fn an_address_without_an_account_is_given_access_and_its_person_chooses_name_and_password() {
    each(|app| async move {
        let ana = ana(&app).await;
        let address = "nia@client.example";
        let give = json!({"subject": {"kind": "user", "email": address}, "role": "viewer"});
        ana.api(POST, &format!("{AT}?preview=true"), give.clone()).await.is(200);
        assert!(mailbox::of(&app, address).is_empty(), "a preview makes no account and sends nothing");
        let grant = ana.api(POST, AT, give.clone()).await.is(201).json();
        assert_eq!((&grant["subject"]["name"], &grant["subject"]["external"]), (&json!(address), &json!(true)));
        ana.api(POST, AT, give).await.says(409, &[address, "already"]);

        assert!(!can_sign_in(&app, address, "") && !can_sign_in(&app, address, PASSWORD), "nobody gets in before the mail is answered");
        let token = mailbox::latest(&app, address).token("/password/reset/");
        let takes = |name: Option<&str>| {
            let name = name.map(|n| Name::parse(n).unwrap());
            reset_password(app.world(), &nobody(), token.clone(), name, &Secret::new(PASSWORD)).map_err(|e| e.status())
        };
        assert_eq!(takes(None).unwrap_err(), 422, "a name has to be said");
        takes(Some("Nia Cole")).unwrap();
        assert_eq!(takes(Some("Eve Else")).unwrap_err(), 410, "the link works once");
        assert!(can_sign_in(&app, address, PASSWORD));
        assert_eq!(ana.reads(AT).await["items"][0]["subject"]["name"], "Nia Cole");
    });
}

#[test]
fn a_new_account_is_taken_up_by_an_invitation_as_well_and_its_other_link_is_dead_then() {
    each(|app| async move {
        let ana = ana(&app).await;
        let address = "tim@client.example";
        ana.api(POST, AT, json!({"subject": {"kind": "user", "email": address}, "role": "viewer"})).await.is(201);
        let first = mailbox::latest(&app, address).token("/password/reset/");
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": [address], "roles": ["DEFAULT"]})).await.is(200);
        let token = mailbox::latest(&app, address).token("/invitations/");
        let newcomer = Newcomer { name: Name::parse("Tim Two").unwrap(), password: Secret::new(PASSWORD) };
        assert!(join(app.world(), &nobody(), token, Some(newcomer)).unwrap().new_user);
        let members = ana.reads("/orgs/acme/members?q=tim%40client.example").await;
        assert_eq!(members["items"][0]["name"], "Tim Two");
        assert_eq!(ana.reads(AT).await["items"][0]["subject"]["external"], false, "a member now");
        let other = reset_password(app.world(), &nobody(), first, None, &Secret::new("quite another password"));
        assert_eq!(other.unwrap_err().status(), 410);
        assert!(can_sign_in(&app, address, PASSWORD));
    });
}

#[test]
fn an_account_that_is_switched_off_is_no_stranger() {
    each(|app| async move {
        let (ana, eva) = (ana(&app).await, app.person("Eva Stein"));
        app.sql(&format!("UPDATE users SET active = FALSE WHERE id = '{}'", eva.id)).unwrap();
        ana.api(POST, AT, json!({"subject": {"kind": "user", "email": eva.email}, "role": "viewer"})).await.says(422, &["switched off"]);
    });
}
