//! Every page is looked at by the story of looks; what is no page of its own says why not.

use std::collections::BTreeSet;

use bailiwick::sections::Map;

/// The list of pages that the browser opens: its lines are `['name', 'route', address]` or `'route': 'why it is none'`.
const LIST: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/lib/pages.mjs"));

/// The route that a line of the list is about, and whether it says that there is nothing to look at.
fn route(line: &'static str) -> Option<(&'static str, bool)> {
    let line = line.trim();
    let mut quoted = line.split('\'').skip(1).step_by(2);
    match line.strip_prefix('[') {
        Some(_) => quoted.nth(1).map(|route| (route, false)),
        None if line.starts_with("'/") => quoted.next().map(|route| (route, true)),
        None => None,
    }
}

#[test]
fn every_page_has_somebody_who_looks_at_it() {
    let map = Map::default();
    let pages: BTreeSet<&str> = map.routes.table.iter().filter(|r| r.method == "GET").map(|r| r.path).collect();
    let listed: Vec<(&str, bool)> = LIST.lines().filter_map(route).filter(|(route, _)| !route.is_empty()).collect();
    let mut wrong: Vec<String> = pages
        .iter()
        .filter(|path| !listed.iter().any(|(route, _)| route == *path))
        .map(|path| format!("{path}: give tests/browser/lib/pages.mjs an example of it, or the reason why there is nothing to look at"))
        .collect();
    wrong.extend(listed.iter().filter(|(route, _)| !pages.contains(route)).map(|(route, _)| format!("{route} is gone: take it out of pages.mjs")));
    let twice = |route: &&str| listed.contains(&(route, true)) && listed.contains(&(route, false));
    wrong.extend(pages.iter().filter(|r| twice(r)).map(|route| format!("{route} is looked at and is not: take one line out of pages.mjs")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
