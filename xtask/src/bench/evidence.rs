//! Reading logs and captures, beside evtx_dump and tshark.

mod loads;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::report::Report;
use super::timed::{Used, median, timed};
use super::{lockwait, scratch};
use crate::step::{Trouble, command, run, typed};
use crate::{debian, root, target};

/// Runs of each contender, in turns.
const RUNS: usize = 5;
/// Third-party files beside the project's folder, not part of it.
const FIXTURES: &str = "../shared/fixtures";
/// The version of the crate that Lockwait reads `.evtx` with.
const EVTX: &str = "0.15.1";
const MIB: usize = 1 << 20;

/// What is read.
pub(super) struct Load {
    pub(super) name: &'static str,
    /// Its file's name.
    pub(super) file: &'static str,
    bytes: fn() -> Result<Vec<u8>, Trouble>,
    peer: Option<Contender>,
    target: Target,
}

impl Load {
    /// Writes it into that folder and says where; notes that it is left out where it cannot be had.
    pub(super) fn made(&self, folder: &Path, notes: &mut Vec<String>) -> Result<Option<PathBuf>, Trouble> {
        let path = folder.join(self.file);
        match (self.bytes)() {
            Ok(bytes) => {
                fs::write(&path, bytes)?;
                Ok(Some(path))
            }
            Err(trouble) => {
                println!("{}: left out: {trouble}", self.name);
                notes.push(format!("{} was left out: {trouble}.", self.name));
                Ok(None)
            }
        }
    }
}

/// Another program that reads the same.
#[derive(Clone, Copy)]
struct Contender {
    /// Installs it if it is missing: its name with its version, and its program.
    get: fn() -> Result<(String, PathBuf), Trouble>,
    /// The words before the name of the file and after it.
    words: [&'static [&'static str]; 2],
    /// What each line of its output stands for, by its name in our report.
    counts: Counted,
}

/// What both must find the same number of.
#[derive(Clone, Copy)]
enum Counted {
    LockFailures,
    Records,
}

/// What DESIGN section 10 asks for.
#[derive(Clone, Copy)]
enum Target {
    /// So many times the peer's speed.
    Times(f64),
    /// So many million bytes a second.
    Speed(f64),
    Nothing,
}

const TSHARK: Contender = Contender {
    get: tshark,
    words: [
        &["-n", "-r"],
        &[
            "-Y",
            // Sharing violation, lock conflict, lock not granted, delete pending, cannot delete: what counts as a lock.
            "smb2.nt_status in {0xc0000043, 0xc0000054, 0xc0000055, 0xc0000056, 0xc0000121}",
            "-T",
            "fields",
            "-e",
            "frame.time_epoch",
            "-e",
            "ip.dst",
            "-e",
            "smb2.filename",
        ],
    ],
    counts: Counted::LockFailures,
};
const EVTX_DUMP: Contender =
    Contender { get: evtx_dump, words: [&["-t", "1", "-o", "jsonl"], &[]], counts: Counted::Records };

pub(super) const LOADS: [Load; 10] = [
    Load {
        name: "pcap: Samba's lock and share mode tests, again and again",
        file: "torture.pcap",
        bytes: || rounds("captures/torture_smb2_sharemode_lock.pcapng"),
        peer: Some(TSHARK),
        target: Target::Times(100.0),
    },
    Load {
        name: "pcap: Samba refuses an open every 200 ms, again and again",
        file: "retries.pcap",
        bytes: || rounds("captures/generated_smb2_200ms.pcapng"),
        peer: Some(TSHARK),
        target: Target::Times(100.0),
    },
    Load {
        name: "pcap: Samba refuses a byte range every 200 ms, again and again",
        file: "ranges.pcap",
        bytes: || rounds("captures/generated_smb2_lock_200ms.pcapng"),
        peer: Some(TSHARK),
        target: Target::Times(100.0),
    },
    Load {
        name: "pcap: our own SMB2, 15 refusals on every file",
        file: "contention.pcap",
        bytes: || Ok(loads::capture(64 * MIB)),
        peer: Some(TSHARK),
        target: Target::Times(100.0),
    },
    Load {
        name: "`.evtx`: a System log, again and again",
        file: "system.evtx",
        bytes: || evtx("evtx/plaso_System.evtx"),
        peer: Some(EVTX_DUMP),
        target: Target::Times(1.0),
    },
    Load {
        name: "`.evtx`: another System log",
        file: "other.evtx",
        bytes: || evtx("evtx/omer_system.evtx"),
        peer: Some(EVTX_DUMP),
        target: Target::Times(1.0),
    },
    Load {
        name: "text: a lock error in 1,000 lines",
        file: "application.log",
        bytes: || Ok(loads::text(256 * MIB)),
        peer: None,
        target: Target::Speed(500.0),
    },
    Load {
        name: "text: every third line a lock error",
        file: "errors.log",
        bytes: || Ok(loads::hard_text(64 * MIB)),
        peer: None,
        target: Target::Nothing,
    },
    Load {
        name: "`.evt`: a lock error in 100 records",
        file: "application.evt",
        bytes: || Ok(loads::evt(64 * MIB)),
        peer: None,
        target: Target::Nothing,
    },
    Load {
        name: "Procmon CSV: a refusal in 100 rows",
        file: "procmon.csv",
        bytes: || Ok(loads::procmon(64 * MIB)),
        peer: None,
        target: Target::Nothing,
    },
];

/// Makes every input, reads it with Lockwait and its peer in turns, and compares.
pub(super) fn run_all() -> Result<Report, Trouble> {
    debian::ensure(&["time"])?;
    let program = lockwait()?;
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for load in &LOADS {
        // One at a time: together they are large.
        let scratch = scratch()?;
        let Some(path) = load.made(scratch.path(), &mut notes)? else { continue };
        let mut own = command(&program, ["diagnose", "--json"]);
        own.arg(&path);
        rows.push(measure(load, &own, &path, scratch.path())?);
    }
    notes.push(format!(
        "Options: `lockwait {}`, `tshark {}`, `evtx_dump {}`. Each line of tshark's output is a refusal, of evtx_dump's a \
         record; Lockwait must find as many, or there is no table.",
        "diagnose --json FILE",
        shown(&TSHARK),
        shown(&EVTX_DUMP)
    ));
    Ok(Report {
        name: "evidence",
        about: format!(
            "Whole programs on one file, from start to end, output to /dev/null; the run in the middle of {RUNS} in turns. \
             MB/s (a million bytes) are by processor time, the program's and the kernel's for it, and in brackets by the \
             clock. Lockwait works in one thread."
        ),
        head: vec!["what", "size", "lock errors", "Lockwait", "most memory", "peer", "Lockwait's speed", "target"],
        rows,
        notes,
    })
}

/// The row of one load.
fn measure(load: &Load, own: &Command, path: &Path, scratch: &Path) -> Result<Vec<String>, Trouble> {
    let size = fs::metadata(path)?.len();
    let found = Found::by(own)?;
    let peer = load.peer.map(|peer| Peer::new(&peer, path, &found)).transpose()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        ours.push(timed(own, scratch)?);
        if let Some(peer) = &peer {
            theirs.push(timed(&peer.command, scratch)?);
        }
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let speed = |used: Used| {
        let megabytes = size as f64 / 1e6;
        format!("{:.1} MB/s ({:.1})", megabytes / used.processor, megabytes / used.clock)
    };
    let ratio = theirs.processor / ours.processor;
    let reached = match load.target {
        Target::Times(times) => Some((format!("{times} x"), ratio >= times)),
        Target::Speed(wanted) => Some((format!("{wanted} MB/s"), size as f64 / 1e6 / ours.processor >= wanted)),
        Target::Nothing => None,
    };
    let row = vec![
        load.name.into(),
        format!("{:.1} MB", size as f64 / 1e6),
        found.lock_failures.to_string(),
        speed(ours),
        format!("{:.1} MB, {:.2} x", ours.memory as f64 / 1e6, ours.memory as f64 / size as f64),
        peer.as_ref().map_or("-".into(), |peer| format!("{}: {}", peer.name, speed(theirs))),
        peer.as_ref().map_or("-".into(), |_| format!("{ratio:.2} x")),
        reached.map_or("-".into(), |(wanted, is_met)| format!("{wanted}: {}", if is_met { "met" } else { "missed" })),
    ];
    println!("{}", row.join(" | "));
    Ok(row)
}

/// A peer on one file.
struct Peer {
    name: String,
    command: Command,
}

impl Peer {
    /// The peer is there, and finds the same.
    fn new(contender: &Contender, path: &Path, found: &Found) -> Result<Peer, Trouble> {
        let (name, program) = (contender.get)()?;
        let mut command = command(program, contender.words[0]);
        command.arg(path).args(contender.words[1]);
        let theirs = lines(&mut command)?;
        let ours = match contender.counts {
            Counted::LockFailures => found.lock_failures,
            Counted::Records => found.records,
        };
        if ours != theirs {
            return Err(format!("{name} finds {theirs} and Lockwait {ours} in {}", path.display()).into());
        }
        Ok(Peer { name, command })
    }
}

/// What Lockwait found.
struct Found {
    records: u64,
    lock_failures: u64,
}

impl Found {
    fn by(own: &Command) -> Result<Found, Trouble> {
        let output = command(own.get_program(), own.get_args()).output()?;
        let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let input = &report["inputs"][0];
        let number =
            |name: &str| input[name].as_u64().ok_or_else(|| format!("the report has no {name}: {}", typed(own)));
        Ok(Found { records: number("records")?, lock_failures: number("lock_failures")? })
    }
}

/// How many lines the command prints.
fn lines(command: &mut Command) -> Result<u64, Trouble> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let output = child.stdout.take().ok_or("no output")?;
    let mut count = 0;
    for line in BufReader::new(output).split(b'\n') {
        line?;
        count += 1;
    }
    let status = child.wait()?;
    if status.success() { Ok(count) } else { Err(format!("this failed ({status}): {}", typed(command)).into()) }
}

fn evtx(fixture: &str) -> Result<Vec<u8>, Trouble> {
    loads::evtx(&read(fixture)?, 64 * MIB).ok_or_else(|| format!("{fixture}: no chunks in it").into())
}

fn rounds(fixture: &str) -> Result<Vec<u8>, Trouble> {
    loads::rounds(&read(fixture)?, 64 * MIB).ok_or_else(|| format!("{fixture}: no frames in it").into())
}

fn read(fixture: &str) -> Result<Vec<u8>, Trouble> {
    let path = root().join(FIXTURES).join(fixture);
    fs::read(&path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// tshark, from Debian.
fn tshark() -> Result<(String, PathBuf), Trouble> {
    debian::ensure(&["tshark"])?;
    let output = command("tshark", ["--version"]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_whitespace().nth(2).unwrap_or("?").trim_end_matches('.').to_owned();
    Ok((format!("tshark {version}"), "tshark".into()))
}

/// evtx_dump, from crates.io.
fn evtx_dump() -> Result<(String, PathBuf), Trouble> {
    let root = target().join("tools");
    let program = root.join("bin/evtx_dump");
    if !program.exists() {
        run(command("cargo", ["install", "evtx", "--version", EVTX, "--locked", "--root"]).arg(&root))?;
    }
    Ok((format!("evtx_dump {EVTX}"), program))
}

fn shown(contender: &Contender) -> String {
    let quoted = |word: &&str| if word.contains(' ') { format!("'{word}'") } else { (*word).to_owned() };
    let [before, after] = contender.words.map(|words| words.iter().map(quoted).collect::<Vec<_>>().join(" "));
    format!("{before} FILE {after}").trim_end().to_owned()
}
