//! See `lockwait_fuzz::operations`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::operations(data));
