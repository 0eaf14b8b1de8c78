//! Opens a file for reading if nobody stands in the way.

use std::ffi::CStr;
use std::fs::File;

use lockwait_core::code::{Cause, Code};
use lockwait_core::observation::{Method, Refusal};

use super::folder::Folder;
use super::obstacle;
use super::sys::{self, Stat};
use crate::code;
use crate::probe::{Trouble, check_regular};

pub(crate) use crate::probe::{Seen, open};

/// The permissions say no, and will go on saying so (`errno:EPERM`).
pub(crate) const NOT_PERMITTED: Code = Code::errno(1);

/// Opens the file called `name` in `folder`, and asks who else has it.
pub(crate) fn open_in(folder: &Folder, name: &CStr) -> Result<(File, Stat, Method), Trouble> {
    // Opening a pipe or a device may do something to it, so the kind comes first.
    let before = sys::stat_at(&folder.root, name)?;
    check_regular(&before)?;
    let facts = Some(before.facts());
    let refused = |code| Trouble::Refused(Refusal { facts, method: Method::Open, ..Refusal::new(code) });
    let file = match sys::open_at(&folder.root, name, libc::O_RDONLY | libc::O_NONBLOCK, 0) {
        Ok(file) => file,
        Err(error) => match error.raw_os_error() {
            Some(libc::ENOENT) => return Err(Trouble::Missing(error)),
            // It became a symbolic link just now (FreeBSD says so with EMLINK).
            Some(libc::ELOOP | libc::EMLINK) => return Err(refused(Code::NOT_REGULAR)),
            Some(libc::EACCES) if is_forbidden(folder, name) => return Err(refused(NOT_PERMITTED)),
            _ if code::of(&error).cause() == Cause::Unreachable => return Err(Trouble::Error(error)),
            _ => return Err(refused(code::of(&error))),
        },
    };
    let method = obstacle::ask(&file, before.facts()).map_err(Trouble::Refused)?;
    // Only now is what the file says of itself worth anything: whoever was writing is done.
    let stat = sys::stat_file(&file)?;
    check_regular(&stat)?;
    Ok((file, stat, method))
}

/// Whether it is the permissions that forbid reading, and not a lock of a server (flock(2), SMB mounts).
fn is_forbidden(folder: &Folder, name: &CStr) -> bool {
    sys::may_read(&folder.root, name).is_err_and(|error| error.raw_os_error() == Some(libc::EACCES))
}
