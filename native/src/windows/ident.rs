//! What tells one file or folder from another that later has its name.

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

/// Volume and file id of what is at `path` itself, and when anything about it last changed: the time of change, which
/// FAT has not, and that of the last write.
pub(crate) fn stamp(path: &Path) -> io::Result<((u64, u64), (i64, i64))> {
    let file = sys::open_attributes(&long(&to_name(path))?)?;
    let stat = sys::stat_file(&file)?;
    let times = sys::information::<FILE_BASIC_INFO>(&file, FileBasicInfo)?;
    Ok(((stat.dev, stat.ino), (times.ChangeTime, times.LastWriteTime)))
}
