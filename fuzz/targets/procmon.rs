//! See `lockwait_fuzz::procmon`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::procmon(data));
