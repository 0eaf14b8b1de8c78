//! Bursts, and what comes of them.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use lockwait_core::code::Code;
use lockwait_core::observation::{Facts, Taken};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Collision;
use lockwait_native::burst::Burst;

use super::{names, place};

pub fn burst(into: &Path) -> Burst {
    Burst::open(into, None, false, Collision::UniqueName).unwrap()
}

/// Takes `path` as it was at a look.
pub fn take_as(burst: &Burst, path: &Path, expected: Facts) -> Outcome {
    burst.take(0, &place(path), &expected, None, &AtomicBool::new(false))
}

pub fn take(burst: &Burst, path: &Path) -> Outcome {
    take_as(burst, path, super::look(path).facts)
}

pub fn taken(outcome: Outcome) -> Taken {
    match outcome {
        Outcome::Taken(taken) => taken,
        other => panic!("not taken: {other:?}"),
    }
}

pub fn code(outcome: Outcome) -> Code {
    match outcome {
        Outcome::Refused(refusal) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

/// What is in a folder but for the journals of runs that live.
pub fn visible(folder: &Path) -> Vec<String> {
    names(folder).into_iter().filter(|name| !name.ends_with(".journal")).collect()
}
