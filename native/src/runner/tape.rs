//! Writes the trace, on a thread of its own so that a slow disk never holds the router up.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::desk::Desk;
use super::queue::{Nothing, Receiver, Sender, queue};

/// Where a trace goes.
pub type TraceWriter = Box<dyn Write + Send>;

/// Bytes of trace that may wait for the disk before it is given up: a trace with a gap cannot be replayed.
const BACKLOG_MAX: usize = 64 << 20;

/// The router's end of the thread that writes the trace.
pub(super) struct Tape {
    lines: Option<Sender<String>>,
    trouble: Receiver<io::Error>,
    backlog: Arc<AtomicUsize>,
}

impl Tape {
    /// Starts the writing thread, with the trace's first line.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn new(out: TraceWriter, header: String, desk: Arc<Desk>) -> io::Result<Tape> {
        let (lines, written) = queue(usize::MAX);
        let (faults, trouble) = queue(usize::MAX);
        let backlog = Arc::new(AtomicUsize::new(header.len()));
        // The receiver is still here.
        let _ = lines.send(header);
        let counter = Arc::clone(&backlog);
        thread::Builder::new().name("lockwait-trace".into()).spawn(move || {
            if let Err(error) = write_lines(out, &written, &counter) {
                // Nobody listens when the run is over.
                let _ = faults.send(error);
            }
            drop(faults);
            desk.ring();
        })?;
        Ok(Tape { lines: Some(lines), trouble, backlog })
    }

    /// Hands a line over.
    ///
    /// # Errors
    /// The trace ends here: it could not be written, or not fast enough.
    pub(super) fn write(&mut self, line: String) -> io::Result<()> {
        let Some(lines) = &self.lines else { return Ok(()) };
        let backlog = self.backlog.fetch_add(line.len(), Ordering::Relaxed);
        let sent = lines.send(line).is_ok();
        if sent && backlog <= BACKLOG_MAX {
            return Ok(());
        }
        self.lines = None;
        Err(self.trouble.try_recv().unwrap_or_else(|| io::ErrorKind::WriteZero.into()))
    }

    /// Ends the trace, and waits for it to be written until `deadline` at most.
    ///
    /// # Errors
    /// The trace is not whole.
    pub(super) fn finish(&mut self, deadline: Instant) -> io::Result<()> {
        if self.lines.take().is_none() {
            return Ok(());
        }
        match self.trouble.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(error) => Err(error),
            // The thread is gone, having said nothing: all is written.
            Err(Nothing::Ever) => Ok(()),
            Err(Nothing::Yet) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// How long lines may stay in the buffer while no more come.
const LINGER: Duration = Duration::from_millis(200);

fn write_lines(out: TraceWriter, lines: &Receiver<String>, backlog: &AtomicUsize) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    let mut dirty = false;
    loop {
        let line = if dirty { lines.recv_timeout(LINGER) } else { lines.recv().ok_or(Nothing::Ever) };
        match line {
            Ok(line) => {
                out.write_all(line.as_bytes())?;
                out.write_all(b"\n")?;
                backlog.fetch_sub(line.len(), Ordering::Relaxed);
                dirty = true;
            }
            Err(Nothing::Yet) => {
                out.flush()?;
                dirty = false;
            }
            Err(Nothing::Ever) => return out.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Full;

    impl Write for Full {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn in_a_minute() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn lines_are_written_in_order() {
        let memory = Memory::default();
        let mut tape = Tape::new(Box::new(memory.clone()), "one".into(), Arc::new(Desk::new())).unwrap();
        tape.write("two".into()).unwrap();
        tape.finish(in_a_minute()).unwrap();
        assert_eq!(*memory.0.lock().unwrap(), b"one\ntwo\n");
    }

    #[test]
    fn a_full_disk_is_told_once() {
        let mut tape = Tape::new(Box::new(Full), String::new(), Arc::new(Desk::new())).unwrap();
        let long = "x".repeat(1 << 20);
        let mut errors = 0;
        for _ in 0..200 {
            errors += usize::from(tape.write(long.clone()).is_err());
        }
        errors += usize::from(tape.finish(in_a_minute()).is_err());
        assert_eq!(errors, 1);
    }
}
