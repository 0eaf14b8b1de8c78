//! Looks at a file without harm: is anybody in the way, and what is the file like?
//!
//! A look never writes, never blocks on a pipe or a device, never follows a symbolic link, and holds nothing longer
//! than it takes to ask.
//!
//! A program that itself holds POSIX record locks (`F_SETLK`) on a source file must not let this module look at
//! that file: the operating system drops all such locks of a process when the process closes any descriptor of the
//! file. Locks of other processes, `flock` locks and open-file-description locks are not affected.

use lockwait_core::observation::Place;
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Companions;

use crate::os;

/// Looks at files. Keeps the folders it has seen open, so that a look costs few calls. Shared by many threads.
#[derive(Default)]
pub struct Prober {
    folders: os::folder::Folders,
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
    ///   file, cannot be reached. A file that may not be read is refused with `errno:EPERM` when its permissions say
    ///   so (it will stay so) and with `errno:EACCES` when they do not (a server's lock; it may pass).
    /// - [`Outcome::Rejected`]: a finished leader names files that cannot be used.
    pub fn look(&self, place: &Place, companions: &Companions) -> Outcome {
        os::probe::look(&self.folders, place, companions)
    }
}
