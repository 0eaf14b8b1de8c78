//! Folders: their queues, their outages, and at what times of day their files are held.

use alloc::collections::VecDeque;

use crate::code::Code;
use crate::json::record;
use crate::observation::Name;
use crate::pickup::Ask;
use crate::policy::Policy;
use crate::time::{Moment, Span, Timestamp};

/// A pickup in a queue; stale when the generation is not the pickup's any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Queued {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

/// One folder with files in it.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub(crate) name: Name,
    /// Pickups that want to be looked at.
    pub(crate) tries: VecDeque<Queued>,
    /// Pickups that want to be moved.
    pub(crate) moves: VecDeque<Queued>,
    /// Is in the router's round of folders with something queued.
    pub(crate) queued: bool,
    /// Actions outstanding.
    pub(crate) outstanding: u32,
    /// Pickups in an episode.
    pub(crate) held: u32,
    pub(crate) outage: Option<Backoff>,
    /// When the last outage ended.
    pub(crate) found: Moment,
    habit: Habit,
}

/// Something does not work; one action at a time finds out whether it works again.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    pub(crate) since: Timestamp,
    pub(crate) code: Code,
    /// When the next probe may go out; `None` while one is out.
    pub(crate) due: Option<Timestamp>,
    /// The pickup that is the probe.
    pub(crate) probe: Option<u32>,
    wait: Span,
}

impl Backoff {
    pub(crate) fn new(now: Timestamp, code: Code, policy: &Policy) -> Backoff {
        Backoff { since: now, code, due: Some(now + policy.outage), probe: None, wait: policy.outage }
    }

    /// Whether a probe may go out now.
    pub(crate) fn may_probe(&self, now: Timestamp) -> bool {
        self.due.is_some_and(|due| due <= now)
    }

    pub(crate) fn send(&mut self, probe: u32) {
        self.probe = Some(probe);
        self.due = None;
    }

    /// The pickup `index` found that it still does not work: wait longer, if that was the probe.
    pub(crate) fn failed(&mut self, now: Timestamp, index: u32, policy: &Policy) {
        if self.probe == Some(index) {
            self.probe = None;
            self.wait = self.wait.doubled().min(policy.outage_cap).max(policy.outage);
            self.due = Some(now + self.wait);
        }
    }

    /// No action is outstanding any more.
    pub(crate) fn forget_probe(&mut self, now: Timestamp) {
        if self.probe.take().is_some() || self.due.is_none() {
            self.due = Some(now);
        }
    }

    /// The probe `index` ended without an answer to the question: another may go out.
    pub(crate) fn abandoned(&mut self, now: Timestamp, index: u32) {
        if self.probe == Some(index) {
            self.probe = None;
            self.due = Some(now);
        }
    }
}

impl Folder {
    pub(crate) fn new(name: Name) -> Folder {
        Folder {
            name,
            tries: VecDeque::new(),
            moves: VecDeque::new(),
            queued: false,
            outstanding: 0,
            held: 0,
            outage: None,
            found: Moment::default(),
            habit: Habit::default(),
        }
    }

    /// Where a pickup waits for its turn.
    pub(crate) fn queue(&mut self, ask: Ask) -> &mut VecDeque<Queued> {
        if matches!(ask, Ask::Take | Ask::Quarantine) { &mut self.moves } else { &mut self.tries }
    }

    /// Whether the folder could be reached all the time from `since` on.
    pub(crate) fn reachable_since(&self, since: Timestamp) -> bool {
        self.outage.is_none() && self.found.get().is_none_or(|found| found < since)
    }

    /// Notes a long hold that began at `since`; on how many earlier days was there one at this time of day?
    pub(crate) fn recurs(&mut self, since: Timestamp) -> u8 {
        self.habit.note(since)
    }
}

/// The last long holds of a folder: day and minute.
#[derive(Clone, Default, Debug)]
struct Habit {
    last: VecDeque<(u32, u16)>,
}

impl Habit {
    /// Holds remembered: a week and a day.
    const DAYS: usize = 8;
    /// Minutes that times of day may differ and still be the same.
    const SLACK: u16 = 15;
    const MINUTES: u16 = 24 * 60;

    fn note(&mut self, since: Timestamp) -> u8 {
        let minutes = since.0 / 60_000_000;
        let (day, minute) = ((minutes / u64::from(Self::MINUTES)) as u32, (minutes % u64::from(Self::MINUTES)) as u16);
        let near = |other: u16| {
            let apart = other.abs_diff(minute);
            apart.min(Self::MINUTES - apart) <= Self::SLACK
        };
        let days = self.last.iter().filter(|(d, m)| *d != day && near(*m)).count();
        // One entry a day and time: a burst of files in one night is one occasion.
        if !self.last.iter().any(|(d, m)| *d == day && near(*m)) {
            if self.last.len() == Self::DAYS {
                self.last.pop_front();
            }
            self.last.push_back((day, minute));
        }
        days as u8
    }
}

record!(Queued, Queued { index: 0, generation: 0 }, index, generation);
record!(
    Folder,
    Folder::new(Name::blank()),
    name,
    tries,
    moves,
    queued,
    outstanding,
    held,
    outage "?",
    found,
    habit,
);
record!(
    Backoff,
    Backoff { since: Timestamp::blank(), code: Code::blank(), due: None, probe: None, wait: Span::ZERO },
    since,
    code,
    due "?",
    probe "?",
    wait,
);
record!(Habit, Habit::default(), last);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_at_the_same_time_on_other_days_recurs() {
        let mut folder = Folder::new(Name::from("/in"));
        let day = Span::from_secs(86_400).0;
        let at = |days: u64, minutes: u64| Timestamp(days * day + minutes * 60_000_000);
        assert_eq!(folder.recurs(at(0, 1_435)), 0);
        assert_eq!(folder.recurs(at(0, 1_436)), 0, "the same night is no recurrence");
        assert_eq!(folder.recurs(at(1, 700)), 0, "another time of day is none");
        assert_eq!(folder.recurs(at(2, 2)), 1, "midnight is not a border");
        assert_eq!(folder.recurs(at(3, 1_439)), 2);
    }
}
