//! How much room there is on the disk that a folder lies on.

use std::path::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub free: u64,
    pub total: u64,
}

impl Room {
    pub fn percent_free(&self) -> u64 {
        (self.free * 100).checked_div(self.total).unwrap_or(0)
    }
}

/// Nothing when the system does not say.
#[cfg(unix)]
pub fn room(folder: &Path) -> Option<Room> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(Room { free: disk.f_bavail.saturating_mul(disk.f_frsize), total: disk.f_blocks.saturating_mul(disk.f_frsize) })
}

#[cfg(not(unix))]
pub fn room(_: &Path) -> Option<Room> {
    None
}
