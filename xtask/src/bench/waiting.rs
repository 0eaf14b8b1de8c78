//! What 100,000 files that nobody lets go of cost one `watch`.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::report::Report;
use super::{Running, lockwait, scratch};
use crate::step::Trouble;

/// Files that wait.
const FILES: usize = 100_000;
/// How long the processor time is counted.
const WINDOW: Duration = Duration::from_secs(20);
/// How long the engine is left alone before: by default every file is in its longest back-off 25 s after it was first
/// refused, and patience runs out at 30 s.
const SETTLING: Duration = Duration::from_secs(90);

/// Holds `FILES` files open, lets `watch` wait for them, and measures it once it has settled.
pub(super) fn run() -> Result<Report, Trouble> {
    let program = lockwait()?;
    let scratch = scratch()?;
    let destination = scratch.path().join("out");
    fs::create_dir(&destination)?;
    println!("{FILES} files, all held open for writing");
    let (sources, _holders) = hold(&program, scratch.path())?;

    let mut command = Command::new(&program);
    let mut watch = Running::start(command.arg("watch").args(&sources).arg("--into").arg(&destination).arg("--json"))?;
    let pid = watch.0.id();
    let reported = Arc::new(AtomicUsize::new(0));
    count_reports(&mut watch, Arc::clone(&reported));
    println!("settling for {} s", SETTLING.as_secs());
    thread::sleep(SETTLING);

    let (before, begin) = (processor_time(pid)?, Instant::now());
    thread::sleep(WINDOW);
    let used = processor_time(pid)?.saturating_sub(before).as_secs_f64() / begin.elapsed().as_secs_f64();
    let (now, most) = (memory(pid, "VmRSS:")?, memory(pid, "VmHWM:")?);
    let taken = fs::read_dir(&destination)?.filter_map(Result::ok).filter(|entry| !hidden(&entry.file_name())).count();
    if taken > 0 {
        return Err(format!("{taken} of the held files were taken").into());
    }
    Ok(Report {
        name: "waiting",
        about: format!(
            "{FILES} files in {} folders, all held open for writing, one `watch`, default policy; processor time over \
             {} s, {} s after the start.",
            sources.len(),
            WINDOW.as_secs(),
            SETTLING.as_secs()
        ),
        head: vec!["files waiting", "of one core", "memory", "most memory", "reported as held by then"],
        rows: vec![vec![
            FILES.to_string(),
            format!("{:.1} %", used * 100.0),
            megabytes(now),
            megabytes(most),
            reported.load(Ordering::Relaxed).to_string(),
        ]],
        notes: vec![],
    })
}

/// Reads on, so that a full pipe does not stop the engine, and counts the files it reports as held.
fn count_reports(watch: &mut Running, reported: Arc<AtomicUsize>) {
    let lines = watch.0.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()).map_while(Result::ok);
    thread::spawn(move || {
        for _ in lines.filter(|line| line.contains("\"lock-held\"")) {
            reported.fetch_add(1, Ordering::Relaxed);
        }
    });
}

/// Folders full of files, and the processes that hold them all: as many as the limit of open files makes necessary.
fn hold(program: &Path, root: &Path) -> Result<(Vec<PathBuf>, Vec<Running>), Trouble> {
    let each = usize::min(FILES, most_open_files()?.saturating_sub(64)).max(1);
    let (mut sources, mut holders) = (Vec::new(), Vec::new());
    for first in (0..FILES).step_by(each) {
        let folder = root.join(format!("in-{first}"));
        fs::create_dir(&folder)?;
        for n in first..usize::min(first + each, FILES) {
            File::create(folder.join(format!("{n:06}.dat")))?;
        }
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -Sn \"$(ulimit -Hn)\" && exec \"$@\"", "sh"]).arg(program).args(["actor", "hold"]);
        let mut holder = Running::start(shell.arg(&folder))?;
        let ready = holder.0.stdout.as_mut().and_then(|out| BufReader::new(out).lines().next());
        ready.ok_or("a holder ended before it held its files")??;
        sources.push(folder);
        holders.push(holder);
    }
    Ok((sources, holders))
}

/// How many files one process can be allowed to have open.
fn most_open_files() -> Result<usize, Trouble> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).ok_or("no limit of open files")?;
    let hard = line.split_whitespace().nth(1).unwrap_or_default();
    Ok(if hard == "unlimited" { usize::MAX } else { hard.parse()? })
}

/// User and system time of a process so far (proc_pid_stat(5), fields 14 and 15).
fn processor_time(pid: u32) -> Result<Duration, Trouble> {
    /// The unit of /proc on every Linux architecture (USER_HZ).
    const TICKS_PER_SECOND: u64 = 100;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field, the program's name, may hold blanks and parentheses; fields count on from its end.
    let (_, rest) = stat.rsplit_once(')').ok_or("unreadable /proc stat")?;
    let ticks: u64 = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// A line of `/proc/PID/status`, in bytes.
fn memory(pid: u32, line: &str) -> Result<u64, Trouble> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let value = status.lines().find_map(|text| text.strip_prefix(line)).ok_or("no such line in /proc status")?;
    Ok(value.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

fn hidden(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
