//! Copies that lie ready, for files that cannot be taken yet.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lockwait_core::observation::{Facts, Place};

use super::part::Part;
use super::slot::Slot;
use crate::os::disk::{self, Folder};

/// A copy that lies ready under its hidden name, in a slot of its own. Dropped, it is thrown away.
pub(super) struct Staged {
    // Dropped in this order: a part is gone before its journal.
    pub(super) part: Part,
    pub(super) slot: Slot,
    /// What it is a copy of.
    pub(super) version: Version,
}

/// A file's content as far as it can be told from without reading: which file, its size, its time, and where the file
/// system has it the time of the last change of anything about it, which programs that set a file's time back do not
/// set back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Version {
    pub(super) facts: Facts,
    changed: (i64, i64),
}

/// The copies that lie ready, by the places of their sources.
#[derive(Default)]
pub(super) struct Stage(Mutex<HashMap<Place, Arc<Berth>>>);

/// Room for one copy; locked while it is being made.
struct Berth {
    facts: Facts,
    copy: Mutex<Option<Staged>>,
}

impl Version {
    pub(super) fn of(file: &File) -> io::Result<Version> {
        Ok(Version { facts: disk::stat_file(file)?.facts(), changed: disk::last_change(file)? })
    }
}

impl Staged {
    /// Whether it lies in `folder` and is a copy of what `source` is now.
    fn fits(&self, folder: &Folder, source: &File) -> bool {
        self.slot.is_in(folder) && Version::of(source).is_ok_and(|now| now == self.version)
    }
}

impl Stage {
    /// Has `copy` make a copy of the file at `place`, which has `facts`; whether there is one now. One that was there
    /// of other facts is thrown away.
    pub(super) fn put(&self, place: &Place, facts: Facts, copy: impl FnOnce() -> Option<Staged>) -> bool {
        let berth = Arc::new(Berth { facts, copy: Mutex::default() });
        // Locked before anybody can find it: who comes for the copy waits until it is made.
        let mut room = berth.copy.lock().unwrap_or_else(PoisonError::into_inner);
        let there = {
            let mut berths = self.lock();
            match berths.get(place) {
                Some(there) if there.facts == facts => return true,
                _ => berths.insert(place.clone(), Arc::clone(&berth)),
            }
        };
        drop(there);
        *room = copy();
        let made = room.is_some();
        drop(room);
        let mut berths = self.lock();
        // It may have been thrown away by now.
        let wanted = berths.get(place).is_some_and(|there| Arc::ptr_eq(there, &berth));
        if wanted && !made {
            berths.remove(place);
        }
        wanted && made
    }

    /// The copy of `source`, the file at `place` with these facts, if it lies ready in `folder`; waits for one that is
    /// being made. A copy that does not fit any more is thrown away.
    pub(super) fn redeem(&self, place: &Place, facts: Facts, source: &File, folder: &Folder) -> Option<Staged> {
        let berth = self.lock().remove(place)?;
        // The making of a copy of something else is not waited for; it is thrown away when it is done.
        if berth.facts != facts {
            return None;
        }
        let copy = berth.copy.lock().unwrap_or_else(PoisonError::into_inner).take();
        copy.filter(|copy| copy.fits(folder, source))
    }

    /// Has a copy that was redeemed, but could not be used yet, lie ready again.
    pub(super) fn put_back(&self, place: &Place, facts: Facts, copy: Staged) {
        let there = self.lock().insert(place.clone(), Arc::new(Berth { facts, copy: Mutex::new(Some(copy)) }));
        drop(there);
    }

    /// Throws the copy of the file at `place` away.
    pub(super) fn discard(&self, place: &Place) {
        let berth = self.lock().remove(place);
        drop(berth);
    }

    /// Throws all copies away; whether there were any.
    pub(super) fn clear(&self) -> bool {
        let berths = std::mem::take(&mut *self.lock());
        !berths.is_empty()
    }

    /// Nothing but memory is touched while this is locked.
    fn lock(&self) -> MutexGuard<'_, HashMap<Place, Arc<Berth>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
