//! See `lockwait_fuzz::ncp`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::ncp(data));
