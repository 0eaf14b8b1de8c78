//! The same episodes under another policy: how often it would have asked, what it would have written, and when it would
//! have had the file.

use core::fmt;

use crate::examiner::Finding;
use crate::observation::{Content, Facts, Look, Name, Place, Refusal, Taken};
use crate::pickup::{ActionKind, Arrival, Outcome as Answer};
use crate::policy::{Companions, Policy};
use crate::router::{Options, Router};
use crate::time::{Span, Timestamp};

/// So many attempts are run one by one.
const ATTEMPTS: u64 = 100_000;

/// The least and the most there can have been: the release of a lock is often only known to lie between two attempts.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Range<T> {
    /// At least so much.
    pub least: T,
    /// At most so much.
    pub most: T,
}

/// What a policy would have made of one episode, or of several together.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Outcome {
    /// Attempts.
    pub attempts: Range<u64>,
    /// Refusals: on the wire, or in the log of a program that writes each.
    pub refusals: Range<u64>,
    /// Events written: 6067 with its reminders, 6066.
    pub events: Range<u64>,
    /// From the first refusal to the file being had; `None` while it never was.
    pub waited: Option<Range<Span>>,
}

impl<T> Range<T> {
    fn new(least: T, most: T) -> Range<T> {
        Range { least, most }
    }

    fn with(self, other: Range<T>, merge: fn(T, T) -> T) -> Range<T> {
        Range::new(merge(self.least, other.least), merge(self.most, other.most))
    }
}

/// `5`, or `5 to 7`.
impl fmt::Display for Range<u64> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.least == self.most {
            true => write!(f, "{}", self.least),
            false => write!(f, "{} to {}", self.least, self.most),
        }
    }
}

/// `4 s`, or `4 s to 4.2 s`.
impl fmt::Display for Range<Span> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (self.least.words(), self.most.words());
        if least == most { f.write_str(&least) } else { write!(f, "{least} to {most}") }
    }
}

/// What `policy` would have made of the episode of `finding`: the engine itself is run, against a lock that is held as
/// long as this one was.
pub fn whatif(finding: &Finding, policy: &Policy) -> Outcome {
    let (least, most) = held(finding);
    let ends = finding.episode().released().is_some() || finding.episode().marks().ceased;
    let few = run(finding, policy, least, ends);
    let many = if most == least { few } else { run(finding, policy, most, ends) };
    Outcome {
        attempts: Range::new(few.attempts, many.attempts),
        refusals: Range::new(few.refusals, many.refusals),
        events: Range::new(few.events, many.events),
        waited: few.waited.zip(many.waited).map(|(least, most)| Range::new(least, most)),
    }
}

/// The sum of several outcomes; the longest of the waits.
pub fn total(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    outcomes.into_iter().fold(Outcome::default(), |sum, one| Outcome {
        attempts: sum.attempts.with(one.attempts, u64::saturating_add),
        refusals: sum.refusals.with(one.refusals, u64::saturating_add),
        events: sum.events.with(one.events, u64::saturating_add),
        waited: match (sum.waited, one.waited) {
            (Some(a), Some(b)) => Some(a.with(b, Ord::max)),
            (a, b) => a.or(b),
        },
    })
}

/// How long the file was held at least and at most.
fn held(finding: &Finding) -> (Span, Span) {
    let (first, last) = (finding.episode().first(), finding.episode().last());
    let blur = finding.resolution();
    let since = |at: Timestamp| at.since(first);
    match (finding.episode().released(), finding.had()) {
        // The holder was seen to let go.
        (Some(released), Some(had)) if released < had => (since(released), since(released)),
        (Some(released), None) => (since(released), since(released)),
        (Some(released), Some(_)) => (since(last), Span(since(released).0 + blur.0)),
        (None, _) => {
            let until = finding.interval().unwrap_or_default();
            (since(last), Span(since(last).0.saturating_add(until.0).saturating_add(blur.0)))
        }
    }
}

/// One run of the engine.
#[derive(Clone, Copy, Default)]
struct Run {
    attempts: u64,
    refusals: u64,
    events: u64,
    waited: Option<Span>,
}

/// Runs the engine under `policy` on a file that is held for `held` from its first attempt, and taken afterwards if the
/// lock `ends`.
fn run(finding: &Finding, policy: &Policy, held: Span, ends: bool) -> Run {
    let policy = &Policy { companions: Companions::None, ..policy.clone() };
    let mut router = Router::new(Options { policy: policy.clone(), ..Options::default() });
    let (begin, mut run) = (finding.episode().first(), Run::default());
    let end = begin + held;
    let mut now = begin;
    router.submit(now, Arrival { place: Place::new(Name::default(), finding.path().clone()) });
    loop {
        while let Some(action) = router.poll_action() {
            let is_free = ends && now > end;
            let outcome = match action.kind {
                ActionKind::Try => {
                    run.attempts += 1;
                    run.refusals += u64::from(!is_free);
                    look(finding, now, is_free)
                }
                ActionKind::Identify => Answer::Holders(finding.episode().holders().clone()),
                ActionKind::Take { .. } | ActionKind::Quarantine => {
                    run.waited = Some(now.since(begin));
                    Answer::Taken(Taken::default())
                }
            };
            // The answer to the action that was just asked for is never refused.
            let _ = router.handle(now, action.id, outcome);
        }
        run.events += core::iter::from_fn(|| router.poll_event()).filter(|event| !event.routine).count() as u64;
        let over = !ends && now >= end;
        match router.poll_timeout() {
            Some(next) if !over && run.attempts < ATTEMPTS => now = next.max(now),
            _ => return run.extrapolated(held, end.since(now), policy, ends),
        }
        router.handle_timeout(now);
    }
}

/// What a look finds.
fn look(finding: &Finding, now: Timestamp, is_free: bool) -> Answer {
    let episode = finding.episode();
    // A file that changed while it was held is taken to have done so until its last change.
    let size = if episode.marks().grew { now.min(episode.active()).0 } else { 0 };
    let facts = Facts { size, ..Facts::default() };
    match is_free {
        true => Answer::Opened(Look { facts, content: Content::Complete, ..Look::default() }),
        false => Answer::Refused(Refusal {
            facts: episode.marks().grew.then_some(facts),
            access: episode.access(),
            method: episode.method(),
            ..Refusal::new(episode.last_code())
        }),
    }
}

impl Run {
    /// The run, with the attempts that were not run one by one: they are `retry_cap` apart.
    fn extrapolated(self, held: Span, rest: Span, policy: &Policy, ends: bool) -> Run {
        if self.attempts < ATTEMPTS {
            return self;
        }
        let more = rest.0 / policy.retry_cap.0.max(1);
        let waited = ends.then(|| self.waited.unwrap_or(held));
        Run { attempts: self.attempts + more, refusals: self.refusals + more, waited, ..self }
    }
}

#[cfg(test)]
mod tests;
