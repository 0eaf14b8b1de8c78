//! A bounded-size account of one episode.
//!
//! However many attempts an episode has, its account stays as small as for one: counts, extremes and last values.

use crate::code::Code;
use crate::json::record;
use crate::observation::{Access, Facts, Holders, Method, Refusal};
use crate::time::{Moment, Span, Timestamp};

/// How many different codes an episode counts one by one; attempts with further codes are counted together.
const CODES: usize = 3;

/// A run of refused attempts on one file, from the first refusal to the open that succeeds (or the end of the
/// evidence). A look that finds the content without its own end counts as refused with `lockwait:unfinished`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Episode {
    first: Timestamp,
    last: Timestamp,
    active: Timestamp,
    released: Moment,
    reading: Moment,
    attempts: u32,
    codes: [Option<(Code, u32)>; CODES],
    last_code: Code,
    grown: u64,
    neighbours: u32,
    holders: Holders,
    access: Access,
    method: Method,
    recurs: u8,
    marks: Marks,
}

/// Yes-or-no findings of an episode.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Marks {
    /// The file grew while it was held.
    pub grew: bool,
    /// Its time of last modification moved while it was held.
    pub touched: bool,
    /// It became smaller, or another file took its name.
    pub replaced: bool,
    /// Its content was seen without its own end.
    pub unfinished: bool,
    /// Some attempts may have gone unseen: counts are lower bounds.
    pub lower_bound: bool,
    /// The writer had closed the file shortly before the first refusal.
    pub after_close: bool,
    /// The file went away while it was held.
    pub vanished: bool,
    /// Whoever was refused said that it tries no more.
    pub gave_up: bool,
    /// The attempts ended, and what came of it was not seen, though the evidence goes on.
    pub ceased: bool,
}

impl Episode {
    /// An episode that begins with this refusal.
    pub fn begin(at: Timestamp, refusal: &Refusal) -> Episode {
        let mut episode = Episode {
            first: at,
            last: at,
            active: at,
            released: Moment::default(),
            reading: Moment::default(),
            attempts: 0,
            codes: [None; CODES],
            last_code: refusal.code,
            grown: 0,
            neighbours: 0,
            holders: Holders::NotAsked,
            access: Access::Unknown,
            method: Method::Unknown,
            recurs: 0,
            marks: Marks::default(),
        };
        episode.refused(at, refusal);
        episode
    }

    /// One more refused attempt. The episode goes on, even when it looked released.
    pub fn refused(&mut self, at: Timestamp, refusal: &Refusal) {
        self.refused_times(at, refusal, 1);
    }

    /// So many more refused attempts, the last of them at `at`.
    pub fn refused_times(&mut self, at: Timestamp, refusal: &Refusal, times: u32) {
        self.last = self.last.max(at);
        self.released = Moment::default();
        self.attempts = self.attempts.saturating_add(times);
        self.last_code = refusal.code;
        self.marks.unfinished |= refusal.code == Code::UNFINISHED;
        let place = self.codes.iter_mut().find(|slot| slot.is_none_or(|(code, _)| code == refusal.code));
        if let Some(slot) = place {
            let (_, count) = slot.get_or_insert((refusal.code, 0));
            *count = count.saturating_add(times);
        }
        match refusal.access.writes() {
            Some(true) => self.reading = Moment::default(),
            Some(false) if self.reading.get().is_none() => self.reading = Some(at).into(),
            Some(false) | None => {}
        }
        if refusal.access != Access::Unknown {
            self.access = refusal.access;
        }
        if refusal.method != Method::Unknown {
            self.method = refusal.method;
        }
    }

    /// Moves every time by so many microseconds: the clock they were read from was wrong by that.
    pub fn shift(&mut self, by: i64) {
        let moved = |at: Timestamp| Timestamp(at.0.saturating_add_signed(by));
        self.first = moved(self.first);
        self.last = moved(self.last);
        self.active = moved(self.active);
        self.released = self.released.get().map(moved).into();
        self.reading = self.reading.get().map(moved).into();
    }

    /// Takes over what `other`, an account of the same episode from another source, knows besides. Where both know the
    /// beginning or the end, those of this one stay that differ by `slack` at most.
    pub fn join(&mut self, other: &Episode, slack: Span) {
        let begins_before = |one: &Episode, other: &Episode| one.first + slack < other.first;
        let ends_behind = |one: &Episode, other: &Episode| one.last > other.last + slack;
        let reaches_beyond = |one: &Episode, other: &Episode| begins_before(one, other) || ends_behind(one, other);
        // Neither has all of it.
        let is_partial = reaches_beyond(self, other) && reaches_beyond(other, self);
        // Where one has no more attempts, the other may.
        let ceased = self.marks.ceased && !ends_behind(other, self) || other.marks.ceased && !ends_behind(self, other);
        let released = self.released().or(other.released());
        if begins_before(other, self) {
            self.first = other.first;
        }
        let last = if ends_behind(other, self) { other.last } else { self.last };
        let more = other.attempts.saturating_sub(self.attempts);
        self.refused_times(last, &Refusal::new(self.last_code), more);
        if let Some(at) = released {
            self.opened(at);
        }
        // Who saw no change has the first refusal there.
        let seen = [&*self, other].into_iter().filter(|one| one.marks.grew || one.marks.touched);
        self.active = seen.map(|one| one.active).max().unwrap_or(self.first);
        self.grown = self.grown.max(other.grown);
        if self.access == Access::Unknown {
            (self.access, self.method, self.reading) = (other.access, other.method, other.reading);
        }
        if self.holders == Holders::NotAsked {
            self.holders = other.holders.clone();
        }
        let (marks, theirs) = (&mut self.marks, other.marks);
        marks.grew |= theirs.grew;
        marks.touched |= theirs.touched;
        marks.replaced |= theirs.replaced;
        marks.unfinished |= theirs.unfinished;
        marks.lower_bound |= theirs.lower_bound || is_partial;
        marks.after_close |= theirs.after_close;
        marks.vanished |= theirs.vanished;
        marks.gave_up |= theirs.gave_up;
        marks.ceased = ceased;
    }

    /// A look at `at` found the file as `facts`; the look before had found it as `before`.
    pub fn saw(&mut self, at: Timestamp, before: Facts, facts: Facts) {
        let (grew, touched) = (facts.size > before.size, facts.modified != before.modified);
        let other = facts.identity != before.identity && facts.identity != 0 && before.identity != 0;
        self.marks.grew |= grew;
        self.marks.touched |= touched;
        self.marks.replaced |= other || facts.size < before.size;
        self.grown = self.grown.saturating_add(facts.size.saturating_sub(before.size));
        if grew || touched || other {
            self.active = self.active.max(at);
        }
    }

    /// An open succeeded: the episode is over, unless the file is refused again before it is taken. Where the times of
    /// the evidence go backwards, that is no earlier than the last refusal.
    pub fn opened(&mut self, at: Timestamp) {
        if self.released.get().is_none() {
            self.released = Some(at.max(self.last)).into();
        }
    }

    /// Somebody answered who holds the file. An answer that names holders is kept over a later one that does not.
    pub fn identified(&mut self, holders: Holders) {
        if self.holders.list().is_empty() || !holders.list().is_empty() {
            self.holders = holders;
        }
    }

    /// How many other files of the folder were refused at about the same time.
    pub fn beside(&mut self, neighbours: u32) {
        self.neighbours = self.neighbours.max(neighbours);
    }

    /// On how many earlier days files of this folder were held at this time of day.
    pub fn recurring(&mut self, days: u8) {
        self.recurs = self.recurs.max(days);
    }

    /// The findings, for the observer to add to.
    pub fn marks_mut(&mut self) -> &mut Marks {
        &mut self.marks
    }

    /// The findings.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// The first refusal.
    pub fn first(&self) -> Timestamp {
        self.first
    }

    /// The last refusal so far.
    pub fn last(&self) -> Timestamp {
        self.last
    }

    /// The open that succeeded; `None` while the file is held or when the evidence ends first.
    pub fn released(&self) -> Option<Timestamp> {
        self.released.get()
    }

    /// Since when every refusal that could tell came from somebody who only reads.
    pub fn reading(&self) -> Option<Timestamp> {
        self.reading.get()
    }

    /// From the first refusal to the release, or to the last refusal while there is none.
    pub fn held(&self) -> Span {
        self.released.get().unwrap_or(self.last).since(self.first)
    }

    /// When the file last grew or was touched; the first refusal when it never did.
    pub fn active(&self) -> Timestamp {
        self.active
    }

    /// Refused attempts.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The codes that were counted one by one, with their counts, in order of first appearance.
    pub fn codes(&self) -> impl Iterator<Item = (Code, u32)> + '_ {
        self.codes.iter().flatten().copied()
    }

    /// What the last refused attempt failed with.
    pub fn last_code(&self) -> Code {
        self.last_code
    }

    /// Bytes by which the file grew while it was held.
    pub fn grown(&self) -> u64 {
        self.grown
    }

    /// The holder's access as the probe could tell it.
    pub fn access(&self) -> Access {
        self.access
    }

    /// The way of asking that met the last refusal.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Who holds it.
    pub fn holders(&self) -> &Holders {
        &self.holders
    }

    /// See [`Episode::beside`].
    pub fn neighbours(&self) -> u32 {
        self.neighbours
    }

    /// See [`Episode::recurring`].
    pub fn recurs(&self) -> u8 {
        self.recurs
    }
}

record!(
    Episode,
    Episode::begin(Timestamp::blank(), &Refusal::new(Code::blank())),
    first,
    last,
    active,
    released,
    reading,
    attempts,
    codes,
    last_code,
    grown,
    neighbours,
    holders,
    access,
    method,
    recurs,
    marks,
);
record!(
    Marks, Marks::default(), grew, touched, replaced, unfinished, lower_bound, after_close, vanished, gave_up "?",
    ceased "?",
);

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal() -> Refusal {
        Refusal::new(Code::win32(32))
    }

    fn facts(size: u64) -> Facts {
        Facts { size, modified: size, identity: 7 }
    }

    #[test]
    fn growth_is_added_up_and_moves_the_time_of_last_activity() {
        let mut episode = Episode::begin(Timestamp(10), &refusal());
        episode.saw(Timestamp(20), facts(5), facts(9));
        episode.saw(Timestamp(30), facts(9), facts(9));
        assert_eq!((episode.grown(), episode.active()), (4, Timestamp(20)));
        assert!(episode.marks().grew && episode.marks().touched && !episode.marks().replaced);
    }

    #[test]
    fn a_refusal_after_a_tentative_release_continues_the_episode() {
        let mut episode = Episode::begin(Timestamp(10), &refusal());
        episode.opened(Timestamp(20));
        assert_eq!(episode.released(), Some(Timestamp(20)));
        episode.refused(Timestamp(30), &refusal());
        assert_eq!(episode.released(), None);
        assert_eq!(episode.held(), Span(20));
    }

    #[test]
    fn a_release_is_never_before_the_last_refusal() {
        let mut episode = Episode::begin(Timestamp(10), &refusal());
        episode.opened(Timestamp(5));
        assert_eq!((episode.released(), episode.held()), (Some(Timestamp(10)), Span(0)));
    }

    #[test]
    fn codes_beyond_the_counted_ones_still_count_as_attempts() {
        let mut episode = Episode::begin(Timestamp(0), &Refusal::new(Code::win32(1)));
        for value in 2..10 {
            episode.refused(Timestamp(value), &Refusal::new(Code::win32(value as u32)));
        }
        assert_eq!(episode.attempts(), 9);
        assert_eq!(episode.codes().count(), CODES);
    }

    #[test]
    fn a_named_holder_is_not_forgotten_for_a_later_empty_answer() {
        let mut episode = Episode::begin(Timestamp(0), &refusal());
        let holder = crate::observation::Holder { name: "clamd".into(), ..Default::default() };
        episode.identified(Holders::Found(alloc::vec![holder]));
        episode.identified(Holders::Found(alloc::vec![]));
        assert_eq!(episode.holders().list().len(), 1);
    }
}
