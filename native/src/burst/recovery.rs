//! Finishes or undoes what killed runs left in a destination.

use std::io;

use lockwait_core::observation::{Name, Place};

use super::group::{Groups, Intent};
use super::moving;
use super::record::Record;
use super::slot::{self, Names};
use super::{Recovered, existing, names};
use crate::os::disk::{self, Folder, Folders};
use crate::path;

/// A destination being cleaned.
pub(super) struct Recovery<'a> {
    /// Its path.
    pub(super) path: &'a Name,
    /// The folder itself.
    pub(super) folder: &'a Folder,
    /// Where the sources are found.
    pub(super) folders: &'a Folders,
    /// What is known of unfinished groups.
    pub(super) groups: &'a Groups,
    /// Whether a published file may get another name when its own is taken.
    pub(super) unique: bool,
    /// Whether each step is flushed.
    pub(super) sync: bool,
    /// What was found and done.
    pub(super) report: &'a mut Recovered,
}

impl Recovery<'_> {
    /// Cleans the destination. What cannot be reached is kept for the next start, and told.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub(super) fn run(mut self) -> io::Result<()> {
        let (mut parts, mut groups, mut settled) = (Vec::new(), Vec::new(), true);
        for entry in std::fs::read_dir(path::to_path(self.path))? {
            let entry = path::to_name(entry?.file_name());
            let name = entry.as_bytes();
            if let Some(stem) = names::stem(name, names::JOURNAL) {
                settled &= self.settle(stem).unwrap_or_else(|_| {
                    self.report.kept.push(self.full(&entry));
                    false
                });
            } else if let Some(stem) = names::stem(name, names::PART) {
                parts.push(stem.to_vec());
            } else if let Some(group) = names::group(name) {
                self.groups.note(group);
                groups.push((group, self.full(&entry)));
            }
        }
        for stem in parts {
            // A part is created after its journal and gone before it, so one without a journal is nobody's.
            let Ok(names) = Names::new(&stem) else { continue };
            let journal = disk::stat((self.folder, &names.journal));
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
        let Some((journal, record)) = slot::find(self.folder, &names.journal)? else { return Ok(false) };
        match record {
            Some(record) => self.resolve(&names, &record)?,
            None => self.report.parts += u32::from(self.drop_part(&names)?),
        }
        self.flush(self.folder)?;
        // It is nobody else's until it is gone.
        disk::remove(&journal, (self.folder, &names.journal))?;
        Ok(true)
    }

    /// The table of the module above, row by row.
    fn resolve(&mut self, names: &Names, record: &Record) -> io::Result<()> {
        let source = self.folders.check(&record.source.folder)?;
        disk::file_name(&record.source.name)?;
        let part = existing(disk::stat((self.folder, &names.part)))?;
        let claim = existing(disk::stat((&source, &names.claim)))?;
        let Some(claim) = claim else {
            if part.is_some() && source.stat.ino != record.folder {
                // What is there now is another folder: a file system that is not mounted yet has the claim.
                return Err(io::ErrorKind::StaleNetworkFileHandle.into());
            }
            self.report.parts += u32::from(self.drop_part(names)?);
            return Ok(());
        };
        // The file that was copied, as it was copied, and without a writer. Where its id cannot tell, its name does:
        // nobody else makes claims of this stem.
        let same_file = claim.ino == record.inode || !disk::IDS_OUTLAST_NAMES;
        let as_copied = same_file && claim.size == record.size && claim.modified == record.modified;
        let intact = if as_copied { disk::open_unwritten((&source, &names.claim))? } else { None };
        let Some(intact) = intact else { return self.undo(names, record, &source) };
        match part {
            None => {}
            Some(part) if part.ino == record.copy && part.size == record.size => match self.publish(names, record) {
                Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => {
                    return self.undo(names, record, &source);
                }
                result => result?,
            },
            Some(_) => return self.undo(names, record, &source),
        }
        let claim = (&*source, &names.claim);
        let grip = disk::grip(&intact, claim, self.sync)?;
        disk::remove(&grip, claim)?;
        self.flush(&source)?;
        self.report.claims += 1;
        Ok(())
    }

    /// Gives the part its name.
    fn publish(&mut self, names: &Names, record: &Record) -> io::Result<()> {
        let announce = |to: &Name| match &record.leader {
            Some(leader) => {
                let (groups, folders, member, bytes) = (self.groups, self.folders, &record.source, record.size);
                Intent { groups, folders, leader, member, bytes }.announce(self.folder, to, self.sync)
            }
            None => Ok(()),
        };
        let from = (self.folder, &names.part);
        let part = disk::open_movable(from)?;
        let (published, _) = moving::rename_free(&part, from, self.folder, &record.source.name, self.unique, announce)?;
        self.flush(self.folder)?;
        self.report.published.push(self.full(&published));
        Ok(())
    }

    /// Gives the source its name back and throws the copy away.
    fn undo(&mut self, names: &Names, record: &Record, source: &Folder) -> io::Result<()> {
        let from = (source, &names.claim);
        let name = moving::put_back(&disk::open_movable(from)?, from, source, &record.source.name)?;
        self.flush(source)?;
        self.report.returned.push(Place { folder: record.source.folder.clone(), name }.path());
        self.report.parts += u32::from(self.drop_part(names)?);
        Ok(())
    }

    /// Removes the part, if there is one; whether there was.
    fn drop_part(&self, names: &Names) -> io::Result<bool> {
        Ok(existing(disk::remove_at((self.folder, &names.part)))?.is_some())
    }

    fn full(&self, name: &Name) -> Name {
        Place { folder: self.path.clone(), name: name.clone() }.path()
    }

    fn flush(&self, folder: &Folder) -> io::Result<()> {
        if self.sync { disk::flush_folder(folder) } else { Ok(()) }
    }
}
