//! Signing in with a password: the same words and work for wrong and unknown, tries counted, links that work once.

use bailiwick::account::links::{ForgetPassword, ResetPassword};
use bailiwick::account::sign_in::{Attempt, Known, with_password};
use bailiwick::base::db::time::{HOUR, MINUTE};
use bailiwick::base::error::Error;
use bailiwick::base::ops;
use bailiwick::base::text::{Email, Secret};
use bailiwick::base::tx::{Actor, Caller, Via};

use crate::support::app::PASSWORD;
use crate::support::{App, clock, each, mailbox};

fn nobody(ip: &str) -> Caller {
    Caller { ip: ip.into(), ..Caller::of(Actor::Nobody, Via::Page) }
}

fn tries(app: &App, email: &str, password: &str, ip: &str) -> Result<Known, Error> {
    let attempt = Attempt { email: email.into(), password: Secret::new(password), device: None };
    with_password(app.world(), &nobody(ip), &attempt)
}

#[test]
fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        assert!(!tries(&app, &ana.email.to_uppercase(), PASSWORD, "10.0.0.1").unwrap().needs_code);
        let wrong = tries(&app, &ana.email, "wrong", "10.0.0.1").unwrap_err();
        let unknown = tries(&app, "nobody@people.example", "wrong", "10.0.0.1").unwrap_err();
        let garbage = tries(&app, "no address", "wrong", "10.0.0.1").unwrap_err();
        assert_eq!((wrong.status(), wrong.message()), (401, unknown.message()));
        assert_eq!((garbage.status(), garbage.message()), (401, unknown.message()));
        let failed = app.events().into_iter().filter(|e| e.outcome == "failed").count();
        assert_eq!(failed, 3, "each failed try is written down");
        assert!(!app.events().iter().any(|e| e.summary.contains("nobody@people.example")), "what was typed is not kept");
        ana.enrols();
        assert!(tries(&app, &ana.email, PASSWORD, "10.0.0.1").unwrap().needs_code);
    });
}

#[test]
fn tries_are_counted_per_account_and_client_and_wait_a_quarter_of_an_hour() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        for _ in 0..10 {
            assert_eq!(tries(&app, &ana.email, "wrong", "10.0.0.1").unwrap_err().status(), 401);
        }
        let limited = tries(&app, &ana.email, PASSWORD, "10.0.0.1").unwrap_err();
        assert!(matches!(limited, Error::Limited { retry_after: 1..=900, .. }), "{limited}");
        tries(&app, &ana.email, PASSWORD, "10.0.0.2").unwrap();
        clock::forward(app.world(), 15 * MINUTE + 1);
        tries(&app, &ana.email, PASSWORD, "10.0.0.1").unwrap();
    });
}

#[test]
fn one_client_that_tries_many_accounts_is_stopped() {
    each(|app| async move {
        let stopped =
            (0..40).map(|n| tries(&app, &format!("p{n}@people.example"), "wrong", "2001:db8::1").unwrap_err().status()).filter(|s| *s == 429).count();
        assert_eq!(stopped, 10);
        assert_eq!(tries(&app, "other@people.example", "wrong", "2001:db8::2").unwrap_err().status(), 429, "the same /64 is the same client");
        assert_eq!(tries(&app, "other@people.example", "wrong", "2001:db8:0:1::2").unwrap_err().status(), 401);
    });
}

#[test]
fn a_link_for_a_new_password_works_once_for_half_an_hour_and_ends_every_session() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        let forget = |email: &str| ops::run(app.world(), &nobody("10.0.0.1"), &ForgetPassword { email: Email::parse(email).unwrap() });
        forget(&ana.email).unwrap();
        forget("nobody@people.example").unwrap();
        assert_eq!(mailbox::of(&app, "people.example").len(), 1, "an unknown address gets no mail and the answer is the same");
        let late = mailbox::latest(&app, &ana.email).token("/password/reset/");
        clock::forward(app.world(), 31 * MINUTE);
        let reset = |token: &str| {
            let hash = app.world().hasher.make(&Secret::new("quite another password")).unwrap();
            ops::run(app.world(), &nobody("10.0.0.1"), &ResetPassword { token: token.to_owned(), name: None, hash })
        };
        assert_eq!(reset(&late).unwrap_err().status(), 410);
        forget(&ana.email).unwrap();
        let token = mailbox::latest(&app, &ana.email).token("/password/reset/");
        ana.sign_in(false);
        reset(&token).unwrap();
        assert_eq!(reset(&token).unwrap_err().status(), 410);
        ana.api(crate::support::GET, "/me", ()).await.is(401);
        assert!(ana.get("/me").await.is(303).header("location").starts_with("/login"), "the session and the token are both gone");
        assert_eq!(tries(&app, &ana.email, PASSWORD, "10.0.0.9").unwrap_err().status(), 401);
        tries(&app, &ana.email, "quite another password", "10.0.0.9").unwrap();
        for _ in 0..10 {
            forget(&ana.email).unwrap();
        }
        let mails = mailbox::of(&app, &ana.email).iter().filter(|l| l.text.contains("/password/reset/")).count();
        assert!(mails <= 5, "{mails} mails in an hour");
        clock::forward(app.world(), HOUR);
    });
}
