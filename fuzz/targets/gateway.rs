//! See `lockwait_fuzz::gateway`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::gateway(data));
