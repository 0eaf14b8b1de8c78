//! Event logs of Windows up to Server 2003 ("Event Log File Format", Microsoft; libevt's description of the format).
//!
//! The file is a ring: records lie one after another, and when one does not fit before the end of the file it goes on
//! right after the header. An end record says where the oldest record begins; the header says it too, but only if the
//! log was closed cleanly. What lies between the end record and the oldest record is free for reuse, and full of
//! older records.

use std::borrow::Cow;

use lockwait_core::time::Timestamp;
use memchr::memmem;

use super::needles;
use super::record::{Held, Level, Record, Value};
use crate::findings::{Findings, Reader};

/// The largest file that is read. Windows maps the whole of every log into one process, which keeps them below it.
const LIMIT: usize = 1 << 30;

const HEADER: usize = 0x30;
/// The end record.
const END: usize = 0x28;
/// The fixed part of a record.
const FIXED: usize = 0x38;
const SIGNATURE: &[u8; 4] = b"LfLe";
/// What the end record has after its length.
const END_SIGNATURE: [u8; 16] = *b"\x11\x11\x11\x11\x22\x22\x22\x22\x33\x33\x33\x33\x44\x44\x44\x44";
/// Fills the end of the file where not even the fixed part of a record fits.
const FILL: u32 = 0x27;
/// The header's flag that it was not brought up to date.
const DIRTY: u32 = 1;

/// Reads an `.evt` file, which it keeps whole: the oldest record may be anywhere.
#[derive(Default)]
pub(crate) struct Evt {
    file: Vec<u8>,
    is_cut: bool,
    held: Held,
}

impl Evt {
    pub(crate) fn new() -> Evt {
        Evt::default()
    }
}

impl Reader for Evt {
    fn read(&mut self, bytes: &[u8], is_end: bool, findings: &mut Findings) -> usize {
        let room = LIMIT - self.file.len();
        self.file.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if bytes.len() > room && !std::mem::replace(&mut self.is_cut, true) {
            findings.warn(format_args!("byte {LIMIT}"), "the file goes on; what is beyond 1 GiB is left out");
        }
        if is_end {
            let ring = Ring::new(&self.file);
            let walk = ring.walk(findings, |record, findings| {
                findings.reaches(Timestamp(u64::from(u32_at(record, 12)) * 1_000_000));
                if needles::in_binary(record).next().is_some() {
                    self.held.push(parse(record), findings);
                }
            });
            findings.records += walk.count;
            let stale = ring.stale(&walk);
            if stale != 0 {
                findings.warn(
                    format_args!("byte {}", walk.end),
                    format_args!("{stale} older records in space that is free for reuse are left out"),
                );
            }
            // What is told takes memory, too.
            self.file = Vec::new();
            self.held.end(findings);
        }
        bytes.len()
    }
}

/// The space that the records go round in.
struct Ring<'a> {
    file: &'a [u8],
}

/// What the header or the end record says of the log.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// Where the oldest record begins.
    start: usize,
    /// Its number.
    oldest: u32,
    /// The number that the next record will get.
    next: u32,
    /// Where the end record is.
    end: usize,
}

/// What a walk over the live records saw.
#[derive(Default)]
struct Walk {
    count: u64,
    /// Number of the last one.
    last: Option<u32>,
    /// Where the live records begin and end.
    start: usize,
    end: usize,
}

impl<'a> Ring<'a> {
    fn new(file: &'a [u8]) -> Ring<'a> {
        Ring { file }
    }

    /// `length` bytes from `at` on, across the end of the file if need be; `None` when the ring has not that many.
    fn bytes(&self, at: usize, length: usize) -> Option<Cow<'a, [u8]>> {
        let tail = self.file.get(at..)?;
        if let Some(whole) = tail.get(..length) {
            return Some(Cow::Borrowed(whole));
        }
        let rest = self.file.get(HEADER..)?.get(..length - tail.len())?;
        // More than once round would meet itself.
        (HEADER + rest.len() <= at).then(|| Cow::Owned([tail, rest].concat()))
    }

    /// The position `length` bytes after `at`.
    fn after(&self, at: usize, length: usize) -> usize {
        let end = at + length;
        if end < self.file.len() { end } else { HEADER + (end - self.file.len()) }
    }

    fn number(&self, at: usize) -> Option<u32> {
        self.bytes(at, 4).map(|bytes| u32_at(&bytes, 0))
    }

    /// The length of the record at `at`, if there is a whole one: the signature after a possible length, and the length
    /// again at its end.
    fn length(&self, at: usize) -> Option<usize> {
        let length = self.number(at)? as usize;
        let is_possible =
            length >= FIXED && length.is_multiple_of(4) && length <= self.file.len().saturating_sub(HEADER);
        let is_whole = is_possible
            && self.bytes(self.after(at, 4), 4)? == SIGNATURE.as_slice()
            && self.number(self.after(at, length - 4))? as usize == length;
        is_whole.then_some(length)
    }

    /// The end record at `at`.
    fn end_record(&self, at: usize) -> Option<Bounds> {
        let record = self.bytes(at, END)?;
        let start = u32_at(&record, 20) as usize;
        let is_one = [0, END - 4].map(|at| u32_at(&record, at) as usize) == [END; 2]
            && record[4..20] == END_SIGNATURE
            && (HEADER..self.file.len()).contains(&start);
        is_one.then(|| Bounds { start, oldest: u32_at(&record, 32), next: u32_at(&record, 28), end: at })
    }

    /// What the log says of itself: its header when clean, else the end record with the highest number.
    fn bounds(&self) -> Option<Bounds> {
        let header = self.file.get(..HEADER)?;
        let is_dirty = u32_at(header, 36) & DIRTY != 0;
        if !is_dirty && let Some(bounds) = self.end_record(u32_at(header, 20) as usize) {
            return Some(bounds);
        }
        let whole = memmem::find_iter(self.file, &END_SIGNATURE).filter_map(|found| found.checked_sub(4));
        let split = self.file.len().saturating_sub(END - 1).max(HEADER)..self.file.len();
        whole.chain(split).filter_map(|at| self.end_record(at)).max_by_key(|bounds| bounds.next)
    }

    /// Gives `visit` the live records, the oldest first.
    fn walk(&self, findings: &mut Findings, mut visit: impl FnMut(&[u8], &mut Findings)) -> Walk {
        if self.file.len() < HEADER + END {
            findings.warn(format_args!("byte {}", self.file.len()), "the file ends before its first record");
            return Walk::default();
        }
        let bounds = self.bounds();
        if bounds.is_none() {
            findings
                .warn("byte 0", "no end record says where the log begins; it is taken to begin with its lowest number");
        }
        let Some(mut at) = bounds.map(|bounds| bounds.start).or_else(|| self.lowest()) else {
            return Walk::default();
        };
        let mut walk = Walk { start: at, end: at, ..Walk::default() };
        let mut left = self.file.len() - HEADER;
        while left > 0 && self.end_record(at).is_none() {
            let tail = self.file.len() - at;
            let step = match self.length(at).and_then(|length| self.bytes(at, length)) {
                Some(record) => {
                    let number = u32_at(&record, 8);
                    let is_next = walk.last.is_none_or(|last| number > last);
                    match bounds {
                        None if !is_next => break,
                        Some(bounds) if !is_next || number < bounds.oldest || number >= bounds.next => {}
                        _ => {
                            walk.last = Some(number);
                            walk.count += 1;
                            visit(&record, findings);
                        }
                    }
                    record.len()
                }
                None if tail < FIXED && self.number(at) == Some(FILL) => tail,
                None => {
                    let step = self.resync(at, left, bounds);
                    findings.warn(format_args!("byte {at}"), format_args!("no record here; {step} bytes are left out"));
                    step
                }
            };
            left = left.saturating_sub(step);
            at = self.after(at, step);
            walk.end = at;
        }
        walk
    }

    /// Without an end record: where the record with the lowest number is.
    fn lowest(&self) -> Option<usize> {
        let records = self.signatures(HEADER, self.file.len()).filter(|at| self.length(*at).is_some());
        records.min_by_key(|at| self.number(self.after(*at, 8)))
    }

    /// How far after `at` the next record, or the end record, begins, at most `left`; at least 1.
    fn resync(&self, at: usize, left: usize, bounds: Option<Bounds>) -> usize {
        let distance = |to: usize| if to > at { to - at } else { self.file.len() - at + (to - HEADER) };
        let first = |from: usize, to: usize| self.signatures(from, to).find(|at| self.length(*at).is_some());
        let next = first(at + 1, self.file.len()).or_else(|| first(HEADER, at));
        let end = bounds.map(|bounds| bounds.end);
        next.into_iter().chain(end).map(distance).min().unwrap_or(left).clamp(1, left)
    }

    /// Where a record may begin between the two places, by its signature. Records begin at multiples of four.
    fn signatures(&self, from: usize, to: usize) -> impl Iterator<Item = usize> + '_ {
        let area = self.file.get(from..to).unwrap_or_default();
        memmem::find_iter(area, SIGNATURE)
            .filter_map(move |found| (from + found).checked_sub(4))
            .filter(move |at| *at >= from && at.is_multiple_of(4))
    }

    /// How many whole records are outside of what was walked.
    fn stale(&self, walk: &Walk) -> u64 {
        let areas = if walk.start <= walk.end {
            [(HEADER, walk.start), (walk.end, self.file.len())]
        } else {
            [(walk.end, walk.start), (0, 0)]
        };
        let mut count = 0;
        for (from, to) in areas {
            let mut end = from;
            for at in self.signatures(from, to) {
                if at >= end
                    && let Some(length) = self.length(at)
                {
                    end = at + length;
                    count += u64::from(end <= to);
                }
            }
        }
        count
    }
}

/// A record that [`Ring::length`] found whole. What lies outside of it is taken for empty.
fn parse(bytes: &[u8]) -> Record {
    let field = |at| u32_at(bytes, at);
    let half = |at| u32_at(bytes, at) & 0xffff;
    let (source, after) = text_at(bytes, FIXED);
    let (computer, _) = text_at(bytes, after);
    let mut record = Record {
        number: u64::from(field(8)),
        provider: source,
        id: half(20),
        level: match half(24) {
            1 => Level::Error,
            2 => Level::Warning,
            _ => Level::Information,
        },
        computer,
        ..Record::default()
    };
    record.stamp(u64::from(field(12)) * 1_000_000);
    let mut at = field(36) as usize;
    for _ in 0..half(26) {
        if at >= bytes.len() - 4 {
            break;
        }
        let (text, after) = text_at(bytes, at);
        record.values.push(Value { name: String::new(), text });
        at = after;
    }
    let data = (field(52) as usize)..(field(52) as usize).saturating_add(field(48) as usize);
    record.data = bytes.get(data).unwrap_or_default().to_vec();
    record
}

/// The text at `at` up to its zero, and where the next thing is.
fn text_at(bytes: &[u8], at: usize) -> (String, usize) {
    let area = bytes.get(at..bytes.len() - 4).unwrap_or_default();
    let units = area.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    (String::from_utf16_lossy(&units), at + 2 * (units.len() + 1))
}

/// The number at `at`; 0 beyond the end.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |four| u32::from_le_bytes(*four))
}
