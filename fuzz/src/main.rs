//! Hands the target that `LOCKWAIT_FUZZ` names to libFuzzer: one program for all, so that they are linked once.
#![no_main]

use std::sync::LazyLock;

use lockwait_fuzz::TARGETS;

static CHOSEN: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("LOCKWAIT_FUZZ").unwrap_or_default();
    let found = TARGETS.iter().find(|(target, _)| *target == name);
    found.unwrap_or_else(|| panic!("LOCKWAIT_FUZZ names no target: '{name}'")).1
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| CHOSEN(data));
