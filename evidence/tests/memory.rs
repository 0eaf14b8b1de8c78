//! Memory: at most a few times the input, whatever the input; and of a stream no more for more of it.

use std::io::Write as _;
use std::net::SocketAddr;

use allocation_counter::measure;
use flate2::Compression;
use flate2::write::GzEncoder;
use lockwait_core::examiner::Report;
use lockwait_core::policy::Policy;
use lockwait_core::time::{Span, Timestamp};
use lockwait_evidence::Examination;
use lockwait_evidence::make::capture::{Tcp, Wire, pcap};
use lockwait_evidence::make::event::Entry;
use lockwait_evidence::make::event_xml::{self, Layout};
use lockwait_evidence::make::evt::Log;
use lockwait_evidence::make::smb::{Ask, Client, READ, SHARING_VIOLATION, SUCCESS, WRITE};

const MIB: usize = 1 << 20;
/// How hosts read files.
const PIECE: usize = 64 << 10;
/// So many times the input may be held at most.
const TIMES: usize = 4;
/// Besides that: the tables of the words that are searched for, and a few pieces.
const CONSTANT: usize = 8 * MIB;
/// 2026-03-02 08:00 UTC.
const START: Timestamp = Timestamp(1_772_438_400_000_000);

/// The most memory that was held while `bytes` were examined, and what came of it.
fn peak(what: &str, bytes: &[u8]) -> (usize, Report) {
    let mut report = None;
    let info = measure(|| {
        let mut examination = Examination::new(Policy::default());
        examination.begin(what);
        bytes.chunks(PIECE).for_each(|piece| examination.feed(piece));
        examination.end();
        report = Some(examination.into_report());
    });
    let report = report.expect("it was made");
    println!("{what}: {} of {} bytes: {}", info.bytes_max, bytes.len(), report.summary.sentence);
    (info.bytes_max as usize, report)
}

/// Examining takes no more than a few times the input.
fn is_held_in_proportion(what: &str, bytes: &[u8]) -> Report {
    let (peak, report) = peak(what, bytes);
    assert!(peak <= TIMES * bytes.len() + CONSTANT, "{what}: {peak} for {} bytes", bytes.len());
    report
}

/// Examining takes at most `bound`, and no more when there is twice as much to examine.
fn is_held_in_bounds(what: &str, bound: usize, make: impl Fn(usize) -> Vec<u8>) {
    let (once, twice) = (make(1), make(2));
    let added = twice.len() - once.len();
    assert!(added * 4 > once.len() * 3, "{what}: twice as much is {} after {}", twice.len(), once.len());
    // The first time also makes the tables.
    let [_, (first, _), (second, _)] = [&once, &once, &twice].map(|bytes| peak(what, bytes));
    assert!(second <= first + added / 8, "{what}: {first}, then {second} for {added} bytes more");
    assert!(second <= bound, "{what}: {second}");
}

/// Lines that tell of a lock, so many for each file.
fn failing_lines(count: u64, of_each: u64) -> Vec<u8> {
    let line = |n: u64| {
        let (at, file) = (START + Span::from_millis(n * 20), n / of_each);
        format!(
            "{at} [w] ERROR c.Taker - \\\\drop01\\in\\order-{file:06}.api: The process cannot access the file because it \
             is being used by another process.\n"
        )
    };
    (0..count).map(line).collect::<String>().into_bytes()
}

fn ordinary_lines(count: u64) -> Vec<u8> {
    let line = |n: u64| {
        let at = START + Span::from_millis(n * 20);
        format!("{at} [w] INFO c.Taker - moved \\\\drop01\\in\\order-{n:06}.api, 32 of 33 documents in 17 ms\n")
    };
    failing_lines(150, 15).into_iter().chain((0..count).map(line).collect::<String>().into_bytes()).collect()
}

/// One file after the other is refused, and nothing else happens.
fn refusals(files: u64) -> Vec<u8> {
    let mut wire = Wire::new(START);
    let (client, server) = (SocketAddr::from(([10, 1, 0, 3], 50_000)), SocketAddr::from(([10, 1, 0, 9], 445)));
    let mut taker = Client::connect(&mut wire, client, server, r"\\drop01\edi", "taker", "EDISRV");
    for n in 0..files {
        taker.open(&mut wire, &format!(r"in\order-{n:06}.api"), Ask { access: READ, share: 7 }, SHARING_VIOLATION);
    }
    pcap(&wire.frames)
}

/// One file after the other is written and taken; every so many'th is contended.
fn capture(files: u64, contended: u64) -> Vec<u8> {
    let mut wire = Wire::new(START);
    let mut connect = |host: u8| {
        let (client, server) = (SocketAddr::from(([10, 1, 0, host], 50_000)), SocketAddr::from(([10, 1, 0, 9], 445)));
        Client::connect(&mut wire, client, server, r"\\drop01\edi", "sender", "EDISRV")
    };
    let (mut writer, mut taker) = (connect(2), connect(3));
    for n in 0..files {
        let name = format!(r"in\order-{n:06}.api");
        let file = writer.open(&mut wire, &name, Ask { access: READ | WRITE, share: 0 }, SUCCESS);
        writer.write(&mut wire, file, 0, 512, SUCCESS);
        if n % contended == 0 {
            taker.open(&mut wire, &name, Ask { access: READ, share: 7 }, SHARING_VIOLATION);
        }
        writer.close(&mut wire, file);
        let file = taker.open(&mut wire, &name, Ask { access: READ, share: 7 }, SUCCESS);
        taker.read(&mut wire, file, 0, 512, SUCCESS);
        taker.close(&mut wire, file);
    }
    pcap(&wire.frames)
}

/// Rows of Procmon; every so many'th is a refusal.
fn procmon(rows: u64, refused: u64) -> Vec<u8> {
    let mut text =
        "\"Time of Day\",\"Process Name\",\"PID\",\"Operation\",\"Path\",\"Result\",\"Detail\"\r\n".to_owned();
    for n in 0..rows {
        let (time, file) = (format!("10:{:02}:{:02}.{:07} AM", n / 100_000, n / 1_667 % 60, n % 1_667), n / 2);
        let (operation, result, detail) = match n % 2 {
            0 if file % refused == 0 => {
                ("CreateFile", "SHARING VIOLATION", "Desired Access: Generic Read, ShareMode: None")
            }
            0 => ("CreateFile", "SUCCESS", "Desired Access: Generic Read, ShareMode: Read"),
            _ => ("CloseFile", "SUCCESS", ""),
        };
        text += &format!(
            "\"{time}\",\"a.exe\",\"4100\",\"{operation}\",\"D:\\in\\order-{file:06}.api\",\"{result}\",\"{detail}\"\r\n"
        );
    }
    text.into_bytes()
}

/// Events of the old router: every one tells of a lock.
fn events(count: u64) -> Vec<Entry> {
    let event = |n: u64| {
        let path = format!(r"D:\GW2MEXA\API_OUT\order-{:06}.api", n / 15);
        let text = "The process cannot access the file because it is being used by another process.";
        Entry::new(START + Span::from_secs(n), "MSExchangeGWRtr", 6067, &[&path, r"D:\gwrouter", "32", text])
    };
    (0..count).map(event).collect()
}

fn packed(plain: &[u8], times: usize) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    (0..times).for_each(|_| packer.write_all(plain).unwrap());
    packer.finish().unwrap()
}

#[test]
fn inputs_that_are_all_findings_are_held_in_proportion() {
    let text = failing_lines(20_000, 15);
    let report = is_held_in_proportion("text", &text);
    assert_eq!(report.summary.lock_failures, 20_000);
    let report = is_held_in_proportion("capture", &capture(3_000, 3));
    assert_eq!(report.summary.lock_failures, 1_000);
    is_held_in_proportion("procmon without refusals", &procmon(80_000, 1_000_000));
    let report = is_held_in_proportion("procmon", &procmon(60_000, 15));
    assert_eq!(report.summary.lock_failures, 2_000);
}

#[test]
fn episodes_of_one_refusal_are_held_in_proportion() {
    let report = is_held_in_proportion("capture", &capture(20_000, 1));
    assert_eq!(report.summary.episodes, 20_000);
    let report = is_held_in_proportion("capture of nothing else", &refusals(40_000));
    assert_eq!(report.summary.episodes, 40_000);
    let report = is_held_in_proportion("procmon", &procmon(80_000, 1));
    assert_eq!(report.summary.episodes, 40_000);
    let report = is_held_in_proportion("text", &failing_lines(60_000, 1));
    assert_eq!(report.summary.episodes, 60_000);
}

#[test]
fn event_logs_wait_for_their_end_and_are_held_in_proportion() {
    let events = events(6_000);
    let mut log = Log::growing();
    events.iter().for_each(|event| log.add(event));
    let report = is_held_in_proportion("evt", &log.clean());
    assert_eq!(report.summary.lock_failures, 6_000);
    for layout in [Layout::Bare, Layout::Saved] {
        let report = is_held_in_proportion("event XML", event_xml::write(&events, 1, layout).as_bytes());
        assert_eq!(report.summary.lock_failures, 6_000);
    }
}

#[test]
fn real_event_logs_are_held_in_proportion() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/evtx");
    let Ok(entries) = std::fs::read_dir(&folder) else { return println!("skipped: no {}", folder.display()) };
    for path in entries.map(|entry| entry.unwrap().path()) {
        is_held_in_proportion(&path.to_string_lossy(), &std::fs::read(&path).unwrap());
    }
}

#[test]
fn streams_take_no_more_for_more_of_them() {
    is_held_in_bounds("text", MIB, |times| ordinary_lines(40_000 * times as u64));
    is_held_in_bounds("capture", 8 * MIB, |times| capture(4_000 * times as u64, 1_000_000));
}

#[test]
fn what_is_packed_a_thousand_times_is_unpacked_piece_by_piece() {
    let line = b"2026-03-02 08:00:00 INFO c.Taker - 32 of 33 documents\n".repeat(20_000);
    for (what, plain) in [("one line", vec![b'a'; MIB]), ("many lines", line), ("zeros", vec![0; MIB])] {
        // 4 KiB become 4 MiB, which are decoded and read at once.
        is_held_in_bounds(&format!("packed {what}"), 64 * MIB, |times| packed(&plain, 24 * times));
    }
}

#[test]
fn a_line_without_end_is_held_in_bounds() {
    is_held_in_bounds("letters", 8 * MIB, |times| vec![b'a'; 8 * MIB * times]);
    is_held_in_bounds("not UTF-8", 8 * MIB, |times| vec![0xe9; 4 * MIB * times]);
    let words = "The process cannot access the file because it is being used by another process ";
    is_held_in_bounds("words of a lock", 8 * MIB, |times| words.repeat(4 * MIB * times / words.len()).into_bytes());
    is_held_in_bounds("UTF-16", 8 * MIB, |times| {
        "a".repeat(4 * MIB * times).bytes().flat_map(|byte| [byte, 0]).collect()
    });
}

#[test]
fn an_event_without_end_is_held_in_bounds() {
    let start = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>";
    is_held_in_bounds("event of one text", 16 * MIB, |times| {
        [start.as_bytes(), &vec![b'a'; 12 * MIB * times]].concat()
    });
    is_held_in_bounds("event of elements", 16 * MIB, |times| {
        [start, &"<a>".repeat(4 * MIB * times)].concat().into_bytes()
    });
    is_held_in_bounds("events that only begin", 16 * MIB, |times| start.repeat(50_000 * times).into_bytes());
}

#[test]
fn a_row_without_end_is_held_in_bounds() {
    let head = String::from_utf8(procmon(1, 2)).unwrap();
    is_held_in_bounds("row", 4 * MIB, |times| {
        [head.as_str(), "\"", &"a,".repeat(4 * MIB * times)].concat().into_bytes()
    });
    is_held_in_bounds("fields", 4 * MIB, |times| [head.as_str(), &"a,".repeat(2 * MIB * times)].concat().into_bytes());
}

#[test]
fn little_is_kept_of_connections_that_have_ended() {
    let mut wire = Wire::new(START);
    for n in 0..10_000_u16 {
        let [a, b] = n.to_be_bytes();
        let (client, server) = (SocketAddr::from(([10, 1, a, b], 50_000)), SocketAddr::from(([10, 2, 0, 9], 445)));
        let mut client = Client::connect(&mut wire, client, server, r"\\drop01\edi", "sender", "EDISRV");
        let file = client.open(&mut wire, r"in\order.api", Ask { access: READ, share: 7 }, SUCCESS);
        client.close(&mut wire, file);
        client.disconnect(&mut wire);
    }
    let bytes = pcap(&wire.frames);
    let (peak, _) = peak("ended connections", &bytes);
    assert!(peak < bytes.len() / 3, "{peak} of {}", bytes.len());
}

#[test]
fn connections_that_never_come_to_anything_are_held_in_bounds() {
    let ends = |n: usize| {
        let [.., a, b, c] = n.to_be_bytes();
        (SocketAddr::from(([10, a, b, c], 50_000)), SocketAddr::from(([192, 168, 0, 9], 445)))
    };
    // 65,536 connections are remembered.
    is_held_in_bounds("half-open connections", 64 * MIB, |times| {
        let mut wire = Wire::new(START);
        for n in 0..500_000 * times {
            let (client, server) = ends(n);
            Tcp::open(&mut wire, client, server);
            // Only the first segment is kept: who asks gets no answer.
            let length = wire.frames.len();
            wire.frames.truncate(length - 2);
        }
        pcap(&wire.frames)
    });
    // And what lies behind holes of all of them together: 64 MiB.
    is_held_in_bounds("connections with a hole", 192 * MIB, |times| {
        let mut wire = Wire::new(START);
        for n in 0..70_000 * times {
            let (client, server) = ends(n);
            let mut tcp = Tcp::open(&mut wire, client, server);
            tcp.ask(&mut wire, &[0; 100]);
            wire.frames.pop();
            tcp.ask(&mut wire, &[0; 1_000]);
        }
        pcap(&wire.frames)
    });
}
