//! SIGINT and SIGTERM end a run in good order; a second one ends the program at once.

use std::io;

use lockwait_native::runner::Stop;

/// Exit status of a program that ended itself because of a signal's second coming: as the shell reports SIGINT.
#[cfg(unix)]
const IMPATIENT: i32 = 130;

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

/// Without POSIX signals the console ends the program; what it leaves is cleared up at the next start.
#[cfg(not(unix))]
pub(crate) fn stop_on_signal(_stop: &Stop) -> io::Result<()> {
    Ok(())
}
