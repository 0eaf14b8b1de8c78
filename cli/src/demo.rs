//! `lockwait demo`: the main job on real locks, held by real processes, in a scratch folder.
//!
//! What really holds each file is known beforehand ([`cast`]), so the demo says not only what happened but whether it
//! was right: each file whole, exactly once, and each verdict's advice fitting the truth.

mod cast;
mod judge;
mod report;
mod scratch;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::error::Error;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use lockwait_core::event::{Event, EventKind};
use lockwait_core::policy::{Companions, Policy};
use lockwait_core::time::Span;
use lockwait_native::runner::{self, Observer, Setup, Stop};

use crate::actor::child::{Actor, Deed, Verb};
use crate::args::DemoArgs;
use crate::{CANNOT_START, output, signals, trace};
use cast::{CAST, file_name};
use report::Report;
use scratch::Scratch;

/// Numbers short enough to show everything in a few seconds.
fn policy() -> Policy {
    Policy {
        quiet: Span::from_secs(2),
        patience: Span::from_secs(3),
        settle: Span::from_millis(400),
        companions: Companions::Gateway,
        ..Policy::default()
    }
}

/// What the demo hears while it runs.
enum News {
    /// From the engine.
    Event(Box<Event>),
    /// From an actor.
    Deed(Deed),
    /// The engine has ended.
    Ended,
}

/// Passes the engine's events on.
struct Ear(Sender<News>);

impl Observer for Ear {
    fn event(&mut self, event: &Event) {
        // Nobody listens any more once the demo has heard all it wants.
        let _ = self.0.send(News::Event(Box::new(event.clone())));
    }
}

/// All that was heard.
#[derive(Default)]
struct Heard {
    events: Vec<Event>,
    /// File name to the digest of what its writer wrote.
    written: BTreeMap<String, String>,
}

/// Plays the demo; prints for people, or with `--json` one object a line.
///
/// Succeeds if every file arrived whole, exactly once, and every verdict's advice fits the truth.
pub(crate) fn run(args: &DemoArgs) -> ExitCode {
    match play(&mut Report::new(args.json), args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            output::complain(&error.to_string());
            ExitCode::from(CANNOT_START)
        }
    }
}

fn play(report: &mut Report, args: &DemoArgs) -> Result<bool, Box<dyn Error>> {
    let scratch = Scratch::new()?;
    let folder = |name: &str| scratch.path().join(name);
    for name in cast::SOURCES.iter().chain([&cast::ATTACHMENTS, &cast::DESTINATION]) {
        std::fs::create_dir(folder(name))?;
    }
    let mut setup = Setup::new(folder(cast::DESTINATION));
    setup.sources = cast::SOURCES.map(folder).into();
    setup.options.policy = policy();
    setup.trace = trace::create(args.trace.as_deref())?;
    report.opening(scratch.path(), &setup.options.policy);

    let (send, news) = mpsc::channel();
    let (ear, stop) = (send.clone(), Stop::new());
    signals::stop_on_signal(&stop)?;
    let heard = thread::scope(|scope| {
        let engine = scope.spawn(|| {
            let ended = runner::run(setup, &stop, &mut Ear(ear.clone()));
            let _ = ear.send(News::Ended);
            ended
        });
        let heard = direct(report, scratch.path(), &send, &news, Duration::from_micros(args.limit.0));
        stop.trigger();
        // A thread that panicked has said so itself.
        engine.join().map_err(|_| "the engine broke off")??;
        Ok::<_, Box<dyn Error>>(heard?)
    })?;
    let outcomes = CAST.iter().map(|part| judge::judge(part, &folder(cast::DESTINATION), &heard)).collect::<Vec<_>>();
    report.closing(&outcomes);
    Ok(outcomes.iter().all(judge::Outcome::is_right))
}

/// Starts the actors, tells what happens, and kills the stuck one once it was reported. Ends when every file has
/// arrived, or after `limit`.
fn direct(
    report: &Report,
    scratch: &Path,
    send: &Sender<News>,
    news: &Receiver<News>,
    limit: Duration,
) -> io::Result<Heard> {
    let deadline = Instant::now() + limit;
    let mut heard = Heard::default();
    let mut actors = BTreeMap::new();
    let mut missing: BTreeSet<&str> = CAST.iter().flat_map(|part| part.files).copied().collect();
    let _scanner = start(scratch, &cast::SCANNER, send)?;
    while !missing.is_empty() {
        match news.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(News::Event(event)) => {
                report.event(&event);
                match event.kind {
                    EventKind::Acquired => drop(missing.remove(file_name(&event.path).as_str())),
                    // Somebody acted, as advised: an actor that is dropped is killed.
                    EventKind::LockHeld => drop(actors.remove(file_name(&event.path).as_str())),
                    _ => {}
                }
                heard.events.push(*event);
            }
            // Only the scanner says so before there are others: everything new is in its sight now.
            Ok(News::Deed(deed)) if deed.did == Verb::Ready && actors.is_empty() => {
                for part in &CAST {
                    actors.insert(part.name(), start(scratch, part.actor, send)?);
                }
            }
            Ok(News::Deed(deed)) => {
                report.deed(&deed);
                if !deed.digest.is_empty() {
                    heard.written.insert(deed.name, deed.digest);
                }
            }
            Ok(News::Ended) | Err(_) => break,
        }
    }
    Ok(heard)
}

/// Starts an actor whose second argument is a path in the scratch folder.
fn start(scratch: &Path, args: &[&str], send: &Sender<News>) -> io::Result<Actor> {
    let path = scratch.join(args[1]);
    let words = [args[0].as_ref(), path.as_os_str()].into_iter().chain(args[2..].iter().map(AsRef::as_ref));
    let send = send.clone();
    // Nobody listens any more once the demo is over.
    Actor::start(&env::current_exe()?, words, move |deed| drop(send.send(News::Deed(deed))))
}
