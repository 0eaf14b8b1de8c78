//! What the evidence comes to: one sentence, the episodes with their verdicts, and what was read.
//!
//! The JSON form is that of `lockwait diagnose --json`.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::draft::Draft;
use super::fold;
use crate::code::Code;
use crate::episode::Episode;
use crate::event::printable;
use crate::observation::sighting::Party;
use crate::observation::{Access, Holder, Name};
use crate::policy::Policy;
use crate::time::{Span, Timestamp};
use crate::verdict::{Advice, Kind, Verdict, judge};

/// The report's schema.
const SCHEMA: &str = "lockwait.report/1";
/// Other files that are refused first within this time are refused at the same time.
const SWEEP: Span = Span::from_secs(2);
/// Days are compared at the same time of day, give or take this.
const RECURS: u64 = 600_000_000;
const DAY: u64 = 86_400_000_000;

/// The whole report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    schema: &'static str,
    /// What was read.
    pub inputs: Vec<InputReport>,
    /// What it comes to.
    pub summary: Summary,
    /// Every episode, in order of time.
    #[serde(rename = "episodes")]
    pub findings: Vec<Finding>,
}

/// One input.
#[derive(Clone, Debug, Serialize)]
pub struct InputReport {
    /// The name it was given with.
    pub name: String,
    /// Its format, as it was recognised.
    pub format: String,
    /// Its size.
    pub bytes: u64,
    /// Records read: frames, events, rows, lines.
    pub records: u64,
    /// Attempts in it that failed for a lock's sake.
    pub lock_failures: u64,
    /// What could not be read, and what is to be known about it.
    pub warnings: Vec<String>,
}

/// The counts and the sentence.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Attempts that failed for a lock's sake, in all inputs.
    pub lock_failures: u64,
    /// Episodes they are.
    pub episodes: u64,
    /// Episodes that need somebody.
    pub act: u64,
    /// Episodes that need nobody.
    pub ignore: u64,
    /// Episodes that the evidence does not decide.
    pub cannot_tell: u64,
    /// The answer, in one sentence.
    pub sentence: String,
}

/// One episode with its verdict.
#[derive(Clone)]
pub struct Finding {
    /// What to do.
    pub advice: Advice,
    /// Why the file was held.
    pub kind: Kind,
    draft: Box<Draft>,
    /// What it was judged under.
    policy: Arc<Policy>,
}

pub(super) fn report(drafts: Vec<Box<Draft>>, inputs: Vec<InputReport>, policy: &Policy) -> Report {
    let policy = Arc::new(policy.clone());
    let folders = folders(&drafts);
    let (neighbours, recurring) = (neighbours(&drafts, &folders), recurring(&drafts, &folders));
    let findings: Vec<Finding> = drafts
        .into_iter()
        .zip(neighbours.into_iter().zip(recurring))
        .map(|(mut draft, (neighbours, recurring))| {
            draft.episode.beside(neighbours);
            draft.episode.recurring(recurring);
            let Verdict { advice, kind, .. } = judge(&draft.episode, &policy);
            Finding { advice, kind, draft, policy: Arc::clone(&policy) }
        })
        .collect();
    let count = |advice| findings.iter().filter(|finding| finding.advice == advice).count() as u64;
    let mut summary = Summary {
        lock_failures: inputs.iter().map(|input| input.lock_failures).sum(),
        episodes: findings.len() as u64,
        act: count(Advice::Act),
        ignore: count(Advice::Ignore),
        cannot_tell: count(Advice::CannotTell),
        sentence: String::new(),
    };
    summary.sentence = sentence(&summary, &findings);
    Report { schema: SCHEMA, inputs, summary, findings }
}

/// How many errors were how many episodes, and how many of them need somebody.
fn sentence(summary: &Summary, findings: &[Finding]) -> String {
    let some = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    if findings.is_empty() {
        return "no lock error was found".into();
    }
    let refused: u64 = findings.iter().map(|finding| u64::from(finding.episode().attempts())).sum();
    let episodes = some(summary.episodes, "episode", "episodes");
    let mut text = match summary.lock_failures {
        0 => format!("{}, none by a lock: {episodes}", some(refused, "refusal", "refusals")),
        1 => format!("1 lock error was {episodes}"),
        many => format!("{many} lock errors were {episodes}"),
    };
    text.push_str(&match summary.act {
        0 => "; none needs you".into(),
        1 => "; 1 needs you".into(),
        many => format!("; {many} need you"),
    });
    if summary.cannot_tell > 0 {
        text.push_str(&format!(", {} cannot be told from this evidence", summary.cannot_tell));
    }
    let worst = findings.iter().filter(|f| f.advice == Advice::Act).max_by_key(|f| f.episode().held());
    if let Some(worst) = worst {
        let (path, meaning) = (worst.path().to_string(), worst.kind.meaning());
        text.push_str(&format!(" ({}: {meaning})", printable(&path)));
    }
    text
}

/// For each draft, a number for its folder.
fn folders(drafts: &[Box<Draft>]) -> Vec<usize> {
    let mut numbers: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut number = |draft: &Box<Draft>| {
        let mut path = fold(draft.path.as_bytes());
        path.truncate(path.iter().rposition(|byte| *byte == b'\\').unwrap_or(0));
        match numbers.get(&path) {
            Some(number) => *number,
            None => {
                let number = numbers.len();
                numbers.insert(path, number);
                number
            }
        }
    };
    drafts.iter().map(&mut number).collect()
}

/// For each draft, how many other files of its folder began to be refused at the same time.
fn neighbours(drafts: &[Box<Draft>], folders: &[usize]) -> Vec<u32> {
    let mut counts = alloc::vec![0; drafts.len()];
    // The drafts are in order of time, and those of a folder stay so: a window slides over them.
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    order.sort_by_key(|index| folders[*index]);
    for members in order.chunk_by(|one, other| folders[*one] == folders[*other]) {
        let first = |position: usize| drafts[members[position]].episode.first();
        let (mut start, mut end) = (0, 0);
        for (position, index) in members.iter().enumerate() {
            while first(position).since(first(start)) > SWEEP {
                start += 1;
            }
            while end < members.len() && first(end).since(first(position)) <= SWEEP {
                end += 1;
            }
            counts[*index] = u32::try_from(end - start - 1).unwrap_or(u32::MAX);
        }
    }
    counts
}

/// For each draft, on how many earlier days files of its folder were refused at that time of day.
fn recurring(drafts: &[Box<Draft>], folders: &[usize]) -> Vec<u8> {
    let mut seen: BTreeMap<(usize, u64), Vec<u64>> = BTreeMap::new();
    let mut days: Vec<u64> = Vec::new();
    let mut before = |(draft, folder): (&Box<Draft>, &usize)| {
        let (day, time) = (draft.episode.first().0 / DAY, draft.episode.first().0 % DAY);
        let slot = time / RECURS;
        // Twice ten minutes around a slot's border are told together.
        days.clear();
        for slot in slot.saturating_sub(1)..=slot + 1 {
            days.extend(seen.get(&(*folder, slot)).into_iter().flatten().filter(|before| **before < day));
        }
        days.sort_unstable();
        days.dedup();
        let today = seen.entry((*folder, slot)).or_default();
        if today.last() != Some(&day) {
            today.push(day);
        }
        u8::try_from(days.len()).unwrap_or(u8::MAX)
    };
    drafts.iter().zip(folders).map(&mut before).collect()
}

impl Finding {
    /// The file.
    pub fn path(&self) -> &Name {
        &self.draft.path
    }

    /// The account.
    pub fn episode(&self) -> &Episode {
        &self.draft.episode
    }

    /// Time between attempts; `None` when it cannot be told.
    pub fn interval(&self) -> Option<Span> {
        self.draft.interval()
    }

    /// Who was refused.
    pub fn actor(&self) -> &Party {
        &self.draft.actor
    }

    /// The first raw records.
    pub fn records(&self) -> &[String] {
        &self.draft.records
    }

    /// Times of attempts, thinned evenly when there are many.
    pub fn ticks(&self) -> &[Timestamp] {
        &self.draft.ticks
    }

    /// When the file was had; later than the release where the holder was seen to let go.
    pub fn had(&self) -> Option<Timestamp> {
        self.draft.over().filter(|_| self.draft.episode.released().is_some())
    }

    /// How exact the times are; zero: exact.
    pub fn resolution(&self) -> Span {
        self.draft.resolution
    }

    /// The whole decision: made anew each time, because the words of all its reasons take more memory than what they
    /// are made from.
    pub fn verdict(&self) -> Verdict {
        judge(&self.draft.episode, &self.policy)
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.path(), self.advice.as_str(), self.kind.as_str())
    }
}

impl Report {
    /// The report as JSON, one line.
    pub fn to_json(&self) -> String {
        // Writing a value of our own to a String fails for nothing.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The codes of an episode with their counts, as an object.
struct Codes<'a>(&'a Episode);

/// A holder as the report writes it: every field, always.
struct Told<'a>(&'a Holder);

impl Serialize for Codes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.codes().map(|(code, count): (Code, u32)| (code.to_string(), count)))
    }
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let holder = self.0;
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let mut map = serializer.serialize_map(Some(7))?;
        map.serialize_entry("name", &holder.name)?;
        map.serialize_entry("pid", &holder.pid)?;
        map.serialize_entry("address", &holder.address)?;
        map.serialize_entry("access", &Some(holder.access).filter(|access| *access != Access::Unknown))?;
        map.serialize_entry("share", &Some(&holder.share).filter(|share| !share.is_empty()))?;
        map.serialize_entry("from", &time(holder.from))?;
        map.serialize_entry("to", &time(holder.to))?;
        map.end()
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let episode = self.episode();
        let holders: Vec<Told<'_>> = episode.holders().list().iter().map(Told).collect();
        let mut map = serializer.serialize_map(Some(12))?;
        map.serialize_entry("path", self.path())?;
        map.serialize_entry("first", &episode.first().to_string())?;
        map.serialize_entry("last", &episode.last().to_string())?;
        map.serialize_entry("released", &episode.released().map(|at| at.to_string()))?;
        map.serialize_entry("attempts", &episode.attempts())?;
        map.serialize_entry("attempts_is_lower_bound", &episode.marks().lower_bound)?;
        map.serialize_entry("interval_ms", &self.interval().map(Span::as_millis))?;
        map.serialize_entry("codes", &Codes(episode))?;
        map.serialize_entry("actor", &self.actor().words())?;
        map.serialize_entry("holders", &holders)?;
        map.serialize_entry("verdict", &self.verdict())?;
        map.serialize_entry("records", self.records())?;
        map.end()
    }
}
