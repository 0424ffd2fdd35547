//! Files and folders that nobody else on the machine reads: the key, backups, the data folder with its mails.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Result, Write};
use std::path::Path;

/// Makes a file that is not there yet (mode 0600).
pub fn create(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a file with this text in it, whole and safe on disk when it appears. When one is there already it stays, and that is an error.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let beside = path.with_extension(super::keys::encode(&super::world::random::<9>()));
    let written = create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // A link, and not a new name: that would replace what another process has made meanwhile.
        std::fs::hard_link(&beside, path)
    });
    let removed = std::fs::remove_file(&beside);
    written.and(removed)
}

/// Makes a folder (mode 0700) and those above it. One that is there already stays as it is.
pub fn folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
