//! Standard output and standard error of the short commands.

use std::io::{self, Write as _};

/// Bytes written at a time.
const BUFFER: usize = 1 << 16;

/// Prints `text` to standard output. A reader that has gone away is not a fault of ours.
///
/// # Errors
/// Standard output cannot be written to.
pub(crate) fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(write_fault(&error)),
        _ => Ok(()),
    }
}

/// Prints `value` as one line of JSON, the same way; it is never in memory as a whole.
///
/// # Errors
/// Standard output cannot be written to.
pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), String> {
    let mut out = io::BufWriter::with_capacity(BUFFER, io::stdout().lock());
    let written = serde_json::to_writer(&mut out, value).map_err(io::Error::from);
    match written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(write_fault(&error)),
        _ => Ok(()),
    }
}

/// Says on standard error what is wrong.
pub(crate) fn complain(text: &str) {
    // When even this cannot be written there is nobody left to tell.
    let _ = writeln!(io::stderr(), "lockwait: {text}");
}

/// What is said when standard output fails.
pub(crate) fn write_fault(error: &io::Error) -> String {
    format!("standard output cannot be written to: {error}")
}
