//! A copy under its hidden name.

use std::fs::File;
use std::io::{self, Seek};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::copy::{self, Halted};
use super::destination::{Halt, refused, unusable};
use crate::code;
use crate::os::disk::{self, At, FileName, Folder, Stat};

/// A copy that has not got its name yet. Dropped before it is published, it is removed.
pub(super) struct Part {
    file: File,
    folder: Arc<Folder>,
    name: FileName,
    published: bool,
}

impl Part {
    /// Creates the empty file that is to become a copy of a file with the facts `like`.
    pub(super) fn create(folder: &Arc<Folder>, name: &FileName, like: &Stat) -> io::Result<Part> {
        let at = (&**folder, name);
        let file = match disk::create_part(at, like) {
            // Left by an earlier transfer of this slot whose part could not be removed at the time.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                disk::remove_at(at)?;
                disk::create_part(at, like)?
            }
            result => result?,
        };
        Ok(Part { file, folder: Arc::clone(folder), name: name.clone(), published: false })
    }

    /// Copies the first `size` bytes of `from`, wherever in it an earlier copy stopped.
    pub(super) fn fill(&self, mut from: &File, size: u64, sync: bool, stop: &AtomicBool) -> Result<(), Halt> {
        from.rewind().map_err(refused)?;
        copy::copy(from, &self.file, size, sync, stop).map_err(|halted| match halted {
            Halted::Stopped => Halt::refused_with(code::CANCELLED),
            Halted::Short => Halt::Changed(disk::stat_file(from).ok().map(|stat| stat.facts())),
            Halted::Source(error) => refused(error),
            Halted::Destination(error) => unusable(error),
        })
    }

    /// What it is renamed and removed through.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) fn at(&self) -> At<'_> {
        (&self.folder, &self.name)
    }

    /// It has its name.
    pub(super) fn published(&mut self) {
        self.published = true;
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.published {
            // A part that stays is removed by the slot's next transfer or the next start.
            drop(disk::remove(&self.file, self.at()));
        }
    }
}
