//! Runs a [`Router`] on this machine: watches folders, carries out what the router asks for, tells what happened.
//!
//! | module | what it does |
//! |---|---|
//! | `setup` | checks before the start |
//! | `engine` | the router's thread |
//! | `clock` | its time |
//! | `stop` | the switch that ends a run |
//! | `desk`, `pool`, `hands` | the threads that carry out actions, and what they do |
//! | `staging` | which files are read before they can be moved |
//! | `scout`, `outpost`, `ident` | a thread a folder: finds files, notices when the folder is lost |
//! | `tally` | counts and progress |
//! | `tape` | the trace |
//!
//! Nothing here is global, and no signal is touched: several runs may go on in one process.

mod clock;
mod desk;
mod engine;
mod hands;
mod ident;
mod outpost;
mod pool;
mod queue;
mod scout;
mod setup;
mod staging;
mod stop;
mod tally;
mod tape;

use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lockwait_core::companion;
use lockwait_core::event::Event;
use lockwait_core::observation::Place;

use lockwait_core::router::{Options, Router};
use lockwait_core::trace;

use crate::burst::{Burst, Recovered};
use crate::probe::Prober;
use crate::{holders, path};
use clock::Clock;
use desk::Desk;
use engine::Engine;
use hands::SystemHands;
use outpost::Outpost;
use pool::Pool;
use scout::Orders;
use staging::Staging;
use tally::Tally;
use tape::Tape;

pub use setup::{Role, SetupError};
pub use stop::Stop;
pub use tally::{Progress, Summary, Waiting};
pub use tape::TraceWriter;

/// What a run is to do.
pub struct Setup {
    /// Folders whose files are taken.
    pub sources: Vec<PathBuf>,
    /// Single files that are taken.
    pub files: Vec<PathBuf>,
    /// Where they are taken to.
    pub into: PathBuf,
    /// Where files with unusable content are moved to; without, they stay.
    pub bad: Option<PathBuf>,
    /// How the router is set up. The run itself sets `quarantine` (is there a bad folder?) and `seed`.
    pub options: Options,
    /// Whether the operating system's file notices are used. Folders are listed all the same: every 10 s with
    /// notices, as often as the policy's `retry` without, but never for more than 2 % of the time.
    pub hints: bool,
    /// The run ends when every file that is there has ended.
    pub once: bool,
    /// The run ends after this time.
    pub limit: Option<Duration>,
    /// How often progress is told; `None` is never.
    pub progress: Option<Duration>,
    /// How many of the files that wait are listed in it.
    pub listed: usize,
    /// Where the trace is written.
    pub trace: Option<TraceWriter>,
}

impl Setup {
    /// Nothing to do yet, into the folder `into`, with notices and the default policy.
    pub fn new(into: impl Into<PathBuf>) -> Setup {
        Setup {
            sources: Vec::new(),
            files: Vec::new(),
            into: into.into(),
            bad: None,
            options: Options::default(),
            hints: true,
            once: false,
            limit: None,
            progress: None,
            listed: 1,
            trace: None,
        }
    }
}

/// Is told what happens. All calls come from the thread that called [`run`], between the steps of the router: who
/// takes long here delays every file.
pub trait Observer {
    /// Something happened. Routine events, one for every file, have `routine` set.
    fn event(&mut self, event: &Event);

    /// How the run is doing, as often as [`Setup::progress`] says and once at the end.
    fn progress(&mut self, _progress: &Progress) {}

    /// Something is not as it should be, though files are still taken.
    fn trouble(&mut self, _text: &str) {}

    /// What killed runs had left in the destination, and what was done about it. Told once, before anything else.
    fn recovered(&mut self, _recovered: &Recovered) {}
}

/// Runs until `stop` is triggered, the limit is reached, or (when only files, or `once`) every file has ended.
///
/// Returns within 100 ms of the trigger, whatever the file systems do: a thread that hangs in one is left behind.
///
/// # Errors
/// The run cannot start. Nothing has been taken, but what killed runs had left may have been cleared up.
pub fn run(setup: Setup, stop: &Stop, observer: &mut dyn Observer) -> Result<Summary, SetupError> {
    let absolute =
        |role, path: &PathBuf| setup::absolute(path).map_err(|error| SetupError::Folder(role, path.clone(), error));
    let listed = setup.sources.iter().map(|source| absolute(Role::Source, source)).collect::<Result<Vec<_>, _>>()?;
    let into = absolute(Role::Destination, &setup.into)?;
    let bad = setup.bad.as_ref().map(|bad| absolute(Role::Bad, bad)).transpose()?;
    let files = setup.files.iter().map(|file| place_of(file)).collect::<Result<Vec<_>, _>>()?;
    if listed.is_empty() && files.is_empty() {
        return Err(SetupError::NothingToDo);
    }
    let mut fetched: Vec<PathBuf> = files.iter().map(|place| path::to_path(&place.folder)).collect();
    fetched.sort();
    fetched.dedup();
    setup::check(&listed, &fetched, &into, bad.as_deref())?;
    if !stop.attach() {
        return Err(SetupError::StopInUse);
    }

    let policy = setup.options.policy.clone();
    let burst = Burst::open(&into, bad.as_deref(), policy.sync, policy.collision).map_err(SetupError::Unusable)?;
    observer.recovered(burst.recovered());

    let desk = Arc::new(Desk::new());
    let (companions, prober) = (policy.companions.clone(), Prober::new());
    let hands = Arc::new(SystemHands { prober, burst, companions, staging: Staging::default(), stop: stop.clone() });
    let pool = Pool::new(Arc::clone(&desk), hands, Box::new(holders::who), policy.at_once as usize)
        .map_err(SetupError::NoThreads)?;
    let retry = Duration::from_micros(policy.retry.0);
    let mut posts = Vec::new();
    fetched.retain(|folder| !listed.contains(folder));
    for (folders, list) in [(&listed, true), (&fetched, false)] {
        for folder in folders {
            let folder = path::to_name(folder);
            let beside = companion::beside(&policy.companions, &folder);
            let orders = Orders { folder, beside, hints: setup.hints, retry, list };
            posts.push(Outpost::new(orders, &desk).map_err(SetupError::NoThreads)?);
        }
    }
    let seed = RandomState::new().build_hasher().finish();
    let mut router = Router::new(Options { quarantine: bad.is_some(), seed, ..setup.options });
    let tape = setup
        .trace
        .map(|out| Tape::new(out, trace::begin(&mut router), Arc::clone(&desk)))
        .transpose()
        .map_err(SetupError::NoThreads)?;
    let engine = Engine {
        router,
        clock: Clock::start(),
        desk,
        pool,
        posts,
        tally: Tally::new(),
        tape,
        observer,
        once: setup.once || listed.is_empty(),
        until: setup.limit.map(|limit| Instant::now() + limit),
        progress_every: setup.progress,
        listed: setup.listed,
    };
    Ok(engine.run(files, stop))
}

/// The place of a single file, checked to be there.
fn place_of(file: &Path) -> Result<Place, SetupError> {
    let fault = |error| SetupError::File(file.to_owned(), error);
    if fs::symlink_metadata(file).map_err(fault)?.is_dir() {
        return Err(SetupError::NotAFile(file.to_owned()));
    }
    let absolute = setup::absolute(file).map_err(fault)?;
    path::to_place(&absolute).ok_or_else(|| SetupError::NotAFile(file.to_owned()))
}
