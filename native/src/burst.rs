//! Takes files to their destination, whole and once, even when killed at any instant.
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
//! of the slot overwrites it, and what it says then asks for nothing. It stays locked while its slot lives and is
//! removed with it, when the run ends at the latest, so an unlocked journal is a dead run's. What is made of it when a destination is opened:
//!
//! | `J` says | `P` | `C` | killed | so |
//! |---|---|---|---|---|
//! | nothing, or torn | – | – | before step 2 | nothing to do |
//! | nothing, or torn | there | – | in step 1 or 2, or while the part lay ready | remove `P`; the source was never touched |
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
//! POSIX file system without `flock` nobody can tell a dead run, so what it left stays until the folder is cleaned by
//! hand.
//!
//! On Windows the source is open from the look to the end, and shared with readers only: nobody writes to it
//! meanwhile, and it is renamed and removed through an opening of it. A reader that does not share deletion keeps the
//! file where it is. When a start finds a claim that somebody has open for writing without sharing deletion, it keeps
//! it for the next. Windows cannot flush a folder; with `sync`, openings that write through (NTFS then flushes renames
//! too) and the flush of the part do as much. A copy has its source's content, times and attributes, but neither its
//! alternate data streams nor its access rights.
//!
//! **Read now, move later.** A reader that does not share deletion (Windows) keeps a file where it is, but not from
//! being read. For such a file step 1 is done ahead, in a slot of its own, and the part lies ready (see `stage`). When
//! the file can be taken, and is the very one that was copied, unchanged, the transfer goes on at step 2; else it
//! begins anew. Nothing is taken before that: a part that a killed run had ready is to the next start one that was
//! being copied, and is removed, since nobody watched its source meanwhile; and so is the part of a file that its owner
//! removed.
//!
//! What differs from system to system in all this is in `disk`, under the same names on each.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lockwait_core::code::Code;
use lockwait_core::observation::{Facts, Name, Place, Refusal, Taken};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Collision;

use self::destination::{Destination, Halt, Source};
use self::group::{Groups, Intent};
use self::recovery::Recovery;
use crate::os::disk::Folders;
use crate::path;

mod copy;
mod destination;
mod group;
mod moving;
mod names;
mod part;
mod record;
mod recovery;
mod slot;
mod stage;
#[cfg(test)]
mod tests;

/// Takes files to one destination. Many threads may take at once, each with a slot number of its own; several
/// programs may share a destination.
pub struct Burst {
    folders: Arc<Folders>,
    into: Destination,
    bad: Option<Destination>,
    groups: Groups,
    recovered: Recovered,
}

/// Why a destination cannot be used.
#[derive(Debug)]
pub struct OpenError {
    /// The folder.
    pub folder: PathBuf,
    /// What was being done to it.
    pub doing: &'static str,
    /// What it failed with.
    pub source: std::io::Error,
}

/// What [`Burst::open`] found left by runs that had been killed, and did about it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Recovered {
    /// Files whose taking was finished: their full paths at the destination.
    pub published: Vec<Name>,
    /// Files given their name in the source folder back: their full paths.
    pub returned: Vec<Name>,
    /// How many claims of files that had already arrived were removed.
    pub claims: u32,
    /// How many unfinished copies were thrown away.
    pub parts: u32,
    /// Journals and group files kept for the next start, because what they speak of could not be reached: their full
    /// paths.
    pub kept: Vec<Name>,
}

impl Burst {
    /// Opens the destination `into`, and the folder `bad` for rejected files, after finishing or undoing what killed
    /// runs left in them.
    ///
    /// With `sync`, every step is on the device before the next that relies on it, so that a power failure is like
    /// a kill.
    ///
    /// # Errors
    /// Either folder is missing, is no folder, or cannot be written to.
    pub fn open(into: &Path, bad: Option<&Path>, sync: bool, collision: Collision) -> Result<Burst, OpenError> {
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
        Ok(Burst { folders, into, bad, groups, recovered })
    }

    /// What killed runs had left.
    pub fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    /// Takes the file at `place` if it still is as `expected` and nobody stands in the way.
    ///
    /// `leader` is the place of the file whose group it travels with, if it is a companion of one. Setting `stop`
    /// ends a copy between two chunks: the source is intact and the answer is a refusal with a cause of
    /// [`lockwait_core::code::Cause::Cancelled`].
    ///
    /// Answers [`Outcome::Taken`], [`Outcome::Refused`] or [`Outcome::Changed`].
    pub fn take(
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

    /// Reads the file at `place` now, to be moved later: has a copy of it lie ready, if it is as `expected` and its
    /// destination is on another volume. For files whose only holder is a reader that keeps them where they are. Does
    /// not take it, and keeps nobody from anything. Whether a copy lies ready; if not, it is taken without.
    ///
    /// Ask this only for a file whose facts have been `expected` for longer than its file system's times are coarse:
    /// who changes it later must give it another time. Setting `stop` ends the copying between two chunks.
    ///
    /// The copy is used by [`Burst::take`] if it still is one by then, and thrown away if not, by [`Burst::unstage`],
    /// when the destination is full, or with the burst.
    pub fn stage(&self, place: &Place, expected: &Facts, stop: &AtomicBool) -> bool {
        self.into.stage(place, expected, stop)
    }

    /// Throws the copy of the file at `place` that lies ready away, if there is one.
    pub fn unstage(&self, place: &Place) {
        self.into.unstage(place);
    }

    /// Moves the file at `place` to the bad folder, under a free name. A locked file stays: it is not bad for being
    /// locked. Answers [`Outcome::Quarantined`] or [`Outcome::Refused`].
    pub fn quarantine(&self, place: &Place) -> Outcome {
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

    /// The companion `member` of `leader`, if an earlier run took it and was killed before it took the leader:
    /// then it is missing at the source and must not be waited for.
    pub fn delivered(&self, leader: &Place, member: &Place) -> Option<Taken> {
        let folder = self.into.folder().ok()?;
        self.groups.delivered(leader, member, (&folder, self.into.path()), &self.folders)
    }
}

/// Whether `name` is one that bursts use for their own hidden files. Such files in a source are not to be picked up.
pub fn is_own_name(name: &Name) -> bool {
    name.as_bytes().starts_with(OWN_PREFIX)
}

/// `None` instead of "not found".
fn existing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// What the names of all hidden files begin with.
pub(crate) const OWN_PREFIX: &[u8] = b".lockwait-";

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the destination '{}' cannot be used: {} failed: {}; check that it exists, its permissions for this user, \
             and that its file system is neither full nor read-only",
            self.folder.display(),
            self.doing,
            self.source
        )
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
