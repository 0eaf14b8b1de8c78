//! The world that a router is put into: folders, files, and programs that hold them, all decided by one seed.

use lockwait_core::code::Code;
use lockwait_core::observation::{Access, Content, Facts, Holder, Holders, Look, Method, Place, Refusal, Scope, Taken};
use lockwait_core::pickup::{ActionKind, Outcome};
use lockwait_core::time::{Span, Timestamp};

use crate::random::Random;

/// From `0` up to, not including, `1`.
pub(crate) type Interval = (Timestamp, Timestamp);

/// One file's whole life, known in advance.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) place: Place,
    pub(crate) arrives: Timestamp,
    /// The other consumer or the user removes it then.
    pub(crate) vanishes: Option<Timestamp>,
    /// Times at which it grows by 1,000 bytes.
    pub(crate) growth: Vec<Timestamp>,
    /// Who keeps everybody else out, when, and how.
    pub(crate) locks: Vec<(Interval, Holding)>,
    /// What a look says of its content when it has all its bytes: complete, or unknown.
    pub(crate) tells_its_end: bool,
    /// The host rejects its content.
    pub(crate) rotten: bool,
    /// Every attempt is refused for good.
    pub(crate) denied: bool,
    /// The files it names.
    pub(crate) names: Vec<Place>,
    /// It was taken, or put in the bad folder.
    pub(crate) moved: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Holding {
    Writer,
    Scanner,
    Backup,
    Consumer,
    Stuck,
}

pub(crate) struct Folder {
    pub(crate) outages: Vec<(Interval, Code)>,
}

pub(crate) struct World {
    pub(crate) files: Vec<File>,
    pub(crate) folders: Vec<(String, Folder)>,
    /// The destination is full then.
    pub(crate) full: Option<Interval>,
    /// Longest time an action takes.
    pub(crate) latency: u64,
}

const MS: u64 = 1_000;
const S: u64 = 1_000_000;
pub(crate) const START: Timestamp = Timestamp(1_700_000_000 * S);

fn after(us: u64) -> Timestamp {
    START + Span(us)
}

fn inside(interval: Interval, at: Timestamp) -> bool {
    interval.0 <= at && at < interval.1
}

impl World {
    /// The world of `random`'s seed. Everything that happens, happens within about `HOURS`.
    pub(crate) fn new(random: &mut Random) -> World {
        let folder_count = random.between(1, 4);
        let mut folders = Vec::new();
        for n in 0..folder_count {
            let mut outages = Vec::new();
            if random.chance(30) {
                let from = random.between(0, 30 * S);
                let long = random.between(10 * MS, 200 * S);
                // The network goes away, or the server runs out of licences (Q201876).
                let code = if random.chance(50) { Code::win32(53) } else { Code::win32(18) };
                outages.push(((after(from), after(from + long)), code));
            }
            folders.push((format!("/in{n}/API_OUT"), Folder { outages }));
            folders.push((format!("/in{n}/ATT_OUT"), Folder { outages: Vec::new() }));
        }
        let full = random.chance(15).then(|| {
            let from = random.between(0, 20 * S);
            (after(from), after(from + random.between(S, 100 * S)))
        });
        let latency = if random.chance(80) { random.between(1, 5 * MS) } else { random.between(5 * MS, 600 * MS) };
        let mut world = World { files: Vec::new(), folders, full, latency };
        for n in 0..random.between(1, 40) {
            let folder = random.between(0, folder_count - 1) * 2;
            world.add_file(random, n, folder as usize);
        }
        if random.chance(20) {
            world.sweep(random);
        }
        world
    }

    fn add_file(&mut self, random: &mut Random, n: u64, folder: usize) {
        let arrives = random.between(0, 20 * S);
        let header = random.chance(15);
        let folder_name = self.folders[folder].0.clone();
        let name = if header { format!("{n:08x}.API") } else { format!("file{n}.dat") };
        let mut file = File {
            place: Place::new(folder_name.as_str(), name.as_str()),
            arrives: after(arrives),
            vanishes: None,
            growth: Vec::new(),
            locks: Vec::new(),
            tells_its_end: header || random.chance(50),
            rotten: random.chance(5),
            denied: random.chance(3),
            names: Vec::new(),
            moved: None,
        };
        let written = write(random, &mut file, arrives);
        if random.chance(25) {
            let from = written + random.between(0, 200 * MS);
            file.locks.push(((after(from), after(from + random.between(300 * MS, 3 * S))), Holding::Scanner));
        }
        if random.chance(8) {
            let from = written + random.between(0, 500 * MS);
            let gone = from + random.between(10 * MS, 20 * S);
            file.locks.push(((after(from), after(gone)), Holding::Consumer));
            file.vanishes = Some(after(gone));
        }
        if random.chance(8) {
            let from = written + random.between(0, 100 * MS);
            let until = if random.chance(50) { from + random.between(20 * S, 7_200 * S) } else { u64::MAX / 2 };
            file.locks.push(((after(from), after(until)), Holding::Stuck));
        }
        if header {
            let members = self.folders[folder + 1].0.clone();
            for m in 0..random.between(0, 3) {
                // Now and then a message names what another one names, too.
                let shared = if random.chance(10) { 0 } else { n };
                let place = Place::new(members.as_str(), format!("{shared:08x}.{m}").as_str());
                if !file.names.contains(&place) {
                    file.names.push(place.clone());
                }
                if !self.files.iter().any(|other| other.place == place) {
                    self.add_member(random, place, arrives);
                }
            }
        }
        self.files.push(file);
    }

    fn add_member(&mut self, random: &mut Random, place: Place, header_at: u64) {
        let arrives = (header_at + random.between(0, S)).saturating_sub(500 * MS);
        let mut file = File {
            place,
            arrives: after(arrives),
            vanishes: None,
            growth: Vec::new(),
            locks: Vec::new(),
            tells_its_end: random.chance(50),
            rotten: false,
            denied: false,
            names: Vec::new(),
            moved: None,
        };
        write(random, &mut file, arrives);
        self.files.push(file);
    }

    /// A backup holds every file of a folder for a while, one after another or all at once.
    fn sweep(&mut self, random: &mut Random) {
        let folder = self.folders[0].0.clone();
        let mut at = random.between(5 * S, 30 * S);
        let each = random.between(100 * MS, 10 * S);
        let step = if random.chance(50) { each } else { 0 };
        for file in self.files.iter_mut().filter(|file| file.place.folder.as_bytes() == folder.as_bytes()) {
            file.locks.push(((after(at), after(at + each)), Holding::Backup));
            at += step;
        }
    }

    pub(crate) fn file(&self, place: &Place) -> Option<&File> {
        self.files.iter().find(|file| file.place == *place)
    }

    fn outage(&self, place: &Place, at: Timestamp) -> Option<Code> {
        let (_, folder) = self.folders.iter().find(|(name, _)| place.folder.as_bytes() == name.as_bytes())?;
        folder.outages.iter().find(|(interval, _)| inside(*interval, at)).map(|(_, code)| *code)
    }

    /// What carrying out an action from `from` to `to` gives; moves the file when it is taken.
    pub(crate) fn carry_out(&mut self, place: &Place, kind: ActionKind, from: Timestamp, to: Timestamp) -> Outcome {
        if kind == ActionKind::Identify {
            return Outcome::Holders(self.holders(place, to));
        }
        if let Some(code) = self.outage(place, to) {
            return Outcome::Refused(Refusal { scope: Scope::Folder, ..Refusal::new(code) });
        }
        let full = self.full.is_some_and(|full| inside(full, to));
        let Some(file) = self.files.iter_mut().find(|file| file.place == *place && file.exists(to)) else {
            return Outcome::Refused(Refusal::new(Code::win32(2)));
        };
        if file.denied {
            return Outcome::Refused(Refusal::new(Code::win32(1326)));
        }
        let refused = file.held(to).or_else(|| file.held(from)).map(|holding| file.refusal(holding, to));
        match (kind, refused) {
            (_, Some(refusal)) => Outcome::Refused(refusal),
            (ActionKind::Try, None) if file.rotten && file.whole(to) => Outcome::Rejected(Code::CONTENT_REJECTED),
            (ActionKind::Try, None) => Outcome::Opened(file.look(to)),
            (ActionKind::Quarantine, None) => {
                file.moved = Some(to);
                Outcome::Quarantined("/bad".into())
            }
            (_, None) if full => Outcome::Refused(Refusal::new(Code::win32(112))),
            (ActionKind::Take { expected }, None) if expected == file.facts(to) && file.facts(from) == expected => {
                file.moved = Some(to);
                Outcome::Taken(Taken { to: place.name.clone(), bytes: expected.size })
            }
            (_, None) => Outcome::Changed(Some(file.facts(to))),
        }
    }

    fn holders(&self, place: &Place, at: Timestamp) -> Holders {
        let Some(holding) = self.file(place).filter(|file| file.exists(at)).and_then(|file| file.held(at)) else {
            return Holders::Found(Vec::new());
        };
        let (name, access) = match holding {
            Holding::Writer | Holding::Stuck => ("producer", Access::Write),
            Holding::Scanner => ("clamd", Access::Read),
            Holding::Backup => ("bareos-fd", Access::Read),
            Holding::Consumer => ("consumer", Access::Read),
        };
        Holders::Found(vec![Holder { name: name.into(), pid: Some(7), access, ..Holder::default() }])
    }
}

impl File {
    pub(crate) fn exists(&self, at: Timestamp) -> bool {
        self.arrives <= at && self.vanishes.is_none_or(|gone| at < gone) && self.moved.is_none_or(|moved| at < moved)
    }

    /// Whether it never keeps anybody waiting.
    pub(crate) fn is_plain(&self) -> bool {
        self.locks.is_empty() && !self.rotten && !self.denied && self.names.is_empty() && self.tells_its_end
    }

    fn held(&self, at: Timestamp) -> Option<Holding> {
        self.locks.iter().find(|(interval, _)| inside(*interval, at)).map(|(_, holding)| *holding)
    }

    fn whole(&self, at: Timestamp) -> bool {
        self.growth.iter().all(|time| *time <= at)
    }

    fn facts(&self, at: Timestamp) -> Facts {
        let steps = self.growth.iter().filter(|time| **time <= at);
        let modified = steps.clone().max().unwrap_or(&self.arrives).0 * 1_000;
        let identity =
            self.arrives.0 ^ u64::from(self.place.name.as_bytes().iter().map(|b| u32::from(*b)).sum::<u32>());
        Facts { size: steps.count() as u64 * 1_000, modified, identity }
    }

    fn look(&self, at: Timestamp) -> Look {
        let content = match (self.tells_its_end, self.whole(at)) {
            (false, _) => Content::Unknown,
            (true, true) => Content::Complete,
            (true, false) => Content::Incomplete,
        };
        let companions = if content == Content::Incomplete { Vec::new() } else { self.names.clone() };
        Look { facts: self.facts(at), content, method: Method::ShareMode, companions }
    }

    fn refusal(&self, holding: Holding, at: Timestamp) -> Refusal {
        let access = match holding {
            Holding::Writer | Holding::Stuck => Access::Write,
            Holding::Scanner | Holding::Backup | Holding::Consumer => Access::Read,
        };
        let facts = Some(self.facts(at));
        Refusal { facts, access, method: Method::ShareMode, ..Refusal::new(Code::win32(32)) }
    }
}

/// A writer that arrives with the file, writes for a while, perhaps closes and reopens, and closes; gives when.
fn write(random: &mut Random, file: &mut File, arrives: u64) -> u64 {
    let mut at = arrives;
    if random.chance(40) {
        file.growth.push(after(at));
        return at;
    }
    for _ in 0..random.between(1, 3) {
        let opened = at;
        for _ in 0..random.between(1, 30) {
            at += random.between(MS, 800 * MS);
            file.growth.push(after(at));
        }
        at += random.between(MS, 400 * MS);
        file.locks.push(((after(opened), after(at)), Holding::Writer));
        // Closed, to be reopened within the time that a file of unknown format settles.
        at += random.between(50 * MS, 600 * MS);
    }
    at
}
