//! The kit of the pages holds what they use and nothing else: all of it is compiled and sent with every page.

use std::collections::BTreeSet;

use super::style::{files, icons, none};

/// Templates without their comments.
fn templates() -> Vec<(String, String)> {
    files("templates", "html").into_iter().map(|(name, text)| (name, without(&text, "{#", "#}"))).collect()
}

fn without(text: &str, opens: &str, closes: &str) -> String {
    let mut parts = text.split(opens);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once(closes).map_or("", |(_, rest)| rest))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').filter(|w| !w.is_empty())
}

#[test]
fn every_macro_is_called() {
    let all = templates();
    let called = |name: &str| {
        let call = format!("{name}(");
        all.iter().any(|(_, text)| {
            text.match_indices(&call).any(|(at, _)| {
                let before = &text[..at];
                !before.ends_with("macro ") && !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            })
        })
    };
    let unused = all
        .iter()
        .flat_map(|(file, text)| text.split("macro ").skip(1).filter_map(move |rest| Some((file, rest.split_once('(')?.0))))
        .filter(|(_, name)| words(name).count() == 1 && !called(name))
        .map(|(file, name)| format!("{file}: {name}"))
        .collect();
    none("Nothing calls these macros: take them out.", unused);
}

#[test]
fn every_class_that_is_styled_is_given() {
    let scripts = files("static/js", "js");
    let sources = templates();
    let given: BTreeSet<&str> = sources.iter().chain(&scripts).flat_map(|(_, text)| words(text)).collect();
    let mut idle = Vec::new();
    for (file, text) in files("static/css", "css") {
        let text = without(&text, "/*", "*/");
        // Between a closing and an opening brace stand selectors.
        for selectors in text.split('{').map(|s| s.rsplit(['}', ';']).next().unwrap_or_default()) {
            for class in selectors.split('.').skip(1).filter_map(|rest| words(rest).next().filter(|w| rest.starts_with(w))) {
                if class.starts_with(|c: char| c.is_ascii_alphabetic()) && !given.contains(class) {
                    idle.push(format!("{file}: .{class}"));
                }
            }
        }
    }
    none("No template and no script gives these classes: take their rules out.", idle);
}

#[test]
fn every_icon_that_is_drawn_is_shown() {
    let sources: Vec<(String, String)> = templates().into_iter().chain(files("src", "rs")).chain(files("static/js", "js")).collect();
    let named: BTreeSet<&str> = sources.iter().flat_map(|(_, text)| words(text)).collect();
    none("Nothing shows these icons: take them out of the sprite.", icons().into_iter().filter(|icon| !named.contains(icon.as_str())).collect());
}
