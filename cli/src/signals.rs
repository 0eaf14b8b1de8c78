//! SIGINT and SIGTERM, Ctrl-C and Ctrl-Break end a run in good order; a second one ends the program at once.

use std::io;

use lockwait_native::runner::Stop;

/// Exit status of a program that ended itself because of a signal's second coming: as the shell reports SIGINT.
#[cfg(unix)]
const IMPATIENT: i32 = 130;

/// Exit status of a program that ended itself because of a second Ctrl-C: `STATUS_CONTROL_C_EXIT` (`ntstatus.h`).
#[cfg(windows)]
const IMPATIENT: i32 = 0xc000_013a_u32.cast_signed();

/// Triggers `stop` on the first signal.
///
/// # Errors
/// The handlers cannot be installed.
#[cfg(unix)]
pub(crate) fn stop_on_signal(stop: &Stop) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let stop = stop.clone();
    std::thread::Builder::new().name("lockwait-signal".into()).spawn(move || {
        for _ in signals.forever() {
            if stop.is_triggered() {
                std::process::exit(IMPATIENT);
            }
            stop.trigger();
        }
    })?;
    Ok(())
}

/// Triggers `stop` on the first Ctrl-C or Ctrl-Break, or when the console is closed.
///
/// # Errors
/// The handler cannot be installed.
#[cfg(windows)]
pub(crate) fn stop_on_signal(stop: &Stop) -> io::Result<()> {
    let stop = stop.clone();
    let handler = move || {
        if stop.is_triggered() {
            std::process::exit(IMPATIENT);
        }
        stop.trigger();
    };
    ctrlc::set_handler(handler).map_err(io::Error::other)
}
