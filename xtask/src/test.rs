//! `cargo xtask test`: everything a change must pass, one heading a step.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use clap::Args;

use crate::ctest::CTest;
use crate::digests::Digests;
use crate::dll::Dll;
use crate::examples::Examples;
use crate::header::Header;
use crate::scenes::Scenes;
use crate::step::{Trouble, command, run, status, typed};
use crate::{debian, miri, page, target, windows};

/// Systems the core is built for besides this one: the browser page and the DLL.
const CORE_TARGETS: [&str; 2] = ["wasm32-unknown-unknown", "i686-pc-windows-gnu"];

/// The checker of licences and advisories, at the version whose findings are known.
const CARGO_DENY: &str = "cargo-deny@0.20.2";

/// Run everything a change must pass.
#[derive(Args)]
pub(crate) struct Test {
    /// Only steps whose heading has this in it: "lints", "Wine".
    #[arg(value_name = "PART")]
    only: Option<String>,
    /// Leave out what needs a 32-bit Wine, and say so.
    #[arg(long)]
    without_wine32: bool,
}

/// Every run draws the same cases: a change is refused for what it does, not for its luck. `cargo test` by hand draws
/// new ones each time, and `cargo xtask fuzz` looks for more.
const SEED: &str = "20261122";

/// A heading and what it takes.
type Step = (&'static str, fn(&Test) -> Result<(), Trouble>);

const STEPS: [Step; 15] = [
    ("format", |_| run(&mut cargo("fmt --all --check"))),
    ("lints", |_| run(&mut cargo("clippy --workspace --all-targets -- -D warnings"))),
    ("tests", |_| run(cargo("test --workspace").env("PROPTEST_RNG_SEED", SEED))),
    ("documentation", |_| run(cargo("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings"))),
    ("the verdicts", |_| Scenes::checked().run()),
    ("the core on other systems", |_| core_targets()),
    ("licences and advisories", |_| deny()),
    ("the header", |_| Header { check: true }.run()),
    ("the libraries", |_| Dll::default().run()),
    ("the C tests", |test| CTest { without_wine32: test.without_wine32, ..CTest::default() }.run()),
    ("the same outputs everywhere", |test| Digests { without_wine32: test.without_wine32 }.run()),
    ("WebAssembly and the page", |_| page::tests()),
    ("the examples", |test| Examples { without_wine32: test.without_wine32, ..Examples::default() }.run()),
    ("Windows under Wine", |_| windows::tests()),
    ("the C ABI under Miri", |_| miri::ffi_tests()),
];

impl Test {
    /// Runs every step; stops at the first that fails.
    pub(crate) fn run(self) -> Result<(), Trouble> {
        let wanted = |step: &&Step| self.only.as_ref().is_none_or(|part| step.0.contains(part));
        let steps: Vec<&Step> = STEPS.iter().filter(wanted).collect();
        if steps.is_empty() {
            let headings: Vec<&str> = STEPS.iter().map(|(heading, _)| *heading).collect();
            return Err(format!("no step has that in its heading; there are: {}", headings.join(", ")).into());
        }
        for (n, (heading, step)) in steps.iter().enumerate() {
            println!("\n== {}/{} {heading}", n + 1, steps.len());
            let start = Instant::now();
            step(&self).map_err(|trouble| format!("step '{heading}': {trouble}"))?;
            println!("== {heading}: good, {:.1} s", start.elapsed().as_secs_f64());
        }
        println!("\nAll {} steps passed.", steps.len());
        Ok(())
    }
}

/// `cargo WORDS`.
fn cargo(words: &str) -> Command {
    command("cargo", words.split(' '))
}

/// The core must build without an operating system: no std, no I/O.
fn core_targets() -> Result<(), Trouble> {
    debian::ensure_targets(&CORE_TARGETS)?;
    run(&mut cargo("build -p lockwait-core"))?;
    for target in CORE_TARGETS {
        run(cargo("build -p lockwait-core --target").arg(target))?;
    }
    Ok(())
}

/// Licences and sources of everything that comes in from outside; known vulnerabilities, where the list of them can be
/// had.
fn deny() -> Result<(), Trouble> {
    let tools = target().join("tools");
    let program = tools.join("bin/cargo-deny");
    if !program.exists() {
        run(cargo("install --locked --debug --root")
            .arg(&tools)
            .arg(CARGO_DENY)
            .env("CARGO_TARGET_DIR", tools.join("build")))?;
    }
    run(&mut deny_command(&program, "check licenses bans sources"))?;
    let mut fetch = deny_command(&program, "fetch db");
    if !status(&mut fetch)?.success() {
        println!("advisories NOT checked: their database cannot be had here ({} failed)", typed(&fetch));
        return Ok(());
    }
    run(&mut deny_command(&program, "check advisories"))
}

fn deny_command(program: &PathBuf, words: &str) -> Command {
    command(program, words.split(' '))
}
