//! The event catalogue: id, severity, insertion strings, text.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

mod form;

use crate::code::{Code, Domain};
use crate::json;
use crate::observation::{Holder, Holders, Name};
use crate::time::{Span, Timestamp};
use crate::verdict::Verdict;

/// Names one pickup of one router. Never used again for another file while the router lives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PickupId(pub u64);

/// How a pickup ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum End {
    /// The file is at the destination.
    Taken = 1,
    /// The file went away.
    Gone = 2,
    /// The file is in the bad folder.
    Quarantined = 3,
    /// The file stays where it is, for good.
    Refused = 4,
    /// The host cancelled it.
    Cancelled = 5,
}

/// What happened. The numbers are the ids that operators' rules already know (facts: source MSExchangeGWRtr).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u16)]
pub enum EventKind {
    /// The engine started.
    Started = 6015,
    /// The engine stopped.
    Stopped = 6016,
    /// A folder cannot be reached.
    FolderUnreachable = 6052,
    /// A folder can be reached again.
    FolderReachable = 6053,
    /// The file will not be taken.
    GaveUp = 6062,
    /// The engine itself is in trouble.
    EngineTrouble = 6064,
    /// The file was taken.
    Acquired = 6066,
    /// The file is held.
    LockHeld = 6067,
}

/// How much an operator should care.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Severity {
    /// For the record.
    Information = 1,
    /// Worth a look.
    Warning = 2,
    /// Needs somebody.
    Error = 3,
}

/// One line for the operator's log or for a program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// How much it matters.
    pub severity: Severity,
    /// The pickup it is about; `None` for folders and the engine.
    pub id: Option<PickupId>,
    /// The file or folder it is about; empty for the engine.
    pub path: Name,
    /// Where the file is now, for a file that was moved.
    pub to: Option<Name>,
    /// The file's size in bytes, for a file that was moved.
    pub bytes: Option<u64>,
    /// When the episode, or the outage, began.
    pub since: Timestamp,
    /// From `since` to the end of the episode, or to now while it lasts.
    pub waited: Span,
    /// Refused attempts in the episode.
    pub attempts: u32,
    /// What the last refused attempt failed with.
    pub code: Option<Code>,
    /// Why the file was held.
    pub verdict: Option<Verdict>,
    /// Who held it.
    pub holders: Holders,
    /// How the pickup ended, for its last event.
    pub end: Option<End>,
    /// The n-th reminder of an earlier 6067; 0 for the first.
    pub reminder: u32,
    /// Wanted by programs that follow every file, not by the event log: a file taken without an event before it and
    /// within `quiet`, one that went away or was cancelled.
    pub routine: bool,
}

impl EventKind {
    /// The event id.
    pub fn id(self) -> u16 {
        self as u16
    }

    /// The stable name: `lock-held`, `acquired`, …
    pub fn name(self) -> &'static str {
        match self {
            EventKind::Started => "started",
            EventKind::Stopped => "stopped",
            EventKind::FolderUnreachable => "folder-unreachable",
            EventKind::FolderReachable => "folder-reachable",
            EventKind::GaveUp => "gave-up",
            EventKind::EngineTrouble => "engine-trouble",
            EventKind::Acquired => "acquired",
            EventKind::LockHeld => "lock-held",
        }
    }
}

impl Severity {
    /// The name as JSON and texts write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Information => "information",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl Event {
    /// An event about nothing but itself; the fields that apply are filled in by who makes it.
    pub fn new(at: Timestamp, kind: EventKind, severity: Severity) -> Event {
        Event {
            at,
            kind,
            severity,
            id: None,
            path: Name::default(),
            to: None,
            bytes: None,
            since: at,
            waited: Span::ZERO,
            attempts: 0,
            code: None,
            verdict: None,
            holders: Holders::NotAsked,
            end: None,
            reminder: 0,
            routine: false,
        }
    }

    /// The values that a message table fills into its text: path, target, code with its name, time waited, attempts,
    /// beginning of the episode, verdict with its reasons, holders. Empty where one does not apply.
    pub fn insertion_strings(&self) -> [String; 8] {
        let verdict = self.verdict.as_ref();
        [
            self.path.to_string(),
            self.to.as_ref().map(Name::to_string).unwrap_or_default(),
            self.code.map(described).unwrap_or_default(),
            self.waited.words(),
            self.attempts.to_string(),
            self.since.to_string(),
            verdict.map(decision).unwrap_or_default(),
            self.holder_words().unwrap_or_default(),
        ]
    }

    /// The event in words, one line. Control characters in names are shown escaped.
    pub fn text(&self) -> String {
        let strings = self.insertion_strings();
        let [path, to, code, waited, attempts, since, verdict, holders] = strings.each_ref().map(|s| printable(s));
        let mut text = match (self.kind, self.end) {
            (EventKind::Started, _) => "lockwait started".into(),
            (EventKind::Stopped, _) => "lockwait stopped".into(),
            (EventKind::FolderUnreachable, _) => format!("folder '{path}' cannot be reached ({code}); its files wait"),
            (EventKind::FolderReachable, _) => format!("folder '{path}' can be reached again after {waited}"),
            (EventKind::EngineTrouble, _) => format!("trouble: {code}; work waits and goes on by itself"),
            (EventKind::Acquired, _) if self.attempts == 0 => format!("took '{path}' to '{to}'"),
            (EventKind::Acquired, _) => {
                format!("took '{path}' to '{to}' after waiting {waited} ({attempts} attempts refused, {code})")
            }
            (EventKind::GaveUp, Some(End::Quarantined)) => {
                format!("moved '{path}' to '{to}': its content is unusable ({code})")
            }
            (EventKind::GaveUp, Some(End::Gone)) => format!("'{path}' went away before it could be taken"),
            (EventKind::GaveUp, Some(End::Cancelled)) => format!("'{path}' was left where it is: cancelled"),
            (EventKind::GaveUp, _) => format!("gave up on '{path}' ({code}); it stays where it is"),
            (EventKind::LockHeld, _) => {
                format!("'{path}' has been held since {since} ({attempts} attempts refused in {waited}, {code})")
            }
        };
        for part in [verdict, holders].iter().filter(|part| !part.is_empty()) {
            text.push_str("; ");
            text.push_str(part);
        }
        text
    }

    /// The event as one line of `watch --json`, without a line end.
    ///
    /// A path that is not UTF-8 is shown with U+FFFD and given whole, in hex, as `path_hex` or `to_hex`.
    pub fn to_json(&self) -> String {
        json::write(&mut form::Line(self.clone()))
    }

    fn holder_words(&self) -> Option<String> {
        match &self.holders {
            Holders::NotAsked => None,
            Holders::CouldNotAsk(code) => Some(format!("could not ask who holds it ({code})")),
            Holders::Found(list) if list.is_empty() => Some("no process here has it open".into()),
            Holders::Found(list) => {
                let names: Vec<String> = list.iter().map(holder_words).collect();
                Some(format!("held by {}", names.join(", ")))
            }
        }
    }
}

fn holder_words(holder: &Holder) -> String {
    let name = if holder.name.is_empty() { "a process" } else { &holder.name };
    let mut words = String::from(name);
    if let Some(address) = &holder.address {
        words.push_str(&format!(" at {address}"));
    }
    let pid = holder.pid.map(|pid| format!("process {pid}, "));
    words.push_str(&format!(" ({}{})", pid.unwrap_or_default(), holder.access.as_str()));
    words
}

/// A code with its name: `errno:EAGAIN` as it is, `win32:32 ERROR_SHARING_VIOLATION`.
fn described(code: Code) -> String {
    let text = code.to_string();
    match code.entry() {
        Some(entry) if !text.ends_with(entry.name) && code.domain() != Domain::Lockwait => {
            format!("{text} {}", entry.name)
        }
        _ => text,
    }
}

/// Advice, kind and the strongest reason: `act: scanner (high): clamd (process 12) has it open`.
fn decision(verdict: &Verdict) -> String {
    let mut words =
        format!("{}: {} ({} confidence)", verdict.advice.as_str(), verdict.kind.meaning(), verdict.confidence.as_str());
    if let Some(reason) = verdict.reasons.first() {
        words.push_str(": ");
        words.push_str(&reason.text);
    }
    if let Some(needs) = &verdict.needs {
        words.push_str("; to settle it, ");
        words.push_str(needs);
    }
    words
}

/// `text` for one line of a log or a terminal: control characters are shown, so that a name with a line end in it
/// does not look like two lines and none moves a cursor.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c.is_control() { line.extend(c.escape_default()) } else { line.push(c) }
    }
    Cow::Owned(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Access;
    use crate::verdict::{Advice, Confidence, Kind};

    fn held() -> Event {
        Event {
            path: Name::from("/in/a\nb.pdf"),
            since: Timestamp(0),
            waited: Span::from_millis(31_400),
            attempts: 70,
            code: Some(Code::win32(32)),
            verdict: Some(Verdict {
                advice: Advice::Act,
                kind: Kind::Scanner,
                confidence: Confidence::High,
                reasons: alloc::vec![],
                needs: None,
            }),
            holders: Holders::Found(alloc::vec![Holder {
                name: "clamd".into(),
                pid: Some(12),
                access: Access::Read,
                ..Holder::default()
            }]),
            ..Event::new(Timestamp(31_400_000), EventKind::LockHeld, Severity::Error)
        }
    }

    #[test]
    fn a_text_is_one_line_and_says_who_why_and_how_long() {
        assert_eq!(
            held().text(),
            "'/in/a\\nb.pdf' has been held since 1970-01-01T00:00:00.000Z (70 attempts refused in 31.4 s, win32:32 \
             ERROR_SHARING_VIOLATION); act: a virus scanner holds the file (high confidence); held by clamd (process \
             12, read)"
        );
    }

    #[test]
    fn control_characters_are_shown_not_sent() {
        assert_eq!(printable("Grüße.txt"), "Grüße.txt");
        assert_eq!(printable("a\u{1b}[2J\nb"), "a\\u{1b}[2J\\nb");
    }

    #[test]
    fn json_has_the_fields_of_the_design() {
        let value: serde_json::Value = serde_json::from_str(&held().to_json()).unwrap();
        assert_eq!(value["at"], "1970-01-01T00:00:31.400Z");
        assert_eq!(value["event"], "lock-held");
        assert_eq!(value["id"], 6067);
        assert_eq!(value["path"], "/in/a\nb.pdf");
        assert_eq!(value["to"], serde_json::Value::Null);
        assert_eq!((&value["waited_ms"], &value["attempts"]), (&31_400.into(), &70.into()));
        assert_eq!(value["code"], "win32:32");
        assert_eq!(value["verdict"]["advice"], "act");
        assert_eq!(value["verdict"]["kind"], "scanner");
        assert_eq!(value["verdict"]["holders"][0]["pid"], 12);
        assert_eq!(value["verdict"]["holders"][0]["access"], "read");
    }

    #[test]
    fn a_path_that_is_not_utf_8_is_given_whole_beside_its_picture() {
        let event = Event { path: Name::from(&b"/in/\xff"[..]), ..held() };
        let value: serde_json::Value = serde_json::from_str(&event.to_json()).unwrap();
        assert_eq!(value["path"], "/in/\u{fffd}");
        assert_eq!(value["path_hex"], "2f696e2fff");
    }
}
