//! See `lockwait_fuzz::smb`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::smb(data));
