//! Why a file was held: one decision made from the evidence of one episode.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

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

/// One rule that spoke.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Reason {
    /// The rule's stable name.
    pub name: &'static str,
    /// How much it counted for the verdict's kind; negative against.
    pub weight: i32,
    /// The facts, in words.
    pub text: String,
}

/// The decision.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<&'static str>,
}
