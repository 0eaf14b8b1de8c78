//! How actors keep others from what they have open: with advisory locks on POSIX systems, by not sharing on Windows.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use clap::ValueEnum;

/// The advisory lock an actor takes on what it opens.
#[cfg(unix)]
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Lock {
    Ofd,
    Posix,
    Flock,
}

/// What an actor does not share of what it opens; without, it shares everything.
#[cfg(windows)]
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Lock {
    /// Everything.
    Exclusive,
    /// Writing and deletion.
    ShareRead,
    /// Deletion, and with it renaming.
    KeepName,
}

/// What a scanner does to a file it reads.
#[cfg(unix)]
pub(super) const SCANNERS: Lock = Lock::Flock;
#[cfg(windows)]
pub(super) const SCANNERS: Lock = Lock::KeepName;

/// Opens `path` as `options` say, locked if asked.
///
/// # Errors
/// It cannot be opened, or somebody else's lock is in the way.
#[cfg(unix)]
pub(super) fn open(options: &OpenOptions, path: &Path, lock: Option<Lock>) -> io::Result<File> {
    use lockwait_native::lock::{LockKind, lock as take};

    let file = options.open(path)?;
    match lock {
        Some(Lock::Ofd) => take(&file, LockKind::Ofd)?,
        Some(Lock::Posix) => take(&file, LockKind::Posix)?,
        Some(Lock::Flock) => take(&file, LockKind::Flock)?,
        None => {}
    }
    Ok(file)
}

/// Opens `path` as `options` say, shared as the lock allows.
///
/// # Errors
/// It cannot be opened, or somebody else does not share it.
#[cfg(windows)]
pub(super) fn open(options: &OpenOptions, path: &Path, lock: Option<Lock>) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt as _;

    // `FILE_SHARE_READ`, `_WRITE` and `_DELETE` of `winnt.h`.
    const READ: u32 = 1;
    const WRITE: u32 = 2;
    const DELETE: u32 = 4;
    let share = match lock {
        Some(Lock::Exclusive) => 0,
        Some(Lock::ShareRead) => READ,
        Some(Lock::KeepName) => READ | WRITE,
        None => READ | WRITE | DELETE,
    };
    options.clone().share_mode(share).open(path)
}
