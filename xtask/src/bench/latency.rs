//! From the release of a real lock on a complete file to the file at the destination.
//!
//! This process creates each file whole and keeps it open for writing; closing it is the release. It sees the file
//! arrive through the destination folder's own file notices. Both instants come from its one monotonic clock.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use notify::{RecursiveMode, Watcher as _};

use super::report::Report;
use super::{Running, lockwait, peer, percentile, scratch};
use crate::step::Trouble;

/// Releases of each contender.
const RELEASES: usize = 500;
/// Files that are held at the same time.
const HELD: usize = 16;
/// The pause before each release is one of `PAUSES` whole milliseconds from this on.
const PAUSE_MS: u64 = 10;
/// See [`PAUSE_MS`]; with [`HELD`] a file is held for 400 ms on average, out of step with every poll.
const PAUSES: u64 = 31;
/// How long the last files may take to arrive.
const PATIENCE: Duration = Duration::from_secs(15);

/// Makes the command that moves files from the first folder to the second.
type Start<'a> = Box<dyn Fn(&Path, &Path) -> Command + 'a>;

/// What one contender did.
struct Result500 {
    /// Times from release to arrival, sorted.
    times: Vec<Duration>,
    /// Files that arrived while they were still held.
    early: usize,
}

/// Measures Lockwait with and without hints, and the peers that can be had.
pub(super) fn run() -> Result<Report, Trouble> {
    let program = lockwait()?;
    let own = |args: &'static [&'static str]| -> Start<'_> {
        let program = &program;
        Box::new(move |source, destination| {
            let mut command = Command::new(program);
            command.arg("watch").arg(source).arg("--into").arg(destination).arg("--json").args(args);
            command
        })
    };
    let mut contenders: Vec<(String, Start<'_>)> =
        vec![("Lockwait".into(), own(&[])), ("Lockwait, `--no-hints`".into(), own(&["--no-hints"]))];
    let mut notes = vec![format!(
        "The files' content is complete, so Lockwait does not settle. chokidar counts its 2 s from the last write, \
         which here is about {} ms before the release; it does not look at locks at all, so a writer that pauses for \
         longer loses its file.",
        HELD as u64 * (PAUSE_MS + PAUSES / 2)
    )];
    for (name, found) in [("chokidar", peer::chokidar()), ("watchdog", peer::watchdog())] {
        match found {
            Ok(peer) => contenders.push((peer.name.clone(), Box::new(move |from, to| peer.command(from, to)))),
            Err(trouble) => notes.push(format!("{name} was left out: {trouble}.")),
        }
    }

    let mut rows = Vec::new();
    for (name, start) in &contenders {
        println!("{name}: {RELEASES} releases");
        let Result500 { times, early } = measure(start)?;
        let column = |percent| percentile(&times, percent).map_or("-".into(), milliseconds);
        let arrived = format!("{} of {RELEASES}", times.len() + early);
        rows.push(vec![name.clone(), column(50), column(95), column(99), column(100), arrived, early.to_string()]);
    }
    Ok(Report {
        name: "latency",
        about: format!(
            "From the close of a file that was held open for writing to the same file at the destination, on one \
             file system, default policy; {RELEASES} releases each, {HELD} files held at a time."
        ),
        head: vec!["what", "p50", "p95", "p99", "longest", "arrived", "taken while held"],
        rows,
        notes,
    })
}

/// Runs one contender on fresh folders.
fn measure(start: &Start<'_>) -> Result<Result500, Trouble> {
    let scratch = scratch()?;
    let (source, destination) = (scratch.path().join("in"), scratch.path().join("out"));
    fs::create_dir(&source)?;
    fs::create_dir(&destination)?;
    let (_watcher, arrivals) = watch_arrivals(&destination)?;
    let _contender = start_ready(start(&source, &destination))?;

    let mut held = VecDeque::new();
    let mut released = BTreeMap::new();
    for n in 0..RELEASES + HELD {
        if n < RELEASES {
            let name = format!("{n:03}.json");
            let mut file = File::create(source.join(&name))?;
            file.write_all(br#"{"complete": true}"#)?;
            held.push_back((name, file));
        }
        if n >= HELD {
            thread::sleep(Duration::from_millis(PAUSE_MS + n as u64 * 7 % PAUSES));
            if let Some((name, file)) = held.pop_front() {
                let at = Instant::now();
                drop(file);
                released.insert(name, at);
            }
        }
    }

    let mut found = Result500 { times: Vec::new(), early: 0 };
    let mut arrived = BTreeMap::new();
    let deadline = Instant::now() + PATIENCE;
    while arrived.len() < RELEASES {
        let Ok((name, at)) = arrivals.recv_timeout(deadline.saturating_duration_since(Instant::now())) else { break };
        arrived.entry(name).or_insert(at);
    }
    for (name, at) in arrived {
        match released.get(&name).and_then(|released| at.checked_duration_since(*released)) {
            Some(time) => found.times.push(time),
            None => found.early += 1,
        }
    }
    found.times.sort();
    Ok(found)
}

/// Starts `command` and waits for its first line, which every contender prints when it is ready.
fn start_ready(mut command: Command) -> Result<Running, Trouble> {
    let mut running = Running::start(&mut command)?;
    let mut lines = running.0.stdout.take().map(|out| BufReader::new(out).lines()).into_iter().flatten();
    lines.next().ok_or("the contender ended before it was ready")??;
    // Somebody must read on, or a full pipe would stop it.
    thread::spawn(move || lines.for_each(drop));
    Ok(running)
}

/// Names that appear in `folder`, each with the instant.
fn watch_arrivals(folder: &Path) -> Result<(impl Sized, Receiver<(String, Instant)>), Trouble> {
    let (send, arrivals) = mpsc::channel();
    let parent = folder.to_owned();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let at = Instant::now();
        let Ok(event) = event else { return };
        // There are notices about the folder itself, too.
        let inside = event.paths.iter().filter(|path| path.parent() == Some(&parent));
        for name in inside.filter_map(|path| path.file_name()) {
            let name = name.to_string_lossy().into_owned();
            // Hidden names are not arrivals. Nobody listens any more once all have arrived.
            if !name.starts_with('.') {
                let _ = send.send((name, at));
            }
        }
    })?;
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    Ok((watcher, arrivals))
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}
