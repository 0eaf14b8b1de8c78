//! Renames that never replace a file.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;

use crate::burst::names;
use crate::posix::sys;

/// How many names are tried before a name counts as taken for good.
const MOST_NAMES: u32 = 100_000;

/// Renames `from` to `to`, which must be free: `EEXIST` when it is not.
///
/// Where the system cannot do this in one step, the file gets its new name as a second name and then loses the old
/// one. A kill between the two leaves both; the next attempt finds that the "other" file is the same file and only
/// takes the old name away.
pub(crate) fn rename(from: (&File, &CStr), to: (&File, &CStr)) -> io::Result<()> {
    let cannot = |error: &io::Error| {
        matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOSYS | libc::EOPNOTSUPP | libc::ENOTTY))
    };
    match sys::rename_exclusive(from, to) {
        Err(error) if cannot(&error) => {
            match sys::link_at(from, to) {
                Err(taken) if taken.raw_os_error() == Some(libc::EEXIST) => {
                    let (old, new) = (sys::stat_at(from.0, from.1)?, sys::stat_at(to.0, to.1)?);
                    if !old.is_same_file(&new) {
                        return Err(taken);
                    }
                }
                result => result?,
            }
            sys::unlink_at(from.0, from.1)
        }
        result => result,
    }
}

/// Renames `from` to `wanted` in the folder `to`, or with `unique` to the first free name made from it; the name it
/// got. Before each try `announce` is told the name.
pub(crate) fn rename_free(
    from: (&File, &CStr),
    to: &File,
    wanted: &[u8],
    unique: bool,
    mut announce: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let mut number = 1;
    loop {
        let candidate = names::candidate(wanted, number);
        let target = CString::new(candidate.as_slice()).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?;
        announce(&candidate)?;
        match rename(from, (to, &target)) {
            Ok(()) => return Ok(candidate),
            Err(taken) if taken.raw_os_error() == Some(libc::EEXIST) && unique && number < MOST_NAMES => number += 1,
            Err(error) => return Err(error),
        }
    }
}
