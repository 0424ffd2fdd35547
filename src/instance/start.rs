//! Opens an installation: its folder, its database brought up to date, its key, and the world around them.

use super::store;
use crate::base::config::Settings;
use crate::base::db::{Database, migrate};
use crate::base::error::{Error, Result};
use crate::base::keys::Keys;
use crate::base::private;
use crate::base::world::{Clock, World, random};

/// Migrates and opens everything; a fresh installation gets its key here.
pub fn open(settings: Settings, clock: Clock) -> Result<World> {
    // It holds mails with live links, and the key.
    private::folder(&settings.data_dir).map_err(|e| Error::Unavailable(format!("data-dir {}: {e}", settings.data_dir.display())))?;
    migrate::run(&settings.database_url)?;
    let db = Database::open(settings.database_url.clone(), settings.db_readers, settings.db_writers);
    let may_make = !store::is_set_up(&mut *db.reader()?)?;
    let keys = Keys::load_or_make(&settings.secret_key_file, random(), may_make)?;
    Ok(World::new(settings, keys, db, clock))
}

/// The key of an installation that is there already; it is never made here.
pub fn keys(settings: &Settings) -> Result<Keys> {
    Keys::load_or_make(&settings.secret_key_file, [0; 32], false)
}
