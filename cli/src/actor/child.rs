//! An actor seen from outside: its process, and what it says it did.
//!
//! Needs nothing of the rest of the command, so that the integration tests can use this very file.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use serde::{Deserialize, Serialize};

/// What an actor did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verb {
    /// Holds all it was told to hold, or watches the folder.
    Ready,
    /// Opened the file, and locked it if asked.
    Opened,
    /// Appended to it.
    Wrote,
    /// Closed it, to open it again.
    Paused,
    /// Closed it for good.
    Closed,
}

/// One line of an actor: what it did, to which file, and what the file then held.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Deed {
    /// Who it is: `writer`, `holder`, `scanner`, `gateway`.
    pub(crate) by: String,
    /// What it did.
    pub(crate) did: Verb,
    /// The file's name without its folder.
    pub(crate) name: String,
    /// The file's size in bytes as far as this actor wrote it.
    pub(crate) bytes: u64,
    /// The digest of that content; empty for what this actor did not write.
    pub(crate) digest: String,
}

/// A running actor. Killed when dropped.
pub(crate) struct Actor {
    /// Its process. Its standard input tells it what to do; closing that ends it.
    pub(crate) child: Child,
}

impl Actor {
    /// Starts `lockwait actor ARGS`, where `lockwait` is the program at `program`. `heard` is given each deed, on a
    /// thread of its own, until the actor ends.
    pub(crate) fn start<A: AsRef<OsStr>>(
        program: &Path,
        args: impl IntoIterator<Item = A>,
        mut heard: impl FnMut(Deed) + Send + 'static,
    ) -> io::Result<Actor> {
        let mut command = Command::new(program);
        let mut child = command.arg("actor").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let lines = child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines());
        thread::spawn(move || {
            // A killed actor may leave its last line unfinished.
            let deeds = lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok());
            deeds.for_each(&mut heard);
        });
        Ok(Actor { child })
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        // It may have ended long ago; there is nothing to be done about a failure either way.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
