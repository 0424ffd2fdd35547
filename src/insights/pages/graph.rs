//! The points of the access map: three columns, and curves between them. The same data gives the same picture.

use std::collections::BTreeSet;

use super::geometry::{cut, one};
use crate::insights::access_map::{AccessMap, Through, Way, rank};

const TOP: f64 = 44.0;
const PERSON_X: f64 = 218.0;
const ROLE_X: (f64, f64) = (404.0, 532.0);
const PROJECT_X: f64 = 706.0;
/// Between two nodes of a column, at least.
const STEPS: [f64; 3] = [31.0, 43.0, 31.0];

pub struct Graph {
    pub height: String,
    pub lines: Vec<Line>,
    pub people: Vec<Node>,
    pub roles: Vec<Node>,
    pub projects: Vec<Node>,
}

pub struct Line {
    pub d: String,
    /// "on", "x" for people from outside, or nothing.
    pub look: &'static str,
}

pub struct Node {
    pub y: String,
    pub text_y: String,
    pub box_y: String,
    pub label: String,
    /// The whole name, shown under the pointer.
    pub title: String,
    /// What it asks the map about; nothing for what cannot be asked about.
    pub asks: Option<(&'static str, String)>,
    pub on: bool,
    pub external: bool,
    /// The level where a lit path ends.
    pub level: String,
}

/// The ends of curves, by what they stand for.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Debug)]
enum End {
    Person(String),
    Through(u8, String),
    Project(String),
}

fn through(t: &Through) -> End {
    match t {
        Through::Role(id) => End::Through(0, id.clone()),
        Through::Everyone => End::Through(1, String::new()),
        Through::Directly => End::Through(2, String::new()),
    }
}

type Edge = (End, End);

#[expect(clippy::cast_precision_loss, reason = "a few dozen nodes")]
pub fn graph(map: &AccessMap) -> Graph {
    let ways = map.ways();
    let middle = middle(map, &ways);
    let counts = [map.people.len(), middle.len(), map.projects.len()];
    let tall = counts.iter().zip(STEPS).map(|(n, step)| *n as f64 * step).fold(STEPS[1], f64::max);
    let y = |column: usize, at: usize| {
        let (n, least) = (counts.get(column).copied().unwrap_or(1) as f64, STEPS.get(column).copied().unwrap_or(31.0));
        let step = (tall / n).min(least * 1.5);
        TOP + (tall - n * step) / 2.0 + (at as f64 + 0.5) * step
    };
    let place = |end: &End| -> Option<f64> {
        match end {
            End::Person(id) => map.people.iter().position(|p| p.user_id == *id).map(|at| y(0, at)),
            End::Project(id) => map.projects.iter().position(|p| p.id == *id).map(|at| y(2, at)),
            via => middle.iter().position(|m| m.0 == *via).map(|at| y(1, at)),
        }
    };
    let lit = lit(map);
    let external = |end: &End| matches!(end, End::Person(id) if map.people.iter().any(|p| p.external && p.user_id == *id));
    let mut drawn: Vec<(Edge, &'static str)> = edges(map, &ways)
        .into_iter()
        .map(|(edge, from_outside)| {
            let look = if lit.contains(&edge) {
                "on"
            } else if from_outside || external(&edge.0) {
                "x"
            } else {
                ""
            };
            (edge, look)
        })
        .collect();
    drawn.sort_by_key(|(_, look)| match *look {
        "on" => 2,
        "x" => 1,
        _ => 0,
    });
    let lines = drawn.iter().filter_map(|((from, to), look)| Some(Line { d: curve(from, place(from)?, place(to)?), look })).collect();

    let on = |end: &End| lit.iter().any(|(a, b)| a == end || b == end);
    let node = |end: End, at: f64, label: &str, most: usize, asks| Node {
        y: one(at),
        text_y: one(at + 4.0),
        box_y: one(at - 13.0),
        label: cut(label, most),
        title: label.to_owned(),
        asks,
        on: on(&end),
        external: external(&end),
        level: level_at(map, &end),
    };
    let person = |(at, p): (usize, &crate::insights::access_map::MapPerson)| {
        let mut node = node(End::Person(p.user_id.clone()), y(0, at), &p.name, 21, Some(("person", p.user_id.clone())));
        node.on |= map.chosen.person.as_ref() == Some(&p.user_id);
        node.title = format!("{}, {}", p.name, p.email);
        node
    };
    let role = |(at, (end, name, id)): (usize, &(End, String, Option<String>))| {
        let mut node = node(end.clone(), y(1, at), name, 17, id.clone().map(|id| ("role", id)));
        node.on |= id.is_some() && map.role().map(|r| r.key.clone()) == *id;
        node
    };
    let project = |(at, p): (usize, &crate::insights::access_map::MapProject)| {
        let mut node = node(End::Project(p.id.clone()), y(2, at), &p.name, 19, Some(("project", p.slug.clone())));
        node.on |= map.chosen.project.as_ref() == Some(&p.id);
        node
    };
    Graph {
        height: one(TOP + tall + 4.0),
        people: map.people.iter().enumerate().map(person).collect(),
        roles: middle.iter().enumerate().map(role).collect(),
        projects: map.projects.iter().enumerate().map(project).collect(),
        lines,
    }
}

/// The column in the middle: the roles, and what is no role but opens something here.
fn middle(map: &AccessMap, ways: &[Way]) -> Vec<(End, String, Option<String>)> {
    let mut all: Vec<_> = map.roles.iter().map(|r| (End::Through(0, r.id.clone()), r.name.clone(), Some(r.key.clone()))).collect();
    if map.gives.iter().any(|g| g.kind == "everyone") {
        all.push((through(&Through::Everyone), "Everyone".into(), None));
    }
    if ways.iter().any(|w| w.through == Through::Directly) {
        all.push((through(&Through::Directly), "Direct access".into(), None));
    }
    all
}

/// Every line once, and whether it belongs to somebody from outside.
fn edges(map: &AccessMap, ways: &[Way]) -> Vec<(Edge, bool)> {
    let outside = |id: &str| map.people.iter().any(|p| p.external && p.user_id == id);
    let mut all: Vec<(Edge, bool)> = Vec::new();
    let mut add = |from: End, to: End, external: bool| {
        if !all.iter().any(|(edge, x)| edge.0 == from && edge.1 == to && *x == external) {
            all.push(((from, to), external));
        }
    };
    for person in &map.people {
        let held = map.roles.iter().filter(|r| person.roles.contains(&r.id));
        held.for_each(|r| add(End::Person(person.user_id.clone()), End::Through(0, r.id.clone()), false));
    }
    for way in ways.iter().filter(|w| !matches!(w.through, Through::Role(_))) {
        add(End::Person(way.person.clone()), through(&way.through), outside(&way.person));
    }
    for (from, to, external) in given(map) {
        add(from, to, external);
    }
    all
}

/// From the middle to the projects.
fn given(map: &AccessMap) -> Vec<(End, End, bool)> {
    let mut all = Vec::new();
    for role in map.roles.iter().filter(|r| r.everywhere.is_some()) {
        all.extend(map.projects.iter().map(|p| (End::Through(0, role.id.clone()), End::Project(p.id.clone()), false)));
    }
    for give in &map.gives {
        let from = match give.kind.as_str() {
            "role" => End::Through(0, give.subject.clone()),
            "everyone" => through(&Through::Everyone),
            _ => through(&Through::Directly),
        };
        let external = give.kind == "user" && map.people.iter().any(|p| p.external && p.user_id == give.subject);
        all.push((from, End::Project(give.project.clone()), external));
    }
    all
}

/// The lines of all ways that go through what was chosen; also of a role that nobody shown holds, or that opens nothing.
fn lit(map: &AccessMap) -> BTreeSet<Edge> {
    let mut lit = BTreeSet::new();
    for way in map.lit() {
        lit.insert((End::Person(way.person), through(&way.through)));
        lit.insert((through(&way.through), End::Project(way.project)));
    }
    let (chosen, is_it) = (&map.chosen, |chosen: &Option<String>, id: &str| chosen.as_ref().is_none_or(|c| c == id));
    if let (Some(role), None) = (&chosen.role, &chosen.project) {
        let holders = map.people.iter().filter(|p| p.roles.contains(role) && is_it(&chosen.person, &p.user_id));
        lit.extend(holders.map(|p| (End::Person(p.user_id.clone()), End::Through(0, role.clone()))));
    }
    if chosen.person.is_none() && map.is_chosen() {
        let by = |end: &End| chosen.role.as_ref().is_none_or(|r| *end == End::Through(0, r.clone()));
        let to = |end: &End| matches!(end, End::Project(id) if is_it(&chosen.project, id));
        lit.extend(given(map).into_iter().filter(|(from, end, _)| by(from) && to(end)).map(|(from, to, _)| (from, to)));
    }
    lit
}

/// The highest level at the end of a lit path: at the projects of a person or role, at the people of a project.
fn level_at(map: &AccessMap, end: &End) -> String {
    let highest = |levels: Vec<String>| levels.into_iter().max_by_key(|l| rank(l)).unwrap_or_default();
    let chosen = &map.chosen;
    match end {
        End::Project(id) if chosen.person.is_some() => highest(map.lit().into_iter().filter(|w| w.project == *id).map(|w| w.level).collect()),
        End::Project(id) => {
            let Some(role) = map.role() else { return String::new() };
            if chosen.project.as_ref().is_some_and(|p| p != id) {
                return String::new();
            }
            let given = map.gives.iter().filter(|g| g.kind == "role" && g.subject == role.id && g.project == *id).map(|g| g.level.clone());
            highest(given.chain(role.everywhere.clone()).collect())
        }
        End::Person(id) if chosen.project.is_some() && chosen.person.is_none() => {
            highest(map.lit().into_iter().filter(|w| w.person == *id).map(|w| w.level).collect())
        }
        _ => String::new(),
    }
}

fn curve(from: &End, y: f64, to: f64) -> String {
    let (x1, x2) = match from {
        End::Person(_) => (PERSON_X, ROLE_X.0),
        _ => (ROLE_X.1, PROJECT_X),
    };
    let middle = f64::midpoint(x1, x2);
    format!("M{} {}C{m} {} {m} {} {} {}", one(x1), one(y), one(y), one(to), one(x2), one(to), m = one(middle))
}

#[cfg(test)]
#[path = "graph_tests.rs"]
mod tests;
