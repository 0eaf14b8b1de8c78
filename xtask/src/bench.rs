//! `cargo xtask bench …`: measures Lockwait beside its peers in the same run, and prints a table for BENCHMARKS.md.

mod burst;
mod evidence;
mod ffi;
mod latency;
mod page;
mod peer;
mod report;
mod timed;
mod waiting;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clap::{Args, Subcommand};
use tempfile::TempDir;

use crate::step::{Trouble, command, run};
use crate::target;

/// Measure, beside the peers, and print a table.
#[derive(Args)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: What,
    /// Also put the table into BENCHMARKS.md.
    #[arg(long, global = true)]
    write: bool,
}

#[derive(Subcommand)]
enum What {
    /// From the release of a lock to the file at the destination, beside chokidar and watchdog.
    Latency,
    /// What 100,000 files that nobody lets go of cost.
    Waiting,
    /// Moving across volumes, beside cp.
    Burst,
    /// Router steps through the C ABI, beside the same in Rust.
    Ffi,
    /// Reading logs and captures, beside evtx_dump and tshark.
    Evidence,
    /// The page in Chromium, beside the command.
    Page,
}

impl Bench {
    /// Measures and prints.
    pub(crate) fn run(self) -> Result<(), Trouble> {
        let report = match self.what {
            What::Latency => latency::run()?,
            What::Waiting => waiting::run()?,
            What::Burst => burst::run_all()?,
            What::Ffi => ffi::run_both()?,
            What::Evidence => evidence::run_all()?,
            What::Page => page::run_all()?,
        };
        println!("\n{}", report.markdown());
        if self.write { report.write() } else { Ok(()) }
    }
}

/// Builds the command as users get it, and says where it is.
fn lockwait() -> Result<PathBuf, Trouble> {
    run(&mut command("cargo", ["build", "--release", "-p", "lockwait"]))?;
    Ok(target().join("release/lockwait"))
}

/// Where benches keep what they install.
fn bench_folder() -> Result<PathBuf, Trouble> {
    let folder = target().join("bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// An empty folder on disk, removed in the end.
fn scratch() -> Result<TempDir, Trouble> {
    Ok(TempDir::new_in(bench_folder()?)?)
}

/// A child process that is killed when dropped.
struct Running(Child);

impl Running {
    /// Starts `command` with its standard output in our hands.
    fn start(command: &mut Command) -> Result<Running, Trouble> {
        Ok(Running(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The value below which `percent` of the sorted `values` lie (nearest rank).
fn percentile(values: &[Duration], percent: usize) -> Option<Duration> {
    values.get((values.len() * percent).div_ceil(100).checked_sub(1)?).copied()
}
