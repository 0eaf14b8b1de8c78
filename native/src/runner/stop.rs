//! The switch that ends a run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};

/// Ends the run it was given to, from any thread.
///
/// Clones are the same switch. One switch serves one run; it stays triggered.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Switch>);

#[derive(Debug, Default)]
struct Switch {
    asked: AtomicBool,
    /// The router's thread, to be woken.
    waiter: OnceLock<Thread>,
}

impl Stop {
    /// A switch that is not triggered.
    pub fn new() -> Stop {
        Stop::default()
    }

    /// Ends the run now. Takes no lock and allocates nothing: a store and, on Linux and Windows, one futex wake, so
    /// a signal handler may call it there.
    pub fn trigger(&self) {
        self.0.asked.store(true, Ordering::Release);
        if let Some(waiter) = self.0.waiter.get() {
            waiter.unpark();
        }
    }

    /// Whether the run is to end.
    pub fn is_triggered(&self) -> bool {
        self.0.asked.load(Ordering::Acquire)
    }

    /// The bare flag, for work that looks at it between pieces.
    pub fn flag(&self) -> &AtomicBool {
        &self.0.asked
    }

    /// Makes the calling thread the one that [`Stop::trigger`] wakes; `false` when the switch already has one.
    pub(super) fn attach(&self) -> bool {
        self.0.waiter.set(thread::current()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn triggering_wakes_the_attached_thread() {
        let stop = Stop::new();
        assert!(stop.attach());
        let other = stop.clone();
        let helper = thread::spawn(move || other.trigger());
        let start = Instant::now();
        while !stop.is_triggered() {
            thread::park_timeout(Duration::from_secs(60));
        }
        assert!(start.elapsed() < Duration::from_secs(30));
        helper.join().unwrap();
    }

    #[test]
    fn a_switch_serves_one_run() {
        let stop = Stop::new();
        assert!(stop.attach());
        assert!(!stop.clone().attach());
    }
}
