//! The number an attempt failed with, and the class of trouble it belongs to.
//!
//! A [`Code`] is a number in one of five [`Domain`]s; a table per domain gives its name, its [`Cause`] and its
//! meaning in one line.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod errno;
mod ncp;
mod ntstatus;
mod own;
mod win32;

/// Who gave the number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Domain {
    /// A Win32 error (`GetLastError`), written `win32:32`.
    Win32 = 1,
    /// A POSIX errno with Linux's numbers, written by name: `errno:EAGAIN`.
    Errno = 2,
    /// An NTSTATUS as SMB and Windows event logs carry it, written `ntstatus:0xc0000043`.
    NtStatus = 3,
    /// A NetWare Core Protocol completion code, written `ncp:0x80`, or `ncp:0xff@87/67` when the function (and
    /// sub-function) it answered are known.
    Ncp = 4,
    /// A finding of Lockwait's own, written by name: `lockwait:changed`.
    Lockwait = 5,
}

/// The class of trouble a code belongs to: what the engine does about it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Cause {
    /// No obstacle.
    Clear = 0,
    /// Somebody's open of the file does not allow ours: wait.
    Lock = 1,
    /// Somebody has locked a range of the file: wait.
    RangeLock = 2,
    /// A lock or a lasting refusal; only time tells: wait, but not without end.
    MaybeLock = 3,
    /// The file is being deleted: look once more.
    Going = 4,
    /// The file is not there.
    Gone = 5,
    /// The folder or the way to it cannot be reached; no file is at fault: back off for the whole folder.
    Unreachable = 6,
    /// This machine or process has run out of something: back off for the whole engine.
    Resource = 7,
    /// The destination is full: keep the source, stop taking.
    TargetFull = 8,
    /// A cloud storage provider is not ready: wait long.
    Provider = 9,
    /// The name is already taken at the destination.
    NameTaken = 10,
    /// Source and destination are on different volumes: copy instead of renaming.
    CrossVolume = 11,
    /// A device fault: a few more tries, then give up.
    Device = 12,
    /// Not allowed, lastingly: permissions, credentials, policy.
    Denied = 13,
    /// The request can never succeed: wrong kind of file, unusable name.
    Invalid = 14,
    /// A virus scanner refused or removed the content.
    Infected = 15,
    /// The operation was cancelled.
    Cancelled = 16,
    /// Interrupted: repeat at once.
    Interrupted = 17,
    /// This way of asking is not available here: ask another way.
    Unsupported = 18,
    /// In no table.
    Unknown = 19,
}

/// One number with the domain it belongs to.
///
/// Displays and serializes in its canonical form (see [`Domain`]); [`Code::parse`] reads that and many other forms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code {
    domain: Domain,
    value: u32,
}

impl Code {
    /// A code from its domain and raw number.
    pub const fn new(domain: Domain, value: u32) -> Code {
        Code { domain, value }
    }
    /// Whose number it is.
    pub const fn domain(self) -> Domain {
        self.domain
    }
    /// The raw number.
    pub const fn value(self) -> u32 {
        self.value
    }
}

/// One row of a code table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The raw number in its domain.
    pub value: u32,
    /// The field's own name for it (`ERROR_SHARING_VIOLATION`, `EAGAIN`, …).
    pub name: &'static str,
    /// What the engine does about it.
    pub cause: Cause,
    /// What it means, in one line.
    pub meaning: &'static str,
}

impl Code {
    /// A Win32 error.
    pub const fn win32(value: u32) -> Code {
        Code::new(Domain::Win32, value)
    }

    /// An errno by Linux's number.
    pub const fn errno(value: u32) -> Code {
        Code::new(Domain::Errno, value)
    }

    /// An NTSTATUS.
    pub const fn ntstatus(value: u32) -> Code {
        Code::new(Domain::NtStatus, value)
    }

    /// The table row of this code, if its table has it.
    pub fn entry(self) -> Option<&'static Entry> {
        None
    }

    /// The class of trouble it belongs to; [`Cause::Unknown`] when in no table.
    pub fn cause(self) -> Cause {
        self.entry().map_or(Cause::Unknown, |entry| entry.cause)
    }

    /// Reads a code in its canonical form or any other form people meet.
    ///
    /// # Errors
    /// A sentence that names `text` and says which forms there are.
    pub fn parse(text: &str) -> Result<Code, String> {
        Err(String::from(text))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
        let text = <alloc::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Code::parse(&text).map_err(serde::de::Error::custom)
    }
}
