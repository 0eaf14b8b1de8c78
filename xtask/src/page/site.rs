//! The page, built by npm.

use std::fs;
use std::path::PathBuf;

use super::node;
use crate::step::{Trouble, command, run};
use crate::{debian, root, target};

/// Where its sources are.
pub(crate) fn folder() -> PathBuf {
    root().join("wasm/page")
}

/// Builds the page from wasm/pkg; says where it is.
pub(super) fn make() -> Result<PathBuf, Trouble> {
    install()?;
    run(command("npm", ["run", "build"]).current_dir(folder()))?;
    Ok(folder().join("dist"))
}

/// Installs what package-lock.json names, unless that very list is installed.
fn install() -> Result<(), Trouble> {
    node()?;
    let time = |path: &str| fs::metadata(folder().join(path)).and_then(|metadata| metadata.modified());
    // npm writes this file last.
    let is_stale = match (time("package-lock.json"), time("node_modules/.package-lock.json")) {
        (Ok(wanted), Ok(installed)) => wanted > installed,
        _ => true,
    };
    if is_stale {
        run(command("npm", ["ci", "--no-audit", "--no-fund"]).current_dir(folder()))?;
    }
    Ok(())
}

/// A program that npm installed for the page.
pub(super) fn tool(name: &str) -> Result<PathBuf, Trouble> {
    install()?;
    Ok(folder().join("node_modules/.bin").join(name))
}

/// Runs the page's tests in Chromium, on inputs of every format from our own writers, beside the command.
pub(super) fn tests() -> Result<(), Trouble> {
    debian::ensure(&["chromium"])?;
    let samples = target().join("samples");
    run(command("cargo", ["run", "--quiet", "--package", "lockwait-evidence", "--features", "make", "--example"])
        .args(["samples", "--"])
        .arg(&samples))?;
    run(&mut command("cargo", ["build", "--package", "lockwait"]))?;
    run(command("npm", ["test"])
        .current_dir(folder())
        .env("LOCKWAIT_BIN", target().join("debug/lockwait"))
        .env("LOCKWAIT_SAMPLES", samples))
}
