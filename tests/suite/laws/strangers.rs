//! What lies outside a person's organization is not there: byte for byte as an id that nobody has.

use bailiwick::access::Need;
use bailiwick::base::web::routes::Who;

use crate::support::people::api_request;
use crate::support::{App, Method, Scene, Value, each};

/// An id of the same kind that no record has.
fn random(app: &App, id: &str) -> String {
    let prefix = id.split('_').next().unwrap();
    let fresh: bailiwick::base::ids::OrgId = app.world().id(app.world().now());
    format!("{prefix}_{}", fresh.as_ref().trim_start_matches("org_"))
}

/// A problem without what differs between any two answers.
fn plain(text: &str, answer: &crate::support::Answer) -> String {
    text.replace(answer.header("x-request-id"), "")
}

#[test]
fn to_people_outside_an_organization_nothing_in_it_exists() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        for route in app.map().api.table.iter().filter(|r| r.path.contains("{org}")) {
            let (path, body) = (scene.path(route).await, scene.body(route));
            let elsewhere = path.replace(&scene.org, &random(&app, &scene.org));
            for who in [&scene.sid, &scene.uma] {
                let here = who.api(route.method.clone(), &path, body.clone()).await.is(404);
                let nowhere = who.api(route.method.clone(), &elsewhere, body.clone()).await.is(404);
                assert_eq!(plain(&here.text(), &here), plain(&nowhere.text(), &nowhere), "{} {}", route.method, route.path);
                assert_eq!(names(&here), names(&nowhere), "{} {}", route.method, route.path);
            }
        }
    });
}

fn names(answer: &crate::support::Answer) -> Vec<String> {
    let mut names: Vec<String> = answer.headers.keys().map(|k| k.to_string()).collect();
    names.sort();
    names
}

#[test]
fn in_ones_own_organization_a_record_of_another_is_like_one_that_is_nowhere() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        for route in app.map().api.table.iter().filter(|r| r.path.contains("{org}/") && r.path.matches('{').count() > 1) {
            let foreign = scene.path(route).await.replace(&scene.org, "beta");
            let id = foreign.split('/').rfind(|part| part.contains('_')).unwrap().to_owned();
            let (nowhere, body) = (foreign.replace(&id, &random(&app, &id)), scene.body(route));
            let there = scene.uma.api(route.method.clone(), &foreign, body.clone()).await.is(404);
            let none = scene.uma.api(route.method.clone(), &nowhere, body).await.is(404);
            assert_eq!(plain(&there.text(), &there), plain(&none.text(), &none), "{} {}", route.method, route.path);
        }
    });
}

#[test]
fn the_api_answers_401_to_nobody_403_to_the_suspended_and_no_more_than_is_theirs_to_members() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        for route in &app.map().api.table {
            let (path, body) = (scene.path(route).await, scene.body(route));
            let of = |who| scene.call(who, route.method.clone(), &path, body.clone());
            if route.action.need != Need::Anyone {
                of(None).await.is(401);
            }
            match route.action.need {
                Need::Org("members.read") => {
                    of(Some(&scene.sam)).await.is(403);
                }
                Need::Org(_) => {
                    of(Some(&scene.sam)).await.is(403);
                    of(Some(&scene.mia)).await.is(403);
                    of(Some(&scene.eva)).await.is(404);
                }
                Need::Project(_) => {
                    of(Some(&scene.sam)).await.is(403);
                    of(Some(&scene.mia)).await.is(404);
                }
                Need::Member | Need::Inside => {
                    of(Some(&scene.sam)).await.is(403);
                }
                Need::Operator => {
                    of(Some(&scene.ana)).await.is(403);
                }
                Need::Anyone | Need::SignedIn => {}
            }
        }
    });
}

#[test]
fn a_cookie_never_opens_the_api_and_a_token_counts_only_in_its_header() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        ana.sign_in(true);
        ana.get("/api/v1/me").await.is(401);
        app.get(&format!("/api/v1/me?token={}", ana.token)).await.is(401);
        app.get(&format!("/api/v1/me?access_token={}", ana.token)).await.is(401);
        app.send(api_request(Method::GET, "/me", Value::Null).insert_header(("authorization", format!("Basic {}", ana.token)))).await.is(401);
        app.send(api_request(Method::GET, "/me", Value::Null).insert_header(("authorization", format!("bearer {}", ana.token)))).await.is(200);
    });
}

/// A page's path with the scene's records in it; `None` when the page belongs to a link that comes by mail.
pub fn page(scene: &Scene, path: &str, bob: &str) -> Option<String> {
    let mut filled = path.to_owned();
    for (name, value) in [
        ("{org}", "acme"),
        ("{slug}", "acme"),
        ("{project}", "apollo"),
        ("{grant}", &scene.grant),
        ("{role}", "helpers"),
        ("{key}", "helpers"),
        ("{member}", bob),
        ("{id}", bob),
        ("{user}", &scene.eva.id),
        ("{invitation}", &scene.invitation),
        ("{session}", &scene.session),
        ("{import}", &scene.import),
        ("{event}", &scene.event),
    ] {
        filled = filled.replace(name, value);
    }
    if filled.contains("/exports/") {
        filled.push_str("?format=csv");
    }
    (!filled.contains('{')).then_some(filled)
}

#[test]
fn pages_of_an_organization_are_closed_to_everybody_outside_and_to_the_suspended() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let bob = scene.bob.member_id("acme", &scene.ana).await;
        for who in [&scene.sid, &scene.uma, &scene.sam] {
            who.sign_in(false);
        }
        for route in app.map().routes.table.iter().filter(|r| r.who == Who::Org) {
            let Some(path) = page(&scene, route.path, &bob) else { panic!("no example for a part of {}: add one", route.path) };
            let nowhere = path.replacen("/o/acme", "/o/nowhere", 1);
            let open = |path: String, who: Option<crate::support::Person>| {
                let (app, method) = (app.clone(), route.method);
                async move {
                    match (who, method) {
                        (None, "GET") => app.get(&path).await,
                        (None, _) => app.send(actix_web::test::TestRequest::post().uri(&path)).await,
                        (Some(who), "GET") => who.get(&path).await,
                        (Some(who), _) => who.post(&path, &[]).await,
                    }
                }
            };
            // Without a session there is no form token either: a page sends to sign-in, a form is refused.
            let nobody = open(path.clone(), None).await.status;
            assert!(if route.method == "GET" { nobody == 303 } else { nobody == 303 || nobody == 403 }, "{} {path}: {nobody}", route.method);
            for who in [&scene.sid, &scene.uma] {
                let here = open(path.clone(), Some(who.clone())).await;
                // A form that does not even parse may say so; it says the same for an organization that is nowhere.
                assert!(here.status == 404 || route.method == "POST" && here.status == 422, "{} {path}: {}", route.method, here.status);
                let there = open(nowhere.clone(), Some(who.clone())).await;
                let clean = |a: &crate::support::Answer| plain(&a.text(), a).replace("/o/acme", "/o/nowhere");
                assert_eq!(clean(&here), clean(&there), "{} {path}", route.method);
            }
            let suspended = open(path.clone(), Some(scene.sam.clone())).await.status;
            assert!(suspended == 403 || route.method == "POST" && suspended == 422, "{} {path}: {suspended} for the suspended", route.method);
        }
    });
}

#[test]
fn pages_of_the_installation_are_for_operators() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        scene.ana.sign_in(false);
        for route in app.map().routes.table.iter().filter(|r| r.who == Who::Operator && r.method == "GET") {
            let path = page(&scene, route.path, &scene.eva.id).unwrap();
            assert_eq!(app.get(&path).await.status, 303, "{path}");
            assert_eq!(scene.ana.get(&path).await.status, 403, "{path}");
        }
    });
}
