//! Imports: people brought in from a CSV file. First every row is told its fate and nothing is changed; then, when somebody says so, the
//! rows that can be taken in are, a few at a time. The row of the import is the job: it can be stopped, and survives a crash.

pub mod api;
pub mod commands;
pub mod judge;
pub mod live;
pub mod pages;
pub mod queries;
pub mod sheet;
pub mod slice;
pub mod store;
pub mod worker;

use serde::{Deserialize, Serialize};

use crate::base::db::Ts;
use crate::base::ids::{ImportId, UserId};
use crate::sections::Section;

pub const SECTION: Section = Section { pages: pages::routes, api: api::routes, undo: |_| None, nav: &[] };

/// How people come in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// Each is sent an invitation and joins by accepting it.
    #[default]
    Invite,
    /// Each is a member at once, without a mail; for operators. Who has no account gets one, and chooses a password by "Forgotten password".
    Add,
}

impl Way {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Add => "add",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Each row is being told its fate.
    Checking,
    /// Nothing has changed yet; it can be run.
    Checked,
    Running,
    Done,
    /// By somebody; what was taken in stays.
    Stopped,
    Failed,
}

impl State {
    pub const ALL: &[Self] = &[Self::Checking, Self::Checked, Self::Running, Self::Done, Self::Stopped, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Checked => "checked",
            Self::Running => "running",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
    pub fn is_at_work(self) -> bool {
        matches!(self, Self::Checking | Self::Running)
    }
}

/// An import as the API shows it.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Import {
    pub id: ImportId,
    pub file_name: String,
    pub way: Way,
    pub state: State,
    /// Why it waits, or has failed.
    pub message: String,
    /// Rows that are checked.
    pub total: i64,
    /// Of these: rows that can be taken in, or were.
    pub ready: i64,
    /// Of these: rows that were taken in.
    pub done: i64,
    pub created_by: UserId,
    pub created_at: Ts,
    pub ended_at: Option<Ts>,
    pub rev: i64,
    pub updated_at: Ts,
    /// Bytes of the file, and how many of them are checked.
    #[serde(skip)]
    pub size: i64,
    #[serde(skip)]
    pub position: i64,
    #[serde(skip, default = "beginning")]
    pub started_at: Ts,
    #[serde(skip, default = "beginning")]
    pub due_at: Ts,
    #[serde(skip)]
    pub proved_mfa: bool,
}

fn beginning() -> Ts {
    Ts(0)
}

impl Import {
    pub fn is_checked(&self) -> bool {
        self.position >= self.size
    }
    /// How much of the present stage is done, out of how much.
    pub fn progress(&self) -> (i64, i64) {
        if self.state == State::Checking || !self.is_checked() { (self.position, self.size) } else { (self.done, self.ready) }
    }
    pub fn can_run(&self) -> bool {
        matches!(self.state, State::Checked | State::Stopped | State::Failed) && self.is_checked() && self.done < self.ready
    }
}

/// One row of the file and its fate.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ImportRow {
    /// In the file; the heading is line 1.
    pub line: i64,
    pub email: String,
    pub name: String,
    pub roles: String,
    pub projects: String,
    /// `ready`, `done`, `member` (is one already), `duplicate` (invited already, or twice in the file) or `invalid`.
    pub state: String,
    pub message: String,
}

/// The states of a row, with the words of the pages.
pub const FATES: &[(&str, &str)] = &[
    ("ready", "To be taken in"),
    ("done", "Taken in"),
    ("member", "Member already"),
    ("duplicate", "Twice, or invited already"),
    ("invalid", "Cannot be taken"),
];

/// Reads what the database keeps as a word.
fn word<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str, text: &str) -> Option<T> {
    all.iter().copied().find(|one| name(*one) == text)
}
