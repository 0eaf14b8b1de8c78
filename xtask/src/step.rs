//! Commands of others, run in the workspace's folder.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use crate::root;

/// Why a task did not get done, in words.
pub(crate) type Trouble = Box<dyn std::error::Error>;

/// The command `program WORDS` in the workspace's folder.
pub(crate) fn command<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, words: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(program);
    command.args(words).current_dir(root());
    command
}

/// Runs `command` to its end.
///
/// # Errors
/// It could not be started, or failed: the message has the command as one could type it.
pub(crate) fn run(command: &mut Command) -> Result<(), Trouble> {
    let status = status(command)?;
    if status.success() { Ok(()) } else { Err(format!("this failed ({status}): {}", typed(command)).into()) }
}

/// Runs `command` to its end and gives what it ended with.
///
/// # Errors
/// It could not be started.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus, Trouble> {
    command.status().map_err(|error| format!("cannot start: {}: {error}", typed(command)).into())
}

/// Runs `command` to its end and gives what it printed.
///
/// # Errors
/// It could not be started, or failed: the message has the command and what it said of its trouble.
pub(crate) fn said(command: &mut Command) -> Result<String, Trouble> {
    let output = command.output().map_err(|error| format!("cannot start: {}: {error}", typed(command)))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!("this failed ({}): {}\n{why}", output.status, typed(command)).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Makes `folder` an empty one; gives it back.
pub(crate) fn emptied(folder: PathBuf) -> Result<PathBuf, Trouble> {
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The command as one could type it.
pub(crate) fn typed(command: &Command) -> String {
    let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let variables = set.map(|(name, value)| format!("{}='{}'", name.display(), value.display()));
    let words = [command.get_program()].into_iter().chain(command.get_args()).map(|word| word.display().to_string());
    variables.chain(words).collect::<Vec<_>>().join(" ")
}
