//! The threads that carry out actions.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use lockwait_core::code::Code;
use lockwait_core::observation::{Holders, Place, Refusal};
use lockwait_core::pickup::{ActionKind, Outcome, PickupId};

use super::desk::{Answer, Desk, Job, Next};
use super::queue::{Nothing, Receiver, Sender, queue};

/// How long an action may lie before another thread is started for it.
const STALL: Duration = Duration::from_millis(2);

/// How long a thread waits for work before it ends.
const IDLE: Duration = Duration::from_secs(10);

/// Threads that are kept, so that one long copy does not hold up the next probe.
const KEPT: usize = 2;

/// A scan of the machine for holders may take one part of this many of the time.
const SCAN_SHARE: u32 = 10;

/// Questions answered from one scan at most, so that the answers, and the events they make, come in portions.
const QUESTIONS: usize = 1_024;

/// What the threads do: the operating system's half, or a test's stand-in.
pub(super) trait Hands: Send + Sync + 'static {
    /// Carries out a `Try`, `Take` or `Quarantine`. No two threads have the same `slot` at a time.
    fn carry_out(&self, slot: usize, job: &Job) -> Outcome;

    /// What is left to do after `outcome` of `job`, which may take long: it is done once the answer is out.
    fn sequel(&self, _job: &Job, _outcome: &Outcome) -> Option<Sequel<'_>> {
        None
    }

    /// The run is over: nobody needs what a sequel is still doing.
    fn dismiss(&self) {}
}

/// See [`Hands::sequel`].
pub(super) type Sequel<'a> = Box<dyn FnOnce() + 'a>;

/// Answers `Identify` for several files at once, in their order.
pub(super) type Who = Box<dyn Fn(&[Place]) -> Vec<Holders> + Send>;

/// A pool of threads that grows only while actions lie waiting, plus one thread that answers every `Identify`.
pub(super) struct Pool {
    desk: Arc<Desk>,
    hands: Arc<dyn Hands>,
    slots: Arc<Slots>,
    questions: Sender<(PickupId, Place)>,
    fresh: Vec<Job>,
}

impl Pool {
    /// A pool of at most `most` threads.
    ///
    /// # Errors
    /// No thread could be started.
    pub(super) fn new(desk: Arc<Desk>, hands: Arc<dyn Hands>, who: Who, most: usize) -> io::Result<Pool> {
        let (questions, asked) = queue(usize::MAX);
        let pool =
            Pool { desk: Arc::clone(&desk), hands, slots: Arc::new(Slots::new(most)), questions, fresh: Vec::new() };
        thread::Builder::new().name("lockwait-who".into()).spawn(move || answer_questions(&asked, &who, &desk))?;
        for _ in 0..KEPT {
            pool.start_thread()?;
        }
        Ok(pool)
    }

    /// Takes an action on; [`Pool::dispatch`] hands out all that were taken on.
    pub(super) fn take_on(&mut self, job: Job) {
        if job.kind == ActionKind::Identify {
            // The thread that answers ends only with the pool.
            let _ = self.questions.send((job.id, job.place));
        } else {
            self.fresh.push(job);
        }
    }

    /// Hands out the actions that were taken on.
    pub(super) fn dispatch(&mut self) {
        if !self.fresh.is_empty() {
            self.desk.post(&mut self.fresh);
        }
    }

    /// Sees that actions do not lie while every thread hangs and another could be had. Says when to look again.
    pub(super) fn tend(&self) -> Option<Duration> {
        let lain = self.desk.stalled()?;
        if lain < STALL {
            return Some(STALL - lain);
        }
        if self.desk.wake_worker() || self.start_thread().unwrap_or(false) {
            return Some(STALL);
        }
        // With no more threads to be had, the ones there are go on; each wakes the router when it is done.
        Some(STALL * 50)
    }

    /// Sends the threads home: each goes, and rings, when it has done what it is doing.
    pub(super) fn send_home(&self) {
        self.hands.dismiss();
        self.desk.close();
    }

    /// Whether every thread is gone, and with it what its hands kept open.
    pub(super) fn is_gone(&self) -> bool {
        self.slots.in_use() == 0
    }

    /// Starts a thread; `false` when there are as many as there may be.
    fn start_thread(&self) -> io::Result<bool> {
        let Some(slot) = self.slots.take() else { return Ok(false) };
        let (desk, hands, slots) = (Arc::clone(&self.desk), Arc::clone(&self.hands), Arc::clone(&self.slots));
        let life = move || {
            work(&desk, &*hands, slot);
            // What the hands keep open is closed before the thread counts as gone.
            drop(hands);
            slots.give_back(slot);
            desk.ring();
        };
        match thread::Builder::new().name("lockwait-work".into()).spawn(life) {
            Ok(_) => Ok(true),
            Err(error) => {
                self.slots.give_back(slot);
                Err(error)
            }
        }
    }
}

/// The numbers of the threads that live.
struct Slots(Mutex<Vec<bool>>);

impl Slots {
    fn new(most: usize) -> Slots {
        Slots(Mutex::new(vec![false; most.max(KEPT)]))
    }

    /// The lowest free number, now in use.
    fn take(&self) -> Option<usize> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.iter().position(|used| !used)?;
        slots[slot] = true;
        Some(slot)
    }

    fn give_back(&self, slot: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[slot] = false;
    }

    fn in_use(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|used| **used).count()
    }
}

/// One worker's life.
fn work(desk: &Desk, hands: &dyn Hands, slot: usize) {
    let mut answer = None;
    loop {
        match desk.next(answer.take(), IDLE) {
            Next::Do(job) => {
                // A panic is a bug, but no reason to leave the file unanswered for ever.
                let outcome = panic::catch_unwind(AssertUnwindSafe(|| hands.carry_out(slot, &job)))
                    .unwrap_or_else(|_| Outcome::Refused(Refusal::new(FAULT)));
                match hands.sequel(&job, &outcome) {
                    None => answer = Some((job.id, outcome)),
                    Some(sequel) => {
                        desk.answer([(job.id, outcome)]);
                        // Nobody waits for it, so nobody is told.
                        drop(panic::catch_unwind(AssertUnwindSafe(sequel)));
                    }
                }
            }
            // The threads with the lowest numbers are the ones kept.
            Next::Idle if slot < KEPT => {}
            Next::Idle | Next::Closed => return,
        }
    }
}

/// What a worker's fault is reported as: EIO, a device fault that is tried a few more times.
const FAULT: Code = Code::errno(5);

/// Answers all questions that have gathered from one scan, and lets them gather in between for as long as keeps the
/// scans to their share of the time.
fn answer_questions(asked: &Receiver<(PickupId, Place)>, who: &Who, desk: &Desk) {
    let mut rest_until = Instant::now();
    while let Some(first) = asked.recv() {
        let mut questions = vec![first];
        // Those who came first wait longest; the rest of them is taken up by the next scan.
        loop {
            if questions.len() == QUESTIONS {
                thread::sleep(rest_until.saturating_duration_since(Instant::now()));
                break;
            }
            match asked.recv_timeout(rest_until.saturating_duration_since(Instant::now())) {
                Ok(question) => questions.push(question),
                Err(Nothing::Yet) => break,
                Err(Nothing::Ever) => return,
            }
        }
        let (ids, places): (Vec<_>, Vec<_>) = questions.into_iter().unzip();
        let start = Instant::now();
        let holders = panic::catch_unwind(AssertUnwindSafe(|| who(&places)))
            .unwrap_or_else(|_| vec![Holders::CouldNotAsk(FAULT); places.len()]);
        rest_until = Instant::now() + start.elapsed() * (SCAN_SHARE - 1);
        desk.answer(ids.into_iter().zip(holders).map(|(id, holders)| -> Answer { (id, Outcome::Holders(holders)) }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::desk::Inbox;
    use std::sync::Condvar;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Hands that hang on files called `hang` until let go.
    #[derive(Default)]
    struct Slow {
        free: Mutex<bool>,
        freed: Condvar,
    }

    impl Slow {
        fn let_go(&self) {
            *self.free.lock().unwrap() = true;
            self.freed.notify_all();
        }
    }

    impl Hands for Slow {
        fn carry_out(&self, _slot: usize, job: &Job) -> Outcome {
            assert_ne!(job.place.name.as_bytes(), b"panic");
            if job.place.name.as_bytes() == b"hang" {
                drop(self.freed.wait_while(self.free.lock().unwrap(), |free| !*free).unwrap());
            }
            Outcome::Changed(None)
        }

        fn sequel(&self, job: &Job, _outcome: &Outcome) -> Option<Sequel<'_>> {
            let hang = || {
                let free = *self.freed.wait_while(self.free.lock().unwrap(), |free| !*free).unwrap();
                assert!(!free, "a sequel's panic");
            };
            (job.place.name.as_bytes() == b"hang later").then(|| Box::new(hang) as Sequel<'_>)
        }
    }

    fn pool(hands: &Arc<Slow>, most: usize) -> Pool {
        let who: Who = Box::new(|places| vec![Holders::Found(Vec::new()); places.len()]);
        Pool::new(Arc::new(Desk::new()), Arc::clone(hands) as Arc<dyn Hands>, who, most).unwrap()
    }

    fn job(id: u64, kind: ActionKind, name: &str) -> Job {
        Job { id: PickupId(id), kind, place: Place::new("/in", name), leader: None }
    }

    /// Collects `count` answers, tending the pool as the router does.
    fn gather(pool: &Pool, count: usize) -> Vec<Answer> {
        let mut answers = Vec::new();
        while answers.len() < count {
            let wait = pool.tend().unwrap_or(Duration::from_secs(10));
            if !pool.desk.has_mail() {
                thread::park_timeout(wait);
            }
            answers.append(&mut pool.desk.collect(Inbox::default()).answers);
        }
        answers
    }

    #[test]
    fn hung_actions_do_not_hold_up_others_nor_the_end() {
        let hands = Arc::new(Slow::default());
        let mut pool = pool(&hands, 8);
        for id in 0..6 {
            pool.take_on(job(id, ActionKind::Try, "hang"));
        }
        pool.take_on(job(6, ActionKind::Try, "quick"));
        pool.dispatch();
        assert_eq!(gather(&pool, 1), [(PickupId(6), Outcome::Changed(None))]);
        pool.send_home();
        assert!(!pool.is_gone());
        hands.let_go();
        while !pool.is_gone() {
            pool.desk.collect(Inbox::default());
            thread::park_timeout(Duration::from_millis(50));
        }
    }

    #[test]
    fn an_answer_is_out_before_its_sequel_ends_and_others_go_on_meanwhile() {
        let hands = Arc::new(Slow::default());
        let mut pool = pool(&hands, 1);
        for (id, name) in [(1, "hang later"), (2, "quick"), (3, "quick")] {
            pool.take_on(job(id, ActionKind::Try, name));
        }
        pool.dispatch();
        let mut answered: Vec<u64> = gather(&pool, 3).into_iter().map(|(id, _)| id.0).collect();
        answered.sort_unstable();
        assert_eq!(answered, [1, 2, 3]);
        hands.let_go();
        pool.take_on(job(4, ActionKind::Try, "quick"));
        pool.dispatch();
        assert_eq!(gather(&pool, 1).len(), 1);
    }

    #[test]
    fn a_panic_is_an_answer() {
        let mut pool = pool(&Arc::default(), 1);
        pool.take_on(job(1, ActionKind::Try, "panic"));
        pool.dispatch();
        assert_eq!(gather(&pool, 1), [(PickupId(1), Outcome::Refused(Refusal::new(FAULT)))]);
    }

    #[test]
    fn every_question_gets_its_answer_from_few_scans() {
        let scans = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&scans);
        let who: Who = Box::new(move |places| {
            counter.fetch_add(1, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(20));
            places.iter().map(|place| Holders::CouldNotAsk(Code::errno(place.name.as_bytes()[0].into()))).collect()
        });
        let hands: Arc<dyn Hands> = Arc::new(Slow::default());
        let mut pool = Pool::new(Arc::new(Desk::new()), hands, who, 2).unwrap();
        for id in 1..100 {
            pool.take_on(job(id, ActionKind::Identify, &char::from(id as u8).to_string()));
        }
        for (id, outcome) in gather(&pool, 99) {
            assert_eq!(outcome, Outcome::Holders(Holders::CouldNotAsk(Code::errno(id.0 as u32))));
        }
        assert!(scans.load(Ordering::Relaxed) <= 3);
    }
}
