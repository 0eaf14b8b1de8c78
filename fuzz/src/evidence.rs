//! What must hold of evidence, whatever its bytes: it is examined without an end, and in pieces as in one.

use std::net::SocketAddr;

use lockwait_core::policy::Policy;
use lockwait_core::time::Timestamp;
use lockwait_evidence::make::capture::{Tcp, Wire, pcap};
use lockwait_evidence::{Examination, html};

/// The first byte says how large the pieces are; the rest is the input, with `signature` before it.
fn examined(signature: &[u8], data: &[u8]) {
    let Some((step, data)) = data.split_first() else { return };
    let input = [signature, data].concat();
    let whole = examination(&input, input.len().max(1)).report().to_json();
    assert_eq!(examination(&input, usize::from(*step) + 1).into_report().to_json(), whole);
}

fn examination(input: &[u8], step: usize) -> Examination {
    let mut examination = Examination::new(Policy::default());
    examination.begin("fuzz");
    input.chunks(step).for_each(|piece| examination.feed(piece));
    examination.end();
    let page = html::page(&examination.report(), &Policy::default());
    assert!(page.ends_with("</html>\n"));
    examination
}

/// Windows event log.
pub fn evtx(data: &[u8]) {
    examined(b"ElfFile\0", data);
}

/// Windows event log up to Server 2003.
pub fn evt(data: &[u8]) {
    examined(b"\x30\0\0\0LfLe", data);
}

/// Events as XML.
pub fn event_xml(data: &[u8]) {
    examined(b"<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>", data);
}

/// Events as CSV.
pub fn event_csv(data: &[u8]) {
    examined(b"Level,Date and Time,Source,Event ID,Task Category\r\n", data);
}

/// Frames of a capture; a bit of the first byte chooses the file's form.
pub fn capture(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else { return };
    match choice % 3 {
        0 => examined(b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0", rest),
        1 => examined(
            b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0",
            rest,
        ),
        _ => examined(b"snoop\0\0\0\0\0\0\x02\0\0\0\x04", rest),
    }
}

/// SMB messages over one connection.
pub fn smb(data: &[u8]) {
    conversation(445, data);
}

/// NetWare messages over one connection.
pub fn ncp(data: &[u8]) {
    conversation(524, data);
}

/// Each byte of the data's beginning says who sends how much.
fn conversation(port: u16, data: &[u8]) {
    let (client, server) = (SocketAddr::from(([10, 0, 0, 5], 4_000)), SocketAddr::from(([10, 0, 0, 9], port)));
    let mut wire = Wire::new(Timestamp(1_000_000));
    let mut tcp = Tcp::open(&mut wire, client, server);
    let mut rest = data;
    while let Some((head, after)) = rest.split_first() {
        let length = usize::from(head >> 1) * 4;
        let (message, after) = after.split_at(length.min(after.len()));
        if head & 1 == 0 {
            tcp.ask(&mut wire, message)
        } else {
            tcp.answer(&mut wire, message)
        }
        rest = after;
    }
    let whole = pcap(&wire.frames);
    examination(&whole, whole.len());
}

/// Rows of Process Monitor.
pub fn procmon(data: &[u8]) {
    examined(b"\"Time of Day\",\"Process Name\",\"PID\",\"Operation\",\"Path\",\"Result\",\"Detail\"\r\n", data);
}

/// Any text, any encoding.
pub fn text(data: &[u8]) {
    examined(b"", data);
}

/// Recordings of Lockwait itself.
pub fn recording(data: &[u8]) {
    examined(b"{\"at\":\"2026-11-22T10:00:00.000Z\",\"event\":\"", data);
}

/// Anything packed.
pub fn gzip(data: &[u8]) {
    examined(b"\x1f\x8b\x08", data);
}
