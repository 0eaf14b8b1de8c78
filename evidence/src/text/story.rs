//! What the records of a log tell of files, one after the other.

use std::borrow::Cow;

use ahash::HashMap;
use lockwait_core::observation::sighting::{Act, Attempt, Party, Sighting};
use lockwait_core::observation::{Holder, Holders, Name};
use lockwait_core::time::{Span, Timestamp};

use super::actor;
use super::awaited::Awaited;
use super::clock::{Moment, Queue};
use super::reading::{Memory, Reading};
use crate::findings::Findings;
use crate::wording::{self, Failure, Omission};

/// So many bytes of a record are kept as proof.
const PROOF: usize = 500;
/// Handlers that hand a failure on to each other log it within this time.
const NESTED: Span = Span::from_millis(20);
/// So many files are remembered at a time.
const FILES: usize = 4096;
/// So often a repeated message is counted; what is beyond makes the count a lower bound.
const REPEATS: u32 = 1_000;
/// Without any time stamp, a time is no more exact than this.
const A_DAY: Span = Span::from_secs(86_400);

#[derive(Default)]
pub(super) struct Story {
    files: HashMap<String, File>,
    /// Files whose retry was announced.
    awaited: Awaited,
    /// The last failure, while nothing came after it.
    last: Option<Sighting>,
    is_next: bool,
    pub(super) queue: Queue,
    memory: Memory,
    said_timeless: bool,
}

/// What was last told of a file.
struct File {
    at: Timestamp,
    /// In these words.
    words: Vec<u64>,
    number: Option<u32>,
    /// The last record announced another attempt.
    is_announced: bool,
    /// Some record did; [`Act::Done`] is expected.
    is_retried: bool,
}

impl Story {
    /// Whether a record of success may end what a record of failure began.
    pub(super) fn is_waiting(&self) -> bool {
        !self.awaited.is_empty()
    }

    /// Whether a record without a failure names one of the files whose end may be told.
    pub(super) fn awaits(&self, bytes: &[u8]) -> bool {
        self.awaited.named(bytes).is_some()
    }

    /// Other lines came by.
    pub(super) fn passed(&mut self) {
        self.is_next = false;
    }

    /// Reads one record, the stamp of which ends at `stamp`.
    pub(super) fn tell(
        &mut self,
        bytes: &[u8],
        stamp: usize,
        moment: Option<Moment>,
        line: u64,
        findings: &mut Findings,
    ) {
        // Nearly always it is, which is seen much faster.
        let text = str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
        let first = text.lines().next().unwrap_or_default();
        let actor = actor::read(first, first.get(stamp..).unwrap_or_default());
        let telling = Telling { text: &text, body: text.get(stamp..).unwrap_or_default(), actor, moment };
        let reading = self.memory.read(telling.body.trim_end());
        if reading.failures.is_empty() {
            self.tell_rest(&telling, &reading, findings);
        } else {
            if moment.is_none() && !self.said_timeless {
                self.said_timeless = true;
                findings.warn(format_args!("line {line}"), "no time stamp stands here or before; times are not known");
            }
            for failure in &reading.failures {
                self.fail(&telling, failure, &reading, findings);
            }
            self.end(&telling, &reading, findings);
        }
        self.is_next = true;
    }

    fn fail(&mut self, telling: &Telling<'_>, failure: &Failure, reading: &Reading, findings: &mut Findings) {
        let path = failure.path.as_deref().unwrap_or_default();
        let at = telling.at();
        let (words, retry) = (reading.fingerprint, reading.retry);
        let number = retry.and_then(|retry| retry.number);
        let is_next = self.is_next;
        let is_again = self.files.contains_key(path);
        if !is_again {
            if self.files.len() >= FILES {
                self.files.clear();
                self.awaited.clear();
            }
            let file = File { at, words: Vec::new(), number: None, is_announced: false, is_retried: false };
            self.files.insert(path.to_owned(), file);
        }
        let Some(file) = self.files.get_mut(path) else { return };
        let apart = if at > file.at { at.since(file.at) } else { file.at.since(at) };
        let is_close = if telling.moment.is_none() { is_next } else { apart <= NESTED };
        // Another number is another attempt; and who announced one more and now gives up has made it.
        let is_counted_on = number.is_some() && file.number.is_some() && number != file.number;
        let is_new = is_counted_on || (file.is_announced && reading.gives_up);
        let is_same = is_close && !is_new && !file.words.is_empty() && !file.words.contains(&words);
        if !is_same {
            file.words.clear();
        }
        if file.words.len() < 32 {
            file.words.push(words);
        }
        file.at = at;
        file.number = number.or(file.number);
        file.is_announced = retry.is_some();
        // Whoever tries a second time may succeed, or give up, and say so.
        if (retry.is_some() || (is_again && !is_same)) && !file.is_retried {
            file.is_retried = true;
            self.awaited.add(path);
        }
        if is_same {
            return;
        }
        let attempt = Attempt { pause: retry.and_then(|retry| retry.pause), ..Attempt::new(failure.code) };
        let sighting = telling.sighting(path, Act::Refused(attempt));
        let again = match reading.omission {
            Some(Omission::Repeated(count)) => count.clamp(1, REPEATS),
            _ => 1,
        };
        for _ in 0..again {
            self.queue.give(sighting.clone(), telling.moment, findings);
        }
        self.last = Some(sighting);
    }

    /// Holders, giving up: what a record of failure says besides.
    fn end(&mut self, telling: &Telling<'_>, reading: &Reading, findings: &mut Findings) {
        let path = reading.failures.first().and_then(|failure| failure.path.as_deref()).unwrap_or_default();
        if !reading.holders.is_empty() {
            let act = Act::Held(Holders::Found(reading.holders.clone()));
            self.queue.give(telling.sighting(path, act), telling.moment, findings);
        }
        if reading.gives_up {
            self.queue.give(telling.sighting(path, Act::GaveUp), telling.moment, findings);
            // Whoever is told of the end may log the failure once more.
            if let Some(file) = self.files.get_mut(path).filter(|file| file.is_retried) {
                file.is_retried = false;
                self.awaited.remove(path);
            }
        }
    }

    /// What a record without a failure tells.
    fn tell_rest(&mut self, telling: &Telling<'_>, reading: &Reading, findings: &mut Findings) {
        if wording::is_own_lock(telling.text) {
            let own = Holder {
                name: String::from(&*telling.actor.name),
                pid: telling.actor.pid,
                own: true,
                ..Holder::default()
            };
            let act = Act::Held(Holders::Found(vec![own]));
            return self.queue.give(telling.sighting("", act), telling.moment, findings);
        }
        match reading.omission {
            Some(Omission::Repeated(count)) if self.is_next => {
                if let Some(last) = self.last.clone() {
                    let at = telling.at();
                    let again = Sighting { at, resolution: at.since(last.at).max(telling.resolution()), ..last };
                    for _ in 0..count.min(REPEATS) {
                        self.queue.give(again.clone(), telling.moment, findings);
                    }
                    if count > REPEATS {
                        self.queue.give(telling.sighting("", Act::Suppressed), telling.moment, findings);
                    }
                }
                return;
            }
            Some(Omission::Suppressed(_)) => {
                return self.queue.give(telling.sighting("", Act::Suppressed), telling.moment, findings);
            }
            _ => {}
        }
        let end = match () {
            () if self.awaited.is_empty() => None,
            () if reading.gives_up => Some(Act::GaveUp),
            () if wording::succeeds(telling.text) => Some(Act::Done),
            () => None,
        };
        if let Some(act) = end
            && let Some(path) = self.awaited.named(telling.text.as_bytes()).map(str::to_owned)
        {
            self.queue.give(telling.sighting(&path, act), telling.moment, findings);
            self.awaited.remove(&path);
            self.files.remove(&path);
        }
    }
}

/// One record.
struct Telling<'a> {
    text: &'a str,
    /// The text behind the stamp.
    body: &'a str,
    actor: Party,
    moment: Option<Moment>,
}

impl Telling<'_> {
    fn at(&self) -> Timestamp {
        self.moment.map_or(Timestamp(0), |moment| moment.at)
    }

    fn resolution(&self) -> Span {
        self.moment.map_or(A_DAY, |moment| moment.resolution)
    }

    fn sighting(&self, path: &str, act: Act) -> Sighting {
        Sighting {
            at: self.at(),
            resolution: self.resolution(),
            path: Name::from(path),
            actor: self.actor.clone(),
            act,
            record: wording::cut(self.text.trim_end(), PROOF).to_owned(),
        }
    }
}
