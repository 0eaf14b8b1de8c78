//! What the words of a record say, and a memory of the last ones: whoever tries again says mostly the same again.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use lockwait_core::observation::Holder;

use crate::wording::{self, Failure, Omission, Retry};

/// So many readings are remembered.
const READINGS: usize = 8;
/// The longest words of which the reading is, in bytes.
const LONGEST: usize = 4096;

/// What a record says, whenever it was written.
pub(super) struct Reading {
    /// Failures that are locks; access denied that is tried again is taken for what passes.
    pub(super) failures: Vec<Failure>,
    pub(super) retry: Option<Retry>,
    pub(super) gives_up: bool,
    pub(super) holders: Vec<Holder>,
    pub(super) omission: Option<Omission>,
    /// The same for the same words with other numbers: two records of the same have told of two attempts.
    pub(super) fingerprint: u64,
}

impl Reading {
    fn of(body: &str) -> Reading {
        let retry = wording::retry(body);
        let mut failures = wording::find_all(body);
        failures.retain(|failure| failure.is_certain || retry.is_some());
        // Of other records it does not matter whom they name.
        let holders = if failures.is_empty() { Vec::new() } else { wording::holders(body) };
        Reading {
            failures,
            retry,
            gives_up: wording::gives_up(body),
            holders,
            omission: wording::omission(body),
            fingerprint: fingerprint(body),
        }
    }
}

fn fingerprint(body: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in body.split(|c: char| c.is_ascii_digit()).filter(|part| !part.is_empty()) {
        part.trim_end().hash(&mut hasher);
    }
    hasher.finish()
}

/// The last readings.
#[derive(Default)]
pub(super) struct Memory {
    /// With the words that were read.
    last: Vec<(String, Arc<Reading>)>,
    /// The oldest of them.
    oldest: usize,
}

impl Memory {
    /// What a record says whose words, behind its time stamp, are `body`.
    pub(super) fn read(&mut self, body: &str) -> Arc<Reading> {
        if let Some((_, reading)) = self.last.iter().find(|(words, _)| words == body) {
            return Arc::clone(reading);
        }
        let reading = Arc::new(Reading::of(body));
        if body.len() <= LONGEST {
            let entry = (body.to_owned(), Arc::clone(&reading));
            match self.last.get_mut(self.oldest) {
                Some(oldest) => *oldest = entry,
                None => self.last.push(entry),
            }
            self.oldest = (self.oldest + 1) % READINGS;
        }
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_would_be_read_anew() {
        let bodies: Vec<String> = (0..40)
            .map(|n| format!("worker-{} ERROR sharing violation on 'D:\\in\\{}.txt', retry {n}", n % 3, n % 18))
            .collect();
        let mut memory = Memory::default();
        for body in bodies.iter().chain(bodies.iter().rev()) {
            let (told, anew) = (memory.read(body), Reading::of(body));
            assert_eq!((&told.failures, told.retry, told.omission), (&anew.failures, anew.retry, anew.omission));
            assert_eq!(
                (told.gives_up, told.fingerprint, &told.holders),
                (anew.gives_up, anew.fingerprint, &anew.holders)
            );
            assert_eq!(told.failures.len(), 1);
        }
        assert_eq!(memory.last.len(), READINGS);
    }
}
