//! Processes that stand in for holders and for other users, and places on two volumes.
#![allow(dead_code, unreachable_pub, reason = "no test program uses all of it")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use lockwait_core::observation::{Look, Place};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Companions;
use lockwait_native::lock::{LockKind, lock};
use lockwait_native::path;
use lockwait_native::probe::Prober;

/// The user id of `nobody`: an ordinary user who owns none of the files.
pub const NOBODY: u32 = 65_534;

/// Set for a process that is to play a part: the part, a blank, the path it acts on.
const PART: &str = "LOCKWAIT_TEST_PART";

/// A process of this same program that plays a part until it is dropped.
pub struct StandIn {
    process: Child,
    _stdin: Option<ChildStdin>,
    out: BufReader<ChildStdout>,
}

impl StandIn {
    /// Starts one that holds `path` open in the way `part` says, and waits until it does.
    pub fn holding(part: &str, path: &Path) -> StandIn {
        let mut child = StandIn::start(part, path, None);
        assert_eq!(child.line(), "ready");
        child
    }

    /// What [`Prober::look`] says to `user` about `path`, as JSON.
    pub fn look_as(user: u32, path: &Path) -> serde_json::Value {
        let mut child = StandIn::start("look", path, Some(user));
        serde_json::from_str(&child.line()).unwrap()
    }

    fn start(part: &str, path: &Path, user: Option<u32>) -> StandIn {
        // Another user may not be able to reach the program where it was built.
        let program = std::env::current_exe().unwrap();
        let copy = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap();
        let program = match user {
            None => program,
            Some(_) => {
                let reachable = copy.path().join("stand-in");
                // Copied by another program: were it open for writing here, a test that forks at the same time would
                // hand that on to its child, and the copy could not be started until the child is done with it.
                assert!(Command::new("cp").arg(&program).arg(&reachable).status().unwrap().success());
                reachable
            }
        };
        let mut command = Command::new(program);
        command.args(["--ignored", "--exact", "stand_in", "--nocapture"]);
        command.env(PART, format!("{part} {}", path.to_str().unwrap()));
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, out) = (process.stdin.take(), BufReader::new(process.stdout.take().unwrap()));
        let mut child = StandIn { process, _stdin: stdin, out };
        // The test harness says a few lines of its own first, and one without a line end.
        if user.is_some() {
            let begun = child.line();
            assert!(begun.ends_with("begin"), "{begun}");
        }
        child
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The next line that is the stand-in's and not the harness's.
    fn line(&mut self) -> String {
        let mut line = String::new();
        while self.out.read_line(&mut line).unwrap() > 0 {
            if let Some((_, said)) = line.trim_end().split_once("stand-in: ") {
                return said.to_string();
            }
            line.clear();
        }
        panic!("the stand-in ended without a word");
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Plays the part this process was started for. Called from an ignored test called `stand_in` in each test program.
pub fn play() {
    let Ok(part) = std::env::var(PART) else { return };
    let (part, path) = part.split_once(' ').unwrap();
    let path = Path::new(path);
    let say = |text: &str| {
        println!("stand-in: {text}");
        std::io::stdout().flush().unwrap();
    };
    if part == "look" {
        say("begin");
        let outcome = Prober::new().look(&path::to_place(path).unwrap(), &Companions::None);
        return say(&serde_json::to_string(&outcome).unwrap());
    }
    let writer = || File::options().read(true).write(true).open(path).unwrap();
    let locked = |file: File, kind| {
        lock(&file, kind).unwrap();
        file
    };
    let _held = match part {
        "write" => File::options().append(true).open(path).unwrap(),
        "read" => File::open(path).unwrap(),
        "ofd" => locked(writer(), LockKind::Ofd),
        "posix" => locked(writer(), LockKind::Posix),
        "flock" => locked(File::open(path).unwrap(), LockKind::Flock),
        other => panic!("no such part: {other}"),
    };
    say("ready");
    // Until the test lets go of the other end, or kills.
    drop(std::io::stdin().read_to_end(&mut Vec::new()));
}

/// Whether this is the superuser, who alone can play other users and mount file systems.
pub fn is_root() -> bool {
    let scratch = tempfile::tempfile().unwrap();
    scratch.metadata().unwrap().uid() == 0
}

/// A scratch folder that other users may enter.
pub fn scratch() -> tempfile::TempDir {
    tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap()
}

/// Two scratch folders on different volumes; `None`, and a word about it, where there is only one volume.
pub fn two_volumes() -> Option<(tempfile::TempDir, tempfile::TempDir)> {
    let (first, second) = (scratch(), tempfile::tempdir_in("/dev/shm").ok());
    let volume = |folder: &Path| fs::metadata(folder).unwrap().dev();
    match second {
        Some(second) if volume(first.path()) != volume(second.path()) => Some((first, second)),
        _ => {
            eprintln!("skipped: the folder for temporary files and /dev/shm are not two volumes");
            None
        }
    }
}

/// The names in `folder`, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What a look says of a file that nobody holds. Another test that is just starting a process has, for a moment, a
/// copy of this one's descriptors, also those for writing; so a refusal counts only if it stays.
pub fn look(path: &Path) -> Look {
    let start = Instant::now();
    loop {
        match Prober::new().look(&place(path), &Companions::None) {
            Outcome::Opened(look) => return look,
            other => assert!(start.elapsed() < Duration::from_secs(10), "not opened: {other:?}"),
        }
        std::thread::yield_now();
    }
}

pub fn place(path: &Path) -> Place {
    path::to_place(path).unwrap()
}

/// Writes a file and gives its path.
pub fn file(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}
