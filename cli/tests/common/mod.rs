//! What the integration tests share: folders, a running `lockwait`, and actors beside it.
//!
//! Each test file compiles this for itself and uses a part of it.
#![allow(dead_code)]

#[path = "../../src/actor/child.rs"]
pub(crate) mod child;
#[path = "../../src/actor/content.rs"]
pub(crate) mod content;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use child::{Actor, Deed, Verb};

/// The program under test.
pub(crate) const LOCKWAIT: &str = env!("CARGO_BIN_EXE_lockwait");

/// How long a test waits for something that must happen before it says that it did not.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A scratch folder with a source and a destination, and room for more.
pub(crate) struct Scene {
    root: TempDir,
    second: Option<TempDir>,
    pub(crate) source: PathBuf,
    pub(crate) dest: PathBuf,
}

impl Scene {
    /// Source and destination on the same file system, on disk.
    pub(crate) fn new() -> Scene {
        let root = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let (source, dest) = (root.path().join("in"), root.path().join("out"));
        Scene { root, second: None, source, dest }.created()
    }

    /// The source on disk and the destination in memory; `None`, with a note, where there is no second file system.
    pub(crate) fn across() -> Option<Scene> {
        let memory = Path::new("/dev/shm");
        let disk = Path::new(env!("CARGO_TARGET_TMPDIR"));
        if device(memory).is_none() || device(memory) == device(disk) {
            eprintln!("skipped: /dev/shm is no second file system here");
            return None;
        }
        let (root, second) = (TempDir::new_in(disk).unwrap(), TempDir::new_in(memory).unwrap());
        let (source, dest) = (root.path().join("in"), second.path().join("out"));
        Some(Scene { root, second: Some(second), source, dest }.created())
    }

    fn created(self) -> Scene {
        fs::create_dir(&self.source).unwrap();
        fs::create_dir(&self.dest).unwrap();
        self
    }

    /// The same with source and destination exchanged.
    pub(crate) fn reversed(mut self) -> Scene {
        std::mem::swap(&mut self.source, &mut self.dest);
        self
    }

    /// A path beside the source.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// `lockwait watch SOURCE --into DEST ARGS`, running.
    pub(crate) fn watch(&self, args: &[&str]) -> Engine {
        Engine::watch([self.source.as_os_str()], &self.dest, args)
    }

    /// An actor whose first argument after its kind is the file `name` in the source.
    pub(crate) fn actor(&self, kind: &str, name: &str, args: &[&str]) -> Player {
        Player::start(kind, &self.source.join(name), args)
    }

    /// Waits until the destination has a file called `name`, and gives its digest.
    pub(crate) fn arrival(&self, name: &str) -> String {
        let path = self.dest.join(name);
        wait_until(&format!("{name} arrives"), || path.exists());
        digest(&path)
    }

    /// Holds when no hidden file of the engine's is left on either side.
    pub(crate) fn assert_clean(&self) {
        for folder in [&self.source, &self.dest] {
            let left: Vec<OsString> = entries(folder).into_iter().filter(|name| is_own(name)).collect();
            assert!(left.is_empty(), "left in {}: {left:?}", folder.display());
        }
    }
}

/// An actor and what it was heard to do.
pub(crate) struct Player {
    pub(crate) actor: Actor,
    deeds: Receiver<Deed>,
}

impl Player {
    /// Starts an actor whose first argument is `path`.
    pub(crate) fn start(kind: &str, path: &Path, args: &[&str]) -> Player {
        let words = [OsStr::new(kind), path.as_os_str()].into_iter().chain(args.iter().map(OsStr::new));
        let (send, deeds) = mpsc::channel();
        // A test that has seen enough no longer listens.
        let actor = Actor::start(Path::new(LOCKWAIT), words, move |deed| drop(send.send(deed))).unwrap();
        Player { actor, deeds }
    }

    /// Waits until it did `what`.
    pub(crate) fn wait_for(&self, what: Verb) -> Deed {
        let next = || self.deeds.recv_timeout(PATIENCE).ok();
        let deed = std::iter::from_fn(next).find(|deed| deed.did == what);
        deed.unwrap_or_else(|| panic!("the actor ended or fell silent before it {what:?}"))
    }

    /// All it did that was not waited for, once it has ended.
    pub(crate) fn rest(self) -> Vec<Deed> {
        self.deeds.iter().collect()
    }

    /// Tells a holder to let go, and waits until it has: the digest of what it wrote.
    pub(crate) fn release(&mut self) -> String {
        writeln!(self.actor.child.stdin.as_mut().unwrap(), "release").unwrap();
        self.wait_for(Verb::Closed).digest
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.actor.child.id()
    }
}

/// A gateway's two folders below `root`.
pub(crate) struct Gateway {
    pub(crate) headers: PathBuf,
    pub(crate) parts: PathBuf,
}

impl Gateway {
    pub(crate) fn new(root: &Path) -> Gateway {
        let (headers, parts) = (root.join("API_OUT"), root.join("ATT_OUT"));
        fs::create_dir_all(&headers).unwrap();
        fs::create_dir_all(&parts).unwrap();
        Gateway { headers, parts }
    }

    /// Writes a message to its end: name and digest of each of its files.
    pub(crate) fn send(&self, name: &str, args: &[&str]) -> BTreeMap<OsString, String> {
        let header = format!("{name}.API");
        let player = Player::start("message", &self.headers.join(&header), args);
        let closed = std::iter::from_fn(|| {
            let deed = player.wait_for(Verb::Closed);
            Some((deed.name == header, (deed.name.into(), deed.digest)))
        });
        let mut files = BTreeMap::new();
        for (last, (name, digest)) in closed {
            files.insert(name, digest);
            if last {
                break;
            }
        }
        files
    }
}

/// A running `lockwait` that prints JSON Lines. Killed when dropped.
pub(crate) struct Engine {
    child: Child,
    lines: Receiver<Value>,
    seen: Vec<Value>,
}

impl Engine {
    /// Starts `lockwait WORDS`.
    pub(crate) fn start<A: AsRef<OsStr>>(words: impl IntoIterator<Item = A>) -> Engine {
        let mut command = Command::new(LOCKWAIT);
        let piped = command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let (send, receive) = mpsc::channel();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        hear(out, send.clone());
        hear(err, send);
        Engine { child, lines: receive, seen: Vec::new() }
    }

    /// Starts `lockwait watch SOURCES --into DEST --json ARGS`. It ends by itself some time after a test that was killed.
    pub(crate) fn watch<'a>(sources: impl IntoIterator<Item = &'a OsStr>, dest: &'a Path, args: &[&'a str]) -> Engine {
        let into = [OsStr::new("--into"), dest.as_os_str()];
        let rest = ["--json", "--for", "5m"].into_iter().chain(args.iter().copied()).map(OsStr::new);
        Engine::start([OsStr::new("watch")].into_iter().chain(sources).chain(into).chain(rest))
    }

    /// Waits for an event of this name about the file or folder called `name`.
    pub(crate) fn wait_for(&mut self, event: &str, name: &str) -> Value {
        let wanted = |line: &&Value| line["event"] == event && text(&line["path"]).ends_with(name);
        if let Some(line) = self.seen.iter().find(wanted) {
            return line.clone();
        }
        let deadline = Instant::now() + PATIENCE;
        while let Ok(line) = self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            self.seen.push(line.clone());
            if wanted(&&line) {
                return line;
            }
        }
        panic!("no {event} about {name}; seen:\n{:#?}", self.seen);
    }

    /// Waits until it runs.
    pub(crate) fn ready(mut self) -> Engine {
        self.wait_for("started", "");
        self
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Sends SIGKILL and waits; whether that, and not its own end, ended it.
    pub(crate) fn kill(mut self) -> bool {
        self.child.kill().unwrap();
        self.child.wait().unwrap().signal() == Some(9)
    }

    /// Waits until it has ended by itself; all its lines.
    pub(crate) fn finish(mut self) -> (ExitStatus, Vec<Value>) {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(line) = self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            self.seen.push(line);
        }
        assert!(Instant::now() < deadline, "it does not end; seen:\n{:#?}", self.seen);
        (self.child.wait().unwrap(), std::mem::take(&mut self.seen))
    }

    /// Sends SIGTERM and waits; all its lines.
    pub(crate) fn stop(self) -> Vec<Value> {
        self.terminate();
        self.finish().1
    }

    /// Whether it has ended by now.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends each line of `source` on: as what it says if it is JSON, as a string if not (a complaint for people, or the
/// last line of an engine that was killed in the middle of it).
fn hear(source: impl Read + Send + 'static, send: Sender<Value>) {
    thread::spawn(move || {
        for line in BufReader::new(source).lines().map_while(Result::ok) {
            if send.send(serde_json::from_str(&line).unwrap_or(Value::String(line))).is_err() {
                return;
            }
        }
    });
}

/// Runs `lockwait WORDS` to its end.
pub(crate) fn lockwait<A: AsRef<OsStr>>(words: impl IntoIterator<Item = A>) -> Output {
    Command::new(LOCKWAIT).args(words).stdin(Stdio::null()).output().unwrap()
}

/// The events about the file called `name` that count: those for the event log. The others are routine lines that `--json` has
/// for every file: of one that waited no longer than `quiet_ms`, or went away, and was never reported as held.
pub(crate) fn logged<'a>(events: &'a [Value], name: &str, quiet_ms: u64) -> Vec<&'a Value> {
    let about: Vec<&Value> = events.iter().filter(|event| text(&event["path"]).ends_with(name)).collect();
    if about.iter().any(|event| event["event"] == "lock-held") {
        return about;
    }
    let brief = |event: &Value| event["event"] == "acquired" && event["waited_ms"].as_u64() <= Some(quiet_ms);
    about.into_iter().filter(|event| !brief(event) && event["end"] != "gone").collect()
}

/// The `acquired` line about the file called `name`; panics unless there is exactly one.
pub(crate) fn acquired<'a>(events: &'a [Value], name: &str) -> &'a Value {
    let taken: Vec<&Value> =
        events.iter().filter(|event| event["event"] == "acquired" && text(&event["path"]).ends_with(name)).collect();
    assert_eq!(taken.len(), 1, "{name} must be taken exactly once: {events:#?}");
    taken[0]
}

/// A JSON string's text; empty for anything else.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The names in `folder`, sorted, but for the engine's own hidden files.
pub(crate) fn names(folder: &Path) -> Vec<OsString> {
    entries(folder).into_iter().filter(|name| !is_own(name)).collect()
}

/// All names in `folder`, sorted.
fn entries(folder: &Path) -> Vec<OsString> {
    let mut names: Vec<OsString> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

/// Whether a file is one of the engine's own: a journal, a part of a copy.
fn is_own(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".lockwait-")
}

/// Name and digest of each file in `folder`.
pub(crate) fn digests(folder: &Path) -> BTreeMap<OsString, String> {
    names(folder).into_iter().map(|name| (name.clone(), digest(&folder.join(&name)))).collect()
}

/// The digest of the file at `path`.
pub(crate) fn digest(path: &Path) -> String {
    content::digest(File::open(path).unwrap()).unwrap()
}

/// Writes `bytes` made-up bytes to `path` at one go; their digest.
pub(crate) fn write(path: &Path, bytes: usize) -> String {
    let mut content = content::Content::new(&path.to_string_lossy(), content::Format::Raw);
    fs::write(path, content.next(bytes)).unwrap();
    content.digest()
}

/// Waits until `holds`, for what gives no notice.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// A seeded source of numbers (xorshift64), for tests that draw instants and sizes.
pub(crate) struct Draw(u64);

impl Draw {
    /// Seeded from `LOCKWAIT_SEED`, or else from the clock; prints the seed, which a failing test shows.
    pub(crate) fn new() -> Draw {
        let given = std::env::var("LOCKWAIT_SEED").ok().map(|seed| seed.parse().expect("LOCKWAIT_SEED is a number"));
        let clock = || std::time::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_nanos() as u64);
        let seed: u64 = given.unwrap_or_else(clock) | 1;
        println!("seed: run again with LOCKWAIT_SEED={seed}");
        Draw(seed)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
}

/// The device a path is on.
fn device(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    Some(path.metadata().ok()?.dev())
}
