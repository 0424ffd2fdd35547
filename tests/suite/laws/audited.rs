//! Each change leaves exactly one event; a refusal exactly one that says "denied".

use bailiwick::access::Need;
use bailiwick::base::web::api::ApiRoute;

use crate::support::{App, DELETE, Scene, each};

/// The writes of the API, each told on a scene of its own.
async fn everywhere(app: &App, at: usize, who: fn(&Scene, &ApiRoute) -> Option<crate::support::Person>, expected: &str) -> bool {
    let Some(route) = app.map().api.table.iter().filter(|r| r.writes).nth(at) else { return false };
    let scene = Scene::set(app).await;
    let Some(person) = who(&scene, route) else { return true };
    let path = scene.path(route).await;
    if route.path == "/orgs/{org}" && route.method == DELETE {
        app.sql("DELETE FROM grants").unwrap();
    }
    let before = app.events().len();
    let answer = person.api(route.method.clone(), &path, scene.body(route)).await;
    let status = if expected == "success" { route.status } else { 403 };
    assert_eq!(answer.status, status, "{} {}: {}", route.method, route.path, answer.text());
    let events = app.events();
    let new: Vec<_> = events[before..].iter().map(|e| (e.action.as_str(), e.outcome.as_str(), e.actor_id.as_str())).collect();
    // What is taken back is written down as the change that it is.
    let name = if route.action.name == "audit.undo" && expected == "success" { "member.update" } else { route.action.name };
    assert_eq!(new, [(name, expected, person.id.as_str())], "{} {}", route.method, route.path);
    assert!(app.broken_chains().is_empty(), "{} {}", route.method, route.path);
    true
}

fn able(scene: &Scene, route: &ApiRoute) -> Option<crate::support::Person> {
    Some(if route.action.need == Need::Operator { scene.olga.clone() } else { scene.ana.clone() })
}

/// Who knows that the thing is there and may not touch it.
fn unable(scene: &Scene, route: &ApiRoute) -> Option<crate::support::Person> {
    match route.action.need {
        Need::Org(_) | Need::Operator => Some(scene.mia.clone()),
        Need::Project(_) if !route.path.ends_with("{project}") => Some(scene.eva.clone()),
        Need::Member | Need::Inside => Some(scene.sam.clone()),
        _ => None,
    }
}

#[test]
fn every_change_is_written_down_exactly_once() {
    for at in 0.. {
        let mut more = false;
        for kind in crate::support::databases::kinds() {
            more |= actix_web::rt::System::new().block_on(async { everywhere(&App::fresh(*kind).await, at, able, "success").await });
        }
        if !more {
            return;
        }
    }
}

#[test]
fn every_refusal_is_written_down_exactly_once() {
    for at in 0.. {
        let mut more = false;
        for kind in crate::support::databases::kinds() {
            more |= actix_web::rt::System::new().block_on(async { everywhere(&App::fresh(*kind).await, at, unable, "denied").await });
        }
        if !more {
            return;
        }
    }
}

#[test]
fn what_is_invalid_or_not_there_leaves_no_trace() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let before = app.events().len();
        scene.ana.api(crate::support::POST, "/orgs/acme/projects", crate::support::json!({"name": ""})).await.is(422);
        scene.ana.api(crate::support::GET, "/orgs/acme/projects/nothing", ()).await.is(404);
        scene.uma.api(DELETE, "/orgs/acme", ()).await.is(404);
        scene.ana.api(crate::support::PATCH, "/orgs/acme?preview=true", crate::support::json!({"name": "Other"})).await.is(200);
        assert_eq!(app.events().len(), before);
    });
}
