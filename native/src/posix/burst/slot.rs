//! One transfer slot: its journal, and the names of its part and claim.

use std::ffi::CString;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;

use crate::burst::names;
use crate::burst::record::{self, Record};
use crate::posix::folder::Folder;
use crate::posix::sys::{self, Stat};

/// The longest record that is read back. A longer one was not written here.
const LONGEST_RECORD: usize = 64 << 10;

/// The hidden names that share a stem.
pub(crate) struct Names {
    pub(crate) journal: CString,
    pub(crate) part: CString,
    pub(crate) claim: CString,
}

impl Names {
    /// The names with `stem`.
    ///
    /// # Errors
    /// `EINVAL` for a stem with a zero byte; none that came from a folder has one.
    pub(crate) fn new(stem: &[u8]) -> io::Result<Names> {
        let name =
            |kind: &[u8]| CString::new([stem, kind].concat()).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL));
        Ok(Names { journal: name(names::JOURNAL)?, part: name(names::PART)?, claim: name(names::CLAIM)? })
    }
}

/// A slot of this run. Its journal is locked for as long as the slot lives, which tells others that it is alive.
pub(crate) struct Slot {
    pub(crate) names: Names,
    journal: File,
    /// The folder the journal is in.
    home: Stat,
}

impl Slot {
    /// Creates a slot in the destination `folder`; with `sync` its journal's name is on the device.
    pub(crate) fn create(folder: &Folder, stem: &[u8], sync: bool) -> io::Result<Slot> {
        let names = Names::new(stem)?;
        loop {
            let flags = libc::O_RDWR | libc::O_CREAT | libc::O_EXCL;
            let journal = sys::open_at(&folder.file, &names.journal, flags, 0o600)?;
            lock(&journal)?;
            // Between creation and lock, a starting program may have taken the journal for a dead one's and
            // removed it.
            if sys::stat_file(&journal)?.links > 0 {
                if sync {
                    folder.file.sync_all()?;
                }
                return Ok(Slot { names, journal, home: folder.stat });
            }
        }
    }

    /// Whether the journal is in `folder`, and not in one that was there before.
    pub(crate) fn is_in(&self, folder: &Folder) -> bool {
        self.home.is_same_file(&folder.stat)
    }

    /// Writes what the slot is about to do over what it did before.
    pub(crate) fn write(&self, record: &Record, sync: bool) -> io::Result<()> {
        let line = record::line(record)?;
        if line.len() > LONGEST_RECORD {
            return Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG));
        }
        self.journal.write_all_at(&line, 0)?;
        if sync { self.journal.sync_data() } else { Ok(()) }
    }

    /// Removes the journal: the slot has nothing under way.
    pub(crate) fn close(self, folder: &Folder) {
        if self.is_in(folder) {
            // A journal that stays is removed by the next start.
            drop(sys::unlink_at(&folder.file, &self.names.journal));
        }
    }
}

/// A journal found in a destination.
pub(crate) enum Found {
    /// Its run is alive, or it is gone by now.
    Alive,
    /// Its run is dead. The lock is ours while the file is open; no record means that nothing was claimed.
    Dead(File, Option<Record>),
}

/// Looks at the journal called `name` in `folder`.
///
/// # Errors
/// It cannot be read, or nobody can tell whether its run is alive.
pub(crate) fn find(folder: &Folder, name: &CString) -> io::Result<Found> {
    let journal = match sys::open_at(&folder.file, name, libc::O_RDWR | libc::O_NONBLOCK, 0) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Alive),
        result => result?,
    };
    match journal.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(Found::Alive),
        Err(TryLockError::Error(error)) => return Err(error),
        Ok(()) => {}
    }
    let stat = sys::stat_file(&journal)?;
    if stat.links == 0 {
        return Ok(Found::Alive);
    }
    let mut text = vec![0; usize::try_from(stat.size).unwrap_or(LONGEST_RECORD).min(LONGEST_RECORD)];
    let mut length = 0;
    while length < text.len() {
        match journal.read_at(&mut text[length..], length as u64) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Found::Dead(journal, record::parse(&text[..length])))
}

/// Locks a new journal, waiting out a starting program that is just looking at it. On a file system without such
/// locks the journal stays unlocked, and nobody will take it for a dead one's either.
fn lock(journal: &File) -> io::Result<()> {
    match journal.lock() {
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOLCK | libc::ENOSYS | libc::EOPNOTSUPP)) => Ok(()),
        result => result,
    }
}
