//! A request repeated under its Idempotency-Key has one effect and the same answer, but for what is shown only once.

use crate::support::{POST, Scene, Value, each};

/// Takes everything called a secret out of an answer; returns what stood there.
fn secrets(answer: &mut Value) -> Vec<Value> {
    match answer {
        Value::Object(fields) => {
            let mut found: Vec<Value> = fields.remove("secret").into_iter().collect();
            found.extend(fields.values_mut().flat_map(secrets));
            found
        }
        Value::Array(items) => items.iter_mut().flat_map(secrets).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_repeated_request_does_nothing_more_and_tells_no_secret_again() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let mut shown = 0;
        for route in app.map().api.table.iter().filter(|r| r.method == POST) {
            let who = if route.action.need == bailiwick::access::Need::Operator { &scene.olga } else { &scene.ana };
            let path = scene.path(route).await;
            let before = app.events().len();
            let send = async || who.api_with(POST, &path, scene.body(route), &[("idempotency-key", route.path)]).await;
            let mut first = send().await.is(route.status).json();
            let mut again = send().await.is(route.status).json();
            assert_eq!(app.events().len(), before + 1, "{path} happened twice");
            let (told, repeated) = (secrets(&mut first), secrets(&mut again));
            shown += told.len();
            assert!(told.iter().all(Value::is_string) && repeated.iter().all(Value::is_null), "{path}: {told:?} {repeated:?}");
            assert_eq!((told.len(), first), (repeated.len(), again), "{path}");
        }
        assert!(shown > 0, "no route shows a secret: what is this law for?");
    });
}
