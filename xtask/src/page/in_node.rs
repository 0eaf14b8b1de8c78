//! What runs in Node.js: the core's own tests on wasm32, and the package.

use std::path::Path;

use super::node;
use crate::step::{Trouble, command, run};
use crate::{debian, digests, root, target};

/// The core's tests need files and a way to print, which WASI has (<https://github.com/WebAssembly/WASI>, preview 1)
/// and Node.js provides. What LLVM makes of the core is the same as for the page.
const WASI: &str = "wasm32-wasip1";

/// Runs the core's own tests on wasm32.
pub(super) fn core() -> Result<(), Trouble> {
    node()?;
    debian::ensure_targets(&[WASI])?;
    let runner = format!("node --no-warnings {}", root().join("wasm/tests/wasi.mjs").display());
    run(command("cargo", ["test", "--package", "lockwait-core", "--target", WASI])
        .env("CARGO_TARGET_WASM32_WASIP1_RUNNER", runner)
        // Files of cases that failed before are beside the sources, which a program in WASI does not see.
        .env("PROPTEST_FAILURE_PERSISTENCE", "off"))
}

/// Runs the tests of the package, beside the command.
pub(super) fn package() -> Result<(), Trouble> {
    run(&mut command("cargo", ["build", "--package", "lockwait"]))?;
    // Node.js 20 takes no patterns.
    let tests = ["evidence", "faults", "router"].map(|name| format!("wasm/tests/{name}.test.mjs"));
    run(command("node", ["--test"]).args(tests).env("LOCKWAIT", target().join("debug/lockwait")))
}

/// Replays recorded traces through the package: the outputs must be those of the core in Rust.
pub(super) fn digests() -> Result<(), Trouble> {
    let recorded = digests::record()?;
    let mut replay = command("node", [Path::new("wasm/tests/replay.mjs")]);
    replay.args(&recorded.traces);
    digests::compare("WebAssembly in Node.js", &recorded.expected, replay)
}
