//! A backup: the rows of the database in one file, the same whether it is SQLite or PostgreSQL, made while it is in use.
//!
//! ```text
//! {"bailiwick_backup":1,"version":...,"schema":...,"made_at":...,"key":...}     the head
//! {"table":"users","columns":["id","email",...]}                                 then its rows, then the next table
//! ["usr_01...","ana@example.org",...]
//! {"rows":{"users":47,...},"sha256":...,"seal":...}                              the end, over everything above
//! ```
//!
//! What was only good for its moment (sessions, links that work once, known browsers) is not in it, and neither is the secret key:
//! what is sealed in the database stays sealed. The seal is made with that key, so that nobody without it makes a backup.

use std::collections::BTreeMap;
use std::io::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::db::{Ts, dialect, dump, migrate};
use crate::base::error::{Error, Result};
use crate::base::keys::Keys;

pub const FORMAT: u32 = 1;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Head {
    pub bailiwick_backup: u32,
    /// The program that made it.
    pub version: String,
    /// The newest migration of the database.
    pub schema: String,
    pub made_at: Ts,
    /// By which the right key is known before anything is read.
    pub key: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct End {
    pub rows: BTreeMap<String, u64>,
    pub sha256: String,
    pub seal: String,
}

/// A tag by which a key is known; it says nothing about the key.
pub fn mark(keys: &Keys) -> String {
    keys.tag("backup-key", "of this installation")
}

pub fn seal(keys: &Keys, sha256: &str) -> String {
    keys.tag("backup", sha256)
}

/// Writes everything to `out` as it is at one moment. Writers go on meanwhile.
pub fn write(url: &dialect::Url, keys: &Keys, now: Ts, out: impl Write) -> Result<End> {
    let mut out = Summed { out, sum: Sha256::new() };
    let mut c = url.connect().map_err(|e| Error::Unavailable(format!("cannot open {}: {e}", url.display())))?;
    let schema = migrate::state(&mut c, url)?.schema;
    if schema.is_empty() {
        return Err(Error::Unavailable(format!("{} is empty: there is nothing to back up", url.display())));
    }
    let version = env!("CARGO_PKG_VERSION").to_owned();
    out.line(&serde_json::to_string(&Head { bailiwick_backup: FORMAT, version, schema, made_at: now, key: mark(keys) })?)?;
    let rows = dump::on_one_state(&mut c, |c| {
        let mut rows = BTreeMap::new();
        for table in dump::tables(c)? {
            out.line(&serde_json::to_string(&table)?)?;
            let count = dump::rows(c, &table, &mut |row| out.line(row))?;
            rows.insert(table.table, count);
        }
        Ok(rows)
    })?;
    let sha256 = hex(&out.sum.clone().finalize());
    let end = End { rows, seal: seal(keys, &sha256), sha256 };
    out.line(&serde_json::to_string(&end)?)?;
    out.out.flush().map_err(cannot_write)?;
    Ok(end)
}

struct Summed<W> {
    out: W,
    sum: Sha256,
}

impl<W: Write> Summed<W> {
    fn line(&mut self, line: &str) -> Result<()> {
        self.sum.update(line.as_bytes());
        self.sum.update(b"\n");
        self.out.write_all(line.as_bytes()).and_then(|()| self.out.write_all(b"\n")).map_err(cannot_write)
    }
}

fn cannot_write(e: std::io::Error) -> Error {
    Error::Unavailable(format!("the backup cannot be written: {e}"))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
