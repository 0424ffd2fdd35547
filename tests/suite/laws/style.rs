//! The house style, as far as a program can read it.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with this ending, with its text and its path from the root.
pub fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap_or_else(|e| panic!("{}: {e}", next.display())).flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The lines that break a rule, each with its place, fail the test together.
#[track_caller]
pub fn none(rule: &str, broken: Vec<String>) {
    assert!(broken.is_empty(), "{rule}\n{}", broken.join("\n"));
}

fn lines<'a>(all: &'a [(String, String)], wrong: impl Fn(&str, &str) -> bool + 'a) -> Vec<String> {
    let of_file = |(name, text): &'a (String, String)| {
        let wrong = &wrong;
        text.lines()
            .enumerate()
            .filter(move |(_, l)| wrong(name, l))
            .map(move |(at, l)| format!("{name}:{}: {}", at + 1, l.trim()))
            .collect::<Vec<_>>()
    };
    all.iter().flat_map(of_file).collect()
}

#[test]
fn files_are_read_in_a_screenful_or_two() {
    let long = |files: Vec<(String, String)>, most: usize| {
        files
            .into_iter()
            .map(|(name, text)| (name, text.lines().count()))
            .filter(|(_, n)| *n > most)
            .map(|(name, n)| format!("{name}: {n}"))
            .collect()
    };
    none("A Rust file over 400 lines wants splitting by noun.", [long(files("src", "rs"), 400), long(files("tests", "rs"), 400)].concat());
    none("A template over 120 lines wants splitting.", long(files("templates", "html"), 120));
}

#[test]
fn sql_stands_only_in_stores() {
    let sql = ["schema::", "diesel::insert_into", "diesel::update", "diesel::delete", "sql_query", "batch_execute"];
    let home = |name: &str| {
        name.ends_with("/store.rs")
            || name.contains("/store/")
            || name.starts_with("src/base/db/")
            || name == "src/base/audit.rs"
            || name == "src/base/outbox.rs"
    };
    none("SQL belongs into store.rs.", lines(&files("src", "rs"), |name, line| !home(name) && sql.iter().any(|s| line.contains(s))));
}

#[test]
fn time_and_randomness_come_through_the_world() {
    let doors = ["Timestamp::now(", "SystemTime::now(", "rand::fill(", "Uuid::now_v7("];
    none("Ask World.", lines(&files("src", "rs"), |name, line| name != "src/base/world.rs" && doors.iter().any(|d| line.contains(d))));
}

#[test]
fn nothing_is_allowed_without_a_reason_and_nothing_panics() {
    let bad = ["#[allow(", "#![allow(", "todo!(", "unimplemented!(", "dbg!("];
    none("Write #[expect(lint, reason = ...)].", lines(&files("src", "rs"), |_, line| bad.iter().any(|b| line.contains(b))));
}

#[test]
fn templates_carry_no_raw_html_no_classes_and_no_scripts() {
    let templates = files("templates", "html");
    none("|safe is for the layout.", lines(&templates, |name, line| !name.starts_with("templates/layout/") && line.contains("|safe")));
    let kit = |name: &str| ["templates/ui/", "templates/layout/", "templates/email/"].iter().any(|p| name.starts_with(p));
    none("Class names belong to templates/ui.", lines(&templates, |name, line| !kit(name) && (line.contains("class=") || line.contains("style="))));
    none("No inline script, handler or style.", lines(&templates, |name, line| runs_script(line) || !kit_of_mail(name) && line.contains("<style")));
    none("hx-trigger takes no filter: it is evaluated as script.", lines(&templates, |_, line| filtered_trigger(line)));
}

/// Mail programs know no style sheets of ours.
fn kit_of_mail(name: &str) -> bool {
    name.starts_with("templates/email/")
}

fn runs_script(line: &str) -> bool {
    let handler = line.split_whitespace().any(|w| {
        let name = w.split('=').next().unwrap_or_default();
        w.contains('=') && name.len() > 4 && name.starts_with("on") && name.bytes().all(|b| b.is_ascii_lowercase())
    });
    let inline = line.contains("<script") && !line.contains("src=");
    handler || inline || line.contains("hx-on") || line.contains("javascript:") || line.contains("js:")
}

fn filtered_trigger(line: &str) -> bool {
    line.split("hx-trigger=\"").skip(1).any(|rest| rest.split('"').next().unwrap_or_default().contains('['))
}

#[test]
fn every_icon_of_the_navigation_is_drawn() {
    let drawn = icons();
    assert!(!drawn.is_empty(), "no icons were found in static");
    let mut unknown = Vec::new();
    for nav in bailiwick::sections::SECTIONS.iter().flat_map(|s| s.nav) {
        if !drawn.iter().any(|d| d == nav.icon) {
            unknown.push(format!("navigation: {}", nav.icon));
        }
    }
    none("These icons are not in the sprite.", unknown);
}

/// The ids of the symbols in the sprite.
pub fn icons() -> Vec<String> {
    let sprites = files("static", "svg");
    sprites
        .iter()
        .flat_map(|(_, text)| text.split("<symbol").skip(1))
        .filter_map(|s| s.split("id=\"").nth(1)?.split('"').next().map(str::to_owned))
        .collect()
}
