//! What evidence shows of a file: one line of a log, one reply in a capture, one row of a recording.
//!
//! Readers make sightings, the [examiner](crate::examiner) makes episodes of them.

use alloc::string::String;
use alloc::sync::Arc;

use super::{Access, Facts, Holders, Name};
use crate::code::Code;
use crate::time::{Span, Timestamp};

/// One thing that evidence shows about one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sighting {
    /// When, on the clock of the input it comes from.
    pub at: Timestamp,
    /// How exact `at` is: one second where the record has whole seconds. Zero: exact.
    pub resolution: Span,
    /// The file as the record names it; empty where it names none, and where the act names an open of that file.
    pub path: Name,
    /// Who did it, or had it done; not needed where the act names an open.
    pub actor: Party,
    /// What was done.
    pub act: Act,
    /// The record in words or as it stands in the input, for people; empty for acts that need no proof.
    pub record: String,
}

/// A program, user or machine that works with files. Its texts are shared: the same few turn up in very many sightings.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Debug)]
pub struct Party {
    /// Program, service or user name; empty when unknown.
    pub name: Arc<str>,
    /// Process id on its machine.
    pub pid: Option<u32>,
    /// Network address, without a port, or machine name.
    pub address: Option<Arc<str>>,
    /// Tells sessions of the same address apart: a number made by the reader; 0 when there are no sessions.
    pub session: u64,
}

/// What was done to a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// An attempt failed.
    Refused(Attempt),
    /// An open succeeded and stays until [`Act::Closed`].
    Opened {
        /// Names the open within its input.
        open: u64,
        /// What it may do, and what it lets others do.
        mode: Mode,
    },
    /// An open ended.
    Closed {
        /// The open's name.
        open: u64,
    },
    /// A byte range was locked.
    Locked {
        /// Through which open.
        open: u64,
        /// Which bytes.
        range: Range,
    },
    /// A byte range was unlocked.
    Unlocked {
        /// Through which open.
        open: u64,
        /// Which bytes.
        range: Range,
    },
    /// Content was written: the file reaches at least to this byte.
    Wrote {
        /// Through which open; 0 when unknown.
        open: u64,
        /// The end of what was written.
        end: u64,
    },
    /// Size and time as a record tells them.
    Saw(Facts),
    /// What had been refused succeeded: the file was taken, moved, copied or deleted by the actor.
    Done,
    /// The actor says that it tries no more.
    GaveUp,
    /// The file was deleted or given another name, not by whoever was refused.
    Gone,
    /// The actor moved the file among the bad ones, to this path.
    Rejected(Name),
    /// The record says who has the file open.
    Held(Holders),
    /// The record tells of a whole episode.
    Told(Account),
    /// The source left records out at about this time: counts are lower bounds.
    Suppressed,
}

/// A failed attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// What it failed with.
    pub code: Code,
    /// What the attempt asked for, where the record shows it.
    pub wanted: Option<Mode>,
    /// Which bytes, when it was about a byte range.
    pub range: Option<Range>,
    /// Time from the question to the answer, where both are seen.
    pub latency: Option<Span>,
    /// After which time the actor says it will try again.
    pub pause: Option<Span>,
    /// Size and time, where the record shows them.
    pub facts: Option<Facts>,
}

/// What an open does, and what it lets others do meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Mode {
    /// Reading and writing.
    pub access: Access,
    /// It wants to delete or rename.
    pub deletes: bool,
    /// What others may do; `None` when unknown.
    pub share: Option<Share>,
}

/// What an open lets others do meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Share {
    /// Others may read.
    pub read: bool,
    /// Others may write.
    pub write: bool,
    /// Others may delete and rename.
    pub delete: bool,
}

/// Bytes of a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Range {
    /// The first byte.
    pub start: u64,
    /// How many.
    pub length: u64,
}

/// What a record tells of an episode as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// The first refusal.
    pub first: Timestamp,
    /// Refused attempts up to now.
    pub attempts: u32,
    /// What they failed with.
    pub code: Code,
    /// Whether it is over, and the file taken.
    pub released: bool,
    /// Who held it.
    pub holders: Holders,
}

impl Attempt {
    /// An attempt of which only its code is known.
    pub fn new(code: Code) -> Attempt {
        Attempt { code, wanted: None, range: None, latency: None, pause: None, facts: None }
    }
}

impl Mode {
    /// Whether an open of this mode keeps one of mode `wanted` out, or the other way round; `None` when too little is
    /// known of both.
    pub fn excludes(self, wanted: Mode) -> Option<bool> {
        let sides = [(self, wanted), (wanted, self)].map(|(one, other)| Some(one.share?.refuses(other)));
        match sides {
            [Some(true), _] | [_, Some(true)] => Some(true),
            [Some(false), Some(false)] => Some(false),
            _ => None,
        }
    }
}

impl Share {
    /// Lets others do everything.
    pub const ALL: Share = Share { read: true, write: true, delete: true };

    /// From the three bits that Win32, SMB and Procmon use: 1 read, 2 write, 4 delete.
    pub fn from_bits(bits: u32) -> Share {
        Share { read: bits & 1 != 0, write: bits & 2 != 0, delete: bits & 4 != 0 }
    }

    /// Whether an open of mode `other` is kept out.
    fn refuses(self, other: Mode) -> bool {
        let reads = matches!(other.access, Access::Read | Access::ReadWrite);
        let writes = other.access.writes() == Some(true);
        (reads && !self.read) || (writes && !self.write) || (other.deletes && !self.delete)
    }

    /// `none`, `read`, `write`, `delete`, or those that apply joined by `|`.
    pub fn words(self) -> &'static str {
        match (self.read, self.write, self.delete) {
            (false, false, false) => "none",
            (true, false, false) => "read",
            (false, true, false) => "write",
            (true, true, false) => "read|write",
            (false, false, true) => "delete",
            (true, false, true) => "read|delete",
            (false, true, true) => "write|delete",
            (true, true, true) => "read|write|delete",
        }
    }
}

impl Range {
    /// Whether the two have a byte in common.
    pub fn overlaps(self, other: Range) -> bool {
        let ends = |range: Range| range.start.saturating_add(range.length);
        self.start < ends(other) && other.start < ends(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(access: Access, share: u32) -> Mode {
        Mode { access, deletes: false, share: Some(Share::from_bits(share)) }
    }

    #[test]
    fn an_open_excludes_what_it_does_not_share_and_what_does_not_share_it() {
        let writer = mode(Access::Write, 1);
        assert_eq!(writer.excludes(mode(Access::Read, 3)), Some(false));
        assert_eq!(writer.excludes(mode(Access::Read, 1)), Some(true), "the reader does not let others write");
        assert_eq!(writer.excludes(mode(Access::ReadWrite, 7)), Some(true));
        let mover = Mode { deletes: true, ..mode(Access::Unknown, 7) };
        assert_eq!(mode(Access::Read, 3).excludes(mover), Some(true));
        assert_eq!(mode(Access::Read, 7).excludes(Mode::default()), None);
    }

    #[test]
    fn ranges_overlap_only_when_they_share_a_byte() {
        let range = |start, length| Range { start, length };
        assert!(range(0, 10).overlaps(range(9, 1)));
        assert!(!range(0, 10).overlaps(range(10, 5)));
        assert!(range(u64::MAX - 1, u64::MAX).overlaps(range(0, u64::MAX)));
        assert!(!range(5, 0).overlaps(range(5, 1)));
    }
}
