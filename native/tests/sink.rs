//! Events as they arrive at a log.
#![cfg(unix)]

use std::os::unix::net::UnixDatagram;

use lockwait_core::code::Code;
use lockwait_core::event::{Event, EventKind, Severity};
use lockwait_core::observation::Name;
use lockwait_core::time::Timestamp;
use lockwait_native::sink::{Journald, JsonLines, Sink, Syslog};

fn event(path: &str) -> Event {
    let mut event = Event::new(Timestamp(1_000_000), EventKind::LockHeld, Severity::Warning);
    event.path = Name::from(path);
    event.code = Some(Code::errno(11));
    event
}

/// A log in a scratch folder, and where it listens.
fn log() -> (tempfile::TempDir, std::path::PathBuf, UnixDatagram) {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("log");
    let log = UnixDatagram::bind(&path).unwrap();
    (scratch, path, log)
}

fn received(log: &UnixDatagram) -> Vec<u8> {
    let mut datagram = vec![0; 65_536];
    let length = log.recv(&mut datagram).unwrap();
    datagram.truncate(length);
    datagram
}

#[test]
fn json_lines_are_one_object_each() {
    let mut sink = JsonLines(Vec::new());
    sink.write(&event("/in/a\nb")).unwrap();
    sink.write(&event("/in/c")).unwrap();
    let lines: Vec<serde_json::Value> =
        String::from_utf8(sink.0).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["path"]), (2, &"/in/a\nb".into()));
}

#[test]
fn the_journal_gets_text_priority_and_fields() {
    let (_scratch, path, log) = log();
    Journald::open_at(&path).unwrap().write(&event("/in/a")).unwrap();
    let entry = String::from_utf8(received(&log)).unwrap();
    for line in [
        "PRIORITY=4",
        "SYSLOG_IDENTIFIER=lockwait",
        "LOCKWAIT_EVENT_ID=6067",
        "LOCKWAIT_PATH=/in/a",
        "LOCKWAIT_CODE=errno:EAGAIN",
    ] {
        assert!(entry.lines().any(|written| written == line), "{line} in {entry}");
    }
    assert!(entry.starts_with("MESSAGE=") && entry.ends_with('\n'));
}

#[test]
fn a_name_cannot_forge_a_field_of_the_journal() {
    let (_scratch, path, log) = log();
    Journald::open_at(&path).unwrap().write(&event("/in/a\nPRIORITY=0")).unwrap();
    let entry = received(&log);
    let value = b"/in/a\nPRIORITY=0";
    let field = [b"LOCKWAIT_PATH\n".as_slice(), &(value.len() as u64).to_le_bytes(), value, b"\n"].concat();
    assert!(entry.windows(field.len()).any(|window| window == field));
}

#[test]
fn syslog_gets_one_short_line_whatever_is_in_a_name() {
    let (_scratch, path, log) = log();
    let mut sink = Syslog::open_at(&path).unwrap();
    sink.write(&event("/in/a\n<0>forged")).unwrap();
    let line = String::from_utf8(received(&log)).unwrap();
    assert!(line.starts_with("<28>lockwait[") && line.contains("]: 6067 ") && !line.contains('\n'), "{line}");
    sink.write(&event(&"ü".repeat(5_000))).unwrap();
    assert!(received(&log).len() <= 1_024);
}

#[test]
fn a_log_that_nobody_reads_is_an_error_and_holds_nothing_up() {
    let (scratch, path, log) = log();
    let mut sink = Syslog::open_at(&path).unwrap();
    let full = (0..100_000).find_map(|_| sink.write(&event("/in/a")).err());
    assert_eq!(full.unwrap().kind(), std::io::ErrorKind::WouldBlock);
    drop(log);
    drop(scratch);
    assert!(sink.write(&event("/in/a")).is_err());
    assert!(Journald::open_at(&path).is_err());
}
