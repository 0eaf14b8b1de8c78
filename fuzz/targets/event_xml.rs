//! See `lockwait_fuzz::event_xml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockwait_fuzz::event_xml(data));
