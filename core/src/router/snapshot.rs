//! The whole router at rest, and back.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::arena::{ALONE, Arena, Saved};
use super::folder::{Backoff, Folder};
use super::group::Groups;
use super::outputs::Outputs;
use super::{Options, Router};
use crate::event::Event;
use crate::json::{self, record};
use crate::pickup::{Ask, State};
use crate::policy::Policy;
use crate::time::Timestamp;
use crate::timer::Wheel;

/// The `schema` of a snapshot.
const SCHEMA: &str = "lockwait.snapshot/1";

/// Why a snapshot was not accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RestoreError(String);

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is not a snapshot that can be restored: {}", self.0)
    }
}

impl core::error::Error for RestoreError {}

struct Snapshot {
    schema: String,
    policy: Policy,
    quarantine: bool,
    seed: u64,
    now: Timestamp,
    arena: Saved,
    timers: Vec<(u32, Timestamp)>,
    folders: Vec<Folder>,
    groups: Groups,
    round: VecDeque<u32>,
    trouble: Option<Backoff>,
    stopping: bool,
    events: VecDeque<Event>,
}

record!(
    Snapshot,
    Snapshot {
        schema: String::new(),
        policy: Policy::default(),
        quarantine: false,
        seed: 0,
        now: Timestamp::blank(),
        arena: Saved::blank(),
        timers: Vec::new(),
        folders: Vec::new(),
        groups: Groups::default(),
        round: VecDeque::new(),
        trouble: None,
        stopping: false,
        events: VecDeque::new(),
    },
    schema,
    policy,
    quarantine,
    seed,
    now,
    arena,
    timers,
    folders,
    groups,
    round,
    trouble "?",
    stopping,
    events,
);

impl Router {
    /// The state of the whole router as JSON, for [`Router::restore`]. Events that were not polled are part of it.
    pub fn snapshot(&self) -> String {
        json::write(&mut Snapshot {
            schema: SCHEMA.to_string(),
            policy: self.options.policy.clone(),
            quarantine: self.options.quarantine,
            seed: self.options.seed,
            now: self.now,
            arena: self.arena.save(),
            timers: self.wheel.armed().collect(),
            folders: self.folders.clone(),
            groups: self.groups.clone(),
            round: self.round.clone(),
            trouble: self.trouble.clone(),
            stopping: self.stopping,
            events: self.outputs.events.clone(),
        })
    }

    /// A router that goes on where the one that made `snapshot` stood. Ids stay valid.
    ///
    /// Actions that were outstanding, or not yet polled, are lost with the process that had them: their files are
    /// tried again from the start, and late answers to them are refused.
    ///
    /// # Errors
    /// When `snapshot` is not whole or contradicts itself.
    pub fn restore(snapshot: &str) -> Result<Router, RestoreError> {
        let saved: Snapshot = json::read(snapshot).map_err(|error| RestoreError(error.to_string()))?;
        if saved.schema != SCHEMA {
            return Err(RestoreError(alloc::format!("its schema is '{}', not '{SCHEMA}'", saved.schema)));
        }
        let arena = Arena::load(saved.arena, saved.seed).ok_or_else(|| wrong("its pickups contradict each other"))?;
        // One by one: to collect would sort first, and the code for that is large.
        let mut folder_ids = BTreeMap::new();
        folder_ids.extend(saved.folders.iter().enumerate().map(|(id, folder)| (folder.name.clone(), id as u32)));
        let mut router = Router {
            options: Options { policy: saved.policy, quarantine: saved.quarantine, seed: saved.seed },
            now: saved.now,
            arena,
            wheel: Wheel::default(),
            folder_ids,
            folders: saved.folders,
            groups: saved.groups,
            round: VecDeque::new(),
            alarms: BTreeSet::new(),
            trouble: saved.trouble,
            outstanding: 0,
            held: 0,
            stopping: saved.stopping,
            outputs: Outputs { events: saved.events, ..Outputs::default() },
        };
        router.check()?;
        router.requeue_all(&saved.timers, &saved.round);
        router.pump();
        Ok(router)
    }

    /// References between pickups, folders and groups hold in both directions.
    fn check(&self) -> Result<(), RestoreError> {
        if self.folder_ids.len() != self.folders.len() {
            return Err(wrong("it names a folder twice"));
        }
        let mut places = BTreeSet::new();
        for (index, slot) in self.arena.iter() {
            if slot.folder as usize >= self.folders.len() {
                return Err(wrong("a pickup is in a folder that does not exist"));
            }
            if !places.insert((slot.folder, &slot.name)) {
                return Err(wrong("a file has two pickups"));
            }
            let belongs = self
                .groups
                .get(slot.group)
                .is_some_and(|group| group.leader == index || group.members.iter().any(|member| member.index == index));
            if slot.group != ALONE && !belongs {
                return Err(wrong("a pickup is in a group that does not know it"));
            }
        }
        for (id, group) in self.groups.iter() {
            let mut indices = group.members.iter().map(|member| member.index).chain([group.leader]);
            if !indices.all(|index| self.arena.get(index).is_some_and(|slot| slot.group == id)) {
                return Err(wrong("a group has a member that does not know it"));
            }
        }
        if !self.groups.is_sound() {
            return Err(wrong("its groups contradict each other"));
        }
        Ok(())
    }

    /// Rebuilds queues, timers and counts from the pickups' states.
    fn requeue_all(&mut self, timers: &[(u32, Timestamp)], round: &VecDeque<u32>) {
        let mut queues: Vec<(u32, Ask)> = Vec::new();
        for folder in &mut self.folders {
            folder.queued = false;
            folder.outstanding = 0;
            folder.held = 0;
            let moves = core::mem::take(&mut folder.moves);
            let tries = core::mem::take(&mut folder.tries);
            queues.extend(tries.into_iter().chain(moves).filter_map(|queued| {
                let slot = self.arena.get(queued.index)?;
                match slot.pickup.state {
                    State::Queued(ask) if slot.generation == queued.generation => Some((queued.index, ask)),
                    _ => None,
                }
            }));
            if let Some(outage) = &mut folder.outage {
                outage.forget_probe(self.now);
            }
        }
        if let Some(trouble) = &mut self.trouble {
            trouble.forget_probe(self.now);
        }
        self.wheel.fire(self.now);
        let waiting = |arena: &Arena, index| arena.get(index).is_some_and(|slot| slot.pickup.state == State::Waiting);
        let mut timed = BTreeSet::new();
        timed.extend(timers.iter().map(|(index, _)| *index));
        for (index, at) in timers.iter().filter(|(index, _)| waiting(&self.arena, *index)) {
            self.wheel.arm(*index, *at);
        }
        // The round's order, then whatever else is queued in any folder.
        let turn = |folder: u32| round.iter().position(|id| *id == folder).unwrap_or(usize::MAX);
        queues.sort_by_key(|(index, _)| turn(self.arena.get(*index).map_or(u32::MAX, |slot| slot.folder)));
        let mut in_queue = BTreeSet::new();
        in_queue.extend(queues.iter().map(|(index, _)| *index));
        for (index, ask) in queues {
            self.enqueue(index, ask);
        }
        let all: Vec<(u32, State, bool, u32)> = self
            .arena
            .iter()
            .map(|(index, slot)| (index, slot.pickup.state, slot.pickup.episode.is_some(), slot.folder))
            .collect();
        for (index, state, held, folder) in all {
            let lost = match state {
                State::Asked(_) => true,
                State::Queued(_) => !in_queue.contains(&index),
                State::Waiting => !timed.contains(&index),
                State::Ready | State::Following => false,
            };
            if lost {
                self.enqueue(index, Ask::Try);
            }
            if held {
                self.held += 1;
                if let Some(folder) = self.folders.get_mut(folder as usize) {
                    folder.held += 1;
                }
            }
        }
        for id in 0..self.folders.len() as u32 {
            self.rearm(Some(id));
        }
        self.rearm(None);
    }
}

fn wrong(what: &str) -> RestoreError {
    RestoreError(what.to_string())
}
