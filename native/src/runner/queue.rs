//! A queue between two threads: one puts in, the other takes out, and each is told when the other is gone.
//!
//! The standard library's channels are for any number of senders and, in every type of value, there three times over:
//! 45 kB of the shared library.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The end that puts in.
pub(super) struct Sender<T>(Arc<Shared<T>>);

/// The end that takes out.
pub(super) struct Receiver<T>(Arc<Shared<T>>);

/// Why nothing was taken out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Nothing {
    /// Nothing came in the time given.
    Yet,
    /// Nothing will come: the other end is gone.
    Ever,
}

/// The end that takes out is gone.
#[derive(Debug)]
pub(super) struct Gone;

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    /// How many values may lie in it before who puts in waits.
    most: usize,
}

struct State<T> {
    values: VecDeque<T>,
    /// One of the ends is gone.
    cut: bool,
}

/// A queue in which `most` values may lie before who puts in waits.
pub(super) fn queue<T>(most: usize) -> (Sender<T>, Receiver<T>) {
    let state = Mutex::new(State { values: VecDeque::new(), cut: false });
    let shared = Arc::new(Shared { state, changed: Condvar::new(), most });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cut(&self) -> MutexGuard<'_, State<T>> {
        let mut state = self.lock();
        state.cut = true;
        self.changed.notify_one();
        state
    }
}

impl<T> Sender<T> {
    /// Puts `value` in, once there is room.
    ///
    /// # Errors
    /// The other end is gone.
    pub(super) fn send(&self, value: T) -> Result<(), Gone> {
        let mut state = self.0.lock();
        while !state.cut && state.values.len() >= self.0.most {
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.cut {
            return Err(Gone);
        }
        state.values.push_back(value);
        self.0.changed.notify_one();
        Ok(())
    }
}

impl<T> Receiver<T> {
    /// The next value, once there is one; `None` when the other end is gone and everything it put in is taken out.
    pub(super) fn recv(&self) -> Option<T> {
        self.recv_until(None).ok()
    }

    /// The next value, if one comes in time.
    pub(super) fn recv_timeout(&self, time: Duration) -> Result<T, Nothing> {
        self.recv_until(Some(Instant::now() + time))
    }

    /// The next value, if there is one.
    pub(super) fn try_recv(&self) -> Option<T> {
        self.recv_timeout(Duration::ZERO).ok()
    }

    fn recv_until(&self, end: Option<Instant>) -> Result<T, Nothing> {
        let mut state = self.0.lock();
        loop {
            if let Some(value) = state.values.pop_front() {
                self.0.changed.notify_one();
                return Ok(value);
            }
            if state.cut {
                return Err(Nothing::Ever);
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            state = match left {
                None => self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return Err(Nothing::Yet),
                Some(left) => self.0.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        drop(self.0.cut());
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.0.cut().values);
        drop(values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_out_in_order_and_then_the_end() {
        let (sender, receiver) = queue(usize::MAX);
        assert_eq!(receiver.recv_timeout(Duration::from_millis(1)), Err(Nothing::Yet));
        let putting = std::thread::spawn(move || (0..1000).for_each(|value| sender.send(value).unwrap()));
        let taken: Vec<i32> = std::iter::from_fn(|| receiver.recv()).collect();
        putting.join().unwrap();
        assert!(taken.into_iter().eq(0..1000));
        assert_eq!(receiver.recv_timeout(Duration::from_secs(60)), Err(Nothing::Ever));
    }

    #[test]
    fn who_puts_in_waits_for_room_and_learns_that_nobody_takes_out() {
        let (sender, receiver) = queue(1);
        let putting = std::thread::spawn(move || (0..).take_while(|value| sender.send(*value).is_ok()).count());
        assert_eq!((receiver.recv(), receiver.recv()), (Some(0), Some(1)));
        drop(receiver);
        // The third may have found room before the other end went.
        assert!((2..=3).contains(&putting.join().unwrap()));
    }
}
