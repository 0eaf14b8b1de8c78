//! Event logs of Windows up to Server 2003, written as its service writes them: into a ring, over the oldest records.
//!
//! Layout: "Event Log File Format" (Microsoft); libevt's description of the format.

use std::collections::VecDeque;

use super::event::{Entry, Severity};

const HEADER: usize = 0x30;
const END: usize = 0x28;
const FIXED: usize = 0x38;
const SIGNATURE: &[u8; 4] = b"LfLe";
const FILL: u32 = 0x27;
const DIRTY: u32 = 1;
const WRAPPED: u32 = 2;

/// A log under way.
#[derive(Clone, Debug)]
pub struct Log {
    bytes: Vec<u8>,
    /// Whether it grows, or goes round.
    is_ring: bool,
    /// Where each record that is not yet written over begins, how long it is with what fills the file's end before it,
    /// and its number.
    live: VecDeque<(usize, usize, u32)>,
    /// Where the end record is.
    end: usize,
    /// The number of the next record.
    next: u32,
    has_wrapped: bool,
}

impl Log {
    /// A log that grows as long as records are added.
    pub fn growing() -> Log {
        let mut log = Log {
            bytes: vec![0; HEADER],
            is_ring: false,
            live: VecDeque::new(),
            end: HEADER,
            next: 1,
            has_wrapped: false,
        };
        log.close();
        log
    }

    /// A log of `size` bytes, a multiple of 4, that goes round: its oldest records make room for new ones.
    pub fn ring(size: usize) -> Log {
        let mut log = Log { is_ring: true, ..Log::growing() };
        log.bytes.resize(size, 0);
        log
    }

    /// Adds a record.
    pub fn add(&mut self, entry: &Entry) {
        let record = record(entry, self.next);
        // The end record is written over.
        let mut at = self.end;
        let mut filled = 0;
        if self.is_ring {
            let tail = self.bytes.len() - at;
            if tail < FIXED {
                filled = tail;
            }
            self.make_room(filled + record.len() + END);
            let fill = FILL.to_le_bytes().repeat(filled / 4);
            self.put(at, &fill);
            at = self.after(at, filled);
        } else {
            self.bytes.resize(at, 0);
        }
        self.put(at, &record);
        self.live.push_back((at, record.len() + filled, self.next));
        self.end = self.after(at, record.len());
        self.next += 1;
        self.close();
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }

    /// The file, closed as it should be.
    pub fn clean(&self) -> Vec<u8> {
        let mut file = self.bytes.clone();
        file[..HEADER].copy_from_slice(&self.header(self.end, self.next, 0));
        file
    }

    /// The file as it is while the service runs, or after it was killed: the header is that of an empty log.
    pub fn dirty(&self) -> Vec<u8> {
        let mut file = self.bytes.clone();
        file[..HEADER].copy_from_slice(&self.header(HEADER, 1, DIRTY));
        file
    }

    fn header(&self, end: usize, next: u32, flags: u32) -> Vec<u8> {
        let flags = flags | if self.has_wrapped { WRAPPED } else { 0 };
        let size = self.bytes.len() as u32;
        let start = if flags & DIRTY == 0 { self.start() } else { HEADER };
        let words = [1, 1, start as u32, end as u32, next, self.oldest(), size, flags, 0, HEADER as u32];
        let rest = words.map(u32::to_le_bytes).concat();
        [&(HEADER as u32).to_le_bytes()[..], SIGNATURE, &rest].concat()
    }

    /// Lets the oldest records go until `length` bytes are free.
    fn make_room(&mut self, length: usize) {
        let space = self.bytes.len() - HEADER;
        assert!(length <= space, "the ring is too small for the record");
        while self.live.iter().map(|(_, length, _)| length).sum::<usize>() + length > space {
            self.live.pop_front();
        }
    }

    /// Writes the end record.
    fn close(&mut self) {
        let marks = [0x1111_1111, 0x2222_2222, 0x3333_3333, 0x4444_4444_u32];
        let bounds = [self.start() as u32, self.end as u32, self.next, self.oldest(), END as u32];
        let words: Vec<u32> = [END as u32].into_iter().chain(marks).chain(bounds).collect();
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.put(self.end, &bytes);
    }

    fn start(&self) -> usize {
        self.live.front().map_or(HEADER, |(at, ..)| *at)
    }

    fn oldest(&self) -> u32 {
        self.live.front().map_or(0, |(.., number)| *number)
    }

    /// Writes `data` at `at`, and what does not fit at the beginning of the ring.
    fn put(&mut self, at: usize, data: &[u8]) {
        if !self.is_ring {
            self.bytes.resize(at + data.len(), 0);
        }
        let (tail, rest) = data.split_at(data.len().min(self.bytes.len() - at));
        self.bytes[at..at + tail.len()].copy_from_slice(tail);
        self.bytes[HEADER..HEADER + rest.len()].copy_from_slice(rest);
        self.has_wrapped |= !rest.is_empty();
    }

    fn after(&self, at: usize, length: usize) -> usize {
        let end = at + length;
        if end < self.bytes.len() || !self.is_ring { end } else { HEADER + end - self.bytes.len() }
    }
}

fn record(entry: &Entry, number: u32) -> Vec<u8> {
    let wide = |text: &str| text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut body = [wide(&entry.source), wide(&entry.computer)].concat();
    // No user; strings begin at a multiple of four.
    body.resize(body.len().next_multiple_of(4), 0);
    let strings_at = FIXED + body.len();
    body.extend(entry.strings.iter().flat_map(|text| wide(text)));
    let data_at = FIXED + body.len();
    body.extend(&entry.data);
    body.resize(body.len().next_multiple_of(4), 0);

    let length = (FIXED + body.len() + 4) as u32;
    let seconds = (entry.at.0 / 1_000_000) as u32;
    let (kind, severity) = match entry.severity {
        Severity::Error => (1, 3),
        Severity::Warning => (2, 2),
        Severity::Information => (4, 1),
    };
    let id = severity << 30 | u32::from(entry.id);
    let kind = kind | (entry.strings.len() as u32) << 16;
    let words = [number, seconds, seconds, id, kind, 0, 0, strings_at as u32, 0, strings_at as u32];
    let data = [entry.data.len() as u32, data_at as u32];
    let mut record = [&length.to_le_bytes()[..], SIGNATURE].concat();
    record.extend(words.iter().chain(&data).flat_map(|word| word.to_le_bytes()));
    record.extend(body);
    record.extend(length.to_le_bytes());
    record
}
