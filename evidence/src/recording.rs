//! Recordings of Lockwait itself: traces and the lines of `watch --json`.
//!
//! A trace is replayed through a router, for it names a file once and then only by its number. What is told are the
//! answers of the host, not what the router made of them.

use ahash::HashMap;
use lockwait_core::code::Code;
use lockwait_core::event::{End, EventKind, PickupId};
use lockwait_core::observation::sighting::{Account, Act, Attempt, Mode, Party, Share, Sighting};
use lockwait_core::observation::{Access, Content, Hint, Holder, Holders, Look, Name, Refusal, Scope};
use lockwait_core::pickup::Outcome;
use lockwait_core::router::{Options, Router};
use lockwait_core::time::{Span, Timestamp};
use lockwait_core::trace::{self, Input};
use serde::Deserialize;

use crate::findings::{Findings, Reader};
use crate::wording;

#[cfg(test)]
mod tests;

/// A longer line is passed over.
const LONGEST: usize = 1 << 20;
/// So many bytes of a line are kept as proof.
const PROOF: usize = 500;

/// Reader of recordings.
#[derive(Default)]
pub(crate) struct Recording {
    lines: u64,
    router: Option<Router>,
    places: HashMap<PickupId, Name>,
    looks: u64,
    is_skipping: bool,
}

/// A line of `watch --json`.
#[derive(Deserialize)]
struct Told {
    at: Instant,
    event: String,
    #[serde(default)]
    path: String,
    path_hex: Option<String>,
    to: Option<String>,
    to_hex: Option<String>,
    since: Option<Instant>,
    #[serde(default)]
    attempts: u32,
    code: Option<Code>,
    verdict: Option<ToldVerdict>,
    end: Option<End>,
}

#[derive(Deserialize)]
struct ToldVerdict {
    #[serde(default)]
    holders: Vec<Holder>,
    #[serde(default)]
    asked: String,
}

/// A point in time as [`Timestamp`] displays it: RFC 3339.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Instant(Timestamp);

impl TryFrom<String> for Instant {
    type Error = jiff::Error;
    fn try_from(text: String) -> Result<Instant, jiff::Error> {
        let at: jiff::Timestamp = text.parse()?;
        Ok(Instant(Timestamp(u64::try_from(at.as_microsecond()).unwrap_or(0))))
    }
}

impl Recording {
    pub(crate) fn new() -> Recording {
        Recording::default()
    }

    fn line(&mut self, bytes: &[u8], findings: &mut Findings) {
        self.lines += 1;
        let text = bytes.trim_ascii();
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        if text.is_empty() {
            return;
        }
        findings.records += 1;
        if let Err(error) = self.object(text, findings) {
            findings.warn(format_args!("line {}", self.lines), format_args!("it is no line of a recording: {error}"));
        }
    }

    fn object(&mut self, bytes: &[u8], findings: &mut Findings) -> Result<(), String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let proof = || wording::cut(text, PROOF).to_owned();
        if text.contains("\"event\":") && text.contains("\"at\":") {
            let line: Told = serde_json::from_str(text).map_err(|error| error.to_string())?;
            findings.reaches(line.at.0);
            for sighting in told(line) {
                findings.sightings.push(Sighting { record: proof(), ..sighting });
            }
        } else if text.contains("\"schema\":") {
            // Whatever is wrong with it, the lines that follow may be good.
            self.begin(Options::default());
            self.begin(trace::read_header(text)?);
        } else if text.contains("\"t\":") {
            let (at, input) = trace::read_input(text)?;
            if self.router.is_none() {
                let what = "the trace has lost its first line; files may be confused";
                findings.warn(format_args!("line {}", self.lines), what);
                self.begin(Options::default());
            }
            findings.reaches(at);
            self.step(at, input, &proof, findings);
        }
        Ok(())
    }

    fn begin(&mut self, options: Options) {
        self.router = Some(Router::new(options));
        self.places.clear();
    }

    fn step(&mut self, at: Timestamp, input: Input, proof: &dyn Fn() -> String, findings: &mut Findings) {
        let submitted = match &input {
            Input::Submit(arrival) => Some(arrival.place.path()),
            _ => None,
        };
        for (path, act) in self.acts(&input) {
            let record = match act {
                Act::Opened { .. } | Act::Closed { .. } | Act::Saw(_) => String::new(),
                _ => proof(),
            };
            findings.sightings.push(Sighting { at, resolution: Span::ZERO, path, actor: own(), act, record });
        }
        let Some(router) = &mut self.router else { return };
        // An answer that is refused now was refused when recorded, too.
        if let (Ok(Some(id)), Some(path)) = (input.apply(router, at), submitted) {
            self.places.insert(id, path);
        }
        while router.poll_action().is_some() {}
        while let Some(event) = router.poll_event() {
            if event.kind == EventKind::GaveUp && event.end == Some(End::Refused) {
                findings.sightings.push(sighting(at, event.path.clone(), Act::GaveUp, event.text()));
            }
            if let (Some(_), Some(id)) = (event.end, event.id) {
                self.places.remove(&id);
            }
        }
    }

    /// What an input shows.
    fn acts(&mut self, input: &Input) -> Vec<(Name, Act)> {
        match input {
            Input::Answer(id, outcome) => {
                let Some(path) = self.places.get(id).cloned() else { return Vec::new() };
                self.answer(outcome).into_iter().map(|act| (path.clone(), act)).collect()
            }
            Input::Hint(id, Hint::Removed) => {
                self.places.get(id).map(|path| (path.clone(), Act::Gone)).into_iter().collect()
            }
            Input::Cancel(id) => self.places.get(id).map(|path| (path.clone(), Act::GaveUp)).into_iter().collect(),
            Input::FolderLost(folder, code) => vec![(folder.clone(), Act::Refused(Attempt::new(*code)))],
            Input::FolderFound(folder) => vec![(folder.clone(), Act::Done)],
            _ => Vec::new(),
        }
    }

    fn answer(&mut self, outcome: &Outcome) -> Vec<Act> {
        match outcome {
            Outcome::Refused(refusal) => vec![Act::Refused(attempt(refusal))],
            Outcome::Changed(facts) => vec![Act::Refused(Attempt { facts: *facts, ..Attempt::new(Code::CHANGED) })],
            Outcome::Opened(look) => self.look(look),
            Outcome::Taken(_) => vec![Act::Done],
            Outcome::Holders(Holders::NotAsked) | Outcome::Rejected(_) => Vec::new(),
            Outcome::Holders(holders) => vec![Act::Held(holders.clone())],
            Outcome::Quarantined(to) => vec![Act::Rejected(to.clone())],
        }
    }

    /// Nobody stands in the way; but an unfinished content is waited out like a lock.
    fn look(&mut self, look: &Look) -> Vec<Act> {
        if look.content == Content::Incomplete {
            return vec![Act::Refused(Attempt { facts: Some(look.facts), ..Attempt::new(Code::UNFINISHED) })];
        }
        self.looks += 1;
        let mode = Mode { access: Access::Read, deletes: false, share: Some(Share::ALL) };
        vec![Act::Saw(look.facts), Act::Opened { open: self.looks, mode }, Act::Closed { open: self.looks }]
    }
}

impl Reader for Recording {
    fn read(&mut self, bytes: &[u8], is_end: bool, findings: &mut Findings) -> usize {
        let mut at = 0;
        while let Some(length) = memchr::memchr(b'\n', &bytes[at..]) {
            let line = &bytes[at..at + length];
            at += length + 1;
            if std::mem::take(&mut self.is_skipping) { self.lines += 1 } else { self.line(line, findings) }
        }
        let rest = &bytes[at..];
        if !is_end && rest.len() <= LONGEST {
            return at;
        }
        if rest.len() > LONGEST {
            if !self.is_skipping {
                findings
                    .warn(format_args!("line {}", self.lines + 1), "it is longer than a mebibyte and was passed over");
            }
            self.is_skipping = true;
        } else if !rest.is_empty() && !self.is_skipping {
            self.line(rest, findings);
        }
        bytes.len()
    }
}

fn own() -> Party {
    Party { name: "lockwait".into(), ..Party::default() }
}

fn sighting(at: Timestamp, path: Name, act: Act, record: String) -> Sighting {
    Sighting { at, resolution: Span::ZERO, path, actor: own(), act, record }
}

fn attempt(refusal: &Refusal) -> Attempt {
    Attempt { facts: refusal.facts.filter(|_| refusal.scope == Scope::File), ..Attempt::new(refusal.code) }
}

/// What a line of `watch --json` tells.
fn told(line: Told) -> Vec<Sighting> {
    let at = line.at.0;
    let path = name(line.path, line.path_hex);
    let mut acts = Vec::new();
    let holders = match line.verdict {
        Some(verdict) if verdict.asked == "asked" || !verdict.holders.is_empty() => Holders::Found(verdict.holders),
        _ => Holders::NotAsked,
    };
    let account = |released| {
        let first = line.since.map_or(at, |since| since.0);
        let code = line.code.filter(|_| line.attempts > 0)?;
        Some(Act::Told(Account { first, attempts: line.attempts, code, released, holders: holders.clone() }))
    };
    match line.event.as_str() {
        "acquired" => acts.push(account(true).unwrap_or(Act::Done)),
        "lock-held" => acts.extend(account(false)),
        "gave-up" => {
            acts.extend(account(false));
            acts.push(match (line.end, line.to) {
                (Some(End::Quarantined), Some(to)) => Act::Rejected(name(to, line.to_hex)),
                (Some(End::Gone), _) => Act::Gone,
                _ => Act::GaveUp,
            });
        }
        "folder-unreachable" => acts.extend(line.code.map(|code| Act::Refused(Attempt::new(code)))),
        "folder-reachable" => acts.push(Act::Done),
        _ => {}
    }
    // `to_json` writes whole milliseconds.
    let resolution = Span::from_millis(1);
    acts.into_iter().map(|act| Sighting { resolution, ..sighting(at, path.clone(), act, String::new()) }).collect()
}

/// A name: in hex where it is not UTF-8.
fn name(text: String, hex: Option<String>) -> Name {
    let bytes = hex.and_then(|hex| {
        let pairs = hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        pairs.collect::<Option<Vec<u8>>>()
    });
    bytes.map_or_else(|| Name::from(&text), Name::from)
}
