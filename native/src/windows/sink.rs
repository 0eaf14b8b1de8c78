//! The Windows Event Log.
//!
//! An entry carries its event's id, severity and eight texts ([`Event::insertion_strings`]); the sentences around
//! them are in a message table (`messages.mc`), which is linked into a library or program. Where to find it is said
//! once, by [`crate::sink::register`]. Without that the log keeps the entries all the same, and viewers show the texts
//! without the sentences.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use lockwait_core::event::{Event, EventKind, Severity, printable};
use windows_sys::Win32::System::EventLog::{
    EVENTLOG_ERROR_TYPE, EVENTLOG_INFORMATION_TYPE, EVENTLOG_WARNING_TYPE, REPORT_EVENT_TYPE,
};

use super::event_log::{Key, Source, remove_key};
use super::path::{self, Wide};
use crate::sink::Sink;

/// What the log knows this program as.
const SOURCE: &str = "Lockwait";

/// Where the log looks for its sources ("Eventlog Key", Win32 documentation).
const SOURCES: &str = r"SYSTEM\CurrentControlSet\Services\EventLog\Application";

/// The longest text, in UTF-16 units: eight of them stay below the 31,839 that `ReportEventW` takes.
const LONGEST_TEXT: usize = 3_900;

/// The Application log of this machine.
pub struct EventLog(Source);

/// Opens the log called `target`, if that is one that Windows has: `eventlog`.
pub(crate) fn open(target: &str) -> Option<io::Result<Box<dyn Sink + Send>>> {
    (target == "eventlog").then(|| Ok(Box::new(EventLog::open()?) as Box<dyn Sink + Send>))
}

/// See [`crate::sink::register`].
pub(crate) fn register(message_file: &Path) -> io::Result<()> {
    add(SOURCE, message_file)
}

/// See [`crate::sink::unregister`].
pub(crate) fn unregister() -> io::Result<()> {
    remove(SOURCE)
}

impl EventLog {
    /// Reaches the log of this machine. The source need not be registered.
    ///
    /// # Errors
    /// The log's service does not run.
    pub fn open() -> io::Result<EventLog> {
        Source::open(&wide(SOURCE)?).map(EventLog)
    }
}

impl Sink for EventLog {
    fn write(&mut self, event: &Event) -> io::Result<()> {
        let texts: Vec<Wide> = event.insertion_strings().iter().map(|text| inserted(text)).collect::<Result<_, _>>()?;
        self.0.report(kind(event.severity), message_id(event.kind, event.severity), &texts)
    }
}

/// The number of an event in the message table: severity in the two bits at the top, then a facility of 0, then the
/// event id, which is all that viewers show ("Event Identifiers", Win32 documentation).
fn message_id(kind: EventKind, severity: Severity) -> u32 {
    let severity = match severity {
        Severity::Information => 1,
        Severity::Warning => 2,
        Severity::Error => 3,
    };
    severity << 30 | u32::from(kind.id())
}

fn kind(severity: Severity) -> REPORT_EVENT_TYPE {
    match severity {
        Severity::Information => EVENTLOG_INFORMATION_TYPE,
        Severity::Warning => EVENTLOG_WARNING_TYPE,
        Severity::Error => EVENTLOG_ERROR_TYPE,
    }
}

/// `text` as it is inserted: on one line, and no longer than the log takes.
fn inserted(text: &str) -> io::Result<Wide> {
    let mut units: Vec<u16> = printable(text).encode_utf16().collect();
    if units.len() > LONGEST_TEXT {
        units.truncate(LONGEST_TEXT - 1);
        units.push(0x2026);
    }
    Wide::new(units)
}

fn add(source: &str, message_file: &Path) -> io::Result<()> {
    let file = std::path::absolute(message_file)?;
    let key = Key::create(&wide(key(source))?).map_err(explained)?;
    key.set_path(&wide("EventMessageFile")?, &wide(&file)?)?;
    // A bit for each severity.
    let types = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
    key.set_number(&wide("TypesSupported")?, u32::from(types))
}

fn remove(source: &str) -> io::Result<()> {
    remove_key(&wide(key(source))?).map_err(explained)
}

fn key(source: &str) -> String {
    format!(r"{SOURCES}\{source}")
}

fn wide(text: impl AsRef<OsStr>) -> io::Result<Wide> {
    Wide::new(path::utf16(&path::to_name(text.as_ref())))
}

/// Says what to do about a refusal.
fn explained(error: io::Error) -> io::Error {
    if error.kind() != io::ErrorKind::PermissionDenied {
        return error;
    }
    let text = "only an administrator may register a source of events; run this once as administrator";
    io::Error::new(io::ErrorKind::PermissionDenied, text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lockwait_core::time::Timestamp;

    use super::*;

    /// Every kind of event with the severities that the core gives it.
    const EVENTS: [(EventKind, Severity); 10] = [
        (EventKind::Started, Severity::Information),
        (EventKind::Stopped, Severity::Information),
        (EventKind::FolderUnreachable, Severity::Warning),
        (EventKind::FolderReachable, Severity::Information),
        (EventKind::GaveUp, Severity::Error),
        (EventKind::GaveUp, Severity::Information),
        (EventKind::EngineTrouble, Severity::Error),
        (EventKind::Acquired, Severity::Information),
        (EventKind::LockHeld, Severity::Warning),
        (EventKind::LockHeld, Severity::Error),
    ];

    /// The sentences of `messages.mc` by their numbers.
    fn messages() -> BTreeMap<u32, String> {
        let blocks = include_str!("messages.mc").split("\nMessageId=").skip(1);
        blocks
            .map(|block| {
                let mut lines = block.lines();
                let id: u32 = lines.next().unwrap().parse().unwrap();
                let severity = match lines.next().unwrap() {
                    "Severity=Information" => 1,
                    "Severity=Warning" => 2,
                    "Severity=Error" => 3,
                    other => panic!("{other}"),
                };
                let text: Vec<&str> = lines.skip(3).take_while(|line| *line != ".").collect();
                (severity << 30 | id, text.join("\n"))
            })
            .collect()
    }

    #[test]
    fn the_message_table_has_a_sentence_for_every_event() {
        let messages = messages();
        let numbers: Vec<u32> = EVENTS.iter().map(|(kind, severity)| message_id(*kind, *severity)).collect();
        assert!(numbers.iter().all(|number| messages.contains_key(number)));
        assert_eq!(messages.len(), numbers.len(), "and none besides");
        for (number, text) in &messages {
            assert!(!text.is_empty() && !text.contains("%9") && !text.contains("%0"), "{number:x}: {text}");
        }
        let held = &messages[&0xc000_17b3];
        assert!((1..=8).filter(|n| *n != 2).all(|n| held.contains(&format!("%{n}"))), "{held}");
    }

    #[test]
    fn an_inserted_text_is_one_line_of_bearable_length() {
        let text = |text: &str| String::from_utf16(inserted(text).unwrap().units()).unwrap();
        assert_eq!(text("a\r\nb\0"), "a\\r\\nb\\u{0}");
        assert_eq!(text(&"ü".repeat(10_000)).chars().count(), LONGEST_TEXT);
    }

    #[test]
    fn events_of_every_kind_are_written() {
        let mut log = EventLog::open().unwrap();
        for (kind, severity) in EVENTS {
            let mut event = Event::new(Timestamp(0), kind, severity);
            event.path = lockwait_core::observation::Name::from(r"C:\in\Grüße.txt");
            log.write(&event).unwrap();
        }
    }

    #[test]
    fn a_registered_source_can_be_taken_back_once() {
        // Not the real one, which may be in use on this machine.
        let source = format!("Lockwait test {}", std::process::id());
        match add(&source, &std::env::current_exe().unwrap()) {
            Ok(()) => {
                remove(&source).unwrap();
                assert!(remove(&source).is_err());
            }
            Err(error) => assert!(error.to_string().contains("administrator"), "{error}"),
        }
    }
}
