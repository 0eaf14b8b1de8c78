//! Asks who stands in the way of a file, by what they share with others: a ladder of opens, each asking for a little
//! more than the one before, so that the first that is refused tells what kind of holder there is.

use std::fs::{File, TryLockError};

use lockwait_core::code::{Cause, Code};
use lockwait_core::observation::{Access, Facts, Method, Refusal, Scope};
use windows_sys::Win32::Foundation::{ERROR_LOCK_VIOLATION, ERROR_SHARING_VIOLATION, GENERIC_READ};
use windows_sys::Win32::Storage::FileSystem::{DELETE, FILE_SHARE_DELETE, FILE_SHARE_READ, OPEN_EXISTING};

use super::path::Wide;
use super::sys::{self, SHARE_ALL};
use crate::code;
use crate::probe::Trouble;

/// One open of the ladder.
struct Rung {
    /// What is asked for.
    access: u32,
    /// What others may go on doing.
    share: u32,
    /// What is known of the holder who refuses this, having allowed the rungs before.
    holder: Access,
}

/// Refused by whoever shares no reading. Most are writers, but nothing here proves it.
const READ: Rung = Rung { access: GENERIC_READ, share: SHARE_ALL, holder: Access::Unknown };

/// Refused by whoever has the file open for writing, or mapped for it.
const NO_WRITER: Rung =
    Rung { access: GENERIC_READ, share: FILE_SHARE_READ | FILE_SHARE_DELETE, holder: Access::Write };

/// Refused, as nobody writes, only by a reader that does not share deletion: read now, move later. A file that cannot be
/// removed from its folder when it is taken would be taken twice, so it waits; but its content can be read meanwhile
/// ([`crate::burst::Burst::stage`]).
const MOVE: Rung = Rung { access: DELETE, share: SHARE_ALL, holder: Access::Read };

impl Rung {
    fn open(&self, path: &Wide, flags: u32, facts: Facts) -> Result<File, Trouble> {
        let error = match sys::open(path, self.access, self.share, OPEN_EXISTING, flags) {
            Ok(file) => return Ok(file),
            Err(error) => error,
        };
        let code = code::of(&error);
        match code.cause() {
            Cause::Gone | Cause::Unreachable => Err(error.into()),
            _ => {
                let shared = code.value() != ERROR_SHARING_VIOLATION;
                let (access, method) =
                    if shared { (Access::Unknown, Method::Open) } else { (self.holder, Method::ShareMode) };
                Err(Trouble::Refused(Refusal { code, scope: Scope::File, facts: Some(facts), access, method }))
            }
        }
    }
}

/// Climbs the ladder; the file at `path`, open for reading and shared with everybody, or the refusal with `facts` in
/// it. `flags` are `CreateFileW`'s.
///
/// The rung that denies writing could itself refuse a writer who comes back, so it is closed at once. Last, a shared
/// lock of the whole file, given back at once too, finds whoever has locked a part of it, before a copy would stop
/// there half-way.
pub(crate) fn ask(path: &Wide, flags: u32, facts: Facts) -> Result<File, Trouble> {
    let file = READ.open(path, flags, facts)?;
    drop(NO_WRITER.open(path, flags, facts)?);
    drop(MOVE.open(path, flags, facts)?);
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            // Nobody writes, so it is a reader's lock.
            let (code, access) = (Code::win32(ERROR_LOCK_VIOLATION), Access::Read);
            let (scope, facts) = (Scope::File, Some(facts));
            return Err(Trouble::Refused(Refusal { code, scope, facts, access, method: Method::RecordLock }));
        }
        Ok(()) => drop(file.unlock()),
        // There are no such locks here.
        Err(TryLockError::Error(_)) => {}
    }
    Ok(file)
}
