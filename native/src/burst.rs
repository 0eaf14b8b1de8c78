//! Takes files to their destination, whole and once, even when killed at any instant.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use lockwait_core::observation::{Facts, Name, Place, Taken};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Collision;

use crate::os;

pub(crate) mod names;
pub(crate) mod record;

/// Takes files to one destination. Many threads may take at once, each with a slot number of its own; several
/// programs may share a destination.
pub struct Burst {
    inner: os::burst::Engine,
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
        Ok(Burst { inner: os::burst::Engine::open(into, bad, sync, collision)? })
    }

    /// What killed runs had left.
    pub fn recovered(&self) -> &Recovered {
        self.inner.recovered()
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
        self.inner.take(slot, place, expected, leader, stop)
    }

    /// Moves the file at `place` to the bad folder, under a free name. A locked file stays: it is not bad for being
    /// locked. Answers [`Outcome::Quarantined`] or [`Outcome::Refused`].
    pub fn quarantine(&self, place: &Place) -> Outcome {
        self.inner.quarantine(place)
    }

    /// The companion `member` of `leader`, if an earlier run took it and was killed before it took the leader:
    /// then it is missing at the source and must not be waited for.
    pub fn delivered(&self, leader: &Place, member: &Place) -> Option<Taken> {
        self.inner.delivered(leader, member)
    }
}

/// Whether `name` is one that bursts use for their own hidden files. Such files in a source are not to be picked up.
pub fn is_own_name(name: &Name) -> bool {
    name.as_bytes().starts_with(OWN_PREFIX)
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
