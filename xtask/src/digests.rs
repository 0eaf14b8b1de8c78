//! `cargo xtask digests`: the same recorded traces replayed by the Rust core and by every library of the C ABI give the
//! same outputs, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::dll::{self, DLLS, LINUX, Product};
use crate::step::{Trouble, command, emptied, run, said};
use crate::wine::windows_path;
use crate::{root, target};

/// Replay recorded traces in Rust and through every library of the C ABI, and compare what comes out.
#[derive(Args, Default)]
pub(crate) struct Digests {
    /// Leave out the 32-bit DLLs, which need a 32-bit Wine.
    #[arg(long)]
    pub(crate) without_wine32: bool,
}

/// Fewer traces than this show too little.
const FEWEST: usize = 50;

impl Digests {
    /// Records, replays, compares.
    pub(crate) fn run(self) -> Result<(), Trouble> {
        let Recorded { traces, expected } = record()?;
        let program = prepare(&LINUX)?;
        compare(&LINUX.name(), &expected, command(&program, &traces))?;
        let spelt: Vec<_> = traces.iter().map(|path| windows_path(path)).collect();
        for product in &DLLS {
            if self.without_wine32 && product.needs_wine32() {
                println!("{}: LEFT OUT, as asked for with --without-wine32", product.name());
                continue;
            }
            let program = prepare(product)?;
            let mut replay = product.wine()?.command(&program);
            replay.args(&spelt);
            compare(&product.name(), &expected, replay)?;
        }
        Ok(())
    }
}

/// Builds a product and the program that replays through it; says where that is.
fn prepare(product: &Product) -> Result<PathBuf, Trouble> {
    let library = dll::build(product)?;
    let folder = folder(&product.name())?;
    if product.is_windows() {
        fs::copy(&library, folder.join("lockwait.dll"))?;
    }
    let program = folder.join("replay.exe");
    let words = ["-std=c89", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-O1"];
    run(command(product.gcc(), words)
        .args(product.defines())
        .arg(format!("-I{}", root().join("include").display()))
        .arg(root().join("ffi/tests/c/replay.c"))
        .args(product.linked())
        .arg("-o")
        .arg(&program))?;
    Ok(program)
}

/// Recorded traces, and what the core in Rust says of each.
pub(crate) struct Recorded {
    pub(crate) traces: Vec<PathBuf>,
    pub(crate) expected: Vec<String>,
}

/// Traces of simulated stories, and of the demo's real locks.
pub(crate) fn record() -> Result<Recorded, Trouble> {
    let folder = folder("traces")?;
    run(command("cargo", ["test", "--quiet", "--package", "lockwait-core", "--test", "simulator"])
        .args(["a_story_told_again_is_the_same_and_so_is_its_replay", "--", "--exact"])
        .env("LOCKWAIT_TRACES", &folder))?;
    run(command("cargo", ["run", "--quiet", "--package", "lockwait", "--", "demo", "--json", "--trace"])
        .arg(folder.join("demo.trace"))
        .stdout(std::process::Stdio::null()))?;
    let mut traces: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    traces.sort();
    if traces.len() < FEWEST {
        return Err(format!("only {} traces were recorded", traces.len()).into());
    }
    run(&mut command("cargo", ["build", "--release", "--package", "lockwait-core", "--example", "digest"]))?;
    let expected = lines(command(target().join("release/examples/digest"), &traces))?;
    println!("{} traces, {} bytes", traces.len(), traces.iter().map(|path| size(path)).sum::<u64>());
    Ok(Recorded { traces, expected })
}

/// An empty folder for this.
fn folder(name: &str) -> Result<PathBuf, Trouble> {
    emptied(target().join("digests").join(name))
}

/// What a program prints, line by line.
fn lines(mut command: Command) -> Result<Vec<String>, Trouble> {
    Ok(said(&mut command)?.lines().map(|line| line.trim_end().to_owned()).collect())
}

/// Holds what `command` prints against what the core in Rust says.
pub(crate) fn compare(name: &str, expected: &[String], command: Command) -> Result<(), Trouble> {
    let lines = lines(command)?;
    if let Some((wrong, right)) = lines.iter().zip(expected).find(|(line, expected)| line != expected) {
        return Err(format!("{name}: '{wrong}', but the core in Rust: '{right}'").into());
    }
    if lines.len() != expected.len() {
        return Err(format!("{name}: {} of {} traces were replayed", lines.len(), expected.len()).into());
    }
    println!("{name}: the same {} digests", lines.len());
    Ok(())
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}
