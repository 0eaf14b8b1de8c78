//! Versions and the clock.

use core::ffi::c_char;

use crate::result::lockwait_result;
use crate::text::Out;
use crate::{guard, runtime};

/// The version of this interface. Within one number, functions, constants and fields at the ends of structs are only
/// added.
pub const LOCKWAIT_ABI_VERSION: u32 = 1;

/// The LOCKWAIT_ABI_VERSION that the library was built with. A program built with another must not go on. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_abi_version() -> u32 {
    guard::number(|| LOCKWAIT_ABI_VERSION)
}

/// The library's version and flavour: "0.1.0 modern", "0.1.0 legacy". NUL-terminated, never
/// NULL, valid for as long as the library is loaded. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_version() -> *const c_char {
    const TEXT: &str = if cfg!(feature = "modern") {
        concat!(env!("CARGO_PKG_VERSION"), " modern\0")
    } else {
        concat!(env!("CARGO_PKG_VERSION"), " legacy\0")
    };
    guard::pointer(|| TEXT.as_ptr().cast())
}

/// The time to give as `now`: microseconds since 1970-01-01T00:00:00Z by the system's clock. A host may use any other
/// clock that counts the same. Any thread.
///
/// @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_NULL_POINTER
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_now(now: *mut u64) -> lockwait_result {
    guard::call(|| {
        Out::new(now, "now")?.set(runtime::now_micros());
        Ok(())
    })
}
