//! Which files that a reader keeps where they are get a copy made ahead, and when.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use lockwait_core::observation::{Facts, Place};

/// How long a file must have been seen standing still. FAT's times, the coarsest, go in steps of two seconds ("File
/// Times", Win32 documentation): who changes the file after this gives it another time. And a scanner, the commonest
/// of such readers, is mostly gone by then: a copy made ahead would gain nothing.
const STILL: Duration = Duration::from_secs(2);

/// How many files are watched at a time, and so how many copies lie ready at most. More files wait like any other.
const MOST: usize = 16;

/// A file that was not looked at for this long is not waited for any more.
const FORGOTTEN: Duration = Duration::from_secs(600);

/// Files that a reader keeps where they are.
#[derive(Default)]
pub(super) struct Staging {
    watched: Mutex<HashMap<Place, Watch>>,
    /// Whether any file is watched: what everybody else asks, without the lock.
    any: AtomicBool,
    /// Held by who copies: one at a time, so that whatever is held, all other threads are there for what is free.
    turn: Mutex<()>,
    /// Set when nobody will come for the copies any more: ends the one that is being made.
    pub(super) stop: AtomicBool,
}

/// The turn to copy.
pub(super) type Turn<'a> = MutexGuard<'a, ()>;

/// One of them.
#[derive(Debug)]
struct Watch {
    /// As it was last, and since when.
    facts: Facts,
    since: Instant,
    /// How long it must stand still; twice as long after each change, so that a file that goes on changing is not
    /// copied for ever.
    still: Duration,
    /// A copy was made of it as it is, or could not be.
    tried: bool,
    seen: Instant,
}

impl Staging {
    /// A look found the file at `place` with `facts`, held by nobody but a reader that does not share deletion: the turn
    /// to copy it, if that is to be done now. It is given once for each `facts`.
    pub(super) fn held(&self, place: &Place, facts: Facts, now: Instant) -> Option<Turn<'_>> {
        let mut watched = self.lock();
        if !watched.contains_key(place) {
            if watched.len() < MOST {
                self.any.store(true, Ordering::Relaxed);
                let watch = Watch { facts, since: now, still: STILL, tried: false, seen: now };
                watched.insert(place.clone(), watch);
            }
            return None;
        }
        let watch = watched.get_mut(place)?;
        watch.seen = now;
        if watch.facts != facts {
            let still = if watch.tried { watch.still.saturating_mul(2) } else { watch.still };
            *watch = Watch { facts, since: now, still, tried: false, seen: now };
        }
        if watch.tried || now.saturating_duration_since(watch.since) <= watch.still {
            return None;
        }
        let turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        watch.tried = true;
        Some(turn)
    }

    /// The files that are not waited for any more: the one at `ended`, and those that nobody looked at for long.
    pub(super) fn over(&self, ended: Option<&Place>, now: Instant) -> Vec<Place> {
        if !self.any.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let mut watched = self.lock();
        let is_over = |place: &Place, watch: &mut Watch| {
            ended == Some(place) || now.saturating_duration_since(watch.seen) > FORGOTTEN
        };
        let over = watched.extract_if(is_over).map(|(place, _)| place).collect();
        self.any.store(!watched.is_empty(), Ordering::Relaxed);
        over
    }

    /// Nothing but memory is touched while this is locked.
    fn lock(&self) -> MutexGuard<'_, HashMap<Place, Watch>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(200);

    fn place(name: &str) -> Place {
        Place::new("/in", name)
    }

    fn facts(modified: u64) -> Facts {
        Facts { size: 4, modified, identity: 1 }
    }

    /// How long after `start` a file that is looked at every [`TICK`] and has these facts gets its turn.
    fn due(staging: &Staging, name: &str, facts: Facts, start: Instant) -> Option<Duration> {
        let looks = (0..100).map(|look| TICK * look);
        looks.into_iter().find(|after| staging.held(&place(name), facts, start + *after).is_some())
    }

    #[test]
    fn a_file_is_copied_once_when_it_has_stood_still_for_longer_than_times_are_coarse() {
        let (staging, start) = (Staging::default(), Instant::now());
        assert_eq!(due(&staging, "a", facts(1), start), Some(STILL + TICK));
        assert_eq!(due(&staging, "a", facts(1), start + STILL * 2), None);
    }

    #[test]
    fn a_file_that_changed_after_its_copy_must_stand_still_for_twice_as_long() {
        let (staging, start) = (Staging::default(), Instant::now());
        due(&staging, "a", facts(1), start);
        for (change, still) in [(2, STILL * 2), (3, STILL * 4)] {
            assert_eq!(due(&staging, "a", facts(change), start + STILL * 10), Some(still + TICK));
        }
        staging.held(&place("b"), facts(1), start);
        assert_eq!(due(&staging, "b", facts(2), start + TICK), Some(STILL + TICK), "it was not copied before");
    }

    #[test]
    fn one_file_is_copied_at_a_time() {
        let (staging, start) = (Staging::default(), Instant::now());
        for name in ["a", "b"] {
            assert!(staging.held(&place(name), facts(1), start).is_none());
        }
        let later = start + STILL * 2;
        let turn = staging.held(&place("a"), facts(1), later);
        assert!(turn.is_some() && staging.held(&place("b"), facts(1), later).is_none());
        drop(turn);
        assert!(staging.held(&place("b"), facts(1), later).is_some());
    }

    #[test]
    fn only_so_many_files_are_watched_until_one_ends_or_is_forgotten() {
        let (staging, start) = (Staging::default(), Instant::now());
        assert_eq!(staging.over(Some(&place("0")), start), []);
        let watched = |name: &str, now| due(&staging, name, facts(1), now).is_some();
        for number in 0..MOST {
            assert!(watched(&number.to_string(), start));
        }
        assert!(!watched("more", start));
        assert_eq!(staging.over(Some(&place("3")), start), [place("3")]);
        assert!(watched("more", start) && !watched("even more", start));
        let later = start + FORGOTTEN * 2;
        assert_eq!(staging.over(None, later).len(), MOST);
        assert!(watched("even more", later));
    }
}
