//! Why a file was held: one decision made from the evidence of one episode.
//!
//! [`judge`] asks every rule of [`rules::RULES`]; each that speaks adds its weights to kinds. The kind with the most
//! weight wins, its lead over the next gives the confidence, and kind and release together give the advice.

mod form;
pub mod known;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod when;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::episode::Episode;
use crate::observation::Holders;
use crate::policy::Policy;
use rules::{Case, RULES};

/// What the administrator should do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Advice {
    /// Nothing: the lock is part of normal work.
    Ignore = 1,
    /// Something other than the writer holds the file, or the writer is stuck.
    Act = 2,
    /// The evidence does not decide.
    CannotTell = 3,
}

/// Why the file was held.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Kind {
    /// There was no lock.
    None = 0,
    /// The writer was finishing the file.
    WriterFinishing = 1,
    /// The writer has the file open and does nothing with it.
    WriterStalled = 2,
    /// A virus scanner.
    Scanner = 3,
    /// A backup.
    Backup = 4,
    /// A synchronisation client.
    Sync = 5,
    /// A search indexer.
    Indexer = 6,
    /// Another program that takes files from the same folder.
    OtherConsumer = 7,
    /// The program that retries holds the file itself.
    OwnProcess = 8,
    /// Somebody, and nothing says who.
    UnknownHolder = 9,
    /// The folder could not be reached; no file is at fault.
    Unreachable = 10,
    /// Not a lock: a lasting refusal.
    Refused = 11,
}

impl Advice {
    /// The name as JSON and texts write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Advice::Ignore => "ignore",
            Advice::Act => "act",
            Advice::CannotTell => "cannot-tell",
        }
    }
}

impl Kind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Kind; 12] = [
        Kind::None,
        Kind::WriterFinishing,
        Kind::WriterStalled,
        Kind::Scanner,
        Kind::Backup,
        Kind::Sync,
        Kind::Indexer,
        Kind::OtherConsumer,
        Kind::OwnProcess,
        Kind::UnknownHolder,
        Kind::Unreachable,
        Kind::Refused,
    ];

    /// The name as JSON and texts write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::None => "none",
            Kind::WriterFinishing => "writer-finishing",
            Kind::WriterStalled => "writer-stalled",
            Kind::Scanner => "scanner",
            Kind::Backup => "backup",
            Kind::Sync => "sync",
            Kind::Indexer => "indexer",
            Kind::OtherConsumer => "other-consumer",
            Kind::OwnProcess => "own-process",
            Kind::UnknownHolder => "unknown-holder",
            Kind::Unreachable => "unreachable",
            Kind::Refused => "refused",
        }
    }

    /// What it means for the administrator, in one sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Kind::None => "nothing held the file",
            Kind::WriterFinishing => "the writer was finishing the file",
            Kind::WriterStalled => "the writer keeps the file open and does nothing with it",
            Kind::Scanner => "a virus scanner holds the file",
            Kind::Backup => "a backup holds the file",
            Kind::Sync => "a synchronisation client holds the file",
            Kind::Indexer => "a search indexer holds the file",
            Kind::OtherConsumer => "another program takes files from this folder",
            Kind::OwnProcess => "the program that wants the file holds it itself",
            Kind::UnknownHolder => "something holds the file, and nothing says what",
            Kind::Unreachable => "the folder could not be reached; no file is at fault",
            Kind::Refused => "not a lock: access is refused for good",
        }
    }
}

impl Kind {
    /// What to do about it, in one or two sentences.
    pub fn remedy(self) -> &'static str {
        match self {
            Kind::None | Kind::WriterFinishing => "Nothing: let it retry.",
            Kind::WriterStalled => {
                "See why the writer does not close the file: it may hang, wait for a dialogue or have lost its \
                 connection. Ending it frees the file; check the file's content before it is used."
            }
            Kind::Scanner => {
                "Exclude the folder from on-access scanning, or have files written under another name and renamed \
                 when they are whole."
            }
            Kind::Backup => {
                "Move the backup to another time, have it use snapshots, or exclude the folder: files pass through it."
            }
            Kind::Sync => "Take the folder out of the synchronisation client's care.",
            Kind::Indexer => "Exclude the folder from indexing.",
            Kind::OtherConsumer => {
                "Two programs take files from one folder: give each its own, or let only one of them take."
            }
            Kind::OwnProcess => {
                "The program stands in its own way: it opens the file a second time before it has closed it. Report \
                 it to its maker, with this episode."
            }
            Kind::UnknownHolder => {
                "Find out who has the file open while it is held: 'lockwait who', Sysinternals Handle, lsof, or the \
                 server's list of open files."
            }
            Kind::Unreachable => "Restore the way to the folder: network, server, share or drive.",
            Kind::Refused => "Give the program's user the rights it lacks, or remove what refuses it.",
        }
    }
}

/// How far the best kind is ahead of the next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Confidence {
    /// Barely, or on little evidence.
    Low = 1,
    /// Clearly.
    Medium = 2,
    /// Far.
    High = 3,
}

impl Confidence {
    /// The name as JSON and texts write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// One rule that spoke.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reason {
    /// The rule's stable name.
    pub name: Cow<'static, str>,
    /// How much it counted for the verdict's kind; negative against.
    pub weight: i32,
    /// The facts, in words.
    pub text: String,
}

/// The decision.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// What to do.
    pub advice: Advice,
    /// Why the file was held.
    pub kind: Kind,
    /// How sure that is.
    pub confidence: Confidence,
    /// The rules that spoke, strongest first.
    pub reasons: Vec<Reason>,
    /// With [`Advice::CannotTell`], the evidence that would settle it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Cow<'static, str>>,
}

/// A kind needs at least this much weight to be named; less is [`Kind::UnknownHolder`].
const NAMED: i32 = 20;
/// Leads over the next kind that make the confidence high and medium.
const HIGH: i32 = 40;
const MEDIUM: i32 = 20;

/// Decides why the file of `episode` was held, from all that was seen.
pub fn judge(episode: &Episode, policy: &Policy) -> Verdict {
    let case = Case::new(episode, policy);
    let mut scores = [0i32; Kind::ALL.len()];
    let spoken: Vec<_> = RULES.iter().filter_map(|rule| Some((rule, (rule.test)(&case)?))).collect();
    for (rule, _) in &spoken {
        for (kind, weight) in rule.weights {
            scores[*kind as usize] += weight;
        }
    }
    let (kind, lead) = winner(&scores);
    let mut reasons: Vec<Reason> = Vec::with_capacity(spoken.len());
    for (rule, text) in spoken {
        let weight = rule.weights.iter().find(|(k, _)| *k == kind).map_or(0, |(_, weight)| *weight);
        // Behind those of equal weight: they keep the table's order.
        let at = reasons.iter().take_while(|other| other.weight.abs() >= weight.abs()).count();
        reasons.insert(at, Reason { name: Cow::Borrowed(rule.name), weight, text });
    }
    let confidence = match lead {
        HIGH.. => Confidence::High,
        MEDIUM.. => Confidence::Medium,
        _ => Confidence::Low,
    };
    let (advice, needs) = advise(kind, &case);
    Verdict { advice, kind, confidence, reasons, needs: needs.map(Cow::Borrowed) }
}

/// The kind with the most weight and its lead over the next; of equal ones, the one with the smaller number.
fn winner(scores: &[i32; Kind::ALL.len()]) -> (Kind, i32) {
    let score = |kind: Kind| scores[kind as usize];
    // `max_by_key` gives the last of equal ones.
    let best = Kind::ALL.into_iter().rev().max_by_key(|kind| score(*kind)).unwrap_or(Kind::UnknownHolder);
    let next = Kind::ALL.into_iter().filter(|kind| *kind != best).map(score).max().unwrap_or(0).max(0);
    if score(best) < NAMED { (Kind::UnknownHolder, 0) } else { (best, score(best) - next) }
}

/// What to do about `kind`, and for "cannot tell" what would settle it.
fn advise(kind: Kind, case: &Case<'_>) -> (Advice, Option<&'static str>) {
    let marks = case.episode.marks();
    let over = case.released() || (marks.ceased && !marks.gave_up);
    let brief = over && case.held() <= case.policy.quiet;
    match kind {
        Kind::None | Kind::WriterFinishing => (Advice::Ignore, None),
        Kind::WriterStalled if case.released() => (Advice::Ignore, None),
        Kind::Scanner | Kind::Backup | Kind::Sync | Kind::Indexer | Kind::OtherConsumer | Kind::UnknownHolder
            if brief =>
        {
            (Advice::Ignore, None)
        }
        Kind::UnknownHolder => match case.episode.holders() {
            // Something was left undone, whoever is to blame.
            _ if marks.gave_up || case.is_stuck() => (Advice::Act, None),
            Holders::Found(_) => (Advice::Act, None),
            Holders::CouldNotAsk(_) => (
                Advice::CannotTell,
                Some("ask again with the rights to see other users' processes, on the machine that has the file"),
            ),
            Holders::NotAsked => (Advice::CannotTell, Some("ask who holds the file while it is held")),
        },
        _ => (Advice::Act, None),
    }
}
