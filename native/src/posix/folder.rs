//! Folders are kept open: a file is then reached in the folder that was looked at, whatever its path leads to by now.

use std::fs::File;
use std::io;

use lockwait_core::observation::Name;

use super::sys::{self, Stat};

pub(crate) use crate::folder::{Folder, Folders};

/// For the calls that end in `_at`, and for flushing it.
pub(crate) type Root = File;

/// What the folder at `path` is.
pub(crate) fn stat(path: &Name) -> io::Result<Stat> {
    sys::stat_path(&sys::path(path)?)
}

/// Opens the folder at `path`; what it is.
pub(crate) fn open(path: &Name) -> io::Result<(Root, Stat)> {
    let folder = sys::open_folder(&sys::path(path)?)?;
    let stat = sys::stat_file(&folder)?;
    Ok((folder, stat))
}
