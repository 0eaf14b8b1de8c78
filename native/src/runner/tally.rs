//! Counts what a run did, and says how it is doing.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use lockwait_core::code::Code;
use lockwait_core::event::{Event, EventKind};
use lockwait_core::observation::Name;
use lockwait_core::pickup::{End, PickupId};
use lockwait_core::router::Router;
use lockwait_core::time::{Span, Timestamp};
use lockwait_core::verdict::{Advice, Kind};

/// What a run did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Summary {
    /// Files taken, and their bytes.
    pub taken: u64,
    /// See `taken`.
    pub bytes: u64,
    /// Files that went away by themselves.
    pub gone: u64,
    /// Files moved to the bad folder.
    pub quarantined: u64,
    /// Files left where they are for good.
    pub refused: u64,
    /// Files left where they are because the run ended.
    pub cancelled: u64,
    /// Files that were held at the end with the verdict that somebody must act.
    pub need_action: u64,
}

/// How a run is doing.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Progress {
    /// Files that have been found and not ended.
    pub waiting: usize,
    /// Those of them that have waited longest, the longest first; see [`Setup::listed`](super::Setup::listed).
    pub files: Vec<Waiting>,
    /// Files taken so far.
    pub taken: u64,
    /// Bytes taken so far.
    pub bytes: u64,
    /// Bytes taken per second, lately.
    pub bytes_per_second: u64,
    /// Folders that cannot be reached.
    pub outages: usize,
}

/// A file that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Its path.
    pub path: Name,
    /// Since when it is held, or has been found without being held.
    pub since: Timestamp,
    /// How long that is.
    pub waited: Span,
    /// Attempts that were refused.
    pub attempts: u32,
    /// What the last one failed with.
    pub code: Option<Code>,
    /// Its verdict, once it has one.
    pub verdict: Option<(Advice, Kind)>,
}

/// How often the rate is measured anew.
const RATE_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Tally {
    summary: Summary,
    /// Pickups in the order of their beginning; those that ended are dropped from the front, and now and then from
    /// the middle.
    order: VecDeque<PickupId>,
    /// The last verdict of every pickup that is held.
    held: HashMap<PickupId, (Advice, Kind)>,
    /// When the rate was last measured, and the bytes then.
    measured: (Instant, u64),
    rate: u64,
}

impl Tally {
    pub(super) fn new() -> Tally {
        Tally {
            summary: Summary::default(),
            order: VecDeque::new(),
            held: HashMap::new(),
            measured: (Instant::now(), 0),
            rate: 0,
        }
    }

    pub(super) fn started(&mut self, id: PickupId, router: &Router) {
        self.order.push_back(id);
        if self.order.len() > 2 * router.len() + 64 {
            self.order.retain(|id| router.view(*id).is_some());
        }
    }

    pub(super) fn event(&mut self, event: &Event) {
        match (event.id, &event.verdict) {
            (Some(id), Some(verdict)) if event.kind == EventKind::LockHeld => {
                self.held.insert(id, (verdict.advice, verdict.kind));
            }
            (Some(id), _) if event.end.is_some() => {
                self.held.remove(&id);
            }
            _ => {}
        }
        let Some(end) = event.end else { return };
        let counter = match end {
            End::Taken => {
                self.summary.bytes += event.bytes.unwrap_or(0);
                &mut self.summary.taken
            }
            End::Gone => &mut self.summary.gone,
            End::Quarantined => &mut self.summary.quarantined,
            End::Refused => &mut self.summary.refused,
            End::Cancelled => &mut self.summary.cancelled,
        };
        *counter += 1;
    }

    /// The pickups that somebody must act on, counted before the end cancels them.
    pub(super) fn count_needs(&mut self) {
        let acts = self.held.values().filter(|(advice, _)| *advice == Advice::Act).count();
        self.summary.need_action = acts as u64;
    }

    /// This many pickups ended with the run, without an event each.
    pub(super) fn left_behind(&mut self, count: usize) {
        self.summary.cancelled += count as u64;
    }

    pub(super) fn summary(&self) -> Summary {
        self.summary
    }

    /// How the run is doing; of the files that wait, the `listed` that wait longest are told.
    pub(super) fn progress(&mut self, now: Timestamp, router: &Router, listed: usize) -> Progress {
        while self.order.front().is_some_and(|id| router.view(*id).is_none()) {
            self.order.pop_front();
        }
        let waiting = |id: &PickupId| {
            let view = router.view(*id)?;
            let since = view.held_since.unwrap_or(view.since);
            Some(Waiting {
                path: view.place().path(),
                since,
                waited: now.since(since),
                attempts: view.attempts,
                code: view.code,
                verdict: self.held.get(id).copied(),
            })
        };
        let files = self.order.iter().filter_map(waiting).take(listed).collect();
        self.measure();
        let Summary { taken, bytes, .. } = self.summary;
        Progress {
            waiting: router.len(),
            files,
            taken,
            bytes,
            bytes_per_second: self.rate,
            outages: router.outages().count(),
        }
    }

    fn measure(&mut self) {
        let (then, before) = self.measured;
        let passed = then.elapsed();
        if passed >= RATE_EVERY {
            let gained = u128::from(self.summary.bytes - before) * 1_000 / passed.as_millis().max(1);
            self.rate = u64::try_from(gained).unwrap_or(u64::MAX);
            self.measured = (Instant::now(), self.summary.bytes);
        }
    }
}
