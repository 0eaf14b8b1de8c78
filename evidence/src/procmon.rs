//! Process Monitor CSV: any set and order of columns, any locale, also rows pasted with tabs between them.
//!
//! Process Monitor writes names and results in English whatever the system's language; times and numbers are in the
//! user's locale, and local. It has no handles: an open is known by its process, path and thread.

use ahash::{HashMap, HashSet};
use csv_core::{ReadRecordResult, ReaderBuilder};
use lockwait_core::code::Code;
use lockwait_core::observation::sighting::{Act, Attempt, Party, Range, Sighting};
use lockwait_core::observation::{Facts, Name};
use lockwait_core::time::Span;

use crate::findings::{Findings, Reader};
use crate::text::{Clock, Day, Queue, Stamp, read_stamp};
use crate::wording;

mod detail;
#[cfg(test)]
mod tests;

use detail::Detail;

/// A longer row is passed over.
const LONGEST: usize = 1 << 20;
/// So many columns are read.
const COLUMNS: usize = 256;
/// So many opens are remembered at a time.
const OPENS: usize = 1 << 17;
/// So many bytes of a row are kept as proof.
const PROOF: usize = 500;

/// Results that are refusals by somebody else's open or lock, or by the network, and their status ([MS-ERREF] 2.3.1). `FILE LOCKED WITH
/// ONLY READERS` and `FILE LOCKED WITH WRITERS` are none: a mapping was made.
const REFUSALS: &[(&str, u32)] = &[
    ("SHARING VIOLATION", 0xc000_0043),
    ("FILE LOCK CONFLICT", 0xc000_0054),
    ("LOCK NOT GRANTED", 0xc000_0055),
    ("DELETE PENDING", 0xc000_0056),
    ("USER MAPPED FILE", 0xc000_0243),
    ("CANNOT DELETE", 0xc000_0121),
    // Not the file, but the way to it.
    ("BAD NETWORK PATH", 0xc000_00be),
    ("BAD NETWORK NAME", 0xc000_00cc),
];

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Column {
    Time,
    Date,
    Process,
    Pid,
    Tid,
    Operation,
    Path,
    Result,
    Detail,
    Duration,
}

/// The names of the columns that are read. The first seven, in this order, are what Process Monitor shows by itself.
const NAMES: [(&str, Column); 10] = [
    ("Time of Day", Column::Time),
    ("Process Name", Column::Process),
    ("PID", Column::Pid),
    ("Operation", Column::Operation),
    ("Path", Column::Path),
    ("Result", Column::Result),
    ("Detail", Column::Detail),
    ("Date & Time", Column::Date),
    ("TID", Column::Tid),
    ("Duration", Column::Duration),
];

/// Reader of Process Monitor's CSV.
pub(crate) struct Procmon {
    csv: Option<csv_core::Reader>,
    row: Vec<u8>,
    used: usize,
    ends: Vec<usize>,
    fields: usize,
    is_skipping: bool,
    columns: Option<Vec<(Column, usize)>>,
    rows: u64,
    clock: Clock,
    queue: Queue,
    opens: HashMap<(u32, String), Vec<Open>>,
    count: usize,
    next: u64,
    /// Who was refused each file.
    refused: HashMap<String, HashSet<u32>>,
    said_full: bool,
}

/// An open that has not been closed.
struct Open {
    id: u64,
    tid: String,
}

/// The fields of a row that are read.
struct Row<'a> {
    fields: Vec<&'a str>,
    columns: &'a [(Column, usize)],
}

impl Row<'_> {
    fn get(&self, column: Column) -> &str {
        let at = self.columns.iter().find(|(other, _)| *other == column);
        at.and_then(|(_, at)| self.fields.get(*at)).copied().unwrap_or_default().trim()
    }

    /// The row in words.
    fn words(&self) -> String {
        let get = |column| self.get(column);
        let words = format!(
            "{} {} ({}) {} {}: {} {}",
            get(Column::Time),
            get(Column::Process),
            get(Column::Pid),
            get(Column::Operation),
            get(Column::Path),
            get(Column::Result),
            get(Column::Detail)
        );
        wording::cut(words.trim(), PROOF).to_owned()
    }
}

impl Procmon {
    pub(crate) fn new() -> Procmon {
        Procmon {
            csv: None,
            row: vec![0; 4096],
            used: 0,
            ends: vec![0; 32],
            fields: 0,
            is_skipping: false,
            columns: None,
            rows: 0,
            clock: Clock::default(),
            queue: Queue::default(),
            opens: HashMap::default(),
            count: 0,
            next: 1,
            refused: HashMap::default(),
            said_full: false,
        }
    }

    /// Whether a text begins with Process Monitor's column names, or with rows that were copied out of its window.
    pub(crate) fn recognises(head: &str) -> bool {
        let line = head.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
        let has = |name: &str| line.contains(name);
        let pasted: Vec<&str> = line.split('\t').collect();
        let is_row = pasted.len() >= 6
            && read_stamp(pasted[0].as_bytes()).is_some_and(|stamp| stamp.day == Day::Unsaid)
            && number(pasted[2]).is_some();
        (has("Process Name") && has("Operation") && (has("Path") || has("Result"))) || is_row
    }

    /// A row is whole.
    fn row(&mut self, findings: &mut Findings) {
        let (used, fields) = (std::mem::take(&mut self.used), std::mem::take(&mut self.fields));
        if std::mem::take(&mut self.is_skipping) {
            findings.warn(format_args!("row {}", self.rows + 1), "it is longer than a mebibyte and was passed over");
            self.rows += 1;
            return;
        }
        let bytes = std::mem::take(&mut self.row);
        let text = String::from_utf8_lossy(&bytes[..used]);
        // What is not UTF-8 has moved the ends; such a row is split again where they were.
        let starts = std::iter::once(0).chain(self.ends[..fields].iter().copied());
        let split: Option<Vec<&str>> =
            starts.zip(&self.ends[..fields]).map(|(start, end)| text.get(start..(*end).min(text.len()))).collect();
        let columns = self.columns.take();
        match (split, columns) {
            (Some(fields), None) if fields.contains(&"Operation") => self.columns = Some(bound(&fields)),
            (Some(fields), columns) => {
                let columns =
                    columns.unwrap_or_else(|| NAMES[..7].iter().enumerate().map(|(at, (_, c))| (*c, at)).collect());
                self.rows += 1;
                findings.records += 1;
                self.read_row(&Row { fields, columns: &columns }, findings);
                self.columns = Some(columns);
            }
            (None, columns) => {
                self.rows += 1;
                findings.warn(format_args!("row {}", self.rows), "it is not valid text and was passed over");
                self.columns = columns;
            }
        }
        drop(text);
        self.row = bytes;
    }

    fn read_row(&mut self, row: &Row<'_>, findings: &mut Findings) {
        let (operation, path, result) = (row.get(Column::Operation), row.get(Column::Path), row.get(Column::Result));
        let stamp = stamp(row);
        let moment = stamp.map(|stamp| self.clock.read(&stamp, Some(self.rows), findings)).or(self.clock.last());
        let Some(pid) = number(row.get(Column::Pid)).filter(|_| !path.is_empty() && !operation.is_empty()) else {
            return;
        };
        let detail = Detail::of(row.get(Column::Detail));
        // The memory manager's own reads and writes are nobody's attempts.
        if detail.is_paging() {
            return;
        }
        let key = (pid, path.to_lowercase());
        let act = match REFUSALS.iter().find(|(name, _)| *name == result) {
            Some((_, status)) => Some(Act::Refused(self.attempt(*status, row, &detail, &key))),
            None if result == "SUCCESS" => self.success(operation, row, &detail, &key, findings),
            None => None,
        };
        let Some(act) = act else { return };
        let needs_proof = !matches!(act, Act::Opened { .. } | Act::Closed { .. } | Act::Wrote { .. } | Act::Saw(_));
        let sighting = Sighting {
            at: moment.map_or_else(Default::default, |moment| moment.at),
            resolution: moment.map_or(Span::from_secs(86_400), |moment| moment.resolution),
            path: Name::from(path),
            actor: Party { name: row.get(Column::Process).into(), pid: Some(pid), ..Party::default() },
            act,
            record: if needs_proof { row.words() } else { String::new() },
        };
        self.queue.give(sighting, moment, findings);
        if self.clock.is_decided() || self.queue.is_full() {
            self.clock.decide(findings);
            self.queue.settle(&self.clock, findings);
        }
    }

    fn attempt(&mut self, status: u32, row: &Row<'_>, detail: &Detail<'_>, key: &(u32, String)) -> Attempt {
        if self.refused.len() >= OPENS {
            self.refused.clear();
        }
        self.refused.entry(key.1.clone()).or_default().insert(key.0);
        Attempt {
            wanted: detail.mode(),
            range: detail.range(),
            latency: seconds(row.get(Column::Duration)),
            ..Attempt::new(Code::ntstatus(status))
        }
    }

    fn success(
        &mut self,
        operation: &str,
        row: &Row<'_>,
        detail: &Detail<'_>,
        key: &(u32, String),
        findings: &mut Findings,
    ) -> Option<Act> {
        match operation {
            "CreateFile" | "IRP_MJ_CREATE" => self.open(detail.mode()?, row, key, findings),
            "CloseFile" | "IRP_MJ_CLEANUP" => self.close(row.get(Column::Tid), key),
            "LockFile" => Some(Act::Locked { open: self.last_open(key), range: detail.range()? }),
            "UnlockFileSingle" => Some(Act::Unlocked { open: self.last_open(key), range: detail.range()? }),
            "WriteFile" => {
                let Range { start, length } = detail.range()?;
                Some(Act::Wrote { open: self.last_open(key), end: start.saturating_add(length) })
            }
            "SetEndOfFileInformationFile" => {
                Some(Act::Wrote { open: self.last_open(key), end: detail.number("EndOfFile")? })
            }
            "SetDispositionInformationFile" | "SetDispositionInformationEx" => {
                detail.deletes().then(|| self.removal(key))
            }
            "SetRenameInformationFile" | "SetRenameInformationEx" | "SetRenameInformationFileEx" => {
                Some(self.removal(key))
            }
            _ => {
                // Sizes are of interest where somebody was refused.
                let is_of_interest = self.refused.contains_key(&key.1);
                let size = detail.number("EndOfFile").filter(|_| is_of_interest)?;
                Some(Act::Saw(Facts { size, ..Facts::default() }))
            }
        }
    }

    /// The file loses its name: what whoever was refused had wanted to do, or somebody else's work.
    fn removal(&self, key: &(u32, String)) -> Act {
        if self.refused.get(&key.1).is_some_and(|who| who.contains(&key.0)) { Act::Done } else { Act::Gone }
    }

    fn open(
        &mut self,
        mode: lockwait_core::observation::sighting::Mode,
        row: &Row<'_>,
        key: &(u32, String),
        findings: &mut Findings,
    ) -> Option<Act> {
        if self.count >= OPENS {
            if !self.said_full {
                self.said_full = true;
                findings.warn(
                    format_args!("row {}", self.rows),
                    "too many files are open at once; further opens were left out",
                );
            }
            return None;
        }
        let id = self.next;
        self.next += 1;
        self.count += 1;
        self.opens.entry(key.clone()).or_default().push(Open { id, tid: row.get(Column::Tid).to_owned() });
        Some(Act::Opened { open: id, mode })
    }

    /// Of several opens the same thread's last one is taken to be closed: most opens are short.
    fn close(&mut self, tid: &str, key: &(u32, String)) -> Option<Act> {
        let opens = self.opens.get_mut(key)?;
        let at = opens.iter().rposition(|open| open.tid == tid).or(opens.len().checked_sub(1))?;
        let open = opens.remove(at).id;
        if opens.is_empty() {
            self.opens.remove(key);
        }
        self.count -= 1;
        Some(Act::Closed { open })
    }

    fn last_open(&self, key: &(u32, String)) -> u64 {
        self.opens.get(key).and_then(|opens| opens.last()).map_or(0, |open| open.id)
    }
}

impl Reader for Procmon {
    fn read(&mut self, bytes: &[u8], is_end: bool, findings: &mut Findings) -> usize {
        let mut at = 0;
        if self.csv.is_none() {
            let line = memchr::memchr(b'\n', bytes).or((is_end || bytes.len() > LONGEST).then_some(bytes.len()));
            let Some(line) = line else { return 0 };
            at = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
            let separator = separator(&bytes[at..line]);
            // Pasted rows have no quotes of their own.
            self.csv = Some(ReaderBuilder::new().delimiter(separator).quoting(separator != b'\t').build());
        }
        let Some(mut csv) = self.csv.take() else { return 0 };
        // To the parser nothing means the end: it is asked only when there is something, or when it is the end.
        while at < bytes.len() || is_end {
            let (result, read, written, ended) =
                csv.read_record(&bytes[at..], &mut self.row[self.used..], &mut self.ends[self.fields..]);
            at += read;
            self.used += written;
            self.fields += ended;
            match result {
                ReadRecordResult::InputEmpty if !is_end => break,
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.row.len() < LONGEST => self.row.resize(self.row.len() * 2, 0),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull
                    if self.ends.len() >= COLUMNS || self.row.len() >= LONGEST =>
                {
                    // Read on without keeping anything, to the end of the row.
                    self.is_skipping = true;
                    (self.used, self.fields) = (0, 0);
                }
                ReadRecordResult::OutputFull => self.row.resize(LONGEST, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => self.row(findings),
                ReadRecordResult::End => {
                    self.clock.decide(findings);
                    self.queue.settle(&self.clock, findings);
                    findings
                        .reaches(self.clock.last().map_or_else(Default::default, |last| self.clock.settle(last).at));
                    break;
                }
            }
        }
        self.csv = Some(csv);
        at
    }
}

/// The columns that `header` names.
fn bound(header: &[&str]) -> Vec<(Column, usize)> {
    let find = |name: &str| header.iter().position(|other| other.trim().eq_ignore_ascii_case(name));
    NAMES.iter().filter_map(|(name, column)| Some((*column, find(name)?))).collect()
}

/// What separates the columns: what the first line has most of.
fn separator(line: &[u8]) -> u8 {
    [b'\t', b',', b';']
        .into_iter()
        .max_by_key(|separator| (line.iter().filter(|byte| *byte == separator).count(), *separator == b','))
        .unwrap_or(b',')
}

/// The time of a row: the day from one column, the time from another that is more exact.
fn stamp(row: &Row<'_>) -> Option<Stamp> {
    let whole = read_stamp(row.get(Column::Date).as_bytes());
    let Some(time) = read_stamp(row.get(Column::Time).as_bytes()) else { return whole };
    match whole {
        Some(whole) if time.day == Day::Unsaid => {
            Some(Stamp { day: whole.day, is_twelve: whole.is_twelve || time.is_twelve, ..time })
        }
        _ => Some(time),
    }
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// `0.0000161` or `0,0000161` seconds.
fn seconds(text: &str) -> Option<Span> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Some(Span(whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(micros.parse().ok()?)?))
}
