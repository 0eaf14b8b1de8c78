//! See `lockwait_fuzz::event_csv`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::event_csv(data));
