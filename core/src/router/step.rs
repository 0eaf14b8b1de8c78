//! What follows from one answer: the pickup's next state, its end, and its group's.

use alloc::vec::Vec;

use super::Router;
use super::arena::{ALONE, Slot};
use super::group::{Group, Member, Phase};
use crate::code::Code;
use crate::companion::{self, Role};
use crate::event::{Event, EventKind, Severity};
use crate::observation::{Content, Holders, Look, Name, Place, Refusal, join};
use crate::pickup::{Ask, End, Next, Outcome, Pickup, State};
use crate::policy::Companions;
use crate::time::Span;
use crate::verdict::{Advice, Confidence, judge};

impl Router {
    /// Carries out what the host answered to the action that was outstanding.
    pub(super) fn answered(&mut self, index: u32, outcome: Outcome) {
        if !matches!(outcome, Outcome::Holders(_)) {
            self.settle_account(index);
        }
        let (now, policy) = (self.now, &self.options.policy);
        let Some(slot) = self.arena.get_mut(index) else { return };
        let pickup = &mut slot.pickup;
        let member = self.groups.get(slot.group).is_some_and(|group| group.leader != index);
        let was_held = pickup.episode.is_some();
        let mut moved = Moved::default();
        let next = match outcome {
            Outcome::Opened(mut look) => {
                // A done-marker vouches for itself and for the file it names: there is nothing to settle.
                let marked = member || !look.companions.is_empty();
                if marked && look.content == Content::Unknown && matches!(policy.companions, Companions::Suffix(_)) {
                    look.content = Content::Complete;
                }
                let next = pickup.opened(now, &look, policy);
                self.count_held(index, was_held);
                self.folder_answered(index);
                self.engine_answered(index);
                return self.opened(index, next, look);
            }
            Outcome::Refused(refusal) => {
                let next = pickup.refused(now, &refusal, member, policy);
                if next == Next::End(End::Gone) {
                    self.note_vanished(index);
                }
                next
            }
            Outcome::Changed(facts) => pickup.changed(now, facts, policy),
            Outcome::Holders(holders) => {
                let next = pickup.identified(now, holders, policy);
                let cancelled = pickup.cancelled;
                if !cancelled {
                    self.tell_of_lock(index);
                }
                return self.apply_or_withdraw(index, next);
            }
            Outcome::Rejected(code) => {
                pickup.code = Some(code);
                let quarantine = self.options.quarantine && !member;
                if quarantine { Next::Ask(Ask::Quarantine) } else { Next::End(End::Refused) }
            }
            Outcome::Taken(taken) => {
                if let Some(episode) = &mut pickup.episode {
                    episode.opened(now);
                }
                moved = Moved { to: Some(taken.to), bytes: Some(taken.bytes) };
                Next::End(End::Taken)
            }
            Outcome::Quarantined(to) => {
                moved = Moved { to: Some(to), bytes: None };
                Next::End(End::Quarantined)
            }
        };
        self.count_held(index, was_held);
        match next {
            Next::Folder(_) => {}
            Next::Engine(_) => self.folder_answered(index),
            _ => {
                self.folder_answered(index);
                self.engine_answered(index);
            }
        }
        match next {
            Next::End(end @ (End::Taken | End::Quarantined)) => self.end(index, end, moved),
            next => self.apply_or_withdraw(index, next),
        }
    }

    /// As [`Router::apply`], but a pickup whose end was asked for meanwhile ends cancelled.
    fn apply_or_withdraw(&mut self, index: u32, next: Next) {
        let cancelled = self.stopping || self.arena.get(index).is_some_and(|slot| slot.pickup.cancelled);
        match next {
            Next::End(_) => self.apply(index, next),
            _ if cancelled => self.finish(index, End::Cancelled),
            _ => self.apply(index, next),
        }
    }

    /// Carries out what a pickup needs next.
    pub(super) fn apply(&mut self, index: u32, next: Next) {
        let group = self.arena.get(index).map_or(ALONE, |slot| slot.group);
        if let Some(group) = self.groups.get_mut(group).filter(|group| group.phase == Phase::Verifying)
            && next != Next::Ready
        {
            group.phase = Phase::Gathering;
        }
        match next {
            Next::Ask(ask) => self.enqueue(index, ask),
            Next::Wait(at) => {
                if let Some(slot) = self.arena.get_mut(index) {
                    slot.pickup.state = State::Waiting;
                }
                self.wheel.arm(index, at);
            }
            Next::Ready => self.ready(index),
            Next::End(end) => self.finish(index, end),
            Next::Folder(code) => {
                if let Some(folder) = self.arena.get(index).map(|slot| slot.folder) {
                    self.folder_down(folder, code, Some(index));
                }
                self.enqueue(index, Ask::Try);
            }
            Next::Engine(code) => {
                self.engine_down(code, index);
                self.enqueue(index, Ask::Try);
            }
        }
    }

    /// A look found a file free: a leader gathers the files it names, all others go on alone.
    fn opened(&mut self, index: u32, next: Next, look: Look) {
        let cancelled = self.stopping || self.arena.get(index).is_some_and(|slot| slot.pickup.cancelled);
        if cancelled {
            return self.finish(index, End::Cancelled);
        }
        let Some(slot) = self.arena.get(index) else { return };
        let leads = companion::role(&self.options.policy.companions, slot.name.as_bytes()) == Role::Leader;
        let group = self.groups.get(slot.group);
        let gathered = group.is_some_and(|group| group.leader != index || group.named == look.companions);
        if next != Next::Ready || !leads || gathered {
            return self.apply(index, next);
        }
        self.dissolve(slot.group);
        if look.companions.is_empty() || self.gather(index, look.companions) {
            return self.apply(index, next);
        }
        // Another group has one of the files now: look again until it is done with it.
        let refusal = Refusal { facts: Some(look.facts), ..Refusal::new(Code::COMPANION_MISSING) };
        let (now, policy) = (self.now, &self.options.policy);
        let Some(slot) = self.arena.get_mut(index) else { return };
        let was_held = slot.pickup.episode.is_some();
        let next = slot.pickup.refused(now, &refusal, true, policy);
        self.count_held(index, was_held);
        self.apply(index, next);
    }

    /// Makes `leader` and the files it names a group; `false` when another group has one of them.
    fn gather(&mut self, leader: u32, companions: Vec<Place>) -> bool {
        let mut places: Vec<(u32, Name)> = Vec::with_capacity(companions.len());
        for place in &companions {
            let folder = self.folder_of(&place.folder);
            if !places.iter().any(|(f, name)| *f == folder && *name == place.name) {
                places.push((folder, place.name.clone()));
            }
        }
        let taken = |index: u32| {
            self.arena.get(index).is_some_and(|slot| {
                slot.group != ALONE || index == leader || matches!(slot.pickup.state, State::Asked(Ask::Take))
            })
        };
        if places.iter().any(|(folder, name)| self.arena.find(*folder, name).is_some_and(taken)) {
            return false;
        }
        let group =
            self.groups.insert(Group { leader, named: companions, members: Vec::new(), phase: Phase::Gathering });
        let mut members = Vec::with_capacity(places.len());
        for (folder, name) in places {
            let found = self.arena.find(folder, &name);
            let submitted = found.is_some();
            let index =
                found.unwrap_or_else(|| self.arena.insert(folder, name, Pickup::new(self.now, State::Following)));
            let following = self.arena.get_mut(index).is_some_and(|slot| {
                slot.group = group;
                matches!(slot.pickup.state, State::Following | State::Queued(Ask::Take))
            });
            members.push(Member { index, submitted });
            if following {
                self.requeue(index);
            }
        }
        if let Some(group) = self.groups.get_mut(group) {
            group.members = members;
        }
        if let Some(slot) = self.arena.get_mut(leader) {
            slot.group = group;
        }
        true
    }

    /// Looks at a pickup again that may stand in a queue already.
    fn requeue(&mut self, index: u32) {
        let queued = self.arena.get(index).map(|slot| slot.pickup.state);
        if let Some(State::Queued(Ask::Take | Ask::Quarantine)) = queued {
            let folder = self.arena.get(index).map_or(0, |slot| slot.folder);
            if let Some(folder) = self.folders.get_mut(folder as usize) {
                folder.moves.retain(|queued| queued.index != index);
            }
        }
        self.enqueue(index, Ask::Try);
    }

    /// The host submitted a file that a group had named before: it stays when the group does not.
    pub(super) fn adopt(&mut self, index: u32) {
        let group = self.arena.get(index).map_or(ALONE, |slot| slot.group);
        if let Some(group) = self.groups.get_mut(group) {
            for member in group.members.iter_mut().filter(|member| member.index == index) {
                member.submitted = true;
            }
        }
    }

    /// A file may be taken as far as it is itself concerned.
    fn ready(&mut self, index: u32) {
        let Some(slot) = self.arena.get_mut(index) else { return };
        let id = slot.group;
        if id == ALONE {
            return self.enqueue(index, Ask::Take);
        }
        slot.pickup.state = State::Ready;
        self.advance_group(id);
    }

    /// Moves a group on when all of it is free.
    fn advance_group(&mut self, id: u32) {
        let Some(group) = self.groups.get(id) else { return };
        let all: Vec<u32> = group.members.iter().map(|member| member.index).chain([group.leader]).collect();
        let pickup = |index: &u32| self.arena.get(*index).map(|slot| &slot.pickup);
        let is_ready = |index: &u32| pickup(index).is_some_and(|pickup| pickup.state == State::Ready);
        if group.phase == Phase::Taking {
            // Members that were held once more go as they come free; the leader goes last.
            let leader = group.leader;
            let members_left = all.len() > 1;
            for index in all.into_iter().filter(is_ready).collect::<Vec<_>>() {
                if index != leader || !members_left {
                    self.enqueue(index, Ask::Take);
                }
            }
            return;
        }
        if !all.iter().all(is_ready) {
            return;
        }
        let looked = |index: &u32| pickup(index).map_or(self.now, |pickup| pickup.tick);
        let oldest = all.iter().map(looked).min().unwrap_or(self.now);
        let fresh = self.now.since(oldest) <= self.options.policy.retry;
        if fresh || group.phase == Phase::Verifying {
            self.set_phase(id, Phase::Taking);
            self.advance_group(id);
        } else {
            self.set_phase(id, Phase::Verifying);
            for index in all {
                self.enqueue(index, Ask::Try);
            }
        }
    }

    fn set_phase(&mut self, id: u32, phase: Phase) {
        if let Some(group) = self.groups.get_mut(id) {
            group.phase = phase;
        }
    }

    /// Ends a group without ending its leader; members that exist only for it end cancelled.
    fn dissolve(&mut self, id: u32) {
        let Some(group) = self.groups.remove(id) else { return };
        if let Some(slot) = self.arena.get_mut(group.leader) {
            slot.group = ALONE;
        }
        for member in group.members {
            let Some(slot) = self.arena.get_mut(member.index) else { continue };
            slot.group = ALONE;
            let outstanding = matches!(slot.pickup.state, State::Asked(_));
            let follows = companion::role(&self.options.policy.companions, slot.name.as_bytes()) == Role::Follower;
            match (member.submitted, outstanding) {
                (true, false) if follows => {
                    slot.pickup.state = State::Following;
                    self.wheel.disarm(member.index);
                }
                (true, false) if slot.pickup.state == State::Ready => self.enqueue(member.index, Ask::Try),
                (true, _) => {}
                (false, true) => slot.pickup.cancelled = true,
                (false, false) => self.finish(member.index, End::Cancelled),
            }
        }
    }

    /// Cancels a pickup and, where it travels with others, all of them.
    pub(super) fn withdraw(&mut self, index: u32) {
        let Some(slot) = self.arena.get_mut(index) else { return };
        if matches!(slot.pickup.state, State::Asked(_)) {
            slot.pickup.cancelled = true;
        } else {
            self.finish(index, End::Cancelled);
        }
    }

    /// Ends a pickup whose file was not moved.
    pub(super) fn finish(&mut self, index: u32, end: End) {
        self.end(index, end, Moved::default());
    }

    fn end(&mut self, index: u32, end: End, moved: Moved) {
        self.abandon_probes(index);
        self.wheel.disarm(index);
        let outstanding = self.arena.get(index).is_some_and(|slot| slot.pickup.cancelled);
        if end != End::Cancelled || outstanding || !self.stopping {
            self.tell_of_end(index, end, moved);
        }
        let Some(slot) = self.arena.remove(index) else { return };
        if slot.pickup.episode.is_some() {
            self.held -= 1;
            if let Some(folder) = self.folders.get_mut(slot.folder as usize) {
                folder.held = folder.held.saturating_sub(1);
            }
        }
        let Some(group) = self.groups.get_mut(slot.group) else { return };
        if group.leader == index {
            self.dissolve(slot.group);
        } else if end == End::Taken {
            group.members.retain(|member| member.index != index);
            if group.members.is_empty() {
                self.set_phase(slot.group, Phase::Taking);
            }
            self.advance_group(slot.group);
        } else {
            // Without this file the rest must not go.
            group.members.retain(|member| member.index != index);
            let leader = group.leader;
            if let Some(slot) = self.arena.get_mut(leader) {
                slot.pickup.code = slot.pickup.code.or(Some(Code::COMPANION_MISSING));
                if matches!(slot.pickup.state, State::Asked(_)) {
                    slot.pickup.cancelled = true;
                } else {
                    self.finish(leader, end);
                }
            }
        }
    }

    /// A held file went away: somebody took it, unless its whole folder was away meanwhile.
    fn note_vanished(&mut self, index: u32) {
        let Some(slot) = self.arena.get_mut(index) else { return };
        let Some(folder) = self.folders.get(slot.folder as usize) else { return };
        if let Some(episode) = slot.pickup.episode.as_mut().filter(|episode| episode.released().is_none()) {
            episode.marks_mut().vanished = folder.reachable_since(episode.first());
        }
    }

    /// Keeps count of the pickups in an episode.
    fn count_held(&mut self, index: u32, before: bool) {
        let Some(slot) = self.arena.get(index) else { return };
        if slot.pickup.episode.is_some() && !before {
            self.held += 1;
            if let Some(folder) = self.folders.get_mut(slot.folder as usize) {
                folder.held += 1;
            }
        }
    }

    /// Event 6067, and its reminders.
    fn tell_of_lock(&mut self, index: u32) {
        let (now, policy) = (self.now, &self.options.policy);
        let Some(slot) = self.arena.get_mut(index) else { return };
        let (reminder, folder) = (slot.pickup.reminder().saturating_sub(1), slot.folder as usize);
        let Some(folder) = self.folders.get_mut(folder) else { return };
        let Some(episode) = &mut slot.pickup.episode else { return };
        episode.beside(folder.held.saturating_sub(1));
        if reminder == 0 {
            episode.recurring(folder.recurs(episode.first()));
        }
        let verdict = judge(episode, policy);
        let certain = verdict.advice == Advice::Act && verdict.confidence >= Confidence::Medium;
        let severity = if certain { Severity::Error } else { Severity::Warning };
        let event = Event {
            waited: now.since(episode.first()),
            verdict: Some(verdict),
            reminder,
            ..self.event_of(index, EventKind::LockHeld, severity)
        };
        self.outputs.event(event);
    }

    /// The last event of a pickup.
    fn tell_of_end(&mut self, index: u32, end: End, moved: Moved) {
        let (now, policy) = (self.now, &self.options.policy);
        let Some(slot) = self.arena.get_mut(index) else { return };
        let noticed = slot.pickup.noticed();
        let mut waited = Span::ZERO;
        let mut verdict = None;
        if let Some(episode) = slot.pickup.episode.as_mut().filter(|_| end != End::Cancelled) {
            let beside = self.folders.get(slot.folder as usize).map_or(0, |folder| folder.held.saturating_sub(1));
            episode.beside(beside);
            waited = now.since(episode.first());
            verdict = Some(judge(episode, policy));
        }
        let (kind, severity, routine) = match end {
            End::Taken => (EventKind::Acquired, Severity::Information, !noticed && waited <= policy.quiet),
            End::Quarantined | End::Refused => (EventKind::GaveUp, Severity::Error, false),
            End::Gone => (EventKind::GaveUp, Severity::Information, !noticed),
            End::Cancelled => (EventKind::GaveUp, Severity::Information, true),
        };
        let event = Event {
            to: moved.to,
            bytes: moved.bytes,
            waited,
            verdict,
            end: Some(end),
            routine,
            ..self.event_of(index, kind, severity)
        };
        self.outputs.event(event);
    }

    /// An event about a pickup, with what all such events carry.
    fn event_of(&self, index: u32, kind: EventKind, severity: Severity) -> Event {
        let empty = Event::new(self.now, kind, severity);
        let Some(slot) = self.arena.get(index) else { return empty };
        let episode = slot.pickup.episode.as_ref();
        Event {
            id: Some(self.arena.id(index)),
            path: self.path_of(slot),
            since: episode.map_or(slot.pickup.since, |episode| episode.first()),
            attempts: episode.map_or(0, |episode| episode.attempts()),
            code: slot.pickup.code,
            holders: episode.map_or(Holders::NotAsked, |episode| episode.holders().clone()),
            ..empty
        }
    }

    fn path_of(&self, slot: &Slot) -> Name {
        let folder = self.folders.get(slot.folder as usize).map_or(&[][..], |folder| folder.name.as_bytes());
        join(folder, slot.name.as_bytes())
    }
}

/// Where a file went, for its last event.
#[derive(Default)]
struct Moved {
    to: Option<Name>,
    bytes: Option<u64>,
}
