//! What a request asks for, as far as it matters to who has a file: one row a function.

use lockwait_core::observation::Access;
use lockwait_core::observation::sighting::{Mode, Range, Share};

use super::path::PathAt::{self, Parts, Text, WideParts};
use super::path::{Handles, Path};
use super::wire::{Request, be16, be32, be64, bytes_at, le16, le32, text};

/// The last four bytes of a file handle; clients may have anything in the two before them.
pub(super) type Handle = [u8; 4];

/// A request that matters. Two that ask for the same are equal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Call {
    /// Open or create a file; the reply has its handle at this offset.
    Open {
        path: Path,
        mode: Mode,
        handle_at: usize,
    },
    Close {
        handle: Handle,
    },
    /// Read or write.
    Transfer {
        handle: Handle,
        range: Range,
        writes: bool,
    },
    /// Note a byte range for locking; `now`: and lock it.
    LogRecord {
        handle: Handle,
        range: Range,
        now: bool,
    },
    /// Lock the ranges noted.
    LockRecords,
    /// Unlock a range; `forget`: and take it from those noted.
    FreeRecord {
        handle: Handle,
        range: Range,
        forget: bool,
    },
    FreeRecords {
        forget: bool,
    },
    /// Note a whole file for locking; `now`: and lock it.
    LogFile {
        path: Path,
        mode: Mode,
        now: bool,
    },
    /// Lock the files noted.
    LockFiles,
    FreeFile {
        path: Path,
        forget: bool,
    },
    FreeFiles {
        forget: bool,
    },
    /// Delete or rename.
    Remove {
        path: Path,
    },
    /// A directory handle, that of the reply when `None`, is this directory from now on.
    Learn {
        handle: Option<u8>,
        path: Path,
    },
    /// The reply has the path of a directory handle.
    Resolve {
        handle: u8,
    },
    Forget {
        handle: u8,
    },
    /// Has the lock that was queued been granted?
    AskWait,
    Login {
        user: Box<[u8]>,
    },
    /// End of job: what this task had open is closed.
    EndTask,
    Logout,
    /// An operator ends a connection.
    Clear {
        connection: u16,
    },
}

/// The layout of a request that matters; offsets count from the message's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Layout {
    /// Open: what the rights are, the path, and where the reply has the handle.
    Open(Rights, PathAt, usize),
    /// The handle.
    Close(usize),
    /// The handle and the widths of what follows it: offset, length.
    Transfer {
        handle: usize,
        wide: bool,
        writes: bool,
    },
    /// Lock flag, and handle with offset and length behind it.
    LogRecord {
        flag: usize,
        handle: usize,
        wide: bool,
    },
    LockRecords,
    FreeRecord {
        handle: usize,
        wide: bool,
        forget: bool,
    },
    FreeRecords {
        forget: bool,
    },
    /// Lock flag and path.
    LogFile(usize, PathAt),
    LockFiles,
    FreeFile {
        path: PathAt,
        forget: bool,
    },
    FreeFiles {
        forget: bool,
    },
    Remove(PathAt),
    /// The handle's number, unless the reply has it, and the path.
    Learn(Option<usize>, PathAt),
    Resolve(usize),
    Forget(usize),
    AskWait,
    /// The user's name.
    Login(usize),
    EndTask,
    Logout,
    /// The connection's number: one byte, or four.
    ClearByte(usize),
    ClearLong(usize),
}

/// What an open may do and lets others do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rights {
    /// The request does not say: NetWare looks at the file's attributes.
    Unsaid,
    /// A file that is created is open for reading and writing.
    Created,
    Byte(usize),
    Word(usize),
}

use Rights::{Byte, Created, Unsaid, Word};

/// Where replies have the handle: six bytes with the old functions, four with the others.
const OLD_REPLY: usize = 10;
const REPLY: usize = 8;

/// The row of a function and sub-function. Layouts after Wireshark 4.0.17 (`ncp2222.py`); 87/34's and 87/67's checked
/// on the wire.
fn layout(function: u8, subfunction: u8) -> Option<Layout> {
    let text = |handle, name| Text { handle, name };
    let parts = |place, names| Parts { place, names };
    let wide_parts = |place, names| WideParts { place, names };
    Some(match (function, subfunction) {
        (65, _) => Layout::Open(Unsaid, text(7, 9), OLD_REPLY),
        (67 | 77, _) => Layout::Open(Created, text(7, 9), OLD_REPLY),
        (76, _) => Layout::Open(Byte(9), text(7, 10), OLD_REPLY),
        (84, _) => Layout::Open(Byte(9), text(7, 11), OLD_REPLY),
        (22, 49) => Layout::Open(Byte(13), text(11, 14), REPLY),
        (87, 1 | 32) => Layout::Open(Word(20), parts(22, 29), REPLY),
        (87, 30 | 33) => Layout::Open(Word(24), parts(26, 33), REPLY),
        (89, 1 | 32) => Layout::Open(Word(20), wide_parts(22, 35), REPLY),
        (89, 30 | 33) => Layout::Open(Word(24), wide_parts(26, 39), REPLY),
        (66, _) => Layout::Close(10),

        (72, _) => Layout::Transfer { handle: 10, wide: false, writes: false },
        (73, _) => Layout::Transfer { handle: 10, wide: false, writes: true },
        (87, 64) => Layout::Transfer { handle: 8, wide: true, writes: false },
        (87, 65) => Layout::Transfer { handle: 8, wide: true, writes: true },

        (26 | 109, _) => Layout::LogRecord { flag: 7, handle: 10, wide: false },
        // The flag is big-endian: its bits are in the last byte.
        (87, 67) => Layout::LogRecord { flag: 11, handle: 12, wide: true },
        (27 | 110, _) => Layout::LockRecords,
        (28, _) => Layout::FreeRecord { handle: 10, wide: false, forget: false },
        (30, _) => Layout::FreeRecord { handle: 10, wide: false, forget: true },
        (87, 68) => Layout::FreeRecord { handle: 8, wide: true, forget: false },
        (87, 69) => Layout::FreeRecord { handle: 8, wide: true, forget: true },
        (29, _) => Layout::FreeRecords { forget: false },
        (31, _) => Layout::FreeRecords { forget: true },

        (3 | 105, _) => Layout::LogFile(8, text(7, 11)),
        (87, 36) => Layout::LogFile(12, parts(20, 27)),
        (4 | 106, _) => Layout::LockFiles,
        (5, _) => Layout::FreeFile { path: text(7, 8), forget: false },
        (7, _) => Layout::FreeFile { path: text(7, 8), forget: true },
        (87, 37) => Layout::FreeFile { path: parts(12, 19), forget: false },
        (87, 38) => Layout::FreeFile { path: parts(12, 19), forget: true },
        (6, _) => Layout::FreeFiles { forget: false },
        (8, _) => Layout::FreeFiles { forget: true },

        (68 | 69, _) => Layout::Remove(text(7, 9)),
        (22, 11) => Layout::Remove(text(10, 12)),
        (22, 15) => Layout::Remove(text(10, 11)),
        (87, 4) => Layout::Remove(parts(12, 26)),
        (87, 8) => Layout::Remove(parts(12, 19)),
        (89, 4) => Layout::Remove(wide_parts(12, 38)),
        (89, 8) => Layout::Remove(wide_parts(12, 25)),

        (22, 0) => Layout::Learn(Some(10), text(11, 12)),
        (22, 18 | 19 | 22) => Layout::Learn(None, text(10, 12)),
        (87, 9) => Layout::Learn(Some(10), parts(12, 19)),
        (87, 12) => Layout::Learn(None, parts(12, 19)),
        (89, 9) => Layout::Learn(Some(10), wide_parts(12, 25)),
        (89, 12) => Layout::Learn(None, wide_parts(12, 25)),
        (22, 1) => Layout::Resolve(10),
        (22, 20) => Layout::Forget(10),

        (112, _) => Layout::AskWait,
        (23, 20) => Layout::Login(12),
        (23, 24) => Layout::Login(20),
        (24, _) => Layout::EndTask,
        (25, _) => Layout::Logout,
        (23, 210) => Layout::ClearByte(10),
        (23, 254) => Layout::ClearLong(10),
        _ => return None,
    })
}

impl Call {
    /// Reads what a request asks for. `None` when it does not matter, or is not whole.
    pub(super) fn read(request: &Request<'_>, handles: &Handles) -> Option<Call> {
        let bytes = request.bytes;
        let path = |at| handles.read(bytes, at);
        let is_set = |at: usize, bit| Some(bytes.get(at)? & bit != 0);
        Some(match layout(request.function, request.subfunction.unwrap_or(0))? {
            Layout::Open(rights, at, handle_at) => Call::Open { path: path(at)?, mode: rights.mode(bytes)?, handle_at },
            Layout::Close(handle) => Call::Close { handle: bytes_at(bytes, handle)? },
            Layout::Transfer { handle, wide, writes } => {
                let range = if wide {
                    Range { start: be64(bytes, handle + 4)?, length: be16(bytes, handle + 12)?.into() }
                } else {
                    Range { start: be32(bytes, handle + 4)?.into(), length: be16(bytes, handle + 8)?.into() }
                };
                Call::Transfer { handle: bytes_at(bytes, handle)?, range, writes }
            }
            Layout::LogRecord { flag, handle, wide } => Call::LogRecord {
                handle: bytes_at(bytes, handle)?,
                range: range(bytes, handle + 4, wide)?,
                now: is_set(flag, LOCK_NOW)?,
            },
            Layout::LockRecords => Call::LockRecords,
            Layout::FreeRecord { handle, wide, forget } => {
                Call::FreeRecord { handle: bytes_at(bytes, handle)?, range: range(bytes, handle + 4, wide)?, forget }
            }
            Layout::FreeRecords { forget } => Call::FreeRecords { forget },
            Layout::LogFile(flag, at) => Call::LogFile {
                path: path(at)?,
                mode: whole_file(is_set(flag, SHAREABLE)?),
                now: is_set(flag, LOCK_NOW)?,
            },
            Layout::LockFiles => Call::LockFiles,
            Layout::FreeFile { path: at, forget } => Call::FreeFile { path: path(at)?, forget },
            Layout::FreeFiles { forget } => Call::FreeFiles { forget },
            Layout::Remove(at) => Call::Remove { path: path(at)? },
            Layout::Learn(Some(handle), at) => Call::Learn { handle: Some(*bytes.get(handle)?), path: path(at)? },
            Layout::Learn(None, at) => Call::Learn { handle: None, path: path(at)? },
            Layout::Resolve(handle) => Call::Resolve { handle: *bytes.get(handle)? },
            Layout::Forget(handle) => Call::Forget { handle: *bytes.get(handle)? },
            Layout::AskWait => Call::AskWait,
            Layout::Login(name) => Call::Login { user: text(bytes, name)?.into() },
            Layout::EndTask => Call::EndTask,
            Layout::Logout => Call::Logout,
            Layout::ClearByte(at) => Call::Clear { connection: (*bytes.get(at)?).into() },
            Layout::ClearLong(at) => Call::Clear { connection: u16::try_from(le32(bytes, at)?).ok()? },
        })
    }

    /// Whether a refusal of this is an attempt that failed, and not for instance an unlock without a lock.
    pub(super) fn is_attempt(&self) -> bool {
        matches!(
            self,
            Call::Open { .. }
                | Call::Transfer { .. }
                | Call::LogRecord { .. }
                | Call::LockRecords
                | Call::LogFile { .. }
                | Call::LockFiles
                | Call::Remove { .. }
        )
    }

    /// Whether it goes through this handle.
    pub(super) fn uses(&self, through: Handle) -> bool {
        match self {
            Call::Transfer { handle, .. } | Call::LogRecord { handle, .. } => *handle == through,
            _ => false,
        }
    }

    /// What it does, for people.
    pub(super) fn verb(&self) -> &'static str {
        match self {
            Call::Open { .. } => "open",
            Call::Transfer { writes: false, .. } => "read",
            Call::Transfer { writes: true, .. } => "write",
            Call::LogRecord { .. } | Call::LockRecords => "lock record of",
            Call::LogFile { .. } | Call::LockFiles => "lock file",
            Call::Remove { .. } => "delete or rename",
            _ => "call",
        }
    }

    /// What it wants to do with the file, and let others do.
    pub(super) fn wanted(&self) -> Option<Mode> {
        match self {
            Call::Open { mode, .. } | Call::LogFile { mode, .. } => Some(*mode),
            Call::Transfer { writes, .. } => {
                let access = if *writes { Access::Write } else { Access::Read };
                Some(Mode { access, ..Mode::default() })
            }
            Call::Remove { .. } => Some(Mode { deletes: true, ..Mode::default() }),
            _ => None,
        }
    }
}

/// Bits of a lock flag.
const LOCK_NOW: u8 = 1;
const SHAREABLE: u8 = 2;

/// The byte range at an offset: start and length, of four bytes each or eight.
fn range(bytes: &[u8], at: usize, wide: bool) -> Option<Range> {
    Some(if wide {
        Range { start: be64(bytes, at)?, length: be64(bytes, at + 8)? }
    } else {
        Range { start: be32(bytes, at)?.into(), length: be32(bytes, at + 4)?.into() }
    })
}

impl Rights {
    fn mode(self, bytes: &[u8]) -> Option<Mode> {
        Some(match self {
            Unsaid => Mode::default(),
            Created => Mode { access: Access::ReadWrite, ..Mode::default() },
            Byte(at) => mode((*bytes.get(at)?).into()),
            Word(at) => mode(le16(bytes, at)?),
        })
    }
}

/// A lock of a whole file is like an open that lets nobody else in, or only readers.
fn whole_file(is_shareable: bool) -> Mode {
    let access = if is_shareable { Access::Read } else { Access::ReadWrite };
    let share = Share { read: is_shareable, write: false, delete: false };
    Mode { access, deletes: false, share: Some(share) }
}

/// The bits of an open's desired access.
const READ: u16 = 0x01;
const WRITE: u16 = 0x02;
const DENY_READ: u16 = 0x04;
const DENY_WRITE: u16 = 0x08;
/// As DOS programs open that know nothing of sharing: what others may do depends on the file's attributes.
const COMPATIBILITY: u16 = 0x10;
const DELETE_ON_CLOSE: u16 = 0x400;

fn mode(bits: u16) -> Mode {
    let is_set = |bit| bits & bit != 0;
    let access = match (is_set(READ), is_set(WRITE)) {
        (true, true) => Access::ReadWrite,
        (true, false) => Access::Read,
        (false, true) => Access::Write,
        (false, false) => Access::Unknown,
    };
    // NetWare never deletes or renames a file that another client has open.
    let share = Share { read: !is_set(DENY_READ), write: !is_set(DENY_WRITE), delete: false };
    let is_said = !is_set(COMPATIBILITY) || is_set(DENY_READ | DENY_WRITE);
    Mode { access, deletes: is_set(DELETE_ON_CLOSE), share: is_said.then_some(share) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deny_bits_are_what_others_may_not_do() {
        let share = |bits| mode(bits).share;
        assert_eq!(share(0x01), Some(Share { read: true, write: true, delete: false }));
        assert_eq!(share(0x0f), Some(Share::default()));
        assert_eq!(share(0x09), Some(Share { read: true, write: false, delete: false }));
        assert_eq!(share(0x13), None, "compatibility mode does not say");
        assert_eq!(share(0x1b), Some(Share { read: true, write: false, delete: false }));
        assert_eq!(mode(0x03).access, Access::ReadWrite);
        assert!(mode(0x401).deletes);
    }
}
