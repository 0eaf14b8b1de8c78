//! Linux: one walk over `/proc/*/fd` for all files, then `/proc/locks` and `/proc/*/maps` for what shows nowhere
//! else.
//!
//! A descriptor is told by device and inode, so a file opened under another name counts; its `fdinfo` says how it was
//! opened and which locks were taken through it. `/proc/locks` adds lockers whose descriptors we may not list;
//! `/proc/*/maps` adds programs that mapped a file and closed it, and is read only for files not found otherwise.

use std::collections::HashMap;
use std::ffi::{CStr, CString, OsStr};
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use lockwait_core::code::Code;
use lockwait_core::observation::{Access, Holder, Holders, Place};

use super::lock_line::LockLine;
use crate::posix::sys::{self, FileId};
use crate::{code, path};

/// Some processes could not be looked into (`errno:EACCES`).
const NOT_ALL: Code = Code::errno(13);

/// A file that is asked for.
struct Wanted {
    /// Its owner.
    uid: u32,
    /// Which of `Scan::folders` it is in.
    folder: Option<usize>,
}

/// The state of one walk.
struct Scan {
    /// The files asked for that are there.
    wanted: Vec<Wanted>,
    /// Their indices in `wanted`.
    by_id: HashMap<FileId, usize>,
    /// Their folders, as links in `/proc` spell them.
    folders: HashMap<Vec<u8>, usize>,
    /// What was found, as `wanted`.
    found: Vec<Vec<Holder>>,
    /// Some process could not be looked into.
    blind: bool,
}

/// See [`crate::holders::who`].
pub(crate) fn who(places: &[Place]) -> Vec<Holders> {
    let mut scan =
        Scan { wanted: Vec::new(), by_id: HashMap::new(), folders: HashMap::new(), found: Vec::new(), blind: false };
    let asked: Vec<Result<usize, Code>> = places.iter().map(|place| scan.want(place)).collect();
    if let Err(error) = scan.run() {
        return vec![Holders::CouldNotAsk(code::of(&error)); places.len()];
    }
    let answer = |asked: Result<usize, Code>| match asked {
        Err(code) => Holders::CouldNotAsk(code),
        Ok(index) if scan.blind && scan.found[index].is_empty() => Holders::CouldNotAsk(NOT_ALL),
        Ok(index) => Holders::Found(scan.found[index].clone()),
    };
    asked.into_iter().map(answer).collect()
}

impl Scan {
    /// Adds the file at `place` to those looked for.
    fn want(&mut self, place: &Place) -> Result<usize, Code> {
        let full = CString::new(path::of_place(place).into_os_string().into_vec()).map_err(|_| Code::errno(22))?;
        // The same call as for the descriptors, so that file systems whose numbers depend on the way of asking
        // give the same ones.
        let (id, uid) = sys::identify(None, &full).map_err(|error| code::of(&error))?;
        if let Some(index) = self.by_id.get(&id) {
            return Ok(*index);
        }
        let folder = fs::canonicalize(path::to_path(&place.folder)).ok().map(|folder| {
            let next = self.folders.len();
            *self.folders.entry(folder.into_os_string().into_vec()).or_insert(next)
        });
        let index = self.wanted.len();
        self.wanted.push(Wanted { uid, folder });
        self.by_id.insert(id, index);
        self.found.push(Vec::new());
        Ok(index)
    }

    fn run(&mut self) -> io::Result<()> {
        if self.wanted.is_empty() {
            return Ok(());
        }
        let processes: Vec<u32> =
            fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
        for pid in &processes {
            self.look_into(*pid);
        }
        self.add_lockers();
        if self.found.iter().any(Vec::is_empty) {
            for pid in &processes {
                self.add_mappings(*pid);
            }
        }
        Ok(())
    }

    /// Looks at the descriptors of one process. One that ends meanwhile holds nothing.
    fn look_into(&mut self, pid: u32) {
        let folder = format!("/proc/{pid}/fd");
        let (entries, handle) = match (fs::read_dir(&folder), File::open(&folder)) {
            (Ok(entries), Ok(handle)) => (entries, handle),
            (Err(error), _) | (_, Err(error)) => {
                self.blind |= error.kind() == io::ErrorKind::PermissionDenied;
                return;
            }
        };
        let mut here: Vec<(usize, Holder)> = Vec::new();
        // How many files of each folder the process has open.
        let mut open_in = vec![0_u32; self.folders.len()];
        let mut target = [0_u8; libc::PATH_MAX as usize];
        for entry in entries {
            let Ok(entry) = entry else { break };
            let Ok(number) = CString::new(entry.file_name().into_vec()) else { continue };
            let length = match sys::read_link_at(&handle, &number, &mut target) {
                Ok(length) => length,
                // Listing a process's descriptors takes less than looking at them (proc_pid_fd(5)).
                Err(error) => {
                    self.blind |= error.kind() == io::ErrorKind::PermissionDenied;
                    continue;
                }
            };
            // Sockets, pipes and the like have no path.
            let link = &target[..length];
            if link.first() != Some(&b'/') {
                continue;
            }
            if let Some(parent) = Path::new(OsStr::from_bytes(link)).parent()
                && let Some(folder) = self.folders.get(parent.as_os_str().as_bytes())
            {
                open_in[*folder] += 1;
            }
            let Ok((id, _)) = sys::identify(Some(&handle), &number) else { continue };
            if let Some(index) = self.by_id.get(&id)
                && let Some(holder) = descriptor(pid, &number)
            {
                match here.iter_mut().find(|(other, _)| other == index) {
                    Some((_, known)) => merge(known, &holder),
                    None => here.push((*index, holder)),
                }
                // The file is not one of its folder's others.
                if let Some(folder) = self.wanted[*index].folder {
                    open_in[folder] = open_in[folder].saturating_sub(1);
                }
            }
        }
        for (index, mut holder) in here {
            let wanted = &self.wanted[index];
            describe(&mut holder, pid, wanted.uid);
            holder.others = wanted.folder.map_or(0, |folder| open_in[folder]);
            self.found[index].push(holder);
        }
    }

    /// Adds those who hold a lock and were not seen to have the file open.
    fn add_lockers(&mut self) {
        let Ok(text) = fs::read_to_string("/proc/locks") else { return };
        for lock in text.lines().filter_map(LockLine::parse) {
            let Some(index) = self.by_id.get(&(lock.device, lock.inode)) else { continue };
            let (holders, uid) = (&mut self.found[*index], self.wanted[*index].uid);
            let known = |holder: &Holder| match lock.pid {
                Some(_) => holder.pid == lock.pid,
                None => holder.share == lock.kind,
            };
            if holders.iter().any(known) {
                continue;
            }
            let mut holder = Holder { share: lock.kind.into(), access: lock.access, ..Holder::default() };
            if let Some(pid) = lock.pid {
                describe(&mut holder, pid, uid);
            }
            holders.push(holder);
        }
    }

    /// Adds a process that mapped a file nobody was found to have open.
    fn add_mappings(&mut self, pid: u32) {
        let text = match fs::read(format!("/proc/{pid}/maps")) {
            Ok(text) => text,
            Err(error) => {
                self.blind |= error.kind() == io::ErrorKind::PermissionDenied;
                return;
            }
        };
        for (id, access) in text.split(|byte| *byte == b'\n').filter_map(mapping) {
            let Some(index) = self.by_id.get(&id) else { continue };
            let (holders, uid) = (&mut self.found[*index], self.wanted[*index].uid);
            let mut holder = Holder { share: "mapping".into(), access, ..Holder::default() };
            match holders.iter_mut().find(|known| known.pid == Some(pid)) {
                Some(known) => merge(known, &holder),
                None => {
                    describe(&mut holder, pid, uid);
                    holders.push(holder);
                }
            }
        }
    }
}

/// A holder from one descriptor's `fdinfo`; `None` when it is closed by now, or is a probe of our own.
fn descriptor(pid: u32, number: &CStr) -> Option<Holder> {
    let text = fs::read_to_string(format!("/proc/{pid}/fdinfo/{}", number.to_str().ok()?)).ok()?;
    let octal = text.lines().find_map(|line| line.strip_prefix("flags:"))?;
    let flags = libc::c_int::from_str_radix(octal.trim(), 8).ok()?;
    let access = match flags & libc::O_ACCMODE {
        libc::O_RDONLY => Access::Read,
        libc::O_WRONLY => Access::Write,
        libc::O_RDWR => Access::ReadWrite,
        _ => Access::Unknown,
    };
    let own = pid == std::process::id();
    if own && access == Access::Read && flags & libc::O_NONBLOCK != 0 {
        return None;
    }
    let lock = text.lines().filter_map(|line| LockLine::parse(line.strip_prefix("lock:")?)).next();
    let share = lock.map_or_else(String::new, |lock| lock.kind.into());
    Some(Holder { access, share, own, ..Holder::default() })
}

/// What the same process has open once more.
fn merge(known: &mut Holder, more: &Holder) {
    let writes = known.access.writes() == Some(true) || more.access.writes() == Some(true);
    let reads = |access| matches!(access, Access::Read | Access::ReadWrite);
    known.access = match (reads(known.access) || reads(more.access), writes) {
        (true, true) => Access::ReadWrite,
        (true, false) => Access::Read,
        (false, true) => Access::Write,
        (false, false) => Access::Unknown,
    };
    if known.share.is_empty() {
        known.share.clone_from(&more.share);
    }
}

/// Fills in who process `pid` is.
fn describe(holder: &mut Holder, pid: u32, file_owner: u32) {
    holder.pid = Some(pid);
    holder.own = pid == std::process::id();
    holder.owner = fs::metadata(format!("/proc/{pid}")).ok().map(|process| process.uid() == file_owner);
    let comm = fs::read(format!("/proc/{pid}/comm")).unwrap_or_default();
    let comm = comm.trim_ascii_end();
    // The kernel keeps 15 bytes of the name; the program's file has all of it.
    let program = fs::read_link(format!("/proc/{pid}/exe")).ok();
    let program = program.as_deref().and_then(Path::file_name).map(OsStr::as_bytes);
    let name = program.filter(|program| comm.len() == 15 && program.starts_with(comm)).unwrap_or(comm);
    holder.name = String::from_utf8_lossy(name).into_owned();
}

/// File and access of one line of `/proc/PID/maps`: `from-to perms offset major:minor inode path`.
fn mapping(line: &[u8]) -> Option<(FileId, Access)> {
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let (_range, perms, _offset, device, inode) =
        (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    let (major, minor) = std::str::from_utf8(device).ok()?.split_once(':')?;
    let device = (u32::from_str_radix(major, 16).ok()?, u32::from_str_radix(minor, 16).ok()?);
    let inode = std::str::from_utf8(inode).ok()?.parse().ok().filter(|inode| *inode != 0)?;
    // Writing to a private mapping does not reach the file.
    let access =
        if perms.get(1) == Some(&b'w') && perms.last() == Some(&b's') { Access::ReadWrite } else { Access::Read };
    Some(((device, inode), access))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_writable_mapping_writes_and_any_other_reads() {
        let line = b"7f00-7f10 rw-s 00000000 fd:01 1234                       /in/a b";
        assert_eq!(mapping(line), Some((((0xfd, 1), 1234), Access::ReadWrite)));
        let private = b"7f00-7f10 rw-p 00000000 fd:01 1234 /in/a";
        assert_eq!(mapping(private).unwrap().1, Access::Read);
        assert_eq!(mapping(b"7f00-7f10 rw-p 00000000 00:00 0 [heap]"), None);
        assert_eq!(mapping(b""), None);
    }
}
