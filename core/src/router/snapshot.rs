//! The whole router at rest, and back.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::arena::{ALONE, Arena, Saved, note};
use super::folder::Folder;
use super::index::Index;
use super::{Options, Router};
use crate::json::{self, Blank, Form, Json};
use crate::pickup::{Ask, State};
use crate::time::Timestamp;

/// The `schema` of a snapshot.
const SCHEMA: &str = "lockwait.snapshot/1";

/// The fields of a snapshot.
const FIELDS: &str = "schema policy quarantine seed now arena timers folders groups round trouble? stopping events ";

/// Why a snapshot was not accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RestoreError(String);

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is not a snapshot that can be restored: {}", self.0)
    }
}

impl core::error::Error for RestoreError {}

/// What is read: a router, and what it cannot have as it stands in the text.
struct Snapshot {
    schema: String,
    router: Router,
    arena: Saved,
    timers: Vec<(u32, Timestamp)>,
    folders: Vec<Folder>,
}

impl Json for Snapshot {
    fn form(&mut self, form: &mut Form<'_>) {
        let Snapshot { schema, router, arena, timers, folders } = self;
        form.record(
            FIELDS,
            &mut [
                schema,
                &mut router.options.policy,
                &mut router.options.quarantine,
                &mut router.options.seed,
                &mut router.now,
                arena,
                timers,
                folders,
                &mut router.groups,
                &mut router.round,
                &mut router.trouble,
                &mut router.stopping,
                &mut router.outputs.events,
            ],
        );
    }
}

impl Blank for Snapshot {
    fn blank() -> Snapshot {
        Snapshot {
            schema: String::new(),
            router: Router::new(Options::default()),
            arena: Saved::blank(),
            timers: Vec::new(),
            folders: Vec::new(),
        }
    }
}

/// What is written: the router as it stands, without a copy.
impl Json for Router {
    fn form(&mut self, form: &mut Form<'_>) {
        form.record(
            FIELDS,
            &mut [
                &mut Cow::Borrowed(SCHEMA),
                &mut self.options.policy,
                &mut self.options.quarantine,
                &mut self.options.seed,
                &mut self.now,
                &mut self.arena,
                &mut self.wheel.armed(),
                &mut self.folders,
                &mut self.groups,
                &mut self.round,
                &mut self.trouble,
                &mut self.stopping,
                &mut self.outputs.events,
            ],
        );
    }
}

impl Router {
    /// The state of the whole router as JSON, for [`Router::restore`]. Events that were not polled are part of it.
    pub fn snapshot(&mut self) -> String {
        json::write(self)
    }

    /// A router that goes on where the one that made `snapshot` stood. Ids stay valid.
    ///
    /// Actions that were outstanding, or not yet polled, are lost with the process that had them: their files are
    /// tried again from the start, and late answers to them are refused.
    ///
    /// # Errors
    /// When `snapshot` is not whole or contradicts itself.
    pub fn restore(snapshot: &str) -> Result<Router, RestoreError> {
        let Snapshot { schema, mut router, arena, timers, folders } =
            json::read(snapshot).map_err(|error| RestoreError(error.to_string()))?;
        if schema != SCHEMA {
            return Err(RestoreError(alloc::format!("its schema is '{schema}', not '{SCHEMA}'")));
        }
        let seed = router.options.seed;
        router.arena = Arena::load(arena, seed).ok_or_else(|| wrong("its pickups contradict each other"))?;
        router.folder_ids = Index::new(seed);
        for folder in folders {
            if router.find_folder(&folder.name).is_some() {
                return Err(wrong("it names a folder twice"));
            }
            router.add_folder(folder);
        }
        router.check()?;
        router.requeue_all(&timers);
        router.pump();
        Ok(router)
    }

    /// References between pickups, folders and groups hold in both directions.
    fn check(&self) -> Result<(), RestoreError> {
        for (index, slot) in self.arena.iter() {
            if slot.folder as usize >= self.folders.len() {
                return Err(wrong("a pickup is in a folder that does not exist"));
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
    fn requeue_all(&mut self, timers: &[(u32, Timestamp)]) {
        let round = core::mem::take(&mut self.round);
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
        // The pickups that have their timer, or their place in a queue.
        let mut provided = vec![false; self.arena.bound()];
        let waiting = |arena: &Arena, index| arena.get(index).is_some_and(|slot| slot.pickup.state == State::Waiting);
        for (index, at) in timers.iter().filter(|(index, _)| waiting(&self.arena, *index)) {
            self.wheel.arm(*index, *at);
            note(&mut provided, *index);
        }
        for (index, ask) in queues {
            self.enqueue(index, ask);
            note(&mut provided, index);
        }
        // The round's order, then whatever else is queued in any folder.
        let queued = core::mem::take(&mut self.round);
        let mut placed = vec![false; self.folders.len()];
        for id in round.iter().chain(&queued) {
            if self.folders.get(*id as usize).is_some_and(|folder| folder.queued) && note(&mut placed, *id) {
                self.round.push_back(*id);
            }
        }
        let all: Vec<(u32, State, bool, u32)> = self
            .arena
            .iter()
            .map(|(index, slot)| (index, slot.pickup.state, slot.pickup.episode.is_some(), slot.folder))
            .collect();
        for (index, state, held, folder) in all {
            let lost = match state {
                State::Asked(_) => true,
                State::Queued(_) | State::Waiting => note(&mut provided, index),
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
