//! The router's time: the wall clock at the start, carried on by the monotonic clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lockwait_core::time::Timestamp;

/// Gives timestamps that never go back, whatever is done to the wall clock.
#[derive(Debug)]
pub(super) struct Clock {
    base: Duration,
    start: Instant,
}

impl Clock {
    pub(super) fn start() -> Clock {
        // A wall clock set before 1970 counts as 1970.
        let base = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Clock { base, start: Instant::now() }
    }

    pub(super) fn now(&self) -> Timestamp {
        let since_epoch = self.base + self.start.elapsed();
        Timestamp(u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX))
    }

    /// How long from `now` to `due`, never rounded down: a wait of this length does not end before `due`.
    pub(super) fn wait(now: Timestamp, due: Timestamp) -> Duration {
        Duration::from_micros(due.since(now).0)
    }
}
