//! Where the router's thread and the threads that work for it meet: jobs out, answers and notices in.
//!
//! The router's thread sleeps by parking; whoever brings something unparks it, once for all that lies there when it
//! wakes. Workers sleep on a condition variable. No lock is held while anything but memory is touched.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use lockwait_core::observation::Place;
use lockwait_core::pickup::{ActionKind, Outcome, PickupId};

use crate::hints::Notice;

/// How many quick jobs one worker is given before a second is woken: waking costs more than a probe.
const JOBS_A_WORKER: usize = 16;

/// Notices kept at most. More are dropped: a rescan finds what they were about.
const NOTICES_MAX: usize = 65_536;

/// One action with the place it is about.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: PickupId,
    pub(super) kind: ActionKind,
    pub(super) place: Place,
    /// The file whose group this one travels with, when it is a companion.
    pub(super) leader: Option<Place>,
}

/// The outcome of a job.
pub(super) type Answer = (PickupId, Outcome);

/// What came in since the router last looked.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    pub(super) answers: Vec<Answer>,
    pub(super) notices: Vec<Notice>,
}

/// What a worker finds when it comes for work.
#[derive(Debug)]
pub(super) enum Next {
    /// Do this.
    Do(Job),
    /// Nothing came for as long as it was willing to wait.
    Idle,
    /// The run is over.
    Closed,
}

#[derive(Debug)]
pub(super) struct Desk {
    trays: Mutex<Trays>,
    work: Condvar,
    router: Thread,
}

#[derive(Debug, Default)]
struct Trays {
    jobs: VecDeque<Job>,
    /// When a job was last begun, or put where none lay.
    moved: Option<Instant>,
    inbox: Inbox,
    /// Workers that wait for a job.
    idle: usize,
    /// The router has been woken and has not yet collected.
    woken: bool,
    closed: bool,
}

impl Desk {
    /// A desk whose router is the calling thread.
    pub(super) fn new() -> Desk {
        Desk { trays: Mutex::default(), work: Condvar::new(), router: thread::current() }
    }

    /// Puts jobs out, and wakes as many idle workers as they are worth.
    pub(super) fn post(&self, jobs: &mut Vec<Job>) {
        let mut trays = self.lock();
        let workers = jobs.len().div_ceil(JOBS_A_WORKER).min(trays.idle);
        if trays.jobs.is_empty() {
            trays.moved = Some(Instant::now());
        }
        trays.jobs.extend(jobs.drain(..));
        drop(trays);
        for _ in 0..workers {
            self.work.notify_one();
        }
    }

    /// For how long jobs have lain here without one being begun; `None` when all are being worked on.
    pub(super) fn stalled(&self) -> Option<Duration> {
        let trays = self.lock();
        trays.moved.filter(|_| !trays.jobs.is_empty()).map(|moved| moved.elapsed())
    }

    /// Wakes an idle worker; `false` when there is none.
    pub(super) fn wake_worker(&self) -> bool {
        let idle = self.lock().idle > 0;
        if idle {
            self.work.notify_one();
        }
        idle
    }

    /// A worker hands in its last answer and asks for its next job, waiting `patience` for one.
    pub(super) fn next(&self, answer: Option<Answer>, patience: Duration) -> Next {
        let mut trays = self.lock();
        if let Some(answer) = answer {
            trays.inbox.answers.push(answer);
        }
        loop {
            if trays.closed {
                self.wake(trays);
                return Next::Closed;
            }
            if let Some(job) = trays.jobs.pop_front() {
                trays.moved = Some(Instant::now());
                // While jobs lie here the router looks in by itself; the last one may take long.
                if trays.jobs.is_empty() && !trays.inbox.answers.is_empty() {
                    self.wake(trays);
                }
                return Next::Do(job);
            }
            if !trays.inbox.answers.is_empty() {
                self.wake(trays);
                trays = self.lock();
                if !trays.jobs.is_empty() || trays.closed {
                    continue;
                }
            }
            trays.idle += 1;
            let (back, timeout) = self.work.wait_timeout(trays, patience).unwrap_or_else(PoisonError::into_inner);
            trays = back;
            trays.idle -= 1;
            if timeout.timed_out() && trays.jobs.is_empty() && !trays.closed {
                return Next::Idle;
            }
        }
    }

    /// Answers that did not come through [`Desk::next`].
    pub(super) fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        let mut trays = self.lock();
        trays.inbox.answers.extend(answers);
        self.wake(trays);
    }

    /// A notice of the operating system. Repeats of the last one are dropped while the router has not seen it.
    pub(super) fn notice(&self, notice: Notice) {
        let mut trays = self.lock();
        let notices = &mut trays.inbox.notices;
        if notices.len() < NOTICES_MAX && notices.last() != Some(&notice) {
            notices.push(notice);
        }
        self.wake(trays);
    }

    /// Wakes the router for something that does not lie here.
    pub(super) fn ring(&self) {
        self.wake(self.lock());
    }

    /// Exchanges `empty` for all that came in.
    pub(super) fn collect(&self, empty: Inbox) -> Inbox {
        let mut trays = self.lock();
        trays.woken = false;
        mem::replace(&mut trays.inbox, empty)
    }

    /// Whether [`Desk::collect`] would find something, or somebody rang.
    pub(super) fn has_mail(&self) -> bool {
        let trays = self.lock();
        trays.woken || !trays.inbox.answers.is_empty() || !trays.inbox.notices.is_empty()
    }

    /// Throws away the jobs nobody has begun and sends every worker home.
    pub(super) fn close(&self) {
        let mut trays = self.lock();
        trays.closed = true;
        trays.jobs.clear();
        drop(trays);
        self.work.notify_all();
    }

    fn wake(&self, mut trays: MutexGuard<'_, Trays>) {
        let already = mem::replace(&mut trays.woken, true);
        drop(trays);
        if !already {
            self.router.unpark();
        }
    }

    /// A thread that panicked leaves the trays whole: every change to them is one step.
    fn lock(&self) -> MutexGuard<'_, Trays> {
        self.trays.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockwait_core::observation::Hint;

    fn job(id: u64) -> Job {
        Job { id: PickupId(id), kind: ActionKind::Try, place: Place::new("/in", "a"), leader: None }
    }

    fn answer(id: u64) -> Answer {
        (PickupId(id), Outcome::Changed(None))
    }

    #[test]
    fn a_worker_gets_jobs_in_order_and_its_answers_arrive() {
        let desk = Desk::new();
        desk.post(&mut vec![job(1), job(2)]);
        assert!(matches!(desk.next(None, Duration::ZERO), Next::Do(job) if job.id.0 == 1));
        assert!(matches!(desk.next(Some(answer(1)), Duration::ZERO), Next::Do(job) if job.id.0 == 2));
        assert!(matches!(desk.next(Some(answer(2)), Duration::ZERO), Next::Idle));
        assert_eq!(desk.collect(Inbox::default()).answers, [answer(1), answer(2)]);
        assert!(!desk.has_mail());
    }

    #[test]
    fn closing_drops_what_nobody_began() {
        let desk = Desk::new();
        desk.post(&mut vec![job(1), job(2)]);
        desk.close();
        assert!(matches!(desk.next(None, Duration::from_secs(60)), Next::Closed));
        assert_eq!(desk.stalled(), None);
    }

    #[test]
    fn repeated_notices_are_one() {
        let desk = Desk::new();
        for _ in 0..3 {
            desk.notice(Notice::File(Place::new("/in", "a"), Hint::Changed));
        }
        desk.notice(Notice::Rescan);
        assert_eq!(desk.collect(Inbox::default()).notices.len(), 2);
    }
}
