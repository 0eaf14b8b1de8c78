//! See `lockwait_fuzz::code`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::code(data));
