//! See `lockwait_fuzz::evtx`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::evtx(data));
