//! What an input is, from its first bytes.

use crate::capture::Capture;
use crate::charset::Charset;
use crate::events::{EventCsv, EventListing, EventXml, Evt, Evtx};
use crate::findings::{Findings, Reader};
use crate::procmon::Procmon;
use crate::recording::Recording;
use crate::text::Text;

/// So many bytes decide, unless the input is shorter.
pub(crate) const HEAD: usize = 1 << 16;

/// What an input is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// Not known yet, or nothing that can be read.
    Unknown,
    /// Windows event log, since Vista.
    Evtx,
    /// Windows event log, up to Server 2003.
    Evt,
    /// Events as XML: `wevtutil qe /f:xml`, Event Viewer.
    EventXml,
    /// Events as CSV: Event Viewer, PowerShell.
    EventCsv,
    /// libpcap capture.
    Pcap,
    /// pcapng capture.
    PcapNg,
    /// snoop capture (RFC 1761).
    Snoop,
    /// Events as `wevtutil qe /f:text` writes them.
    EventListing,
    /// Process Monitor CSV.
    Procmon,
    /// Trace of Lockwait.
    Trace,
    /// Lines of `lockwait watch --json`.
    Events,
    /// Text log.
    Text,
}

/// What an input is, and who reads it.
pub(crate) struct Detected {
    pub(crate) format: Format,
    /// What decodes it, where it is text.
    pub(crate) charset: Option<Charset>,
    /// Its reader, or why there is none and what to do.
    pub(crate) reader: Result<Box<dyn Reader>, &'static str>,
}

impl Format {
    /// Whether it shows who opens files with success, too, and not only who is refused.
    pub fn shows_successes(self) -> bool {
        matches!(self, Format::Pcap | Format::PcapNg | Format::Snoop | Format::Procmon | Format::Trace)
    }

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Unknown => "unknown",
            Format::Evtx => "evtx",
            Format::Evt => "evt",
            Format::EventXml => "event-xml",
            Format::EventCsv => "event-csv",
            Format::Pcap => "pcap",
            Format::PcapNg => "pcapng",
            Format::Snoop => "snoop",
            Format::EventListing => "event-text",
            Format::Procmon => "procmon-csv",
            Format::Trace => "lockwait-trace",
            Format::Events => "lockwait-events",
            Format::Text => "text",
        }
    }
}

/// Signatures of binary formats: [MS-EVEN6] 2.2.17 and libevtx; "Event Log File Format"; draft-ietf-opsawg-pcap;
/// draft-ietf-opsawg-pcapng; RFC 1761.
const BINARY: [(&[u8], Format); 8] = [
    (b"ElfFile\0", Format::Evtx),
    (b"\x30\0\0\0LfLe", Format::Evt),
    (b"\xd4\xc3\xb2\xa1", Format::Pcap),
    (b"\xa1\xb2\xc3\xd4", Format::Pcap),
    (b"\x4d\x3c\xb2\xa1", Format::Pcap),
    (b"\xa1\xb2\x3c\x4d", Format::Pcap),
    (b"\x0a\x0d\x0d\x0a", Format::PcapNg),
    (b"snoop\0\0\0", Format::Snoop),
];

/// Signatures of what people try, and what to do instead.
const OTHERS: [(&[u8], &str); 8] = [
    (b"PML_", "Procmon's own format: in Procmon choose File, Save, Comma-Separated Values, and give that"),
    (b"PK\x03\x04", "a ZIP archive: unpack it and give what is in it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it and give what is in it"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd: unpack it, or pack it by gzip"),
    (b"\xfd7zXZ\0", "packed by xz: unpack it, or pack it by gzip"),
    (b"BZh", "packed by bzip2: unpack it, or pack it by gzip"),
    (b"RTSS", "a Network Monitor 1 capture: save it as pcap with Wireshark"),
    (b"GMBU", "a Network Monitor capture: save it as pcap with Wireshark"),
];

/// Recognises an input by its `head`: its first [`HEAD`] bytes, or all of it.
pub(crate) fn detect(head: &[u8]) -> Detected {
    if let Some((_, format)) = BINARY.iter().find(|(signature, _)| head.starts_with(signature)) {
        return Detected { format: *format, charset: None, reader: Ok(reader(*format)) };
    }
    if let Some((_, why)) = OTHERS.iter().find(|(signature, _)| head.starts_with(signature)) {
        return Detected { format: Format::Unknown, charset: None, reader: Err(why) };
    }
    let mut charset = Charset::detect(head);
    let mut text = Vec::new();
    charset.decode(head, true, &mut Findings::default(), |piece, _| text.extend_from_slice(piece));
    let format = text_format(&String::from_utf8_lossy(&text));
    let reader = match format {
        Format::Unknown => Err("neither a log nor a capture that can be read here"),
        format => Ok(reader(format)),
    };
    Detected { format, charset: Some(Charset::detect(head)), reader }
}

/// What a text that begins with `head` is.
fn text_format(head: &str) -> Format {
    // No log has control characters other than these; anything else may have them anywhere.
    let strange = head.chars().filter(|c| c.is_control() && !"\t\n\r\x0c\x1b\x08".contains(*c)).count();
    if strange * 50 > head.len() {
        return Format::Unknown;
    }
    let found = TEXTS.iter().find(|(_, recognises)| recognises(head));
    found.map_or(Format::Text, |(format, _)| *format)
}

/// Whether a text that begins like this is of a format.
type Recognises = fn(&str) -> bool;

/// Formats of text, in the order in which they are tried, and what recognises each.
const TEXTS: [(Format, Recognises); 6] = [
    (Format::EventXml, |head| {
        let start = head.trim_start();
        start.starts_with("<Event") || (start.starts_with("<?xml") && head.contains("<Event"))
    }),
    (Format::Trace, |head| {
        first_line(head).is_some_and(|line| line.starts_with('{') && line.contains("\"lockwait.trace/"))
    }),
    (Format::Events, |head| {
        first_line(head).is_some_and(|line| line.starts_with("{\"at\":") && line.contains("\"event\":"))
    }),
    (Format::Procmon, Procmon::recognises),
    (Format::EventCsv, EventCsv::recognises),
    (Format::EventListing, EventListing::recognises),
];

fn first_line(head: &str) -> Option<&str> {
    head.lines().find(|line| !line.trim().is_empty()).map(str::trim)
}

fn reader(format: Format) -> Box<dyn Reader> {
    match format {
        Format::Evtx => Box::new(Evtx::new()),
        Format::Evt => Box::new(Evt::new()),
        Format::EventXml => Box::new(EventXml::new()),
        Format::EventCsv => Box::new(EventCsv::new()),
        Format::EventListing => Box::new(EventListing::new()),
        Format::PcapNg => Box::new(Capture::pcapng()),
        Format::Pcap | Format::Snoop => Box::new(Capture::pcap()),
        Format::Procmon => Box::new(Procmon::new()),
        Format::Trace | Format::Events => Box::new(Recording::new()),
        Format::Text | Format::Unknown => Box::new(Text::new()),
    }
}
