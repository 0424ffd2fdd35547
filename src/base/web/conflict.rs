//! Somebody was faster: what the record is now beside what was typed, and the choice that only a person can make.
//!
//! A form that edits a record carries the revision its author saw (`rev`) and what its fields said then (`was`). With these three
//! states of each field it is told who changed what; where no field was changed by both, both changes can be kept.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use askama::Template;

use super::ctx::{Ctx, reading};
use super::page::Shell;
use crate::base::audit;
use crate::base::error::Result;
use crate::base::form::Form;

/// One field of an edit form, with what the record says now.
#[derive(Debug, Clone)]
pub struct Field {
    /// As the form calls it; several values of one name are a set.
    name: &'static str,
    label: &'static str,
    now: Vec<String>,
    is_set: bool,
    /// What people read instead of a value.
    words: Vec<(String, String)>,
}

impl Field {
    pub fn text(name: &'static str, label: &'static str, now: impl ToString) -> Self {
        Self { name, label, now: vec![now.to_string()], is_set: false, words: Vec::new() }
    }
    /// Of a list of words.
    pub fn choice(name: &'static str, label: &'static str, now: impl ToString, words: &[(&str, &str)]) -> Self {
        let words = words.iter().map(|(value, word)| ((*value).to_owned(), (*word).to_owned())).collect();
        Self { words, ..Self::text(name, label, now) }
    }
    pub fn set(name: &'static str, label: &'static str, now: Vec<String>, words: Vec<(String, String)>) -> Self {
        Self { name, label, now, is_set: true, words }
    }

    fn word(&self, value: &str) -> String {
        self.words.iter().find(|(v, _)| v == value).map_or_else(|| value.to_owned(), |(_, word)| word.clone())
    }
    fn typed(&self, form: &Form) -> Vec<String> {
        match self.is_set {
            true => form.all(self.name),
            // The last of a name counts: a switch stands behind the value that it has when it is off.
            false => vec![form.0.iter().rev().find(|(n, _)| n == self.name).map(|(_, v)| v.trim().to_owned()).unwrap_or_default()],
        }
    }
    /// Both changes in one, unless both changed the same.
    fn both(&self, was: &[String], mine: &[String]) -> Option<Vec<String>> {
        if self.is_set {
            let kept = self.now.iter().filter(|v| mine.contains(v) || !was.contains(v));
            let added = mine.iter().filter(|v| !was.contains(v) && !self.now.contains(v));
            return Some(kept.chain(added).cloned().collect());
        }
        if mine == was || *mine == self.now {
            return Some(self.now.clone());
        }
        (self.now == was).then(|| mine.to_vec())
    }
    fn is_same(&self, a: &[String], b: &[String]) -> bool {
        a.len() == b.len() && a.iter().all(|v| b.contains(v))
    }
}

/// What the fields say, for the hidden field `was`.
pub fn was(fields: &[Field]) -> String {
    let values: BTreeMap<&str, &Vec<String>> = fields.iter().map(|f| (f.name, &f.now)).collect();
    serde_json::to_string(&values).unwrap_or_default()
}

/// The record as it is now, and the form that edits it.
pub struct Now {
    pub title: String,
    pub action: String,
    /// The form anew, without what was typed.
    pub back: String,
    pub rev: i64,
    /// Kind and id that its events in the audit log have.
    pub target: (&'static str, String),
    pub fields: Vec<Field>,
}

/// A value on one side, and whether that side has put it there or taken it away.
struct Part {
    text: String,
    sign: &'static str,
}

struct Line {
    label: &'static str,
    parts: Vec<Part>,
}

#[derive(Template)]
#[template(path = "layout/conflict.html", blocks = ["form"])]
struct Page {
    shell: Shell,
    now: Now,
    said: String,
    theirs: Vec<Line>,
    mine: Vec<Line>,
    /// What the form sends that replaces, and the one that keeps both; nothing where the same was changed twice.
    replace: Vec<(String, String)>,
    both: Option<Vec<(String, String)>>,
}

fn line(field: &Field, was: Option<&Vec<String>>, side: &[String]) -> Line {
    let part = |value: &String, sign| Part { text: field.word(value), sign };
    let mut parts: Vec<Part> = side
        .iter()
        .filter(|v| !v.is_empty())
        .map(|v| part(v, if was.is_some_and(|was| field.is_set && !was.contains(v)) { "added" } else { "" }))
        .collect();
    if field.is_set {
        parts.extend(was.into_iter().flatten().filter(|v| !side.contains(v)).map(|v| part(v, "removed")));
    }
    Line { label: field.label, parts }
}

fn sent(form: &Form, now: &Now, values: impl Fn(&Field) -> Vec<String>) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = now.fields.iter().flat_map(|f| values(f).into_iter().map(|v| (f.name.to_owned(), v))).collect();
    all.push(("rev".into(), now.rev.to_string()));
    all.push(("was".into(), was(&now.fields)));
    all.extend(Some(form.get("return_to")).filter(|to| !to.is_empty()).map(|to| ("return_to".into(), to.to_owned())));
    all
}

impl Ctx {
    /// Shows both states of the record and asks; nothing has been saved. The page of every edit form that was too late.
    pub async fn conflict(&self, shell: Shell, form: &Form, now: Now) -> Result<HttpResponse> {
        let org = shell.org.as_ref().map(|org| org.slug.clone());
        let (kind, id) = now.target.clone();
        let last = reading(&self.world, true, move |c| audit::last_change(c, org.as_deref(), kind, &id)).await?;
        let said = match last {
            Some((who, at)) => format!("{who} changed this {}.", at.relative(self.world.now()).to_lowercase()),
            None => "Somebody changed this since you opened it.".into(),
        };
        let was: BTreeMap<String, Vec<String>> = serde_json::from_str(form.get("was")).unwrap_or_default();
        let differing = || now.fields.iter().filter(|f| !f.is_same(&f.now, &f.typed(form)));
        let theirs = differing().map(|f| line(f, was.get(f.name), &f.now)).collect();
        let mine = differing().map(|f| line(f, was.get(f.name), &f.typed(form))).collect();
        let merged: Option<BTreeMap<&str, Vec<String>>> =
            now.fields.iter().map(|f| Some((f.name, f.both(was.get(f.name)?, &f.typed(form))?))).collect();
        let both = merged.filter(|m| {
            let equals = |of: &dyn Fn(&Field) -> Vec<String>| now.fields.iter().all(|f| m.get(f.name).is_some_and(|v| f.is_same(v, &of(f))));
            !equals(&|f| f.now.clone()) && !equals(&|f| f.typed(form))
        });
        let both = both.map(|m| sent(form, &now, |f| m.get(f.name).cloned().unwrap_or_default()));
        let replace = sent(form, &now, |f| f.typed(form));
        let page = Page { shell, said, theirs, mine, replace, both, now };
        self.html_as(412, &page, |target| (target == "dialog-body").then(|| page.as_form().render()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(values: &[&str]) -> Vec<String> {
        values.iter().map(|v| (*v).to_owned()).collect()
    }

    #[test]
    fn both_changes_are_kept_where_they_do_not_meet() {
        let name = Field::text("name", "Name", "Atlas maps");
        assert_eq!(name.both(&list(&["Atlas"]), &list(&["Atlas"])), Some(list(&["Atlas maps"])));
        assert_eq!(name.both(&list(&["Atlas maps"]), &list(&["Maps"])), Some(list(&["Maps"])));
        assert_eq!(name.both(&list(&["Atlas"]), &list(&["Maps"])), None);
        let roles = Field::set("roles[]", "Roles", list(&["default", "controls"]), Vec::new());
        assert_eq!(roles.both(&list(&["default"]), &list(&["default", "web"])), Some(list(&["default", "controls", "web"])));
        assert_eq!(roles.both(&list(&["default", "controls"]), &list(&["controls"])), Some(list(&["controls"])));
    }
}
