//! One folder that receives files: the two ways into it, each safe against a kill at any instant.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lockwait_core::code::{Cause, Code};
use lockwait_core::observation::{Facts, Name, Place, Refusal, Taken};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Collision;

use super::copy::{self, Halted};
use super::group::Intent;
use super::record::Record;
use super::slot::Slot;
use super::{moving, names};
use crate::code;
use crate::os::disk::{self, At, FileName, Folder, Folders, Grip, Seen, Stat};

/// A folder that receives files.
pub(super) struct Destination {
    path: Name,
    run: String,
    sync: bool,
    unique: bool,
    folders: Arc<Folders>,
    /// The slots in use, by the caller's numbers.
    slots: Mutex<HashMap<usize, Arc<Mutex<Option<Slot>>>>>,
    /// How many slots were ever created; each has a stem of its own.
    created: AtomicU64,
}

/// Why a file was not taken. The source is intact.
#[derive(Debug)]
pub(super) enum Halt {
    /// It cannot be had, or not now.
    Refused(Refusal),
    /// It is not as it was.
    Changed(Option<Facts>),
}

impl From<Halt> for Outcome {
    fn from(halt: Halt) -> Outcome {
        match halt {
            Halt::Refused(refusal) => Outcome::Refused(refusal),
            Halt::Changed(facts) => Outcome::Changed(facts),
        }
    }
}

/// A source that is to be received: what was seen of it, where, and as part of which group.
pub(super) struct Source<'a> {
    pub(super) place: &'a Place,
    pub(super) seen: &'a Seen,
    pub(super) intent: Option<Intent<'a>>,
}

impl Destination {
    pub(super) fn new(path: Name, sync: bool, collision: Collision, folders: Arc<Folders>) -> Destination {
        Destination {
            path,
            run: names::run(),
            sync,
            unique: collision == Collision::UniqueName,
            folders,
            slots: Mutex::default(),
            created: AtomicU64::new(0),
        }
    }

    /// The folder's path.
    pub(super) fn path(&self) -> &Name {
        &self.path
    }

    /// The folder that is at the path now: a file must not go to one that was moved away a moment ago.
    pub(super) fn folder(&self) -> io::Result<Arc<Folder>> {
        self.folders.check(&self.path)
    }

    /// Makes the journal of slot 0, which shows that the folder can be written to.
    pub(super) fn prepare(&self) -> io::Result<()> {
        let folder = self.folder()?;
        let slot = self.slot(0);
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        self.ensure(&mut slot, &folder).map(drop)
    }

    /// Receives a file.
    pub(super) fn receive(&self, number: usize, source: &Source<'_>, stop: &AtomicBool) -> Result<Taken, Halt> {
        let folder = self.folder().map_err(unusable)?;
        let wanted = disk::file_name(&source.place.name).map_err(refused)?;
        if !self.unique && disk::stat((&folder, &wanted)).is_ok() {
            return Err(Halt::Refused(Refusal::new(Code::NAME_TAKEN)));
        }
        let arrived = if source.seen.folder.stat.dev == folder.stat.dev {
            match self.rename(&folder, source) {
                Err(None) => self.copy(number, &folder, source, stop)?,
                Err(Some(halt)) => return Err(halt),
                Ok(name) => name,
            }
        } else {
            self.copy(number, &folder, source, stop)?
        };
        let to = Place { folder: self.path.clone(), name: arrived }.path();
        Ok(Taken { to, bytes: source.seen.stat.size })
    }

    /// Moves the file by renaming it; `None` when the two folders turn out not to be on one volume.
    fn rename(&self, folder: &Folder, source: &Source<'_>) -> Result<Name, Option<Halt>> {
        let seen = source.seen;
        let from = (&*seen.folder, &seen.name);
        let grip = disk::grip(&seen.file, from, self.sync).map_err(|error| Some(self.blame(error, seen)))?;
        let announce = |to: &Name| self.announce(source, folder, to);
        let (name, arrived) = match moving::rename_free(&grip, from, folder, &source.place.name, self.unique, announce)
        {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => return Err(None),
            result => result.map_err(|error| Some(self.blame(error, seen)))?,
        };
        // It was renamed whatever it had become in the meantime; if it is not what was seen, it goes back.
        if let Err(now) = still_as_seen(seen, (folder, &arrived)) {
            drop(moving::put_back(&grip, (folder, &arrived), &seen.folder, &source.place.name));
            return Err(Some(Halt::Changed(now)));
        }
        // After a power failure it is in one folder or the other, so a flush that fails costs nothing.
        drop(self.flush(folder));
        drop(self.flush(&seen.folder));
        Ok(name)
    }

    /// Moves the file by copying it; the steps and what a kill between them leaves are in the module above.
    fn copy(&self, number: usize, folder: &Folder, source: &Source<'_>, stop: &AtomicBool) -> Result<Name, Halt> {
        let seen = source.seen;
        let slot = self.slot(number);
        let mut held = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = self.ensure(&mut held, folder).map_err(unusable)?;
        let part = Part::create((folder, &slot.names.part), &seen.stat).map_err(unusable)?;
        let copied = self.fill(&part, seen, stop)?;
        let record = Record {
            source: source.place.clone(),
            folder: seen.folder.stat.ino,
            inode: seen.stat.ino,
            size: seen.stat.size,
            modified: seen.stat.modified,
            copy: copied.ino,
            leader: source.intent.as_ref().map(|intent| intent.leader.clone()),
        };
        self.flush(folder).map_err(unusable)?;
        slot.write(&record, self.sync).map_err(unusable)?;

        let claim =
            Claim::make(seen, &slot.names.claim, source.place, self.sync).map_err(|error| self.blame(error, seen))?;
        if let Err(now) = still_as_seen(seen, claim.at()) {
            return Err(Halt::Changed(now));
        }
        self.flush(&seen.folder).map_err(unusable)?;
        let announce = |to: &Name| self.announce(source, folder, to);
        let (name, arrived) =
            moving::rename_free(&part.file, part.at, folder, &source.place.name, self.unique, announce)
                .map_err(unusable)?;
        let flushed = if self.sync { disk::flush_renamed(&part.file, folder) } else { Ok(()) };
        part.published();
        if let Err(error) = flushed {
            // The name may not last, so the source must: take the name back, and the claim gets its own again.
            drop(disk::remove_at((folder, &arrived)));
            return Err(unusable(error));
        }
        if claim.remove().and_then(|()| self.flush(&seen.folder)).is_err() {
            // The file has arrived, but its source is not removed for good. The journal says so; once it is nobody's
            // it is for the next start to finish.
            *held = None;
        }
        Ok(name)
    }

    /// Whether `error` of a rename speaks of the source or of this folder.
    fn blame(&self, error: io::Error, seen: &Seen) -> Halt {
        let folder = self.folder();
        match (code::of(&error).cause(), folder) {
            (_, Err(gone)) => unusable(gone),
            (Cause::TargetFull | Cause::NameTaken | Cause::Unsupported, _) => unusable(error),
            (Cause::MaybeLock | Cause::Denied, Ok(folder)) => {
                if !disk::may_write(&folder) {
                    unusable(error)
                } else if !disk::may_write(&seen.folder) {
                    // Nothing can be taken out of a folder that may not be written to. That stays so.
                    Halt::Refused(Refusal::new(disk::NOT_PERMITTED))
                } else {
                    refused(error)
                }
            }
            _ => refused(error),
        }
    }

    /// Fills the part from the source and makes it last.
    fn fill(&self, part: &Part<'_>, seen: &Seen, stop: &AtomicBool) -> Result<Stat, Halt> {
        copy::copy(&seen.file, &part.file, seen.stat.size, self.sync, stop).map_err(|halted| match halted {
            Halted::Stopped => Halt::Refused(Refusal::new(code::CANCELLED)),
            Halted::Short => Halt::Changed(disk::stat_file(&seen.file).ok().map(|stat| stat.facts())),
            Halted::Source(error) => refused(error),
            Halted::Destination(error) => unusable(error),
        })?;
        let copied = disk::make_like(&part.file, seen).map_err(unusable)?;
        if self.sync {
            part.file.sync_all().map_err(unusable)?;
        }
        if copied.size == seen.stat.size { Ok(copied) } else { Err(Halt::Changed(None)) }
    }

    fn announce(&self, source: &Source<'_>, folder: &Folder, to: &Name) -> io::Result<()> {
        source.intent.as_ref().map_or(Ok(()), |intent| intent.announce(folder, to, self.sync))
    }

    fn flush(&self, folder: &Folder) -> io::Result<()> {
        if self.sync { disk::flush_folder(folder) } else { Ok(()) }
    }

    fn slot(&self, number: usize) -> Arc<Mutex<Option<Slot>>> {
        Arc::clone(self.slots.lock().unwrap_or_else(PoisonError::into_inner).entry(number).or_default())
    }

    /// The slot in `held`, made anew if there is none or its journal is in a folder that was replaced.
    fn ensure<'s>(&self, held: &'s mut Option<Slot>, folder: &Folder) -> io::Result<&'s Slot> {
        match held {
            Some(slot) if slot.is_in(folder) => {}
            _ => {
                let stem = names::slot_stem(&self.run, self.created.fetch_add(1, Ordering::Relaxed));
                *held = Some(Slot::create(folder, &stem, self.sync)?);
            }
        }
        held.as_ref().ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        let Ok(folder) = self.folder() else { return };
        let slots = std::mem::take(self.slots.get_mut().unwrap_or_else(PoisonError::into_inner));
        for slot in slots.into_values().filter_map(Arc::into_inner) {
            if let Some(slot) = slot.into_inner().unwrap_or_else(PoisonError::into_inner) {
                slot.close(&folder);
            }
        }
    }
}

/// A copy under way. Dropped before it is published, it is removed.
struct Part<'a> {
    file: File,
    at: At<'a>,
    published: bool,
}

impl<'a> Part<'a> {
    fn create(at: At<'a>, like: &Stat) -> io::Result<Part<'a>> {
        let file = match disk::create_part(at, like) {
            // Left by an earlier transfer of this slot whose part could not be removed at the time.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                disk::remove_at(at)?;
                disk::create_part(at, like)?
            }
            result => result?,
        };
        Ok(Part { file, at, published: false })
    }

    fn published(mut self) {
        self.published = true;
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if !self.published {
            // A part that stays is removed by the slot's next transfer or the next start.
            drop(disk::remove(&self.file, self.at));
        }
    }
}

/// A source under its hidden name. Dropped before it is removed, it gets its name back.
struct Claim<'a> {
    seen: &'a Seen,
    grip: Grip<'a>,
    name: &'a FileName,
    place: &'a Place,
    removed: bool,
}

impl<'a> Claim<'a> {
    fn make(seen: &'a Seen, name: &'a FileName, place: &'a Place, sync: bool) -> io::Result<Claim<'a>> {
        let from = (&*seen.folder, &seen.name);
        let grip = disk::grip(&seen.file, from, sync)?;
        disk::rename(&grip, from, (&seen.folder, name))?;
        Ok(Claim { seen, grip, name, place, removed: false })
    }

    fn at(&self) -> At<'_> {
        (&self.seen.folder, self.name)
    }

    fn remove(mut self) -> io::Result<()> {
        self.removed = true;
        disk::remove(&self.grip, self.at())
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.removed {
            // A claim that stays is given its name back by the next start.
            drop(moving::put_back(&self.grip, self.at(), &self.seen.folder, &self.place.name));
        }
    }
}

/// Whether the file that was renamed to `at` is the one that was seen, as it was seen, and without a writer; else the
/// facts as they are.
fn still_as_seen(seen: &Seen, at: At<'_>) -> Result<(), Option<Facts>> {
    let now = disk::stat_renamed(seen, at).map_err(|_| None)?;
    let same = now.is_same_file(&seen.stat) && now.size == seen.stat.size && now.modified == seen.stat.modified;
    if same && !disk::is_written(&seen.file) { Ok(()) } else { Err(Some(now.facts())) }
}

/// The source cannot be had.
fn refused(error: io::Error) -> Halt {
    Halt::Refused(Refusal::new(code::of(&error)))
}

/// The destination cannot be used. Whatever the system says, it is not about the source: "not found" here must not
/// read as if the source were gone, nor "denied" as if it were closed to us.
fn unusable(error: io::Error) -> Halt {
    let code = code::of(&error);
    Halt::Refused(Refusal::new(match code.cause() {
        Cause::TargetFull => code::FULL,
        Cause::NameTaken => Code::NAME_TAKEN,
        Cause::Resource => code,
        _ => Code::DESTINATION,
    }))
}

/// Opens the file at `place` if nobody stands in the way and it is still as `expected`.
pub(super) fn look(folders: &Folders, place: &Place, expected: Option<&Facts>) -> Result<Seen, Halt> {
    let seen = disk::open_source(folders, place).map_err(Halt::Refused)?;
    match expected {
        Some(expected) if *expected != seen.stat.facts() => Err(Halt::Changed(Some(seen.stat.facts()))),
        _ => Ok(seen),
    }
}
