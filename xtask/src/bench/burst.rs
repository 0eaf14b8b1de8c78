//! Moving across volumes, beside `cp`, nobody syncing.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::report::Report;
use super::{lockwait, percentile, scratch};
use crate::step::{Trouble, run};

/// Runs of each contender, in turns.
const RUNS: usize = 7;
/// The other volume.
const MEMORY: &str = "/dev/shm";
/// Nobody syncs, and files whose format says nothing are taken at once.
const POLICY: &str = "sync = false\nsettle = \"0\"\n";

/// What is moved: its name, how many files of how many bytes, and what `cp` does to the same end.
struct Load {
    name: &'static str,
    files: usize,
    bytes: usize,
    cp: &'static str,
}

const LOADS: [Load; 2] = [
    Load {
        name: "1 GiB in one file; `cp`, which keeps the source",
        files: 1,
        bytes: 1 << 30,
        cp: "cp \"$1\"/* \"$2\"",
    },
    Load {
        name: "10,000 files of 4 KiB; `cp -r` and `rm -r`",
        files: 10_000,
        bytes: 4096,
        cp: "cp -r \"$1\" \"$2\" && rm -r \"$1\"",
    },
];

/// Measures both loads in both directions.
pub(super) fn run_all() -> Result<Report, Trouble> {
    let program = lockwait()?;
    let (disk, memory) = (scratch()?, TempDir::new_in(MEMORY)?);
    let policy = disk.path().join("policy.toml");
    fs::write(&policy, POLICY)?;
    let ways = [("disk to memory", disk.path(), memory.path()), ("memory to disk", memory.path(), disk.path())];
    let mut rows = Vec::new();
    for load in &LOADS {
        for (way, from, to) in ways {
            println!("{}, {way}: {RUNS} runs each", load.name);
            let (mut own, mut cp) = (Vec::new(), Vec::new());
            for _ in 0..RUNS {
                own.push(timed(load, from, to, |source, destination| {
                    let mut command = Command::new(&program);
                    command.arg("watch").arg(source).arg("--into").arg(destination);
                    command.args(["--once", "--json", "--policy"]).arg(&policy);
                    command
                })?);
                cp.push(timed(load, from, to, |source, destination| {
                    let mut command = Command::new("sh");
                    command.args(["-c", load.cp, "sh"]).args([source, destination]);
                    command
                })?);
            }
            let (own, cp) = (median(own), median(cp));
            let speed = format!("{:.2} x", cp.as_secs_f64() / own.as_secs_f64());
            rows.push(vec![load.name.into(), way.into(), milliseconds(own), milliseconds(cp), speed]);
        }
    }
    Ok(Report {
        name: "burst",
        about: format!(
            "Moving across volumes (disk and `{MEMORY}`), nobody syncing; from the start of the process to its end, \
             median of {RUNS} runs in turns. Lockwait's time includes its start, its scan, its probe of every file \
             and the deletion of the source."
        ),
        head: vec!["what", "way", "Lockwait", "cp", "Lockwait's speed"],
        rows,
        notes: vec![],
    })
}

/// Sets the load down in a fresh folder under `from` and times what takes it to a fresh folder under `to`.
fn timed(load: &Load, from: &Path, to: &Path, command: impl Fn(&Path, &Path) -> Command) -> Result<Duration, Trouble> {
    let (source, destination) = (TempDir::new_in(from)?, TempDir::new_in(to)?);
    // No byte of it is a hole.
    let piece: Vec<u8> =
        (1..=load.bytes.min(1 << 20)).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[2] | 1).collect();
    for n in 0..load.files {
        let mut file = File::create(source.path().join(format!("{n:05}.dat")))?;
        for _ in 0..load.bytes / piece.len() {
            file.write_all(&piece)?;
        }
    }
    let mut command = command(source.path(), destination.path());
    let start = Instant::now();
    run(command.stdout(Stdio::null()))?;
    let took = start.elapsed();
    // `rm -r` has taken the folder too.
    fs::create_dir_all(source.path())?;
    Ok(took)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    percentile(&times, 50).unwrap_or_default()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}
