//! Developer commands of Lockwait: `cargo xtask --help` lists them.

mod bench;
mod ctest;
mod debian;
mod digests;
mod dll;
mod examples;
mod fuzz;
mod header;
mod miri;
mod page;
mod scenes;
mod step;
mod template;
mod test;
mod windows;
mod wine;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Developer commands of Lockwait.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Command {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything a change must pass.
    Test(test::Test),
    /// Measure, beside the peers, and print a table.
    Bench(bench::Bench),
    /// Feed a fuzz target until it breaks a rule or the time is over.
    Fuzz(fuzz::Fuzz),
    /// Write include/lockwait.h from the Rust sources.
    Header(header::Header),
    /// Build the libraries of the C ABI into target/dist.
    Dll(dll::Dll),
    /// Build the examples of the C ABI and run them, under Wine too.
    Examples(examples::Examples),
    /// Run the C tests of the C ABI on every library.
    Ctest(ctest::CTest),
    /// Make scenes of known truth, examine them, and print how often the advice is right.
    Scenes(scenes::Scenes),
    /// Build the npm package and the page.
    Page(page::Page),
    /// Replay traces in Rust and through every library of the C ABI, and compare.
    Digests(digests::Digests),
}

fn main() -> ExitCode {
    let done = match Command::parse().task {
        Task::Test(test) => test.run(),
        Task::Bench(bench) => bench.run(),
        Task::Fuzz(fuzz) => fuzz.run(),
        Task::Header(header) => header.run(),
        Task::Dll(dll) => dll.run(),
        Task::Examples(examples) => examples.run(),
        Task::Ctest(ctest) => ctest.run(),
        Task::Digests(digests) => digests.run(),
        Task::Page(page) => page.run(),
        Task::Scenes(scenes) => scenes.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("\nxtask: {trouble}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's folder.
fn root() -> PathBuf {
    // CARGO_MANIFEST_DIR is the folder of this package, one below the workspace.
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// Cargo's output folder, where things are also kept that are not the project's own: tools, peers, bench files.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
