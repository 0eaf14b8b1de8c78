//! `lockwait actor`: the other programs of a drop folder, as real processes on real files.
//!
//! The demo, the tests and the benches start these; nobody else needs them. An actor says what it does in JSON
//! Lines on standard output (see [`child::Deed`]), so that whoever watches waits for a line and never for a length of
//! time, and it ends when its standard input closes, so that none outlives a killed test.

pub(crate) mod child;
pub(crate) mod content;
mod hold;
mod lock;
mod message;
mod scan;
mod write;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, BufRead, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use child::{Deed, Verb};
use clap::{Args, Parser, Subcommand};
use content::{Content, Format};
use lock::Lock;
use lockwait_core::time::Span;

/// What an actor does.
#[derive(Parser)]
#[command(name = "lockwait actor", bin_name = "lockwait actor", no_binary_name = true)]
struct Command {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// Write a file bit by bit and close it.
    Write(write::Write),
    /// Open files, and lock them if asked, until told `release` on standard input.
    Hold(hold::Hold),
    /// Open each file that appears in a folder, read-only and locked as scanners do, for a while.
    Scan(scan::Scan),
    /// Write a gateway message: attachments, body, and the header last.
    Message(message::Message),
}

/// How a file is to be filled.
#[derive(Args)]
struct Filling {
    /// Bytes appended at a time.
    #[arg(long, default_value_t = 4096)]
    bytes: usize,
    /// How many times.
    #[arg(long, default_value_t = 1)]
    times: u32,
    /// Time between appends.
    #[arg(long, default_value = "0", value_parser = Span::parse)]
    every: Span,
    /// What the file looks like to somebody who reads its name, head and tail.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The actor's standard input and output.
struct Stage {
    /// Who the actor is.
    by: &'static str,
    commands: Receiver<String>,
}

/// The watcher has gone, or the deed cannot be told: the play is over.
#[derive(Debug)]
enum Stop {
    /// Standard input closed: nobody is watching.
    Unwatched,
    /// A file did not let the actor do what it was told to do.
    Failed(PathBuf, io::Error),
}

impl Stage {
    fn new(by: &'static str) -> Stage {
        let (send, commands) = mpsc::channel();
        thread::spawn(move || {
            for line in io::stdin().lock().lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Stage { by, commands }
    }

    /// Lets `span` pass; ends early only when nobody is watching any more.
    fn pause(&self, span: Span) -> Result<(), Stop> {
        match self.commands.recv_timeout(Duration::from_micros(span.0)) {
            Err(RecvTimeoutError::Disconnected) => Err(Stop::Unwatched),
            Ok(_) | Err(RecvTimeoutError::Timeout) => Ok(()),
        }
    }

    /// Waits for the line `release`.
    fn wait_for_release(&self) -> Result<(), Stop> {
        loop {
            match self.commands.recv() {
                Ok(line) if line.trim() == "release" => return Ok(()),
                Ok(_) => {}
                Err(_) => return Err(Stop::Unwatched),
            }
        }
    }

    /// Tells the watcher what was done to `path`.
    fn tell(&self, did: Verb, path: &Path, content: Option<&Content>) -> Result<(), Stop> {
        let name = path.file_name().unwrap_or(OsStr::new("")).to_string_lossy().into_owned();
        let bytes = content.map_or(0, Content::len);
        let digest = content.map(Content::digest).unwrap_or_default();
        let line = serde_json::to_string(&Deed { by: self.by.into(), did, name, bytes, digest }).unwrap_or_default();
        let mut out = io::stdout().lock();
        writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|_| Stop::Unwatched)
    }
}

/// Attaches the file's path to an error.
trait At<T> {
    fn at(self, path: &Path) -> Result<T, Stop>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, Stop> {
        self.map_err(|error| Stop::Failed(path.to_owned(), error))
    }
}

/// Plays one part; `args` are the words after `lockwait actor`.
pub(crate) fn run(args: Vec<String>) -> ExitCode {
    let command = match Command::try_parse_from(args) {
        Ok(command) => command,
        Err(error) => error.exit(),
    };
    let end = match command.kind {
        Kind::Write(part) => part.play(&Stage::new("writer")),
        Kind::Hold(part) => part.play(&Stage::new("holder")),
        Kind::Scan(part) => part.play(&Stage::new("scanner")),
        Kind::Message(part) => part.play(&Stage::new("gateway")),
    };
    match end {
        Ok(()) | Err(Stop::Unwatched) => ExitCode::SUCCESS,
        Err(Stop::Failed(path, error)) => {
            eprintln!("lockwait actor: {}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

/// The names of the entries of `folder` now.
fn entries(folder: &Path) -> Result<BTreeSet<PathBuf>, Stop> {
    folder.read_dir().and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect()).at(folder)
}
