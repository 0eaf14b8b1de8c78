//! The legacy flavour: no std, no unwinding, and of the system only what Windows NT 4.0 had.
//!
//! | module | what it holds |
//! |---|---|
//! | `win32` | every function and constant of the system, declared by hand |
//! | `entry` | where the DLL begins and ends, for the process and for its threads |
//! | `heap` | the global allocator |
//! | `lock` | mutual exclusion |
//! | `last_error` | one text a thread |
//! | `panic` | what happens after a panic: the host is told, the process ends |
//!
//! The system is old, the processor must not be: Rust's core library for this target is compiled for a Pentium 4, with
//! SSE2.

#[cfg(not(all(windows, target_arch = "x86")))]
compile_error!("the legacy flavour is for 32-bit Windows; on every other system, build with the feature `modern`");

mod entry;
mod heap;
mod last_error;
mod lock;
mod panic;
mod win32;

use alloc::string::String;

pub(crate) use last_error::{set_last_error, with_last_error};
pub(crate) use lock::Lock;

/// A panic that came back to its caller: there is none.
#[derive(Debug)]
pub(crate) enum Panic {}

/// Runs `f`. A panic in it does not come back here.
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Result<T, Panic> {
    Ok(f())
}

pub(crate) fn text_of(panic: Panic) -> String {
    match panic {}
}

/// Hundreds of nanoseconds from 1601-01-01, where Windows counts from, to 1970-01-01.
const UNIX_EPOCH: u64 = 116_444_736_000_000_000;

/// Microseconds since 1970-01-01T00:00:00Z.
pub(crate) fn now_micros() -> u64 {
    let mut now = win32::FileTime { low: 0, high: 0 };
    // SAFETY: `now` may be written to.
    unsafe { win32::GetSystemTimeAsFileTime(&raw mut now) };
    let ticks = u64::from(now.high) << 32 | u64::from(now.low);
    ticks.saturating_sub(UNIX_EPOCH) / 10
}
