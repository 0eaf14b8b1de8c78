//! One file of one input: who has it open, and who is refused.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::hash::{BuildHasherDefault, Hasher};

use hashbrown::HashMap;

use super::draft::Draft;
use super::is_lock;
use super::lanes::LaneId;
use crate::observation::sighting::{Account, Act, Attempt, Mode, Party, Range, Sighting};
use crate::observation::{Access, Facts};
use crate::time::{Moment, Span, Timestamp};

/// A hold that begins this soon after its writer's close began right after it.
const AFTER_CLOSE: Span = Span::from_secs(2);
/// After a success the file may be refused again within this time and it is still the same episode: writers reopen.
const REOPEN: Span = Span::from_secs(1);
/// Opens of one file, and those who are refused it, that are looked through for each refusal; of more, the oldest are
/// passed over.
const OPENS: usize = 1_024;
const REFUSED: usize = 256;
/// Byte ranges that are remembered of one open; with more, any range counts as locked.
const RANGES: usize = 16;

/// See the [module](self).
#[derive(Default)]
pub(super) struct Lane {
    opens: Numbers,
    /// Episodes that go on, one for each of those that are refused.
    drafts: Vec<Box<Draft>>,
    /// The last size and time that were seen. Boxed: most evidence shows none.
    facts: Option<Box<Facts>>,
    /// When somebody who could write closed it last.
    written: Moment,
}

/// The opens that there are of a file, by number; later ones have higher numbers.
#[derive(Default)]
struct Numbers {
    /// Most files are open once: no memory is taken for that.
    last: Option<u64>,
    before: BTreeSet<u64>,
}

impl Numbers {
    fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    fn insert(&mut self, number: u64) {
        match self.last.replace(number) {
            Some(last) if last != number => drop(self.before.insert(last)),
            _ => {}
        }
    }

    fn remove(&mut self, number: u64) {
        match self.last == Some(number) {
            true => self.last = self.before.pop_last(),
            false => drop(self.before.remove(&number)),
        }
    }

    /// The latest first.
    fn latest(&self) -> impl Iterator<Item = u64> {
        self.last.into_iter().chain(self.before.iter().rev().copied())
    }
}

/// An open that has not been closed.
pub(super) struct Open {
    pub(super) lane: LaneId,
    pub(super) party: Party,
    pub(super) mode: Mode,
    pub(super) from: Timestamp,
    /// The byte ranges it has locked.
    pub(super) ranges: Vec<Range>,
}

/// What names an open: readers number those of their input.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct OpenId {
    pub(super) input: usize,
    pub(super) number: u64,
}

/// Every open that there is.
pub(super) type Opens = HashMap<OpenId, Open, BuildHasherDefault<Mixed>>;

/// Hashes numbers that nobody outside chooses.
#[derive(Default)]
pub(super) struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64((*byte).into()));
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_u64(&mut self, number: u64) {
        // The golden ratio in 64 bits: neighbours fall far apart, in the upper bits above all.
        self.0 = (self.0.rotate_left(32) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

impl Open {
    pub(super) fn lock(&mut self, range: Range) {
        match self.ranges.len() {
            ..RANGES => self.ranges.push(range),
            _ => self.ranges[RANGES - 1] = Range { start: 0, length: u64::MAX },
        }
    }

    pub(super) fn unlock(&mut self, range: Range) {
        self.ranges.retain(|locked| *locked != range);
    }

    /// Whether this open stands in the way of `attempt`; said only when it is certain.
    fn excludes(&self, attempt: &Attempt) -> bool {
        match (attempt.range, attempt.wanted) {
            (Some(range), _) => self.ranges.iter().any(|locked| locked.overlaps(range)),
            (None, Some(wanted)) => self.mode.excludes(wanted) == Some(true),
            (None, None) => false,
        }
    }
}

impl Lane {
    /// The episodes that go on.
    pub(super) fn drafts(&self) -> impl Iterator<Item = &Box<Draft>> {
        self.drafts.iter()
    }

    /// The same, out of it.
    pub(super) fn into_drafts(self) -> impl Iterator<Item = Box<Draft>> {
        self.drafts.into_iter()
    }

    /// Whether nothing would be forgotten with it.
    pub(super) fn is_idle(&self) -> bool {
        self.opens.is_empty() && self.drafts.is_empty()
    }

    /// An attempt was refused; gives the episode that is over by this, if one is.
    pub(super) fn refused(
        &mut self,
        input: usize,
        sighting: &Sighting,
        attempt: &Attempt,
        opens: &Opens,
    ) -> Option<Box<Draft>> {
        let at = sighting.at;
        let known = self.drafts.iter().position(|draft| draft.is_of(&sighting.actor));
        let over = known.filter(|index| {
            let draft = &self.drafts[*index];
            match draft.over() {
                Some(end) => at.since(end) > REOPEN,
                None => draft.ceased_by(at),
            }
        });
        let finished = match over {
            Some(index) => Some(self.drafts.remove(index)),
            None if known.is_none() => self.make_room(),
            None => None,
        };
        let index = match known {
            Some(index) if over.is_none() => {
                self.drafts[index].refused(sighting, attempt);
                index
            }
            _ => {
                let mut draft = Box::new(Draft::begin(input, sighting, attempt));
                let closed = self.written.get().is_some_and(|closed| at.since(closed) <= AFTER_CLOSE);
                draft.episode.marks_mut().after_close = closed && is_lock(attempt.code.cause());
                // Mostly there is one.
                self.drafts.reserve_exact(1);
                self.drafts.push(draft);
                self.drafts.len() - 1
            }
        };
        let (draft, before) = (&mut self.drafts[index], self.facts.as_deref().copied());
        for number in self.opens.latest().take(OPENS) {
            let Some(open) = opens.get(&OpenId { input, number }) else { continue };
            let is_own = open.party.session != 0 && open.party.session == sighting.actor.session;
            if open.excludes(attempt) && !(is_own && attempt.range.is_some()) {
                draft.holds(number, open, is_own);
            }
        }
        if let Some(facts) = attempt.facts {
            draft.saw(at, before, facts);
            self.note(facts);
        }
        finished
    }

    /// A record tells of a whole episode; gives how many attempts were not counted before, and the episode that is
    /// over by this, if one is.
    pub(super) fn told(&mut self, input: usize, sighting: &Sighting, account: &Account) -> (u64, Option<Box<Draft>>) {
        let is_it = |draft: &Box<Draft>| draft.is_of(&sighting.actor) && account.first <= draft.episode.last();
        let (mut draft, before, finished) = match self.drafts.iter().position(is_it) {
            Some(index) => {
                let draft = self.drafts.remove(index);
                let before = draft.episode.attempts();
                (draft, before, None)
            }
            None => (Box::new(Draft::told(input, sighting, account)), 0, self.make_room()),
        };
        draft.follow(sighting, account);
        let more = draft.episode.attempts().saturating_sub(before);
        self.drafts.push(draft);
        (more.into(), finished)
    }

    /// The oldest episode, if there are too many that go on.
    fn make_room(&mut self) -> Option<Box<Draft>> {
        (self.drafts.len() >= REFUSED).then(|| self.drafts.remove(0))
    }

    /// An open succeeded: whoever was refused before, and wanted more than a look, has the file now.
    pub(super) fn opened(&mut self, sighting: &Sighting, open: u64, mode: Mode) {
        self.opens.insert(open);
        if mode.access != Access::Unknown || mode.deletes {
            self.taken(&sighting.actor, sighting.at);
        }
    }

    /// An open ended.
    pub(super) fn closed(&mut self, number: u64, open: &Open, at: Timestamp) {
        self.opens.remove(number);
        if open.mode.access.writes() == Some(true) {
            self.written = Some(at).into();
        }
        self.let_go(number, at);
    }

    /// The holder that has this open stands in nobody's way any more.
    pub(super) fn let_go(&mut self, number: u64, at: Timestamp) {
        self.drafts.iter_mut().for_each(|draft| draft.let_go(number, at));
    }

    /// What is neither an open nor a refusal. Where successes are seen, one of somebody else took the file away.
    pub(super) fn acted(&mut self, sighting: &Sighting, shows_successes: bool) {
        let Sighting { at, actor, act, .. } = sighting;
        match act {
            Act::Done => {
                self.taken(actor, *at);
                let others = self.drafts.iter_mut().filter(|draft| shows_successes && !draft.is_of(actor));
                others.for_each(|draft| draft.ends_by(&Sighting { act: Act::Gone, ..sighting.clone() }));
            }
            Act::Wrote { end, .. } => {
                let size = self.facts.as_ref().map_or(0, |facts| facts.size).max(*end);
                self.saw(*at, Facts { size, modified: at.0.saturating_mul(1000), identity: 0 });
            }
            Act::Saw(facts) => self.saw(*at, *facts),
            Act::GaveUp | Act::Gone | Act::Rejected(_) => {
                for draft in &mut self.drafts {
                    draft.ends_by(sighting);
                }
            }
            _ => {}
        }
    }

    fn saw(&mut self, at: Timestamp, facts: Facts) {
        let before = self.facts.as_deref().copied();
        for draft in &mut self.drafts {
            draft.saw(at, before, facts);
        }
        self.note(facts);
    }

    fn note(&mut self, facts: Facts) {
        match &mut self.facts {
            Some(known) => **known = facts,
            None => self.facts = Some(Box::new(facts)),
        }
    }

    fn taken(&mut self, actor: &Party, at: Timestamp) {
        for draft in self.drafts.iter_mut().filter(|draft| draft.is_of(actor)) {
            draft.taken(at);
        }
    }
}
