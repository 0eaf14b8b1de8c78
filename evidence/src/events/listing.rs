//! Events as `wevtutil qe /f:text` lists them, of whatever language: `Event[0]:`, then a line each for log, source,
//! date, id, task, level, operation, keyword, user, user name and computer, then the message.

use memchr::memmem;

use super::needles;
use super::record::{Held, Record};
use super::when::{DayMonth, Written};
use crate::findings::{Findings, Reader};

/// What an event begins with, at the beginning of a line.
const BEGIN: &[u8] = b"Event[";
/// The longest event that is read.
const LONGEST: usize = 1 << 20;

/// Reads events one after another.
#[derive(Default)]
pub(crate) struct EventListing {
    /// Where the next bytes are in the input.
    at: u64,
    held: Held,
}

impl EventListing {
    pub(crate) fn new() -> EventListing {
        EventListing::default()
    }

    /// Whether a text that begins like this is such a listing.
    pub(crate) fn recognises(head: &str) -> bool {
        begin(head.as_bytes(), 0) == Some(0) && parse(head).is_some()
    }
}

impl Reader for EventListing {
    fn read(&mut self, bytes: &[u8], is_end: bool, findings: &mut Findings) -> usize {
        let mut done = begin(bytes, 0).unwrap_or(if is_end { bytes.len() } else { 0 });
        while done < bytes.len() {
            let end = match begin(bytes, done + 1) {
                Some(end) => end,
                None if is_end || bytes.len() - done > LONGEST => bytes.len(),
                None => break,
            };
            self.event(&bytes[done..end], done, findings);
            done = end;
        }
        self.at += done as u64;
        if is_end {
            self.held.end(findings);
        }
        done
    }
}

impl EventListing {
    fn event(&mut self, bytes: &[u8], at: usize, findings: &mut Findings) {
        match parse(&String::from_utf8_lossy(bytes)) {
            Some(record) => {
                findings.records += 1;
                findings.reaches(record.at);
                if needles::are_in_text(bytes) {
                    self.held.push(record, findings);
                }
            }
            None => findings
                .warn(format_args!("byte {}", self.at + at as u64), "this event has no time or no id; it is left out"),
        }
    }
}

/// Where the next event begins, from `from` on.
fn begin(bytes: &[u8], from: usize) -> Option<usize> {
    let begins_line = |at: &usize| *at == 0 || bytes[at - 1] == b'\n';
    memmem::find_iter(bytes.get(from..)?, BEGIN).map(|at| from + at).find(begins_line)
}

fn parse(text: &str) -> Option<Record> {
    let mut lines = text.split_inclusive('\n');
    let mut rest = &text[lines.next()?.len()..];
    let mut fields = [""; 12];
    for (field, line) in fields.iter_mut().zip(lines) {
        // A label has no colon in it.
        *field = line.split_once(':')?.1.trim();
        rest = &rest[line.len()..];
    }
    let [_, source, date, id, .., computer, description] = fields;
    let mut record = Record {
        provider: source.to_owned(),
        id: id.parse::<u32>().ok()? & 0xffff,
        computer: computer.to_owned(),
        message: format!("{description}\n{rest}").trim().to_owned(),
        ..Record::default()
    };
    record.stamp(Written::read(date)?.micros(DayMonth::MonthFirst)?);
    Some(record)
}
