//! The peers: installed from their registries into the bench folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::bench_folder;
use crate::step::{Trouble, command, run};

/// A peer that is ready to run: its name with its version, and the command that lacks only source and destination.
pub(super) struct Peer {
    pub(super) name: String,
    program: PathBuf,
    script: PathBuf,
}

impl Peer {
    /// The command that moves files from `source` to `destination`.
    pub(super) fn command(&self, source: &Path, destination: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(&self.script).args([source, destination]);
        command
    }
}

/// chokidar, from npm.
pub(super) fn chokidar() -> Result<Peer, Trouble> {
    let folder = bench_folder()?;
    if !folder.join("node_modules/chokidar").exists() {
        run(command("npm", ["install", "--no-save", "--prefix"]).arg(&folder).arg("chokidar"))?;
    }
    let package = fs::read_to_string(folder.join("node_modules/chokidar/package.json"))?;
    let version = serde_json::from_str::<serde_json::Value>(&package)?["version"].as_str().unwrap_or("?").to_owned();
    // Beside node_modules, for that is where node looks for them.
    let script = folder.join("chokidar.mjs");
    fs::write(&script, include_str!("../../peers/chokidar.mjs"))?;
    Ok(Peer { name: format!("chokidar {version}, awaitWriteFinish"), program: "node".into(), script })
}

/// watchdog, from PyPI.
pub(super) fn watchdog() -> Result<Peer, Trouble> {
    let folder = bench_folder()?.join("venv");
    let python = folder.join("bin/python");
    if !python.exists() {
        run(command("python3", ["-m", "venv"]).arg(&folder))?;
    }
    run(&mut command(&python, ["-m", "pip", "install", "--quiet", "watchdog"]))?;
    let ask = "import importlib.metadata as m; print(m.version('watchdog'))";
    let answer = command(&python, ["-c", ask]).output()?;
    let version = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    let script = bench_folder()?.join("watchdog_move.py");
    fs::write(&script, include_str!("../../peers/watchdog_move.py"))?;
    Ok(Peer { name: format!("watchdog {version}, FileClosedEvent"), program: python, script })
}
