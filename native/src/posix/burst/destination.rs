//! One folder that receives files: the two ways into it, each safe against a kill at any instant.

use std::collections::HashMap;
use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lockwait_core::code::Code;
use lockwait_core::observation::{Facts, Name, Place, Refusal, Taken};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Collision;

use super::copy::{self, Halted};
use super::group::Intent;
use super::moving;
use super::slot::Slot;
use crate::burst::names;
use crate::burst::record::Record;
use crate::code;
use crate::posix::folder::{Folder, Folders};
use crate::posix::obstacle::{self, Writers};
use crate::posix::probe::{self, Seen};
use crate::posix::sys::{self, Stat};

/// A folder that receives files.
pub(crate) struct Destination {
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
pub(crate) enum Halt {
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
pub(crate) struct Source<'a> {
    pub(crate) place: &'a Place,
    pub(crate) seen: &'a Seen,
    pub(crate) intent: Option<Intent<'a>>,
}

impl Destination {
    pub(crate) fn new(path: Name, sync: bool, collision: Collision, folders: Arc<Folders>) -> Destination {
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
    pub(crate) fn path(&self) -> &Name {
        &self.path
    }

    /// The folder that is at the path now: a file must not go to one that was moved away a moment ago.
    pub(crate) fn folder(&self) -> io::Result<Arc<Folder>> {
        self.folders.check(&self.path)
    }

    /// Makes the journal of slot 0, which shows that the folder can be written to.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        let folder = self.folder()?;
        let slot = self.slot(0);
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        self.ensure(&mut slot, &folder).map(drop)
    }

    /// Receives a file.
    pub(crate) fn receive(&self, number: usize, source: &Source<'_>, stop: &AtomicBool) -> Result<Taken, Halt> {
        let folder = self.folder().map_err(unusable)?;
        let wanted = sys::file_name(&source.place.name).map_err(refused)?;
        if !self.unique && sys::stat_at(&folder.file, &wanted).is_ok() {
            return Err(Halt::Refused(Refusal::new(Code::NAME_TAKEN)));
        }
        let arrived = if source.seen.folder.stat.dev == folder.stat.dev {
            match self.rename(&folder, source, &wanted) {
                Err(None) => self.copy(number, &folder, source, stop)?,
                Err(Some(halt)) => return Err(halt),
                Ok(name) => name,
            }
        } else {
            self.copy(number, &folder, source, stop)?
        };
        let to = Place { folder: self.path.clone(), name: Name::from(arrived) }.path();
        Ok(Taken { to, bytes: source.seen.stat.size })
    }

    /// Moves the file by renaming it; `None` when the two folders turn out not to be on one volume.
    fn rename(&self, folder: &Folder, source: &Source<'_>, wanted: &CStr) -> Result<Vec<u8>, Option<Halt>> {
        let from = (&source.seen.folder.file, source.seen.name.as_c_str());
        let name = match moving::rename_free(from, &folder.file, wanted.to_bytes(), self.unique, |to| {
            self.announce(source, folder, to)
        }) {
            Err(error) if error.raw_os_error() == Some(libc::EXDEV) => return Err(None),
            result => result.map_err(|error| Some(self.blame(error, source.seen)))?,
        };
        // It was renamed whatever it had become in the meantime; if it is not what was seen, it goes back.
        let arrived = sys::file_name(&Name::from(name.as_slice())).map_err(|error| Some(unusable(error)))?;
        if let Err(now) = still_as_seen(source.seen, &folder.file, &arrived) {
            drop(put_back((&folder.file, &arrived), &source.seen.folder.file, wanted));
            return Err(Some(Halt::Changed(now)));
        }
        // After a power failure it is in one folder or the other, so a flush that fails costs nothing.
        drop(self.flush(&folder.file));
        drop(self.flush(&source.seen.folder.file));
        Ok(name)
    }

    /// Moves the file by copying it; the steps and what a kill between them leaves are in the module above.
    fn copy(&self, number: usize, folder: &Folder, source: &Source<'_>, stop: &AtomicBool) -> Result<Vec<u8>, Halt> {
        let slot = self.slot(number);
        let mut held = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = self.ensure(&mut held, folder).map_err(unusable)?;
        let part = Part::create(folder, &slot.names.part, mode_of_copy(source.seen)).map_err(unusable)?;
        let copied = self.fill(&part, source.seen, stop)?;
        let record = Record {
            source: source.place.clone(),
            folder: source.seen.folder.stat.ino,
            inode: source.seen.stat.ino,
            size: source.seen.stat.size,
            modified: source.seen.stat.modified,
            copy: copied.ino,
            leader: source.intent.as_ref().map(|intent| intent.leader.clone()),
        };
        self.flush(&folder.file).map_err(unusable)?;
        slot.write(&record, self.sync).map_err(unusable)?;

        let origin = &source.seen.folder.file;
        let claim = slot.names.claim.as_c_str();
        let claimed = Claim::make(source.seen, claim).map_err(|error| self.blame(error, source.seen))?;
        if let Err(now) = still_as_seen(source.seen, origin, claim) {
            return Err(Halt::Changed(now));
        }
        self.flush(origin).map_err(unusable)?;
        let name = moving::rename_free(
            (&folder.file, &slot.names.part),
            &folder.file,
            source.seen.name.to_bytes(),
            self.unique,
            |to| self.announce(source, folder, to),
        )
        .map_err(unusable)?;
        part.published();
        if let Err(error) = self.flush(&folder.file) {
            // The name may not last, so the source must: take the name back, and the claim gets its own again.
            drop(sys::file_name(&Name::from(name)).and_then(|name| sys::unlink_at(&folder.file, &name)));
            return Err(unusable(error));
        }
        if claimed.remove().and_then(|()| self.flush(origin)).is_err() {
            // The file has arrived, but its source is not removed for good. The journal says so; without its lock
            // it is for the next start to finish.
            *held = None;
        }
        Ok(name)
    }

    /// Whether `error` of a rename speaks of the source or of this folder.
    fn blame(&self, error: io::Error, seen: &Seen) -> Halt {
        let folder = self.folder();
        match (error.raw_os_error(), folder) {
            (_, Err(gone)) => unusable(gone),
            (Some(libc::ENOSPC | libc::EDQUOT | libc::EEXIST | libc::EOPNOTSUPP), _) => unusable(error),
            (Some(libc::EACCES | libc::EPERM | libc::EROFS), Ok(folder)) => {
                if sys::may_write(&folder.file).is_err() {
                    unusable(error)
                } else if sys::may_write(&seen.folder.file).is_err() {
                    // Nothing can be taken out of a folder that may not be written to. That stays so.
                    Halt::Refused(Refusal::new(probe::NOT_PERMITTED))
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
            Halted::Short => Halt::Changed(sys::stat_file(&seen.file).ok().map(|stat| stat.facts())),
            Halted::Source(error) => refused(error),
            Halted::Destination(error) => unusable(error),
        })?;
        let copied = sys::stat_file(&part.file).map_err(unusable)?;
        // What this process's umask or the folder's defaults made of it.
        if copied.mode & 0o7777 != mode_of_copy(seen) {
            sys::set_mode(&part.file, mode_of_copy(seen)).map_err(unusable)?;
        }
        sys::set_modified(&part.file, seen.stat.modified).map_err(unusable)?;
        self.flush(&part.file).map_err(unusable)?;
        if copied.size == seen.stat.size { Ok(copied) } else { Err(Halt::Changed(None)) }
    }

    fn announce(&self, source: &Source<'_>, folder: &Folder, to: &[u8]) -> io::Result<()> {
        source.intent.as_ref().map_or(Ok(()), |intent| intent.announce(folder, to, self.sync))
    }

    fn flush(&self, file: &File) -> io::Result<()> {
        if self.sync { file.sync_all() } else { Ok(()) }
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
        held.as_ref().ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))
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

/// The permissions of a copy. Bits that lend the owner's rights to whoever runs the file do not pass to a copy, which
/// may have another owner.
fn mode_of_copy(seen: &Seen) -> u32 {
    seen.stat.mode & 0o777
}

/// A copy under way. Dropped before it is published, it is removed.
struct Part<'a> {
    file: File,
    folder: &'a File,
    name: &'a CStr,
    published: bool,
}

impl<'a> Part<'a> {
    fn create(folder: &'a Folder, name: &'a CStr, mode: u32) -> io::Result<Part<'a>> {
        let flags = libc::O_RDWR | libc::O_CREAT | libc::O_EXCL;
        let file = match sys::open_at(&folder.file, name, flags, mode) {
            // Left by an earlier transfer of this slot whose part could not be removed at the time.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                sys::unlink_at(&folder.file, name)?;
                sys::open_at(&folder.file, name, flags, mode)?
            }
            result => result?,
        };
        Ok(Part { file, folder: &folder.file, name, published: false })
    }

    fn published(mut self) {
        self.published = true;
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if !self.published {
            // A part that stays is removed by the slot's next transfer or the next start.
            drop(sys::unlink_at(self.folder, self.name));
        }
    }
}

/// A source under its hidden name. Dropped before it is removed, it gets its name back.
struct Claim<'a> {
    seen: &'a Seen,
    name: &'a CStr,
    removed: bool,
}

impl<'a> Claim<'a> {
    fn make(seen: &'a Seen, name: &'a CStr) -> io::Result<Claim<'a>> {
        moving::rename((&seen.folder.file, &seen.name), (&seen.folder.file, name))?;
        Ok(Claim { seen, name, removed: false })
    }

    fn remove(mut self) -> io::Result<()> {
        self.removed = true;
        sys::unlink_at(&self.seen.folder.file, self.name)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.removed {
            // A claim that stays is given its name back by the next start.
            let folder = &self.seen.folder.file;
            drop(put_back((folder, self.name), folder, &self.seen.name));
        }
    }
}

/// Gives a file its name `wanted` in `folder` back, or one made from it if that was taken in the meantime.
pub(crate) fn put_back(from: (&File, &CStr), folder: &File, wanted: &CStr) -> io::Result<Vec<u8>> {
    moving::rename_free(from, folder, wanted.to_bytes(), true, |_| Ok(()))
}

/// Whether the file now called `name` in `folder` is the one that was seen, as it was seen, and without a writer;
/// else the facts as they are.
fn still_as_seen(seen: &Seen, folder: &File, name: &CStr) -> Result<(), Option<Facts>> {
    let now = sys::stat_at(folder, name).map_err(|_| None)?;
    let same = now.is_same_file(&seen.stat) && now.size == seen.stat.size && now.modified == seen.stat.modified;
    if same && obstacle::writers(&seen.file) != Writers::Some { Ok(()) } else { Err(Some(now.facts())) }
}

/// The source cannot be had.
fn refused(error: io::Error) -> Halt {
    Halt::Refused(Refusal::new(code::of(&error)))
}

/// The destination cannot be used. Whatever the system says, it is not about the source: "not found" here must not
/// read as if the source were gone, nor "denied" as if it were closed to us.
fn unusable(error: io::Error) -> Halt {
    let code = match error.raw_os_error() {
        Some(libc::ENOSPC | libc::EDQUOT) => code::FULL,
        Some(libc::EEXIST) => Code::NAME_TAKEN,
        Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM) => code::of(&error),
        _ => Code::DESTINATION,
    };
    Halt::Refused(Refusal::new(code))
}

/// Looks at the file at `place` and receives it if it is still as `expected`.
pub(crate) fn look(folders: &Folders, place: &Place, expected: Option<&Facts>) -> Result<Seen, Halt> {
    let seen = probe::open(folders, place).map_err(Halt::Refused)?;
    match expected {
        Some(expected) if *expected != seen.stat.facts() => Err(Halt::Changed(Some(seen.stat.facts()))),
        _ => Ok(seen),
    }
}
