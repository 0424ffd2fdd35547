//! Two-factor sign-in as a policy of an organization: the preview is the effect, and who is outside it does not get in.

use bailiwick::account::mfa::{ConfirmEnrolment, Disable, StartEnrolment, enrolment};
use bailiwick::account::sign_in::VerifyCode;
use bailiwick::base::error::{Error, StepUp};
use bailiwick::base::ops;
use bailiwick::base::text::Secret;

use crate::support::totp::Authenticator;
use crate::support::{App, GET, PUT, Person, Value, each, json};

impl Person {
    /// Sets up an authenticator; returns it with the recovery codes.
    pub fn enrols(&self) -> (Authenticator, Vec<String>) {
        let (world, caller) = (self.app.world(), self.caller());
        ops::run(world, &caller, &StartEnrolment).unwrap();
        let user = caller.actor.user().unwrap().id.clone();
        let sealed = bailiwick::account::store::authenticator(&mut world.db.reader().unwrap(), &user).unwrap().unwrap().secret_sealed;
        let authenticator = Authenticator::of(&enrolment(world, &user, &self.email, &sealed).unwrap().key);
        let code = Secret::new(authenticator.code(&self.app));
        (authenticator, ops::run(world, &caller, &ConfirmEnrolment { code }).unwrap().codes)
    }

    fn proves(&self, code: &str) -> Result<(), Error> {
        let user = self.caller().actor.user().unwrap().id.clone();
        let command = VerifyCode { user, code: Secret::new(code), device: None, signs_in: true };
        ops::run(self.app.world(), &self.caller(), &command).map(drop)
    }
}

/// Ana (with a second factor), Mia and Eva without; Eva comes from outside.
async fn acme(app: &App) -> (Person, Person, Person) {
    let (ana, mia, eva) = (app.person("Ana Ruiz"), app.person("Mia Holt"), app.person("Eva Stein"));
    app.org(&ana, "Acme").await;
    app.join("acme", &[(&mia, &["DEFAULT"])]).await;
    ana.api(crate::support::POST, "/orgs/acme/projects", json!({"name": "Apollo"})).await.is(201);
    ana.shares("/orgs/acme/projects/apollo", json!({"kind": "user", "email": eva.email}), "viewer").await;
    ana.enrols();
    (ana, mia, eva)
}

fn names(people: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = people["people"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

const POLICY: &str = "/orgs/acme/security-policy";

#[test]
fn the_preview_of_the_policy_is_its_effect() {
    each(|app| async move {
        let (ana, mia, eva) = acme(&app).await;
        mia.sign_in(false);
        let wish = json!({"mfa": "enrolled", "mfa_externals": true});
        let seen = ana.api(PUT, &format!("{POLICY}?preview=true"), wish.clone()).await.is(200).json();
        assert_eq!(names(&seen["impact"]["must_enrol"]), ["Eva Stein", "Mia Holt"]);
        assert_eq!((&seen["impact"]["sessions_ended"], &seen["impact"]["unaffected"]), (&json!(1), &json!(1)));
        assert_eq!(ana.reads(POLICY).await["mfa"], "off");
        ana.api_with(PUT, POLICY, wish, &[("bailiwick-preview", seen["hash"].as_str().unwrap())]).await.is(200);
        for person in [&mia, &eva] {
            let problem = person.api(GET, "/orgs/acme", ()).await.is(403).json();
            assert_eq!(problem["type"], "urn:bailiwick:problem:mfa_required");
        }
        ana.api(GET, "/orgs/acme", ()).await.is(200);
        let code = mia.enrols();
        assert_eq!(code.1.len(), 10);
        mia.api(GET, "/orgs/acme", ()).await.is(200);
        let stopped = ops::run(app.world(), &mia.caller(), &Disable).unwrap_err();
        assert!(stopped.status() == 409 && stopped.message().contains("Acme"), "{stopped}");
    });
}

#[test]
fn a_save_is_refused_when_the_population_has_changed_since_the_preview() {
    each(|app| async move {
        let (ana, _, _) = acme(&app).await;
        let wish = json!({"mfa": "enrolled", "mfa_externals": true});
        let seen = ana.api(PUT, &format!("{POLICY}?preview=true"), wish.clone()).await.is(200).json();
        app.join("acme", &[(&app.person("Late Comer"), &["DEFAULT"])]).await;
        let stale = ana.api_with(PUT, POLICY, wish.clone(), &[("bailiwick-preview", seen["hash"].as_str().unwrap())]).await.is(412).json();
        assert_eq!(names(&stale["impact"]["must_enrol"]), ["Eva Stein", "Late Comer", "Mia Holt"]);
        assert_eq!(ana.reads(POLICY).await["mfa"], "off", "nothing was saved");
        ana.api_with(PUT, POLICY, wish, &[("bailiwick-preview", stale["hash"].as_str().unwrap())]).await.is(200);
    });
}

#[test]
fn people_from_outside_can_be_left_out_of_the_policy() {
    each(|app| async move {
        let (ana, mia, eva) = acme(&app).await;
        let set = ana.api(PUT, POLICY, json!({"mfa": "enrolled", "mfa_externals": false})).await.is(200).json();
        assert_eq!(set["rev"], 2);
        eva.api(GET, "/orgs/acme", ()).await.is(200);
        mia.api(GET, "/orgs/acme", ()).await.is(403);
        ana.api(PUT, POLICY, json!({"mfa": "enrolled", "mfa_externals": false})).await.is(409);
        ana.api(PUT, POLICY, json!({"mfa": "enrolled"})).await.is(422);
        ana.api_with(PUT, POLICY, json!({"mfa": "off", "mfa_externals": true}), &[("if-match", "\"1\"")]).await.is(412);
        ana.api_with(PUT, POLICY, json!({"mfa": "off", "mfa_externals": true}), &[("if-match", "\"2\"")]).await.is(200);
        mia.api(GET, "/orgs/acme", ()).await.is(200);
    });
}

#[test]
fn a_browser_is_sent_to_set_up_or_to_prove_the_second_factor() {
    each(|app| async move {
        let (ana, mia, _) = acme(&app).await;
        ana.api(PUT, POLICY, json!({"mfa": "enrolled", "mfa_externals": true})).await.is(200);
        let enter = |person: &Person, mfa: bool| {
            let session = person.sign_in(mfa);
            let mut caller = person.caller();
            if let bailiwick::base::tx::Actor::User(user) = &mut caller.actor {
                let now = app.world().now();
                user.proof = bailiwick::base::tx::Proof::Session { id: session, auth_at: now, mfa_at: mfa.then_some(now) };
            }
            ops::ask(app.world(), &caller, &bailiwick::orgs::queries::OneOrg { org: bailiwick::access::Ref::new("acme") })
        };
        assert!(matches!(enter(&mia, false), Err(Error::StepUp(StepUp::EnrolMfa))));
        assert!(matches!(enter(&ana, false), Err(Error::StepUp(StepUp::VerifyMfa))));
        assert!(enter(&ana, true).is_ok());
    });
}

#[test]
fn a_code_works_once_and_a_recovery_code_too() {
    each(|app| async move {
        let mia = app.person("Mia Holt");
        let (authenticator, codes) = mia.enrols();
        assert_eq!(mia.proves(&authenticator.code(&app)).unwrap_err().status(), 401, "the code that set it up was used");
        crate::support::clock::forward(app.world(), 30_000_000);
        let code = authenticator.code(&app);
        mia.proves(&code).unwrap();
        assert_eq!(mia.proves(&code).unwrap_err().status(), 401);
        mia.proves(&codes[0]).unwrap();
        assert_eq!(mia.proves(&codes[0]).unwrap_err().status(), 401);
        assert!(crate::support::mailbox::latest(&app, &mia.email).text.contains('9'), "nine codes are left");
    });
}

#[test]
fn wrong_codes_are_counted_and_then_nothing_is_checked() {
    each(|app| async move {
        let mia = app.person("Mia Holt");
        let (authenticator, _) = mia.enrols();
        crate::support::clock::forward(app.world(), 60_000_000);
        for _ in 0..5 {
            assert_eq!(mia.proves("000000").unwrap_err().status(), 401);
        }
        assert_eq!(mia.proves(&authenticator.code(&app)).unwrap_err().status(), 429, "even the right one");
        crate::support::clock::forward(app.world(), 16 * 60_000_000);
        mia.proves(&authenticator.code(&app)).unwrap();
    });
}
