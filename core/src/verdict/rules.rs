//! The rules of the verdict: one table, each rule a name, its weights and its test.

use alloc::format;
use alloc::string::String;

use super::{Kind, known};
use crate::code::{Cause, Code};
use crate::episode::Episode;
use crate::observation::{Access, Holder, Holders, Method};
use crate::policy::Policy;
use crate::time::{Span, Timestamp};

/// One rule. It speaks when its test gives the facts in words.
pub struct Rule {
    /// Stable name.
    pub name: &'static str,
    /// How much it counts for, or against, each kind.
    pub weights: &'static [(Kind, i32)],
    /// The facts in words when the rule applies.
    pub test: fn(&Case<'_>) -> Option<String>,
}

/// What the rules look at.
pub struct Case<'a> {
    /// The episode to judge.
    pub episode: &'a Episode,
    /// The user's numbers.
    pub policy: &'a Policy,
}

/// A hold at least this long and at most that long, right after a close, is what a virus scanner does
/// (PostgreSQL, LLVM, rustup and npm tune their patience to holds of this length).
const SCAN: (Span, Span) = (Span::from_millis(100), Span::from_millis(3_000));
/// This many other files refused at about the same time are a sweep.
const SWEEP: u32 = 5;
/// A file that is still held after this many times `patience`, though nobody could be asked, is stuck.
const STUCK: u64 = 10;
/// On this many earlier days at the same time of day, a hold recurs.
const RECURS: u8 = 2;

use Kind::{
    Backup, Indexer, OtherConsumer, OwnProcess, Refused, Scanner, Sync, UnknownHolder, Unreachable, WriterFinishing,
    WriterStalled,
};

/// Every rule, in the order in which equal ones are told.
pub const RULES: &[Rule] = &[
    Rule {
        name: "never-held",
        weights: &[(Kind::None, 100)],
        test: |c| (c.episode.attempts() == 0).then(|| "no attempt was refused".into()),
    },
    Rule {
        name: "path-unreachable",
        weights: &[(Unreachable, 100)],
        test: |c| c.cause_is(&[Cause::Unreachable], "the way to the folder failed"),
    },
    Rule {
        name: "lasting-refusal",
        weights: &[(Refused, 100)],
        test: |c| c.cause_is(&[Cause::Denied, Cause::Invalid, Cause::Infected, Cause::Device], "not a lock"),
    },
    Rule {
        name: "grew",
        weights: &[(WriterFinishing, 40), (Scanner, -20), (Backup, -20), (Indexer, -20), (OtherConsumer, -20)],
        test: |c| {
            c.episode.marks().grew.then(|| format!("the file grew by {} bytes while it was held", c.episode.grown()))
        },
    },
    Rule {
        name: "touched",
        weights: &[(WriterFinishing, 20)],
        test: |c| {
            let marks = c.episode.marks();
            (marks.touched && !marks.grew).then(|| "its modification time moved while it was held".into())
        },
    },
    Rule {
        name: "finished",
        weights: &[(WriterFinishing, 35)],
        test: |c| {
            (c.episode.marks().unfinished && c.released())
                .then(|| "its content lacked its end while it was held and has it now".into())
        },
    },
    Rule {
        name: "released-after-writing",
        weights: &[(WriterFinishing, 25)],
        test: |c| {
            let idle = c.idle();
            (c.released() && c.active() && idle <= c.policy.quiet)
                .then(|| format!("it was released {} after the last change", idle.words()))
        },
    },
    Rule {
        name: "writer-has-it-open",
        weights: &[(WriterFinishing, 20), (WriterStalled, 20), (Scanner, -10), (Backup, -10), (Indexer, -10)],
        test: |c| (c.writes() == Some(true)).then(|| "whoever holds it has it open for writing".into()),
    },
    Rule {
        name: "let-go-in-time",
        weights: &[(WriterFinishing, 25)],
        test: |c| {
            (c.writes() == Some(true) && c.released() && c.idle() < c.policy.patience)
                .then(|| format!("the writer let go after {}", c.held().words()))
        },
    },
    Rule {
        name: "stood-still",
        weights: &[(WriterStalled, 45), (WriterFinishing, -20)],
        test: |c| {
            (c.writes() == Some(true) && c.idle() >= c.policy.patience)
                .then(|| format!("a writer has it open and nothing changed for {}", c.idle().words()))
        },
    },
    Rule {
        name: "left-unfinished",
        weights: &[(WriterStalled, 60), (WriterFinishing, -20)],
        test: |c| {
            (c.episode.last_code() == Code::UNFINISHED && !c.released() && c.idle() >= c.policy.patience)
                .then(|| format!("its content lacks its end and nothing changed for {}", c.idle().words()))
        },
    },
    Rule {
        name: "companion-missing",
        weights: &[(WriterStalled, 60)],
        test: |c| {
            (c.episode.last_code() == Code::COMPANION_MISSING && !c.released())
                .then(|| "a header names it, and it has not arrived".into())
        },
    },
    Rule {
        name: "writing-now",
        weights: &[(WriterFinishing, 30)],
        test: |c| {
            (!c.released() && c.active() && c.idle() < c.policy.patience)
                .then(|| format!("it last changed {} ago", c.idle().words()))
        },
    },
    Rule { name: "known-scanner", weights: &[(Scanner, 80)], test: |c| c.known(Scanner) },
    Rule { name: "known-backup", weights: &[(Backup, 80)], test: |c| c.known(Backup) },
    Rule { name: "known-sync", weights: &[(Sync, 80)], test: |c| c.known(Sync) },
    Rule { name: "known-indexer", weights: &[(Indexer, 80)], test: |c| c.known(Indexer) },
    Rule { name: "known-consumer", weights: &[(OtherConsumer, 80)], test: |c| c.known(OtherConsumer) },
    Rule {
        name: "own-process",
        weights: &[(OwnProcess, 120)],
        test: |c| c.holder(|h| h.own).map(|h| format!("{} is the very program that wants the file", h.label())),
    },
    Rule {
        name: "owner-writes",
        weights: &[(WriterFinishing, 10), (WriterStalled, 15)],
        test: |c| {
            c.holder(|h| h.owner == Some(true) && h.access.writes() == Some(true))
                .map(|h| format!("{} may write and runs as the file's owner", h.label()))
        },
    },
    Rule {
        name: "only-reads",
        weights: &[
            (OtherConsumer, 20),
            (Scanner, 15),
            (Backup, 15),
            (Sync, 10),
            (Indexer, 15),
            (WriterFinishing, -30),
            (WriterStalled, -40),
        ],
        test: |c| (c.writes() == Some(false)).then(|| "whoever holds it can only read it".into()),
    },
    Rule {
        name: "brief-hold-after-close",
        weights: &[(Scanner, 45), (WriterFinishing, -15)],
        test: |c| {
            // Probes that tell readers from writers date the beginning; elsewhere the notice of the close does.
            let closed = c.episode.marks().after_close.then(|| c.episode.first());
            let since = c.episode.reading().or(closed)?;
            let hold = c.episode.released()?.since(since);
            let untouched = c.episode.active() <= since && c.writes() != Some(true);
            (untouched && hold >= SCAN.0 && hold <= SCAN.1)
                .then(|| format!("it was held for {} after its writer let go, and did not change", hold.words()))
        },
    },
    Rule {
        name: "sweep",
        weights: &[(Backup, 35), (Scanner, 15), (WriterFinishing, -10)],
        test: |c| {
            let one = c.holder(|h| h.others >= SWEEP && h.access.writes() != Some(true));
            let many = c.episode.neighbours() >= SWEEP && !c.active() && c.writes() == Some(false);
            match one {
                Some(h) => Some(format!("{} has {} other files of the folder open", h.label(), h.others)),
                None => many.then(|| format!("{} other files were refused at the same time", c.episode.neighbours())),
            }
        },
    },
    Rule {
        name: "recurring-time",
        weights: &[(Backup, 30), (Scanner, 10)],
        test: |c| {
            (c.episode.recurs() >= RECURS && c.writes() != Some(true)).then(|| {
                format!("files of this folder were held at this time of day on {} earlier days", c.episode.recurs())
            })
        },
    },
    Rule {
        name: "went-away",
        weights: &[(OtherConsumer, 50)],
        test: |c| c.episode.marks().vanished.then(|| "the file went away while it was held".into()),
    },
    Rule {
        name: "held-past-patience",
        weights: &[(UnknownHolder, 25)],
        test: |c| {
            (c.idle() >= c.policy.patience).then(|| format!("it was held for {} without a change", c.idle().words()))
        },
    },
    Rule {
        name: "gave-up",
        weights: &[(UnknownHolder, 30)],
        test: |c| {
            (c.episode.marks().gave_up && !c.released())
                .then(|| format!("whoever wanted it gave up after {}", c.held().words()))
        },
    },
    Rule {
        name: "no-holder-found",
        weights: &[(UnknownHolder, 15)],
        test: |c| {
            (*c.episode.holders() == Holders::Found(alloc::vec![]))
                .then(|| "asked, and no process of this machine has it open".into())
        },
    },
    Rule {
        name: "could-not-ask",
        weights: &[(UnknownHolder, 5)],
        test: |c| match c.episode.holders() {
            Holders::CouldNotAsk(code) => Some(format!("could not ask who holds it ({code})")),
            _ => None,
        },
    },
    Rule {
        name: "short",
        weights: &[(WriterFinishing, 20)],
        test: |c| {
            let writer_possible = c.writes() != Some(false) && !c.episode.marks().after_close;
            let ceased = c.episode.marks().ceased && !c.episode.marks().gave_up;
            let words = if c.released() { "it was free again" } else { "nobody was refused any more" };
            ((c.released() || ceased) && c.held() <= c.policy.quiet && writer_possible)
                .then(|| format!("{words} after {}", c.held().words()))
        },
    },
    Rule {
        name: "counts-are-lower-bounds",
        weights: &[],
        test: |c| c.episode.marks().lower_bound.then(|| "some attempts may have gone unrecorded".into()),
    },
];

impl<'a> Case<'a> {
    /// The case of `episode` under `policy`.
    pub fn new(episode: &'a Episode, policy: &'a Policy) -> Case<'a> {
        Case { episode, policy }
    }

    /// Whether an open has succeeded since.
    pub fn released(&self) -> bool {
        self.episode.released().is_some()
    }

    /// Whether the evidence ends with the file held, long after `patience` ran out, and nobody could be asked.
    pub fn is_stuck(&self) -> bool {
        let limit = Span(self.policy.patience.0.saturating_mul(STUCK));
        let is_open = !self.released() && !self.episode.marks().ceased;
        is_open && *self.episode.holders() == Holders::NotAsked && self.idle() >= limit
    }

    /// How long the file was held.
    pub fn held(&self) -> Span {
        self.episode.held()
    }

    fn end(&self) -> Timestamp {
        self.episode.released().unwrap_or(self.episode.last())
    }

    /// Time without a change before the release, or up to the last refusal.
    fn idle(&self) -> Span {
        self.end().since(self.episode.active())
    }

    fn active(&self) -> bool {
        self.episode.marks().grew || self.episode.marks().touched
    }

    /// Whether the holder may write: named holders speak first, then the probe.
    fn writes(&self) -> Option<bool> {
        let named = self.episode.holders().list().iter().filter_map(|h| h.access.writes()).reduce(|a, b| a || b);
        let probed = match self.episode.access() {
            // A record lock or flock says nothing of a plain reader's or writer's open beside it.
            Access::Read if self.episode.method() == Method::Stability => None,
            access => access.writes(),
        };
        named.or(probed)
    }

    fn holder(&self, test: impl Fn(&Holder) -> bool) -> Option<&Holder> {
        self.episode.holders().list().iter().find(|holder| test(holder))
    }

    fn known(&self, kind: Kind) -> Option<String> {
        // A known program that writes the file is its writer, whatever else it is known for; virus scanners and
        // backups never write.
        let writer = |h: &Holder| h.access.writes() == Some(true) && matches!(kind, Kind::Sync | Kind::OtherConsumer);
        self.holder(|h| !h.own && !writer(h) && known::is(kind, &h.name)).map(|h| format!("{} has it open", h.label()))
    }

    fn cause_is(&self, causes: &[Cause], words: &str) -> Option<String> {
        let code = self.episode.last_code();
        (!self.released() && causes.contains(&code.cause())).then(|| format!("{words}: {code}"))
    }
}
