//! The look: open for reading, ask who stands in the way, ask the content.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::sync::Arc;

use lockwait_core::code::{Cause, Code};
use lockwait_core::observation::{Look, Method, Place, Refusal, Scope};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Companions;

use super::folder::{Folder, Folders};
use super::sys::{self, Stat};
use super::{content, obstacle};
use crate::code;

/// The permissions say no, and will go on saying so (`errno:EPERM`).
pub(crate) const NOT_PERMITTED: Code = Code::errno(1);

/// A file that nobody stands in the way of, open for reading.
pub(crate) struct Seen {
    /// The folder it is in.
    pub(crate) folder: Arc<Folder>,
    /// Its name there.
    pub(crate) name: CString,
    /// At its start.
    pub(crate) file: File,
    /// As it was after everybody had been asked.
    pub(crate) stat: Stat,
    /// What vouches for it being free.
    pub(crate) method: Method,
}

/// See [`crate::probe::Prober::look`].
pub(crate) fn look(folders: &Folders, place: &Place, companions: &Companions) -> Outcome {
    let seen = match open(folders, place) {
        Ok(seen) => seen,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    let facts = seen.stat.facts();
    match content::ask(&seen.file, place, facts.size, companions) {
        Ok(said) => {
            Outcome::Opened(Look { facts, content: said.content, method: seen.method, companions: said.companions })
        }
        Err(content::Failed::Rejected(code)) => Outcome::Rejected(code),
        Err(content::Failed::Read(error)) => {
            Outcome::Refused(Refusal { facts: Some(facts), ..of_file(folders, place, &error) })
        }
    }
}

/// Opens the file at `place` if nobody stands in the way.
pub(crate) fn open(folders: &Folders, place: &Place) -> Result<Seen, Refusal> {
    let name = sys::file_name(&place.name).map_err(|_| Refusal::new(Code::OUTSIDE))?;
    let folder = folders.get(&place.folder).map_err(|error| of_folder(&error))?;
    match open_in(&folder, &name) {
        Err(Trouble::Missing) => {
            // Missing from the folder that was open, which need not be the one that is there now.
            let current = folders.check(&place.folder).map_err(|error| of_folder(&error))?;
            let missing = || Trouble::Error(io::Error::from_raw_os_error(libc::ENOENT));
            if Arc::ptr_eq(&folder, &current) {
                return Err(missing().refusal(folders, place));
            }
            let found = open_in(&current, &name);
            found.map(|(file, stat, method)| Seen { folder: current, name, file, stat, method })
        }
        found => found.map(|(file, stat, method)| Seen { folder, name, file, stat, method }),
    }
    .map_err(|trouble| trouble.refusal(folders, place))
}

/// Why a file was not opened.
enum Trouble {
    /// There is no such file in the folder.
    Missing,
    /// This is why.
    Refused(Refusal),
    /// A call failed.
    Error(io::Error),
}

impl Trouble {
    fn refusal(self, folders: &Folders, place: &Place) -> Refusal {
        match self {
            Trouble::Refused(refusal) => refusal,
            Trouble::Missing => of_file(folders, place, &io::Error::from_raw_os_error(libc::ENOENT)),
            Trouble::Error(error) => of_file(folders, place, &error),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        if error.raw_os_error() == Some(libc::ENOENT) { Trouble::Missing } else { Trouble::Error(error) }
    }
}

fn open_in(folder: &Folder, name: &CStr) -> Result<(File, Stat, Method), Trouble> {
    // Opening a pipe or a device may do something to it, so the kind comes first.
    let before = sys::stat_at(&folder.file, name)?;
    check_regular(&before)?;
    let facts = Some(before.facts());
    let refused = |code| Trouble::Refused(Refusal { facts, method: Method::Open, ..Refusal::new(code) });
    let file = match sys::open_at(&folder.file, name, libc::O_RDONLY | libc::O_NONBLOCK, 0) {
        Ok(file) => file,
        Err(error) => match error.raw_os_error() {
            Some(libc::ENOENT) => return Err(Trouble::Missing),
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

fn check_regular(stat: &Stat) -> Result<(), Trouble> {
    let refusal = || Refusal { facts: Some(stat.facts()), method: Method::Open, ..Refusal::new(Code::NOT_REGULAR) };
    if stat.is_regular() { Ok(()) } else { Err(Trouble::Refused(refusal())) }
}

/// Whether it is the permissions that forbid reading, and not a lock of a server (flock(2), SMB mounts).
fn is_forbidden(folder: &Folder, name: &CStr) -> bool {
    sys::may_read(&folder.file, name).is_err_and(|error| error.raw_os_error() == Some(libc::EACCES))
}

/// A refusal that is the folder's.
fn of_folder(error: &io::Error) -> Refusal {
    Refusal { scope: Scope::Folder, method: Method::Open, ..Refusal::new(code::of(error)) }
}

/// A refusal that is the file's, unless the error speaks of the way to it.
fn of_file(folders: &Folders, place: &Place, error: &io::Error) -> Refusal {
    let code = code::of(error);
    if code.cause() == Cause::Unreachable {
        // What is kept open leads nowhere; the way may be found again from the path.
        folders.forget(&place.folder);
        return of_folder(error);
    }
    Refusal { method: Method::Open, ..Refusal::new(code) }
}
