//! Looks at a file without harm: is anybody in the way, and what is the file like?
//!
//! A look never writes, never blocks on a pipe or a device, never follows a symbolic link, and holds nothing longer
//! than it takes to ask.
//!
//! A program that itself holds POSIX record locks (`F_SETLK`) on a source file must not let this module look at
//! that file: the operating system drops all such locks of a process when the process closes any descriptor of the
//! file. Locks of other processes, `flock` locks and open-file-description locks are not affected.

use std::fs::File;
use std::io;
use std::sync::Arc;

use lockwait_core::code::{Cause, Code};
use lockwait_core::observation::{Look, Method, Place, Refusal, Scope};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Companions;

use crate::folder::{Folder, Folders};
use crate::os::sys::{self, FileName, Stat};
use crate::{code, content, os};

/// Looks at files. Remembers the folders it has seen, so that a look costs few calls. Shared by many threads.
#[derive(Default)]
pub struct Prober {
    folders: Folders,
}

impl Prober {
    /// A prober that has seen nothing.
    pub fn new() -> Prober {
        Prober::default()
    }

    /// Looks at the file at `place`.
    ///
    /// - [`Outcome::Opened`]: nobody stands in the way; the content was asked whether it proves its own end, and a
    ///   finished file that leads others (by the rule `companions`) names them.
    /// - [`Outcome::Refused`]: somebody does, or the file cannot be had. The scope is the folder when it, not the
    ///   file, cannot be reached. On POSIX systems a file that may not be read is refused with `errno:EPERM` when its
    ///   permissions say so (it will stay so) and with `errno:EACCES` when they do not (a server's lock; it may
    ///   pass). On Windows both are `win32:5`; a file that is being deleted is refused with `win32:303`.
    /// - [`Outcome::Rejected`]: a finished leader names files that cannot be used.
    pub fn look(&self, place: &Place, companions: &Companions) -> Outcome {
        let seen = match open(&self.folders, place) {
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
                Outcome::Refused(Refusal { facts: Some(facts), ..of_file(&self.folders, place, &error) })
            }
        }
    }
}

/// A file that nobody stands in the way of, open for reading.
pub(crate) struct Seen {
    /// The folder it is in.
    pub(crate) folder: Arc<Folder>,
    /// Its name there.
    pub(crate) name: FileName,
    /// At its start.
    pub(crate) file: File,
    /// As it was after everybody had been asked.
    pub(crate) stat: Stat,
    /// What vouches for it being free.
    pub(crate) method: Method,
}

/// Opens the file at `place` if nobody stands in the way.
pub(crate) fn open(folders: &Folders, place: &Place) -> Result<Seen, Refusal> {
    let name = sys::file_name(&place.name).map_err(|_| Refusal::new(Code::OUTSIDE))?;
    let folder = folders.get(&place.folder).map_err(|error| of_folder(&error))?;
    match os::probe::open_in(&folder, &name) {
        Err(Trouble::Missing(error)) => {
            // Missing from the folder that was known, which need not be the one that is there now.
            let current = folders.check(&place.folder).map_err(|error| of_folder(&error))?;
            if Arc::ptr_eq(&folder, &current) {
                return Err(of_file(folders, place, &error));
            }
            let found = os::probe::open_in(&current, &name);
            found.map(|(file, stat, method)| Seen { folder: current, name, file, stat, method })
        }
        found => found.map(|(file, stat, method)| Seen { folder, name, file, stat, method }),
    }
    .map_err(|trouble| match trouble {
        Trouble::Refused(refusal) => refusal,
        Trouble::Missing(error) | Trouble::Error(error) => of_file(folders, place, &error),
    })
}

/// Why a file was not opened.
pub(crate) enum Trouble {
    /// There is no such file in the folder, says this.
    Missing(io::Error),
    /// This is why.
    Refused(Refusal),
    /// A call failed.
    Error(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        if os::code::is_missing(&error) { Trouble::Missing(error) } else { Trouble::Error(error) }
    }
}

/// Only regular files are picked up.
pub(crate) fn check_regular(stat: &Stat) -> Result<(), Trouble> {
    let refusal = || Refusal { facts: Some(stat.facts()), method: Method::Open, ..Refusal::new(Code::NOT_REGULAR) };
    if stat.is_regular() { Ok(()) } else { Err(Trouble::Refused(refusal())) }
}

/// A refusal that is the folder's.
fn of_folder(error: &io::Error) -> Refusal {
    Refusal { scope: Scope::Folder, method: Method::Open, ..Refusal::new(code::of(error)) }
}

/// A refusal that is the file's, unless the error speaks of the way to it.
fn of_file(folders: &Folders, place: &Place, error: &io::Error) -> Refusal {
    let code = code::of(error);
    match code.cause() {
        Cause::Unreachable => {
            // What is known leads nowhere; the way may be found again from the path.
            folders.forget(&place.folder);
            of_folder(error)
        }
        Cause::RangeLock => Refusal { method: Method::RecordLock, ..Refusal::new(code) },
        _ => Refusal { method: Method::Open, ..Refusal::new(code) },
    }
}
