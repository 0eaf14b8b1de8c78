//! The system calls that `std` does not offer, each behind a safe function. Nothing here decides anything.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};

use lockwait_core::observation::{Facts, Name};

/// What `stat` says of a file, as far as Lockwait asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stat {
    pub(crate) dev: u64,
    pub(crate) ino: u64,
    pub(crate) mode: u32,
    pub(crate) links: u64,
    pub(crate) uid: u32,
    pub(crate) size: u64,
    /// Nanoseconds since 1970; 0 for a time before that.
    pub(crate) modified: u64,
}

impl Stat {
    /// Whether this is a regular file: no folder, link, pipe, socket or device.
    // The constants' type differs from system to system.
    #[allow(clippy::useless_conversion)]
    pub(crate) fn is_regular(&self) -> bool {
        self.mode & u32::from(libc::S_IFMT) == u32::from(libc::S_IFREG)
    }

    /// Whether its content is what is in it: every regular file's is.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_regular()
    }

    pub(crate) fn is_same_file(&self, other: &Stat) -> bool {
        self.dev == other.dev && self.ino == other.ino
    }

    /// Size, time and identity, the latter mixed from device and inode and never 0.
    pub(crate) fn facts(&self) -> Facts {
        // An odd multiplier (2^64 over the golden ratio) spreads the small device numbers over all bits.
        let identity = self.ino ^ self.dev.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Facts { size: self.size, modified: self.modified, identity: identity.max(1) }
    }
}

/// `result` of a call that gives -1 and sets errno on failure.
fn check<T: PartialEq + From<i8>>(result: T) -> io::Result<T> {
    if result == T::from(-1) { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Repeats `call` while it is interrupted by signals.
fn uninterrupted<T: PartialEq + From<i8>>(mut call: impl FnMut() -> T) -> io::Result<T> {
    loop {
        match check(call()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// The name of a file in a folder, for a system call.
pub(crate) type FileName = CString;

/// `name` for a system call.
///
/// # Errors
/// `EINVAL` when it cannot be the name of a file in a folder: empty, `.`, `..`, with a separator or a zero byte.
pub(crate) fn file_name(name: &Name) -> io::Result<CString> {
    let bytes = name.as_bytes();
    let usable = !matches!(bytes, b"" | b"." | b"..") && !bytes.contains(&b'/');
    usable.then(|| CString::new(bytes).ok()).flatten().ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))
}

/// `path` for a system call.
///
/// # Errors
/// `EINVAL` when it has a zero byte.
pub(crate) fn path(path: &Name) -> io::Result<CString> {
    CString::new(path.as_bytes()).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

fn stat_with(call: impl Fn(*mut libc::stat) -> libc::c_int) -> io::Result<Stat> {
    let mut raw = std::mem::MaybeUninit::<libc::stat>::uninit();
    uninterrupted(|| call(raw.as_mut_ptr()))?;
    // SAFETY: every `call` passes the pointer to a stat function, which has filled it in when it succeeds.
    let raw = unsafe { raw.assume_init() };
    // The field types differ from system to system.
    #[allow(clippy::unnecessary_cast)]
    Ok(Stat {
        dev: raw.st_dev as u64,
        ino: raw.st_ino as u64,
        mode: raw.st_mode as u32,
        links: raw.st_nlink as u64,
        uid: raw.st_uid,
        size: u64::try_from(raw.st_size).unwrap_or(0),
        modified: u64::try_from(i128::from(raw.st_mtime) * 1_000_000_000 + i128::from(raw.st_mtime_nsec)).unwrap_or(0),
    })
}

/// What the file called `name` in `folder` is; a symbolic link is itself, not what it leads to.
pub(crate) fn stat_at(folder: &File, name: &CStr) -> io::Result<Stat> {
    stat_with(|raw| {
        // SAFETY: the descriptor is open, `name` ends in a zero byte, `raw` is valid for writing one `stat`.
        unsafe { libc::fstatat(folder.as_raw_fd(), name.as_ptr(), raw, libc::AT_SYMLINK_NOFOLLOW) }
    })
}

/// What the file or folder at `path` is, symbolic links followed.
pub(crate) fn stat_path(path: &CStr) -> io::Result<Stat> {
    stat_with(|raw| {
        // SAFETY: `path` ends in a zero byte, `raw` is valid for writing one `stat`.
        unsafe { libc::stat(path.as_ptr(), raw) }
    })
}

/// What the open file is.
pub(crate) fn stat_file(file: &File) -> io::Result<Stat> {
    stat_with(|raw| {
        // SAFETY: the descriptor is open, `raw` is valid for writing one `stat`.
        unsafe { libc::fstat(file.as_raw_fd(), raw) }
    })
}

/// Opens the folder at `path`, for use with the functions that end in `_at`.
pub(crate) fn open_folder(path: &CStr) -> io::Result<File> {
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
    // SAFETY: `path` ends in a zero byte.
    let fd = uninterrupted(|| unsafe { libc::open(path.as_ptr(), flags) })?;
    // SAFETY: `fd` was just opened and has no other owner.
    Ok(unsafe { File::from_raw_fd(fd) })
}

/// Opens the file called `name` in `folder` with `flags`, and never lets it pass to a child process, follow a
/// symbolic link or become the controlling terminal.
pub(crate) fn open_at(folder: &File, name: &CStr, flags: libc::c_int, mode: u32) -> io::Result<File> {
    let flags = flags | libc::O_CLOEXEC | libc::O_NOFOLLOW | libc::O_NOCTTY;
    let mode: libc::c_uint = mode;
    // SAFETY: the descriptor is open, `name` ends in a zero byte, and `mode` is the one variadic argument, promoted
    // as C does.
    let fd = uninterrupted(|| unsafe { libc::openat(folder.as_raw_fd(), name.as_ptr(), flags, mode) })?;
    // SAFETY: `fd` was just opened and has no other owner.
    Ok(unsafe { File::from_raw_fd(fd) })
}

/// Whether this user may read the file called `name`, by its permissions; an error that is not `EACCES` says
/// nothing about them.
pub(crate) fn may_read(folder: &File, name: &CStr) -> io::Result<()> {
    // SAFETY: the descriptor is open and `name` ends in a zero byte.
    let call = || unsafe { libc::faccessat(folder.as_raw_fd(), name.as_ptr(), libc::R_OK, libc::AT_EACCESS) };
    uninterrupted(call).map(drop)
}

/// Whether this user may create, rename and remove files in `folder`.
pub(crate) fn may_write(folder: &File) -> io::Result<()> {
    let mode = libc::W_OK | libc::X_OK;
    // SAFETY: the descriptor is open and the path is a C string.
    let call = || unsafe { libc::faccessat(folder.as_raw_fd(), c".".as_ptr(), mode, libc::AT_EACCESS) };
    uninterrupted(call).map(drop)
}

/// Reads into `buffer` what is at `offset`; how many bytes that were.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

/// Removes the file called `name` from `folder`.
pub(crate) fn unlink_at(folder: &File, name: &CStr) -> io::Result<()> {
    // SAFETY: the descriptor is open and `name` ends in a zero byte.
    uninterrupted(|| unsafe { libc::unlinkat(folder.as_raw_fd(), name.as_ptr(), 0) }).map(drop)
}

/// Gives a file a second name; `EEXIST` when that name is taken.
pub(crate) fn link_at(from: (&File, &CStr), to: (&File, &CStr)) -> io::Result<()> {
    let call = || {
        let (from_fd, to_fd) = (from.0.as_raw_fd(), to.0.as_raw_fd());
        // SAFETY: both descriptors are open and both names end in a zero byte.
        unsafe { libc::linkat(from_fd, from.1.as_ptr(), to_fd, to.1.as_ptr(), 0) }
    };
    uninterrupted(call).map(drop)
}

/// Renames in one step if the new name is free; `EEXIST` when it is not, `EINVAL`, `ENOSYS` or `EOPNOTSUPP` where
/// the system or the file system cannot do this.
pub(crate) fn rename_exclusive(from: (&File, &CStr), to: (&File, &CStr)) -> io::Result<()> {
    let (from_fd, to_fd) = (from.0.as_raw_fd(), to.0.as_raw_fd());
    let (from, to) = (from.1.as_ptr(), to.1.as_ptr());
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let call = || {
            // SAFETY: both descriptors are open, both names end in a zero byte, and the arguments are renameat2(2)'s.
            unsafe { libc::syscall(libc::SYS_renameat2, from_fd, from, to_fd, to, libc::RENAME_NOREPLACE) }
        };
        uninterrupted(call).map(drop)
    }
    #[cfg(target_vendor = "apple")]
    {
        // SAFETY: both descriptors are open and both names end in a zero byte.
        let call = || unsafe { libc::renameatx_np(from_fd, from, to_fd, to, libc::RENAME_EXCL) };
        uninterrupted(call).map(drop)
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    {
        let _ = (from_fd, to_fd, from, to);
        Err(io::Error::from_raw_os_error(libc::ENOSYS))
    }
}

/// Sets the file's time of last modification, in nanoseconds since 1970, and leaves its time of last access alone.
pub(crate) fn set_modified(file: &File, modified: u64) -> io::Result<()> {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_nanos(modified);
    file.set_modified(time)
}

/// Sets the permission bits of an open file.
pub(crate) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(mode))
}

/// Whether the `fcntl` command for a read lease on `file` succeeds: `EAGAIN` when a writer has the file open.
///
/// Releasing is left to the caller ([`release_lease`]) and to closing the file. Only Linux has leases.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn take_read_lease(file: &File) -> io::Result<()> {
    /// `F_SETSIG` (fcntl(2)); the same number on every Linux architecture.
    const F_SETSIG: libc::c_int = 10;
    let fd = file.as_raw_fd();
    // A holder is told by a signal that somebody wants to write. SIGIO, the default, would end a program that does
    // not expect it; SIGURG is ignored unless asked for.
    // SAFETY: the descriptor is open; the command takes one integer.
    check(unsafe { libc::fcntl(fd, F_SETSIG, libc::SIGURG) })?;
    // SAFETY: the descriptor is open; the command takes one integer.
    check(unsafe { libc::fcntl(fd, libc::F_SETLEASE, libc::F_RDLCK) }).map(drop)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn take_read_lease(_file: &File) -> io::Result<()> {
    Err(io::Error::from_raw_os_error(libc::EINVAL))
}

/// Gives back what [`take_read_lease`] took. Nothing can be done if that fails; closing the file does it as well.
pub(crate) fn release_lease(file: &File) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // SAFETY: the descriptor is open; the command takes one integer.
    unsafe {
        libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_UNLCK)
    };
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = file;
}

/// Whether somebody else's record lock forbids reading a part of `file`. Linux sees the locks of open files and of
/// other processes; other systems see those of other processes.
pub(crate) fn is_record_locked(file: &File) -> io::Result<bool> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const GET: libc::c_int = libc::F_OFD_GETLK;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const GET: libc::c_int = libc::F_GETLK;
    // SAFETY: `flock` is a plain C struct of integers; all zero is a valid value.
    let mut range: libc::flock = unsafe { std::mem::zeroed() };
    range.l_type = libc::F_RDLCK as libc::c_short;
    range.l_whence = libc::SEEK_SET as libc::c_short;
    // SAFETY: the descriptor is open, and `range` is a valid `struct flock` with `l_pid` 0, as F_OFD_GETLK demands.
    uninterrupted(|| unsafe { libc::fcntl(file.as_raw_fd(), GET, &raw mut range) })?;
    Ok(range.l_type != libc::F_UNLCK as libc::c_short)
}

/// Starts writing `length` bytes from `offset` to the device, after waiting for what was started there before.
/// A hint that keeps the final flush short; Linux only.
pub(crate) fn start_flush(file: &File, offset: u64, length: u64) {
    #[cfg(target_os = "linux")]
    if let (Ok(offset), Ok(length)) = (i64::try_from(offset), i64::try_from(length)) {
        let flags = libc::SYNC_FILE_RANGE_WAIT_BEFORE | libc::SYNC_FILE_RANGE_WRITE;
        // SAFETY: the descriptor is open; the call takes integers only.
        unsafe { libc::sync_file_range(file.as_raw_fd(), offset, length, flags) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, offset, length);
}

/// Tells the system that `file` will be read from front to back.
pub(crate) fn advise_sequential(file: &File) {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    // SAFETY: the descriptor is open; the call takes integers only.
    unsafe {
        libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_SEQUENTIAL)
    };
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    let _ = file;
}

/// Makes `to` share all blocks of `from`, where the file system can (btrfs, XFS, bcachefs).
pub(crate) fn clone_file(from: &File, to: &File) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        // SAFETY: both descriptors are open; the request takes a descriptor as its one argument.
        check(unsafe { libc::ioctl(to.as_raw_fd(), libc::FICLONE, from.as_raw_fd()) }).map(drop)
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = (from, to);
        Err(io::Error::from_raw_os_error(libc::ENOTSUP))
    }
}

/// Copies up to `length` bytes inside the kernel, from and to the files' own positions; how many were copied.
pub(crate) fn copy_range(from: &File, to: &File, length: usize) -> io::Result<usize> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let null = std::ptr::null_mut();
        // SAFETY: both descriptors are open; null offsets make the call use and move the files' own positions.
        let call = || unsafe { libc::copy_file_range(from.as_raw_fd(), null, to.as_raw_fd(), null, length, 0) };
        uninterrupted(call).map(|count| usize::try_from(count).unwrap_or(0))
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = (from, to, length);
        Err(io::Error::from_raw_os_error(libc::ENOTSUP))
    }
}

/// Copies up to `length` bytes through the page cache, from and to the files' own positions; how many were copied.
/// Only Linux can send to a file.
pub(crate) fn send_file(from: &File, to: &File, length: usize) -> io::Result<usize> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let null = std::ptr::null_mut();
        // SAFETY: both descriptors are open; the null offset makes the call use and move the source's own position.
        let call = || unsafe { libc::sendfile(to.as_raw_fd(), from.as_raw_fd(), null, length) };
        uninterrupted(call).map(|count| usize::try_from(count).unwrap_or(0))
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = (from, to, length);
        Err(io::Error::from_raw_os_error(libc::ENOTSUP))
    }
}

/// Reads the symbolic link called `name` in `folder` into `target`; how long it is. A longer link is cut.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn read_link_at(folder: &File, name: &CStr, target: &mut [u8]) -> io::Result<usize> {
    let (fd, buffer, room) = (folder.as_raw_fd(), target.as_mut_ptr().cast(), target.len());
    // SAFETY: the descriptor is open, `name` ends in a zero byte, and `buffer` has room for `room` bytes.
    let length = check(unsafe { libc::readlinkat(fd, name.as_ptr(), buffer, room) })?;
    Ok(usize::try_from(length).unwrap_or(0).min(room))
}

/// What tells a file in `/proc`: major and minor number of its device, and its inode.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) type FileId = ((u32, u32), u64);

/// What tells a file, and its owner: of the file called `name` in `folder` or, without one, at the path
/// `name`; links are followed. Asks no server: what is known of a file on a dead share has to do.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn identify(folder: Option<&File>, name: &CStr) -> io::Result<(FileId, u32)> {
    let fd = folder.map_or(libc::AT_FDCWD, AsRawFd::as_raw_fd);
    let mut raw = std::mem::MaybeUninit::<libc::statx>::uninit();
    let (flags, mask) = (libc::AT_STATX_DONT_SYNC, libc::STATX_INO | libc::STATX_UID);
    // SAFETY: the descriptor is open, `name` ends in a zero byte, and `raw` is valid for writing one `statx`.
    uninterrupted(|| unsafe { libc::statx(fd, name.as_ptr(), flags, mask, raw.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, so it has filled the struct in.
    let raw = unsafe { raw.assume_init() };
    Ok((((raw.stx_dev_major, raw.stx_dev_minor), raw.stx_ino), raw.stx_uid))
}
