//! The tests of the native crate and of the command as Windows programs, with Windows sharing rules, under Wine.

use crate::debian;
use crate::step::{Trouble, command, run};
use crate::wine::Wine;

/// The target whose programs Wine runs without an i386 root.
const TARGET: &str = "x86_64-pc-windows-gnu";

/// What runs on Windows as it is; the command's other integration tests are about POSIX locks and signals.
const TESTS: [&[&str]; 2] =
    [&["--package", "lockwait-native"], &["--package", "lockwait", "--test", "windows", "--test", "diagnose"]];

/// Lints and runs them.
pub(crate) fn tests() -> Result<(), Trouble> {
    debian::ensure(&debian::MINGW)?;
    debian::ensure_targets(&[TARGET])?;
    let wine = Wine::x86_64()?;
    let packages = ["--package", "lockwait-native", "--package", "lockwait", "--package", "lockwait-ffi"];
    run(command("cargo", ["clippy", "--target", TARGET, "--all-targets"])
        .args(packages)
        .args(["--", "--deny", "warnings"]))?;
    for words in TESTS {
        let mut cargo = command("cargo", ["test", "--target", TARGET]);
        wine.apply_to(&mut cargo, TARGET);
        run(cargo.args(words))?;
    }
    Ok(())
}
