//! The diagnostic page in Chromium, beside the command on the same files.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::evidence::{LOADS, Load};
use super::report::Report;
use super::timed::{Used, median, timed};
use super::{lockwait, scratch};
use crate::page::site;
use crate::step::{Trouble, command, typed};
use crate::{debian, page};

/// Runs of each contender, in turns.
const RUNS: usize = 3;
/// What is read, by its file's name.
const FILES: [&str; 3] = ["system.evtx", "contention.pcap", "application.log"];
/// What is wanted: the first answer in seconds, the speed beside the command's, a task of the main thread in
/// milliseconds, frames a second, a search in milliseconds.
const FIRST: f64 = 3.0;
const SPEED: f64 = 0.5;
const TASK: f64 = 50.0;
const FRAMES: f64 = 50.0;
const SEARCH: f64 = 100.0;

/// What bench.mjs says of one file.
#[derive(Deserialize)]
struct Read {
    /// Until the whole file was there, in pieces, with nothing done to them.
    handed_over_ms: f64,
    /// The WebAssembly's own time for bytes that are there: the first time, when most of it is not yet compiled for
    /// speed, and again.
    engine_first_ms: f64,
    engine_again_ms: f64,
    /// From the page's opening until the engine is ready.
    ready_ms: f64,
    first_answer_ms: f64,
    total_ms: f64,
    peak_bytes: f64,
    /// 0 where none was as long as the browser tells of, 50 ms.
    longest_task_ms: f64,
}

/// What bench.mjs says of a page full of episodes.
#[derive(Deserialize)]
struct Looked {
    episodes: u64,
    attempts: u64,
    pan: Pan,
    scroll: Frames,
    search_ms: Vec<f64>,
}

/// With all attempts in sight, and with the whole time in a tenth of it.
#[derive(Deserialize)]
struct Pan {
    half: Frames,
    tenth: Frames,
}

#[derive(Deserialize)]
struct Frames {
    fps: f64,
    worst_frame_ms: f64,
}

/// Builds the page and the command, makes every input, and reads it with both in turns.
pub(super) fn run_all() -> Result<Report, Trouble> {
    debian::ensure(&["time", "chromium"])?;
    let built = page::built()?;
    let program = lockwait()?;
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for load in LOADS.iter().filter(|load| FILES.contains(&load.file)) {
        // One at a time: together they are large.
        let scratch = scratch()?;
        let Some(path) = load.made(scratch.path(), &mut notes)? else { continue };
        rows.push(measure(load, &program, &path, scratch.path())?);
    }
    notes.push(looked()?);
    notes.push(built);
    Ok(Report {
        name: "page",
        about: format!(
            "The built page in Debian's headless Chromium, a fresh one for each run. The engine is made ready from the \
             page's opening on, and a file is chosen after that; times are from its choice, by the clock; native is \
             `lockwait diagnose --json FILE`, which works in one thread, from start to end. Handing over is what the \
             browser takes to give a script the file, in pieces, with nothing done to them; the WebAssembly alone has \
             the bytes already, and is compared when it was compiled for speed. The runs in the middle of {RUNS} in \
             turns; memory (of the page's process, worker and WebAssembly included) and the longest task of the main \
             thread are the most of all runs."
        ),
        head: vec![
            "what",
            "size",
            "engine ready",
            "first answer",
            "total",
            "native",
            "total beside native",
            "handing over alone",
            "WebAssembly alone, at first and again",
            "WebAssembly beside native",
            "peak memory",
            "longest task",
        ],
        rows,
        notes,
    })
}

/// The row of one load.
fn measure(load: &Load, program: &Path, path: &Path, scratch: &Path) -> Result<Vec<String>, Trouble> {
    let mut own = command(program, ["diagnose", "--json"]);
    own.arg(path);
    let (mut reads, mut natives) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        reads.push(bench::<Read>(&[path])?);
        natives.push(timed(&own, scratch)?);
    }
    let most = |of: fn(&Read) -> f64| reads.iter().map(of).fold(0.0, f64::max);
    let (peak, task) = (most(|read| read.peak_bytes), most(|read| read.longest_task_ms));
    let ready = most(|read| read.ready_ms) / 1e3;
    reads.sort_by(|a, b| a.total_ms.total_cmp(&b.total_ms));
    let read = reads.get(RUNS / 2).ok_or("no run")?;
    let Used { clock, .. } = median(natives);
    let middle = |of: fn(&Read) -> f64| {
        let mut all: Vec<f64> = reads.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[RUNS / 2] / 1e3
    };
    let (handed_over, engine_first, engine) =
        (middle(|read| read.handed_over_ms), middle(|read| read.engine_first_ms), middle(|read| read.engine_again_ms));
    let (first, total) = (read.first_answer_ms / 1e3, read.total_ms / 1e3);
    let size = fs::metadata(path)?.len();
    let row = vec![
        load.name.into(),
        format!("{:.1} MB", size as f64 / 1e6),
        format!("{ready:.2} s"),
        met(format!("{first:.2} s"), first < FIRST),
        format!("{total:.2} s"),
        format!("{clock:.3} s"),
        met(format!("{:.2} x", clock / total), clock / total >= SPEED),
        format!("{handed_over:.3} s"),
        format!("{engine_first:.3} s, {engine:.3} s"),
        met(format!("{:.2} x", clock / engine), clock / engine >= SPEED),
        format!("{:.1} MB", peak / 1e6),
        if task < TASK { met(format!("below {TASK} ms"), true) } else { met(format!("{task} ms"), false) },
    ];
    println!("{}", row.join(" | "));
    Ok(row)
}

/// The sentence on a page full of episodes.
fn looked() -> Result<String, Trouble> {
    let Looked { episodes, attempts, pan, scroll, search_ms } = bench::<Looked>(&[])?;
    let search = search_ms.into_iter().fold(0.0, f64::max);
    let frames = |Frames { fps, worst_frame_ms }: &Frames| {
        met(format!("{fps} frames a second (the longest took {worst_frame_ms} ms)"), *fps >= FRAMES)
    };
    Ok(format!(
        "With {attempts} attempts in {episodes} episodes on the page: the timeline pans at {} with half of the time in \
         sight and at {} with a tenth; the table scrolls at {}; the longest search took {}.",
        frames(&pan.half),
        frames(&pan.tenth),
        frames(&scroll),
        met(format!("{search} ms to the painted answer"), search < SEARCH),
    ))
}

fn met(what: String, is_met: bool) -> String {
    format!("{what}: {}", if is_met { "met" } else { "missed" })
}

/// What `npm run bench` says of these files; of a page full of episodes where there are none.
fn bench<T: for<'de> Deserialize<'de>>(files: &[&Path]) -> Result<T, Trouble> {
    let mut node = command("node", ["bench/bench.mjs"]);
    let output = node.args(files).current_dir(site::folder()).stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("this failed: {}", typed(&node)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
