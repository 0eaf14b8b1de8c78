//! One folder that receives files: the two ways into it, each safe against a kill at any instant.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lockwait_core::code::{Cause, Code};
use lockwait_core::observation::{Facts, Name, Place, Refusal, Taken};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Collision;

use super::group::Intent;
use super::part::Part;
use super::record::Record;
use super::slot::Slot;
use super::stage::{Stage, Staged, Version};
use super::{moving, names};
use crate::code;
use crate::os::disk::{self, At, Folder, Folders, Grip, Seen};

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
    stage: Stage,
}

/// Why a file was not taken. The source is intact.
#[derive(Debug)]
pub(super) enum Halt {
    /// It cannot be had, or not now.
    Refused(Refusal),
    /// It is not as it was.
    Changed(Option<Facts>),
}

impl Halt {
    pub(super) fn refused_with(code: Code) -> Halt {
        Halt::Refused(Refusal::new(code))
    }
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
            stage: Stage::default(),
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
        match self.receive_once(number, source, stop) {
            // Copies that lie ready must not keep out a file that can be taken now.
            Err(Halt::Refused(full)) if full.code.cause() == Cause::TargetFull && self.stage.clear() => {
                self.receive_once(number, source, stop)
            }
            result => result,
        }
    }

    fn receive_once(&self, number: usize, source: &Source<'_>, stop: &AtomicBool) -> Result<Taken, Halt> {
        let folder = self.folder().map_err(unusable)?;
        let wanted = disk::file_name(&source.place.name).map_err(refused)?;
        if !self.unique && disk::stat((&folder, &wanted)).is_ok() {
            return Err(Halt::refused_with(Code::NAME_TAKEN));
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
    fn copy(&self, number: usize, folder: &Arc<Folder>, source: &Source<'_>, stop: &AtomicBool) -> Result<Name, Halt> {
        let seen = source.seen;
        let facts = seen.stat.facts();
        if let Some(mut staged) = self.stage.redeem(source.place, facts, &seen.file, folder) {
            let Staged { part, slot, .. } = &mut staged;
            let moved = self.publish(slot, part, folder, source);
            // A reader may have come back just now: what was read for the last one serves for this one too.
            if matches!(moved, Err(Halt::Refused(_))) && !slot.is_unfinished() {
                self.stage.put_back(source.place, facts, staged);
            }
            return moved;
        }
        let slot = self.slot(number);
        let mut held = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = self.ensure(&mut held, folder).map_err(unusable)?;
        let mut part = Part::create(folder, &slot.names.part, &seen.stat).map_err(unusable)?;
        part.fill(&seen.file, seen.stat.size, self.sync, stop)?;
        self.publish(slot, &mut part, folder, source)
    }

    /// Has a copy of the file at `place` lie ready, if it is as `expected`, for when it can be taken; whether it does.
    pub(super) fn stage(&self, place: &Place, expected: &Facts, stop: &AtomicBool) -> bool {
        self.stage.put(place, *expected, || self.copy_ahead(place, expected, stop).ok().flatten())
    }

    /// Throws the copy of the file at `place` that lies ready away.
    pub(super) fn unstage(&self, place: &Place) {
        self.stage.discard(place);
    }

    /// A copy of the file at `place`; `None` when it is not worth making or the file is not as `expected`.
    ///
    /// On one volume it is worth nothing: there a file is taken by a rename, as soon as it may be renamed, and a copy
    /// would only cost room and time. The file is not taken by this, it is somebody's still; so it is read through an
    /// opening that keeps nobody from anything. Whoever writes to it meanwhile or later changes its [`Version`].
    fn copy_ahead(&self, place: &Place, expected: &Facts, stop: &AtomicBool) -> Result<Option<Staged>, Halt> {
        let folder = self.folder().map_err(unusable)?;
        let home = self.folders.get(&place.folder).map_err(refused)?;
        let name = disk::file_name(&place.name).map_err(refused)?;
        let at = (&*home, &name);
        let stat = disk::stat(at).map_err(refused)?;
        // Without a time nobody could tell that it changed.
        let known = stat.facts() == *expected && stat.modified != 0;
        if home.stat.dev == folder.stat.dev || !known || !stat.is_plain() {
            return Ok(None);
        }
        if disk::open_unwritten(at).map_err(refused)?.is_none() {
            return Ok(None);
        }
        let file = disk::open(at).map_err(refused)?;
        let version = Version::of(&file).map_err(refused)?;
        let slot = self.new_slot(&folder).map_err(unusable)?;
        let part = Part::create(&folder, &slot.names.part, &stat).map_err(unusable)?;
        let staged = Staged { part, slot, version };
        staged.part.fill(&file, stat.size, self.sync, stop)?;
        if self.sync {
            staged.part.file().sync_all().map_err(unusable)?;
        }
        let now = Version::of(&file).map_err(refused)?;
        Ok((version.facts == *expected && now == version).then_some(staged))
    }

    /// Gives a copy of the source its name, and removes the source: steps 2 to 5.
    fn publish(&self, slot: &Slot, part: &mut Part, folder: &Folder, source: &Source<'_>) -> Result<Name, Halt> {
        let seen = source.seen;
        let copied = disk::make_like(part.file(), seen).map_err(unusable)?;
        if copied.size != seen.stat.size {
            return Err(Halt::Changed(None));
        }
        if self.sync {
            part.file().sync_all().map_err(unusable)?;
        }
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
        slot.write(record, self.sync).map_err(unusable)?;

        let claim = Claim::make(seen, slot, source.place, self.sync).map_err(|error| self.blame(error, seen))?;
        if let Err(now) = still_as_seen(seen, claim.at()) {
            return Err(Halt::Changed(now));
        }
        self.flush(&seen.folder).map_err(unusable)?;
        let announce = |to: &Name| self.announce(source, folder, to);
        let (name, arrived) =
            moving::rename_free(part.file(), part.at(), folder, &source.place.name, self.unique, announce)
                .map_err(unusable)?;
        let flushed = if self.sync { disk::flush_renamed(part.file(), folder) } else { Ok(()) };
        part.published();
        if let Err(error) = flushed {
            // The name may not last, so the source must: take the name back, and the claim gets its own again.
            drop(disk::remove_at((folder, &arrived)));
            return Err(unusable(error));
        }
        if claim.remove().and_then(|()| self.flush(&seen.folder)).is_err() {
            // The file has arrived, but its source is not removed for good. The journal says so.
            slot.leave_unfinished();
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
                    Halt::refused_with(disk::NOT_PERMITTED)
                } else {
                    refused(error)
                }
            }
            _ => refused(error),
        }
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

    /// The slot in `held`, made anew if there is none, or it is not done, or its journal is in a folder that was
    /// replaced.
    fn ensure<'s>(&self, held: &'s mut Option<Slot>, folder: &Arc<Folder>) -> io::Result<&'s Slot> {
        match held {
            Some(slot) if slot.is_in(folder) && !slot.is_unfinished() => {}
            _ => *held = Some(self.new_slot(folder)?),
        }
        held.as_ref().ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }

    fn new_slot(&self, folder: &Arc<Folder>) -> io::Result<Slot> {
        let stem = names::slot_stem(&self.run, self.created.fetch_add(1, Ordering::Relaxed));
        Slot::create(folder, &stem, self.sync)
    }
}

/// A source under its hidden name. Dropped before it is removed, it gets its name back.
struct Claim<'a> {
    seen: &'a Seen,
    grip: Grip<'a>,
    slot: &'a Slot,
    place: &'a Place,
    removed: bool,
}

impl<'a> Claim<'a> {
    fn make(seen: &'a Seen, slot: &'a Slot, place: &'a Place, sync: bool) -> io::Result<Claim<'a>> {
        let from = (&*seen.folder, &seen.name);
        let grip = disk::grip(&seen.file, from, sync)?;
        disk::rename(&grip, from, (&seen.folder, &slot.names.claim))?;
        Ok(Claim { seen, grip, slot, place, removed: false })
    }

    fn at(&self) -> At<'_> {
        (&self.seen.folder, &self.slot.names.claim)
    }

    fn remove(mut self) -> io::Result<()> {
        self.removed = true;
        disk::remove(&self.grip, self.at())
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.removed && moving::put_back(&self.grip, self.at(), &self.seen.folder, &self.place.name).is_err() {
            // The next start gives it its name back.
            self.slot.leave_unfinished();
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
pub(super) fn refused(error: io::Error) -> Halt {
    Halt::refused_with(code::of(&error))
}

/// The destination cannot be used. Whatever the system says, it is not about the source: "not found" here must not
/// read as if the source were gone, nor "denied" as if it were closed to us.
pub(super) fn unusable(error: io::Error) -> Halt {
    let code = code::of(&error);
    Halt::refused_with(match code.cause() {
        Cause::TargetFull => code::FULL,
        Cause::NameTaken => Code::NAME_TAKEN,
        Cause::Resource => code,
        _ => Code::DESTINATION,
    })
}

/// Opens the file at `place` if nobody stands in the way and it is still as `expected`.
pub(super) fn look(folders: &Folders, place: &Place, expected: Option<&Facts>) -> Result<Seen, Halt> {
    let seen = disk::open_source(folders, place).map_err(Halt::Refused)?;
    match expected {
        Some(expected) if *expected != seen.stat.facts() => Err(Halt::Changed(Some(seen.stat.facts()))),
        _ => Ok(seen),
    }
}
