//! The inputs: rounds that repeat, each with names, addresses and times of its own.

use std::fmt::Write as _;
use std::net::SocketAddr;

use lockwait_core::time::{Span, Timestamp};
use lockwait_evidence::make::capture::{Wire, pcap};
use lockwait_evidence::make::event::{Entry, Severity};
use lockwait_evidence::make::evt::Log;
use lockwait_evidence::make::smb::{Ask, Client, DELETE, READ, SHARING_VIOLATION, SUCCESS, WRITE};

/// 2026-03-02 08:00 UTC.
const START: Timestamp = Timestamp(1_772_438_400_000_000);
/// Attempts on one file.
const ATTEMPTS: u64 = 15;
/// What passes between two of them.
const RETRY: Span = Span::from_millis(200);
/// Lines from one lock error of the ordinary log to the next.
const SELDOM: u64 = 1_000;
/// The same for the log that is full of them.
const OFTEN: u64 = 3;

/// SMB2: somebody writes a file, somebody else tries to take it every 200 ms and gets it in the end.
pub(super) fn capture(size: usize) -> Vec<u8> {
    let mut wire = Wire::new(START);
    let mut file = pcap(&[]);
    for round in 0.. {
        contention(&mut wire, round);
        file.extend(&pcap(&std::mem::take(&mut wire.frames))[PCAP_HEADER..]);
        if file.len() >= size {
            break;
        }
    }
    file
}

/// The file header of pcap.
const PCAP_HEADER: usize = 24;

fn contention(wire: &mut Wire, round: u64) {
    let server = SocketAddr::from(([10, 1, 0, 9], 445));
    let [.., a, b] = round.to_be_bytes();
    let mut connect = |subnet: u8, user: &str, machine: &str| {
        let address = SocketAddr::from(([10, subnet, a, b], 49_152 + (round % 16_000) as u16));
        Client::connect(wire, address, server, r"\\drop01\edi", user, machine)
    };
    let (mut writer, mut taker) = (connect(2, "sender", "EDISRV"), connect(3, "taker", "GATEWAY"));
    let name = format!(r"in\order-{round:06}.api");
    let held = writer.open(wire, &name, Ask { access: READ | WRITE, share: 0 }, SUCCESS);
    for attempt in 0..ATTEMPTS {
        writer.write(wire, held, attempt * 512, 512, SUCCESS);
        taker.open(wire, &name, Ask { access: READ | DELETE, share: 7 }, SHARING_VIOLATION);
        wire.wait(RETRY);
    }
    writer.close(wire, held);
    let taken = taker.open(wire, &name, Ask { access: READ | DELETE, share: 7 }, SUCCESS);
    taker.read(wire, taken, 0, 1_024, SUCCESS);
    taker.delete(wire, taken, SUCCESS);
    taker.close(wire, taken);
    writer.disconnect(wire);
    taker.disconnect(wire);
    wire.wait(RETRY);
}

/// The frames of a pcapng capture of Ethernet, again and again, as pcap: with other client ports each round, and later.
pub(super) fn rounds(file: &[u8], size: usize) -> Option<Vec<u8>> {
    const ETHERNET: u32 = 1;
    let frames: Vec<(u64, &[u8])> = blocks(file).filter_map(frame).collect();
    let (first, last) = (frames.first()?.0, frames.last()?.0);
    let mut capture = pcap(&[])[..PCAP_HEADER].to_vec();
    capture[20..24].copy_from_slice(&ETHERNET.to_le_bytes());
    for round in 0.. {
        let later = round * (last - first + 1_000_000);
        for (at, bytes) in &frames {
            let (at, length) = (at + later, bytes.len() as u32);
            for field in [(at / 1_000_000) as u32, (at % 1_000_000) as u32, length, length] {
                capture.extend_from_slice(&field.to_le_bytes());
            }
            let begin = capture.len();
            capture.extend_from_slice(bytes);
            other_ports(&mut capture[begin..], round);
        }
        if capture.len() >= size {
            break;
        }
    }
    Some(capture)
}

/// Type and body of every block (draft-ietf-opsawg-pcapng 3.1), of a little-endian file.
fn blocks(file: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = file;
    std::iter::from_fn(move || {
        let (kind, length) = (u32_at(rest, 0)?, u32_at(rest, 4)? as usize);
        let body = rest.get(8..length.checked_sub(4)?)?;
        rest = &rest[length..];
        Some((kind, body))
    })
}

/// Time and bytes of an enhanced packet block (section 4.3); Wireshark's programs write nanoseconds.
fn frame((kind, body): (u32, &[u8])) -> Option<(u64, &[u8])> {
    const ENHANCED_PACKET: u32 = 6;
    let high = u32_at(body, 4).filter(|_| kind == ENHANCED_PACKET)?;
    let nanos = u64::from(high) << 32 | u64::from(u32_at(body, 8)?);
    Some((nanos / 1_000, body.get(20..)?.get(..u32_at(body, 12)? as usize)?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|word| u32::from_le_bytes(*word))
}

/// Gives the client of a TCP segment over IPv4 another port in every round.
fn other_ports(frame: &mut [u8], round: u64) {
    const ETHERNET_HEADER: usize = 14;
    let Some(first) = frame.get(ETHERNET_HEADER).filter(|first| *first >> 4 == 4) else { return };
    let tcp = ETHERNET_HEADER + usize::from(first & 15) * 4;
    for at in [tcp, tcp + 2] {
        if let Some(port) = frame.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            let old = u16::from_be_bytes(*port);
            if !SERVERS.contains(&old) {
                let new = 1_024 + (u64::from(old) * 131 + round * 977) % 64_000;
                *port = (new as u16).to_be_bytes();
            }
        }
    }
}

/// Ports of SMB servers.
const SERVERS: [u16; 2] = [139, 445];

/// The chunks of an `.evtx` file, again and again, under a header that counts them.
///
/// A chunk is complete in itself ([MS-EVEN6] 2.2.17; libevtx's description of the format), so that nothing in it needs
/// to change.
pub(super) fn evtx(file: &[u8], size: usize) -> Option<Vec<u8>> {
    const CHUNK: usize = 1 << 16;
    let (header, chunks) = file.split_at_checked(0x1000)?;
    let chunks: Vec<&[u8]> = chunks.chunks_exact(CHUNK).filter(|chunk| chunk.starts_with(b"ElfChnk\0")).collect();
    let count = u16::try_from(size.div_ceil(CHUNK)).ok().filter(|_| !chunks.is_empty())?;
    let mut header = header.to_vec();
    // First and last chunk, number of chunks, no flags, checksum.
    header[8..16].fill(0);
    header[16..24].copy_from_slice(&u64::from(count - 1).to_le_bytes());
    header[42..44].copy_from_slice(&count.to_le_bytes());
    header[120..124].fill(0);
    let checksum = crc32(&header[..120]);
    header[124..128].copy_from_slice(&checksum.to_le_bytes());
    chunks.iter().cycle().take(usize::from(count)).for_each(|chunk| header.extend_from_slice(chunk));
    Some(header)
}

/// CRC-32 of IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// A log of Server 2003 with a lock error in a hundred records.
pub(super) fn evt(size: usize) -> Vec<u8> {
    let mut log = Log::growing();
    let (mut written, mut round) = (0, 0);
    while written < size {
        let at = START + Span::from_secs(round);
        let entry = if round % 100 == 0 {
            let path = format!(r"D:\GW2MEXA\API_OUT\{:06}.api", round / 100 / ATTEMPTS);
            let text = "The process cannot access the file because it is being used by another process.";
            Entry::new(at, "MSExchangeGWRtr", 6067, &[&path, r"D:\exchsrvr\conndata\gwrouter", "32", text])
        } else {
            let (service, number) = (["Print Spooler", "Windows Update"][round as usize % 2], round.to_string());
            let strings = [service, "running", number.as_str()];
            Entry { severity: Severity::Information, ..Entry::new(at, "Service Control Manager", 7036, &strings) }
        };
        // Fixed parts, and the texts in UTF-16 with their zeros.
        let texts = [&entry.source, &entry.computer].into_iter().chain(&entry.strings);
        written += 60 + texts.map(|text| 2 * text.len() + 2).sum::<usize>();
        log.add(&entry);
        round += 1;
    }
    log.clean()
}

/// Procmon's default columns, with a sharing violation in a hundred rows.
pub(super) fn procmon(size: usize) -> Vec<u8> {
    let mut text = String::from(
        "\u{feff}\"Time of Day\",\"Process Name\",\"PID\",\"Operation\",\"Path\",\"Result\",\"Detail\"\r\n",
    );
    let open = "Disposition: Open, Options: Synchronous IO Non-Alert, Attributes: n/a";
    for row in 0_u64.. {
        let at = START + Span(row * 137);
        let file = format!(r"D:\drop\in\order-{:06}.api", row / 100 / ATTEMPTS);
        let path = format!(r"C:\Windows\System32\{:x}.dll", row % 997);
        let (process, operation, path, result, detail) = match row % 100 {
            0 => (
                "taker.exe\",\"4100",
                "CreateFile",
                &file,
                "SHARING VIOLATION",
                format!(
                    "Desired Access: Generic Read, Delete, {open}, ShareMode: Read, Write, Delete, AllocationSize: n/a"
                ),
            ),
            1 | 30 | 60 => (
                "svchost.exe\",\"912",
                "CreateFile",
                &path,
                "SUCCESS",
                format!("Desired Access: Read Attributes, {open}, ShareMode: Read, Write, Delete, AllocationSize: n/a"),
            ),
            2 | 31 | 61 => ("svchost.exe\",\"912", "CloseFile", &path, "SUCCESS", String::new()),
            _ => (
                "edisend.exe\",\"2200",
                "WriteFile",
                &file,
                "SUCCESS",
                format!("Offset: {}, Length: 4096, Priority: Normal", row % 100 * 4_096),
            ),
        };
        let time = twelve(at);
        put(
            &mut text,
            format_args!("\"{time}\",\"{process}\",\"{operation}\",\"{path}\",\"{result}\",\"{detail}\"\r\n"),
        );
        if text.len() >= size {
            break;
        }
    }
    text.into_bytes()
}

/// The time of day as Procmon writes it.
fn twelve(at: Timestamp) -> String {
    let text = at.to_string();
    let hour: u32 = text[11..13].parse().unwrap_or_default();
    let half = if hour < 12 { "AM" } else { "PM" };
    format!("{}:{}.{:07} {half}", (hour + 11) % 12 + 1, &text[14..19], at.0 % 1_000_000 * 10)
}

/// An application's log with a lock error in a thousand lines.
pub(super) fn text(size: usize) -> Vec<u8> {
    log(size, SELDOM)
}

/// An application's log, every third line of which is a lock error.
pub(super) fn hard_text(size: usize) -> Vec<u8> {
    log(size, OFTEN)
}

fn log(size: usize, every: u64) -> Vec<u8> {
    let mut text = String::with_capacity(size + 1_024);
    for line in 0_u64.. {
        let at = START + Span(line * 3_137);
        let stamp = at.to_string().replace('T', " ").replace('.', ",").replace('Z', "");
        let (thread, order, number) = (line % 7, line / every / ATTEMPTS, line.wrapping_mul(2_654_435_761) >> 7);
        let failure = line / every % ATTEMPTS;
        put(&mut text, format_args!("{stamp} [worker-{thread}] "));
        match line % every {
            0 if failure == ATTEMPTS - 1 => put(
                &mut text,
                format_args!(
                    "INFO  c.acme.edi.Taker - moved \\\\drop01\\edi\\in\\order-{order:06}.api to D:\\edi\\done"
                ),
            ),
            0 => put(
                &mut text,
                format_args!(
                    "ERROR c.acme.edi.Taker - \\\\drop01\\edi\\in\\order-{order:06}.api: The process cannot access the file \
                     because it is being used by another process."
                ),
            ),
            _ => match number % 8 {
                0 => put(
                    &mut text,
                    format_args!("INFO  c.acme.edi.Importer - batch {number}: 32 of 33 documents imported"),
                ),
                1 => put(&mut text, format_args!("DEBUG c.acme.http.Client - GET /api/orders/{number} 200 in 33 ms")),
                2 => put(
                    &mut text,
                    format_args!("INFO  c.acme.db.Pool - 12 connections in use, 4 idle, longest {number} us"),
                ),
                3 => put(
                    &mut text,
                    format_args!("INFO  c.acme.edi.Archive - moved C:\\edi\\tmp\\{number}.xml to C:\\edi\\2026"),
                ),
                4 => put(
                    &mut text,
                    format_args!("DEBUG c.acme.cache.Lru - evicted {number} of 4096 entries (heap 512 MB)"),
                ),
                5 => put(
                    &mut text,
                    format_args!("WARN  c.acme.http.Client - slow answer from edi.example.com, {number} ms"),
                ),
                6 => put(
                    &mut text,
                    format_args!("INFO  c.acme.job.Scheduler - job nightly-{number} finished with status 0"),
                ),
                _ => put(&mut text, format_args!("DEBUG c.acme.mail.Queue - message <{number}@acme.example> accepted")),
            },
        }
        text.push('\n');
        if text.len() >= size {
            break;
        }
    }
    text.into_bytes()
}

/// Writing to a String cannot fail.
fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}
