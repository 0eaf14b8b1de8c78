//! Asks who stands in the way of an open file, holding nothing longer than it takes to ask.

use std::fs::{File, TryLockError};

use lockwait_core::code::Code;
use lockwait_core::observation::{Access, Facts, Method, Refusal, Scope};

use super::sys;

/// Linux's number for "try again": what a lock of somebody else is answered with.
const EAGAIN: Code = Code::errno(11);

/// What a read lease tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Writers {
    /// Nobody has the file open for writing, nor mapped for it.
    None,
    /// Somebody has.
    Some,
    /// Leases are not to be had: another user's file, a file system without, another system.
    CannotTell,
}

/// Whether anybody has `file` open for writing.
pub(crate) fn writers(file: &File) -> Writers {
    match sys::take_read_lease(file) {
        Ok(()) => {
            sys::release_lease(file);
            Writers::None
        }
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Writers::Some,
        Err(_) => Writers::CannotTell,
    }
}

/// Asks in turn for writers, record locks and `flock` locks; the method that vouches for the file being free, or
/// the refusal, with `facts` in it.
///
/// A reader with an exclusive lock says "hands off" as clearly as a writer does.
pub(crate) fn ask(file: &File, facts: Facts) -> Result<Method, Refusal> {
    let refused = |method, access| Refusal { code: EAGAIN, scope: Scope::File, facts: Some(facts), access, method };
    let (free_by, locker) = match writers(file) {
        Writers::Some => return Err(refused(Method::Lease, Access::Write)),
        Writers::None => (Method::Lease, Access::Read),
        Writers::CannotTell => (Method::Stability, Access::Unknown),
    };
    // An error means that this kind of lock does not exist here: then nobody holds one.
    if let Ok(true) = sys::is_record_locked(file) {
        return Err(refused(Method::RecordLock, locker));
    }
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => return Err(refused(Method::Flock, locker)),
        Ok(()) => drop(file.unlock()),
        Err(TryLockError::Error(_)) => {}
    }
    Ok(free_by)
}
