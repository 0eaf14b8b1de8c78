//! Processes that stand in for holders and for other users, and places for files.
#![allow(dead_code, unreachable_pub, unused_imports, reason = "no test program uses all of it")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use lockwait_core::observation::{Look, Place, Refusal};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Companions;
use lockwait_native::path;
use lockwait_native::probe::Prober;

pub mod taking;

#[cfg(unix)]
mod posix;
#[cfg(unix)]
pub use posix::*;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub use windows::*;

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
        let mut child = StandIn::spawn(StandIn::command(&std::env::current_exe().unwrap(), part, path));
        assert_eq!(child.line(), "ready");
        child
    }

    /// How `program`, which is this one or a copy of it, is started to play a part.
    fn command(program: &Path, part: &str, path: &Path) -> Command {
        let mut command = Command::new(program);
        command.args(["--ignored", "--exact", "stand_in", "--nocapture"]);
        command.env(PART, format!("{part} {}", path.to_str().unwrap()));
        command
    }

    fn spawn(mut command: Command) -> StandIn {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, out) = (process.stdin.take(), BufReader::new(process.stdout.take().unwrap()));
        StandIn { process, _stdin: stdin, out }
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The next line that is the stand-in's and not the harness's, which says a few of its own, and one without a
    /// line end.
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
    let _held = hold(part, path);
    say("ready");
    // Until the test lets go of the other end, or kills.
    drop(std::io::stdin().read_to_end(&mut Vec::new()));
}

/// The names in `folder`, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What a look says of a file that somebody holds.
pub fn refused(path: &Path) -> Refusal {
    match Prober::new().look(&place(path), &Companions::None) {
        Outcome::Refused(refusal) => refusal,
        other => panic!("not refused: {other:?}"),
    }
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
