//! Renames that never replace a file.

use std::fs::File;
use std::io;

use lockwait_core::observation::Name;

use super::names;
use crate::os::disk::{self, At, FileName, Folder};

/// How many names are tried before a name counts as taken for good.
const MOST_NAMES: u32 = 100_000;

/// Renames the file `from`, which `file` has a grip on, to `wanted` in the folder `to`, or with `unique` to the first
/// free name made from it; the name it got. Before each try `announce` is told the name.
pub(super) fn rename_free(
    file: &File,
    from: At<'_>,
    to: &Folder,
    wanted: &Name,
    unique: bool,
    mut announce: impl FnMut(&Name) -> io::Result<()>,
) -> io::Result<(Name, FileName)> {
    let mut number = 1;
    loop {
        let candidate = Name::from(names::candidate(wanted.as_bytes(), number));
        let target = disk::file_name(&candidate)?;
        announce(&candidate)?;
        match disk::rename(file, from, (to, &target)) {
            Ok(()) => return Ok((candidate, target)),
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists && unique && number < MOST_NAMES => number += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Gives a file its name `wanted` in `folder` back, or one made from it if that was taken in the meantime.
pub(super) fn put_back(file: &File, from: At<'_>, folder: &Folder, wanted: &Name) -> io::Result<Name> {
    rename_free(file, from, folder, wanted, true, |_| Ok(())).map(|(name, _)| name)
}
