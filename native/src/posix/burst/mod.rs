//! The burst on POSIX systems.
//!
//! **On one volume** a file is taken by one rename that replaces nothing, and goes back the same way if it turns out
//! to have changed since it was looked at. A kill leaves it in one folder or the other.
//!
//! **Across volumes**, with `S` the source's name, and three hidden names that share a stem (one stem per slot, slots
//! never shared): `P` the part and `J` the journal in the destination, `C` the claim in the source folder:
//!
//! 1. copy `S` to `P`;
//! 2. write to `J` what is about to happen;
//! 3. rename `S` to `C`, and check that it is what was copied (if not: rename it back, remove `P`);
//! 4. rename `P` to its name, or to a free one made from it: published;
//! 5. remove `C`.
//!
//! With `sync` each step is on the device before the next begins. `J` is not cleared after step 5: the next transfer
//! of the slot overwrites it, and what it says then asks for nothing. It stays locked while its run lives and is
//! removed when the run ends, so an unlocked journal is a dead run's. What it finds when a destination is opened:
//!
//! | `J` says | `P` | `C` | killed | so |
//! |---|---|---|---|---|
//! | nothing, or torn | – | – | before step 2 | nothing to do |
//! | nothing, or torn | there | – | in step 1 or 2 | remove `P`; the source was never touched |
//! | a transfer | – | – | after step 5, or before the slot's next step 1 | nothing to do |
//! | a transfer | there | – | in step 1, 2 or before 3 took effect | remove `P`; the source has its name |
//! | a transfer | as recorded | as recorded | after 3, before 4 | do steps 4 and 5 |
//! | a transfer | – | as recorded | after 4 | do step 5 |
//! | a transfer | any | changed, or has a writer | after 3, before its check | give `C` its name back, remove `P` |
//! | a transfer | not as recorded | as recorded | by somebody's meddling | give `C` its name back, remove `P` |
//! | a transfer | any | cannot be reached | | keep `P` and `J` for the next start |
//!
//! "Cannot be reached" includes a part beside an empty folder that is not the recorded one: the file system with the
//! claim is not mounted yet. A part without a journal is nobody's and is removed. A run makes a journal before
//! anything else, so nothing of its own escapes this table but the files of unfinished groups (see `group`). On a
//! file system without `flock` nobody can tell a dead run, so what it left stays until the folder is cleaned by hand.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lockwait_core::code::Code;
use lockwait_core::observation::{Facts, Name, Place, Refusal, Taken};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Collision;

use self::destination::{Destination, Halt, Source};
use self::group::{Groups, Intent};
use self::recovery::Recovery;
use super::folder::Folders;
use crate::burst::{OpenError, Recovered};
use crate::path;

mod copy;
mod destination;
mod group;
mod moving;
mod recovery;
mod slot;
#[cfg(test)]
mod tests;

/// Takes files: see [`crate::burst::Burst`].
pub(crate) struct Engine {
    folders: Arc<Folders>,
    into: Destination,
    bad: Option<Destination>,
    groups: Groups,
    recovered: Recovered,
}

impl Engine {
    pub(crate) fn open(into: &Path, bad: Option<&Path>, sync: bool, collision: Collision) -> Result<Engine, OpenError> {
        let folders = Arc::new(Folders::default());
        let groups = Groups::default();
        let mut recovered = Recovered::default();
        let ready = |folder: &Path, collision: Collision, report: &mut Recovered| {
            let failed = |doing, source| OpenError { folder: folder.to_path_buf(), doing, source };
            let destination = Destination::new(path::to_name(folder), sync, collision, Arc::clone(&folders));
            let open = destination.folder().map_err(|error| failed("opening it", error))?;
            let unique = collision == Collision::UniqueName;
            let path = destination.path();
            let (folder, folders, groups) = (&*open, &*folders, &groups);
            Recovery { path, folder, folders, groups, unique, sync, report }
                .run()
                .map_err(|error| failed("cleaning up after an earlier run", error))?;
            destination.prepare().map_err(|error| failed("writing to it", error))?;
            Ok(destination)
        };
        let into = ready(into, collision, &mut recovered)?;
        let bad = bad.map(|bad| ready(bad, Collision::UniqueName, &mut recovered)).transpose()?;
        Ok(Engine { folders, into, bad, groups, recovered })
    }

    pub(crate) fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    pub(crate) fn take(
        &self,
        slot: usize,
        place: &Place,
        expected: &Facts,
        leader: Option<&Place>,
        stop: &AtomicBool,
    ) -> Outcome {
        let take = || {
            let seen = destination::look(&self.folders, place, Some(expected))?;
            let (groups, folders, bytes) = (&self.groups, &*self.folders, seen.stat.size);
            let intent = leader.map(|leader| Intent { groups, folders, leader, member: place, bytes });
            self.into.receive(slot, &Source { place, seen: &seen, intent }, stop)
        };
        match take() {
            Ok(taken) => {
                self.groups.close(place, &self.into);
                Outcome::Taken(taken)
            }
            Err(halt) => halt.into(),
        }
    }

    pub(crate) fn quarantine(&self, place: &Place) -> Outcome {
        let Some(bad) = &self.bad else { return Outcome::Refused(Refusal::new(Code::errno(22))) };
        let take = || -> Result<Name, Halt> {
            let seen = destination::look(&self.folders, place, None)?;
            // Threads that quarantine at the same time take turns in the one slot.
            let taken = bad.receive(0, &Source { place, seen: &seen, intent: None }, &AtomicBool::new(false))?;
            Ok(taken.to)
        };
        match take() {
            Ok(to) => Outcome::Quarantined(to),
            // The look and the move disagree: it is being written to, which is not being bad.
            Err(Halt::Changed(_)) => Outcome::Refused(Refusal::new(Code::CHANGED)),
            Err(halt) => halt.into(),
        }
    }

    pub(crate) fn delivered(&self, leader: &Place, member: &Place) -> Option<Taken> {
        let folder = self.into.folder().ok()?;
        self.groups.delivered(leader, member, (&folder, self.into.path()), &self.folders)
    }
}

/// `None` instead of "not found".
fn existing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}
