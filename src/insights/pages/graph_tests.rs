//! One small map, looked at from every side.

use super::*;
use crate::insights::access_map::{Chosen, Give, MapPerson, MapProject, MapRole};

fn person(id: &str, external: bool, roles: &[&str]) -> MapPerson {
    let roles = roles.iter().map(|r| (*r).to_owned()).collect();
    MapPerson { user_id: id.into(), name: id.to_uppercase(), email: format!("{id}@x.example"), external, suspended: false, roles }
}
fn role(id: &str, everywhere: Option<&str>) -> MapRole {
    MapRole { id: id.into(), key: id.into(), name: id.to_uppercase(), holders: 1, everywhere: everywhere.map(str::to_owned) }
}
fn give(kind: &str, subject: &str, project: &str, level: &str) -> Give {
    Give { project: project.into(), kind: kind.into(), subject: subject.into(), level: level.into() }
}

/// Ana is ADMIN, Bob holds Data, Eva is from outside and has Sky by name.
fn map(person_: &str, role_: &str, project_: &str) -> AccessMap {
    let some = |t: &str| Some(t.to_owned()).filter(|t| !t.is_empty());
    let project = |id: &str| MapProject { id: id.into(), slug: id.into(), name: id.to_uppercase() };
    AccessMap {
        people: vec![person("ana", false, &["admin"]), person("bob", false, &["data"]), person("eva", true, &[])],
        roles: vec![role("admin", Some("Owner")), role("data", None), role("web", None)],
        projects: vec![project("sea"), project("sky")],
        gives: vec![
            give("role", "data", "sea", "Editor"),
            give("user", "eva", "sky", "Viewer"),
            give("user", "bob", "sea", "Viewer"),
            give("role", "web", "sky", "Viewer"),
        ],
        chosen: Chosen { person: some(person_), role: some(role_), project: some(project_), ..Chosen::default() },
        ..AccessMap::default()
    }
}

fn levels(nodes: &[Node]) -> Vec<&str> {
    nodes.iter().map(|n| n.level.as_str()).collect()
}
fn lit_names(nodes: &[Node]) -> Vec<&str> {
    nodes.iter().filter(|n| n.on).map(|n| n.label.as_str()).collect()
}

#[test]
fn nothing_is_lit_before_something_is_chosen_and_lines_from_outside_are_blue() {
    let graph = graph(&map("", "", ""));
    assert!(graph.lines.iter().all(|l| l.look != "on"));
    assert_eq!(graph.lines.iter().filter(|l| l.look == "x").count(), 2, "Eva to direct access, and on to Sky");
    assert_eq!(graph.roles.iter().map(|r| r.label.as_str()).collect::<Vec<_>>(), ["ADMIN", "DATA", "WEB", "Direct access"]);
    assert_eq!(graph.people.iter().filter(|p| p.external).count(), 1);
    assert_eq!(graph.roles[3].asks, None);
}

#[test]
fn a_person_lights_the_way_to_each_project_with_the_highest_level() {
    let graph = graph(&map("bob", "", ""));
    assert_eq!(levels(&graph.projects), ["Editor", ""]);
    assert_eq!((lit_names(&graph.people), lit_names(&graph.roles)), (vec!["BOB"], vec!["DATA", "Direct access"]));
    assert_eq!(graph.lines.iter().filter(|l| l.look == "on").count(), 4);
    assert_eq!(graph.lines.last().unwrap().look, "on", "lit lines lie above the others");
}

#[test]
fn a_role_lights_its_projects_and_a_project_its_people() {
    let by_role = graph(&map("", "web", ""));
    assert_eq!((levels(&by_role.projects), lit_names(&by_role.people)), (vec!["", "Viewer"], vec![]));
    let by_project = graph(&map("", "", "sea"));
    assert_eq!(levels(&by_project.people), ["Owner", "Editor", ""]);
    assert_eq!(lit_names(&by_project.projects), ["SEA"]);
}

#[test]
fn what_is_chosen_together_lights_only_what_goes_through_all_of_it() {
    let both = graph(&map("bob", "data", "sea"));
    assert_eq!((lit_names(&both.roles), levels(&both.projects)), (vec!["DATA"], vec!["Editor", ""]));
    let none = graph(&map("eva", "", "sea"));
    assert!(none.lines.iter().all(|l| l.look != "on"));
    assert_eq!((lit_names(&none.people), lit_names(&none.projects)), (vec!["EVA"], vec!["SEA"]), "what was asked about stays marked");
}

#[test]
fn curves_have_one_decimal_and_a_column_never_leaves_the_picture() {
    let mut map = map("", "", "");
    map.people = (0..12).map(|n| person(&format!("p{n}"), false, &["data"])).collect();
    let graph = graph(&map);
    assert_eq!(graph.height, "420.0");
    assert!(graph.lines[0].d.starts_with("M218.0 59.5C311.0 59.5 311.0 "), "{}", graph.lines[0].d);
    let lowest: f64 = graph.people.last().unwrap().y.parse().unwrap();
    assert!(lowest < 420.0);
}
