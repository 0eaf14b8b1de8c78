//! Where events go.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use lockwait_core::event::Event;

use crate::os;

/// Somewhere that events are written to, one at a time.
pub trait Sink {
    /// Writes one event.
    ///
    /// # Errors
    /// The event was not written, or not wholly; the next may be.
    fn write(&mut self, event: &Event) -> io::Result<()>;
}

/// One JSON object a line, to anything that takes bytes.
pub struct JsonLines<W>(pub W);

impl<W: Write> Sink for JsonLines<W> {
    fn write(&mut self, event: &Event) -> io::Result<()> {
        let mut line = event.to_json();
        line.push('\n');
        // One write for the whole line, so that several programs may append to one file.
        self.0.write_all(line.as_bytes())?;
        self.0.flush()
    }
}

/// Opens the log called `target`: one that this system has (`journald`, `syslog`, `eventlog`), or else a file that JSON Lines are
/// added to.
///
/// # Errors
/// There is no such log here, or the file cannot be opened.
pub fn open(target: &str) -> io::Result<Box<dyn Sink + Send>> {
    if let Some(sink) = os::sink::open(target) {
        return sink;
    }
    Ok(Box::new(JsonLines(OpenOptions::new().create(true).append(true).open(target)?)))
}

/// Tells the system that `message_file`, a library or program that stays where it is, has the sentences of Lockwait's
/// events.
///
/// # Errors
/// [`io::ErrorKind::Unsupported`] where logs keep whole sentences (everywhere but on Windows); this user may not.
pub fn register(message_file: &Path) -> io::Result<()> {
    os::sink::register(message_file)
}

/// Takes back what [`register`] told the system.
///
/// # Errors
/// As for [`register`]; the system was told nothing.
pub fn unregister() -> io::Result<()> {
    os::sink::unregister()
}

#[cfg(windows)]
pub use crate::os::sink::EventLog;
#[cfg(unix)]
pub use crate::os::sink::{Journald, Syslog};
