//! Puts a backup back: into an empty database of either kind, in one transaction that is committed only when the file turned out whole
//! and sealed with the key at hand.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::backup::{self, End, FORMAT, Head};
use super::store;
use crate::access::{Action, Need};
use crate::base::audit::{INSTANCE, Target};
use crate::base::db::dump::{self, Table};
use crate::base::db::{Conn, Ts, dialect, migrate};
use crate::base::error::{Error, Result};
use crate::base::keys::{self, Keys};
use crate::base::ops::{Command, Place};
use crate::base::tx::Tx;

#[derive(Debug)]
pub struct Restored {
    pub made_at: Ts,
    pub rows: BTreeMap<String, u64>,
    /// Mails that waited in the backup; they went out meanwhile or are out of date, so they are not sent from here.
    pub mails_dropped: u64,
}

/// Reads the whole of a backup into the database at `url`, which has to be empty, and brings that up to date.
pub fn read(url: &dialect::Url, keys: &Keys, mut file: impl BufRead) -> Result<Restored> {
    let mut sum = Sha256::new();
    let first = line(&mut file, &mut sum)?.unwrap_or_default();
    let head: Head = serde_json::from_str(&first).map_err(|_| Error::Unavailable("this file is no backup made by bailiwick".into()))?;
    if head.bailiwick_backup != FORMAT || head.schema > migrate::newest(url)? {
        let made_by = head.version;
        return Err(Error::Unavailable(format!("the backup was made by a newer version of Bailiwick ({made_by}); restore it with that one")));
    }
    if !keys::same(&head.key, &backup::mark(keys)) {
        return Err(Error::Unavailable(
            "the backup belongs to another secret key; put the secret.key of the installation that it was made of in place, then restore again"
                .into(),
        ));
    }
    prepare(url, &head)?;
    let mut c = url.connect().map_err(|e| Error::Unavailable(format!("cannot open {}: {e}", url.display())))?;
    c.begin_write()?;
    let outcome = fill(&mut c, keys, &mut file, sum);
    let (end, mails_dropped) = match outcome {
        Ok(done) => done,
        Err(e) => {
            c.rollback();
            return Err(e);
        }
    };
    c.commit()?;
    drop(c);
    migrate::run(url)?;
    Ok(Restored { made_at: head.made_at, rows: end.rows, mails_dropped })
}

/// The schema as it was when the backup was made; what came later runs over the rows afterwards.
fn prepare(url: &dialect::Url, head: &Head) -> Result<()> {
    migrate::run_to(url, Some(&head.schema))?;
    let mut c = url.connect().map_err(|e| Error::Unavailable(format!("cannot open {}: {e}", url.display())))?;
    if !store::is_untouched(&mut c)? {
        return Err(Error::Conflict(format!(
            "{} is not empty. A backup is restored into an empty database only: name another one, or move this one away",
            url.display()
        )));
    }
    if migrate::state(&mut c, url)?.schema != head.schema {
        return Err(Error::Conflict(format!(
            "{} is empty, but its schema is newer than that of the backup. Restore into a database that is not there yet; it is brought up to date afterwards",
            url.display()
        )));
    }
    Ok(())
}

/// Rows are put in by the handful: one at a time would take minutes for what takes seconds.
const HANDFUL: usize = 500;
const HANDFUL_BYTES: usize = 1 << 20;

struct Filling {
    target: dump::Target,
    statement: String,
    table: String,
    rows: String,
    waiting: usize,
    put: BTreeMap<String, u64>,
}

fn fill(c: &mut Conn, keys: &Keys, file: &mut impl BufRead, mut sum: Sha256) -> Result<(End, u64)> {
    store::clear_untouched(c)?;
    let mut filling = Filling {
        target: dump::Target::of(c)?,
        statement: String::new(),
        table: String::new(),
        rows: String::new(),
        waiting: 0,
        put: BTreeMap::new(),
    };
    let broken = |what: &str| Error::Unavailable(format!("the backup is damaged: {what}. Nothing was restored"));
    loop {
        let so_far = backup::hex(&sum.clone().finalize());
        let Some(line) = line(file, &mut sum)? else { return Err(broken("its end is missing")) };
        if line.starts_with('[') {
            filling.take(c, &line)?;
        } else if let Ok(table) = serde_json::from_str::<Table>(&line) {
            filling.begin(c, &table)?;
        } else {
            let end: End = serde_json::from_str(&line).map_err(|_| broken("a line of it cannot be read"))?;
            filling.flush(c)?;
            if end.sha256 != so_far {
                return Err(broken("its checksum does not match"));
            }
            if !keys::same(&end.seal, &backup::seal(keys, &end.sha256)) {
                return Err(broken("its seal does not match, somebody changed it"));
            }
            if end.rows != filling.put {
                return Err(broken("it has other rows than it says"));
            }
            let dropped = store::drop_waiting_mails(c)?;
            return Ok((end, dropped));
        }
    }
}

impl Filling {
    fn begin(&mut self, c: &mut Conn, table: &Table) -> Result<()> {
        self.flush(c)?;
        self.statement = self.target.statement(c, table)?;
        self.table.clone_from(&table.table);
        self.put.insert(table.table.clone(), 0);
        Ok(())
    }

    fn take(&mut self, c: &mut Conn, row: &str) -> Result<()> {
        self.rows.push(if self.waiting == 0 { '[' } else { ',' });
        self.rows.push_str(row);
        self.waiting += 1;
        if self.waiting >= HANDFUL || self.rows.len() >= HANDFUL_BYTES { self.flush(c) } else { Ok(()) }
    }

    fn flush(&mut self, c: &mut Conn) -> Result<()> {
        if self.waiting == 0 {
            return Ok(());
        }
        self.rows.push(']');
        let put = dump::put(c, &self.statement, &self.rows)
            .map_err(|e| Error::Unavailable(format!("{} cannot take the rows of the backup: {e}", self.table)))?;
        *self.put.entry(self.table.clone()).or_default() += put;
        self.rows.clear();
        self.waiting = 0;
        Ok(())
    }
}

/// The next line without its end; nothing at the end of the file. What was read goes into the sum.
fn line(file: &mut impl BufRead, sum: &mut Sha256) -> Result<Option<String>> {
    let mut text = String::new();
    let read = file.read_line(&mut text).map_err(|e| Error::Unavailable(format!("the backup cannot be read: {e}")))?;
    sum.update(text.as_bytes());
    Ok((read > 0).then(|| text.trim_end_matches('\n').to_owned()))
}

/// Writes down that everything before is as a backup had it.
pub struct NoteRestore {
    pub made_at: Ts,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Noted {
    pub made_at: Ts,
}

impl Command for NoteRestore {
    const ACTION: Action = Action::new("instance.restore", Need::Operator);
    type Output = Noted;

    fn place(&self) -> Place {
        Place::Instance
    }
    fn run(&self, tx: &mut Tx<'_>) -> Result<Noted> {
        let noted = Noted { made_at: self.made_at };
        let summary = format!("restored the installation from a backup of {}", self.made_at.exact());
        tx.record(Target::new("instance", INSTANCE, "Installation"), summary, &(), &noted)?;
        Ok(noted)
    }
}
