//! What tells one file or folder from another that later has its name.

use std::fs::File;
use std::io;
use std::path::Path;

use windows_sys::Win32::Storage::FileSystem::{FILE_BASIC_INFO, FileBasicInfo};

use super::path::long;
use super::sys;
use crate::path::to_name;

/// Volume and file id of what is at `path`, links followed.
pub(crate) fn identity(path: &Path) -> io::Result<(u64, u64)> {
    sys::stat_path(&long(&to_name(path))?).map(|stat| (stat.dev, stat.ino))
}

/// Volume and file id of what is at `path` itself, and its [`last_change`].
pub(crate) fn stamp(path: &Path) -> io::Result<((u64, u64), (i64, i64))> {
    let file = sys::open_attributes(&long(&to_name(path))?)?;
    let stat = sys::stat_file(&file)?;
    Ok(((stat.dev, stat.ino), last_change(&file)?))
}

/// When anything about an open file last changed: the time of change, which FAT has not, and that of the last write.
pub(crate) fn last_change(file: &File) -> io::Result<(i64, i64)> {
    sys::information::<FILE_BASIC_INFO>(file, FileBasicInfo).map(|times| (times.ChangeTime, times.LastWriteTime))
}
