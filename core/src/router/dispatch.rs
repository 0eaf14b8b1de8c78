//! Which action goes out next: fairness among folders, and one probe at a time where something does not work.

use super::Router;
use super::folder::{Backoff, Queued};
use crate::code::{Cause, Code};
use crate::event::{Event, EventKind, Severity};
use crate::observation::Name;
use crate::pickup::{Action, ActionKind, Ask, State};
use crate::time::Timestamp;

impl Router {
    /// Puts a pickup in its folder's queue; its timer, if any, is disarmed.
    pub(super) fn enqueue(&mut self, index: u32, ask: Ask) {
        self.wheel.disarm(index);
        if ask == Ask::Identify {
            // The question is put to the system, not to the folder, and hosts answer many at once: it waits for
            // nothing and takes no other action's place.
            return self.send(index, ask);
        }
        let Some(slot) = self.arena.get_mut(index) else { return };
        slot.pickup.state = State::Queued(ask);
        let queued = Queued { index, generation: slot.generation };
        let id = slot.folder;
        if let Some(folder) = self.folders.get_mut(id as usize) {
            folder.queue(ask).push_back(queued);
            if !core::mem::replace(&mut folder.queued, true) {
                self.round.push_back(id);
            }
        }
    }

    /// Sends out as many actions as may be outstanding, folder by folder.
    pub(super) fn pump(&mut self) {
        let mut passed = 0;
        while self.outstanding < self.options.policy.at_once && passed < self.round.len() {
            let Some(id) = self.round.pop_front() else { return };
            match self.pick(id) {
                Pick::Send(index, ask) => {
                    passed = 0;
                    self.round.push_back(id);
                    self.send(index, ask);
                }
                Pick::NotNow => {
                    passed += 1;
                    self.round.push_back(id);
                }
                Pick::Empty => {
                    if let Some(folder) = self.folders.get_mut(id as usize) {
                        folder.queued = false;
                    }
                }
            }
        }
    }

    /// The pickup of a folder that is next, taken off its queue.
    fn pick(&mut self, id: u32) -> Pick {
        let (now, at_once) = (self.now, self.options.policy.at_once);
        let Some(folder) = self.folders.get_mut(id as usize) else { return Pick::Empty };
        let arena = &self.arena;
        let fresh = |queued: &Queued| arena.get(queued.index).is_some_and(|slot| slot.generation == queued.generation);
        for queue in [&mut folder.tries, &mut folder.moves] {
            while queue.front().is_some_and(|queued| !fresh(queued)) {
                queue.pop_front();
            }
        }
        if folder.tries.is_empty() && folder.moves.is_empty() {
            return Pick::Empty;
        }
        // A folder may have as many actions outstanding as are still free for all: one that hangs leaves half of
        // them to the others, two leave a quarter, and so on.
        if folder.outstanding >= (at_once - self.outstanding).max(1) {
            return Pick::NotNow;
        }
        if folder.outage.as_ref().is_some_and(|outage| !outage.may_probe(now)) {
            return Pick::NotNow;
        }
        let (tries, moves) = match &self.trouble {
            None => (true, true),
            Some(trouble) => (target_only(trouble.code) || trouble.may_probe(now), trouble.may_probe(now)),
        };
        let queue = if moves && !folder.moves.is_empty() {
            &mut folder.moves
        } else if tries {
            &mut folder.tries
        } else {
            return Pick::NotNow;
        };
        let Some(queued) = queue.pop_front() else { return Pick::NotNow };
        match arena.get(queued.index).map(|slot| slot.pickup.state) {
            Some(State::Queued(ask)) => Pick::Send(queued.index, ask),
            _ => Pick::NotNow,
        }
    }

    fn send(&mut self, index: u32, ask: Ask) {
        let id = self.arena.id(index);
        let Some(slot) = self.arena.get_mut(index) else { return };
        slot.pickup.state = State::Asked(ask);
        let kind = match ask {
            Ask::Try => ActionKind::Try,
            Ask::Take => ActionKind::Take { expected: slot.pickup.facts() },
            Ask::Identify => ActionKind::Identify,
            Ask::Quarantine => ActionKind::Quarantine,
        };
        self.outputs.action(Action { id, kind });
        if ask == Ask::Identify {
            return;
        }
        if let Some(folder) = self.folders.get_mut(slot.folder as usize) {
            folder.outstanding += 1;
            if let Some(outage) = &mut folder.outage {
                outage.send(index);
            }
        }
        if let Some(trouble) = &mut self.trouble
            && tests(trouble.code, ask)
            && trouble.may_probe(self.now)
        {
            trouble.send(index);
        }
        self.outstanding += 1;
    }

    /// An action has been answered: its place is free again.
    pub(super) fn settle_account(&mut self, index: u32) {
        self.outstanding = self.outstanding.saturating_sub(1);
        let folder = self.arena.get(index).map(|slot| slot.folder);
        if let Some(folder) = folder.and_then(|id| self.folders.get_mut(id as usize)) {
            folder.outstanding = folder.outstanding.saturating_sub(1);
        }
    }

    /// A folder cannot be reached, as `prober` (or the host itself) found.
    pub(super) fn folder_down(&mut self, id: u32, code: Code, prober: Option<u32>) {
        let now = self.now;
        let Some(folder) = self.folders.get_mut(id as usize) else { return };
        match &mut folder.outage {
            Some(outage) => {
                if let Some(prober) = prober {
                    outage.failed(now, prober, &self.options.policy);
                }
            }
            None => {
                folder.outage = Some(Backoff::new(now, code, &self.options.policy));
                let path = folder.name.clone();
                self.tell_of_outage(EventKind::FolderUnreachable, Severity::Warning, path, now, code);
            }
        }
        self.rearm(Some(id));
    }

    /// A folder can be reached.
    pub(super) fn folder_up(&mut self, id: u32) {
        let now = self.now;
        let Some(folder) = self.folders.get_mut(id as usize) else { return };
        let path = folder.name.clone();
        if let Some(outage) = folder.outage.take() {
            folder.found = Some(now).into();
            let kind = EventKind::FolderReachable;
            self.tell_of_outage(kind, Severity::Information, path, outage.since, outage.code);
            self.rearm(Some(id));
        }
    }

    /// What the answer about `index` says about the folder's outage: only the probe's own answer counts, because
    /// answers to actions that went out before the outage may come late.
    pub(super) fn folder_answered(&mut self, index: u32) {
        let Some(id) = self.arena.get(index).map(|slot| slot.folder) else { return };
        let outage = self.folders.get(id as usize).and_then(|folder| folder.outage.as_ref());
        if outage.is_some_and(|outage| outage.probe == Some(index)) {
            self.folder_up(id);
        }
    }

    /// The engine, or the destination, is in trouble, as `prober` found.
    pub(super) fn engine_down(&mut self, code: Code, prober: u32) {
        let now = self.now;
        match &mut self.trouble {
            Some(trouble) => trouble.failed(now, prober, &self.options.policy),
            None => {
                self.trouble = Some(Backoff::new(now, code, &self.options.policy));
                let path = Name::default();
                self.tell_of_outage(EventKind::EngineTrouble, Severity::Error, path, now, code);
            }
        }
        self.rearm(None);
    }

    /// An action was carried out without trouble: if it was the probe, the trouble is over.
    pub(super) fn engine_answered(&mut self, index: u32) {
        if self.trouble.as_ref().is_some_and(|trouble| trouble.probe == Some(index)) {
            self.trouble = None;
            self.rearm(None);
        }
    }

    /// A pickup ended while it was a probe: another one may be.
    pub(super) fn abandon_probes(&mut self, index: u32) {
        let now = self.now;
        let folder = self.arena.get(index).map_or(u32::MAX, |slot| slot.folder);
        if let Some(outage) = self.folders.get_mut(folder as usize).and_then(|folder| folder.outage.as_mut()) {
            outage.abandoned(now, index);
        }
        if let Some(trouble) = &mut self.trouble {
            trouble.abandoned(now, index);
        }
    }

    /// Sets the alarm of a folder, or of the engine, to when it may be probed next.
    pub(super) fn rearm(&mut self, whose: Option<u32>) {
        self.alarms.retain(|(_, other)| *other != whose);
        let backoff = match whose {
            Some(id) => self.folders.get(id as usize).and_then(|folder| folder.outage.as_ref()),
            None => self.trouble.as_ref(),
        };
        if let Some(due) = backoff.and_then(|backoff| backoff.due) {
            let alarm = (due, whose);
            let at = self.alarms.iter().take_while(|other| **other < alarm).count();
            self.alarms.insert(at, alarm);
        }
    }

    fn tell_of_outage(&mut self, kind: EventKind, severity: Severity, path: Name, since: Timestamp, code: Code) {
        let event = Event {
            path,
            since,
            waited: self.now.since(since),
            code: Some(code),
            ..Event::new(self.now, kind, severity)
        };
        self.outputs.event(event);
    }
}

/// What [`Router::pick`] found.
enum Pick {
    Send(u32, Ask),
    NotNow,
    Empty,
}

/// Trouble at the destination leaves looking unhindered.
fn target_only(code: Code) -> bool {
    code.cause() == Cause::TargetFull
}

/// Whether carrying out `ask` shows that the trouble `code` is over.
fn tests(code: Code, ask: Ask) -> bool {
    !target_only(code) || matches!(ask, Ask::Take | Ask::Quarantine)
}
