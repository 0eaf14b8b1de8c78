//! What an event log's record says, whatever form the log has.

use lockwait_core::time::Timestamp;

/// One record to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// The source.
    pub source: String,
    /// The event id: what viewers show.
    pub id: u16,
    /// How much it matters.
    pub severity: Severity,
    /// The machine.
    pub computer: String,
    /// Insertion strings.
    pub strings: Vec<String>,
    /// Binary data.
    pub data: Vec<u8>,
    /// The sentence, for the forms that carry it.
    pub message: String,
}

/// How much a record matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// For the record.
    Information,
    /// Worth a look.
    Warning,
    /// Needs somebody.
    Error,
}

impl Entry {
    /// A record of severity error without data or sentence.
    pub fn new(at: Timestamp, source: &str, id: u16, strings: &[&str]) -> Entry {
        Entry {
            at,
            source: source.into(),
            id,
            severity: Severity::Error,
            computer: "GATEWAY".into(),
            strings: strings.iter().map(|string| (*string).into()).collect(),
            data: Vec::new(),
            message: String::new(),
        }
    }
}
