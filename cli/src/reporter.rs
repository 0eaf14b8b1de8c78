//! Tells what a run does, from a thread of its own: a reader that is slow, a terminal that is stopped or a log that
//! hangs must not hold up the router.

use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use lockwait_core::event::{Event, Severity};
use lockwait_core::pickup::End;
use lockwait_native::burst::Recovered;
use lockwait_native::runner::{Observer, Progress, Stop};

use crate::output;
use crate::page::Hub;
use crate::progress::Live;
use crate::sinks::Log;

/// A reader that takes nothing for this long is stuck, when the run was stopped: the whole program has 100 ms from a
/// signal to its end.
const GRACE: Duration = Duration::from_millis(25);

/// How long the end waits at most for what is still to be printed: a machine that is busy is not a reader that is stuck.
const PATIENCE: Duration = Duration::from_secs(5);

/// What events are printed as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// A line for people.
    Words,
    /// One JSON object a line.
    Json,
}

/// What there is to tell.
enum News {
    Event(Event),
    Progress(Progress),
    Trouble(String),
}

/// The run's end of the printing thread.
pub(crate) struct Reporter {
    news: Sender<News>,
    /// Hears when all is printed; the fault that printing ended with, if any.
    done: Receiver<Result<(), String>>,
    /// Begun and finished writes: odd while one is under way.
    writes: Arc<AtomicU64>,
    /// The line on the terminal is drawn.
    live: bool,
    every_end: bool,
    /// Browsers that watch the run.
    hub: Option<Hub>,
}

impl Reporter {
    /// Starts the printing thread. Without `every_end`, files that are left where they are because the run ends are
    /// passed over. A standard output that fails triggers `stop`.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn start(
        form: Form,
        log: Option<Log>,
        every_end: bool,
        stop: Stop,
        hub: Option<Hub>,
    ) -> Result<Reporter, String> {
        let live = io::stderr().is_terminal();
        let (news, told) = mpsc::channel();
        let (finished, done) = mpsc::channel();
        let writes = Arc::new(AtomicU64::new(0));
        let printer = Printer {
            form,
            log,
            live: live.then(Live::new),
            out: BufWriter::new(io::stdout()),
            writes: Arc::clone(&writes),
        };
        let life = move || {
            let outcome = printer.run(&told, &stop);
            // The run may have stopped waiting for this.
            let _ = finished.send(outcome);
        };
        thread::Builder::new()
            .name("lockwait-print".into())
            .spawn(life)
            .map_err(|error| format!("the system gives no more threads: {error}"))?;
        Ok(Reporter { news, done, writes, live, every_end, hub })
    }

    /// Whether somebody watches the progress.
    pub(crate) fn is_live(&self) -> bool {
        self.live || self.hub.is_some()
    }

    /// Waits until all is printed; if the run was stopped, only for as long as somebody reads.
    ///
    /// # Errors
    /// Standard output could not be written to.
    pub(crate) fn finish(self, stopped: bool) -> Result<(), String> {
        drop(self.news);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let before = self.writes.load(Ordering::Acquire);
            match self.done.recv_timeout(if stopped { GRACE } else { PATIENCE }) {
                Ok(outcome) => return outcome,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let is_stuck = before % 2 == 1 && self.writes.load(Ordering::Acquire) == before;
            if is_stuck || Instant::now() >= deadline {
                return Err("standard output is blocked; the last lines are lost".into());
            }
        }
    }

    fn tell(&self, news: News) {
        // A printer that has failed has triggered the stop.
        let _ = self.news.send(news);
    }
}

impl Observer for Reporter {
    fn event(&mut self, event: &Event) {
        if self.every_end || event.end != Some(End::Cancelled) {
            self.hub.iter().for_each(|hub| hub.event(event));
            self.tell(News::Event(event.clone()));
        }
    }

    fn progress(&mut self, progress: &Progress) {
        self.hub.iter().for_each(|hub| hub.progress(progress));
        if self.live {
            self.tell(News::Progress(progress.clone()));
        }
    }

    fn trouble(&mut self, text: &str) {
        self.tell(News::Trouble(text.to_owned()));
    }

    fn recovered(&mut self, recovered: &Recovered) {
        let Recovered { published, returned, claims, parts, kept } = recovered;
        let counts = [
            (published.len(), "moves finished"),
            (returned.len(), "files given back to the source"),
            (*claims as usize, "claims of arrived files removed"),
            (*parts as usize, "unfinished copies thrown away"),
            (kept.len(), "journals kept for later, what they speak of cannot be reached"),
        ];
        let done: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        if !done.is_empty() {
            self.tell(News::Trouble(format!("an earlier run was killed: {}", done.join(", "))));
        }
    }
}

/// The printing thread's belongings.
struct Printer {
    form: Form,
    log: Option<Log>,
    live: Option<Live>,
    out: BufWriter<Stdout>,
    /// See [`Reporter::writes`].
    writes: Arc<AtomicU64>,
}

impl Printer {
    /// Prints until nobody tells any more; triggers `stop` when that cannot be done.
    fn run(mut self, news: &Receiver<News>, stop: &Stop) -> Result<(), String> {
        let outcome = self.print_all(news);
        if outcome.is_err() {
            stop.trigger();
        }
        if let Some(live) = &self.live {
            live.end();
        }
        match outcome {
            // Whoever read this has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            outcome => outcome.map_err(|error| output::write_fault(&error)),
        }
    }

    fn print_all(&mut self, news: &Receiver<News>) -> io::Result<()> {
        while let Ok(first) = news.recv() {
            self.writes.fetch_add(1, Ordering::AcqRel);
            // What has gathered is printed at one go.
            let mut lines = String::new();
            let mut last_progress = None;
            for item in std::iter::once(first).chain(news.try_iter()) {
                match item {
                    News::Event(event) => {
                        if let Some(Err(fault)) = self.log.as_mut().map(|log| log.write(&event)) {
                            self.complain(&fault);
                        }
                        lines.push_str(&line(self.form, &event));
                    }
                    News::Progress(progress) => last_progress = Some(progress),
                    News::Trouble(text) => self.complain(&text),
                }
            }
            if !lines.is_empty() {
                let out = &mut self.out;
                let mut print = || out.write_all(lines.as_bytes()).and_then(|()| out.flush());
                match &self.live {
                    Some(live) => live.beside(print)?,
                    None => print()?,
                }
            }
            if let (Some(live), Some(progress)) = (&self.live, last_progress) {
                live.show(&progress);
            }
            self.writes.fetch_add(1, Ordering::AcqRel);
        }
        Ok(())
    }

    fn complain(&self, text: &str) {
        match &self.live {
            Some(live) => live.beside(|| output::complain(text)),
            None => output::complain(text),
        }
    }
}

/// One event as one line, with its end.
fn line(form: Form, event: &Event) -> String {
    match form {
        Form::Json => event.to_json() + "\n",
        Form::Words if event.severity == Severity::Information => format!("{} {}\n", event.at, event.text()),
        Form::Words => format!("{} {} {}: {}\n", event.at, event.severity.as_str(), event.kind.id(), event.text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockwait_core::event::EventKind;
    use lockwait_core::time::Timestamp;

    fn event(kind: EventKind, severity: Severity) -> Event {
        Event { path: "/in/a\nb".into(), ..Event::new(Timestamp(0), kind, severity) }
    }

    #[test]
    fn words_name_severity_and_id_where_somebody_should_care() {
        let started = line(Form::Words, &event(EventKind::Started, Severity::Information));
        assert_eq!(started, "1970-01-01T00:00:00.000Z lockwait started\n");
        let held = line(Form::Words, &event(EventKind::LockHeld, Severity::Warning));
        assert!(held.starts_with("1970-01-01T00:00:00.000Z warning 6067: '/in/a\\nb'"), "{held}");
        assert_eq!(held.lines().count(), 1);
    }

    #[test]
    fn json_is_one_object_a_line() {
        let text = line(Form::Json, &event(EventKind::LockHeld, Severity::Warning));
        assert_eq!(text.lines().count(), 1);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&value["id"], &value["path"]), (&6067.into(), &"/in/a\nb".into()));
    }
}
