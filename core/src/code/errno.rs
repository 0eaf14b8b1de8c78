//! POSIX errnos. The numbers are Linux's (`asm-generic/errno.h`) on every platform; the native crate translates its
//! own system's into these.

use super::Cause::{
    Cancelled, CrossVolume, Denied, Device, Gone, Interrupted, Invalid, Lock, MaybeLock, NameTaken, RangeLock,
    Resource, TargetFull, Unreachable, Unsupported,
};
use super::table::{Table, packed};
use super::{Entry, row};

/// In order of `value`.
///
/// EACCES may be a lock: `fcntl` may answer it for a locked range, and on SMB mounts it is how a mandatory range lock
/// shows (flock(2)). EPERM is not: it means an immutable file, a sticky folder or the wrong owner, which no wait cures.
/// EBUSY is how a share-mode refusal shows on Linux SMB mounts.
pub(super) const ENTRIES: &[Entry] = &[
    row(1, "EPERM", Denied, "only the owner or an administrator may, or the file is immutable"),
    row(2, "ENOENT", Gone, "no file of that name, or its folder is not there"),
    row(4, "EINTR", Interrupted, "a signal interrupted the call"),
    row(5, "EIO", Device, "the device failed to read or write; on NFS also a lost lock"),
    row(6, "ENXIO", Unreachable, "the device or its server is not there"),
    row(11, "EAGAIN", Lock, "somebody holds a lock or a lease on the file"),
    row(12, "ENOMEM", Resource, "out of memory"),
    row(13, "EACCES", MaybeLock, "missing rights, or a mandatory lock on an SMB mount"),
    row(16, "EBUSY", Lock, "in use; on an SMB mount somebody does not share the file"),
    row(17, "EEXIST", NameTaken, "that name is already there"),
    row(18, "EXDEV", CrossVolume, "source and destination are on different volumes"),
    row(19, "ENODEV", Unreachable, "the device is not there"),
    row(20, "ENOTDIR", Gone, "a part of the path is a file, not a folder"),
    row(21, "EISDIR", Invalid, "it is a folder, not a file"),
    row(22, "EINVAL", Invalid, "the file system rejects the request as malformed"),
    row(23, "ENFILE", Resource, "the system cannot open more files"),
    row(24, "EMFILE", Resource, "the process cannot open more files"),
    row(26, "ETXTBSY", Lock, "the file is being run as a program, or is open for writing"),
    row(27, "EFBIG", Invalid, "the file is larger than the destination allows"),
    row(28, "ENOSPC", TargetFull, "the disk is full"),
    row(30, "EROFS", Denied, "the file system is read-only"),
    row(35, "EDEADLK", RangeLock, "waiting for this lock could never end"),
    row(36, "ENAMETOOLONG", Invalid, "the name or path is too long"),
    row(37, "ENOLCK", Unsupported, "no locks can be had on this file system"),
    row(38, "ENOSYS", Unsupported, "this system does not know the call"),
    row(39, "ENOTEMPTY", NameTaken, "the folder is not empty"),
    row(40, "ELOOP", Invalid, "too many symbolic links, or one where none may be"),
    row(64, "ENONET", Unreachable, "there is no network"),
    row(67, "ENOLINK", Unreachable, "the link to the server is cut"),
    row(70, "ECOMM", Unreachable, "the message could not be sent"),
    row(75, "EOVERFLOW", Invalid, "a number of the file is too large for the call"),
    row(84, "EILSEQ", Invalid, "the name has characters the file system cannot hold"),
    row(95, "EOPNOTSUPP", Unsupported, "the file system cannot do this"),
    row(100, "ENETDOWN", Unreachable, "the network is down"),
    row(101, "ENETUNREACH", Unreachable, "the server's network cannot be reached"),
    row(102, "ENETRESET", Unreachable, "the network dropped the connection"),
    row(103, "ECONNABORTED", Unreachable, "the connection was broken off"),
    row(104, "ECONNRESET", Unreachable, "the server reset the connection"),
    row(105, "ENOBUFS", Resource, "the network is out of buffers"),
    row(107, "ENOTCONN", Unreachable, "the mount's connection is gone"),
    row(108, "ESHUTDOWN", Unreachable, "the connection has been shut down"),
    row(110, "ETIMEDOUT", Unreachable, "the server did not answer in time"),
    row(111, "ECONNREFUSED", Unreachable, "the server refused the connection"),
    row(112, "EHOSTDOWN", Unreachable, "the server is down"),
    row(113, "EHOSTUNREACH", Unreachable, "the server cannot be reached"),
    row(116, "ESTALE", Unreachable, "the server no longer knows this file: look up the path again"),
    row(117, "EUCLEAN", Device, "the file system is damaged"),
    row(121, "EREMOTEIO", Device, "the remote device failed to read or write"),
    row(122, "EDQUOT", TargetFull, "the user's disk quota is used up"),
    row(123, "ENOMEDIUM", Unreachable, "the drive is empty"),
    row(125, "ECANCELED", Cancelled, "the operation was cancelled"),
    row(126, "ENOKEY", Denied, "the key or ticket this needs is missing"),
    row(127, "EKEYEXPIRED", Denied, "the key or ticket this needs has expired"),
    row(129, "EKEYREJECTED", Denied, "the key or ticket this needs was rejected"),
];

/// The entries, packed.
pub(super) static TABLE: Table = packed!(ENTRIES);

/// Other names for rows of the table.
pub(super) static ALIASES: &[(&str, u32)] = &[("EWOULDBLOCK", 11), ("EDEADLOCK", 35), ("ENOTSUP", 95)];

/// The numbers that libuv, and so Node.js, uses on Windows in place of the system's, and the errnos they stand for
/// (libuv `include/uv/errno.h`). On POSIX it uses the system's numbers, negated.
pub(super) static LIBUV: &[(i64, u32)] = &[
    (-4092, 13),  // EACCES
    (-4088, 11),  // EAGAIN
    (-4082, 16),  // EBUSY
    (-4081, 125), // ECANCELED
    (-4075, 17),  // EEXIST
    (-4071, 22),  // EINVAL
    (-4070, 5),   // EIO
    (-4068, 21),  // EISDIR
    (-4066, 24),  // EMFILE
    (-4064, 36),  // ENAMETOOLONG
    (-4058, 2),   // ENOENT
    (-4055, 28),  // ENOSPC
    (-4052, 20),  // ENOTDIR
    (-4051, 39),  // ENOTEMPTY
    (-4048, 1),   // EPERM
    (-4043, 30),  // EROFS
    (-4039, 110), // ETIMEDOUT
    (-4038, 26),  // ETXTBSY
    (-4037, 18),  // EXDEV
];
