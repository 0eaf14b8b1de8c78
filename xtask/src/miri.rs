//! The unit tests of the C ABI under Miri, where its toolchain can be had.

use crate::step::{Trouble, command, run, status};

/// What Miri needs: it comes with nightly toolchains only.
const INSTALL: [&str; 6] =
    ["toolchain", "install", "nightly", "--profile=minimal", "--component=miri", "--component=rust-src"];

/// Runs the tests; says so and passes over where there is no Miri.
pub(crate) fn ffi_tests() -> Result<(), Trouble> {
    let has_miri = || status(command("cargo", ["+nightly", "miri", "--version"]).stderr(std::process::Stdio::null()));
    if !has_miri()?.success() {
        status(&mut command("rustup", INSTALL))?;
    }
    if !has_miri()?.success() {
        println!("Miri NOT run: a nightly toolchain with it cannot be had here");
        return Ok(());
    }
    run(command("cargo", ["+nightly", "miri", "test", "--package", "lockwait-ffi", "--lib"])
        // The clock is asked for the time.
        .env("MIRIFLAGS", "-Zmiri-disable-isolation"))
}
