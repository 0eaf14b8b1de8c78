//! See `lockwait_fuzz::trace`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::trace(data));
