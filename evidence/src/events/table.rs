//! Events in the columns of Event Viewer's and PowerShell's CSV exports, of whatever language.

use csv_core::{ReadRecordResult, Reader as Csv, ReaderBuilder};

use super::needles;
use super::record::{Held, Level, Record};
use super::when::{DayMonth, Written};
use crate::findings::{Findings, Reader};

/// The longest row that is read.
const LONGEST: usize = 1 << 20;
/// More columns than any export has.
const COLUMNS: usize = 64;

/// Where in a row things are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Columns {
    /// Date and time; where they are apart, the date, with the time in the next column.
    time: usize,
    is_time_apart: bool,
    source: usize,
    id: usize,
    /// What is beyond it belongs to it.
    message: usize,
    level: Option<usize>,
    number: Option<usize>,
    computer: Option<usize>,
    pid: Option<usize>,
}

/// Event Viewer since Vista: level, date and time, source, event id, task category, and the message, over which there
/// is no heading.
const VIEWER: Columns = Columns {
    time: 1,
    is_time_apart: false,
    source: 2,
    id: 3,
    message: 5,
    level: Some(0),
    number: None,
    computer: None,
    pid: None,
};

/// Event Viewer up to Server 2003: date, time, source, type, category, event id, user, computer, description.
const OLD_VIEWER: Columns = Columns {
    time: 0,
    is_time_apart: true,
    source: 2,
    id: 5,
    message: 8,
    level: Some(3),
    number: None,
    computer: Some(7),
    pid: None,
};

/// What PowerShell calls the properties of events, which it does not translate: those of `Get-WinEvent`, then those
/// of `Get-EventLog`.
const PROPERTIES: [(&str, &str); 8] = [
    ("TimeCreated", "TimeGenerated"),
    ("ProviderName", "Source"),
    ("Id", "EventID"),
    ("Message", "Message"),
    ("Level", "EntryType"),
    ("RecordId", "Index"),
    ("MachineName", "MachineName"),
    ("ProcessId", "ProcessId"),
];

impl Columns {
    /// By the names PowerShell gives the columns.
    fn named(header: &[&str]) -> Option<Columns> {
        let column = |index: usize| {
            let (one, other): (&str, &str) = PROPERTIES[index];
            let is_it = |name: &&str| name.eq_ignore_ascii_case(one) || name.eq_ignore_ascii_case(other);
            header.iter().position(is_it)
        };
        Some(Columns {
            time: column(0)?,
            is_time_apart: false,
            source: column(1)?,
            id: column(2)?,
            message: column(3)?,
            level: column(4),
            number: column(5),
            computer: column(6),
            pid: column(7),
        })
    }

    /// By what is in the columns.
    fn shown(row: &[&str]) -> Option<Columns> {
        [VIEWER, OLD_VIEWER].into_iter().find(|columns| columns.time(row).is_some() && columns.id(row).is_some())
    }

    fn time(&self, row: &[&str]) -> Option<Written> {
        let date = row.get(self.time)?;
        if !self.is_time_apart {
            return Written::read(date);
        }
        Written::read(&format!("{date} {}", row.get(self.time + 1)?))
    }

    fn id(&self, row: &[&str]) -> Option<u32> {
        row.get(self.id)?.trim().parse::<u32>().ok().map(|id| id & 0xffff)
    }

    fn record(&self, row: &[&str], order: DayMonth) -> Option<Record> {
        let text = |column: usize| row.get(column).copied().unwrap_or_default();
        let optional = |column: Option<usize>| column.map(text).unwrap_or_default();
        let message = match (*self, row.get(self.message..)) {
            (OLD_VIEWER | VIEWER, Some(rest)) => rest.join(","),
            _ => text(self.message).to_owned(),
        };
        let mut record = Record {
            number: optional(self.number).parse().unwrap_or_default(),
            provider: text(self.source).to_owned(),
            id: self.id(row)?,
            level: match optional(self.level) {
                "1" | "2" | "Error" | "Critical" => Level::Error,
                "3" | "Warning" => Level::Warning,
                _ => Level::Information,
            },
            computer: optional(self.computer).to_owned(),
            pid: optional(self.pid).parse().ok().filter(|pid| *pid != 0),
            message,
            ..Record::default()
        };
        record.stamp(self.time(row)?.micros(order)?);
        Some(record)
    }
}

/// Reads rows.
pub(crate) struct EventCsv {
    csv: Option<Csv>,
    columns: Option<Columns>,
    /// Rows before the first event, or before the columns' names.
    headings: usize,
    order: Option<DayMonth>,
    /// The row under way: its cells one after another, and where each ends.
    row: Vec<u8>,
    ends: Vec<usize>,
    cells: (usize, usize),
    held: Held,
}

impl EventCsv {
    pub(crate) fn new() -> EventCsv {
        EventCsv {
            csv: None,
            columns: None,
            headings: 0,
            order: None,
            row: vec![0; 1 << 12],
            ends: vec![0; COLUMNS],
            cells: (0, 0),
            held: Held::default(),
        }
    }

    /// Whether a text that begins like this is such a table.
    pub(crate) fn recognises(head: &str) -> bool {
        let mut reader = EventCsv::new();
        reader.read(head.as_bytes(), true, &mut Findings::default());
        reader.columns.is_some() && reader.headings <= 1
    }

    /// A row is whole.
    fn row(&mut self, findings: &mut Findings) {
        let (length, count) = std::mem::take(&mut self.cells);
        let buffer = std::mem::take(&mut self.row);
        let starts = [0].into_iter().chain(self.ends[..count].iter().copied());
        let cells = starts.zip(&self.ends[..count]).map(|(start, end)| buffer.get(start..*end).unwrap_or_default());
        let texts: Vec<_> = cells.map(String::from_utf8_lossy).collect();
        let row: Vec<&str> = texts.iter().map(|text| text.trim()).collect();
        if row.iter().any(|cell| !cell.is_empty()) {
            self.event(&row, &buffer[..length], findings);
        }
        self.row = buffer;
    }

    fn event(&mut self, row: &[&str], bytes: &[u8], findings: &mut Findings) {
        let Some(columns) = self.columns else {
            self.columns = Columns::named(row);
            if self.columns.is_none()
                && let Some(shown) = Columns::shown(row)
            {
                self.columns = Some(shown);
                self.event(row, bytes, findings);
            }
            self.headings += usize::from(self.columns.is_none());
            return;
        };
        let written = columns.time(row);
        self.order = written.and_then(Written::day_month).or(self.order);
        let order = self.order.unwrap_or_else(|| order_of(row.get(columns.time).unwrap_or(&"")));
        match columns.record(row, order) {
            Some(record) => {
                findings.records += 1;
                findings.reaches(record.at);
                if needles::are_in_text(bytes) {
                    self.held.push(record, findings);
                }
            }
            None => {
                let line = self.csv.as_ref().map_or(0, Csv::line);
                findings.warn(format_args!("before line {line}"), "a row without a time or an event id is left out");
            }
        }
    }
}

/// Which comes first when nothing else says: a clock of twelve hours goes with the month first.
fn order_of(time: &str) -> DayMonth {
    let is_twelve = time.to_ascii_lowercase().ends_with('m');
    if is_twelve { DayMonth::MonthFirst } else { DayMonth::DayFirst }
}

impl Reader for EventCsv {
    fn read(&mut self, bytes: &[u8], is_end: bool, findings: &mut Findings) -> usize {
        if self.csv.is_none() {
            let Some(first) = first_line(bytes).or((is_end || bytes.len() > LONGEST).then_some(bytes)) else {
                return 0;
            };
            // Of those that exports use, the one that the first line has most of.
            let count = |delimiter: &u8| first.iter().filter(|byte| *byte == delimiter).count();
            let delimiter = [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
            self.order = self.order.or_else(|| first_order(bytes));
            self.csv = Some(ReaderBuilder::new().delimiter(delimiter).comment(Some(b'#')).build());
        }
        let mut rest = bytes;
        // To the parser nothing means the end: it is asked only when there is something, or when it is the end.
        while let Some(csv) = self.csv.as_mut().filter(|_| is_end || !rest.is_empty()) {
            let (length, count) = self.cells;
            let (result, read, wrote, ends) = csv.read_record(rest, &mut self.row[length..], &mut self.ends[count..]);
            rest = &rest[read..];
            self.cells = (length + wrote, count + ends);
            match result {
                ReadRecordResult::Record => self.row(findings),
                ReadRecordResult::OutputFull if self.row.len() < LONGEST => self.row.resize(self.row.len() * 2, 0),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    findings.warn(
                        format_args!("before line {}", csv.line()),
                        "a row is longer or has more columns than any event, perhaps for a missing quote; it is left out",
                    );
                    let line = csv.line();
                    csv.reset();
                    csv.set_line(line + 1);
                    self.cells = (0, 0);
                    // On with the next line.
                    let next = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
                    rest = &rest[next..];
                }
                // At the end, an empty input is what says so.
                ReadRecordResult::InputEmpty if is_end && read != 0 => {}
                ReadRecordResult::InputEmpty | ReadRecordResult::End => break,
            }
        }
        if is_end {
            self.held.end(findings);
        }
        bytes.len()
    }
}

/// The first line that is no comment.
fn first_line(head: &[u8]) -> Option<&[u8]> {
    let mut lines = head.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    lines.find(|line| !line.starts_with(b"#") && line.iter().any(|byte| !byte.is_ascii_whitespace()))
}

/// Which of day and month comes first in the dates with slashes, if one of the first shows it.
fn first_order(head: &[u8]) -> Option<DayMonth> {
    let text = String::from_utf8_lossy(head);
    let cells = text.split([',', ';', '\t', '\n']).map(|cell| cell.trim_matches(['"', '\r']));
    let dates = cells.filter(|cell| cell.len() <= 32 && cell.contains('/'));
    // The date is enough.
    dates.filter_map(|cell| Written::read(cell).or_else(|| Written::read(&format!("{cell} 0:00")))?.day_month()).next()
}
