//! What tells one file or folder from another that later has its name.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Volume and file id of what is at `path`, symbolic links followed.
pub(crate) fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(path).map(|metadata| of(&metadata))
}

/// Volume and file id of what is at `path` itself, and when anything about it last changed.
pub(crate) fn stamp(path: &Path) -> io::Result<((u64, u64), (i64, i64))> {
    fs::symlink_metadata(path).map(|metadata| (of(&metadata), change(&metadata)))
}

/// When anything about an open file last changed; nobody can set this.
pub(crate) fn last_change(file: &File) -> io::Result<(i64, i64)> {
    file.metadata().map(|metadata| change(&metadata))
}

fn change(metadata: &Metadata) -> (i64, i64) {
    (metadata.ctime(), metadata.ctime_nsec())
}

fn of(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}
