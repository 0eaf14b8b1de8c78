//! What the worker threads do, with the modules of this crate.

use lockwait_core::code::Cause;
use lockwait_core::observation::Place;
use lockwait_core::pickup::{ActionKind, Outcome};
use lockwait_core::policy::Companions;

use super::desk::Job;
use super::pool::Hands;
use super::stop::Stop;
use crate::burst::Burst;
use crate::probe::Prober;

/// The operating system's half of a run.
pub(super) struct SystemHands {
    pub(super) prober: Prober,
    pub(super) burst: Burst,
    pub(super) companions: Companions,
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
