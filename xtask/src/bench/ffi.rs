//! What the C ABI costs: the same million router steps through the shared library and in Rust.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::report::Report;
use super::{bench_folder, percentile};
use crate::dll::{self, LINUX};
use crate::step::{Trouble, command, run, said};
use crate::{root, target};

/// How often each is run, in turn.
const ROUNDS: usize = 9;
/// Calls of the library in one step of `ffi/benches/steps.c`.
const CALLS: f64 = 6.0;

/// Builds both programs, runs them in turn, and compares the medians.
pub(super) fn run_both() -> Result<Report, Trouble> {
    dll::build(&LINUX)?;
    run(&mut command("cargo", ["build", "--release", "-p", "lockwait-core", "--example", "steps"]))?;
    let rust = target().join("release/examples/steps");
    let c = bench_folder()?.join("steps");
    run(command("gcc", ["-std=gnu99", "-O2", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&c)
        .arg(root().join("ffi/benches/steps.c"))
        .arg(format!("-I{}", root().join("include").display()))
        .args(LINUX.linked()))?;
    let (mut in_rust, mut through_c) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        in_rust.push(measure(&rust)?);
        through_c.push(measure(&c)?);
        println!("round {round}: Rust {:?}, C {:?} a step", in_rust[round - 1], through_c[round - 1]);
    }
    let median = |values: &mut Vec<Duration>| {
        values.sort();
        percentile(values, 50).unwrap_or_default().as_nanos() as f64
    };
    let (rust, c) = (median(&mut in_rust), median(&mut through_c));
    Ok(Report {
        name: "ffi",
        about: format!(
            "A million router steps (an answer in, an action out, one file that stays locked, time passing), medians \
             of {ROUNDS} runs in turn. A step is {CALLS} calls of the shared library."
        ),
        head: vec!["a step in Rust", "a step through the C ABI", "more a call"],
        rows: vec![vec![format!("{rust:.0} ns"), format!("{c:.0} ns"), format!("{:.0} ns", (c - rust) / CALLS)]],
        notes: Vec::new(),
    })
}

/// The nanoseconds that a program prints.
fn measure(program: &Path) -> Result<Duration, Trouble> {
    let mut command = Command::new(program);
    let nanoseconds: f64 = said(&mut command)?.trim().parse()?;
    Ok(Duration::from_secs_f64(nanoseconds / 1e9))
}
