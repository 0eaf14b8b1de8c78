//! `cargo xtask digests`: the same recorded traces replayed by the Rust core and by every library of the C ABI give the
//! same outputs, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::step::{Trouble, command, run, typed};
use crate::wine::{Wine, windows_path};
use crate::{dll, root, target};

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

        let library = dll::build_linux()?;
        let program = folder("linux")?.join("replay");
        let linked = [library.join("liblockwait.so"), format!("-Wl,-rpath,{}", library.display()).into()];
        compile("gcc", &linked, &[], &program)?;
        compare("modern, Linux", &expected, command(&program, &traces))?;

        let spelt: Vec<_> = traces.iter().map(|path| windows_path(path)).collect();
        for (name, triple, compiler, is_modern) in [
            ("modern, 64-bit Windows", "x86_64-pc-windows-gnu", "x86_64-w64-mingw32-gcc-win32", true),
            ("modern, 32-bit Windows", "i686-pc-windows-gnu", "i686-w64-mingw32-gcc-win32", true),
            ("legacy, 32-bit Windows", "i686-pc-windows-gnu", "i686-w64-mingw32-gcc-win32", false),
        ] {
            let is_64 = triple.starts_with("x86_64");
            if self.without_wine32 && !is_64 {
                println!("{name}: LEFT OUT, as asked for with --without-wine32");
                continue;
            }
            let folder = folder(&format!("{triple}-{is_modern}"))?;
            let (library, program) = (dll::build_windows(triple, is_modern)?, folder.join("replay.exe"));
            fs::copy(&library, folder.join("lockwait.dll"))?;
            let flags: &[&str] = if is_modern { &[] } else { &["-DLOCKWAIT_LEGACY"] };
            compile(compiler, &[library], flags, &program)?;
            let wine = if is_64 { Wine::x86_64()? } else { Wine::i686()? };
            let mut replay = wine.command(&program);
            replay.args(&spelt);
            compare(name, &expected, replay)?;
        }
        Ok(())
    }
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
    let expected = said(command(target().join("release/examples/digest"), &traces))?;
    println!("{} traces, {} bytes", traces.len(), traces.iter().map(|path| size(path)).sum::<u64>());
    Ok(Recorded { traces, expected })
}

/// An empty folder for this.
fn folder(name: &str) -> Result<PathBuf, Trouble> {
    let folder = target().join("digests").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn compile(compiler: &str, libraries: &[PathBuf], flags: &[&str], program: &Path) -> Result<(), Trouble> {
    let words = ["-std=c89", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-O1"];
    run(command(compiler, words)
        .args(flags)
        .arg(format!("-I{}", root().join("include").display()))
        .arg(root().join("ffi/tests/c/replay.c"))
        .args(libraries)
        .arg("-o")
        .arg(program))
}

/// What a program prints, line by line.
fn said(mut command: Command) -> Result<Vec<String>, Trouble> {
    let output = command.output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!("this failed ({}): {}\n{why}", output.status, typed(&command)).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(|line| line.trim_end().to_owned()).collect())
}

/// Holds what `command` prints against what the core in Rust says.
pub(crate) fn compare(name: &str, expected: &[String], command: Command) -> Result<(), Trouble> {
    let lines = said(command)?;
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
