//! Lines, and which of them make a record.

use super::stamp::{self, Stamp};

/// A record is not longer than this.
const LONGEST: usize = 64 << 10;
/// Nor has it more lines.
const MOST: usize = 200;
/// So far back a line without a time stamp looks for the one it belongs to.
const REACH: usize = 16 << 10;
/// A line that ends like this goes on in the next one, if it is this long: terminals break at 80.
const WRAP: usize = 60;

/// What may be read.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// Lines before it belong to earlier records.
    pub(super) floor: usize,
    /// Whole lines end here.
    pub(super) end: usize,
    /// Nothing follows.
    pub(super) is_end: bool,
}

/// The lines of some bytes, without their ends.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Lines<'a> {
        Lines { rest: bytes }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.rest).map_or(self.rest.len(), |end| end + 1);
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(trim_end(line))
    }
}

fn trim_end(line: &[u8]) -> &[u8] {
    let length = line.iter().rev().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    &line[..line.len() - length]
}

/// The time stamp that a line begins with.
pub(super) fn stamp(line: &[u8]) -> Option<Stamp> {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    stamp::read(&line[..line.len().min(640)])
}

/// Where the record around `hit` begins, and where it ends; no end while its next lines are not there yet.
pub(super) fn record(bytes: &[u8], hit: usize, bounds: Bounds) -> (usize, Option<usize>) {
    let line = line_start(bytes, bounds.floor, hit);
    let mut start = line;
    let stamped = begin_stamped(bytes, bounds.floor, line);
    match stamped {
        Some(begin) => start = begin,
        None => {
            while start > bounds.floor && line - start < REACH {
                let before = line_start(bytes, bounds.floor, start - 1);
                if !goes_on(line_at(bytes, before, bounds.end), line_at(bytes, start, bounds.end)) {
                    break;
                }
                start = before;
            }
        }
    }
    let mut at = line_end(bytes, line, bounds.end);
    let mut last = line_at(bytes, line, bounds.end);
    for _ in 0..MOST {
        if at >= bounds.end {
            return (start, bounds.is_end.then_some(bounds.end));
        }
        if at - start > LONGEST {
            break;
        }
        let next = line_at(bytes, at, bounds.end);
        if stamped.is_some() && next.is_empty() {
            // What follows an empty line may still belong to the record.
            let after = line_end(bytes, at, bounds.end);
            if after >= bounds.end {
                return (start, bounds.is_end.then_some(bounds.end));
            }
            let after = line_at(bytes, after, bounds.end);
            if !(after.starts_with(b" ") || after.starts_with(b"\t") || is_continuation(after)) {
                break;
            }
        } else if begins(next) || (stamped.is_none() && !goes_on(last, next)) {
            break;
        }
        last = next;
        at = line_end(bytes, at, bounds.end);
    }
    (start, Some(at))
}

/// Where the last record before `end` begins that may go on after it: what must be kept.
pub(super) fn begin_before(bytes: &[u8], floor: usize, end: usize) -> usize {
    if let Some(begin) = begin_stamped(bytes, floor, end) {
        return begin;
    }
    let far = end.saturating_sub(REACH).max(floor);
    if far == floor { floor } else { line_end(bytes, far, end) }
}

/// The stamp of the last record.
pub(super) fn last_stamp(bytes: &[u8]) -> Option<Stamp> {
    stamp(line_at(bytes, begin_stamped(bytes, 0, bytes.len())?, bytes.len()))
}

/// The nearest line at or before the line at `line` that begins a record by a stamp or a mark.
fn begin_stamped(bytes: &[u8], floor: usize, line: usize) -> Option<usize> {
    let mut start = line;
    loop {
        if start < bytes.len() && begins(line_at(bytes, start, bytes.len())) {
            return Some(start);
        }
        if start <= floor || line - start >= REACH {
            return None;
        }
        start = line_start(bytes, floor, start - 1);
    }
}

/// Where the line begins in which `at` is.
fn line_start(bytes: &[u8], floor: usize, at: usize) -> usize {
    memchr::memrchr(b'\n', &bytes[floor..at.max(floor)]).map_or(floor, |end| floor + end + 1)
}

/// Behind the end of the line that begins at `start`.
fn line_end(bytes: &[u8], start: usize, end: usize) -> usize {
    memchr::memchr(b'\n', &bytes[start..end]).map_or(end, |length| start + length + 1)
}

/// The line that begins at `start`, as far as it is looked at.
fn line_at(bytes: &[u8], start: usize, end: usize) -> &[u8] {
    let end = end.min(start + 4096);
    trim_end(&bytes[start..line_end(bytes, start, end)])
}

/// Whether a line begins a record in any log: by a time stamp, or a mark that some program gives each of its records.
fn begins(line: &[u8]) -> bool {
    match stamp(line) {
        Some(stamp) => !is_continuation(line.get(stamp.end..).unwrap_or_default().trim_ascii_start()),
        None => is_marked(line),
    }
}

/// MSBuild's diagnostics; npm's first line of several, and its warnings.
fn is_marked(line: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(line, word).is_some();
    has(b": warning MSB")
        || has(b": error MSB")
        || line.starts_with(b"npm ERR! code ")
        || line.starts_with(b"npm WARN ")
}

/// Whether `line` belongs to the one before it, in a log without time stamps.
fn goes_on(before: &[u8], line: &[u8]) -> bool {
    let is_npm = |line: &[u8]| line.starts_with(b"npm ERR!");
    let is_indented = line.starts_with(b" ") || line.starts_with(b"\t");
    let is_wrapped = before.len() >= WRAP
        && !matches!(before.last(), Some(b'.' | b'!' | b'?' | b'}' | b']'))
        && line.first().is_some_and(|first| first.is_ascii_lowercase() || *first == b'(' || *first >= 0x80);
    let is_message = memchr::memmem::find(before, b"(0x0000002").is_some() || line.starts_with(b"(Error number");
    !line.is_empty()
        && !begins(line)
        && (is_indented
            || is_wrapped
            || is_message
            || (is_npm(line) && is_npm(before))
            || is_continuation(line)
            || before.starts_with(b"Traceback")
            || (before.starts_with(b" ") && is_exception(line)))
}

/// Whether the line is the exception that ends a traceback.
fn is_exception(line: &[u8]) -> bool {
    let name = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_')).count();
    name > 5
        && line[name..].starts_with(b":")
        && (line[..name].ends_with(b"Error") || line[..name].ends_with(b"Exception"))
}

/// Lines of a stack trace, a cause, the rest of a message.
fn is_continuation(text: &[u8]) -> bool {
    const STARTS: [&[u8]; 12] = [
        b"at ",
        b"bei ",
        b"Caused by",
        b"Suppressed:",
        b"... ",
        b"---",
        b"}",
        b"errno:",
        b"code:",
        b"syscall:",
        b"Waiting ",
        b"ERROR: RETRY LIMIT",
    ];
    STARTS.iter().any(|start| text.starts_with(start))
}
