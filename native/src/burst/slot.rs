//! One transfer slot: its journal, and the names of its part and claim.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::sync::Arc;

use lockwait_core::observation::Name;

use super::names;
use super::record::{self, Record};
use crate::os::disk::{self, FileName, Folder};

/// The longest record that is read back, in bytes. A longer one was not written here.
const LONGEST_RECORD: u64 = 64 << 10;

/// The hidden names that share a stem.
pub(super) struct Names {
    pub(super) journal: FileName,
    pub(super) part: FileName,
    pub(super) claim: FileName,
}

impl Names {
    /// The names with `stem`.
    ///
    /// # Errors
    /// No file can have such names; that never happens with a stem that came from a folder.
    pub(super) fn new(stem: &[u8]) -> io::Result<Names> {
        let name = |kind: &[u8]| disk::file_name(&Name::from([stem, kind].concat()));
        Ok(Names { journal: name(names::JOURNAL)?, part: name(names::PART)?, claim: name(names::CLAIM)? })
    }
}

/// A slot of this run. Its journal is this run's for as long as the slot lives, which tells others that it is alive;
/// then it is removed.
pub(super) struct Slot {
    pub(super) names: Names,
    journal: File,
    /// The folder the journal is in.
    folder: Arc<Folder>,
    unfinished: Cell<bool>,
}

impl Slot {
    /// Creates a slot in the destination `folder`; with `sync` its journal's name is on the device.
    pub(super) fn create(folder: &Arc<Folder>, stem: &[u8], sync: bool) -> io::Result<Slot> {
        let names = Names::new(stem)?;
        let journal = disk::create_journal((folder, &names.journal))?;
        if sync {
            disk::flush_folder(folder)?;
        }
        Ok(Slot { names, journal, folder: Arc::clone(folder), unfinished: Cell::new(false) })
    }

    /// Whether the journal is in `folder`, and not in one that was there before.
    pub(super) fn is_in(&self, folder: &Folder) -> bool {
        self.folder.stat.is_same_file(&folder.stat)
    }

    /// Writes what the slot is about to do over what it did before.
    pub(super) fn write(&self, mut record: Record, sync: bool) -> io::Result<()> {
        let line = record::line(&mut record);
        if line.len() as u64 > LONGEST_RECORD {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut journal = &self.journal;
        journal.rewind()?;
        journal.write_all(&line)?;
        if sync { journal.sync_data() } else { Ok(()) }
    }

    /// What the journal says could not be done to its end: once it is nobody's, it is for the next start to finish.
    pub(super) fn leave_unfinished(&self) {
        self.unfinished.set(true);
    }

    /// Whether the journal is still needed for what it says.
    pub(super) fn is_unfinished(&self) -> bool {
        self.unfinished.get()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if !self.is_unfinished() {
            // A journal that stays is removed by the next start.
            drop(disk::remove(&self.journal, (&self.folder, &self.names.journal)));
        }
    }
}

/// Reads the journal `name` in `folder` if its run is dead, and keeps it from others while it is open. No record means
/// that nothing was claimed.
///
/// # Errors
/// It cannot be read, or nobody can tell whether its run is alive.
pub(super) fn find(folder: &Folder, name: &FileName) -> io::Result<Option<(File, Option<Record>)>> {
    let Some(journal) = disk::adopt_journal((folder, name))? else { return Ok(None) };
    let mut text = Vec::new();
    (&journal).take(LONGEST_RECORD).read_to_end(&mut text)?;
    Ok(Some((journal, record::parse(&text))))
}
