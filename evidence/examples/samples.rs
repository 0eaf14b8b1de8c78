//! Writes one input for each format into a folder: what the page's tests compare with `lockwait diagnose`.
//!
//! `cargo run -p lockwait-evidence --features make --example samples -- FOLDER`
//!
//! All tell the same: a header that is held for three seconds, and a document that somebody else keeps.

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use lockwait_core::code::Code;
use lockwait_core::event::{Event, EventKind, Severity};
use lockwait_core::observation::{Access, Content, Facts, Holder, Holders, Look, Name, Place, Refusal, Taken};
use lockwait_core::pickup::{Arrival, Outcome};
use lockwait_core::router::{Options, Router};
use lockwait_core::time::{Span, Timestamp};
use lockwait_core::trace::{self, Input};
use lockwait_evidence::make::capture::{Frame, Wire, pcap, pcapng};
use lockwait_evidence::make::event::Entry;
use lockwait_evidence::make::event_xml::{self, Layout};
use lockwait_evidence::make::evt::Log;
use lockwait_evidence::make::smb::{Ask, Client, DELETE, READ, SHARING_VIOLATION, SUCCESS, WRITE};

/// 2026-03-02T09:00:00Z.
const BEGIN: Timestamp = Timestamp(1_772_442_000_000_000);
const HEADER: &str = r"D:\drop\in\R0001.API";
const DOCUMENT: &str = r"D:\drop\in\Überweisung 12.pdf";

/// A refusal: when and of which file.
type Refused = (Timestamp, &'static str);

fn at(millis: u64) -> Timestamp {
    BEGIN + Span::from_millis(millis)
}

/// The header is refused every quarter of a second for three seconds, the document every two seconds for two minutes.
fn refusals() -> Vec<Refused> {
    let header = (0..12).map(|n| (at(n * 250), HEADER));
    let document = (0..60).map(|n| (at(1_100 + n * 2_000), DOCUMENT));
    let mut all: Vec<Refused> = header.chain(document).collect();
    all.sort_by_key(|(at, _)| *at);
    all
}

fn sentence(path: &str) -> String {
    format!(
        "The process cannot access the file '{path}' because it is being used by another process. (Exception from \
         HRESULT: 0x80070020)"
    )
}

fn entries() -> Vec<Entry> {
    let entry = |(at, path): &Refused| Entry {
        message: sentence(path),
        ..Entry::new(*at, "Drop Taker", 100, &[&sentence(path)])
    };
    refusals().iter().map(entry).collect()
}

fn evt() -> Vec<u8> {
    let mut log = Log::growing();
    entries().iter().for_each(|entry| log.add(entry));
    log.clean()
}

fn event_csv() -> Vec<u8> {
    let mut text = String::from("Level,Date and Time,Source,Event ID,Task Category\r\n");
    // Event Viewer lists the newest first.
    for (at, path) in refusals().iter().rev() {
        let stamp = at.to_string();
        let (hour, rest) = (&stamp[11..13], &stamp[13..19]);
        text.push_str(&format!(
            "Error,3/2/2026 {}{rest} AM,Drop Taker,100,None,\"{}\"\r\n",
            hour.trim_start_matches('0'),
            sentence(path)
        ));
    }
    text.into_bytes()
}

fn event_listing() -> Vec<u8> {
    let mut text = String::new();
    for (index, (at, path)) in refusals().iter().enumerate() {
        let stamp = at.to_string();
        text.push_str(&format!(
            "Event[{index}]:\r\n  Log Name: Application\r\n  Source: Drop Taker\r\n  Date: {}\r\n  Event ID: 100\r\n  \
             Task: N/A\r\n  Level: Error\r\n  Opcode: N/A\r\n  Keyword: Classic\r\n  User: N/A\r\n  User Name: N/A\r\n  \
             Computer: GATEWAY\r\n  Description: \r\n{}\r\n\r\n",
            &stamp[..23],
            sentence(path)
        ));
    }
    text.into_bytes()
}

fn log() -> Vec<u8> {
    let mut text = String::new();
    for (at, path) in refusals() {
        let stamp = at.to_string().replace('T', " ").replace('Z', " +00:00");
        text.push_str(&format!("{stamp} [ERR] Drop.Taker: System.IO.IOException: {}\n", sentence(path)));
    }
    text.push_str(&format!(
        "2026-03-02 09:00:03.050 +00:00 [INF] Drop.Taker: successfully moved '{HEADER}' after retrying\n"
    ));
    text.into_bytes()
}

fn procmon() -> Vec<u8> {
    let mut text = String::from(
        "\u{feff}\"Time of Day\",\"Process Name\",\"PID\",\"Operation\",\"Path\",\"Result\",\"Detail\"\r\n",
    );
    let mut row =
        |at: Timestamp, program: &str, operation: &str, path: &str, result: &str, access: &str, share: &str| {
            let time = at.to_string();
            let clock =
                format!("{}{}.{:07} AM", time[11..13].trim_start_matches('0'), &time[13..19], at.0 % 1_000_000 * 10);
            let detail = match access {
                "" => String::new(),
                access => format!(
                    "Desired Access: {access}, Disposition: Open, Options: Synchronous IO Non-Alert, Attributes: n/a, \
                 ShareMode: {share}, AllocationSize: n/a"
                ),
            };
            text.push_str(&format!(
                "\"{clock}\",\"{program}\",\"{}\",\"{operation}\",\"{path}\",\"{result}\",\"{detail}\"\r\n",
                2_000 + program.len() * 100
            ));
        };
    row(at(0), "edisend.exe", "CreateFile", HEADER, "SUCCESS", "Generic Read/Write", "None");
    row(at(1_000), "VeeamAgent.exe", "CreateFile", DOCUMENT, "SUCCESS", "Generic Read", "Read");
    let mut is_open = true;
    for (when, path) in refusals() {
        if is_open && when >= at(2_900) {
            row(at(2_900), "edisend.exe", "CloseFile", HEADER, "SUCCESS", "", "");
            row(at(3_000), "taker.exe", "CreateFile", HEADER, "SUCCESS", "Generic Read, Delete", "Read, Write, Delete");
            row(at(3_001), "taker.exe", "CloseFile", HEADER, "SUCCESS", "", "");
            is_open = false;
        }
        row(when, "taker.exe", "CreateFile", path, "SHARING VIOLATION", "Generic Read, Delete", "Read, Write, Delete");
    }
    text.into_bytes()
}

fn frames() -> Vec<Frame> {
    let mut wire = Wire::new(BEGIN);
    let server = SocketAddr::from(([10, 1, 0, 9], 445));
    let client = |wire: &mut Wire, host: u8, user: &str, machine: &str| {
        let address = SocketAddr::from(([10, 1, 0, host], 40_000 + u16::from(host)));
        Client::connect(wire, address, server, r"\\drop01\edi", user, machine)
    };
    let mut writer = client(&mut wire, 6, "sender", "EDISRV");
    let mut taker = client(&mut wire, 5, "taker", "GATEWAY");
    let written = writer.open(&mut wire, r"in\R0001.API", Ask { access: READ | WRITE, share: 0 }, SUCCESS);
    writer.open(&mut wire, r"in\Überweisung 12.pdf", Ask { access: READ | WRITE, share: 1 }, SUCCESS);
    let wanted = Ask { access: READ | DELETE, share: 7 };
    for round in 0..60 {
        if round < 12 {
            writer.write(&mut wire, written, round * 64, 64, SUCCESS);
            taker.open(&mut wire, r"in\R0001.API", wanted, SHARING_VIOLATION);
        }
        if round == 12 {
            writer.close(&mut wire, written);
            let file = taker.open(&mut wire, r"in\R0001.API", wanted, SUCCESS);
            taker.read(&mut wire, file, 0, 64, SUCCESS);
            taker.close(&mut wire, file);
        }
        taker.open(&mut wire, r"in\Überweisung 12.pdf", wanted, SHARING_VIOLATION);
        wire.wait(Span::from_millis(if round < 12 { 250 } else { 2_000 }));
    }
    wire.frames
}

/// RFC 1761: everything big-endian, records padded to four bytes; data link 4 is Ethernet.
fn snoop(frames: &[Frame]) -> Vec<u8> {
    let mut file = b"snoop\0\0\0".to_vec();
    file.extend([2_u32, 4].into_iter().flat_map(u32::to_be_bytes));
    for Frame { at, bytes } in frames {
        let (length, padded) = (bytes.len() as u32, bytes.len().next_multiple_of(4));
        let (seconds, micros) = ((at.0 / 1_000_000) as u32, (at.0 % 1_000_000) as u32);
        let fields = [length, length, padded as u32 + 24, 0, seconds, micros];
        file.extend(fields.into_iter().flat_map(u32::to_be_bytes));
        file.extend(bytes);
        file.resize(file.len() + padded - bytes.len(), 0);
    }
    file
}

/// A run of the engine, as the native runner records it.
fn recording() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut router = Router::new(Options { seed: 7, ..Options::default() });
    let mut lines = vec![trace::begin(&mut router)];
    let mut put = |at: Timestamp, input: Input| -> Result<_, Box<dyn Error>> {
        let (line, result) = trace::record(&mut router, at, input);
        while router.poll_action().is_some() {}
        while router.poll_event().is_some() {}
        lines.push(line);
        result.map_err(|error| format!("{error:?}").into())
    };
    let place = Place::new("/drop/in", "R0001.API");
    let id = put(BEGIN, Input::Submit(Arrival { place }))?.ok_or("a submitted file has an id")?;
    let facts = Facts { size: 7, modified: 1, identity: 2 };
    let refusal = Refusal { facts: Some(facts), ..Refusal::new(Code::win32(32)) };
    for round in 0..12 {
        if round > 0 {
            put(at(round * 210), Input::Timeout)?;
        }
        put(at(round * 210), Input::Answer(id, Outcome::Refused(refusal)))?;
    }
    put(at(2_520), Input::Timeout)?;
    let look = Look { facts, content: Content::Complete, ..Look::default() };
    put(at(2_520), Input::Answer(id, Outcome::Opened(look)))?;
    put(at(2_521), Input::Answer(id, Outcome::Taken(Taken { to: Name::from("/out/R0001.API"), bytes: 7 })))?;
    Ok(lines.join("\n").into_bytes())
}

/// Lines of `watch --json`.
fn watched() -> Vec<u8> {
    let held = Event {
        path: Name::from("/drop/in/Überweisung 12.pdf"),
        since: BEGIN,
        waited: Span::from_secs(31),
        attempts: 70,
        code: Some(Code::win32(32)),
        holders: Holders::Found(vec![Holder {
            name: "clamd".into(),
            pid: Some(12),
            access: Access::Read,
            ..Holder::default()
        }]),
        ..Event::new(at(31_000), EventKind::LockHeld, Severity::Warning)
    };
    let taken = Event {
        kind: EventKind::Acquired,
        severity: Severity::Information,
        at: at(120_000),
        waited: Span::from_secs(120),
        attempts: 95,
        to: Some(Name::from("/out/12.pdf")),
        ..held.clone()
    };
    format!("{}\n{}\n", held.to_json(), taken.to_json()).into_bytes()
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes)?;
    packer.finish()
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("name the folder to write to")?);
    fs::create_dir_all(&folder)?;
    let frames = frames();
    let files: [(&str, Vec<u8>); 14] = [
        ("application.evtx", evtx::write(&entries())),
        ("application.evt", evt()),
        ("events.xml", event_xml::write(&entries(), 1, Layout::Saved).into_bytes()),
        ("events.csv", event_csv()),
        ("events.txt", event_listing()),
        ("wire.pcap", pcap(&frames)),
        ("wire.pcapng", pcapng(&frames)),
        ("wire.snoop", snoop(&frames)),
        ("procmon.csv", procmon()),
        ("run.trace", recording()?),
        ("watch.jsonl", watched()),
        ("taker.log", log()),
        ("taker.log.gz", gzip(&log())?),
        ("wire.pcap.gz", gzip(&pcap(&frames))?),
    ];
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

/// Event logs of Windows since Vista, with records written out in full: no templates.
///
/// Layout: [MS-EVEN6] 2.2.17; libevtx's description of the format.
mod evtx {
    use lockwait_evidence::make::event::Entry;

    const CHUNK: usize = 0x1_0000;
    const CHUNK_HEADER: usize = 512;
    /// Microseconds from 1601 to 1970.
    const SINCE_1601: u64 = 11_644_473_600_000_000;

    /// A chunk under way: what [`Chunk::put`] writes stands at `bytes.len()` from its beginning.
    struct Chunk {
        bytes: Vec<u8>,
        first: u64,
        last: u64,
        last_at: usize,
    }

    impl Chunk {
        fn put<const N: usize>(&mut self, bytes: [u8; N]) {
            self.bytes.extend(bytes);
        }

        fn units(&mut self, text: &str) {
            text.encode_utf16().for_each(|unit| self.put(unit.to_le_bytes()));
        }

        /// Fills in a length that is counted from behind it.
        fn length(&mut self, at: usize) {
            let length = (self.bytes.len() - at - 4) as u32;
            self.bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
        }

        fn open_length(&mut self) -> usize {
            self.put([0; 4]);
            self.bytes.len() - 4
        }

        /// A name, written where it is used.
        fn name(&mut self, name: &str) {
            let at = self.bytes.len() as u32 + 4;
            let hash =
                name.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(65_599).wrapping_add(unit.into()));
            self.put(at.to_le_bytes());
            self.put([0; 4]);
            self.put((hash as u16).to_le_bytes());
            self.put((name.encode_utf16().count() as u16).to_le_bytes());
            self.units(name);
            self.put([0; 2]);
        }

        /// A text value: token 5 of type 1.
        fn value(&mut self, text: &str) {
            self.put([5, 1]);
            self.put((text.encode_utf16().count() as u16).to_le_bytes());
            self.units(text);
        }

        fn element(&mut self, name: &str, attributes: &[(&str, &str)], inside: impl FnOnce(&mut Chunk)) {
            self.put([if attributes.is_empty() { 0x01 } else { 0x41 }]);
            let size = self.open_length();
            self.name(name);
            if let Some(last) = attributes.len().checked_sub(1) {
                let list = self.open_length();
                for (index, (name, value)) in attributes.iter().enumerate() {
                    self.put([if index < last { 0x46 } else { 0x06 }]);
                    self.name(name);
                    self.value(value);
                }
                self.length(list);
            }
            self.put([0x02]);
            inside(self);
            self.put([0x04]);
            self.length(size);
        }

        fn text(&mut self, name: &str, text: &str) {
            self.element(name, &[], |chunk| chunk.value(text));
        }

        fn record(&mut self, entry: &Entry, number: u64) {
            let start = self.bytes.len();
            self.put(*b"\x2a\x2a\0\0\0\0\0\0");
            self.put(number.to_le_bytes());
            self.put(((entry.at.0 + SINCE_1601) * 10).to_le_bytes());
            self.put([0x0f, 1, 1, 0]);
            self.element("Event", &[("xmlns", "http://schemas.microsoft.com/win/2004/08/events/event")], |chunk| {
                chunk.element("System", &[], |chunk| {
                    chunk.element("Provider", &[("Name", &entry.source)], |_| {});
                    chunk.text("EventID", &entry.id.to_string());
                    chunk.text("Level", "2");
                    chunk.element("TimeCreated", &[("SystemTime", &entry.at.to_string())], |_| {});
                    chunk.text("EventRecordID", &number.to_string());
                    chunk.text("Channel", "Application");
                    chunk.text("Computer", &entry.computer);
                });
                chunk.element("EventData", &[], |chunk| entry.strings.iter().for_each(|text| chunk.text("Data", text)));
            });
            self.put([0]);
            let length = (self.bytes.len() + 4 - start) as u32;
            self.put(length.to_le_bytes());
            self.bytes[start + 4..start + 8].copy_from_slice(&length.to_le_bytes());
            (self.last, self.last_at) = (number, start);
        }

        fn finished(mut self) -> Vec<u8> {
            let (end, records) = (self.bytes.len() as u32, crc32(&self.bytes[CHUNK_HEADER..]));
            let numbers = [self.first, self.last, self.first, self.last];
            let sizes = [128, self.last_at as u32, end, records];
            let fields =
                numbers.into_iter().flat_map(u64::to_le_bytes).chain(sizes.into_iter().flat_map(u32::to_le_bytes));
            let header: Vec<u8> = b"ElfChnk\0".iter().copied().chain(fields).collect();
            self.bytes[..header.len()].copy_from_slice(&header);
            let checksum = crc32(&[&self.bytes[..120], &self.bytes[128..CHUNK_HEADER]].concat());
            self.bytes[124..128].copy_from_slice(&checksum.to_le_bytes());
            self.bytes.resize(CHUNK, 0);
            self.bytes
        }
    }

    /// The log with these `entries`, numbered from 1.
    pub(super) fn write(entries: &[Entry]) -> Vec<u8> {
        // So many records of this example fit into a chunk.
        let chunks: Vec<Vec<u8>> = entries
            .chunks(25)
            .enumerate()
            .map(|(index, entries)| {
                let first = index as u64 * 25 + 1;
                let mut chunk = Chunk { bytes: vec![0; CHUNK_HEADER], first, last: first, last_at: 0 };
                entries.iter().zip(first..).for_each(|(entry, number)| chunk.record(entry, number));
                chunk.finished()
            })
            .collect();
        let mut file = b"ElfFile\0".to_vec();
        let numbers = [0, chunks.len() as u64 - 1, entries.len() as u64 + 1];
        file.extend(numbers.into_iter().flat_map(u64::to_le_bytes));
        file.extend(128_u32.to_le_bytes());
        file.extend([1, 3, 4_096, chunks.len() as u16].into_iter().flat_map(u16::to_le_bytes));
        file.resize(120, 0);
        let checksum = crc32(&file);
        file.extend(0_u32.to_le_bytes());
        file.extend(checksum.to_le_bytes());
        file.resize(4_096, 0);
        chunks.into_iter().for_each(|chunk| file.extend(chunk));
        file
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum()
    }
}
