//! Many pickups: actions, events, timers, fairness, folder outages, companions.

use alloc::string::String;

use crate::event::Event;
use crate::observation::{Hint, Place};
use crate::pickup::{Action, Arrival, Outcome, PickupId};
use crate::policy::Policy;
use crate::time::Timestamp;

/// How a router is set up.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Options {
    /// Numbers and switches.
    pub policy: Policy,
    /// The host has a bad folder: rejected content is quarantined there instead of being left.
    pub quarantine: bool,
    /// Keys the hashing of names against crafted ones. Outputs do not depend on it.
    pub seed: u64,
}

/// Why an answer was not accepted. Nothing has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HandleError {
    /// No such pickup: it ended, or never was.
    NoSuchPickup,
    /// No action of this pickup is outstanding: the answer is late, or repeated.
    NotAsked,
    /// The outcome is no answer to the action that is outstanding.
    WrongAnswer,
}

/// What a host may see of a pickup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct View<'a> {
    /// Path of the folder.
    pub folder: &'a crate::observation::Name,
    /// Name in the folder.
    pub name: &'a crate::observation::Name,
    /// When it was submitted.
    pub since: Timestamp,
    /// When its present episode began, if it is in one.
    pub held_since: Option<Timestamp>,
    /// Refused attempts in the present episode.
    pub attempts: u32,
    /// What the last refused attempt failed with.
    pub code: Option<crate::code::Code>,
    /// The pickup that leads the group this one travels with.
    pub leader: Option<PickupId>,
}

/// Many pickups, driven by the host.
pub struct Router {
    _private: (),
}

impl Router {
    /// A router with no pickups.
    pub fn new(_options: Options) -> Router {
        unimplemented!()
    }
    /// Starts a pickup; a place that is already being picked up gives the pickup it has.
    pub fn submit(&mut self, _now: Timestamp, _arrival: Arrival) -> PickupId {
        unimplemented!()
    }
    /// The host's answer to an action.
    ///
    /// # Errors
    /// See [`HandleError`]; the router is unchanged.
    pub fn handle(&mut self, _now: Timestamp, _id: PickupId, _outcome: Outcome) -> Result<(), HandleError> {
        unimplemented!()
    }
    /// A notice that trying this pickup now may pay. Ignored for pickups that have ended.
    pub fn hint(&mut self, _now: Timestamp, _id: PickupId, _hint: Hint) {
        unimplemented!()
    }
    /// Ends a pickup as cancelled, at once or, where its file is just being taken, with the host's answer.
    pub fn cancel(&mut self, _now: Timestamp, _id: PickupId) {
        unimplemented!()
    }
    /// Starts nothing more: every pickup without an outstanding action is cancelled at once, each other one with
    /// the host's answer.
    pub fn stop(&mut self, _now: Timestamp) {
        unimplemented!()
    }
    /// The next action to carry out.
    pub fn poll_action(&mut self) -> Option<Action> {
        unimplemented!()
    }
    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        unimplemented!()
    }
    /// When [`Router::handle_timeout`] is next due; `None` when nothing waits for time.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        unimplemented!()
    }
    /// Time has passed. Early calls do nothing.
    pub fn handle_timeout(&mut self, _now: Timestamp) {
        unimplemented!()
    }
    /// What can be seen of a pickup that has not ended.
    pub fn view(&self, _id: PickupId) -> Option<View<'_>> {
        unimplemented!()
    }
    /// The pickup of the file at `place`, if it has one that has not ended.
    pub fn find(&self, _place: &Place) -> Option<PickupId> {
        unimplemented!()
    }
    /// How many pickups have not ended.
    pub fn len(&self) -> usize {
        unimplemented!()
    }
    /// Whether every pickup has ended.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The state of the whole router as JSON, for [`Router::restore`].
    pub fn snapshot(&self) -> String {
        unimplemented!()
    }
}
