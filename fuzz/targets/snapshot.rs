//! See `lockwait_fuzz::snapshot`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::snapshot(data));
