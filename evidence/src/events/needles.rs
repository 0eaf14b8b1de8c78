//! Which bytes of a log may be of an event about a file.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::sight;
use crate::wording;

/// Codes as numbers of 32 bits, which events carry as typed values and in binary data: sharing violation, lock
/// conflict, lock not granted, and the HRESULTs of errors 32 and 33.
pub(super) const NUMBERS: [u32; 5] = [0xc000_0043, 0xc000_0054, 0xc000_0055, 0x8007_0020, 0x8007_0021];

/// Whether an event in UTF-8 that stands in `bytes` may matter.
pub(super) fn are_in_text(bytes: &[u8]) -> bool {
    static OWN: LazyLock<AhoCorasick> = LazyLock::new(|| {
        automaton(sight::needles().chain(wording::ENDS.iter().copied()).map(|text| text.as_bytes().to_vec()))
    });
    wording::next(bytes, 0, false).is_some() || OWN.is_match(bytes)
}

/// Whether an event in one of Windows' own formats that stands in `bytes` may matter: texts in it are UTF-16 with the
/// low byte first, at any offset.
pub(super) fn are_in_binary(bytes: &[u8]) -> bool {
    static ALL: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let words = sight::needles().chain(wording::NEEDLES.iter().chain(wording::ENDS).copied());
        let texts = words.map(|text| text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        automaton(texts.chain(NUMBERS.map(|number| number.to_le_bytes().to_vec())))
    });
    ALL.is_match(bytes)
}

/// A table of states and nothing before it: a search for rare bytes first would stop at every zero of UTF-16.
fn automaton(needles: impl Iterator<Item = Vec<u8>>) -> AhoCorasick {
    let mut builder = AhoCorasick::builder();
    builder.prefilter(false).kind(Some(AhoCorasickKind::DFA)).build(needles).expect("a hundred short needles")
}
