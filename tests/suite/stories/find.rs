//! The palette finds what its reader may open, and nothing else; the switcher keeps the page.

use crate::support::{App, PATCH, POST, Person, Scene, each, json};

/// What stands in a palette, as its dialog asks for it.
async fn finds(who: &Person, path: &str) -> String {
    let req = actix_web::test::TestRequest::get().uri(path).insert_header(("hx-request", "true")).insert_header(("hx-target", "palette-found"));
    who.browse(req).await.is(200).text()
}

async fn scene(app: &App) -> Scene {
    let scene = Scene::set(app).await;
    for who in [&scene.ana, &scene.mia, &scene.eva, &scene.pia, &scene.sid] {
        who.sign_in(true);
    }
    scene
}

#[test]
fn the_palette_finds_pages_people_projects_roles_and_actions_that_its_reader_may_open() {
    each(|app| async move {
        let scene = scene(&app).await;
        let all = finds(&scene.ana, "/o/acme/find").await;
        for there in ["Members", "Security", "Invite people", "Create project", "Create role", "<kbd>M</kbd>"] {
            assert!(all.contains(there), "{there} in {all}");
        }
        assert!(!all.contains("<html") && !all.contains("Bob Kerr"), "nobody before something is typed");
        let of = async |who: &Person, q: &str| finds(who, &format!("/o/acme/find?q={q}")).await;
        let bob = scene.bob.member_id("acme", &scene.ana).await;
        let found = of(&scene.ana, "bob").await;
        assert!(found.contains("Bob Kerr") && found.contains(&format!("/o/acme/members/{bob}")));
        let eva = of(&scene.ana, "eva").await;
        assert!(eva.contains("Eva Stein") && eva.contains("External"), "{eva}");
        assert!(of(&scene.ana, "apol").await.contains("/o/acme/projects/apollo"));
        assert!(of(&scene.ana, "helpers").await.contains("/o/acme/roles/helpers"));
        assert!(of(&scene.ana, "token").await.contains("/me/tokens"), "one's own account");
        assert!(of(&scene.ana, "nonesuch").await.contains("Nothing is called “nonesuch”"));
        assert!(of(&scene.ana, "%3Cb%3E").await.contains("&#60;b&#62;"));

        // Somebody from outside finds the project that was shared, and nobody.
        assert!(of(&scene.eva, "apol").await.contains("/o/acme/projects/apollo"));
        for hidden in ["bob", "helpers", "empty", "audit", "invite"] {
            assert!(of(&scene.eva, hidden).await.contains("Nothing is called"), "{hidden}");
        }
        assert!(of(&scene.mia, "empty").await.contains("Nothing is called"), "a project that nobody shared with her");
        scene.sid.get("/o/acme/find?q=bob").await.is(404);

        // Without scripts it is a page.
        let page = scene.ana.get("/o/acme/find?q=bob").await.is(200).text();
        assert!(page.contains("<h1>Find</h1>") && page.contains("Bob Kerr"));
        assert!(finds(&scene.sid, "/find").await.contains("Profile and preferences"));
    });
}

#[test]
fn what_it_costs_does_not_depend_on_what_is_typed() {
    each(|app| async move {
        let scene = scene(&app).await;
        for q in ["", "b", "bob", "o"] {
            let path = format!("/o/acme/find?q={q}");
            finds(&scene.ana, &path).await;
            let before = app.world().db.statements();
            finds(&scene.ana, &path).await;
            let sent = app.world().db.statements() - before;
            assert!(sent <= 14, "{q}: {sent} statements");
        }
    });
}

#[test]
fn another_organization_opens_at_the_same_page_or_where_one_lands() {
    each(|app| async move {
        let scene = scene(&app).await;
        app.org(&scene.ana, "Gamma").await;
        scene.ana.api(PATCH, "/orgs/gamma", json!({"description": "x"})).await.is(200);
        let to = async |who: &Person, path: &str| who.get(path).await.is(303).header("location").to_owned();
        // Where one is ADMIN every page is there, so the link says it outright.
        assert!(scene.ana.get("/o/acme/members").await.text().contains("href=\"/o/gamma/members\""));
        let bob = scene.bob.member_id("acme", &scene.ana).await;
        assert!(
            scene.ana.get(&format!("/o/acme/members/{bob}")).await.text().contains("href=\"/o/gamma/members\""),
            "a thing of one is not in the other"
        );
        assert_eq!(to(&scene.ana, "/o/acme/open?at=/members").await, "/o/acme/members");
        assert_eq!(to(&scene.mia, "/o/acme/open?at=/audit").await, "/o/acme/projects", "not hers");
        assert_eq!(to(&scene.eva, "/o/acme/open?at=/projects").await, "/o/acme/projects");
        for elsewhere in ["//evil.example", "/nowhere", "https://evil.example", ""] {
            assert_eq!(to(&scene.ana, &format!("/o/acme/open?at={elsewhere}")).await, "/o/acme");
        }
        scene.sid.get("/o/acme/open?at=/members").await.is(404);
    });
}

#[test]
fn who_is_in_many_organizations_searches_them() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        for n in 10..22 {
            ana.api(POST, "/orgs", json!({"name": format!("Plant {n}")})).await.is(201);
        }
        ana.sign_in(false);
        let page = ana.get("/o/plant-21/members").await.is(200).text();
        assert!(page.contains("Find an organization") && page.contains("/o/plant-10/members") && !page.contains("/o/plant-20/members"));
        assert!(page.contains("(open now)"), "the open one is always there");
        let req = actix_web::test::TestRequest::get()
            .uri("/orgs?q=plant+20")
            .insert_header(("hx-request", "true"))
            .insert_header(("hx-target", "orgs-found"))
            .insert_header(("hx-current-url", "http://localhost:8080/o/plant-21/members"));
        let found = ana.browse(req).await.is(200).text();
        assert!(found.contains("/o/plant-20/members") && !found.contains("plant-10") && !found.contains("<html"), "{found}");
        let list = ana.get("/orgs?q=plant+20").await.is(200).text();
        assert!(list.contains("organization-org_") && !list.contains(">Plant 11</a>"));
        assert!(ana.get("/orgs?q=zzz").await.is(200).text().contains("No organization of yours matches"));
    });
}
