//! See `lockwait_fuzz::complete`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::complete(data));
