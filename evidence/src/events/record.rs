//! One event, whatever form of log it was in, and the order of events.

use std::fmt::Write as _;

use ahash::HashMap;
use lockwait_core::time::{Span, Timestamp};

use super::sight::{self, Witness};
use crate::findings::Findings;

/// The longest proof that a sighting carries, in characters.
const PROOF: usize = 1_000;

/// So many bytes of records are held at most; beyond that those that are held are told.
const HELD: usize = 128 << 20;

/// One event.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Record {
    /// Its number in its log, counting up; 0 where the form has none.
    pub(super) number: u64,
    /// When it was reported.
    pub(super) at: Timestamp,
    /// One second where the record has whole seconds.
    pub(super) resolution: Span,
    /// The source: who reported it.
    pub(super) provider: String,
    /// What event viewers show as the event id: the low 16 bits.
    pub(super) id: u32,
    /// How much it matters.
    pub(super) level: Level,
    /// The log it was in; empty where the file is one log.
    pub(super) channel: String,
    /// The machine.
    pub(super) computer: String,
    /// The process that reported it; classic events do not say.
    pub(super) pid: Option<u32>,
    /// Insertion strings, or the values of the event's own fields with their names.
    pub(super) values: Vec<Value>,
    /// The sentence, where the form carries it.
    pub(super) message: String,
    /// Binary data.
    pub(super) data: Vec<u8>,
}

/// One insertion string or field.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Value {
    /// Empty for insertion strings.
    pub(super) name: String,
    pub(super) text: String,
}

/// How much an event matters to who reported it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Level {
    #[default]
    Information,
    Warning,
    Error,
}

impl Record {
    /// An insertion string; empty when there are fewer.
    pub(super) fn value(&self, index: usize) -> &str {
        self.values.get(index).map_or("", |value| &value.text)
    }

    /// The fields of that name.
    pub(super) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |value| value.name == name).map(|value| value.text.as_str())
    }

    /// Sets time and resolution from microseconds since 1970. Classic events are stamped in whole seconds, and a log
    /// that keeps more digits shows zeros there.
    pub(super) fn stamp(&mut self, micros: u64) {
        self.at = Timestamp(micros);
        self.resolution = if micros.is_multiple_of(1_000_000) { Span::from_secs(1) } else { Span::ZERO };
    }

    /// The record for people: source, id, number and what it says, cut when very long.
    pub(super) fn words(&self) -> String {
        let mut words = format!("{} {}", self.provider, self.id);
        if self.number != 0 {
            // Writing to a String cannot fail.
            let _ = write!(words, " (record {})", self.number);
        }
        words.push_str(": ");
        if self.message.is_empty() {
            let mut separator = "";
            for value in self.values.iter().filter(|value| !value.text.is_empty()) {
                words.push_str(separator);
                if !value.name.is_empty() {
                    let _ = write!(words, "{}=", value.name);
                }
                words.push_str(value.text.trim());
                separator = " | ";
            }
        } else {
            words.push_str(self.message.trim());
        }
        if let Some((cut, _)) = words.char_indices().nth(PROOF) {
            words.truncate(cut);
            words.push('…');
        }
        words
    }

    /// About how much memory it takes.
    fn bytes(&self) -> usize {
        let texts = [&self.provider, &self.channel, &self.computer, &self.message];
        let values = self.values.iter().map(|value| size_of::<Value>() + value.name.len() + value.text.len());
        size_of::<Record>() + texts.map(String::len).iter().sum::<usize>() + values.sum::<usize>() + self.data.len()
    }
}

/// The records of one input that matter, until all are read.
///
/// Files have events in the order of the disk, exports often the newest first, and times are no help: most classic
/// events have whole seconds, and one may be stamped up to about a second before one with a lower number. So the
/// records wait for the end, or for what is known to be a whole part of the order, and are told by their numbers; logs
/// within one export are merged by time.
#[derive(Default)]
pub(super) struct Held {
    records: Vec<Record>,
    /// Later than all that are still to come.
    late: Vec<Record>,
    bytes: usize,
    witness: Witness,
}

impl Held {
    /// Keeps `record` if it matters.
    pub(super) fn push(&mut self, record: Record, findings: &mut Findings) {
        if !sight::matters(&record) {
            return;
        }
        self.bytes += record.bytes();
        self.records.push(record);
        if self.bytes > HELD {
            let number = self.records.last().map_or(0, |record| record.number);
            findings.warn(
                format_args!("record {number}"),
                "more events about locks than are put in order at once; later ones are told after these",
            );
            self.end(findings);
        }
    }

    /// All records that are held are later than those to come, but not than those that were told: they wait for the end.
    pub(super) fn put_off(&mut self) {
        self.late.append(&mut self.records);
    }

    /// Nothing follows.
    pub(super) fn end(&mut self, findings: &mut Findings) {
        self.put_off();
        self.records = std::mem::take(&mut self.late);
        self.tell(findings);
    }

    /// Nothing follows that comes before one of those that are held, but for the ones that were put off.
    pub(super) fn tell(&mut self, findings: &mut Findings) {
        for record in in_order(std::mem::take(&mut self.records)) {
            self.bytes -= record.bytes();
            self.witness.tell(&record, &mut findings.sightings);
        }
    }
}

/// The records of each log by number (as they stand, or reversed when the newest is first, where they have none), and
/// the logs merged by time.
fn in_order(mut records: Vec<Record>) -> Vec<Record> {
    if records.iter().any(|record| record.number != 0) {
        records.sort_by(|a, b| (&a.computer, &a.channel, a.number).cmp(&(&b.computer, &b.channel, b.number)));
    } else {
        let ups = records.windows(2).filter(|pair| pair[0].at < pair[1].at).count();
        let downs = records.windows(2).filter(|pair| pair[0].at > pair[1].at).count();
        if downs > ups {
            records.reverse();
        }
    }
    // A log's time never goes back here, or merging would undo the order of its numbers.
    let mut latest = HashMap::default();
    let mut keyed: Vec<(Timestamp, Record)> = Vec::with_capacity(records.len());
    for record in records {
        let log: &mut Timestamp = latest.entry((record.computer.clone(), record.channel.clone())).or_default();
        *log = record.at.max(*log);
        keyed.push((*log, record));
    }
    keyed.sort_by_key(|(at, _)| *at);
    keyed.into_iter().map(|(_, record)| record).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(channel: &str, number: u64, millis: u64) -> Record {
        let mut record = Record { channel: channel.into(), number, ..Record::default() };
        record.stamp(millis * 1_000);
        record
    }

    fn numbers(records: Vec<Record>) -> Vec<u64> {
        in_order(records).into_iter().map(|record| record.number).collect()
    }

    #[test]
    fn what_was_told_is_not_held_any_more_and_what_was_put_off_is_told_last() {
        let refusal = |number| Record { message: "sharing violation".into(), ..record("", number, 1_000) };
        let (mut held, mut findings) = (Held::default(), Findings::default());
        held.push(refusal(9), &mut findings);
        held.put_off();
        held.push(refusal(1), &mut findings);
        held.tell(&mut findings);
        assert_eq!((findings.sightings.len(), held.bytes), (1, refusal(9).bytes()));
        held.end(&mut findings);
        assert_eq!((findings.sightings.len(), held.bytes), (2, 0));
        assert!(findings.sightings[1].record.contains("(record 9)"), "{:?}", findings.sightings);
    }

    #[test]
    fn a_logs_own_numbers_beat_its_times() {
        let log = vec![record("", 3, 11_430), record("", 1, 11_000), record("", 2, 12_000)];
        assert_eq!(numbers(log), [1, 2, 3]);
    }

    #[test]
    fn logs_in_one_export_are_merged_by_time() {
        let log = vec![record("b", 1, 5_000), record("a", 7, 1_000), record("a", 8, 9_000), record("b", 2, 6_000)];
        assert_eq!(numbers(log), [7, 1, 2, 8]);
    }

    #[test]
    fn an_export_without_numbers_and_with_the_newest_first_is_turned_round() {
        let texts = |records: Vec<Record>| in_order(records).iter().map(|r| r.message.clone()).collect::<String>();
        let at = |message: &str, millis| Record { message: message.into(), ..record("", 0, millis) };
        assert_eq!(texts(vec![at("d", 3_000), at("c", 2_000), at("b", 2_000), at("a", 1_000)]), "abcd");
        assert_eq!(texts(vec![at("a", 1_000), at("b", 2_000), at("c", 2_000)]), "abc");
    }
}
