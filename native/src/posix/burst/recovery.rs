//! Finishes or undoes what killed runs left in a destination.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;

use lockwait_core::observation::{Name, Place};

use super::destination::put_back;
use super::existing;
use super::group::{Groups, Intent};
use super::moving;
use super::slot::{self, Found, Names};
use crate::burst::record::Record;
use crate::burst::{Recovered, names};
use crate::path;
use crate::posix::folder::{Folder, Folders};
use crate::posix::obstacle::{self, Writers};
use crate::posix::sys::{self, Stat};

/// A destination being cleaned.
pub(crate) struct Recovery<'a> {
    /// Its path.
    pub(crate) path: &'a Name,
    /// The folder itself.
    pub(crate) folder: &'a Folder,
    /// Where the sources are found.
    pub(crate) folders: &'a Folders,
    /// What is known of unfinished groups.
    pub(crate) groups: &'a Groups,
    /// Whether a published file may get another name when its own is taken.
    pub(crate) unique: bool,
    /// Whether each step is flushed.
    pub(crate) sync: bool,
    /// What was found and done.
    pub(crate) report: &'a mut Recovered,
}

impl Recovery<'_> {
    /// Cleans the destination. What cannot be reached is kept for the next start, and told.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let (mut parts, mut groups, mut settled) = (Vec::new(), Vec::new(), true);
        for entry in std::fs::read_dir(path::to_path(self.path))? {
            let entry = entry?.file_name();
            let name = entry.as_bytes();
            if let Some(stem) = names::stem(name, names::JOURNAL) {
                settled &= self.settle(stem).unwrap_or_else(|_| {
                    self.report.kept.push(self.full(name));
                    false
                });
            } else if let Some(stem) = names::stem(name, names::PART) {
                parts.push(stem.to_vec());
            } else if let Some(group) = names::group(name) {
                self.groups.note(group);
                groups.push((group, self.full(name)));
            }
        }
        for stem in parts {
            // A part is created after its journal and gone before it, so one without a journal is nobody's.
            let Ok(names) = Names::new(&stem) else { continue };
            let journal = sys::stat_at(&self.folder.file, &names.journal);
            if matches!(journal, Err(error) if error.kind() == io::ErrorKind::NotFound) && self.drop_part(&names)? {
                self.report.parts += 1;
            }
        }
        // A leader that another run, or a journal that was kept, has claimed may yet get its name back.
        let swept = if settled { groups } else { Vec::new() };
        for (group, path) in swept {
            if self.groups.sweep(group, self.folder, self.folders).is_err() {
                self.report.kept.push(path);
            }
        }
        Ok(())
    }

    /// Finishes or undoes the transfer of one journal, and removes the journal; whether it was a dead run's.
    fn settle(&mut self, stem: &[u8]) -> io::Result<bool> {
        let names = Names::new(stem)?;
        let Found::Dead(journal, record) = slot::find(self.folder, &names.journal)? else { return Ok(false) };
        match record {
            Some(record) => self.resolve(&names, &record)?,
            None => self.report.parts += u32::from(self.drop_part(&names)?),
        }
        self.flush(&self.folder.file)?;
        sys::unlink_at(&self.folder.file, &names.journal)?;
        // The lock is held until the journal is gone.
        drop(journal);
        Ok(true)
    }

    /// The table of the module above, row by row.
    fn resolve(&mut self, names: &Names, record: &Record) -> io::Result<()> {
        let source = self.folders.check(&record.source.folder)?;
        let name = sys::file_name(&record.source.name)?;
        let part = existing(sys::stat_at(&self.folder.file, &names.part))?;
        let claim = existing(sys::stat_at(&source.file, &names.claim))?;
        let Some(claim) = claim else {
            if part.is_some() && source.stat.ino != record.folder {
                // What is there now is another folder: a file system that is not mounted yet has the claim.
                return Err(io::Error::from_raw_os_error(libc::ESTALE));
            }
            self.report.parts += u32::from(self.drop_part(names)?);
            return Ok(());
        };
        let intact = is_intact(&claim, record, &source.file, &names.claim)?;
        match part {
            None if intact => {}
            Some(part) if intact && part.ino == record.copy && part.size == record.size => {
                match self.publish(names, record, &name) {
                    Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => {
                        return self.undo(names, record, &source, &name);
                    }
                    result => result?,
                }
            }
            _ => return self.undo(names, record, &source, &name),
        }
        sys::unlink_at(&source.file, &names.claim)?;
        self.flush(&source.file)?;
        self.report.claims += 1;
        Ok(())
    }

    /// Gives the part its name.
    fn publish(&mut self, names: &Names, record: &Record, wanted: &CStr) -> io::Result<()> {
        let announce = |to: &[u8]| match &record.leader {
            Some(leader) => {
                let (groups, folders, member, bytes) = (self.groups, self.folders, &record.source, record.size);
                Intent { groups, folders, leader, member, bytes }.announce(self.folder, to, self.sync)
            }
            None => Ok(()),
        };
        let from = (&self.folder.file, names.part.as_c_str());
        let published = moving::rename_free(from, &self.folder.file, wanted.to_bytes(), self.unique, announce)?;
        self.flush(&self.folder.file)?;
        self.report.published.push(self.full(&published));
        Ok(())
    }

    /// Gives the source its name back and throws the copy away.
    fn undo(&mut self, names: &Names, record: &Record, source: &Folder, name: &CString) -> io::Result<()> {
        let returned = put_back((&source.file, &names.claim), &source.file, name)?;
        self.flush(&source.file)?;
        let place = Place { folder: record.source.folder.clone(), name: Name::from(returned) };
        self.report.returned.push(place.path());
        self.report.parts += u32::from(self.drop_part(names)?);
        Ok(())
    }

    /// Removes the part, if there is one; whether there was.
    fn drop_part(&self, names: &Names) -> io::Result<bool> {
        Ok(existing(sys::unlink_at(&self.folder.file, &names.part))?.is_some())
    }

    fn full(&self, name: &[u8]) -> Name {
        Place { folder: self.path.clone(), name: Name::from(name) }.path()
    }

    fn flush(&self, file: &File) -> io::Result<()> {
        if self.sync { file.sync_all() } else { Ok(()) }
    }
}

/// Whether the claim is the file that was copied, as it was copied, and without a writer.
fn is_intact(claim: &Stat, record: &Record, folder: &File, name: &CStr) -> io::Result<bool> {
    if claim.ino != record.inode || claim.size != record.size || claim.modified != record.modified {
        return Ok(false);
    }
    let file = sys::open_at(folder, name, libc::O_RDONLY | libc::O_NONBLOCK, 0)?;
    Ok(obstacle::writers(&file) != Writers::Some)
}
