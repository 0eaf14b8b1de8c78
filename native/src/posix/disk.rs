//! What the burst does to files on POSIX systems: by their names, in folders that are kept open. Nothing keeps others
//! from renaming or writing meanwhile, so what a name led to is checked afterwards.

use std::ffi::CString;
use std::fs::{File, TryLockError};
use std::io;
use std::ops::Deref;

use lockwait_core::observation::{Name, Place, Refusal};

use super::obstacle::{self, Writers};
use super::probe;
use super::sys;

pub(crate) use super::folder::{Folder, Folders};
pub(crate) use super::ident::last_change;
pub(crate) use super::probe::{NOT_PERMITTED, Seen};
pub(crate) use super::sys::{Stat, advise_sequential, clone_file, start_flush, stat_file};

/// Whether a file keeps its id when it is renamed.
pub(crate) const IDS_OUTLAST_NAMES: bool = true;

/// A file's name in a folder.
pub(crate) type FileName = CString;

/// Where a file is.
pub(crate) type At<'a> = (&'a Folder, &'a FileName);

/// An opening that a file may be renamed and removed through: any, for here it only stands for the file.
pub(crate) struct Grip<'a>(&'a File);

impl Deref for Grip<'_> {
    type Target = File;

    fn deref(&self) -> &File {
        self.0
    }
}

/// A system call that moves up to so many bytes from one file to another, from and to their own positions.
pub(crate) type Way = fn(&File, &File, usize) -> io::Result<usize>;

/// The ways to copy inside the kernel, best first: the file system's own, which may not even read, is for files of
/// one volume (ext4) or one kind of volume (NFS, CIFS); the other takes pages out of the cache. Measured between ext4
/// and tmpfs: it needs three quarters of the processor time of reads and writes.
pub(crate) const WAYS: [Way; 2] = [sys::copy_range, sys::send_file];

/// How much is read and written at a time where the kernel cannot copy by itself: what fits into a processor's
/// second-level cache. Measured: twice this makes writing to ext4 markedly slower.
pub(crate) const BUFFER: u64 = 128 << 10;

/// `name` for the functions here.
///
/// # Errors
/// It cannot be the name of a file in a folder.
pub(crate) fn file_name(name: &Name) -> io::Result<FileName> {
    sys::file_name(name)
}

/// Opens the file at `place` if nobody stands in the way of taking it.
pub(crate) fn open_source(folders: &Folders, place: &Place) -> Result<Seen, Refusal> {
    probe::open(folders, place)
}

/// What the file is; a symbolic link is itself.
pub(crate) fn stat(at: At<'_>) -> io::Result<Stat> {
    sys::stat_at(&at.0.root, at.1)
}

/// What is now where `seen` was renamed to; it need not be what was seen.
pub(crate) fn stat_renamed(_seen: &Seen, at: At<'_>) -> io::Result<Stat> {
    stat(at)
}

/// Whether anybody has the open file open for writing, as far as that can be told.
pub(crate) fn is_written(file: &File) -> bool {
    obstacle::writers(file) == Writers::Some
}

/// Opens a file for reading.
pub(crate) fn open(at: At<'_>) -> io::Result<File> {
    sys::open_at(&at.0.root, at.1, libc::O_RDONLY | libc::O_NONBLOCK, 0)
}

/// Opens a file for reading, unless somebody has it open for writing.
pub(crate) fn open_unwritten(at: At<'_>) -> io::Result<Option<File>> {
    Ok(Some(open(at)?).filter(|file| !is_written(file)))
}

/// Opens a file for [`rename`] and [`remove`] alone.
pub(crate) fn open_movable(at: At<'_>) -> io::Result<File> {
    open(at)
}

/// Opens a file for appending, one write at a time; creates it if there is none.
pub(crate) fn append(at: At<'_>) -> io::Result<File> {
    sys::open_at(&at.0.root, at.1, libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_NONBLOCK, 0o600)
}

/// Creates the empty file that is to become a copy of the file with the facts `like`.
pub(crate) fn create_part(at: At<'_>, like: &Stat) -> io::Result<File> {
    sys::open_at(&at.0.root, at.1, libc::O_RDWR | libc::O_CREAT | libc::O_EXCL, mode_of_copy(like))
}

/// Gives a copy the permissions and the time of what it is a copy of; what it is then.
pub(crate) fn make_like(part: &File, seen: &Seen) -> io::Result<Stat> {
    let like = &seen.stat;
    let copied = sys::stat_file(part)?;
    // What this process's umask or the folder's defaults made of it.
    if copied.mode & 0o7777 != mode_of_copy(like) {
        sys::set_mode(part, mode_of_copy(like))?;
    }
    sys::set_modified(part, like.modified)?;
    Ok(copied)
}

/// The permissions of a copy. Bits that lend the owner's rights to whoever runs the file do not pass to a copy, which
/// may have another owner.
fn mode_of_copy(like: &Stat) -> u32 {
    like.mode & 0o777
}

/// Creates a journal that is this run's for as long as it is open.
pub(crate) fn create_journal(at: At<'_>) -> io::Result<File> {
    loop {
        let journal = sys::open_at(&at.0.root, at.1, libc::O_RDWR | libc::O_CREAT | libc::O_EXCL, 0o600)?;
        match journal.lock() {
            // Without such locks the journal stays unlocked, and nobody will take it for a dead one's either.
            Err(error) if matches!(error.raw_os_error(), Some(libc::ENOLCK | libc::ENOSYS | libc::EOPNOTSUPP)) => {}
            result => result?,
        }
        // Between creation and lock, a starting program may have taken the journal for a dead one's and removed it.
        if sys::stat_file(&journal)?.links > 0 {
            return Ok(journal);
        }
    }
}

/// Opens the journal of a dead run, for this one alone; `None` when its run lives, or it is gone by now.
///
/// # Errors
/// It cannot be read, or nobody can tell whether its run is alive.
pub(crate) fn adopt_journal(at: At<'_>) -> io::Result<Option<File>> {
    let journal = match sys::open_at(&at.0.root, at.1, libc::O_RDWR | libc::O_NONBLOCK, 0) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        result => result?,
    };
    match journal.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
        Ok(()) => {}
    }
    Ok((sys::stat_file(&journal)?.links > 0).then_some(journal))
}

/// What the file at `at`, which is open as `file`, can be renamed and removed with.
pub(crate) fn grip<'a>(file: &'a File, _at: At<'_>, _sync: bool) -> io::Result<Grip<'a>> {
    Ok(Grip(file))
}

/// Renames a file to a name that must be free: [`io::ErrorKind::AlreadyExists`] when it is not, and
/// [`io::ErrorKind::CrossesDevices`] when the two folders are not on one volume.
///
/// Where the system cannot do this in one step, the file gets its new name as a second name and then loses the old
/// one. A kill between the two leaves both; the next attempt finds that the "other" file is the same file and only
/// takes the old name away.
pub(crate) fn rename(_file: &File, from: At<'_>, to: At<'_>) -> io::Result<()> {
    let cannot = |error: &io::Error| {
        matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOSYS | libc::EOPNOTSUPP | libc::ENOTTY))
    };
    let (old, new) = ((&from.0.root, from.1.as_c_str()), (&to.0.root, to.1.as_c_str()));
    match sys::rename_exclusive(old, new) {
        Err(error) if cannot(&error) => {
            match sys::link_at(old, new) {
                Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => {
                    if !stat(from)?.is_same_file(&stat(to)?) {
                        return Err(taken);
                    }
                }
                result => result?,
            }
            remove_at(from)
        }
        result => result,
    }
}

/// Removes an open file.
pub(crate) fn remove(_file: &File, at: At<'_>) -> io::Result<()> {
    remove_at(at)
}

/// Removes a file.
pub(crate) fn remove_at(at: At<'_>) -> io::Result<()> {
    sys::unlink_at(&at.0.root, at.1)
}

/// Puts the new name of a copy that was renamed on the device.
pub(crate) fn flush_renamed(_part: &File, folder: &Folder) -> io::Result<()> {
    flush_folder(folder)
}

/// Puts the names in a folder on the device.
pub(crate) fn flush_folder(folder: &Folder) -> io::Result<()> {
    folder.root.sync_all()
}

/// Whether this user may create, rename and remove files in a folder.
pub(crate) fn may_write(folder: &Folder) -> bool {
    sys::may_write(&folder.root).is_ok()
}
