//! Who has a file open, on POSIX systems.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod lock_line;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod proc_fs;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use proc_fs::who;

/// There is no `/proc` to ask: `errno:ENOSYS` for every place.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn who(places: &[lockwait_core::observation::Place]) -> Vec<lockwait_core::observation::Holders> {
    let answer = lockwait_core::observation::Holders::CouldNotAsk(lockwait_core::code::Code::errno(38));
    vec![answer; places.len()]
}
