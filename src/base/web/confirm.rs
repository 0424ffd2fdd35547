//! Asking before access is taken away: the same command as a preview, told by name, in a dialog or on a page of its own.

use actix_web::HttpResponse;
use askama::Template;

use super::ctx::Ctx;
use super::page::Shell;
use crate::access::Impact;
use crate::access::impact::{People, Person};
use crate::base::db::Ts;
use crate::base::error::{Error, Result};
use crate::base::ops::Command;
use crate::base::text::initials;

/// What is asked.
pub struct Confirm {
    /// "Remove Ana Ruiz?"
    pub title: String,
    pub lede: String,
    pub action: String,
    /// What the button says: "Remove Ana Ruiz".
    pub label: String,
    pub back: String,
    /// What the form carries on, beside the preview.
    pub fields: Vec<(String, String)>,
    /// A sentence of its own for what the impact cannot tell, with names or words behind it.
    pub remark: String,
    pub list: Vec<String>,
    pub danger: bool,
    /// What has to be typed, for what nothing brings back; the command compares it with its `confirm`.
    pub typed: String,
    /// The sentences above say all that changes, where an empty impact would mislead.
    pub said_all: bool,
}

impl Confirm {
    /// What somebody is about to lose.
    pub fn loss(title: String, action: String, label: String, back: String) -> Self {
        let fields = vec![("return_to".to_owned(), back.clone())];
        Self {
            title,
            action,
            label,
            back,
            fields,
            lede: String::new(),
            remark: String::new(),
            list: Vec::new(),
            danger: true,
            typed: String::new(),
            said_all: false,
        }
    }
    pub fn typed(self, word: impl Into<String>) -> Self {
        Self { typed: word.into(), ..self }
    }
    pub fn lede(self, lede: impl Into<String>) -> Self {
        Self { lede: lede.into(), ..self }
    }
    pub fn field(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }
    pub fn list(self, remark: impl Into<String>, list: Vec<String>) -> Self {
        Self { remark: remark.into(), list, ..self }
    }
}

/// An impact in the words of a page.
pub struct Effect {
    pub hash: String,
    pub numbers: Vec<(i64, &'static str)>,
    pub groups: Vec<Group>,
    /// When it is about one person: what they lose and gain.
    pub lost: Vec<String>,
    pub gained: Vec<String>,
}

/// People of one fate.
pub struct Group {
    pub title: String,
    pub people: Vec<Someone>,
    /// How many are counted but not named.
    pub unnamed: i64,
}

pub struct Someone {
    pub name: String,
    pub note: String,
    pub initials: String,
    pub kind: String,
}

impl Effect {
    pub fn of(impact: &Impact, now: Ts) -> Self {
        let one = impact.loses.count + impact.gains.count > 0 && impact.loses.count <= 1 && impact.gains.count <= 1;
        let words = |people: &People| people.people.first().filter(|_| one).map(|p| p.what.iter().map(|w| upper(w)).collect()).unwrap_or_default();
        let numbers = [
            (
                impact.must_enrol.count,
                "has no second factor, and sets one up before going on.",
                "have no second factor. They set one up before they can go on.",
            ),
            (
                impact.must_verify.count,
                "has one, but signed in without it, and signs in again.",
                "have one, but signed in without it. They sign in again.",
            ),
            (if one { 0 } else { impact.loses.count }, "loses access.", "lose access."),
            (if one { 0 } else { impact.gains.count }, "gains access.", "gain access."),
            (impact.sessions_ended, "open session no longer opens this organization.", "open sessions no longer open this organization."),
            (impact.unaffected, "notices nothing.", "notice nothing."),
        ];
        let groups = [
            ("Without a second factor", &impact.must_enrol),
            ("Signed in without their second factor", &impact.must_verify),
            ("Who loses what", &impact.loses),
            ("Who gains what", &impact.gains),
        ];
        Self {
            hash: impact.hash(),
            numbers: numbers.into_iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| (n, if n == 1 { one } else { many })).collect(),
            groups: groups
                .into_iter()
                .filter(|(title, p)| p.count > 0 && !(one && title.starts_with("Who ")))
                .map(|(t, p)| group(t, p, now))
                .collect(),
            lost: words(&impact.loses),
            gained: words(&impact.gains),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.groups.is_empty() && self.lost.is_empty() && self.gained.is_empty()
    }
}

fn group(title: &str, people: &People, now: Ts) -> Group {
    let someone = |p: &Person| Someone {
        name: p.name.clone(),
        note: match (p.what.as_slice(), p.last_seen) {
            ([], Some(seen)) => format!("Seen {}", Ts(seen).relative(now).to_lowercase()),
            ([], None) => "Never signed in".into(),
            (what, _) => upper(&what.join(", ")),
        },
        initials: initials(&p.name),
        kind: p.kind.clone(),
    };
    let named = i64::try_from(people.people.len()).unwrap_or(0);
    Group { title: title.to_owned(), people: people.people.iter().map(someone).collect(), unnamed: people.count - named }
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "layout/confirm.html", blocks = ["form"])]
struct Page {
    shell: Shell,
    ask: Confirm,
    /// Nothing when it cannot be done; then `said` tells why.
    effect: Option<Effect>,
    said: String,
    /// What is wrong with the word that was typed.
    mistyped: String,
}

impl Ctx {
    /// Shows what the command would do and asks for it. `said` is what the attempt before was answered with: a preview that went
    /// stale is shown anew (412), a contradiction in its words (409); every other error goes its usual way.
    pub async fn confirm<C: Command>(&self, shell: Shell, ask: Confirm, command: C, said: Option<Error>) -> Result<HttpResponse> {
        let (mut status, mut words, mut known, mut mistyped) = (200, String::new(), None, String::new());
        match said {
            None => {}
            Some(Error::PreviewStale(impact)) => {
                (status, words) = (412, "Things changed since you looked. This is what it would do now.".into());
                known = Some(*impact);
            }
            Some(e @ (Error::Conflict(_) | Error::Stale { .. })) => (status, words) = (e.status(), e.message()),
            Some(Error::Invalid(fields)) if !ask.typed.is_empty() => {
                (status, mistyped) = (422, fields.into_iter().map(|f| f.message).collect::<Vec<_>>().join(" "));
            }
            Some(other) => return Err(other),
        }
        let seen = match known {
            Some(impact) => Ok(impact),
            None => self.preview(command).await,
        };
        let effect = match seen {
            Ok(impact) => Some(Effect::of(&impact, self.world.now())),
            Err(Error::Conflict(why)) => {
                words = why;
                None
            }
            Err(other) => return Err(other),
        };
        let page = Page { shell, ask, effect, said: words, mistyped };
        self.html_as(status, &page, |target| (target == "dialog-body").then(|| page.as_form().render()))
    }
}
