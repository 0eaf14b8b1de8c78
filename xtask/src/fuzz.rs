//! `cargo xtask fuzz TARGET`: hands a fuzz target to libFuzzer, on the stable toolchain.

use clap::Args;

use crate::step::{Trouble, command, run};
use crate::{root, target};

/// What makes LLVM count edges and comparisons, which is all that libFuzzer needs; the sanitizers would need a nightly
/// toolchain, and the core has no `unsafe` for them to watch.
const INSTRUMENT: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions --cfg fuzzing";

/// The system that is fuzzed on. Named, so that build scripts and macros are not instrumented.
const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// Feed a fuzz target until it breaks a rule or the time is over; what it finds is kept in target/fuzz.
#[derive(Args)]
pub(crate) struct Fuzz {
    /// A target: the name of a folder in fuzz/corpus.
    target: String,
    /// How long, in seconds.
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 60)]
    seconds: u32,
}

impl Fuzz {
    /// Builds and feeds it.
    pub(crate) fn run(self) -> Result<(), Trouble> {
        let Fuzz { target: name, seconds } = self;
        let corpus = root().join("fuzz/corpus").join(&name);
        if !corpus.is_dir() {
            return Err(format!("there is no target '{name}': fuzz/corpus has no folder of that name").into());
        }
        let output = target().join("fuzz");
        run(command("cargo", ["build", "--release", "-p", "lockwait-fuzz", "--bin", "fuzz", "--target", TRIPLE])
            .arg("--target-dir")
            .arg(&output)
            // Instrumented once, and built soon.
            .env("CARGO_PROFILE_RELEASE_LTO", "thin")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "4")
            .env("RUSTFLAGS", INSTRUMENT))?;
        // New inputs are kept apart from the small corpus of the repository.
        let found = output.join("corpus").join(&name);
        std::fs::create_dir_all(&found)?;
        let program = output.join(TRIPLE).join("release/fuzz");
        let mut fuzz = command(program, [found, corpus]);
        run(fuzz.env("LOCKWAIT_FUZZ", name).arg(format!("-max_total_time={seconds}")).args([
            "-timeout=10",
            "-rss_limit_mb=1024",
            "-max_len=65536",
        ]))
    }
}
