//! The router's thread: the only one that touches the router, and the only wait in it is its own.
//!
//! Each round: collect what came in, tell the router, hand out what it asks for, pass on what it says, and park until
//! the router's next time or until somebody brings something.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use lockwait_core::code::Cause;
use lockwait_core::event::Event;
use lockwait_core::observation::{Hint, Name, Place};
use lockwait_core::pickup::{Arrival, End, Outcome, PickupId};
use lockwait_core::router::Router;
use lockwait_core::time::Timestamp;
use lockwait_core::trace::{self, Input};

use super::Observer;
use super::clock::Clock;
use super::desk::{Answer, Desk, Inbox, Job};
use super::outpost::Outpost;
use super::pool::Pool;
use super::scout::{Ask, Report};
use super::stop::Stop;
use super::tally::{Summary, Tally};
use super::tape::Tape;
use crate::hints::Notice;
use crate::path;

/// How long the end of a run waits for copies to notice it and clear up after themselves.
const GRACE: Duration = Duration::from_millis(50);

/// How long it then waits for the end of the trace.
const TAPE_GRACE: Duration = Duration::from_millis(15);
/// The same for a run that ended by itself, when nobody waits for it to stop.
const TAPE_PATIENCE: Duration = Duration::from_secs(5);

/// Everything the router's thread has in hand.
pub(super) struct Engine<'a> {
    pub(super) router: Router,
    pub(super) clock: Clock,
    pub(super) desk: Arc<Desk>,
    pub(super) pool: Pool,
    pub(super) posts: Vec<Outpost>,
    pub(super) tally: Tally,
    pub(super) tape: Option<Tape>,
    pub(super) observer: &'a mut dyn Observer,
    /// The run ends when every file has ended.
    pub(super) once: bool,
    /// The run ends then.
    pub(super) until: Option<Instant>,
    pub(super) progress_every: Option<Duration>,
    pub(super) listed: usize,
}

impl Engine<'_> {
    /// Runs to the end.
    pub(super) fn run(mut self, files: Vec<Place>, stop: &Stop) -> Summary {
        let now = self.clock.now();
        self.put(now, Input::Started);
        for place in files {
            self.submit(now, place);
        }
        let mut mail = Inbox::default();
        let mut next_progress = Instant::now();
        loop {
            let now = self.clock.now();
            mail = self.desk.collect(mail);
            for answer in mail.answers.drain(..) {
                self.answer(now, answer);
            }
            for notice in mail.notices.drain(..) {
                self.notice(now, notice);
            }
            let more_reports = self.read_reports(now);
            if self.router.poll_timeout().is_some_and(|due| due <= now) {
                self.put(now, Input::Timeout);
            }
            self.drain();
            if let Some(every) = self.progress_every
                && Instant::now() >= next_progress
            {
                next_progress = Instant::now() + every;
                self.observer.progress(&self.tally.progress(now, &self.router, self.listed));
            }
            let over = self.until.is_some_and(|until| until <= Instant::now());
            if stop.is_triggered() || over || self.is_done() {
                break;
            }
            if !more_reports {
                self.wait(stop, self.progress_every.map(|_| next_progress));
            }
        }
        self.finish(mail, stop)
    }

    /// Parks until something is due or comes in.
    fn wait(&self, stop: &Stop, progress: Option<Instant>) {
        let now = self.clock.now();
        let moments = [self.until, progress].into_iter().flatten();
        let waits = moments
            .map(|moment| moment.saturating_duration_since(Instant::now()))
            .chain(self.router.poll_timeout().map(|due| Clock::wait(now, due)))
            .chain(self.pool.tend());
        let wait = waits.min();
        // Whoever brings something, or triggers the stop, does so first and unparks then.
        if self.desk.has_mail() || stop.is_triggered() {
            return;
        }
        match wait {
            Some(wait) => thread::park_timeout(wait),
            None => thread::park(),
        }
    }

    fn is_done(&self) -> bool {
        self.once && self.router.is_empty() && self.posts.iter().all(Outpost::is_settled)
    }

    /// Puts something into the router, and on the trace if there is one. The id is that of a submitted file.
    fn put(&mut self, now: Timestamp, input: Input) -> Option<PickupId> {
        let outcome = match &mut self.tape {
            None => input.apply(&mut self.router, now),
            Some(tape) => {
                let (line, outcome) = trace::record(&mut self.router, now, input);
                if let Err(error) = tape.write(line) {
                    self.tape = None;
                    self.observer.trouble(&format!("the trace ends here, it cannot be written: {error}"));
                }
                outcome
            }
        };
        // The router refuses only the answer of a pickup that ended without waiting for it.
        outcome.ok().flatten()
    }

    fn submit(&mut self, now: Timestamp, place: Place) -> Option<PickupId> {
        let id = self.put(now, Input::Submit(Arrival { place }))?;
        self.tally.started(id, &self.router);
        Some(id)
    }

    fn answer(&mut self, now: Timestamp, (id, outcome): Answer) {
        self.note_departure(id, &outcome);
        self.put(now, Input::Answer(id, outcome));
    }

    /// A file that is no longer there must not be submitted again for a listing that began when it was.
    fn note_departure(&mut self, id: PickupId, outcome: &Outcome) {
        let left = match outcome {
            Outcome::Taken(_) | Outcome::Quarantined(_) => true,
            Outcome::Refused(refusal) => refusal.code.cause() == Cause::Gone,
            _ => false,
        };
        if left
            && let Some(view) = self.router.view(id)
            && let Some(post) = post_of(&mut self.posts, view.folder)
        {
            post.left(view.name);
        }
    }

    fn notice(&mut self, now: Timestamp, notice: Notice) {
        match notice {
            Notice::File(place, hint) => match self.router.find(&place) {
                Some(id) => {
                    self.put(now, Input::Hint(id, hint));
                }
                None if hint == Hint::Removed => {}
                None => {
                    if let Some(post) = post_of(&mut self.posts, &place.folder) {
                        post.check(place.name, hint);
                    }
                }
            },
            Notice::Rescan => self.posts.iter().for_each(|post| post.ask(Ask::Rescan)),
            Notice::FolderGone(folder) => {
                let watches = |post: &&Outpost| post.folder == folder || post.beside.as_ref() == Some(&folder);
                self.posts.iter().filter(watches).for_each(|post| post.ask(Ask::Rearm));
            }
        }
    }

    /// Reads one report of each scout. Whether there may be more.
    fn read_reports(&mut self, now: Timestamp) -> bool {
        let mut any = false;
        for index in 0..self.posts.len() {
            let Some(report) = self.posts[index].next_report() else { continue };
            any = true;
            let folder = self.posts[index].folder.clone();
            match report {
                Report::Found(names) => names.into_iter().for_each(|name| self.arrive(now, index, name)),
                Report::Checked(name) => name.into_iter().for_each(|name| self.arrive(now, index, name)),
                Report::Listed => {}
                Report::Lost(code) => {
                    self.put(now, Input::FolderLost(folder, code));
                }
                Report::Back => {
                    self.put(now, Input::FolderFound(folder));
                }
                Report::Deaf(why) => self.observer.trouble(&format!("{folder}: {why}")),
            }
        }
        any
    }

    /// A scout saw the file `name`.
    fn arrive(&mut self, now: Timestamp, index: usize, name: Name) {
        let post = &self.posts[index];
        if post.is_news(&name) {
            let place = Place { folder: post.folder.clone(), name };
            if self.router.find(&place).is_none() {
                let closed = self.posts[index].was_closed(&place.name);
                let id = self.submit(now, place);
                // Whoever holds a file right after its writer closed it is somebody else: the core wants to know.
                if let Some(id) = id.filter(|_| closed) {
                    self.put(now, Input::Hint(id, Hint::Closed));
                }
            }
        }
    }

    /// Hands out the router's actions and passes on its events.
    fn drain(&mut self) {
        while let Some(action) = self.router.poll_action() {
            // An action is always about a pickup that has not ended.
            let Some(view) = self.router.view(action.id) else { continue };
            let leader = view.leader.filter(|leader| *leader != action.id);
            let leader = leader.and_then(|leader| self.router.view(leader)).map(|leader| leader.place());
            self.pool.take_on(Job { id: action.id, kind: action.kind, place: view.place(), leader });
        }
        self.pool.dispatch();
        while let Some(event) = self.router.poll_event() {
            self.keep_out(&event);
            self.tally.event(&event);
            self.observer.event(&event);
        }
    }

    /// A file that stays though its pickup ended is not to be found again as it is.
    fn keep_out(&mut self, event: &Event) {
        if event.end != Some(End::Refused) {
            return;
        }
        if let Some(place) = path::to_place(&path::to_path(&event.path))
            && let Some(post) = post_of(&mut self.posts, &place.folder)
        {
            post.left(&place.name);
            post.ask(Ask::Ended(place.name));
        }
    }

    /// Ends every pickup, and gives copies that are under way a moment to clear up.
    fn finish(mut self, mut mail: Inbox, stop: &Stop) -> Summary {
        self.tally.count_needs();
        let before = self.router.len();
        self.put(self.clock.now(), Input::Stop);
        self.tally.left_behind(before - self.router.len());
        self.pool.send_home();
        let deadline = Instant::now() + GRACE;
        loop {
            let now = self.clock.now();
            let all_home = self.pool.is_gone();
            mail = self.desk.collect(mail);
            for (id, outcome) in mail.answers.drain(..) {
                self.put(now, Input::Answer(id, outcome));
            }
            self.drain();
            let left = deadline.saturating_duration_since(Instant::now());
            if all_home || left.is_zero() {
                break;
            }
            thread::park_timeout(left);
        }
        self.put(self.clock.now(), Input::Stopped);
        self.drain();
        if let Some(mut tape) = self.tape.take()
            && let Err(error) =
                tape.finish(Instant::now() + if stop.is_triggered() { TAPE_GRACE } else { TAPE_PATIENCE })
        {
            self.observer.trouble(&format!("the trace is not whole: {error}"));
        }
        if self.progress_every.is_some() {
            self.observer.progress(&self.tally.progress(self.clock.now(), &self.router, self.listed));
        }
        // To free what a hundred thousand waiting files need takes longer than the end may; nobody waits for it.
        let Engine { router, tally, .. } = self;
        let _ = thread::Builder::new().name("lockwait-free".into()).spawn(move || drop(router));
        tally.summary()
    }
}

fn post_of<'a>(posts: &'a mut [Outpost], folder: &Name) -> Option<&'a mut Outpost> {
    posts.iter_mut().find(|post| post.folder == *folder)
}
