//! `backup` and `restore` as the person with the shell calls them: files and their modes, what is looked at afterwards, what is said.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use super::{backup, restore, start};
use crate::base::config::Settings;
use crate::base::db::dialect::Url;
use crate::base::error::{Error, Result};
use crate::base::tx::Caller;
use crate::base::world::{self, Clock, World};
use crate::base::{ops, private};
use crate::{account, audit};

/// Standard input or output in place of a file.
const DASH: &str = "-";

/// Writes a backup; a file appears under its name only when it is whole. Returns what to say.
pub fn back_up(settings: &Settings, file: &Path) -> Result<String> {
    let keys = start::keys(settings)?;
    let now = world::now();
    let end = if file == Path::new(DASH) {
        backup::write(&settings.database_url, &keys, now, BufWriter::new(std::io::stdout().lock()))?
    } else {
        let cannot = |e: std::io::Error| Error::Unavailable(format!("{}: {e}", file.display()));
        if file.exists() {
            return Err(Error::Conflict(format!("{} is there already. Choose another name: a backup never overwrites one", file.display())));
        }
        let begun = PathBuf::from(format!("{}.part", file.display()));
        let part = private::create(&begun).map_err(cannot)?;
        let written = backup::write(&settings.database_url, &keys, now, BufWriter::new(&part));
        let whole = written.and_then(|end| part.sync_all().and_then(|()| std::fs::rename(&begun, file)).map(|()| end).map_err(cannot));
        if whole.is_err() {
            // Half a backup is worse than none; why there is none is what matters.
            let _ = std::fs::remove_file(&begun);
        }
        whole?
    };
    let rows: u64 = end.rows.values().sum();
    Ok(format!(
        "Backed up {rows} rows of {} tables from {} (SHA-256 {}).\nThe secret key is not in it: keep {} too, and keep it elsewhere. Without it the backup cannot be restored.",
        end.rows.len(),
        settings.database_url.display(),
        end.sha256,
        settings.secret_key_file.display(),
    ))
}

/// What a restore came to.
pub struct Outcome {
    pub said: String,
    /// Whether everything that can be checked held.
    pub sound: bool,
}

pub fn restore(settings: &Settings, file: &Path) -> Result<Outcome> {
    let keys = start::keys(settings)?;
    private::folder(&settings.data_dir).map_err(|e| Error::Unavailable(format!("data-dir {}: {e}", settings.data_dir.display())))?;
    let restored = read(&settings.database_url, &keys, file)?;
    let world = start::open(settings.clone(), Clock::System)?;
    let (checked, sound) = look(&world, &restored)?;
    ops::run(&world, &Caller::cli(), &restore::NoteRestore { made_at: restored.made_at })?;
    let said = format!(
        "Restored {} to how it was on {}.\n{checked}{} that waited then were dropped.\nEverybody signs in anew: sessions, mailed links for passwords and addresses, and known browsers of that time are gone.\nWhat was taken away since then is back: look through members and personal access tokens.",
        settings.database_url.display(),
        restored.made_at.exact(),
        crate::base::text::count(i64::try_from(restored.mails_dropped).unwrap_or(0), "mail", "mails"),
    );
    Ok(Outcome { said, sound })
}

/// Restores into a throw-away database and looks at that; the installation is not touched.
pub fn verify(settings: &Settings, file: &Path) -> Result<Outcome> {
    let keys = start::keys(settings)?;
    let folder = Passing(settings.data_dir.join(format!("restore-check.{}", std::process::id())));
    private::folder(&folder.0).map_err(|e| Error::Unavailable(format!("data-dir {}: {e}", folder.0.display())))?;
    let mut aside = settings.clone();
    aside.database_url = Url::Sqlite(folder.0.join("bailiwick.db").display().to_string());
    let restored = read(&aside.database_url, &keys, file)?;
    let world = start::open(aside, Clock::System)?;
    let (checked, sound) = look(&world, &restored)?;
    let verdict = if sound { "This backup can be restored." } else { "This backup can be read, but something in it does not hold." };
    Ok(Outcome { said: format!("Made on {}.\n{checked}{verdict} Nothing was changed.", restored.made_at.exact()), sound })
}

/// A folder that goes away with its owner.
struct Passing(PathBuf);
impl Drop for Passing {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!("{} could not be removed: {e}", self.0.display());
        }
    }
}

fn read(url: &Url, keys: &crate::base::keys::Keys, file: &Path) -> Result<restore::Restored> {
    if file == Path::new(DASH) {
        return restore::read(url, keys, std::io::stdin().lock());
    }
    let open = File::open(file).map_err(|e| Error::Unavailable(format!("{}: {e}", file.display())))?;
    restore::read(url, keys, BufReader::with_capacity(1 << 18, open))
}

/// Row counts, the audit chains, and whether the authenticators' keys open.
fn look(world: &World, restored: &restore::Restored) -> Result<(String, bool)> {
    let mut said = String::new();
    let rows: u64 = restored.rows.values().sum();
    said.push_str(&format!("{rows} rows in {} tables, checksum and seal match.\n", restored.rows.len()));
    let reports = audit::verify::verify(world, None)?;
    let mut sound = true;
    for report in reports.iter().filter_map(|r| r.broken.as_ref().map(|why| (r, why))) {
        sound = false;
        said.push_str(&format!("The audit chain of {} is BROKEN: {}\n", report.0.chain, report.1));
    }
    if sound {
        said.push_str(&format!("{} audit events in {} chains, every chain holds.\n", reports.iter().map(|r| r.events).sum::<u64>(), reports.len()));
    }
    let seeds = account::mfa::seeds(world)?;
    if seeds.unreadable > 0 {
        sound = false;
        said.push_str(&format!("{} of {} authenticators do NOT open with the secret key.\n", seeds.unreadable, seeds.all));
    }
    Ok((said, sound))
}
