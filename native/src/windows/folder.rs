//! Folders are not kept open: one that anybody has open cannot be renamed away with the folder above it, and Lockwait
//! stands in nobody's way. A file is reached by its full path, in the folder that is there now.

use std::io;

use lockwait_core::observation::Name;
use windows_sys::Win32::Foundation::ERROR_PATH_NOT_FOUND;

use super::path::{self, Wide};
use super::sys::{self, Stat};

pub(crate) use crate::folder::{Folder, Folders};

/// Its path in the long form.
pub(crate) type Root = Wide;

impl Folder {
    /// The full path of the file called `name` in the folder.
    pub(crate) fn join(&self, name: &Wide) -> Wide {
        self.root.join(name)
    }
}

/// What the folder at `path` is.
///
/// # Errors
/// It cannot be reached; `ERROR_PATH_NOT_FOUND`, as for a path that goes through it, when it is a file.
pub(crate) fn stat(path: &Name) -> io::Result<Stat> {
    open(path).map(|(_, stat)| stat)
}

/// The long form of `path`, and what the folder there is.
///
/// # Errors
/// As for [`stat`].
pub(crate) fn open(path: &Name) -> io::Result<(Root, Stat)> {
    let long = path::long(path)?;
    let stat = sys::stat_path(&long)?;
    if stat.is_folder() {
        Ok((long, stat))
    } else {
        Err(io::Error::from_raw_os_error(ERROR_PATH_NOT_FOUND.cast_signed()))
    }
}
