//! What truly happens in a scene: who opens, writes, tries and lets go, and when.

use lockwait_core::observation::Access;
use lockwait_core::time::{Span, Timestamp};
use lockwait_core::verdict::Advice;

use super::chance::Chance;

/// Why the file of a scene is held.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Cause {
    /// The writer writes and closes within seconds.
    Writer,
    /// The writer writes for minutes without a pause.
    SlowWriter,
    /// The writer wrote, and keeps the file open for nothing.
    StalledWriter,
    /// A virus scanner looks at the file as soon as its writer has closed it.
    BriefScan,
    /// A virus scanner hangs on the file.
    StuckScan,
    /// A backup goes through the folder.
    Backup,
    /// A synchronisation client sends the file.
    Sync,
    /// A search indexer reads the file.
    Indexer,
    /// Another program takes the file itself.
    OtherConsumer,
    /// The program that tries holds the file itself.
    OwnProcess,
    /// Somebody opened the file before anybody looked, and keeps it.
    Unseen,
    /// The way to the folder is gone.
    Unreachable,
}

impl Cause {
    pub(crate) const ALL: [Cause; 12] = [
        Cause::Writer,
        Cause::SlowWriter,
        Cause::StalledWriter,
        Cause::BriefScan,
        Cause::StuckScan,
        Cause::Backup,
        Cause::Sync,
        Cause::Indexer,
        Cause::OtherConsumer,
        Cause::OwnProcess,
        Cause::Unseen,
        Cause::Unreachable,
    ];

    /// The cause for people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Cause::Writer => "writer finishing",
            Cause::SlowWriter => "slow writer",
            Cause::StalledWriter => "stalled writer",
            Cause::BriefScan => "brief scan",
            Cause::StuckScan => "stuck scanner",
            Cause::Backup => "backup",
            Cause::Sync => "sync client",
            Cause::Indexer => "indexer",
            Cause::OtherConsumer => "other consumer",
            Cause::OwnProcess => "own process",
            Cause::Unseen => "unseen holder",
            Cause::Unreachable => "unreachable folder",
        }
    }

    /// What an administrator who saw everything would do.
    pub(crate) fn advice(self) -> Advice {
        match self {
            Cause::Writer | Cause::SlowWriter | Cause::BriefScan => Advice::Ignore,
            _ => Advice::Act,
        }
    }
}

/// Who does something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Who {
    /// The program that wants the file.
    Taker,
    Writer,
    /// The third party.
    Holder,
}

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Deed {
    /// Opens the file; the bits say what others may do meanwhile: 1 read, 2 write, 4 delete.
    Open(Access, u32),
    /// Writes up to this byte.
    Write(u64),
    /// Closes it.
    Close,
    /// Tries to open it for reading, and is refused.
    Refused,
    /// Opens it and takes it.
    Take,
    /// Says that it tries no more.
    GiveUp,
    /// Takes it away by deleting it.
    Delete,
    /// Something that has nothing to do with the file: the evidence goes on.
    Other,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) at: Timestamp,
    pub(crate) who: Who,
    pub(crate) deed: Deed,
    /// The file: 0 is that of the scene, others stand beside it.
    pub(crate) file: u64,
}

/// A scene: one episode with known truth.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) seed: u64,
    pub(crate) cause: Cause,
    pub(crate) steps: Vec<Step>,
    /// The third party's program and process id.
    pub(crate) holder: (&'static str, u32),
    /// Name of the file without its extension.
    pub(crate) stem: String,
    /// Whether somebody who saw the lock wrote down who holds it.
    pub(crate) is_named: bool,
}

const SECOND: u64 = 1_000_000;
/// 2026-03-02T00:00:00Z.
const BEGIN: u64 = 1_772_409_600 * SECOND;
/// How often takers try, in milliseconds.
const INTERVALS: [u64; 5] = [100, 200, 250, 500, 1_000];
const STEMS: [&str; 6] = ["invoice", "scan", "ORDERS", "Überweisung", "patient record", "page"];

impl Scene {
    /// The scene with this number: causes take turns.
    pub(crate) fn new(seed: u64) -> Scene {
        let mut chance = Chance::new(seed.wrapping_mul(0x5851_f42d_4c95_7f2d));
        let cause = Cause::ALL[(seed % Cause::ALL.len() as u64) as usize];
        let programs: &[&'static str] = match cause {
            Cause::BriefScan | Cause::StuckScan => &["MsMpEng.exe", "mcshield.exe", "ekrn.exe", "savservice.exe"],
            Cause::Backup => &["beremote.exe", "VeeamAgent.exe", "dsmc.exe", "wbengine.exe"],
            Cause::Sync => &["OneDrive.exe", "Dropbox.exe", "Nextcloud.exe"],
            Cause::Indexer => &["SearchIndexer.exe", "SearchProtocolHost.exe"],
            Cause::OtherConsumer => &["BTSNTSvc64.exe", "importer.exe", "filebeat.exe"],
            _ => &["viewer.exe", "excel.exe", "unknownd.exe"],
        };
        let holder = (*chance.pick(programs), chance.between(400, 30_000) as u32);
        let stem = format!("{}-{seed}", chance.pick(&STEMS));
        let start = BEGIN + chance.between(0, 200 * 86_400) * SECOND + chance.between(0, SECOND - 1);
        let mut script = Script { steps: Vec::new(), interval: *chance.pick(&INTERVALS) * 1_000, start };
        script.play(cause, &mut chance);
        script.steps.sort_by_key(|step| step.at);
        let is_named = chance.once_in(2);
        Scene { seed, cause, steps: script.steps, holder, stem, is_named }
    }

    /// The same, as told by a clock that is ahead.
    pub(crate) fn later(&self, ahead: Span) -> Scene {
        let steps = self.steps.iter().map(|step| Step { at: step.at + ahead, ..*step }).collect();
        Scene { steps, ..self.clone() }
    }

    /// The name of one of the scene's files.
    pub(crate) fn file(&self, file: u64) -> String {
        match file {
            0 => format!("{}.dat", self.stem),
            other => format!("{}-{other}.dat", self.stem),
        }
    }
}

/// Puts steps together; times are microseconds since its start.
struct Script {
    steps: Vec<Step>,
    interval: u64,
    start: u64,
}

impl Script {
    fn play(&mut self, cause: Cause, chance: &mut Chance) {
        let brief = chance.between(300, 4_500) * 1_000;
        let long = chance.between(60, 900) * SECOND;
        match cause {
            Cause::Writer => {
                self.written(0, brief, chance.between(2, 20));
                self.tried(chance.between(0, brief / 3), brief, true);
                self.ends(brief);
            }
            Cause::SlowWriter => {
                self.written(0, long, long / SECOND);
                self.tried(chance.between(0, 20 * SECOND), long, true);
                self.ends(long);
            }
            Cause::StalledWriter => {
                let wrote = chance.between(1, 10) * SECOND;
                self.steps(Who::Writer, 0, Deed::Open(Access::ReadWrite, 1));
                (1..=5).for_each(|part| self.steps(Who::Writer, wrote * part / 5, Deed::Write(part * 40_000)));
                self.held_to_the_end(chance.between(0, wrote), wrote + long, chance);
            }
            Cause::BriefScan => {
                let written = chance.between(200, 2_000) * 1_000;
                self.written(0, written, 4);
                let (from, held) = (written + chance.between(1, 30) * 1_000, chance.between(250, 2_800) * 1_000);
                self.holds(from, from + held, Access::Read, 1);
                self.tried(from + chance.between(1, 50) * 1_000, from + held, true);
                self.ends(from + held);
            }
            Cause::StuckScan | Cause::Sync | Cause::Indexer => {
                let written = chance.between(1, 10) * SECOND;
                self.written(0, written, 4);
                let from = written + chance.between(1, 500) * 1_000;
                self.holds(from, from + long, Access::Read, *chance.pick(&[0, 1, 3]));
                self.third_party(from, long, chance);
            }
            Cause::Backup => {
                self.holds(0, long, Access::Read, *chance.pick(&[0, 1]));
                for file in 1..=8 {
                    let from = file * chance.between(20, 150) * 1_000;
                    let at = |at: u64| Timestamp(self.start + at);
                    let step = |time: u64, who, deed| Step { at: at(time), who, deed, file };
                    let held = [
                        step(from, Who::Holder, Deed::Open(Access::Read, 0)),
                        step(from + 1_000, Who::Taker, Deed::Refused),
                        step(from + long, Who::Holder, Deed::Close),
                    ];
                    self.steps.extend(held);
                }
                self.third_party(1_000, long, chance);
            }
            Cause::OtherConsumer => {
                self.holds(0, long, Access::ReadWrite, 0);
                self.tried(10_000, long, false);
                self.steps(Who::Holder, long - 1, Deed::Delete);
                self.ends(long);
            }
            Cause::OwnProcess => {
                self.steps(Who::Taker, 0, Deed::Open(Access::ReadWrite, 0));
                self.held_to_the_end(500_000, long, chance);
            }
            Cause::Unseen | Cause::Unreachable => self.held_to_the_end(0, long, chance),
        }
    }

    fn steps(&mut self, who: Who, at: u64, deed: Deed) {
        self.steps.push(Step { at: Timestamp(self.start + at), who, deed, file: 0 });
    }

    /// The writer writes in equal parts, and closes.
    fn written(&mut self, from: u64, to: u64, parts: u64) {
        self.steps(Who::Writer, from, Deed::Open(Access::ReadWrite, 0));
        let parts = parts.clamp(2, 600);
        (1..parts).for_each(|part| {
            self.steps(Who::Writer, from + (to - from) * part / parts, Deed::Write(part * 64_000));
        });
        self.steps(Who::Writer, to, Deed::Close);
    }

    fn holds(&mut self, from: u64, to: u64, access: Access, share: u32) {
        self.steps(Who::Holder, from, Deed::Open(access, share));
        self.steps(Who::Holder, to, Deed::Close);
    }

    /// The taker tries from then until the lock ends, and takes the file if it is there.
    fn tried(&mut self, from: u64, end: u64, takes: bool) {
        let mut at = from;
        while at < end {
            self.steps(Who::Taker, at, Deed::Refused);
            // After ten seconds it tries less often.
            at += if at - from < 10 * SECOND { self.interval } else { self.interval.max(SECOND) * 5 };
        }
        if takes {
            self.steps(Who::Taker, at, Deed::Take);
        }
    }

    /// A third party's hold that either ends, or is still there when the taker gives up or the evidence ends.
    fn third_party(&mut self, from: u64, long: u64, chance: &mut Chance) {
        let end = from + long;
        if chance.once_in(2) {
            self.tried(from + 2_000, end, true);
            self.ends(end);
        } else {
            self.steps.retain(|step| step.who != Who::Holder || step.deed != Deed::Close || step.file != 0);
            self.held_to_the_end(from + 2_000, end, chance);
        }
    }

    /// Refused until the evidence ends, or the taker gives up.
    fn held_to_the_end(&mut self, from: u64, end: u64, chance: &mut Chance) {
        self.tried(from, end, false);
        if chance.once_in(2) {
            self.steps(Who::Taker, end, Deed::GiveUp);
            self.ends(end);
        }
    }

    /// The evidence goes on for a while.
    fn ends(&mut self, after: u64) {
        for minute in 1..=30 {
            self.steps(Who::Writer, after + minute * 60 * SECOND, Deed::Other);
        }
    }
}
