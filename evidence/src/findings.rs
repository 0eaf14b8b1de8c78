//! What readers give out.

use std::fmt::Display;

use lockwait_core::observation::sighting::Sighting;

/// After so many warnings of one input, further ones are only counted.
const WARNINGS: usize = 20;

/// What a reader found so far and the host has not taken yet.
#[derive(Debug, Default)]
pub struct Findings {
    /// What was seen, in the order in which it happened.
    pub sightings: Vec<Sighting>,
    /// How many records were read, of whatever kind the format has: frames, events, rows, lines.
    pub records: u64,
    /// What could not be read, with the place in the input; at most 20, then `unnamed` counts.
    pub warnings: Vec<String>,
    /// Warnings beyond those.
    pub unnamed: u64,
}

impl Findings {
    /// Notes that something could not be read: where, and what is wrong or was left out.
    pub fn warn(&mut self, place: impl Display, what: impl Display) {
        if self.warnings.len() < WARNINGS {
            self.warnings.push(format!("{place}: {what}"));
        } else {
            self.unnamed += 1;
        }
    }
}

/// A reader of one format.
///
/// It is given the bytes of the input in order and says how many it is done with; the others come again, with more
/// behind them. Bytes that can never become a record it skips with a warning.
pub(crate) trait Reader {
    /// Reads what is whole in `bytes`, which begin where the last call's answer ended; returns how many bytes it is
    /// done with. With `is_end` nothing follows, and everything is to be done with.
    fn read(&mut self, bytes: &[u8], is_end: bool, findings: &mut Findings) -> usize;
}
