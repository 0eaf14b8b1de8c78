//! Taking advisory locks on whole files.
//!
//! The engine itself never locks a file it picks up; this is for programs that stand in for a holder, and for
//! Lockwait's own state files.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// The three kinds of advisory lock. They do not see each other, but for OFD and POSIX locks, which do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockKind {
    /// A record lock that belongs to the open file (`F_OFD_SETLK`; Linux only).
    Ofd,
    /// A record lock that belongs to the process (`F_SETLK`): gone as soon as the process closes *any* descriptor
    /// of the file.
    Posix,
    /// A `flock` lock, which belongs to the open file.
    Flock,
}

/// Locks the whole of `file` without waiting, until it is closed. The lock is exclusive; a record lock needs the
/// file to be open for writing (fcntl(2)).
///
/// # Errors
/// `EAGAIN` or `EACCES` when another holder's lock is in the way, `EBADF` for a record lock on a file that is not
/// open for writing, `EINVAL` where the system has no OFD locks.
pub fn lock(file: &File, kind: LockKind) -> io::Result<()> {
    match kind {
        LockKind::Flock => file.try_lock().map_err(io::Error::from),
        LockKind::Posix => set_record_lock(file, libc::F_SETLK),
        #[cfg(any(target_os = "linux", target_os = "android"))]
        LockKind::Ofd => set_record_lock(file, libc::F_OFD_SETLK),
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        LockKind::Ofd => Err(io::Error::from_raw_os_error(libc::EINVAL)),
    }
}

/// Sets an exclusive record lock from the first byte to the end of the file, however far that moves.
fn set_record_lock(file: &File, command: libc::c_int) -> io::Result<()> {
    // SAFETY: `flock` is a plain C struct of integers; all zero is a valid value.
    let mut range: libc::flock = unsafe { std::mem::zeroed() };
    range.l_type = libc::F_WRLCK as libc::c_short;
    range.l_whence = libc::SEEK_SET as libc::c_short;
    // SAFETY: `file` keeps the descriptor open for the call, and `range` is a valid `struct flock` with `l_pid` 0,
    // as F_OFD_SETLK demands; the kernel only reads it.
    match unsafe { libc::fcntl(file.as_raw_fd(), command, &raw const range) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_keeps_a_second_holder_out_until_the_first_closes() {
        for kind in [LockKind::Ofd, LockKind::Flock] {
            let file = tempfile::NamedTempFile::new().unwrap();
            let open = || File::options().read(true).write(true).open(file.path()).unwrap();
            let first = open();
            lock(&first, kind).unwrap();
            let second = open();
            assert!(lock(&second, kind).is_err(), "{kind:?}");
            drop(first);
            lock(&second, kind).unwrap();
        }
    }

    #[test]
    fn an_ofd_lock_and_a_posix_lock_exclude_each_other() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let open = || File::options().read(true).write(true).open(file.path()).unwrap();
        let first = open();
        lock(&first, LockKind::Posix).unwrap();
        assert!(lock(&open(), LockKind::Ofd).is_err());
    }

    #[test]
    fn a_record_lock_on_a_file_open_for_reading_only_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = lock(&File::open(file.path()).unwrap(), LockKind::Posix).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EBADF));
    }
}
