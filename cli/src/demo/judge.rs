//! What became of each part, held against the truth.

use std::fs::File;
use std::path::Path;

use lockwait_core::event::{Event, EventKind};
use lockwait_core::time::Span;
use lockwait_core::verdict::{Advice, Kind, Verdict};
use serde::{Serialize, Serializer};

use super::Heard;
use super::cast::{Part, file_name};
use crate::actor::content;

/// The verdict on a file that was looked at in the very moment of being written, which is nothing but the truth.
const WRITING: (Kind, Advice) = (Kind::WriterFinishing, Advice::Ignore);

/// How a part's files arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Arrival {
    /// Every one with the digest of what was written, exactly once.
    Whole,
    /// One is not at the destination.
    Missing,
    /// One is not what was written.
    Damaged,
    /// One was taken more than once.
    Doubled,
}

/// What became of one part.
#[derive(Serialize)]
pub(super) struct Outcome {
    pub(super) file: &'static str,
    /// How many files it has.
    pub(super) files: usize,
    pub(super) arrived: Arrival,
    /// The longest episode of any of its files.
    #[serde(rename = "waited_ms", serialize_with = "milliseconds")]
    pub(super) waited: Span,
    /// Refused attempts on the file that had most.
    pub(super) attempts: u32,
    /// Ids of the events that go to the event log.
    pub(super) logged: Vec<u16>,
    /// Of the report that somebody should look, or else of the last episode.
    pub(super) verdict: Option<Verdict>,
    pub(super) truth: &'static str,
    /// The kind that the verdict should be of; `None` when nothing holds the file.
    pub(super) should: Option<Kind>,
    /// Whether kind and advice are what the truth asks for.
    pub(super) fits: bool,
}

impl Outcome {
    /// Whether it is as it should be.
    pub(super) fn is_right(&self) -> bool {
        self.arrived == Arrival::Whole && self.fits
    }
}

/// Holds what was heard of `part`, and its files at `destination`, against the truth.
pub(super) fn judge(part: &'static Part, destination: &Path, heard: &Heard) -> Outcome {
    let events: Vec<&Event> = heard.events.iter().filter(|event| part.has(event)).collect();
    let last = |kind| events.iter().rev().find(|event| event.kind == kind && event.verdict.is_some());
    let telling = last(EventKind::LockHeld).or_else(|| last(EventKind::Acquired));
    let verdict = telling.and_then(|event| event.verdict.clone());
    let decided = verdict.as_ref().map(|verdict| (verdict.kind, verdict.advice));
    Outcome {
        file: part.name(),
        files: part.files.len(),
        arrived: arrival(part, destination, heard, &events),
        waited: events.iter().map(|event| event.waited).max().unwrap_or_default(),
        attempts: events.iter().map(|event| event.attempts).max().unwrap_or_default(),
        logged: events.iter().filter(|event| !event.routine).map(|event| event.kind.id()).collect(),
        verdict,
        truth: part.truth,
        should: part.verdict.map(|(kind, _)| kind),
        fits: decided == part.verdict || (part.verdict.is_none() && decided == Some(WRITING)),
    }
}

/// The worst that happened to any of the part's files.
fn arrival(part: &Part, destination: &Path, heard: &Heard, events: &[&Event]) -> Arrival {
    let digest = |name: &str| File::open(destination.join(name)).and_then(content::digest).ok();
    for name in part.files {
        let is_taking = |event: &&&Event| event.kind == EventKind::Acquired && file_name(&event.path) == *name;
        match (events.iter().filter(is_taking).count(), digest(name)) {
            (0, _) | (_, None) => return Arrival::Missing,
            (1, Some(digest)) if heard.written.get(*name) == Some(&digest) => {}
            (1, Some(_)) => return Arrival::Damaged,
            _ => return Arrival::Doubled,
        }
    }
    Arrival::Whole
}

fn milliseconds<S: Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(span.as_millis())
}
