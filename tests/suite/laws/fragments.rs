//! What a browser is given: ids that are there once, forms and links that lead somewhere, icons that are drawn.

use std::collections::BTreeSet;

use bailiwick::base::web::routes::Who;
use scraper::{Html, Selector};

use super::strangers::page;
use crate::support::{App, Scene, each};

fn select(css: &str) -> Selector {
    Selector::parse(css).unwrap()
}

/// Whether a path is one of the map's pages for this method.
fn leads_somewhere(app: &App, method: &str, target: &str) -> bool {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let fits = |pattern: &str| {
        let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
        pattern.len() == path.len() && pattern.iter().zip(&path).all(|(p, part)| p.starts_with('{') && !part.is_empty() || p == part)
    };
    path.starts_with("/static/")
        || app.map().routes.table.iter().any(|r| r.method == method && fits(r.path))
        || method == "GET" && app.map().api.table.iter().any(|r| r.method == "GET" && fits(&format!("/api/v1{}", r.path)))
}

fn check(app: &App, at: &str, html: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let mut wrong = Vec::new();
    let mut ids = BTreeSet::new();
    for element in page.select(&select("[id]")) {
        let id = element.value().attr("id").unwrap();
        if !ids.insert(id) {
            wrong.push(format!("{at}: the id {id} is there twice"));
        }
    }
    for form in page.select(&select("form")) {
        let method = form.value().attr("method").unwrap_or("get").to_ascii_uppercase();
        // Such a form only closes the dialog that it stands in.
        if method == "DIALOG" {
            continue;
        }
        let action = form.value().attr("action").filter(|a| !a.is_empty()).unwrap_or(at);
        if !leads_somewhere(app, &method, action) {
            wrong.push(format!("{at}: a form sends {method} to {action}, where nothing is"));
        }
        if method == "POST" && form.select(&select("input[name=csrf]")).next().is_none() {
            wrong.push(format!("{at}: the form to {action} carries no token"));
        }
    }
    for (css, name, method) in
        [("[href]", "href", "GET"), ("[hx-get]", "hx-get", "GET"), ("[hx-post]", "hx-post", "POST"), ("[formaction]", "formaction", "POST")]
    {
        for element in page.select(&select(css)) {
            let target = element.value().attr(name).unwrap();
            let local = target.starts_with('/') && element.value().name() != "use";
            if local && !leads_somewhere(app, method, target) {
                wrong.push(format!("{at}: {name} leads to {target}, where nothing is"));
            }
        }
    }
    let drawn = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/static/icons.svg")).unwrap();
    for icon in page.select(&select("use")) {
        let name = icon.value().attr("href").and_then(|h| h.split('#').nth(1)).unwrap_or_default();
        if !drawn.contains(&format!("id=\"{name}\"")) {
            wrong.push(format!("{at}: the icon {name} is not drawn"));
        }
    }
    for label in page.select(&select("label[for]")) {
        let id = label.value().attr("for").unwrap();
        if !ids.contains(id) {
            wrong.push(format!("{at}: a label is for {id}, which is not there"));
        }
    }
    wrong
}

#[test]
fn on_every_page_ids_are_unique_and_forms_and_links_lead_somewhere() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let bob = scene.bob.member_id("acme", &scene.ana).await;
        scene.ana.sign_in(true);
        scene.olga.sign_in(true);
        let mut wrong = Vec::new();
        for route in app.map().routes.table.iter().filter(|r| r.method == "GET") {
            let user = if route.who == Who::Operator { &scene.eva.id } else { &bob };
            let Some(path) = page(&scene, route.path, user) else { continue };
            let answer = match route.who {
                Who::Anyone => app.get(&path).await,
                Who::Operator => scene.olga.get(&path).await,
                Who::SignedIn | Who::Org => scene.ana.get(&path).await,
            };
            match answer.status {
                200 if answer.header("content-type").starts_with("text/html") => wrong.extend(check(&app, &path, &answer.text())),
                200 | 303 => {}
                // "Stop asking": what was asked about has ended.
                286 => {}
                // The page behind a mailed link, without the link.
                410 if route.who == Who::Anyone => {}
                status => wrong.push(format!("{path}: {status} {}", answer.text())),
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn a_form_without_its_token_or_from_another_site_is_refused() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let bob = scene.bob.member_id("acme", &scene.ana).await;
        scene.ana.sign_in(true);
        let before = app.events().len();
        for route in app.map().routes.table.iter().filter(|r| r.method == "POST") {
            let Some(path) = page(&scene, route.path, &bob) else { continue };
            let bare = actix_web::test::TestRequest::post().uri(&path).set_form([("name", "x")]);
            assert_eq!(scene.ana.browse(bare).await.status, 403, "{path} without a token");
            scene.ana.extra.set(Some(("sec-fetch-site", "cross-site")));
            assert_eq!(scene.ana.post(&path, &[]).await.status, 403, "{path} from another site");
            scene.ana.extra.set(Some(("origin", "https://evil.example")));
            assert_eq!(scene.ana.post(&path, &[]).await.status, 403, "{path} from another origin");
            scene.ana.extra.set(None);
        }
        assert_eq!(app.events().len(), before, "a refused form did something");
    });
}
