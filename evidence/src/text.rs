//! Text logs.
//!
//! Most lines of a log have nothing to do with locks: bytes are first searched for the few words that may
//! ([`wording::telling_words`]), and only around those is anything read. A record begins at a line with a time stamp, or with
//! a mark of its own, and goes on over the lines that follow without one.

use crate::findings::{Findings, Reader};
use crate::wording::{self, Found};

mod actor;
mod awaited;
mod clock;
mod lines;
mod reading;
mod stamp;
mod story;
#[cfg(test)]
mod tests;

pub(crate) use clock::{Clock, Queue};
use lines::{Bounds, Lines};
pub(crate) use stamp::{Day, Stamp, read as read_stamp};
use story::Story;

/// A longer line is read in pieces of this size.
const LONGEST_LINE: usize = 1 << 20;

/// Reader of text logs.
#[derive(Default)]
pub(crate) struct Text {
    clock: Clock,
    story: Story,
    /// Lines done with.
    lines: u64,
    /// So many of the bytes that come next were searched already.
    searched: usize,
}

impl Text {
    pub(crate) fn new() -> Text {
        Text::default()
    }

    /// Lines without anything of interest go by.
    fn pass(&mut self, bytes: &[u8], findings: &mut Findings) {
        if bytes.is_empty() {
            return;
        }
        for line in Lines::of(bytes) {
            if !self.clock.is_in_need() {
                break;
            }
            match lines::stamp(line) {
                Some(stamp) => {
                    self.clock.read(&stamp, None, findings);
                }
                None => self.clock.pass(),
            }
        }
        self.count(bytes, findings);
        self.story.passed();
    }

    fn count(&mut self, bytes: &[u8], findings: &mut Findings) {
        let ends = memchr::memchr_iter(b'\n', bytes).count() as u64;
        let lines = ends + u64::from(!bytes.ends_with(b"\n"));
        self.lines += lines;
        findings.records += lines;
    }

    fn record(&mut self, bytes: &[u8], findings: &mut Findings) {
        let line = self.lines + 1;
        let stamp = lines::stamp(bytes);
        let moment = stamp.map(|stamp| self.clock.read(&stamp, Some(line), findings));
        let moment = moment.or(self.clock.last());
        self.story.tell(bytes, stamp.map_or(0, |stamp| stamp.end), moment, line, findings);
        if stamp.is_some() {
            // A record of many lines may hold stamps of its own: a prefix on every line.
            for stamp in Lines::of(bytes).skip(1).filter_map(lines::stamp) {
                self.clock.read(&stamp, None, findings);
            }
        }
        self.count(bytes, findings);
        if self.clock.is_decided() || self.story.queue.is_full() {
            self.clock.decide(findings);
            self.story.queue.settle(&self.clock, findings);
        }
    }
}

impl Reader for Text {
    fn read(&mut self, bytes: &[u8], is_end: bool, findings: &mut Findings) -> usize {
        let mut done = 0;
        loop {
            let step = self.step(&bytes[done..], is_end, findings);
            done += step;
            // Of a line that is too long one piece was read, and several may be there.
            if is_end || step == 0 || bytes.len() - done <= self.searched + LONGEST_LINE {
                return done;
            }
        }
    }
}

impl Text {
    /// Reads as [`Reader::read`] does; of a line that is too long, one piece.
    fn step(&mut self, bytes: &[u8], is_end: bool, findings: &mut Findings) -> usize {
        let mut floor = 0;
        let mut from = self.searched.min(bytes.len());
        let whole = match memchr::memrchr(b'\n', &bytes[from..]) {
            Some(end) => from + end + 1,
            None => from,
        };
        let is_too_long = bytes.len() - whole > LONGEST_LINE;
        if is_too_long {
            findings.warn(
                format_args!("line {}", self.lines + 1 + memchr::memchr_iter(b'\n', &bytes[..whole]).count() as u64),
                "it is longer than a mebibyte and was read in pieces",
            );
        }
        let end = if is_end {
            bytes.len()
        } else if is_too_long {
            whole + LONGEST_LINE
        } else {
            whole
        };
        let mut walk = wording::telling_words().walk(&bytes[..end]);
        let is_of_failure = |group| group == wording::FAILURE;
        loop {
            // The words of success are common ones, and only of interest where a file waits for it.
            let is_waiting = self.story.is_waiting();
            let found = walk.next(from, |group| is_waiting || is_of_failure(group));
            let Some(Found { at: hit, group }) = found else { break };
            // The rest of a line that is too long would never come to an end.
            let bounds = Bounds { floor, end, is_end: is_end || is_too_long };
            let (start, stop) = lines::record(bytes, hit, bounds);
            let Some(stop) = stop else {
                self.pass(&bytes[floor..start], findings);
                self.searched = hit - start;
                return start;
            };
            if is_of_failure(group) || walk.has(hit, stop, is_of_failure) || self.story.awaits(&bytes[start..stop]) {
                self.pass(&bytes[floor..start], findings);
                self.record(&bytes[start..stop], findings);
            } else {
                self.pass(&bytes[floor..stop], findings);
            }
            (floor, from) = (stop, stop);
        }
        if is_end {
            self.pass(&bytes[floor..], findings);
            self.clock.decide(findings);
            self.story.queue.settle(&self.clock, findings);
            if let Some(last) = lines::last_stamp(bytes) {
                let moment = self.clock.read(&last, None, findings);
                findings.reaches(moment.at);
            }
            self.searched = 0;
            return bytes.len();
        }
        let keep = lines::begin_before(bytes, floor, end);
        self.pass(&bytes[floor..keep], findings);
        self.searched = end - keep;
        keep
    }
}
