//! The nine rules, watched from outside: from what is asked, answered and told alone.
//!
//! 1. At most one action per pickup is outstanding. A late or repeated answer is an error, and changes nothing.
//! 2. A file is never taken while its last probe was refused, nor when it changed between probe and end of burst.
//! 3. A locked file is never quarantined for being locked; only one whose content the host rejects is.
//! 4. One locked file never delays another. One unreachable folder backs off once for the whole folder.
//! 5. At most two events per episode, plus reminders spaced ever wider; none for a short lock that ended well.
//! 6. Every pickup ends exactly once.
//! 7. After `stop`, nothing new is asked, and what is not outstanding has ended.
//! 8. Same inputs, same outputs (`a_story_told_again_is_the_same_and_so_is_its_replay`).
//! 9. Memory per waiting pickup is bounded, whatever the number of attempts (`tests/memory.rs`).

use std::collections::{BTreeMap, BTreeSet};

use lockwait_core::event::{Event, EventKind};
use lockwait_core::observation::{Facts, Place, Scope};
use lockwait_core::pickup::{Action, ActionKind, End, Outcome, PickupId};
use lockwait_core::policy::Policy;
use lockwait_core::router::Router;
use lockwait_core::time::{Span, Timestamp};

use crate::world::World;

/// What a host knows of one pickup.
#[derive(Default)]
struct Known {
    outstanding: Option<Timestamp>,
    /// The facts of the last answer, if that was an open.
    free: Option<Facts>,
    rejected: bool,
    logged: u32,
    notices: Vec<Timestamp>,
    refused: bool,
    ended: bool,
    /// Submitted then, while nothing could stand in its way.
    unhindered_since: Option<Timestamp>,
}

/// How often each thing happened, so that a run that shows nothing is noticed.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Totals {
    taken: u32,
    gone: u32,
    quarantined: u32,
    refused: u32,
    cancelled: u32,
    notices: u32,
    reminders: u32,
    outages: u32,
    troubles: u32,
    changed: u32,
}

pub(crate) struct Rules {
    policy: Policy,
    quarantine: bool,
    /// The longest that a file with nothing in its way may wait for its burst to begin.
    patience: Span,
    known: BTreeMap<PickupId, Known>,
    submitted: BTreeMap<Place, Timestamp>,
    /// Probes of folders that are in an outage: folder, last probe.
    outages: BTreeMap<Vec<u8>, Option<Timestamp>>,
    outstanding: BTreeSet<PickupId>,
    stopped: bool,
    troubled: bool,
    /// The last time that something was unreachable or full.
    disturbed: Timestamp,
    totals: Totals,
}

impl Rules {
    pub(crate) fn new(policy: &Policy, quarantine: bool, latency: u64, files: usize) -> Rules {
        // Every file in front of it may need a look and a burst, one after another in the worst case.
        let patience = Span((2 * files as u64 + 4) * latency + 1_000);
        Rules {
            policy: policy.clone(),
            quarantine,
            patience,
            known: BTreeMap::new(),
            submitted: BTreeMap::new(),
            outages: BTreeMap::new(),
            outstanding: BTreeSet::new(),
            stopped: false,
            troubled: false,
            disturbed: Timestamp(0),
            totals: Totals::default(),
        }
    }

    pub(crate) fn totals(&self) -> Totals {
        self.totals
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.known.values().all(|known| known.outstanding.is_none())
    }

    pub(crate) fn is_outstanding(&self, id: PickupId) -> bool {
        self.known.get(&id).is_some_and(|known| known.outstanding.is_some())
    }

    pub(crate) fn asked_at(&self, id: PickupId) -> Result<Timestamp, String> {
        self.known.get(&id).and_then(|known| known.outstanding).ok_or_else(|| format!("{id:?} was not asked for"))
    }

    pub(crate) fn submitted(&mut self, now: Timestamp, place: &Place) {
        self.submitted.insert(place.clone(), now);
    }

    pub(crate) fn asked(&mut self, now: Timestamp, action: Action, place: &Place, world: &World) -> Result<(), String> {
        let quarantine = self.quarantine;
        let known = self.known.entry(action.id).or_default();
        let fail = |why: &str| Err(format!("{action:?} at {now}: {why}"));
        if self.stopped {
            return fail("rule 7: asked after stop");
        }
        if known.ended {
            return fail("rule 6: asked after the end");
        }
        if known.outstanding.replace(now).is_some() {
            return fail("rule 1: a second action is outstanding");
        }
        match action.kind {
            ActionKind::Take { expected } if known.free != Some(expected) => {
                return fail("rule 2: the last probe did not find it free and like this");
            }
            ActionKind::Quarantine if !known.rejected || !quarantine => {
                return fail("rule 3: quarantined without a rejected content");
            }
            _ => {}
        }
        if action.kind != ActionKind::Identify {
            self.outstanding.insert(action.id);
        }
        if self.outstanding.len() > self.policy.at_once as usize {
            return fail("more actions outstanding than allowed");
        }
        if let Some(last) = self.outages.get_mut(place.folder.as_bytes())
            && action.kind != ActionKind::Identify
        {
            if last.is_some_and(|last| now.since(last) < self.policy.outage) {
                return fail("rule 4: an unreachable folder is tried without backing off");
            }
            *last = Some(now);
        }
        if !self.outages.is_empty() || self.troubled {
            self.disturbed = now;
        }
        let plain = world.file(place).is_some_and(|file| file.is_plain() && file.exists(now));
        if plain && action.kind == ActionKind::Try && known.free.is_none() && !known.refused {
            known.unhindered_since = self.submitted.get(place).copied();
        }
        if let (ActionKind::Take { .. }, Some(since)) = (action.kind, known.unhindered_since)
            && since > self.disturbed
            && now.since(since) > self.patience
        {
            return fail("rule 4: a free file had to wait for others");
        }
        Ok(())
    }

    pub(crate) fn answered(&mut self, action: Action, outcome: &Outcome) -> Result<(), String> {
        let known = self.known.get_mut(&action.id).ok_or("an answer about nothing")?;
        known.outstanding = None;
        self.outstanding.remove(&action.id);
        match outcome {
            Outcome::Opened(look) => {
                known.free = Some(look.facts);
                known.rejected = false;
            }
            Outcome::Refused(refusal) => {
                known.free = None;
                known.refused = true;
                known.unhindered_since = None;
                if refusal.scope == Scope::File && refusal.code.value() == 112 {
                    self.troubled = true;
                }
            }
            Outcome::Rejected(_) => known.rejected = true,
            Outcome::Changed(_) => {
                known.free = None;
                known.refused = true;
                self.totals.changed += 1;
            }
            Outcome::Taken(_) => self.troubled = false,
            Outcome::Holders(_) | Outcome::Quarantined(_) => {}
        }
        Ok(())
    }

    pub(crate) fn told(&mut self, now: Timestamp, event: &Event) -> Result<(), String> {
        let fail = |why: &str| Err(format!("{}: {why}", event.text()));
        if !self.outages.is_empty() {
            self.disturbed = now;
        }
        match event.kind {
            EventKind::FolderUnreachable => {
                self.totals.outages += 1;
                if self.outages.insert(event.path.as_bytes().to_vec(), None).is_some() {
                    return fail("rule 5: an outage is told twice");
                }
            }
            EventKind::FolderReachable if self.outages.remove(event.path.as_bytes()).is_none() => {
                return fail("rule 5: the end of an outage that never began");
            }
            EventKind::EngineTrouble => self.totals.troubles += 1,
            _ => {}
        }
        let Some(id) = event.id else { return Ok(()) };
        let known = self.known.entry(id).or_default();
        if known.ended {
            return fail("rule 6: an event after the end");
        }
        if event.kind == EventKind::LockHeld {
            if let [.., before, last] = known.notices[..]
                && now.since(last).0 < last.since(before).0
            {
                return fail("rule 5: reminders come closer together");
            }
            known.notices.push(now);
            self.totals.notices += u32::from(event.reminder == 0);
            self.totals.reminders += u32::from(event.reminder > 0);
        }
        if !event.routine && event.reminder == 0 {
            known.logged += 1;
        }
        if known.logged > 2 {
            return fail("rule 5: more than two events for one episode");
        }
        let well = event.end == Some(End::Taken) && event.waited <= self.policy.quiet;
        if well && known.logged > 0 && known.notices.is_empty() {
            return fail("rule 5: an event for a short lock that ended well");
        }
        if let Some(end) = event.end {
            known.ended = true;
            let count = match end {
                End::Taken => &mut self.totals.taken,
                End::Gone => &mut self.totals.gone,
                End::Quarantined => &mut self.totals.quarantined,
                End::Refused => &mut self.totals.refused,
                End::Cancelled => &mut self.totals.cancelled,
            };
            *count += 1;
            if known.outstanding.is_some() {
                return fail("it ended while an action was outstanding");
            }
        }
        Ok(())
    }

    /// Whatever has no action outstanding has ended, without an event each.
    pub(crate) fn stopped(&mut self) {
        self.stopped = true;
        for known in self.known.values_mut().filter(|known| known.outstanding.is_none() && !known.ended) {
            known.ended = true;
            self.totals.cancelled += 1;
        }
    }

    pub(crate) fn at_the_end(&self, router: &Router) -> Result<(), String> {
        if !router.is_empty() {
            return Err(format!("rule 7: {} pickups have not ended after stop", router.len()));
        }
        match self.known.iter().find(|(_, known)| !known.ended) {
            Some((id, _)) => Err(format!("rule 6: {id:?} never ended")),
            None => Ok(()),
        }
    }
}

impl Totals {
    pub(crate) fn add(&mut self, story: &crate::run::Story) {
        let other = story.totals;
        self.taken += other.taken;
        self.gone += other.gone;
        self.quarantined += other.quarantined;
        self.refused += other.refused;
        self.cancelled += other.cancelled;
        self.notices += other.notices;
        self.reminders += other.reminders;
        self.outages += other.outages;
        self.troubles += other.troubles;
        self.changed += other.changed;
    }

    pub(crate) fn assert_all_happened(&self) {
        let counts = [
            self.taken,
            self.gone,
            self.quarantined,
            self.refused,
            self.cancelled,
            self.notices,
            self.reminders,
            self.outages,
            self.troubles,
            self.changed,
        ];
        assert!(counts.iter().all(|count| *count >= 20), "the stories hardly show something: {self:?}");
    }
}
