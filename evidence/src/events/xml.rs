//! Events as XML: what Event Viewer and `wevtutil qe /f:xml` write, with or without a root element, and what the
//! records of an `.evtx` file decode to ("Event Schema", Windows documentation).

use lockwait_core::time::Timestamp;
use memchr::memmem;
use quick_xml::Reader as Xml;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::needles;
use super::record::{Held, Level, Record, Value};
use crate::findings::{Findings, Reader};

/// The longest event that is read. Records of a log have at most 64 KiB, which XML makes a few times as long.
const LONGEST: usize = 4 << 20;

/// What an event ends with.
const END: &[u8] = b"</Event>";

/// The deepest nesting that is followed.
const DEEPEST: usize = 64;

/// Elements below which everything with a text is a value of the event.
const VALUES: [&str; 4] = ["EventData", "UserData", "DebugData", "ProcessingErrorData"];

/// Reads events one after another, wherever they are in the text.
#[derive(Default)]
pub(crate) struct EventXml {
    /// Where the next bytes are in the input.
    at: u64,
    held: Held,
}

impl EventXml {
    pub(crate) fn new() -> EventXml {
        EventXml::default()
    }
}

impl Reader for EventXml {
    fn read(&mut self, bytes: &[u8], is_end: bool, findings: &mut Findings) -> usize {
        let mut done = 0;
        while let Some(start) = begin(&bytes[done..]) {
            done += start;
            let rest = &bytes[done..];
            // Another event that begins before this one ends says that the end is missing.
            let next = begin(&rest[1..]).map(|next| next + 1);
            let end = memmem::find(&rest[..next.unwrap_or(rest.len())], END).map(|end| end + END.len());
            let place = format_args!("byte {}", self.at + done as u64);
            match (end, next) {
                (Some(end), _) => {
                    let event = &rest[..end];
                    findings.records += 1;
                    if needles::are_in_text(event) {
                        let record = parse(&String::from_utf8_lossy(event));
                        findings.reaches(record.at);
                        self.held.push(record, findings);
                    } else if let Some(micros) = written(event) {
                        findings.reaches(Timestamp(micros));
                    }
                    done += end;
                }
                (None, Some(next)) => {
                    findings.warn(place, "this event has no end; it is left out");
                    done += next;
                }
                (None, None) if rest.len() > LONGEST || is_end => {
                    findings.warn(place, "this event has no end; it is left out");
                    done += 1;
                }
                (None, None) => break,
            }
        }
        let rest = &bytes[done..];
        if is_end {
            done = bytes.len();
            self.held.end(findings);
        } else if begin(rest).is_none() {
            // An event may begin in the last few bytes.
            done = bytes.len().saturating_sub("<Event ".len()).max(done);
        }
        self.at += done as u64;
        done
    }
}

/// Where the next event begins.
fn begin(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, b"<Event")
        .find(|at| matches!(bytes.get(at + 6), Some(b' ' | b'>' | b'\t' | b'\r' | b'\n')))
}

/// When the event was written, without reading the rest of it.
fn written(event: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"SystemTime=";
    let start = memmem::find(event, NAME)? + NAME.len() + 1;
    let length = memchr::memchr2(b'"', b'\'', event.get(start..)?)?;
    micros(str::from_utf8(&event[start..start + length]).ok()?)
}

/// A `SystemTime` in microseconds since 1970.
fn micros(time: &str) -> Option<u64> {
    let time: jiff::Timestamp = time.trim_end_matches(" UTC").parse().ok()?;
    u64::try_from(time.as_microsecond()).ok()
}

/// What one `Event` element says. Of one that is not well-formed, what comes before the fault.
pub(super) fn parse(text: &str) -> Record {
    let mut record = Record::default();
    let mut xml = Xml::from_str(text);
    xml.config_mut().expand_empty_elements = true;
    xml.config_mut().check_end_names = false;
    let mut open: Vec<Element> = Vec::new();
    while let Ok(event) = xml.read_event() {
        match event {
            Event::Start(start) => {
                let element = Element::new(&start);
                attributes(&mut record, &element.name, &start);
                open.push(element);
                if open.len() > DEEPEST {
                    break;
                }
            }
            Event::End(_) => {
                let Some(element) = open.pop() else { break };
                content(&mut record, &open, element);
            }
            Event::Text(text) => append(&mut open, &text.xml10_content()),
            Event::CData(text) => append(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => append(&mut open, &referred(&reference)),
            Event::Eof => break,
            _ => {}
        }
    }
    record
}

/// An element that is open.
struct Element {
    name: String,
    /// Its `Name` attribute.
    label: String,
    text: String,
}

impl Element {
    fn new(start: &BytesStart<'_>) -> Element {
        Element {
            name: start.local_name().as_ref().to_owned(),
            label: attribute(start, "Name").unwrap_or_default(),
            text: String::new(),
        }
    }
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).ok()??;
    attribute.normalized_value(XmlVersion::Explicit1_0).ok().map(|value| value.into_owned())
}

/// The character, or characters, that a reference stands for.
fn referred(reference: &BytesRef<'_>) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => c.to_string(),
        _ => quick_xml::escape::resolve_predefined_entity(reference).unwrap_or_default().to_owned(),
    }
}

/// Takes what the attributes of an element of `System` say.
fn attributes(record: &mut Record, element: &str, start: &BytesStart<'_>) {
    match element {
        "Provider" => {
            // Classic events that a modern provider took over keep the old name beside the new one.
            let name = attribute(start, "Name").filter(|name| !name.is_empty());
            record.provider = name.or_else(|| attribute(start, "EventSourceName")).unwrap_or_default();
        }
        "TimeCreated" => {
            if let Some(micros) = attribute(start, "SystemTime").and_then(|time| micros(&time)) {
                record.stamp(micros);
            }
        }
        "Execution" => {
            let pid = attribute(start, "ProcessID").and_then(|pid| pid.parse().ok());
            record.pid = pid.filter(|pid| *pid != 0);
        }
        _ => {}
    }
}

/// Takes what an element holds, at its end; `open` are those it is in.
fn content(record: &mut Record, open: &[Element], element: Element) {
    let Element { name, label, text } = element;
    let is_in = |name: &str| open.last().is_some_and(|parent| parent.name == name);
    if open.iter().any(|element| VALUES.contains(&element.name.as_str())) {
        if name == "Binary" {
            record.data = unhex(&text);
        } else if !text.trim().is_empty() || is_in("EventData") {
            record.values.push(Value { name: if label.is_empty() && name != "Data" { name } else { label }, text });
        }
    } else if is_in("System") {
        match name.as_str() {
            "EventID" => record.id = text.trim().parse::<u32>().unwrap_or_default() & 0xffff,
            "Level" => {
                record.level = match text.trim() {
                    "1" | "2" => Level::Error,
                    "3" => Level::Warning,
                    _ => Level::Information,
                }
            }
            "EventRecordID" => record.number = text.trim().parse().unwrap_or_default(),
            "Channel" => record.channel = text,
            "Computer" => record.computer = text,
            _ => {}
        }
    } else if is_in("RenderingInfo") && name == "Message" {
        record.message = text;
    }
}

/// Bytes from hex digits, as far as they are such.
fn unhex(text: &str) -> Vec<u8> {
    let digits = text.trim().as_bytes().chunks_exact(2);
    digits.map_while(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect()
}
