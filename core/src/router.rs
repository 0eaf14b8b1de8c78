//! Many pickups: actions, events, timers, fairness, folder outages, companions.
//!
//! # The loop
//! A host drives a [`Router`] in one loop; the numbers are those of the example.
//!
//! 1. Put in what happened: [`submit`](Router::submit) for a file that arrived, [`hint`](Router::hint) for a notice
//!    about one, [`handle`](Router::handle) for each action that was carried out.
//! 2. When [`poll_timeout`](Router::poll_timeout) has come, [`handle_timeout`](Router::handle_timeout).
//! 3. Carry out each [`poll_action`](Router::poll_action), now or later, here or on another thread.
//! 4. Write each [`poll_event`](Router::poll_event) where events go.
//! 5. Wait until something happens or `poll_timeout` comes; start over.
//!
//! Several inputs may go in before outputs are polled; outputs wait in order. `poll_timeout` may change with every
//! input. Time never goes backwards here: an earlier `now` counts as the latest one seen.
//!
//! ```
//! use lockwait_core::observation::{Content, Facts, Look, Place, Taken};
//! use lockwait_core::pickup::{ActionKind, Arrival, Outcome};
//! use lockwait_core::router::{Options, Router};
//! use lockwait_core::time::Timestamp;
//!
//! let mut router = Router::new(Options::default());
//! let now = Timestamp(1_000_000);
//! router.submit(now, Arrival { place: Place::new("/in", "a.pdf") }); // 1
//! router.handle_timeout(now); // 2
//! while let Some(action) = router.poll_action() { // 3
//!     let outcome = match action.kind {
//!         ActionKind::Try => Outcome::Opened(Look {
//!             facts: Facts { size: 7, modified: 1, identity: 1 },
//!             content: Content::Complete,
//!             ..Look::default()
//!         }),
//!         _ => Outcome::Taken(Taken { to: "/out/a.pdf".into(), bytes: 7 }),
//!     };
//!     router.handle(now, action.id, outcome).unwrap(); // 1
//! }
//! let event = router.poll_event().unwrap(); // 4
//! assert_eq!(event.kind.name(), "acquired");
//! assert!(router.is_empty() && router.poll_timeout().is_none()); // 5
//! ```

mod arena;
mod dispatch;
mod folder;
mod group;
mod index;
mod outputs;
mod snapshot;
mod step;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

pub use outputs::Digest;
pub use snapshot::RestoreError;

use crate::code::Code;
use crate::companion::{self, Role};
use crate::event::{Event, EventKind, Severity};
use crate::observation::{Hint, Name, Place};
use crate::pickup::{Action, Arrival, Ask, End, Outcome, Pickup, PickupId, State};
use crate::policy::Policy;
use crate::time::Timestamp;
use crate::timer::Wheel;
use arena::{ALONE, Arena};
use folder::{Backoff, Folder};
use group::Groups;
use index::{Index, Names};
use outputs::Outputs;

/// The folder that folders themselves are in, for their index.
const NO_FOLDER: u32 = u32::MAX;

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

impl core::fmt::Display for HandleError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            HandleError::NoSuchPickup => "no such pickup: it has ended, or never was",
            HandleError::NotAsked => "no action of this pickup is outstanding: the answer is late or repeated",
            HandleError::WrongAnswer => "this outcome is no answer to the action that is outstanding",
        })
    }
}

impl core::error::Error for HandleError {}

/// What a host may see of a pickup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct View<'a> {
    /// The pickup.
    pub id: PickupId,
    /// Path of the folder.
    pub folder: &'a Name,
    /// Name in the folder.
    pub name: &'a Name,
    /// When it was submitted.
    pub since: Timestamp,
    /// When its present episode began, if it is in one.
    pub held_since: Option<Timestamp>,
    /// Refused attempts in the present episode.
    pub attempts: u32,
    /// What the last refused attempt failed with.
    pub code: Option<Code>,
    /// The pickup that leads the group this one travels with; itself when it leads one.
    pub leader: Option<PickupId>,
}

impl View<'_> {
    /// Where the file is.
    pub fn place(&self) -> Place {
        Place { folder: self.folder.clone(), name: self.name.clone() }
    }
}

/// Many pickups, driven by the host. See the [module](self) for the loop.
pub struct Router {
    options: Options,
    now: Timestamp,
    arena: Arena,
    wheel: Wheel,
    folders: Vec<Folder>,
    folder_ids: Index,
    groups: Groups,
    /// Folders with something queued, in the order in which they get their turn.
    round: VecDeque<u32>,
    /// When folders and the engine may be probed again, in order; `None` stands for the engine.
    alarms: Vec<(Timestamp, Option<u32>)>,
    trouble: Option<Backoff>,
    outstanding: u32,
    held: usize,
    stopping: bool,
    outputs: Outputs,
}

impl Router {
    /// A router with no pickups.
    pub fn new(options: Options) -> Router {
        Router {
            arena: Arena::new(options.seed),
            folder_ids: Index::new(options.seed),
            options,
            now: Timestamp::default(),
            wheel: Wheel::default(),
            folders: Vec::new(),
            groups: Groups::default(),
            round: VecDeque::new(),
            alarms: Vec::new(),
            trouble: None,
            outstanding: 0,
            held: 0,
            stopping: false,
            outputs: Outputs::default(),
        }
    }

    /// How it was set up.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Starts a pickup; a place that is already being picked up gives the pickup it has.
    ///
    /// After [`Router::stop`] the pickup ends cancelled at once, without an event.
    pub fn submit(&mut self, now: Timestamp, arrival: Arrival) -> PickupId {
        self.advance(now);
        let folder = self.folder_of(&arrival.place.folder);
        if let Some(index) = self.arena.find(folder, &arrival.place.name) {
            self.adopt(index);
            return self.arena.id(index);
        }
        let following =
            companion::role(&self.options.policy.companions, arrival.place.name.as_bytes()) == Role::Follower;
        let state = if following { State::Following } else { State::Waiting };
        let index = self.arena.insert(folder, arrival.place.name, Pickup::new(self.now, state));
        let id = self.arena.id(index);
        if self.stopping {
            self.finish(index, End::Cancelled);
        } else if !following {
            self.enqueue(index, Ask::Try);
        }
        self.pump();
        id
    }

    /// The host's answer to an action.
    ///
    /// # Errors
    /// See [`HandleError`]; the router is unchanged.
    pub fn handle(&mut self, now: Timestamp, id: PickupId, outcome: Outcome) -> Result<(), HandleError> {
        let index = self.arena.resolve(id).ok_or(HandleError::NoSuchPickup)?;
        let slot = self.arena.get(index).ok_or(HandleError::NoSuchPickup)?;
        let State::Asked(ask) = slot.pickup.state else { return Err(HandleError::NotAsked) };
        if !answers(ask, &outcome, slot.group != ALONE) {
            return Err(HandleError::WrongAnswer);
        }
        self.advance(now);
        self.answered(index, outcome);
        self.pump();
        Ok(())
    }

    /// A notice that trying this pickup now may pay. Ignored for pickups that have ended.
    pub fn hint(&mut self, now: Timestamp, id: PickupId, hint: Hint) {
        self.advance(now);
        let at = self.now;
        let Some(index) = self.arena.resolve(id) else { return };
        let next = self.arena.get_mut(index).and_then(|slot| slot.pickup.hint(at, hint));
        if let Some(next) = next {
            self.apply(index, next);
        }
        self.pump();
    }

    /// Ends a pickup as cancelled: at once, or with the host's answer where an action is outstanding. The files that
    /// travel with it are left where they are, too. Ignored for pickups that have ended.
    pub fn cancel(&mut self, now: Timestamp, id: PickupId) {
        self.advance(now);
        if let Some(index) = self.arena.resolve(id) {
            self.withdraw(index);
        }
        self.pump();
    }

    /// Starts nothing more: every pickup without an outstanding action ends cancelled at once, each other one with
    /// the host's answer. Those that end at once get no event each, so that the end does not take its time from
    /// their number; gives how many they are.
    pub fn stop(&mut self, now: Timestamp) -> usize {
        self.advance(now);
        self.stopping = true;
        let before = self.len();
        let all: Vec<u32> = self.arena.iter().map(|(index, _)| index).collect();
        for index in all {
            self.withdraw(index);
        }
        before - self.len()
    }

    /// The host found that a folder cannot be reached, apart from any file in it.
    pub fn folder_lost(&mut self, now: Timestamp, folder: &Name, code: Code) {
        self.advance(now);
        let folder = self.folder_of(folder);
        self.folder_down(folder, code, None);
        self.pump();
    }

    /// The host found that a folder can be reached.
    pub fn folder_found(&mut self, now: Timestamp, folder: &Name) {
        self.advance(now);
        let folder = self.folder_of(folder);
        self.folder_up(folder);
        self.pump();
    }

    /// The next action to carry out. Its answer is due with [`Router::handle`], once.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.outputs.actions.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.outputs.events.pop_front()
    }

    /// Whether [`Router::poll_event`] has something to give.
    pub fn has_events(&self) -> bool {
        !self.outputs.events.is_empty()
    }

    /// When [`Router::handle_timeout`] is next due; `None` when nothing waits for time. May change with every input.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let alarm = self.alarms.first().map(|(at, _)| *at);
        match (self.wheel.next(), alarm) {
            (Some(timer), Some(alarm)) => Some(timer.min(alarm)),
            (timer, alarm) => timer.or(alarm),
        }
    }

    /// Time has passed. Early calls do nothing.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.advance(now);
        while let Some(index) = self.wheel.fire(self.now) {
            self.enqueue(index, Ask::Try);
        }
        self.alarms.retain(|(at, _)| *at > self.now);
        self.pump();
    }

    /// What can be seen of a pickup that has not ended.
    pub fn view(&self, id: PickupId) -> Option<View<'_>> {
        self.view_at(self.arena.resolve(id)?)
    }

    /// The pickup of the file at `place`, if it has one that has not ended.
    pub fn find(&self, place: &Place) -> Option<PickupId> {
        let folder = self.find_folder(&place.folder)?;
        self.arena.find(folder, &place.name).map(|index| self.arena.id(index))
    }

    /// The pickups that have not ended. Takes time in proportion to their number.
    pub fn views(&self) -> impl Iterator<Item = View<'_>> {
        self.arena.iter().filter_map(|(index, _)| self.view_at(index))
    }

    /// How many pickups have not ended.
    pub fn len(&self) -> usize {
        self.arena.len()
    }

    /// Whether every pickup has ended.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many pickups are in an episode.
    pub fn held(&self) -> usize {
        self.held
    }

    /// The outages of now: folder, since when, and what it failed with.
    pub fn outages(&self) -> impl Iterator<Item = (&Name, Timestamp, Code)> {
        self.folders.iter().filter_map(|folder| {
            let outage = folder.outage.as_ref()?;
            Some((&folder.name, outage.since, outage.code))
        })
    }

    /// From now on, keeps a running digest of all actions and events.
    pub fn start_digest(&mut self) {
        self.outputs.digest = Some(Digest::default());
    }

    /// The digest of all outputs since [`Router::start_digest`].
    pub fn digest(&self) -> Option<Digest> {
        self.outputs.digest
    }

    /// Writes event 6015: the host has started work.
    pub fn announce_started(&mut self, now: Timestamp) {
        self.advance(now);
        self.outputs.event(Event::new(self.now, EventKind::Started, Severity::Information));
    }

    /// Writes event 6016: the host has stopped.
    pub fn announce_stopped(&mut self, now: Timestamp) {
        self.advance(now);
        self.outputs.event(Event::new(self.now, EventKind::Stopped, Severity::Information));
    }

    fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }

    fn folder_of(&mut self, name: &Name) -> u32 {
        self.find_folder(name).unwrap_or_else(|| self.add_folder(Folder::new(name.clone())))
    }

    fn find_folder(&self, name: &Name) -> Option<u32> {
        self.folder_ids.find(&self.folders, NO_FOLDER, name)
    }

    /// Adds a folder whose name none has.
    fn add_folder(&mut self, folder: Folder) -> u32 {
        let id = self.folders.len() as u32;
        self.folders.push(folder);
        self.folder_ids.insert(&self.folders, id);
        id
    }

    fn view_at(&self, index: u32) -> Option<View<'_>> {
        let slot = self.arena.get(index)?;
        let episode = slot.pickup.episode.as_ref();
        Some(View {
            id: self.arena.id(index),
            folder: &self.folders.get(slot.folder as usize)?.name,
            name: &slot.name,
            since: slot.pickup.since,
            held_since: episode.filter(|episode| episode.released().is_none()).map(|episode| episode.first()),
            attempts: episode.map_or(0, |episode| episode.attempts()),
            code: slot.pickup.code,
            leader: self.groups.get(slot.group).map(|group| self.arena.id(group.leader)),
        })
    }
}

impl Names for Vec<Folder> {
    fn name(&self, number: u32) -> Option<(u32, &Name)> {
        self.get(number as usize).map(|folder| (NO_FOLDER, &folder.name))
    }
}

/// Whether `outcome` is an answer to `ask`. Only a file that travels with others can have been taken before.
fn answers(ask: Ask, outcome: &Outcome, grouped: bool) -> bool {
    match outcome {
        Outcome::Opened(_) => ask == Ask::Try,
        Outcome::Refused(_) => ask != Ask::Identify,
        Outcome::Taken(_) => ask == Ask::Take || (ask == Ask::Try && grouped),
        Outcome::Changed(_) => ask == Ask::Take,
        Outcome::Holders(_) => ask == Ask::Identify,
        Outcome::Rejected(_) => matches!(ask, Ask::Try | Ask::Take),
        Outcome::Quarantined(_) => ask == Ask::Quarantine,
    }
}
