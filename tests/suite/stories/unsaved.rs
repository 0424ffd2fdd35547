//! A form that comes after its session has ended: kept for the person who sent it, shown to nobody else, never sent by itself.

use bailiwick::base::db::time::{DAY, HOUR, MINUTE};

use crate::support::app::PASSWORD;
use crate::support::people::form_of;
use crate::support::{App, DELETE, POST, Person, clock, each, json};

const FORM: &str = "/o/acme/projects/atlas";
const TYPED: &[(&str, &str)] = &[("name", "Atlas of everything"), ("slug", "atlas"), ("description", "Typed for an hour")];

async fn set(app: &App) -> Person {
    let ana = app.person("Ana Ruiz");
    app.org(&ana, "Acme").await;
    ana.api(POST, "/orgs/acme/projects", json!({"name": "Atlas"})).await.is(201);
    ana.sign_in(false);
    ana
}

/// Signs in on the page that the answer leads to; returns where that leads.
async fn signs_in(browser: &Person, at: &str, email: &str) -> String {
    assert!(at.starts_with("/login?next="), "{at}");
    let page = browser.fill(at, "/login", &[("email", email), ("password", PASSWORD)]).await;
    page.is(303).header("location").to_owned()
}

async fn name(ana: &Person) -> String {
    ana.app.known(&ana.email).reads("/orgs/acme/projects/atlas").await["name"].as_str().unwrap().to_owned()
}

#[test]
fn what_was_typed_is_there_again_after_signing_in_and_is_saved_on_a_word() {
    each(|app| async move {
        let ana = set(&app).await;
        // Idle for too long, ended from elsewhere, and left over night.
        for (n, away) in [HOUR, 0, 13 * HOUR].into_iter().enumerate() {
            ana.sign_in(false);
            if away == 0 {
                ana.api(DELETE, "/me/sessions", ()).await.is(200);
            }
            clock::forward(app.world(), away);
            let typed = format!("Atlas {n}");
            let fields: Vec<(&str, &str)> = [("name", typed.as_str())].into_iter().chain(TYPED[1..].iter().copied()).collect();
            let to = ana.post(FORM, &fields).await.is(303).header("location").to_owned();
            assert_eq!(to, "/login?next=%2Funsaved");
            let page = signs_in(&ana, &to, &ana.email).await;
            assert_eq!(page, "/unsaved");
            ana.get(&page).await.says(200, &["You were signed out before this was saved", &typed, "Typed for an hour"]);
            assert_ne!(name(&ana).await, typed, "nothing is sent by itself");
            ana.fill(&page, FORM, &[]).await.is(303);
            assert_eq!(name(&ana).await, typed);
        }
    });
}

#[test]
fn nobody_else_is_shown_it_and_a_code_on_the_way_does_not_lose_it() {
    each(|app| async move {
        let ana = set(&app).await;
        let ben = app.person("Ben Ode");
        app.join("acme", &[(&ben, &["ADMIN"])]).await;
        clock::forward(app.world(), HOUR);
        let to = ana.post(FORM, TYPED).await.is(303).header("location").to_owned();
        // Somebody else signs in at this browser: it is gone, also for who comes after.
        let page = signs_in(&ana, &to, &ben.email).await;
        assert_eq!(ana.get(&page).await.is(303).header("location"), "/");
        assert_eq!(name(&ana).await, "Atlas");

        let phone = ana.enrols().0;
        ana.sign_in(true);
        clock::forward(app.world(), HOUR);
        let to = ana.post(FORM, TYPED).await.is(303).header("location").to_owned();
        let code = signs_in(&ana, &to, &ana.email).await;
        assert_eq!(code, "/login/code?next=%2Funsaved");
        assert_eq!(ana.get("/unsaved").await.is(303).header("location"), "/login?next=%2Funsaved", "half a sign-in shows nothing");
        let page = ana.fill(&code, "/login/code", &[("code", &phone.code(&app))]).await.is(303);
        ana.get(page.header("location")).await.says(200, &["Typed for an hour"]);
        // It does not wait for long.
        clock::forward(app.world(), 31 * MINUTE);
        ana.get("/unsaved").await.is(303);
    });
}

#[test]
fn it_is_discarded_on_a_word() {
    each(|app| async move {
        let ana = set(&app).await;
        clock::forward(app.world(), HOUR);
        let to = ana.post(FORM, TYPED).await.is(303).header("location").to_owned();
        let page = signs_in(&ana, &to, &ana.email).await;
        let back = ana.fill(&page, "/unsaved", &[]).await.is(303).header("location").to_owned();
        assert_eq!(back, FORM);
        ana.get(&back).await.says(200, &["Discarded. Nothing was changed."]);
        ana.get("/unsaved").await.is(303);
        assert_eq!(name(&ana).await, "Atlas");
    });
}

#[test]
fn secrets_and_what_is_not_ours_are_not_kept() {
    each(|app| async move {
        let ana = set(&app).await;
        let rests = |what: &str| {
            use bailiwick::base::db::schema::sessions as s;
            use diesel::{QueryDsl as _, RunQueryDsl as _};
            let all: Vec<String> = s::table.select(s::state).load(&mut *app.world().db.reader().unwrap()).unwrap();
            all.iter().any(|state| state.contains(what))
        };
        clock::forward(app.world(), HOUR);
        let to =
            ana.post("/me/password", &[("current", PASSWORD), ("password", "a new one of some length")]).await.is(303).header("location").to_owned();
        assert_eq!(to, "/login?next=%2Fme%2Fpassword");
        assert!(!rests("\"late\""));
        ana.post(FORM, &[("name", &"x".repeat(40_000))]).await.is(303);
        assert!(!rests("\"late\""), "what is too large is not kept");
        // A token of another session proves nothing: nothing is kept, and nobody is sent to sign in with it.
        let forged = actix_web::test::TestRequest::post().uri(FORM).set_form([("csrf", "x"), ("name", "Forged")]);
        ana.browse(forged).await.is(403);
        let bare = actix_web::test::TestRequest::post().uri(FORM).set_form([("name", "Forged")]);
        app.send(bare).await.is(403);
        assert!(!rests("\"late\""));
        // What is kept is sealed.
        ana.post(FORM, TYPED).await.is(303);
        assert!(rests("\"late\"") && !rests("Typed for an hour"));
        // Who signed out by themselves leaves nothing behind.
        let ben = app.person("Ben Ode");
        ben.sign_in(false);
        ben.post("/logout", &[]).await.is(303);
        ben.post("/me", &[("name", "Ben")]).await.is(403);
        // Long after, the browser is not known any more.
        ana.sign_in(false);
        clock::forward(app.world(), 3 * DAY);
        app.world().db.write(|c| bailiwick::instance::store::sweep(c, app.world().now())).unwrap();
        ana.post(FORM, TYPED).await.is(403);
    });
}

#[test]
fn a_page_that_is_open_stays_and_is_told_to_ask_for_the_sign_in() {
    each(|app| async move {
        let ana = set(&app).await;
        ana.extra.set(Some(("hx-request", "true")));
        clock::forward(app.world(), HOUR);
        for answer in [ana.post(FORM, TYPED).await, ana.get("/o/acme/members").await] {
            assert_eq!((answer.status, answer.header("hx-trigger"), answer.header("hx-redirect")), (401, "console:expired", ""));
        }
        ana.extra.set(None);
        let target = |req: actix_web::test::TestRequest| req.insert_header(("hx-request", "true")).insert_header(("hx-target", "again-body"));
        let page = ana.browse(target(actix_web::test::TestRequest::get().uri("/login?next=/signed-in"))).await.is(200).text();
        assert!(page.contains("Sign in again") && !page.contains("<html"), "{page}");
        let fields = |password: &str| {
            let mut fields = form_of(&page, "/login").unwrap();
            fields.retain(|(n, _)| n != "email" && n != "password");
            fields.extend([("email".into(), ana.email.clone()), ("password".into(), password.to_owned())]);
            fields
        };
        let wrong = ana.browse(target(actix_web::test::TestRequest::post().uri("/login").set_form(fields("wrong")))).await.is(401).text();
        assert!(wrong.contains("do not go together") && !wrong.contains("<html"), "{wrong}");
        let right = ana.browse(target(actix_web::test::TestRequest::post().uri("/login").set_form(fields(PASSWORD)))).await.is(303);
        assert_eq!(right.header("location"), "/signed-in");
        let told = ana.browse(target(actix_web::test::TestRequest::get().uri("/signed-in"))).await.is(204);
        assert!(told.header("hx-trigger").contains(&ana.email) && told.header("hx-trigger").contains("csrf"), "{}", told.header("hx-trigger"));
    });
}
