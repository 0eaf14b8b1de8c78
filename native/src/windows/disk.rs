//! What the burst does to files on Windows: through openings that keep writers out, so that a file is renamed and
//! removed as it was seen whatever its name has come to mean.

use std::fs::{File, TryLockError};
use std::io;

use lockwait_core::code::Code;
use lockwait_core::observation::{Access, Name, Place, Refusal};
use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_FILE_NOT_FOUND, ERROR_SHARING_VIOLATION, GENERIC_READ, GENERIC_WRITE,
};
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, DELETE, FILE_ADD_FILE, FILE_APPEND_DATA, FILE_ATTRIBUTE_HIDDEN, FILE_FLAG_BACKUP_SEMANTICS,
    FILE_FLAG_OPEN_REPARSE_POINT, FILE_FLAG_SEQUENTIAL_SCAN, FILE_FLAG_WRITE_THROUGH, FILE_READ_ATTRIBUTES,
    FILE_SHARE_DELETE, FILE_SHARE_READ, OPEN_ALWAYS, OPEN_EXISTING,
};

use super::grip;
use super::sys::{self, SHARE_ALL};
use crate::{code, probe};

pub(crate) use super::folder::{Folder, Folders};
pub(crate) use super::ident::last_change;
pub(crate) use super::sys::{FileName, Stat, stat_file};
pub(crate) use crate::probe::Seen;

/// Where a file is.
pub(crate) type At<'a> = (&'a Folder, &'a FileName);

/// An opening that a file may be renamed and removed through.
pub(crate) type Grip<'a> = File;

/// A system call that moves up to so many bytes from one file to another, from and to their own positions.
pub(crate) type Way = fn(&File, &File, usize) -> io::Result<usize>;

/// There is no such call: `CopyFile2` opens both files itself and lets writers at the source meanwhile.
pub(crate) const WAYS: [Way; 0] = [];

/// How much is read and written at a time: enough that a file server is asked in its largest pieces (1 MiB, MS-SMB2
/// section 3.3.4.2 allows eight times that).
pub(crate) const BUFFER: u64 = 1 << 20;

/// The permissions say no. They may be the file's or a lock of a server: there is one number for both.
pub(crate) const NOT_PERMITTED: Code = Code::win32(ERROR_ACCESS_DENIED);

/// Whether a file keeps its id when it is renamed: not on FAT.
pub(crate) const IDS_OUTLAST_NAMES: bool = false;

/// Everybody but writers.
const SHARE_WITH_READERS: u32 = FILE_SHARE_READ | FILE_SHARE_DELETE;

/// `name` for the functions here.
///
/// # Errors
/// It cannot be the name of a file in a folder.
pub(crate) fn file_name(name: &Name) -> io::Result<FileName> {
    sys::file_name(name)
}

/// Opens the file at `place` if nobody stands in the way of taking it. As long as it is open nobody writes to it.
pub(crate) fn open_source(folders: &Folders, place: &Place) -> Result<Seen, Refusal> {
    let seen = probe::open(folders, place)?;
    let reopened = grip::reopen(&seen.file, GENERIC_READ, SHARE_WITH_READERS, FILE_FLAG_SEQUENTIAL_SCAN)
        .and_then(|file| sys::stat_file(&file).map(|stat| (file, stat)));
    match reopened {
        // The opening that shares everything is closed with what is left of the old one.
        Ok((file, stat)) => Ok(Seen { file, stat, ..seen }),
        // A writer came back just now.
        Err(error) => {
            let facts = Some(seen.stat.facts());
            let access = if is_shared_out(&error) { Access::Write } else { Access::Unknown };
            Err(Refusal { facts, access, method: seen.method, ..Refusal::new(code::of(&error)) })
        }
    }
}

/// What the file is; a link is itself.
pub(crate) fn stat(at: At<'_>) -> io::Result<Stat> {
    sys::stat_link(&at.0.join(at.1))
}

/// What `seen` is, now that it was renamed. It is the same file, for it was renamed through an opening of it; its id
/// says nothing, since on FAT that changes with the name.
pub(crate) fn stat_renamed(seen: &Seen, _at: At<'_>) -> io::Result<Stat> {
    let now = sys::stat_file(&seen.file)?;
    Ok(Stat { dev: seen.stat.dev, ino: seen.stat.ino, ..now })
}

/// Whether anybody has a file open for writing that is open here: nobody can.
pub(crate) fn is_written(_file: &File) -> bool {
    false
}

/// Opens a file for reading.
pub(crate) fn open(at: At<'_>) -> io::Result<File> {
    open_with(at, GENERIC_READ, SHARE_ALL)
}

/// Opens a file for reading, unless somebody has it open for writing; nobody can while it is open.
pub(crate) fn open_unwritten(at: At<'_>) -> io::Result<Option<File>> {
    match open_with(at, GENERIC_READ, SHARE_WITH_READERS) {
        Err(error) if is_shared_out(&error) => Ok(None),
        result => result.map(Some),
    }
}

/// Opens a file for [`rename`] and [`remove`] alone, each of which is on the device when it is done.
pub(crate) fn open_movable(at: At<'_>) -> io::Result<File> {
    let flags = FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_WRITE_THROUGH;
    sys::open(&at.0.join(at.1), DELETE | FILE_READ_ATTRIBUTES, SHARE_ALL, OPEN_EXISTING, flags)
}

/// Opens a file for appending, one write at a time; creates it if there is none.
pub(crate) fn append(at: At<'_>) -> io::Result<File> {
    create_with(at, FILE_APPEND_DATA, SHARE_ALL, OPEN_ALWAYS)
}

/// Creates the empty file that is to become a copy of the file with the facts `like`. Nobody else opens it.
pub(crate) fn create_part(at: At<'_>, _like: &Stat) -> io::Result<File> {
    create_with(at, GENERIC_READ | GENERIC_WRITE | DELETE, 0, CREATE_NEW)
}

/// Gives a copy the attributes and the times of what it is a copy of; what it is then.
pub(crate) fn make_like(part: &File, seen: &Seen) -> io::Result<Stat> {
    grip::copy_attributes(&seen.file, part)?;
    sys::stat_file(part)
}

/// Creates a journal that is this run's for as long as it is open.
pub(crate) fn create_journal(at: At<'_>) -> io::Result<File> {
    create_with(at, GENERIC_READ | GENERIC_WRITE | DELETE, 0, CREATE_NEW)
}

/// Opens the journal of a dead run, for this one alone; `None` when its run lives, or it is gone by now.
///
/// # Errors
/// It cannot be read.
pub(crate) fn adopt_journal(at: At<'_>) -> io::Result<Option<File>> {
    let journal = match open_with(at, GENERIC_READ | GENERIC_WRITE | DELETE, SHARE_ALL) {
        Err(error) if is_shared_out(&error) || error.kind() == io::ErrorKind::NotFound => return Ok(None),
        result => result?,
    };
    // Shared, so that a program that merely looks at it does not pass for its run; the lock tells those apart that
    // want to adopt it.
    match journal.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
        Ok(()) => Ok((sys::stat_file(&journal)?.links > 0).then_some(journal)),
    }
}

/// What the file at `at`, which is open as `file`, can be renamed and removed with, by nobody else meanwhile: two
/// programs that take the same file must not both succeed. While it is held nobody opens the file who does not share
/// deletion; so it is held no longer than that takes. With `sync` each is on the device when it is done.
///
/// # Errors
/// Somebody reads the file and does not share deletion; it has another name by now.
pub(crate) fn grip<'a>(file: &'a File, at: At<'_>, sync: bool) -> io::Result<Grip<'a>> {
    let flags = if sync { FILE_FLAG_WRITE_THROUGH } else { 0 };
    let grip = grip::reopen(file, DELETE | FILE_READ_ATTRIBUTES, FILE_SHARE_READ, flags)?;
    if stat(at)?.is_same_file(&sys::stat_file(&grip)?) { Ok(grip) } else { Err(gone()) }
}

/// Renames a file to a name that must be free: [`io::ErrorKind::AlreadyExists`] when it is not, and
/// [`io::ErrorKind::CrossesDevices`] when the two folders are not on one volume.
pub(crate) fn rename(file: &File, _from: At<'_>, to: At<'_>) -> io::Result<()> {
    grip::rename(file, &to.0.join(to.1))
}

/// Removes an open file.
pub(crate) fn remove(file: &File, _at: At<'_>) -> io::Result<()> {
    grip::remove(file)
}

/// Removes a file.
pub(crate) fn remove_at(at: At<'_>) -> io::Result<()> {
    grip::remove(&open_movable(at)?)
}

/// Puts the new name of a copy that was renamed on the device: the file system's log, to where the name is in it, goes
/// there before anything that belongs to the file.
pub(crate) fn flush_renamed(part: &File, _folder: &Folder) -> io::Result<()> {
    part.sync_all()
}

/// Does nothing: Windows cannot flush a folder, and what is renamed here is flushed in other ways.
pub(crate) fn flush_folder(_folder: &Folder) -> io::Result<()> {
    Ok(())
}

/// Whether this user may create files in a folder.
pub(crate) fn may_write(folder: &Folder) -> bool {
    sys::open(&folder.root, FILE_ADD_FILE, SHARE_ALL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS).is_ok()
}

/// Nothing here shares blocks between files.
pub(crate) fn clone_file(_from: &File, _to: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Was said when the source was opened.
pub(crate) fn advise_sequential(_file: &File) {}

/// There is no such hint: the final flush does it all.
pub(crate) fn start_flush(_file: &File, _offset: u64, _length: u64) {}

/// Opens what is there, itself and not what a link leads to.
fn open_with(at: At<'_>, access: u32, share: u32) -> io::Result<File> {
    sys::open(&at.0.join(at.1), access, share, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT)
}

/// Opens one of the burst's own files, which are hidden from people.
fn create_with(at: At<'_>, access: u32, share: u32, disposition: u32) -> io::Result<File> {
    let flags = FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_OPEN_REPARSE_POINT;
    sys::open(&at.0.join(at.1), access, share, disposition, flags)
}

fn gone() -> io::Error {
    io::Error::from_raw_os_error(ERROR_FILE_NOT_FOUND.cast_signed())
}

/// Whether somebody has the file open and does not share what was asked for.
fn is_shared_out(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_SHARING_VIOLATION.cast_signed())
}
