//! The system's log: datagrams to journald or to a classic syslog.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use lockwait_core::event::{Event, Severity};
use lockwait_core::observation::Holders;

use crate::sink::Sink;

/// Where systemd's journal listens (systemd.io, "Native Journal Protocol").
const JOURNAL: &str = "/run/systemd/journal/socket";

/// Where a classic system log listens.
const SYSLOG: &str = "/dev/log";

/// What both logs know this program as.
const IDENTIFIER: &str = "lockwait";

/// The longest message that RFC 3164 (section 4.1) lets a receiver rely on.
const LONGEST_SYSLOG: usize = 1024;

/// systemd's journal, in its native protocol: the event's text as `MESSAGE`, and its parts as `LOCKWAIT_*` fields.
pub struct Journald(Peer);

/// The classic system log, in RFC 3164's form as local programs write it: priority, tag, process id, text.
pub struct Syslog(Peer);

/// The log called `target`, if it is one that this system has.
pub(crate) fn open(target: &str) -> Option<io::Result<Box<dyn Sink + Send>>> {
    match target {
        "journald" => Some(Journald::open().map(|sink| Box::new(sink) as Box<dyn Sink + Send>)),
        "syslog" => Some(Syslog::open().map(|sink| Box::new(sink) as Box<dyn Sink + Send>)),
        _ => None,
    }
}

/// No log here needs to be told what its entries mean.
pub(crate) fn register(_message_file: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// See [`register`].
pub(crate) fn unregister() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A socket and who it sends to. The log may be restarted at any time, so each datagram is addressed anew.
struct Peer {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Journald {
    /// Reaches the journal of this machine.
    ///
    /// # Errors
    /// There is no journal here.
    pub fn open() -> io::Result<Journald> {
        Journald::open_at(Path::new(JOURNAL))
    }

    /// Reaches a journal that listens at `path`.
    ///
    /// # Errors
    /// Nobody listens there.
    pub fn open_at(path: &Path) -> io::Result<Journald> {
        Peer::open(path).map(Journald)
    }
}

impl Syslog {
    /// Reaches the system log of this machine.
    ///
    /// # Errors
    /// There is no system log here.
    pub fn open() -> io::Result<Syslog> {
        Syslog::open_at(Path::new(SYSLOG))
    }

    /// Reaches a system log that listens at `path`.
    ///
    /// # Errors
    /// Nobody listens there.
    pub fn open_at(path: &Path) -> io::Result<Syslog> {
        Peer::open(path).map(Syslog)
    }
}

impl Sink for Journald {
    fn write(&mut self, event: &Event) -> io::Result<()> {
        self.0.send(&journal_entry(event))
    }
}

impl Sink for Syslog {
    fn write(&mut self, event: &Event) -> io::Result<()> {
        self.0.send(&syslog_line(event))
    }
}

impl Peer {
    fn open(path: &Path) -> io::Result<Peer> {
        // Whether anybody listens shows in a connection.
        UnixDatagram::unbound()?.connect(path)?;
        let socket = UnixDatagram::unbound()?;
        // A log that is not read must not hold up the work: the event is then lost, and the caller is told.
        socket.set_nonblocking(true)?;
        Ok(Peer { socket, path: path.to_path_buf() })
    }

    fn send(&self, datagram: &[u8]) -> io::Result<()> {
        self.socket.send_to(datagram, &self.path).map(drop)
    }
}

/// The severity's number in syslog(3), which the journal uses as well.
fn priority(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 3,
        Severity::Warning => 4,
        Severity::Information => 6,
    }
}

fn journal_entry(event: &Event) -> Vec<u8> {
    let mut entry = Vec::with_capacity(512);
    let mut field = |name: &str, value: &[u8]| {
        entry.extend_from_slice(name.as_bytes());
        if value.contains(&b'\n') {
            // A value with line ends is preceded by its length.
            entry.push(b'\n');
            entry.extend_from_slice(&(value.len() as u64).to_le_bytes());
        } else {
            entry.push(b'=');
        }
        entry.extend_from_slice(value);
        entry.push(b'\n');
    };
    field("MESSAGE", event.text().as_bytes());
    field("PRIORITY", priority(event.severity).to_string().as_bytes());
    field("SYSLOG_IDENTIFIER", IDENTIFIER.as_bytes());
    field("LOCKWAIT_EVENT", event.kind.name().as_bytes());
    field("LOCKWAIT_EVENT_ID", event.kind.id().to_string().as_bytes());
    if !event.path.as_bytes().is_empty() {
        field("LOCKWAIT_PATH", event.path.as_bytes());
    }
    if let Some(to) = &event.to {
        field("LOCKWAIT_TO", to.as_bytes());
    }
    if let Some(code) = event.code {
        field("LOCKWAIT_CODE", code.to_string().as_bytes());
    }
    field("LOCKWAIT_ATTEMPTS", event.attempts.to_string().as_bytes());
    field("LOCKWAIT_WAITED_MS", event.waited.as_millis().to_string().as_bytes());
    if let Holders::Found(holders) = &event.holders {
        for holder in holders {
            let pid = holder.pid.map_or_else(|| "?".to_string(), |pid| pid.to_string());
            field("LOCKWAIT_HOLDER", format!("{} {pid} {}", holder.name, holder.access.as_str()).as_bytes());
        }
    }
    field("LOCKWAIT_JSON", event.to_json().as_bytes());
    entry
}

fn syslog_line(event: &Event) -> Vec<u8> {
    /// Facility 3: a daemon.
    const DAEMON: u8 = 3;
    let priority = DAEMON * 8 + priority(event.severity);
    let (pid, id, text) = (std::process::id(), event.kind.id(), event.text());
    let mut line = format!("<{priority}>{IDENTIFIER}[{pid}]: {id} {text}");
    // One event is one line, whatever is in its names.
    line = line.replace(char::is_control, " ");
    line.truncate(line.floor_char_boundary(LONGEST_SYSLOG));
    line.into_bytes()
}
