//! The event catalogue: id, severity, insertion strings, text.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::code::Code;
use crate::observation::{Holders, Name};
use crate::pickup::{End, PickupId};
use crate::time::{Span, Timestamp};
use crate::verdict::Verdict;

/// What happened. The numbers are the ids that operators' rules already know (facts: source MSExchangeGWRtr).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u16)]
pub enum EventKind {
    /// The engine started.
    Started = 6015,
    /// The engine stopped.
    Stopped = 6016,
    /// A folder cannot be reached.
    FolderUnreachable = 6052,
    /// A folder can be reached again.
    FolderReachable = 6053,
    /// The file will not be taken.
    GaveUp = 6062,
    /// The engine itself is in trouble.
    EngineTrouble = 6064,
    /// The file was taken.
    Acquired = 6066,
    /// The file is held.
    LockHeld = 6067,
}

/// How much an operator should care.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Severity {
    /// For the record.
    Information = 1,
    /// Worth a look.
    Warning = 2,
    /// Needs somebody.
    Error = 3,
}

/// One line for the operator's log or for a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// How much it matters.
    pub severity: Severity,
    /// The pickup it is about; `None` for folders and the engine.
    pub id: Option<PickupId>,
    /// The file or folder it is about; empty for the engine.
    pub path: Name,
    /// Where the file is now, for a file that was moved.
    pub to: Option<Name>,
    /// The file's size in bytes, for a file that was moved.
    pub bytes: Option<u64>,
    /// When the episode, or the outage, began.
    pub since: Timestamp,
    /// From `since` to the end of the episode, or to now while it lasts.
    pub waited: Span,
    /// Refused attempts in the episode.
    pub attempts: u32,
    /// What the last refused attempt failed with.
    pub code: Option<Code>,
    /// Why the file was held.
    pub verdict: Option<Verdict>,
    /// Who held it.
    pub holders: Holders,
    /// How the pickup ended, for its last event.
    pub end: Option<End>,
    /// The n-th reminder of an earlier 6067; 0 for the first.
    pub reminder: u32,
    /// Wanted by programs that follow every file, not by the event log (DESIGN section 5).
    pub routine: bool,
}

impl EventKind {
    /// The event id.
    pub fn id(self) -> u16 {
        self as u16
    }

    /// The stable name: `lock-held`, `acquired`, …
    pub fn name(self) -> &'static str {
        match self {
            EventKind::Started => "started",
            EventKind::Stopped => "stopped",
            EventKind::FolderUnreachable => "folder-unreachable",
            EventKind::FolderReachable => "folder-reachable",
            EventKind::GaveUp => "gave-up",
            EventKind::EngineTrouble => "engine-trouble",
            EventKind::Acquired => "acquired",
            EventKind::LockHeld => "lock-held",
        }
    }
}

impl Event {
    /// The values that a message table fills into its text, in the order of [`Event::text`].
    pub fn insertion_strings(&self) -> Vec<String> {
        unimplemented!()
    }

    /// The event in words, one line.
    pub fn text(&self) -> String {
        unimplemented!()
    }

    /// The event as one line of `watch --json` (DESIGN section 9), without a line end.
    pub fn to_json(&self) -> String {
        unimplemented!()
    }
}
