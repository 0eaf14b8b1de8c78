//! What the worker threads do, with the modules of this crate.

use std::sync::atomic::Ordering;
use std::time::Instant;

use lockwait_core::code::Cause;
use lockwait_core::observation::{Access, Method, Place, Refusal, Scope};
use lockwait_core::pickup::{ActionKind, Outcome};
use lockwait_core::policy::Companions;

use super::desk::Job;
use super::pool::{Hands, Sequel};
use super::staging::Staging;
use super::stop::Stop;
use crate::burst::Burst;
use crate::probe::Prober;

/// The operating system's half of a run.
pub(super) struct SystemHands {
    pub(super) prober: Prober,
    pub(super) burst: Burst,
    pub(super) companions: Companions,
    pub(super) staging: Staging,
    pub(super) stop: Stop,
}

impl Hands for SystemHands {
    fn carry_out(&self, slot: usize, job: &Job) -> Outcome {
        match job.kind {
            ActionKind::Try => match &job.leader {
                Some(leader) => self.look_at_companion(leader, &job.place),
                None => self.prober.look(&job.place, &self.companions),
            },
            ActionKind::Take { expected } => {
                self.burst.take(slot, &job.place, &expected, job.leader.as_ref(), self.stop.flag())
            }
            ActionKind::Quarantine => self.burst.quarantine(&job.place),
            // The pool answers these from one scan for many.
            ActionKind::Identify => Outcome::Holders(crate::holders::who(std::slice::from_ref(&job.place)).remove(0)),
        }
    }

    /// A file that only a reader keeps where it is can be read now and moved later. The core knows nothing of it: to it
    /// the file is held like any other.
    fn sequel(&self, job: &Job, outcome: &Outcome) -> Option<Sequel<'_>> {
        let now = Instant::now();
        let ended = match outcome {
            Outcome::Taken(_) | Outcome::Quarantined(_) | Outcome::Rejected(_) => true,
            Outcome::Refused(refusal) => refusal.code.cause() == Cause::Gone && refusal.scope == Scope::File,
            _ => false,
        };
        for place in self.staging.over(ended.then_some(&job.place), now) {
            self.burst.unstage(&place);
        }
        match outcome {
            Outcome::Refused(Refusal {
                method: Method::ShareMode, access: Access::Read, facts: Some(facts), ..
            }) => {
                let (turn, place, facts) = (self.staging.held(&job.place, *facts, now)?, job.place.clone(), *facts);
                Some(Box::new(move || {
                    self.burst.stage(&place, &facts, &self.staging.stop);
                    drop(turn);
                }))
            }
            _ => None,
        }
    }

    fn dismiss(&self) {
        self.staging.stop.store(true, Ordering::Relaxed);
    }
}

impl SystemHands {
    /// A companion leads nobody, and one that is not there may have been taken by a run that was killed.
    fn look_at_companion(&self, leader: &Place, member: &Place) -> Outcome {
        let outcome = self.prober.look(member, &Companions::None);
        match &outcome {
            Outcome::Refused(refusal) if refusal.code.cause() == Cause::Gone => {
                self.burst.delivered(leader, member).map_or(outcome, Outcome::Taken)
            }
            _ => outcome,
        }
    }
}
