//! Lockwait's own findings: reasons to wait or to refuse that no system's number says.

use super::Cause::{Denied, Invalid, Lock, NameTaken, TargetFull};
use super::table::{Table, packed};
use super::{Code, Domain, Entry, row};

impl Code {
    /// The place holds no regular file: a folder, a symbolic link, a device, a FIFO, a socket.
    pub const NOT_REGULAR: Code = Code::new(Domain::Lockwait, 1);
    /// A name would lead out of its folder.
    pub const OUTSIDE: Code = Code::new(Domain::Lockwait, 2);
    /// The file changed between the probe and the end of the burst. Waited out like a lock: somebody writes.
    pub const CHANGED: Code = Code::new(Domain::Lockwait, 3);
    /// The host cannot use the content.
    pub const CONTENT_REJECTED: Code = Code::new(Domain::Lockwait, 4);
    /// A file that another one names has not arrived. Waited out like a lock: its writer is not done.
    pub const COMPANION_MISSING: Code = Code::new(Domain::Lockwait, 5);
    /// The content lacks its own end. Waited out like a lock: its writer is not done.
    pub const UNFINISHED: Code = Code::new(Domain::Lockwait, 6);
    /// The policy's `give_up` passed.
    pub const GAVE_UP: Code = Code::new(Domain::Lockwait, 7);
    /// The destination has a file of that name, and the policy's `collision` says to leave the source.
    pub const NAME_TAKEN: Code = Code::new(Domain::Lockwait, 8);
    /// The destination is gone or cannot be written to; no file is at fault.
    pub const DESTINATION: Code = Code::new(Domain::Lockwait, 9);
}

/// In order of `value`.
pub(super) const ENTRIES: &[Entry] = &[
    row(1, "not-regular", Invalid, "it is not a regular file but a folder, a link, a device or a pipe"),
    row(2, "outside", Invalid, "the name would lead out of its folder"),
    row(3, "changed", Lock, "the file changed while it was being taken: somebody is still writing"),
    row(4, "content-rejected", Invalid, "the content cannot be used"),
    row(5, "companion-missing", Lock, "a file that this one names has not arrived"),
    row(6, "unfinished", Lock, "the content lacks its own end: the writer is not done"),
    row(7, "gave-up", Denied, "the time to give up has passed"),
    row(8, "name-taken", NameTaken, "the destination already has a file of that name"),
    row(9, "destination", TargetFull, "the destination is gone or cannot be written to"),
];

/// The entries, packed.
pub(super) static TABLE: Table = packed!(ENTRIES);
