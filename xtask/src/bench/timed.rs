//! Time of a command, by bash, and memory, by GNU time: bash tells milliseconds, GNU time hundredths of a second.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::step::{Trouble, command, run};

/// What one run took.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Used {
    /// Seconds of the processor: the program's own and the kernel's for it.
    pub(super) processor: f64,
    /// Seconds by the clock.
    pub(super) clock: f64,
    /// The most memory that was resident, in bytes.
    pub(super) memory: u64,
}

/// Runs the command and throws its output away.
///
/// A program of its own does the counting, because Linux lets a process that is started from a large one count the
/// large one's memory as its own.
///
/// # Errors
/// It fails, or they do not tell.
pub(super) fn timed(wanted: &Command, scratch: &Path) -> Result<Used, Trouble> {
    const SCRIPT: &str = "TIMEFORMAT='%3U %3S %3R'; \
        { time /usr/bin/time --quiet --format=%M --output \"$0.memory\" \"$@\" >/dev/null 2>&1; } 2>\"$0.time\"";
    let told = scratch.join("told");
    run(command("bash", ["-c", SCRIPT]).arg(&told).arg(wanted.get_program()).args(wanted.get_args()))?;
    let text = fs::read_to_string(told.with_extension("time"))? + &fs::read_to_string(told.with_extension("memory"))?;
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let [user, system, clock, kilobytes] = numbers[..] else {
        return Err(format!("bash and GNU time say {text:?}").into());
    };
    Ok(Used { processor: user + system, clock, memory: kilobytes as u64 * 1024 })
}

/// The run in the middle by processor time, and the most memory of all.
pub(super) fn median(mut runs: Vec<Used>) -> Used {
    runs.sort_by(|a, b| a.processor.total_cmp(&b.processor));
    let memory = runs.iter().map(|run| run.memory).max().unwrap_or_default();
    runs.get(runs.len() / 2).map_or(Used::default(), |run| Used { memory, ..*run })
}
