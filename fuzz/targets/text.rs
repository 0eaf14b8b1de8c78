//! See `lockwait_fuzz::text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::text(data));
