//! One episode while it is put together.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::SLACK;
use super::lane::Open;
use crate::episode::Episode;
use crate::observation::sighting::{Account, Act, Attempt, Party, Sighting};
use crate::observation::{Facts, Holder, Holders, Name, Refusal};
use crate::time::{Moment, Span, Timestamp};

/// Raw records that are kept: the first ones.
const RECORDS: usize = 5;
/// Holders that are kept.
const HOLDERS: usize = 16;
/// Times of attempts that are kept; with more, every second one is let go.
const TICKS: usize = 128;
/// Waits between attempts that the interval is made of: the first ones.
const WAITS: usize = 64;
/// Attempts so far apart are still of one episode, whatever the interval between them.
const GAP: Span = Span::from_secs(60);

/// See the [module](self).
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) input: usize,
    pub(super) path: Name,
    pub(super) actor: Party,
    pub(super) episode: Episode,
    pub(super) records: Vec<String>,
    pub(super) ticks: Vec<Timestamp>,
    /// When the file was had, or the attempts ended.
    over: Moment,
    /// The coarsest resolution of its times.
    pub(super) resolution: Span,
    holders: Vec<Held>,
    /// None yet of an episode with one attempt: there may be very many.
    pace: Option<Box<Pace>>,
}

/// How the attempts follow one another.
#[derive(Clone, Default)]
struct Pace {
    /// From each answer to the next question, in microseconds.
    waits: Vec<u64>,
    /// The longest pause that a record announced.
    pause: Span,
    /// Every `1 << thinned` th attempt is in `ticks`.
    thinned: u32,
}

/// A holder and the open by which it is known.
#[derive(Clone)]
struct Held {
    open: Option<u64>,
    holder: Holder,
}

impl Draft {
    /// An episode that begins with this attempt.
    pub(super) fn begin(input: usize, sighting: &Sighting, attempt: &Attempt) -> Draft {
        let Sighting { at, resolution, path, actor, .. } = sighting;
        let mut draft = Draft {
            input,
            path: path.clone(),
            actor: actor.clone(),
            episode: Episode::begin(*at, &refusal(attempt)),
            records: Vec::new(),
            ticks: alloc::vec![*at],
            over: Moment::default(),
            resolution: *resolution,
            holders: Vec::new(),
            pace: attempt.pause.map(|pause| Box::new(Pace { pause, ..Pace::default() })),
        };
        draft.keep_record(&sighting.record);
        draft
    }

    /// An episode that a record tells of; only its first attempt is counted yet.
    pub(super) fn told(input: usize, sighting: &Sighting, account: &Account) -> Draft {
        let begin = Sighting { at: account.first, record: String::new(), ..sighting.clone() };
        Draft::begin(input, &begin, &Attempt::new(account.code))
    }

    /// Whether this may be an episode of `actor`: nothing that is known of both differs.
    pub(super) fn is_of(&self, actor: &Party) -> bool {
        let differ = |one: &str, other: &str| !one.is_empty() && !other.is_empty() && one != other;
        let mine = &self.actor;
        !differ(&mine.name, &actor.name)
            && (mine.pid.is_none() || actor.pid.is_none() || mine.pid == actor.pid)
            && !differ(mine.address.as_deref().unwrap_or(""), actor.address.as_deref().unwrap_or(""))
    }

    /// When the file was had, or the attempts ended.
    pub(super) fn over(&self) -> Option<Timestamp> {
        self.over.get()
    }

    /// Whether an attempt at this time, or the end of the input, is too late to belong to this episode.
    pub(super) fn ceased_by(&self, at: Timestamp) -> bool {
        let wait = at.since(self.episode.last());
        // The usual case needs no interval.
        wait > GAP && wait > self.patience()
    }

    /// How long after its last attempt a further one still belongs to it.
    fn patience(&self) -> Span {
        let usual = self.interval().unwrap_or_default();
        let pause = self.pace.as_ref().map_or(Span::ZERO, |pace| pace.pause);
        GAP.max(Span(usual.0.saturating_mul(8))).max(pause.doubled())
    }

    /// One more refused attempt.
    pub(super) fn refused(&mut self, sighting: &Sighting, attempt: &Attempt) {
        let at = sighting.at;
        let pace = self.pace.get_or_insert_default();
        if pace.waits.len() < WAITS {
            let asked = Timestamp(at.0.saturating_sub(attempt.latency.unwrap_or_default().0));
            pace.waits.push(asked.since(self.episode.last()).0);
        }
        pace.pause = pace.pause.max(attempt.pause.unwrap_or_default());
        self.episode.refused(at, &refusal(attempt));
        self.over = Moment::default();
        self.resolution = self.resolution.max(sighting.resolution);
        if (self.episode.attempts() - 1).is_multiple_of(1 << pace.thinned) {
            self.ticks.push(at);
        }
        if self.ticks.len() > TICKS {
            let mut index = 0;
            self.ticks.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            pace.thinned += 1;
        }
        self.keep_record(&sighting.record);
    }

    /// What a record tells of this episode.
    pub(super) fn follow(&mut self, sighting: &Sighting, account: &Account) {
        let more = account.attempts.saturating_sub(self.episode.attempts());
        self.episode.refused_times(sighting.at, &refusal(&Attempt::new(account.code)), more);
        self.resolution = self.resolution.max(sighting.resolution);
        self.keep_record(&sighting.record);
        for holder in account.holders.list() {
            self.add(None, holder.clone());
        }
        if self.episode.holders().list().is_empty() {
            self.episode.identified(account.holders.clone());
        }
        if account.released {
            self.taken(sighting.at);
        }
    }

    /// `open` stands in the way.
    pub(super) fn holds(&mut self, number: u64, open: &Open, is_own: bool) {
        if self.holders.iter().any(|held| held.open == Some(number)) {
            return;
        }
        let Party { name, pid, address, .. } = &open.party;
        self.add(
            Some(number),
            Holder {
                name: String::from(&**name),
                pid: *pid,
                address: address.as_deref().map(String::from),
                access: open.mode.access,
                share: open.mode.share.map_or("", |share| share.words()).into(),
                own: is_own,
                from: Some(open.from),
                ..Holder::default()
            },
        );
    }

    /// A record says that these have it open.
    pub(super) fn claimed(&mut self, holders: &Holders, record: &str) {
        for holder in holders.list() {
            self.add(None, holder.clone());
        }
        if self.episode.holders().list().is_empty() {
            self.episode.identified(holders.clone());
        }
        self.keep_record(record);
    }

    /// The open of this number is in nobody's way any more.
    pub(super) fn let_go(&mut self, number: u64, at: Timestamp) {
        let held = self.holders.iter_mut().find(|held| held.open == Some(number) && held.holder.to.is_none());
        if let Some(held) = held {
            held.holder.to = Some(at);
        }
    }

    /// The file was had.
    pub(super) fn taken(&mut self, at: Timestamp) {
        if self.over().is_none() {
            self.over = Some(at).into();
            // Where the holder was seen to let go, that is when the lock ended; a success is only noticed later.
            let ended = self.let_go_at().filter(|end| *end >= self.episode.last());
            self.episode.opened(ended.unwrap_or(at));
        }
    }

    /// The size or time of the file moved from `before` to `facts`.
    pub(super) fn saw(&mut self, at: Timestamp, before: Option<Facts>, facts: Facts) {
        // What is seen first says nothing of a change, unless the file was empty for all that is known.
        let before = before.unwrap_or(facts);
        if self.over().is_none() {
            self.episode.saw(at, before, facts);
        }
    }

    /// It ends without the file being had.
    pub(super) fn ends_by(&mut self, sighting: &Sighting) {
        if self.over().is_some() {
            return;
        }
        match sighting.act {
            Act::GaveUp | Act::Rejected(_) if self.is_of(&sighting.actor) => self.episode.marks_mut().gave_up = true,
            Act::Gone => {
                self.episode.marks_mut().vanished = true;
                self.over = Some(sighting.at).into();
            }
            _ => return,
        }
        self.keep_record(&sighting.record);
    }

    /// The usual time from an attempt's answer to the next attempt; `None` when it cannot be told.
    pub(super) fn interval(&self) -> Option<Span> {
        if self.resolution > Span::ZERO {
            // Single waits are lost in the rounding; over many attempts it averages out.
            let waits = u64::from(self.episode.attempts()).checked_sub(1)?;
            let time = self.episode.last().since(self.episode.first());
            return (waits >= 2 && time >= self.resolution.doubled()).then(|| Span(time.0 / waits));
        }
        let mut waits = self.pace.as_ref()?.waits.clone();
        waits.sort_unstable();
        waits.get(waits.len() / 2).map(|wait| Span(*wait))
    }

    /// Nothing more comes; the input goes on until `latest`, and shows successes or does not.
    pub(super) fn conclude(&mut self, latest: Timestamp, shows_successes: bool) {
        if self.over().is_none() {
            if let Some(at) = self.let_go_at().filter(|end| *end >= self.episode.last()) {
                self.episode.opened(at);
            } else if self.ceased_by(latest) {
                self.episode.marks_mut().ceased = true;
                // Where a success would have been seen, there was none.
                self.episode.marks_mut().gave_up |= shows_successes;
            }
        }
    }

    /// Everything is put together: the holders that were found are the episode's.
    pub(super) fn identify(&mut self) {
        let found = core::mem::take(&mut self.holders);
        if !found.is_empty() {
            self.episode.identified(Holders::Found(found.into_iter().map(|held| held.holder).collect()));
        }
    }

    /// Takes over what `other`, another account of the same episode, knows better or besides.
    pub(super) fn absorb(&mut self, other: Box<Draft>) {
        let slack = Span(SLACK.0 + self.resolution.0 + other.resolution.0);
        self.episode.join(&other.episode, slack);
        self.over = self.over().or(other.over()).into();
        for held in other.holders {
            self.add(held.open, held.holder);
        }
        for record in other.records {
            self.keep_record(&record);
        }
        if self.actor.name.is_empty() {
            self.actor.name = other.actor.name;
        }
        self.actor.pid = self.actor.pid.or(other.actor.pid);
        self.actor.address = self.actor.address.take().or(other.actor.address);
        if self.path.as_bytes().len() < other.path.as_bytes().len() {
            self.path = other.path;
        }
    }

    /// Moves every time by so many microseconds.
    pub(super) fn shift(&mut self, by: i64) {
        let moved = |at: &mut Timestamp| *at = Timestamp(at.0.saturating_add_signed(by));
        self.episode.shift(by);
        let mut over = self.over();
        self.ticks.iter_mut().chain(&mut over).for_each(moved);
        self.over = over.into();
        for held in &mut self.holders {
            held.holder.from.iter_mut().chain(&mut held.holder.to).for_each(moved);
        }
    }

    /// When the last of the opens that stood in the way was closed; `None` while one is not, or when none is known.
    fn let_go_at(&self) -> Option<Timestamp> {
        let ends = self.holders.iter().filter(|held| held.open.is_some()).map(|held| held.holder.to);
        ends.reduce(|one, other| Some(one?.max(other?))).flatten()
    }

    fn add(&mut self, open: Option<u64>, holder: Holder) {
        let same = |known: &Holder| {
            known.pid == holder.pid && known.name.eq_ignore_ascii_case(&holder.name) && known.address == holder.address
        };
        let is_new = open.is_some() || !self.holders.iter().any(|held| same(&held.holder));
        if is_new && self.holders.len() < HOLDERS {
            // Most have one.
            self.holders.reserve_exact(1);
            self.holders.push(Held { open, holder });
        }
    }

    fn keep_record(&mut self, record: &str) {
        if self.records.len() < RECORDS && !record.is_empty() {
            self.records.reserve_exact(1);
            self.records.push(record.into());
        }
    }
}

/// The refusal that the episode counts.
fn refusal(attempt: &Attempt) -> Refusal {
    Refusal { facts: attempt.facts, ..Refusal::new(attempt.code) }
}
