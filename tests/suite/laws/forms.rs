//! Whoever is shown a form may send it: no page lets somebody fill in what is refused afterwards.

use bailiwick::base::web::routes::Who;
use scraper::{ElementRef, Html, Selector};

use super::strangers::page;
use crate::support::{App, POST, Person, Scene, each, json};

fn all<'a>(of: ElementRef<'a>, css: &str) -> Vec<ElementRef<'a>> {
    let css = Selector::parse(css).unwrap();
    of.select(&css).collect()
}

/// What a hurried person would send: what is there, the first button, something in each empty field.
fn filled(form: ElementRef<'_>) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for input in all(form, "input[name], textarea[name], select[name]") {
        let attr = |name: &str| input.value().attr(name).unwrap_or_default();
        let value = match (input.value().name(), attr("type")) {
            ("select", _) => all(input, "option").last().and_then(|o| o.value().attr("value")).unwrap_or_default(),
            ("textarea", _) | (_, "email") => "somebody@people.example",
            (_, "checkbox" | "radio") if attr("checked").is_empty() && attr("value").is_empty() => continue,
            _ if attr("value").is_empty() => "something",
            _ => attr("value"),
        };
        fields.push((attr("name").to_owned(), value.to_owned()));
    }
    let button = all(form, "button[name]").first().map(|b| (b.value().attr("name").unwrap(), b.value().attr("value").unwrap_or_default()));
    fields.extend(button.map(|(name, value)| (name.to_owned(), value.to_owned())));
    fields
}

/// The forms of a page that change something in an organization.
fn forms(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let page = Html::parse_document(html);
    let mut found = Vec::new();
    for form in all(page.root_element(), "form[method=post]") {
        let action = form.value().attr("action").unwrap_or_default();
        if action.starts_with("/o/") {
            let mut fields = filled(form);
            // As if a preview had been seen that does not hold: the change is decided and made in full, and then undone.
            fields.retain(|(name, _)| name != "preview");
            fields.push(("preview".into(), "of something else".into()));
            found.push((action.to_owned(), fields));
        }
    }
    found
}

/// Opens every page of the organization as somebody; says which form they were shown and then refused. Returns how many forms there were.
async fn walk(app: &App, scene: &Scene, who: &Person, name: &str, wrong: &mut Vec<String>) -> usize {
    let mut shown = 0;
    for member in [scene.bob.member_id("acme", &scene.ana).await, who.id.clone()] {
        for route in app.map().routes.table.iter().filter(|r| r.who == Who::Org && r.method == "GET") {
            let Some(path) = page(scene, route.path, &member) else { continue };
            let answer = who.get(&path).await;
            if answer.status != 200 || !answer.header("content-type").starts_with("text/html") {
                continue;
            }
            for (action, fields) in forms(&answer.text()) {
                shown += 1;
                let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                let sent = who.post(&action, &fields).await;
                if [403, 404].contains(&sent.status) {
                    wrong.push(format!("{name} is shown {path} and answered {} at {action}", sent.status));
                }
            }
        }
    }
    shown
}

#[test]
fn nobody_is_shown_a_form_that_they_may_not_send() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        // Somebody who may look at everything and change nothing.
        let rea = app.person("Rea Dall");
        let looks: Vec<&str> = bailiwick::access::permissions::CATALOGUE.iter().map(|p| p.key).filter(|k| k.ends_with(".read")).collect();
        scene.ana.api(POST, "/orgs/acme/roles", json!({"name": "Readers", "permissions": looks})).await.is(201);
        app.join("acme", &[(&rea, &["readers"])]).await;
        let mut wrong = Vec::new();
        for (name, who, least) in [
            ("a reader", &rea, 1),
            ("a member", &scene.mia, 1),
            ("an owner of the project", &scene.pia, 4),
            ("somebody from outside", &scene.eva, 0),
            ("an ADMIN", &scene.ana, 15),
        ] {
            who.sign_in(true);
            let shown = walk(&app, &scene, who, name, &mut wrong).await;
            assert!(shown >= least, "{name} was shown {shown} forms only");
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn a_form_for_somebody_else_answers_403() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let ben = app.person("Ben Ode");
        scene.ana.shares("/orgs/acme/projects/apollo", json!({"kind": "user", "email": ben.email}), "editor").await;
        ben.sign_in(true);
        scene.mia.sign_in(true);
        scene.eva.sign_in(true);
        let bob = scene.bob.member_id("acme", &scene.ana).await;
        for (who, path) in [
            (&scene.eva, "/o/acme/projects/apollo/settings".to_owned()),
            (&scene.eva, "/o/acme/projects/apollo/deletion".to_owned()),
            (&ben, "/o/acme/projects/apollo/deletion".to_owned()),
            (&ben, format!("/o/acme/projects/apollo/grants/{}", scene.grant)),
            (&ben, format!("/o/acme/projects/apollo/grants/{}/removal", scene.grant)),
            (&scene.mia, "/o/acme/projects/new".to_owned()),
            (&scene.mia, format!("/o/acme/members/{bob}/roles")),
            (&scene.mia, format!("/o/acme/members/{bob}/removal")),
            (&scene.mia, "/o/acme/roles/new".to_owned()),
            (&scene.mia, "/o/acme/deletion".to_owned()),
        ] {
            who.get(&path).await.says(403, &["You need the permission"]);
        }
        ben.get("/o/acme/projects/apollo/settings").await.is(200);
        scene.mia.post("/o/acme/member-changes", &[("do", "give"), ("id", &bob)]).await.is(403);
    });
}
