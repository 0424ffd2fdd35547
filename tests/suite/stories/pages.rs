//! The same in a browser without scripts: pages, their forms, and where they lead.

use crate::support::app::PASSWORD;
use crate::support::{App, GET, POST, PUT, Person, each, json};

impl App {
    /// A browser in which nobody is signed in yet, with this person before it.
    fn browser(&self, person: &Person) -> Person {
        self.known(&person.email)
    }
}

#[test]
fn signing_in_leads_to_where_one_wanted_to_go_and_signing_out_ends_it() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let asked = ana.get("/o/acme/projects").await.is(303);
        assert_eq!(asked.header("location"), "/login?next=%2Fo%2Facme%2Fprojects");
        let login = asked.header("location").to_owned();
        let wrong = ana.fill(&login, "/login", &[("email", &ana.email), ("password", "wrong")]).await;
        assert_eq!(wrong.status, 401, "{}", wrong.text());
        assert!(wrong.text().contains("do not go together") && wrong.text().contains(&ana.email));
        let before = ana.cookie("sid");
        let done = ana.fill(&login, "/login", &[("email", &ana.email), ("password", PASSWORD)]).await.is(303);
        assert_eq!(done.header("location"), "/o/acme/projects");
        assert_ne!(ana.cookie("sid"), before, "a new session, not the old one made powerful");
        let page = ana.get("/o/acme/projects").await.is(200);
        assert!(page.text().contains("Ana Ruiz") && page.header("cache-control").contains("no-store"));
        let kept = ana.cookie("sid").unwrap();
        ana.fill("/o/acme/projects", "/logout", &[]).await.is(303);
        assert_eq!(ana.get("/o/acme/projects").await.status, 303);
        let replayed = actix_web::test::TestRequest::get().uri("/o/acme/projects").insert_header(("cookie", format!("sid={kept}")));
        assert_eq!(app.send(replayed).await.status, 303, "the old cookie opens nothing");
    });
}

#[test]
fn nobody_is_sent_to_another_site_after_signing_in() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        for evil in ["https://evil.example", "//evil.example", "/\\evil.example"] {
            let browser = app.browser(&ana);
            let done = browser.fill("/login", "/login", &[("email", &ana.email), ("password", PASSWORD), ("next", evil)]).await.is(303);
            assert_eq!(done.header("location"), "/", "{evil}");
        }
    });
}

#[test]
fn with_two_factor_sign_in_the_password_alone_opens_nothing() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let (authenticator, _) = ana.enrols();
        let half = ana.fill("/login", "/login", &[("email", &ana.email), ("password", PASSWORD)]).await.is(303);
        assert!(half.header("location").starts_with("/login/code"), "{}", half.header("location"));
        assert_eq!(ana.get("/o/acme").await.status, 303);
        let wrong = ana.fill("/login/code", "/login/code", &[("code", "000000")]).await.status;
        assert!(wrong == 401 || wrong == 422, "{wrong}");
        crate::support::clock::forward(app.world(), 30_000_000);
        ana.fill("/login/code", "/login/code", &[("code", &authenticator.code(&app))]).await.is(303);
        ana.get("/o/acme").await.is(200);
    });
}

#[test]
fn a_member_without_a_second_factor_is_walked_through_setting_one_up() {
    each(|app| async move {
        let (ana, mia) = (app.person("Ana Ruiz"), app.person("Mia Holt"));
        app.org(&ana, "Acme").await;
        app.join("acme", &[(&mia, &["DEFAULT"])]).await;
        ana.enrols();
        ana.api(PUT, "/orgs/acme/security-policy", json!({"mfa": "enrolled", "mfa_externals": true})).await.is(200);
        mia.sign_in(false);
        let stopped = mia.get("/o/acme/projects").await.is(303);
        let at = stopped.header("location").to_owned();
        assert!(at.starts_with("/me/mfa?required=1"), "{at}");
        mia.fill(&at, "/me/mfa", &[]).await.is(303);
        let page = mia.get(&at).await.is(200).text();
        let key = page.split(['<', '>']).map(str::trim).find(|t| is_key(t)).unwrap_or_else(|| panic!("no key in {page}"));
        let authenticator = crate::support::totp::Authenticator::of(key);
        let shown = mia.fill(&at, "/me/mfa/confirm", &[("code", &authenticator.code(&app))]).await.is(200).text();
        assert!(shown.contains("ecovery codes"), "{shown}");
        mia.get("/o/acme/projects").await.is(200);
    });
}

/// The key as the page shows it: 32 letters of base32 in groups of four.
fn is_key(text: &str) -> bool {
    let letters: String = text.split_whitespace().collect();
    letters.len() == 32 && text.contains(' ') && letters.bytes().all(|c| c.is_ascii_uppercase() || (b'2'..=b'7').contains(&c))
}

#[test]
fn an_invitation_is_taken_up_in_the_browser_with_the_token_out_of_the_address() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        ana.api(POST, "/orgs/acme/invitations", json!({"emails": ["ivy@people.example"]})).await.is(200);
        let token = app.invitation_token("ivy@people.example");
        // Any browser: it belongs to nobody until the account is there.
        let ivy = app.browser(&app.person("Helper Browser"));
        let moved = ivy.get(&format!("/invitations/{token}")).await.is(303);
        assert_eq!((moved.header("location"), moved.header("referrer-policy")), ("/invitation", "no-referrer"));
        let page = ivy.get("/invitation").await.is(200).text();
        assert!(page.contains("Acme") && page.contains("ivy@people.example") && !page.contains(&token));
        let weak = ivy.fill("/invitation", "/invitation", &[("name", "Ivy New"), ("password", "password")]).await;
        assert_eq!(weak.status, 422, "{}", weak.text());
        let other = [("name", "Ivy New"), ("password", PASSWORD), ("email", "mallory@people.example")];
        assert_eq!(ivy.fill("/invitation", "/invitation", &other).await.status, 422, "the address is the invited one");
        let done = ivy.fill("/invitation", "/invitation", &[("name", "Ivy New"), ("password", PASSWORD)]).await;
        assert_eq!(done.status, 303, "{}", done.text());
        let ivy = app.known("ivy@people.example");
        ivy.api(GET, "/orgs/acme", ()).await.is(200);
        let late = app.browser(&app.person("Late Browser"));
        late.get(&format!("/invitations/{token}")).await;
        assert_eq!(late.get("/invitation").await.status, 410, "used");
    });
}

#[test]
fn a_form_that_cannot_be_taken_comes_back_with_what_was_typed() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        ana.sign_in(false);
        let (page, to) = ("/o/acme/projects/new", "/o/acme/projects");
        let done = ana.fill(page, to, &[("name", "Field Telemetry")]).await.is(303);
        let shown = ana.get(done.header("location")).await.is(200).text();
        assert!(shown.contains("Created") && shown.contains("Field Telemetry"), "a word about what was done");
        assert!(!ana.get(to).await.text().contains("Created"), "said once");
        let again = ana.fill(page, to, &[("name", "Field Telemetry"), ("description", "Rain & <wind>")]).await;
        assert_eq!(again.status, 422);
        assert!(again.text().contains("already") && again.text().contains("Rain &#38; &#60;wind&#62;"), "{}", again.text());
        let markup = "<img src=x onerror=alert(1)>";
        ana.fill(page, to, &[("name", markup), ("slug", "markup")]).await.is(303);
        assert!(!ana.get(to).await.text().contains("<img"), "names are text");
    });
}
