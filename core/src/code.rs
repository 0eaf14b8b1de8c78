//! The number an attempt failed with, and the class of trouble it belongs to.
//!
//! A [`Code`] is a number in one of five [`Domain`]s; a table per domain gives its name, its [`Cause`] and its
//! meaning in one line.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::{Blank, Form, Json};

mod cause;
mod errno;
mod forms;
mod ncp;
mod ntstatus;
mod own;
mod parse;
mod table;
mod win32;

pub use parse::ParseCodeError;
use table::Table;

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
    /// A lock or a lasting refusal; only time tells: wait, and say so when patience runs out.
    MaybeLock = 3,
    /// The file is being deleted: wait until it is gone.
    Going = 4,
    /// The file is not there.
    Gone = 5,
    /// The folder or the way to it cannot be reached; no file is at fault: back off for the whole folder.
    Unreachable = 6,
    /// This machine or process has run out of something: back off for the whole engine.
    Resource = 7,
    /// The destination is full or cannot be used: keep the source, stop taking.
    TargetFull = 8,
    /// A cloud storage provider is not ready: wait long between tries.
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

impl Domain {
    /// Every domain.
    pub const ALL: [Domain; 5] = [Domain::Win32, Domain::Errno, Domain::NtStatus, Domain::Ncp, Domain::Lockwait];

    /// What stands before the colon in a code's canonical form: `win32`, `errno`, `ntstatus`, `ncp`, `lockwait`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Domain::Win32 => "win32",
            Domain::Errno => "errno",
            Domain::NtStatus => "ntstatus",
            Domain::Ncp => "ncp",
            Domain::Lockwait => "lockwait",
        }
    }
}

impl Cause {
    /// Every cause.
    pub const ALL: [Cause; 20] = [
        Cause::Clear,
        Cause::Lock,
        Cause::RangeLock,
        Cause::MaybeLock,
        Cause::Going,
        Cause::Gone,
        Cause::Unreachable,
        Cause::Resource,
        Cause::TargetFull,
        Cause::Provider,
        Cause::NameTaken,
        Cause::CrossVolume,
        Cause::Device,
        Cause::Denied,
        Cause::Invalid,
        Cause::Infected,
        Cause::Cancelled,
        Cause::Interrupted,
        Cause::Unsupported,
        Cause::Unknown,
    ];

    /// The stable name: `lock`, `maybe-lock`, `unreachable`, …
    pub fn as_str(self) -> &'static str {
        self.entry().map_or("", |entry| entry.name)
    }

    /// What Lockwait does about it, in one sentence.
    pub fn advice(self) -> &'static str {
        self.entry().map_or("", |entry| entry.meaning)
    }

    fn entry(self) -> Option<Entry> {
        cause::TABLE.entry(self as usize)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One row of a code table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The raw number in its domain, as [`Code::value`] has it.
    pub value: u32,
    /// The field's own name for it (`ERROR_SHARING_VIOLATION`, `EAGAIN`, …).
    pub name: &'static str,
    /// What the engine does about it.
    pub cause: Cause,
    /// What it means, in one line.
    pub meaning: &'static str,
}

const fn row(value: u32, name: &'static str, cause: Cause, meaning: &'static str) -> Entry {
    Entry { value, name, cause, meaning }
}

/// Every code known in `domain`, in order of value.
///
/// An NCP row whose [`Code::ncp_function`] is known holds for that function only; the others hold for every function
/// that has no row of its own.
pub fn table(domain: Domain) -> impl Iterator<Item = Entry> {
    table_of(domain).entries()
}

fn table_of(domain: Domain) -> &'static Table {
    match domain {
        Domain::Win32 => &win32::TABLE,
        Domain::Errno => &errno::TABLE,
        Domain::NtStatus => &ntstatus::TABLE,
        Domain::Ncp => &ncp::TABLE,
        Domain::Lockwait => &own::TABLE,
    }
}

impl Code {
    /// A code from its domain and raw number. For NCP see [`Code::ncp`]; bits without a meaning there are dropped.
    pub const fn new(domain: Domain, value: u32) -> Code {
        match domain {
            Domain::Ncp => Code { domain, value: ncp::canonical(value) },
            Domain::Win32 | Domain::Errno | Domain::NtStatus | Domain::Lockwait => Code { domain, value },
        }
    }

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

    /// Whose number it is.
    pub const fn domain(self) -> Domain {
        self.domain
    }

    /// The raw number.
    pub const fn value(self) -> u32 {
        self.value
    }

    /// The table row of this code, if its table has it.
    pub fn entry(self) -> Option<Entry> {
        table_of(self.domain).entry(self.row()?)
    }

    fn row(self) -> Option<usize> {
        match self.domain {
            Domain::Ncp => ncp::row_of(self.value),
            domain => table_of(domain).row(self.value),
        }
    }

    /// The class of trouble it belongs to; [`Cause::Unknown`] when in no table.
    pub fn cause(self) -> Cause {
        self.row().and_then(|row| table_of(self.domain).cause(row)).unwrap_or(Cause::Unknown)
    }

    /// The field's own name for it, if its table has it.
    pub fn name(self) -> Option<&'static str> {
        self.entry().map(|entry| entry.name)
    }

    /// What it means, in one line.
    pub fn meaning(self) -> &'static str {
        self.entry().map_or("no table has this code", |entry| entry.meaning)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (domain, value) = (self.domain, self.value);
        write!(f, "{domain}:")?;
        match domain {
            Domain::Win32 => write!(f, "{value}"),
            Domain::NtStatus => write!(f, "{value:#010x}"),
            Domain::Errno | Domain::Lockwait => match self.entry() {
                Some(entry) => f.write_str(entry.name),
                None => write!(f, "{value}"),
            },
            Domain::Ncp => {
                write!(f, "{:#04x}", self.ncp_completion())?;
                if let Some(function) = self.ncp_function() {
                    write!(f, "@{function}")?;
                }
                self.ncp_subfunction().map_or(Ok(()), |subfunction| write!(f, "/{subfunction}"))
            }
        }
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

impl Json for Code {
    fn form(&mut self, form: &mut Form<'_>) {
        if let Some(text) = form.spelt(self) {
            match Code::parse(&text) {
                Ok(code) => *self = code,
                Err(error) => form.fail(&alloc::format!("{error}")),
            }
        }
    }
}

impl Blank for Code {
    fn blank() -> Code {
        Code::win32(0)
    }
}

#[cfg(test)]
mod tests;
