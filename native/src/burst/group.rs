//! What was taken of groups whose leader is not taken yet.
//!
//! A group is taken members first. When a run is killed in between, the members are at the destination and the
//! leader is still at the source; the next run must not wait for the members to come. So each member's taking is
//! announced, in a file of the group, before it begins; the file goes when the leader has been taken, or at the next
//! start that finds the leader no longer where it was.
//!
//! An announcement holds only for the leader that it was made for, told by its file id and time: a leader that comes
//! later under the same name has members of its own.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::{Mutex, PoisonError};

use lockwait_core::json;
use lockwait_core::observation::{Facts, Name, Place, Taken};

use super::destination::Destination;
use super::{existing, names, record};
use crate::os::disk::{self, FileName, Folder, Folders};

/// The longest group file that is read: some thousand members.
const LONGEST: u64 = 4 << 20;

/// A leader at its source.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Leader {
    place: Place,
    /// The file id of the folder, as in [`record::Record::folder`].
    folder: u64,
    /// Its size, time and file id. Its volume's own id is left out: it may change with a restart.
    facts: Facts,
}

/// One announcement.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Line {
    leader: Leader,
    /// The member's place at the source.
    member: Place,
    /// The member's size.
    bytes: u64,
    /// Where it goes: its name at the destination.
    to: Name,
}

json::record!(Leader, Leader { place: Place::blank(), folder: 0, facts: Facts::blank() }, place, folder, facts);
json::record!(
    Line,
    Line { leader: Leader::blank(), member: Place::blank(), bytes: 0, to: Name::blank() },
    leader,
    member,
    bytes,
    to,
);

/// The groups that a destination has files of.
#[derive(Default)]
pub(super) struct Groups(Mutex<HashSet<u64>>);

/// Announces one member's taking.
pub(super) struct Intent<'a> {
    pub(super) groups: &'a Groups,
    pub(super) folders: &'a Folders,
    pub(super) leader: &'a Place,
    pub(super) member: &'a Place,
    pub(super) bytes: u64,
}

impl Leader {
    /// The file that is at `place` now, not opened; `None` when the folder is there and the file is not.
    fn find(place: &Place, folders: &Folders) -> io::Result<Option<Leader>> {
        let folder = folders.check(&place.folder)?;
        let stat = existing(disk::stat((&folder, &disk::file_name(&place.name)?)))?;
        Ok(stat.map(|stat| Leader {
            place: place.clone(),
            folder: folder.stat.ino,
            facts: Facts { identity: stat.ino, ..stat.facts() },
        }))
    }
}

impl Groups {
    /// Remembers that the destination has a file of `group`.
    pub(super) fn note(&self, group: u64) {
        self.known().insert(group);
    }

    /// The leader was taken: its group is whole.
    pub(super) fn close(&self, leader: &Place, destination: &Destination) {
        let group = hash(leader);
        if self.known().remove(&group) {
            let remove = || disk::remove_at((&*destination.folder()?, &file_name(group)?));
            // A file that stays holds for no other leader, and goes at the next start.
            drop(remove());
        }
    }

    /// Where `member` of `leader` is, if it was announced for the leader that is there now and is at the source no
    /// more.
    pub(super) fn delivered(
        &self,
        leader: &Place,
        member: &Place,
        destination: (&Folder, &Name),
        folders: &Folders,
    ) -> Option<Taken> {
        let name = file_name(hash(leader)).ok()?;
        let file = disk::open((destination.0, &name)).ok()?;
        let leader = Leader::find(leader, folders).ok()??;
        let source = folders.check(&member.folder).ok()?;
        let missing = disk::stat((&source, &disk::file_name(&member.name).ok()?)).err()?;
        if missing.kind() != io::ErrorKind::NotFound {
            return None;
        }
        let line = lines(file).ok()?.into_iter().rfind(|line| line.leader == leader && line.member == *member)?;
        let to = Place { folder: destination.1.clone(), name: line.to }.path();
        Some(Taken { to, bytes: line.bytes })
    }

    /// Removes the file of `group` unless a leader that it speaks of is still at its source.
    ///
    /// # Errors
    /// The file cannot be read, or nobody can tell whether a leader is still there.
    pub(super) fn sweep(&self, group: u64, destination: &Folder, folders: &Folders) -> io::Result<()> {
        let name = file_name(group)?;
        for line in lines(disk::open((destination, &name))?)? {
            if Leader::find(&line.leader.place, folders)?.is_some_and(|leader| leader == line.leader) {
                return Ok(());
            }
            if folders.get(&line.leader.place.folder)?.stat.ino != line.leader.folder {
                return Err(io::ErrorKind::StaleNetworkFileHandle.into());
            }
        }
        disk::remove_at((destination, &name))?;
        self.known().remove(&group);
        Ok(())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashSet<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intent<'_> {
    /// Announces that the member is about to get the name `to` in `destination`.
    pub(super) fn announce(&self, destination: &Folder, to: &Name, sync: bool) -> io::Result<()> {
        // Without its leader a member travels alone.
        let Ok(Some(leader)) = Leader::find(self.leader, self.folders) else { return Ok(()) };
        let group = hash(self.leader);
        let mut line = Line { leader, member: self.member.clone(), bytes: self.bytes, to: to.clone() };
        let mut file = disk::append((destination, &file_name(group)?))?;
        // One write for the whole line: other members of the group may be announced at the same time. It begins with
        // a line end, in case the line before it was cut short.
        file.write_all(&[b"\n", record::line(&mut line).as_slice()].concat())?;
        self.groups.note(group);
        if sync {
            file.sync_all()?;
            disk::flush_folder(destination)?;
        }
        Ok(())
    }
}

fn hash(leader: &Place) -> u64 {
    record::fnv(leader.path().as_bytes())
}

fn file_name(group: u64) -> io::Result<FileName> {
    disk::file_name(&Name::from([names::group_stem(group).as_slice(), names::GROUP].concat()))
}

/// The announcements in a group's file; those that were cut short say nothing.
fn lines(file: File) -> io::Result<Vec<Line>> {
    let mut text = Vec::new();
    file.take(LONGEST).read_to_end(&mut text)?;
    Ok(text.split_inclusive(|byte| *byte == b'\n').filter_map(record::parse::<Line>).collect())
}
