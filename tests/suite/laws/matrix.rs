//! Every action of the API as every kind of principal: who may do what, as a table to read when it changes.

use std::fmt::Write as _;

use crate::support::{Scene, each};

/// Changes are asked with ?preview=true: decided and carried out in full, then undone, so that each cell finds the same scene.
/// A cell is the status; 409 is allowed in principle but not as things stand.
#[test]
fn who_may_do_what_is_written_down() {
    each(|app| async move {
        let scene = Scene::set(&app).await;
        let mut table = String::new();
        write!(table, "{:62}", "action").unwrap();
        for (name, _) in scene.everybody() {
            write!(table, " {name:>9}").unwrap();
        }
        table.push('\n');
        for route in &app.map().api.table {
            let path = scene.path(route).await;
            let asked = if route.writes { format!("{path}?preview=true") } else { path };
            write!(table, "{:62}", format!("{} {} {}", route.action.name, route.method, route.path)).unwrap();
            for (_, who) in scene.everybody() {
                let status = scene.call(who, route.method.clone(), &asked, scene.body(route)).await.status;
                write!(table, " {status:>9}").unwrap();
            }
            table.push('\n');
        }
        insta::assert_snapshot!("matrix", table);
    });
}
