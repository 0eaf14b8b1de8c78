//! NetWare Core Protocol completion codes. One byte means different things on different functions, so a row is
//! either for a function (with its sub-function), or for all that have no row of their own.

use super::Cause::{
    Clear, CrossVolume, Denied, Device, Gone, Invalid, Lock, NameTaken, RangeLock, Resource, TargetFull, Unknown,
    Unreachable,
};
use super::table::{Table, packed};
use super::{Cause, Code, Entry, row};

/// Bit of [`Code::value`]: bits 8-15 hold the function.
const FUNCTION_KNOWN: u32 = 1 << 24;
/// Bit of [`Code::value`]: bits 16-23 hold the sub-function.
const SUBFUNCTION_KNOWN: u32 = 1 << 25;

impl Code {
    /// An NCP completion code, with the function and sub-function it answered where known.
    ///
    /// [`Code::value`] is the completion code in bits 0-7, function in 8-15, sub-function in 16-23; bits 24 and 25 say
    /// that function and sub-function are known. A sub-function without a function is dropped.
    pub const fn ncp(completion: u8, function: Option<u8>, subfunction: Option<u8>) -> Code {
        let mut value = completion as u32;
        if let Some(function) = function {
            value |= FUNCTION_KNOWN | (function as u32) << 8;
            if let Some(subfunction) = subfunction {
                value |= SUBFUNCTION_KNOWN | (subfunction as u32) << 16;
            }
        }
        Code { domain: super::Domain::Ncp, value }
    }

    /// The completion code of an NCP code.
    pub const fn ncp_completion(self) -> u8 {
        self.value as u8
    }

    /// The function an NCP code answered, if known.
    pub const fn ncp_function(self) -> Option<u8> {
        if self.value & FUNCTION_KNOWN != 0 { Some((self.value >> 8) as u8) } else { None }
    }

    /// The sub-function an NCP code answered, if known.
    pub const fn ncp_subfunction(self) -> Option<u8> {
        if self.value & SUBFUNCTION_KNOWN != 0 { Some((self.value >> 16) as u8) } else { None }
    }
}

/// The one form of an NCP value: unknown fields zero.
pub(super) const fn canonical(value: u32) -> u32 {
    let raw = Code { domain: super::Domain::Ncp, value };
    Code::ncp(raw.ncp_completion(), raw.ncp_function(), raw.ncp_subfunction()).value
}

/// The number of the row for `value`: that of its function and sub-function, else of its function, else of the
/// completion code.
pub(super) fn row_of(value: u32) -> Option<usize> {
    let code = Code { domain: super::Domain::Ncp, value };
    let completion = code.ncp_completion();
    [value, Code::ncp(completion, code.ncp_function(), None).value, u32::from(completion)]
        .into_iter()
        .find_map(|value| TABLE.row(value))
}

/// A function, or one sub-function of it.
#[derive(Clone, Copy)]
struct Call(u8, Option<u8>);

/// Rows that differ only in the call.
struct Gated {
    completion: u8,
    calls: &'static [Call],
    name: &'static str,
    cause: Cause,
    meaning: &'static str,
}

/// Function `f`, with any sub-function.
const fn f(function: u8) -> Call {
    Call(function, None)
}

/// Sub-function `s` of function `f`.
const fn fs(function: u8, subfunction: u8) -> Call {
    Call(function, Some(subfunction))
}

/// Locking, releasing and clearing of physical records.
const RECORD_CALLS: &[Call] = &[f(26), f(27), f(28), f(29), f(30), f(31), f(109), f(110), fs(87, 66), fs(87, 67)];
/// The record calls of NetWare's older, 32-bit offsets.
const TIMED_RECORD_CALLS: &[Call] = &[f(26), f(27), f(28), f(29), f(30), f(31), f(109), f(110)];
/// Locking of files and logical records.
const TIMED_FILE_CALLS: &[Call] = &[f(3), f(4), f(9), f(10), f(105), f(106), f(107), f(108)];
/// Calls that lock a file or a record.
const LOCK_CALLS: &[Call] =
    &[f(3), f(4), f(26), f(27), f(105), f(106), f(107), f(108), f(109), f(110), fs(87, 66), fs(87, 67)];
/// Calls that give a lock back or close a file.
const UNLOCK_CALLS: &[Call] = &[f(5), f(7), f(11), f(66), fs(87, 68), fs(87, 69), f(112)];
/// Opening and searching.
const OPEN_CALLS: &[Call] = &[f(65), f(76), f(84), f(87), f(89)];
/// Calls whose lock can be queued.
const QUEUED_CALLS: &[Call] = &[
    f(105),
    f(106),
    f(107),
    f(108),
    f(109),
    f(110),
    fs(87, 1),
    fs(87, 32),
    fs(87, 66),
    fs(87, 67),
    fs(89, 1),
    fs(89, 32),
];
/// Reading and writing.
const IO_CALLS: &[Call] = &[f(72), f(73), fs(87, 64), fs(87, 65)];

/// Completion codes that depend on the call.
const GATED: &[Gated] = &[
    Gated {
        completion: 0x7f,
        calls: QUEUED_CALLS,
        name: "Lock waiting",
        cause: Lock,
        meaning: "the lock is queued behind somebody else's",
    },
    Gated {
        completion: 0xa2,
        calls: IO_CALLS,
        name: "I/O lock error",
        cause: RangeLock,
        meaning: "the read or write touches a part somebody has locked",
    },
    Gated {
        completion: 0xfd,
        calls: RECORD_CALLS,
        name: "Lock collision",
        cause: RangeLock,
        meaning: "somebody has locked that part of the file",
    },
    Gated {
        completion: 0xfe,
        calls: TIMED_RECORD_CALLS,
        name: "Lock time-out",
        cause: RangeLock,
        meaning: "the part of the file stayed locked for the whole time allowed",
    },
    Gated {
        completion: 0xfe,
        calls: TIMED_FILE_CALLS,
        name: "Timeout",
        cause: Lock,
        meaning: "the file stayed locked for the whole time allowed",
    },
    Gated {
        completion: 0xfe,
        calls: &[fs(111, 2)],
        name: "Semaphore timeout",
        cause: Unknown,
        meaning: "a semaphore was not signalled in time; no file is at fault",
    },
    Gated { completion: 0xff, calls: LOCK_CALLS, name: "Lock error", cause: Lock, meaning: "the lock was refused" },
    Gated {
        completion: 0xff,
        calls: UNLOCK_CALLS,
        name: "Unlock error",
        cause: Unknown,
        meaning: "there was no such lock or file to give back",
    },
    Gated {
        completion: 0xff,
        calls: OPEN_CALLS,
        name: "File not found",
        cause: Gone,
        meaning: "no file of that name; a search's normal end",
    },
];

/// Completion codes on every call that has no row of its own above. Names are the words protocol analysers print.
const PLAIN: &[Entry] = &[
    row(0x00, "OK", Clear, "no error"),
    row(0x7f, "Lock waiting", Unknown, "a queued lock on calls that lock; which call it answered is not known"),
    row(0x80, "Lock fail", Lock, "the file is already open or in use"),
    row(0x81, "Out of file handles", Resource, "the server cannot open more files"),
    row(0x82, "No open privilege", Denied, "the user may not open the file"),
    row(0x83, "Hard I/O error", Device, "the server's disk failed to read or write"),
    row(0x84, "No create privilege", Denied, "the user may not create files here"),
    row(0x85, "No create or delete privilege", Denied, "the user may not replace the file"),
    row(0x87, "Create file name invalid", Invalid, "the name is not one the server can hold"),
    row(0x88, "Invalid file handle", Invalid, "the server does not know this open file"),
    row(0x8a, "No delete privilege", Denied, "the user may not delete the file"),
    row(0x8b, "No rename privilege", Denied, "the user may not rename the file"),
    row(0x8d, "Some files in use", Lock, "another client has some of the files open"),
    row(0x8e, "All files in use", Lock, "another client has all of the files open"),
    row(0x8f, "Some files read only", Denied, "some of the files are read-only"),
    row(0x90, "Read only volume", Denied, "the files or the volume are read-only"),
    row(0x92, "Names already exist", NameTaken, "that name is already there"),
    row(0x93, "No read privilege", Denied, "the file was opened without the right to read"),
    row(0x94, "No write privilege", Denied, "the file may not be written, or is read-only"),
    row(0x96, "Server out of memory", Unreachable, "the server is short of memory"),
    row(0x98, "Volume does not exist", Unreachable, "the volume is not mounted"),
    row(0x99, "Directory full", TargetFull, "the volume has no room for another name"),
    row(0x9a, "Rename across volumes", CrossVolume, "source and destination are on different volumes"),
    row(0x9c, "Invalid path", Gone, "the file's folder, or a folder above it, is not there"),
    row(0x9f, "Directory in use", Lock, "another client is using the folder"),
    row(0xa2, "I/O lock error", Unknown, "a locked part of the file on reads and writes; which call is not known"),
    row(0xfd, "Bad station number", Unknown, "a lock collision on record calls; a bad connection number on others"),
    row(
        0xfe,
        "Failure",
        Unknown,
        "a lock time-out on calls that lock; on others the directory or bindery is locked, or I/O failed",
    ),
    row(
        0xff,
        "Failure",
        Unknown,
        "a lock error on calls that lock, not found on opens and searches; anything on others",
    ),
];

/// How many rows [`ENTRIES`] has.
const ROWS: usize = {
    let (mut rows, mut i) = (PLAIN.len(), 0);
    while i < GATED.len() {
        rows += GATED[i].calls.len();
        i += 1;
    }
    rows
};

/// In order of `value`: [`PLAIN`], then a row for each call of [`GATED`].
pub(super) const ENTRIES: &[Entry] = &expand();

/// The entries, packed.
pub(super) static TABLE: Table = packed!(ENTRIES);

const fn expand() -> [Entry; ROWS] {
    let mut table = [PLAIN[0]; ROWS];
    let mut rows = 0;
    while rows < PLAIN.len() {
        table[rows] = PLAIN[rows];
        rows += 1;
    }
    let mut i = 0;
    while i < GATED.len() {
        let gated = &GATED[i];
        let mut c = 0;
        while c < gated.calls.len() {
            let Call(function, subfunction) = gated.calls[c];
            let value = Code::ncp(gated.completion, Some(function), subfunction).value;
            // Insertion into the sorted part; at compile time, so its cost is nobody's.
            let mut at = rows;
            while table[at - 1].value > value {
                table[at] = table[at - 1];
                at -= 1;
            }
            table[at] = row(value, gated.name, gated.cause, gated.meaning);
            rows += 1;
            c += 1;
        }
        i += 1;
    }
    table
}
