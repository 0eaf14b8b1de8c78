//! A whole run against real processes that share their files in every way Windows knows.
#![cfg(windows)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use lockwait_core::event::{Event, EventKind};
use lockwait_core::policy::Policy;
use lockwait_core::time::Span;
use lockwait_core::verdict::{Advice, Kind};
use lockwait_native::path;
use lockwait_native::runner::{self, Observer, Setup, Stop};
use windows_sys::Win32::Storage::FileSystem::{FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE};

mod common;

use common::taking::visible;
use common::{StandIn, file, names, refused, scratch, two_volumes};

/// How long a test waits for something that must happen before it says that it did not.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long holders hold after the run began: longer than `quiet`, so that it is told.
const HOLD: Duration = Duration::from_millis(1_500);

#[test]
#[ignore = "a part played for the other tests"]
fn stand_in() {
    common::play();
}

/// Share mode and path of the file that a process is to write, with a blank between.
const GROW: &str = "LOCKWAIT_TEST_GROW";

/// Bytes written at a time.
const CHUNK: usize = 1_000;

/// What a whole file of `chunks` chunks holds.
fn content(chunks: usize) -> Vec<u8> {
    (0..chunks * CHUNK).map(|at| (at % 251) as u8).collect()
}

#[test]
#[ignore = "a part played for the other tests"]
fn grow() {
    let Ok(told) = std::env::var(GROW) else { return };
    let (share, path) = told.split_once(' ').unwrap();
    let mut file = File::options().write(true).create_new(true).share_mode(share.parse().unwrap()).open(path).unwrap();
    println!("\ngrow: begun");
    let done = AtomicBool::new(false);
    let chunks = thread::scope(|scope| {
        scope.spawn(|| {
            drop(std::io::stdin().read_to_end(&mut Vec::new()));
            done.store(true, Ordering::Relaxed);
        });
        let mut chunks = 0;
        while !done.load(Ordering::Relaxed) {
            chunks += 1;
            file.write_all(&content(chunks)[(chunks - 1) * CHUNK..]).unwrap();
            thread::sleep(Duration::from_millis(50));
        }
        chunks
    });
    drop(file);
    println!("grow: wrote {chunks}");
}

/// A process that goes on writing a file until it is told to end.
struct Writer {
    process: Child,
    /// Closed to have it end.
    tell: Option<ChildStdin>,
    out: BufReader<ChildStdout>,
}

impl Writer {
    fn start(share: u32, path: &Path) -> Writer {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "grow", "--nocapture"]).env(GROW, format!("{share} {}", path.display()));
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (tell, out) = (process.stdin.take(), BufReader::new(process.stdout.take().unwrap()));
        let mut writer = Writer { process, tell, out };
        writer.heard("begun");
        writer
    }

    /// Waits until it says a line that begins so; the rest of the line.
    fn heard(&mut self, what: &str) -> String {
        let mut lines = (&mut self.out).lines().map_while(Result::ok);
        let said = lines.find_map(|line| line.strip_prefix(&format!("grow: {what}")).map(str::to_owned));
        said.unwrap_or_else(|| panic!("the writer ended before it said '{what}'"))
    }

    /// Has it end; what it wrote.
    fn finish(mut self) -> Vec<u8> {
        self.tell = None;
        let chunks = self.heard("wrote").trim().parse().unwrap();
        assert!(self.process.wait().unwrap().success());
        content(chunks)
    }
}

/// Passes events on, but for the routine ones.
struct Ear(Sender<Event>);

impl Observer for Ear {
    fn event(&mut self, event: &Event) {
        if !event.routine {
            // A test may have heard enough.
            drop(self.0.send(event.clone()));
        }
    }
}

fn policy() -> Policy {
    Policy {
        quiet: Span::from_secs(1),
        patience: Span::from_secs(30),
        settle: Span::from_millis(300),
        ..Policy::default()
    }
}

/// Runs from `from` to `to` while `meanwhile` looks on, and stops.
fn run<T>(from: &Path, to: &Path, policy: Policy, meanwhile: impl FnOnce(&Receiver<Event>) -> T) -> T {
    let mut setup = Setup::new(to);
    setup.sources = vec![from.to_path_buf()];
    setup.options.policy = policy;
    let (stop, (send, events)) = (Stop::new(), mpsc::channel());
    thread::scope(|scope| {
        let running = scope.spawn(|| runner::run(setup, &stop, &mut Ear(send)).unwrap());
        wait_for(&events, EventKind::Started, "");
        let seen = meanwhile(&events);
        let asked = Instant::now();
        stop.trigger();
        running.join().unwrap();
        assert!(asked.elapsed() < Duration::from_millis(500), "stopping took {:?}", asked.elapsed());
        seen
    })
}

/// The next event, which must be of this kind and about the file called `name`.
fn wait_for(events: &Receiver<Event>, kind: EventKind, name: &str) -> Event {
    let event = events.recv_timeout(PATIENCE).unwrap();
    assert!(event.kind == kind && path::to_path(&event.path).ends_with(name), "{event:#?}");
    event
}

#[test]
fn files_held_in_every_way_arrive_whole_and_once_when_they_are_let_go() {
    for (from, to) in [Some((scratch(), scratch())), two_volumes()].into_iter().flatten() {
        let share_all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
        let writers = [("exclusive", 0), ("read-shared", FILE_SHARE_READ), ("shared", share_all)]
            .map(|(name, share)| (name, Writer::start(share, &from.path().join(name))));
        let holders = [("reader", "read"), ("range", "lock")]
            .map(|(name, part)| StandIn::holding(part, &file(from.path(), name, content(3))));
        let (written, events) = run(from.path(), to.path(), policy(), |events| {
            // The length of the hold is what the test is about: no event can stand for it.
            thread::sleep(HOLD);
            drop(holders);
            let written = writers.map(|(name, writer)| (name, writer.finish()));
            let told: Vec<Event> = (0..5).map(|_| events.recv_timeout(PATIENCE).unwrap()).collect();
            (written, told)
        });
        let expected = [("range", content(3)), ("reader", content(3))].into_iter().chain(written);
        for (name, content) in expected {
            assert!(fs::read(to.path().join(name)).unwrap() == content, "{name} is not whole");
            let about: Vec<&Event> = events.iter().filter(|event| path::to_path(&event.path).ends_with(name)).collect();
            let [event] = about[..] else { panic!("not one event about {name}: {about:#?}") };
            assert_eq!(event.kind, EventKind::Acquired, "{event:#?}");
            let (code, verdict) = (event.code.unwrap(), event.verdict.as_ref().unwrap());
            let told = (code.value(), verdict.advice);
            // Both held for longer than `quiet`, which is what somebody should see to; how long they did depends on
            // the machine, and with it what kind of reader they look like.
            let reads = matches!(verdict.kind, Kind::Scanner | Kind::OtherConsumer);
            let (expected, fits) = match name {
                "range" => ((33, Advice::Act), reads),
                "reader" => ((32, Advice::Act), reads),
                _ => ((32, Advice::Ignore), verdict.kind == Kind::WriterFinishing),
            };
            assert!(told == expected && fits, "{name}: {code} {verdict:#?}");
        }
        let arrived = ["exclusive", "range", "read-shared", "reader", "shared"].map(String::from);
        // A thread of the run's that takes its time leaves the journal a moment longer than the run.
        assert_eq!((names(from.path()), visible(to.path())), (vec![], arrived.into()));
    }
}

#[test]
fn a_stuck_writer_is_reported_once_and_its_file_taken_when_it_lets_go() {
    let (from, to) = (scratch(), scratch());
    let path = file(from.path(), "stuck", "some");
    let writer = StandIn::holding("write", &path);
    let policy = Policy { patience: Span::from_secs(1), ..policy() };
    run(from.path(), to.path(), policy, |events| {
        let held = wait_for(events, EventKind::LockHeld, "stuck");
        let verdict = held.verdict.unwrap();
        assert_eq!((verdict.kind, verdict.advice), (Kind::WriterStalled, Advice::Act), "{verdict:#?}");
        assert_eq!(visible(to.path()), [""; 0]);
        drop(writer);
        wait_for(events, EventKind::Acquired, "stuck");
    });
    assert_eq!((names(from.path()), visible(to.path())), (vec![], vec!["stuck".to_string()]));
}

/// The identity of the copy that lies ready in `folder`, once there is a whole one of `length` bytes.
fn ready(folder: &Path, length: usize) -> u64 {
    let start = Instant::now();
    loop {
        assert!(start.elapsed() < PATIENCE, "{:?}", visible(folder));
        for part in visible(folder).into_iter().filter(|name| name.ends_with(".part")) {
            let path = folder.join(part);
            // It may be thrown away just now.
            if fs::metadata(&path).is_ok_and(|part| part.len() == length as u64) {
                return refused(&path).facts.unwrap().identity;
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_file_that_a_reader_keeps_is_read_while_it_is_held_and_moved_when_it_is_let_go() {
    let Some((from, to)) = two_volumes() else { return };
    let path = file(from.path(), "kept", content(3));
    let reader = StandIn::holding("read", &path);
    let last = run(from.path(), to.path(), policy(), |events| {
        let first = ready(to.path(), 3 * CHUNK);
        // The reader lets others write.
        fs::write(&path, content(4)).unwrap();
        let last = ready(to.path(), 4 * CHUNK);
        assert_ne!(first, last, "the source changed, so it was copied again");
        assert_eq!(names(from.path()), ["kept"], "it is not taken by that");
        assert!(events.try_recv().is_err(), "nor told");
        drop(reader);
        let event = wait_for(events, EventKind::Acquired, "kept");
        assert_eq!((event.code.unwrap().value(), event.bytes), (32, Some(4 * CHUNK as u64)), "{event:#?}");
        last
    });
    let arrived = to.path().join("kept");
    assert_eq!(common::look(&arrived).facts.identity, last, "it is the copy that lay ready");
    assert!(fs::read(arrived).unwrap() == content(4));
    assert_eq!((names(from.path()), visible(to.path())), (vec![], vec!["kept".to_string()]));
}

#[test]
fn a_run_that_ends_while_it_reads_ahead_ends_at_once_and_leaves_nothing() {
    let Some((to, from)) = two_volumes() else { return };
    let path = from.path().join("big");
    // Takes no room at its source, and many chunks to copy.
    File::create(&path).unwrap().set_len(64 << 30).unwrap();
    let _reader = StandIn::holding("read", &path);
    let begun = |name: &String| fs::metadata(to.path().join(name)).is_ok_and(|part| part.len() > 0);
    // To remove what was copied takes a moment longer than the run may; to copy the rest would take far longer.
    let nothing_is_left = || {
        let start = Instant::now();
        while !names(to.path()).is_empty() {
            assert!(start.elapsed() < Duration::from_secs(10), "{:?}", names(to.path()));
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(names(from.path()), ["big"]);
    };
    run(from.path(), to.path(), policy(), |_| {
        let start = Instant::now();
        while !visible(to.path()).iter().any(begun) {
            assert!(start.elapsed() < PATIENCE);
            thread::sleep(Duration::from_millis(5));
        }
    });
    nothing_is_left();

    // One that is not stopped, but has had its time.
    let mut setup = Setup::new(to.path());
    setup.sources = vec![from.path().to_path_buf()];
    setup.limit = Some(Duration::from_secs(4));
    thread::scope(|scope| {
        let running = scope.spawn(|| runner::run(setup, &Stop::new(), &mut Ear(mpsc::channel().0)));
        let mut seen = false;
        while !running.is_finished() {
            seen |= visible(to.path()).iter().any(begun);
            thread::sleep(Duration::from_millis(5));
        }
        assert!(seen, "it read ahead");
    });
    nothing_is_left();
}
