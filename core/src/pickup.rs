//! The state machine of one file.
//!
//! A pickup decides what one file needs next; the router owns queues, timers and groups and carries it out.

mod form;

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use crate::code::{Cause, Code};
use crate::episode::Episode;
pub use crate::event::{End, PickupId};
use crate::observation::{Content, Facts, Hint, Holders, Look, Name, Place, Refusal, Scope, Taken};
use crate::policy::Policy;
use crate::time::{Moment, Span, Timestamp};

/// Something the host is asked to do, and to answer with [`crate::router::Router::handle`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Action {
    /// The pickup to answer for.
    pub id: PickupId,
    /// What to do.
    pub kind: ActionKind,
}

/// What the host is asked to do with one file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionKind {
    /// Look and probe. Answers: [`Outcome::Opened`], [`Outcome::Refused`], [`Outcome::Rejected`]; for a companion
    /// that an earlier run already took, [`Outcome::Taken`].
    Try,
    /// Take the whole file in one burst, if it still is as `expected`. Answers: [`Outcome::Taken`],
    /// [`Outcome::Refused`], [`Outcome::Changed`], [`Outcome::Rejected`].
    Take {
        /// The facts of the look that found it free.
        expected: Facts,
    },
    /// Find out who holds it. Answer: [`Outcome::Holders`].
    Identify,
    /// Move it to the bad folder: its content was rejected. Answers: [`Outcome::Quarantined`],
    /// [`Outcome::Refused`].
    Quarantine,
}

/// The host's answer to an [`Action`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Looked, and nobody stands in the way.
    Opened(Look),
    /// The attempt failed.
    Refused(Refusal),
    /// The file is at the destination and no longer at the source.
    Taken(Taken),
    /// The file changed between the look and the end of the burst; the copy was thrown away, the source is intact.
    /// The facts as they are now, where they could be had.
    Changed(Option<Facts>),
    /// Who holds it.
    Holders(Holders),
    /// The content is unusable, for this reason.
    Rejected(Code),
    /// The file is in the bad folder, at this path.
    Quarantined(Name),
}

/// A file to pick up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Arrival {
    /// Where it is.
    pub place: Place,
}

/// What a pickup asks for: an [`ActionKind`] without its facts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ask {
    Try,
    Take,
    Identify,
    Quarantine,
}

/// Where a pickup stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// In its folder's queue for this.
    Queued(Ask),
    /// This action is outstanding.
    Asked(Ask),
    /// Waits for its timer.
    Waiting,
    /// Found free, waits for the rest of its group.
    Ready,
    /// Waits for the file it travels with to arrive.
    Following,
}

/// What a pickup needs next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// Ask the host for this.
    Ask(Ask),
    /// Wake it then.
    Wait(Timestamp),
    /// It may be taken, as far as it is itself concerned.
    Ready,
    /// It has ended.
    End(End),
    /// Its folder is in trouble: try again when the folder is not.
    Folder(Code),
    /// The engine, or the destination, is in trouble: try again when it is not.
    Engine(Code),
}

/// What the engine does about a refusal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reaction {
    /// Wait it out.
    Wait,
    /// Try again at once.
    Again,
    /// A few more tries.
    Strike,
    /// Not there.
    Gone,
    /// Back off for the whole folder.
    Folder,
    /// Back off for the whole engine.
    Engine,
    /// Ends refused.
    Refuse,
}

/// After a hint and one immediate attempt, more attempts follow at these distances before the regular tick goes on:
/// Linux announces a close (`fsnotify_close`) a moment before the writer's count on the file drops.
const LADDER: [Span; 3] = [Span::from_millis(1), Span::from_millis(5), Span::from_millis(20)];
/// Refusals by a device that a pickup survives.
const STRIKES: u8 = 3;
/// A first refusal this soon after a close is taken for the work of somebody who was told of that close.
const AFTER_CLOSE: Span = Span::from_millis(2_000);

/// One file's way from arrival to its end.
#[derive(Clone, Debug)]
pub(crate) struct Pickup {
    pub(crate) state: State,
    /// Host or group asked for its end while an action was outstanding.
    pub(crate) cancelled: bool,
    /// A hint came while an action was outstanding.
    hinted: bool,
    /// Next step of [`LADDER`], counted from 1; 0 while the regular tick rules.
    rung: u8,
    strikes: u8,
    /// How many 6067 were written.
    notices: u8,
    /// Time between regular attempts, in milliseconds.
    interval: u32,
    /// When it was submitted.
    pub(crate) since: Timestamp,
    /// The next regular attempt; while [`State::Ready`], the time of the look that found it free.
    pub(crate) tick: Timestamp,
    /// When the next reminder is due; only meaningful after a notice.
    remind: Timestamp,
    /// Free and unchanged since then.
    settled: Moment,
    /// The last time its writer was seen to close it.
    closed: Moment,
    facts: Facts,
    /// Whether there was a look that gave `facts`.
    looked: bool,
    /// What the last refused attempt failed with.
    pub(crate) code: Option<Code>,
    pub(crate) episode: Option<Box<Episode>>,
}

impl Pickup {
    pub(crate) fn new(now: Timestamp, state: State) -> Pickup {
        Pickup {
            state,
            cancelled: false,
            hinted: false,
            rung: 0,
            strikes: 0,
            notices: 0,
            interval: 0,
            since: now,
            tick: now,
            remind: now,
            settled: Moment::default(),
            closed: Moment::default(),
            facts: Facts::default(),
            looked: false,
            code: None,
            episode: None,
        }
    }

    /// The facts of the last look; a file is only ever taken as it was then.
    pub(crate) fn facts(&self) -> Facts {
        self.facts
    }

    /// Whether an event 6067 was written for the present episode.
    pub(crate) fn noticed(&self) -> bool {
        self.notices > 0
    }

    /// The number of the reminder that the next 6067 is; 0 for the first.
    pub(crate) fn reminder(&self) -> u32 {
        u32::from(self.notices)
    }

    /// Somebody may have let go: try now, but not more often than the ladder's first step.
    pub(crate) fn hint(&mut self, now: Timestamp, hint: Hint) -> Option<Next> {
        if matches!(hint, Hint::Closed) {
            self.closed = Some(now).into();
        }
        match self.state {
            State::Asked(_) => self.hinted = true,
            State::Waiting => {
                self.hinted = true;
                let earliest = self.episode.as_ref().map_or(now, |episode| episode.last() + LADDER[0]);
                return Some(if earliest <= now { Next::Ask(Ask::Try) } else { Next::Wait(earliest) });
            }
            State::Queued(_) | State::Ready | State::Following => {}
        }
        None
    }

    /// A look found nobody in the way.
    pub(crate) fn opened(&mut self, now: Timestamp, look: &Look, policy: &Policy) -> Next {
        if look.content == Content::Incomplete {
            let refusal = Refusal { facts: Some(look.facts), method: look.method, ..Refusal::new(Code::UNFINISHED) };
            return self.held(now, &refusal, policy);
        }
        let unchanged = self.looked && self.facts == look.facts;
        self.saw(now, Some(look.facts));
        if let Some(episode) = &mut self.episode {
            episode.opened(now);
        }
        let since = match self.settled.get() {
            Some(since) if unchanged => since,
            _ => now,
        };
        self.settled = Some(since).into();
        self.tick = now;
        self.rung = 0;
        self.hinted = false;
        let due = since + policy.settle;
        if look.content == Content::Complete || due <= now { Next::Ready } else { Next::Wait(due) }
    }

    /// The burst found the file changed and threw its copy away.
    pub(crate) fn changed(&mut self, now: Timestamp, facts: Option<Facts>, policy: &Policy) -> Next {
        self.held(now, &Refusal { facts, ..Refusal::new(Code::CHANGED) }, policy)
    }

    /// An attempt failed. `member`: the file is named by a leader, and not being there only means not yet.
    pub(crate) fn refused(&mut self, now: Timestamp, refusal: &Refusal, member: bool, policy: &Policy) -> Next {
        let reaction = match refusal.scope {
            Scope::Folder => Reaction::Folder,
            Scope::File => reaction(refusal.code.cause()),
        };
        if !matches!(reaction, Reaction::Folder | Reaction::Engine) {
            self.code = Some(refusal.code);
        }
        match reaction {
            Reaction::Wait => self.held(now, refusal, policy),
            Reaction::Again => {
                self.hinted = true;
                self.held(now, refusal, policy)
            }
            Reaction::Gone if member => self.held(now, &Refusal { code: Code::COMPANION_MISSING, ..*refusal }, policy),
            Reaction::Gone => Next::End(End::Gone),
            Reaction::Strike if self.strikes + 1 < STRIKES => {
                self.strikes += 1;
                self.held(now, refusal, policy)
            }
            Reaction::Strike | Reaction::Refuse => Next::End(End::Refused),
            Reaction::Folder => Next::Folder(refusal.code),
            Reaction::Engine => Next::Engine(refusal.code),
        }
    }

    /// Somebody stands in the way: the episode begins or goes on.
    fn held(&mut self, now: Timestamp, refusal: &Refusal, policy: &Policy) -> Next {
        self.settled = Moment::default();
        self.code = Some(refusal.code);
        match &mut self.episode {
            Some(episode) => episode.refused(now, refusal),
            None => {
                let mut episode = Episode::begin(now, refusal);
                episode.marks_mut().after_close =
                    self.closed.get().is_some_and(|closed| now.since(closed) <= AFTER_CLOSE);
                self.interval = policy.retry.as_millis() as u32;
                self.episode = Some(Box::new(episode));
            }
        }
        self.saw(now, refusal.facts);
        if policy.give_up.is_some_and(|limit| now.since(self.since) >= limit) {
            self.code = Some(Code::GAVE_UP);
            return Next::End(End::Refused);
        }
        if self.wants_notice(now, policy) { Next::Ask(Ask::Identify) } else { self.next_attempt(now, policy) }
    }

    fn saw(&mut self, now: Timestamp, facts: Option<Facts>) {
        let Some(facts) = facts else { return };
        if let Some(episode) = self.episode.as_mut().filter(|_| self.looked) {
            episode.saw(now, self.facts, facts);
        }
        self.facts = facts;
        self.looked = true;
    }

    /// Somebody answered who holds the file: a notice will be written.
    pub(crate) fn identified(&mut self, now: Timestamp, holders: Holders, policy: &Policy) -> Next {
        if let Some(episode) = &mut self.episode {
            episode.identified(holders);
        }
        let doublings = u32::from(self.notices).min(u64::BITS - 1);
        self.remind = now + Span(policy.reminder.0.saturating_mul(1 << doublings));
        self.notices = self.notices.saturating_add(1);
        self.next_attempt(now, policy)
    }

    fn wants_notice(&self, now: Timestamp, policy: &Policy) -> bool {
        self.episode.as_ref().is_some_and(|episode| self.notice_due(episode, policy) <= now)
    }

    /// When the next 6067 is due if nothing changes.
    fn notice_due(&self, episode: &Episode, policy: &Policy) -> Timestamp {
        if self.notices == 0 { episode.active() + policy.patience } else { self.remind }
    }

    fn next_attempt(&mut self, now: Timestamp, policy: &Policy) -> Next {
        self.rung = match (core::mem::take(&mut self.hinted), self.rung) {
            (true, _) => 1,
            (false, 0) => 0,
            (false, rung) => rung + 1,
        };
        let step = self.rung.checked_sub(1).and_then(|rung| LADDER.get(usize::from(rung)));
        if step.is_none() {
            self.rung = 0;
        }
        let Some(episode) = &self.episode else { return Next::Ask(Ask::Try) };
        if self.tick <= now {
            let early = now.since(episode.first()) < policy.retry_for;
            let slow = episode.last_code().cause() == Cause::Provider;
            let interval = match (slow, early) {
                (true, _) => policy.retry_cap,
                (false, true) => policy.retry,
                (false, false) => Span::from_millis(self.interval.into()).half_more().min(policy.retry_cap),
            };
            let interval = interval.max(policy.retry);
            self.interval = interval.as_millis() as u32;
            self.tick = now + interval;
        }
        let mut at = step.map_or(self.tick, |step| self.tick.min(now + *step));
        at = at.min(self.notice_due(episode, policy));
        if let Some(limit) = policy.give_up {
            at = at.min(self.since + limit);
        }
        Next::Wait(at)
    }
}

/// What to do about each class of trouble.
const fn reaction(cause: Cause) -> Reaction {
    match cause {
        Cause::Lock
        | Cause::RangeLock
        | Cause::MaybeLock
        | Cause::Going
        | Cause::Provider
        | Cause::CrossVolume
        | Cause::Cancelled
        | Cause::Unsupported
        | Cause::Clear
        | Cause::Unknown => Reaction::Wait,
        Cause::Interrupted => Reaction::Again,
        Cause::Gone => Reaction::Gone,
        Cause::Unreachable => Reaction::Folder,
        Cause::Resource | Cause::TargetFull => Reaction::Engine,
        Cause::Device => Reaction::Strike,
        Cause::NameTaken | Cause::Denied | Cause::Invalid | Cause::Infected => Reaction::Refuse,
    }
}
