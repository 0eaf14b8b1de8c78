//! Another program that has a file open: ffi/tests/examples/holder.c.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::kit::Stage;
use crate::step::Trouble;

/// A holder at work. Dropped, it lets go of the file.
pub(crate) struct Holder(Child);

impl Holder {
    /// Starts it; returns when it holds the file.
    ///
    /// # Errors
    /// It cannot be started, or cannot hold the file.
    pub(crate) fn start(stage: &Stage, path: &Path) -> Result<Holder, Trouble> {
        let mut command = stage.command("holder");
        command.arg(stage.path(path)).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut holder = Holder(spawn(&mut command)?);
        let mut said = String::new();
        if let Some(output) = holder.0.stdout.take() {
            BufReader::new(output).read_line(&mut said)?;
        }
        match said.trim_end() {
            "holding" => Ok(holder),
            _ => Err(format!("holder cannot hold {}", path.display()).into()),
        }
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // The end of its input is what it waits for; a holder that is gone already is only to be waited for.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Whoever writes a file or starts a program does so alone: a program that is being started has, until it runs, every
/// file open that any thread here has open, and for that moment counts as a writer.
static ALONE: Mutex<()> = Mutex::new(());

/// Keeps others from writing files and starting programs.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a program while nobody writes a file.
pub(crate) fn spawn(command: &mut Command) -> io::Result<Child> {
    let _alone = alone();
    command.spawn()
}

/// The longest that anything of another process is waited for.
const LONGEST: Duration = Duration::from_secs(120);

/// Waits until `is_so`: files of another process cannot be waited for in any other way that works under Wine, too.
///
/// # Errors
/// It does not come to be so.
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) -> Result<(), Trouble> {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() > LONGEST {
            return Err(format!("waited {} s in vain: {what}", LONGEST.as_secs()).into());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
