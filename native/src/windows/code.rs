//! Win32 errors are codes as they are.

use std::io;

use lockwait_core::code::Code;
use windows_sys::Win32::Foundation::{ERROR_CANCELLED, ERROR_DISK_FULL, ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND};

/// The work was stopped.
pub(crate) const CANCELLED: Code = Code::win32(ERROR_CANCELLED);

/// The destination is full, or the user's share of it.
pub(crate) const FULL: Code = Code::win32(ERROR_DISK_FULL);

/// The code of what `GetLastError` gave as `raw`.
pub(crate) fn of_raw(raw: i32) -> Code {
    Code::win32(raw.cast_unsigned())
}

/// Whether `error` says that there is no such file in a folder that was there a moment ago.
pub(crate) fn is_missing(error: &io::Error) -> bool {
    let missing = [ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND];
    error.raw_os_error().is_some_and(|raw| missing.contains(&raw.cast_unsigned()))
}

#[cfg(test)]
mod tests {
    use lockwait_core::code::Cause;

    use super::*;

    #[test]
    fn what_the_engine_stops_for_has_the_cause_it_looks_at() {
        assert_eq!((CANCELLED.cause(), FULL.cause()), (Cause::Cancelled, Cause::TargetFull));
        assert_eq!(of_raw(32).to_string(), "win32:32");
    }
}
