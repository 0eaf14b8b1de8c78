//! See `lockwait_fuzz::evt`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::evt(data));
