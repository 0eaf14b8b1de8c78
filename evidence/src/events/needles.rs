//! Which bytes of a log may be of an event about a file.

use std::sync::LazyLock;

use super::sight;
use crate::wording::{self, Words};

/// Codes as numbers of 32 bits, which events carry as typed values and in binary data: sharing violation, lock
/// conflict, lock not granted, and the HRESULTs of errors 32 and 33.
pub(super) const NUMBERS: [u32; 5] = [0xc000_0043, 0xc000_0054, 0xc000_0055, 0x8007_0020, 0x8007_0021];

/// Which events may matter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Needles {
    /// Those of certain sources: the words of a failure stand nowhere.
    Sources,
    /// Those, and whatever tells of a failure.
    All,
}

impl Needles {
    /// Which events that stand in `bytes`, in one of Windows' own formats, may matter. Texts in them are UTF-16 with the
    /// low byte first, at any offset.
    pub(super) fn in_binary(bytes: &[u8]) -> Option<Needles> {
        static SOURCES: LazyLock<Wide> = LazyLock::new(|| Wide::new(&sight::needles().collect::<Vec<_>>(), &[]));
        static FAILURES: LazyLock<Wide> = LazyLock::new(|| Wide::new(&failure_words(), &NUMBERS));
        let low = [0, 1].map(|from| {
            let (units, _) = bytes.get(from..).unwrap_or_default().as_chunks::<2>();
            units.iter().map(|unit| unit[0]).collect()
        });
        if FAILURES.are_in(bytes, &low) {
            return Some(Needles::All);
        }
        SOURCES.are_in(bytes, &low).then_some(Needles::Sources)
    }

    /// Whether an event in UTF-8 that stands in `bytes` may matter.
    pub(super) fn are_in_text(self, bytes: &[u8]) -> bool {
        static SOURCES: LazyLock<Words> = LazyLock::new(|| Words::new(sight::needles()));
        static FAILURES: LazyLock<Words> = LazyLock::new(|| Words::new(failure_words()));
        SOURCES.are_in(bytes) || (self == Needles::All && FAILURES.are_in(bytes))
    }
}

/// What stands in every event that tells of a failure, whatever its source.
fn failure_words() -> Vec<&'static str> {
    wording::NEEDLES.iter().chain(wording::ENDS).copied().collect()
}

/// Words in UTF-16, and numbers.
///
/// Of a text every second byte is looked at, which nearly always tells its letters. The few words of fewer letters are
/// looked for as they stand, and so are numbers.
struct Wide {
    low: Words,
    whole: Words,
}

impl Wide {
    /// Fewer bytes stand by chance too often.
    const ENOUGH: usize = 4;

    fn new(words: &[&str], numbers: &[u32]) -> Wide {
        let units = words.iter().map(|word| word.encode_utf16().collect::<Vec<u16>>());
        let (long, short): (Vec<_>, Vec<_>) = units.partition(|units| units.len() >= Wide::ENOUGH);
        let texts = short.iter().map(|units| units.iter().flat_map(|unit| unit.to_le_bytes()).collect());
        Wide {
            low: Words::new(long.iter().map(|units| units.iter().map(|unit| *unit as u8).collect::<Vec<u8>>())),
            whole: Words::new(texts.chain(numbers.iter().map(|number| number.to_le_bytes().to_vec()))),
        }
    }

    /// Whether one of them stands in `bytes`, of which `low` are those at even and those at odd offsets.
    fn are_in(&self, bytes: &[u8], low: &[Vec<u8>; 2]) -> bool {
        self.whole.are_in(bytes) || low.iter().any(|low| self.low.are_in(low))
    }
}
