//! This system's error numbers in Linux's numbering.

use std::io;

use lockwait_core::code::Code;

/// The work was stopped (`errno:ECANCELED`).
pub(crate) const CANCELLED: Code = Code::errno(125);

/// The destination is full, or the user's share of it (`errno:ENOSPC`).
pub(crate) const FULL: Code = Code::errno(28);

/// The numbers that POSIX systems give differently, in pairs of this system's number and the canonical one, which
/// is that of Linux on x86 and ARM (`asm-generic/errno-base.h` and `errno.h`). Numbers not listed count as they are
/// on Linux, and as an input or output error elsewhere, where they would mean something else.
const NUMBERS: [(i32, u32); 74] = [
    (libc::EPERM, 1),
    (libc::ENOENT, 2),
    (libc::ESRCH, 3),
    (libc::EINTR, 4),
    (libc::EIO, 5),
    (libc::ENXIO, 6),
    (libc::E2BIG, 7),
    (libc::ENOEXEC, 8),
    (libc::EBADF, 9),
    (libc::ECHILD, 10),
    (libc::EAGAIN, 11),
    (libc::ENOMEM, 12),
    (libc::EACCES, 13),
    (libc::EFAULT, 14),
    (libc::ENOTBLK, 15),
    (libc::EBUSY, 16),
    (libc::EEXIST, 17),
    (libc::EXDEV, 18),
    (libc::ENODEV, 19),
    (libc::ENOTDIR, 20),
    (libc::EISDIR, 21),
    (libc::EINVAL, 22),
    (libc::ENFILE, 23),
    (libc::EMFILE, 24),
    (libc::ENOTTY, 25),
    (libc::ETXTBSY, 26),
    (libc::EFBIG, 27),
    (libc::ENOSPC, 28),
    (libc::ESPIPE, 29),
    (libc::EROFS, 30),
    (libc::EMLINK, 31),
    (libc::EPIPE, 32),
    (libc::EDOM, 33),
    (libc::ERANGE, 34),
    (libc::EDEADLK, 35),
    (libc::ENAMETOOLONG, 36),
    (libc::ENOLCK, 37),
    (libc::ENOSYS, 38),
    (libc::ENOTEMPTY, 39),
    (libc::ELOOP, 40),
    (libc::EWOULDBLOCK, 11),
    (libc::EPROTO, 71),
    (libc::EBADMSG, 74),
    (libc::EOVERFLOW, 75),
    (libc::EILSEQ, 84),
    (libc::EUSERS, 87),
    (libc::ENOTSOCK, 88),
    (libc::EDESTADDRREQ, 89),
    (libc::EMSGSIZE, 90),
    (libc::EPROTOTYPE, 91),
    (libc::ENOPROTOOPT, 92),
    (libc::EPROTONOSUPPORT, 93),
    (libc::EOPNOTSUPP, 95),
    (libc::EAFNOSUPPORT, 97),
    (libc::EADDRINUSE, 98),
    (libc::EADDRNOTAVAIL, 99),
    (libc::ENETDOWN, 100),
    (libc::ENETUNREACH, 101),
    (libc::ENETRESET, 102),
    (libc::ECONNABORTED, 103),
    (libc::ECONNRESET, 104),
    (libc::ENOBUFS, 105),
    (libc::EISCONN, 106),
    (libc::ENOTCONN, 107),
    (libc::ETIMEDOUT, 110),
    (libc::ECONNREFUSED, 111),
    (libc::EHOSTDOWN, 112),
    (libc::EHOSTUNREACH, 113),
    (libc::EALREADY, 114),
    (libc::EINPROGRESS, 115),
    (libc::ESTALE, 116),
    (libc::EDQUOT, 122),
    (libc::ECANCELED, 125),
    (libc::ENOTSUP, 95),
];

/// The code of errno `raw` as this system numbers it.
pub(crate) fn of_raw(raw: i32) -> Code {
    let listed = NUMBERS.iter().find(|(here, _)| *here == raw).map(|(_, canonical)| *canonical);
    let unlisted = if cfg!(target_os = "linux") { u32::try_from(raw).unwrap_or(5) } else { 5 };
    Code::errno(listed.unwrap_or(unlisted))
}

/// Whether `error` says that there is no such file in a folder that was there a moment ago.
pub(crate) fn is_missing(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_linuxs_whatever_system_this_is() {
        assert_eq!(of_raw(libc::EWOULDBLOCK), Code::errno(11));
        assert_eq!(of_raw(libc::EACCES), Code::errno(13));
        assert_eq!(of_raw(libc::EXDEV), Code::errno(18));
        assert_eq!(of_raw(libc::ENOTSUP), Code::errno(95));
        assert_eq!(of_raw(libc::ESTALE), Code::errno(116));
    }

    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    #[test]
    fn on_linux_every_listed_number_is_its_own() {
        for (here, canonical) in NUMBERS {
            assert_eq!(u32::try_from(here), Ok(canonical));
        }
    }
}
