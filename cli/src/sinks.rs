//! `--log`: where events go besides standard output.

use lockwait_core::event::Event;
use lockwait_native::sink::{self, Sink};

/// A log, and whether its last write failed.
pub(crate) struct Log {
    sink: Box<dyn Sink + Send>,
    target: String,
    failing: bool,
}

impl Log {
    /// Opens the log called `target`; see [`sink::open`].
    ///
    /// # Errors
    /// A sentence that names the target and says what is wrong with it.
    pub(crate) fn open(target: &str) -> Result<Log, String> {
        let sink = sink::open(target).map_err(|error| format!("the log '{target}' cannot be opened: {error}"))?;
        Ok(Log { sink, target: target.to_owned(), failing: false })
    }

    /// Writes the event, unless it is a routine one.
    ///
    /// # Errors
    /// The log has begun to fail. Told once, until a write succeeds.
    pub(crate) fn write(&mut self, event: &Event) -> Result<(), String> {
        if event.routine {
            return Ok(());
        }
        let outcome = self.sink.write(event);
        let news = outcome.is_err() && !self.failing;
        self.failing = outcome.is_err();
        match outcome {
            Err(error) if news => {
                Err(format!("the log '{}' cannot be written to: {error}; files are taken all the same", self.target))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockwait_core::event::{EventKind, Severity};
    use lockwait_core::time::Timestamp;
    use std::io;

    struct Failing(u32);

    impl Sink for Failing {
        fn write(&mut self, _event: &Event) -> io::Result<()> {
            self.0 += 1;
            if self.0 == 3 { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
        }
    }

    fn event() -> Event {
        Event::new(Timestamp(0), EventKind::Started, Severity::Information)
    }

    #[test]
    fn a_failing_log_is_told_of_once_a_failure() {
        let mut log = Log { sink: Box::new(Failing(0)), target: "x".into(), failing: false };
        let told: Vec<bool> = (0..5).map(|_| log.write(&event()).is_err()).collect();
        assert_eq!(told, [true, false, false, true, false]);
    }

    #[test]
    fn a_file_gets_a_line_for_each_event_that_is_not_routine() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("events.jsonl");
        let mut log = Log::open(&file.to_string_lossy()).unwrap();
        log.write(&event()).unwrap();
        log.write(&Event { routine: true, ..event() }).unwrap();
        assert_eq!(std::fs::read_to_string(file).unwrap().lines().count(), 1);
    }

    #[test]
    fn a_log_that_cannot_be_opened_is_named() {
        assert!(Log::open("/nonexistent/events").err().unwrap().contains("/nonexistent/events"));
    }
}
