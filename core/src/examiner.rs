//! Old evidence: sightings become episodes, episodes a report.
//!
//! Each input is told in the order in which things happened in it. Inputs may overlap, and their clocks may differ:
//! [`Examiner::report`] puts together what belongs together.

#![expect(
    clippy::vec_box,
    clippy::borrowed_box,
    reason = "a vector of drafts that grows has room for three times as many"
)]

mod draft;
mod lane;
mod lanes;
mod merge;
mod report;

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::code::Cause;
use crate::observation::sighting::{Act, Sighting};
use crate::observation::{Holders, Name};
use crate::policy::Policy;
use crate::time::{Span, Timestamp};
use draft::Draft;
use lane::{Lane, Open, OpenId, Opens};
use lanes::Lanes;
pub use report::{Finding, InputReport, Report, Summary};

/// Names an input of an [`Examiner`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct InputId(usize);

/// Files that are remembered although nobody has them open and nobody was refused.
const LANES: usize = 1 << 16;
/// Opens that are remembered at a time.
const OPENS: usize = 1 << 20;
/// Episodes that are told one by one.
const EPISODES: usize = 250_000;
/// Records that name holders, and records that leave others out, remembered to be linked with episodes.
const CLAIMS: usize = 10_000;

/// Makes episodes of sightings and judges them. See the [module](self).
pub struct Examiner {
    policy: Policy,
    inputs: Vec<Examined>,
    lanes: Lanes,
    opens: Opens,
    drafts: Vec<Box<Draft>>,
    /// Refused attempts of episodes beyond those that are told one by one.
    beyond: u64,
}

/// What is known of an input apart from its episodes.
#[derive(Default)]
struct Examined {
    name: String,
    format: String,
    bytes: u64,
    records: u64,
    lock_failures: u64,
    warnings: Vec<String>,
    /// The latest time in it.
    latest: Timestamp,
    /// When it left records out.
    suppressed: BTreeSet<Timestamp>,
    claims: Vec<Claim>,
    /// It shows opens that succeed, not only failures.
    shows_successes: bool,
}

/// A record that says who had a file open.
struct Claim {
    at: Timestamp,
    path: Name,
    holders: Holders,
    record: String,
}

impl Examiner {
    /// An examiner that has seen nothing; it judges under `policy`. `seed` keys its hashing and changes nothing else: a
    /// random number keeps whoever chooses names of files from slowing it.
    pub fn new(policy: Policy, seed: u64) -> Examiner {
        Examiner {
            policy,
            inputs: Vec::new(),
            lanes: Lanes::new(seed),
            opens: Opens::default(),
            drafts: Vec::new(),
            beyond: 0,
        }
    }

    /// One more input, called `name` in the report.
    pub fn input(&mut self, name: &str) -> InputId {
        self.inputs.push(Examined { name: name.into(), ..Examined::default() });
        InputId(self.inputs.len() - 1)
    }

    /// Something could not be read of `input`, or is to be known about it.
    pub fn warn(&mut self, input: InputId, warning: String) {
        if let Some(input) = self.inputs.get_mut(input.0) {
            input.warnings.push(warning);
        }
    }

    /// `input` is of a kind that shows successes, not only failures: where none is seen, there was none. To be said
    /// before anything is [seen](Examiner::see) in it.
    pub fn shows_successes(&mut self, input: InputId) {
        if let Some(input) = self.inputs.get_mut(input.0) {
            input.shows_successes = true;
        }
    }

    /// How far reading `input` has come: its format, its bytes and records so far, and the latest time in it.
    pub fn progress(&mut self, input: InputId, format: &str, bytes: u64, records: u64, latest: Timestamp) {
        if let Some(input) = self.inputs.get_mut(input.0) {
            input.format = format.into();
            (input.bytes, input.records) = (bytes, records);
            input.latest = input.latest.max(latest);
        }
    }

    /// Refused attempts for a lock's sake so far, of all inputs.
    pub fn lock_failures(&self) -> u64 {
        self.inputs.iter().map(|input| input.lock_failures).sum()
    }

    /// The next thing that `input` shows.
    pub fn see(&mut self, input: InputId, sighting: &Sighting) {
        let Some(examined) = self.inputs.get_mut(input.0) else { return };
        examined.latest = examined.latest.max(sighting.at);
        let path = sighting.path.as_bytes();
        let open_of = |number| OpenId { input: input.0, number };
        match &sighting.act {
            Act::Refused(attempt) => {
                examined.lock_failures += u64::from(is_lock(attempt.code.cause()));
                let lane = self.lanes.at(input.0, path);
                let finished = self.lanes.get_mut(lane).refused(input.0, sighting, attempt, &self.opens);
                self.finish(finished);
            }
            Act::Told(account) => {
                let lane = self.lanes.at(input.0, path);
                let (more, finished) = self.lanes.get_mut(lane).told(input.0, sighting, account);
                examined.lock_failures += if is_lock(account.code.cause()) { more } else { 0 };
                self.finish(finished);
            }
            Act::Opened { open, mode } => {
                let id = open_of(*open);
                if let Some(lost) = self.opens.remove(&id) {
                    self.closed(&lost, *open, sighting.at);
                }
                if self.opens.len() < OPENS {
                    let (lane, mode) = (self.lanes.at(input.0, path), *mode);
                    self.lanes.get_mut(lane).opened(sighting, id.number, mode);
                    let (party, from) = (sighting.actor.clone(), sighting.at);
                    self.opens.insert(id, Open { lane, party, mode, from, ranges: Vec::new() });
                }
            }
            Act::Closed { open } => {
                if let Some(ended) = self.opens.remove(&open_of(*open)) {
                    self.closed(&ended, *open, sighting.at);
                }
            }
            Act::Locked { open, range } => {
                if let Some(open) = self.opens.get_mut(&open_of(*open)) {
                    open.lock(*range);
                }
            }
            Act::Unlocked { open: number, range } => {
                if let Some(open) = self.opens.get_mut(&open_of(*number)) {
                    open.unlock(*range);
                    self.lanes.get_mut(open.lane).let_go(*number, sighting.at);
                }
            }
            Act::Suppressed => {
                if examined.suppressed.len() < CLAIMS {
                    examined.suppressed.insert(sighting.at);
                }
            }
            Act::Held(holders) => {
                if examined.claims.len() < CLAIMS {
                    let Sighting { at, path, record, .. } = sighting;
                    let (path, holders, record) = (path.clone(), holders.clone(), record.clone());
                    examined.claims.push(Claim { at: *at, path, holders, record });
                }
            }
            Act::Wrote { .. } | Act::Saw(_) | Act::Done | Act::GaveUp | Act::Gone | Act::Rejected(_) => {
                let through = match sighting.act {
                    Act::Wrote { open, .. } if path.is_empty() => self.opens.get(&open_of(open)),
                    _ => None,
                };
                let lane = through.map(|open| open.lane).or_else(|| self.lanes.find(input.0, path));
                if let Some(lane) = lane {
                    self.lanes.get_mut(lane).acted(sighting, examined.shows_successes);
                }
            }
        }
    }

    /// What the evidence comes to so far. More may be seen afterwards, and a new report asked for.
    pub fn report(&self) -> Report {
        let running = self.lanes.in_order().flat_map(Lane::drafts);
        let drafts = self.drafts.iter().chain(running).cloned().collect();
        concluded(drafts, &self.inputs, self.beyond, &self.policy)
    }

    /// The same, when nothing more is seen: takes no memory for a second account of every episode.
    pub fn into_report(self) -> Report {
        let Examiner { policy, inputs, lanes, opens, mut drafts, beyond } = self;
        drop(opens);
        drafts.extend(lanes.into_drafts());
        concluded(drafts, &inputs, beyond, &policy)
    }

    fn closed(&mut self, open: &Open, number: u64, at: Timestamp) {
        let lane = self.lanes.get_mut(open.lane);
        lane.closed(number, open, at);
        if lane.is_idle() && self.lanes.len() > LANES {
            self.lanes.remove(open.lane);
        }
    }

    fn finish(&mut self, draft: Option<Box<Draft>>) {
        let Some(draft) = draft else { return };
        if self.drafts.len() < EPISODES {
            self.drafts.push(draft);
        } else {
            self.beyond += u64::from(draft.episode.attempts());
        }
    }
}

/// The report of all episodes; `beyond` are refused attempts of others.
fn concluded(drafts: Vec<Box<Draft>>, inputs: &[Examined], beyond: u64, policy: &Policy) -> Report {
    let mut reports: Vec<InputReport> = inputs.iter().map(Examined::report).collect();
    let drafts = merge::merge(drafts, inputs, &mut reports);
    if beyond > 0 {
        let note = format!("more than {EPISODES} episodes: {beyond} refusals of further ones are only counted");
        reports.iter_mut().for_each(|input| input.warnings.push(note.clone()));
    }
    report::report(drafts, reports, policy)
}

impl Examined {
    fn report(&self) -> InputReport {
        InputReport {
            name: self.name.clone(),
            format: self.format.clone(),
            bytes: self.bytes,
            records: self.records,
            lock_failures: self.lock_failures,
            warnings: self.warnings.clone(),
        }
    }
}

/// Whether attempts that fail for this cause are lock failures.
fn is_lock(cause: Cause) -> bool {
    matches!(cause, Cause::Lock | Cause::RangeLock | Cause::MaybeLock | Cause::Going)
}

/// The path as it is compared: lower case, one kind of separator, no long-path prefix.
fn fold(path: &[u8]) -> Vec<u8> {
    let mut folded = Vec::with_capacity(path.len());
    fold_into(path, &mut folded);
    folded
}

/// The same, in place of what is in `folded`.
fn fold_into(path: &[u8], folded: &mut Vec<u8>) {
    folded.clear();
    let foreign = if path.is_ascii() { None } else { core::str::from_utf8(path).ok() };
    match foreign {
        Some(text) => folded.extend_from_slice(text.to_lowercase().as_bytes()),
        None => {
            folded.extend_from_slice(path);
            folded.make_ascii_lowercase();
        }
    }
    // Without a branch, so that it goes many bytes at a time.
    folded.iter_mut().for_each(|byte| *byte = if *byte == b'/' { b'\\' } else { *byte });
    if folded.starts_with(b"\\\\?\\unc\\") {
        folded.drain(2..8);
    } else if folded.starts_with(b"\\\\?\\") {
        folded.drain(..4);
    }
}

/// The slack with which times of whole seconds and the like are compared.
const SLACK: Span = Span::from_secs(2);

#[cfg(test)]
mod tests;
