//! How programs word a lock, in eleven languages and in numbers.
//!
//! Nothing here knows a format: what is given is the text of one record, of whatever log.

use std::ops::Range;
use std::sync::LazyLock;

use lockwait_core::code::Code;

mod automaton;
mod context;
mod flat;
mod keys;
mod looks;
mod paths;
mod search;
#[cfg(test)]
mod tests;

use automaton::Automaton;
pub(crate) use context::{ENDS, Omission, Retry, gives_up, holders, is_own_lock, omission, retry, succeeds};
use flat::Flat;
pub(crate) use keys::NEEDLES;
use keys::{FILE_WORDS, KEYS, Proof, VETOES};
pub(crate) use looks::Looks;
pub(crate) use search::{Found, Words};

/// A failed attempt that a text tells of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    /// What it failed with, in the domain that the text shows: `0xc0000043` is an NTSTATUS, `0x80070020` and the
    /// message in words are Win32, `EBUSY` is an errno.
    pub(crate) code: Code,
    /// The file that is locked, if the text names it. Of a rename, a move or a copy it is the one that the message
    /// itself names, else the source.
    pub(crate) path: Option<String>,
    /// The other file of a rename, a move or a copy.
    pub(crate) other: Option<String>,
    /// Whether it is a lock. Access denied is only one if it passes, which a retry marker lets expect.
    pub(crate) is_certain: bool,
}

/// A key, by its index, and where it stands.
type Hit = (usize, Range<usize>);

/// Longer texts are read up to here: about twice what an event of Windows can hold.
const LONGEST: usize = 128 << 10;

/// The paths in `text`, in their order.
pub(crate) fn files(text: &str) -> Vec<String> {
    let flat = Flat::new(cut(text, LONGEST));
    paths::all(&flat, &[]).into_iter().filter_map(|found| Some(flat.text.get(found.at)?.to_owned())).collect()
}

/// Every failure that the record `text` tells of: one a file, in the order of the text. Whatever it tells several
/// times over of one file — as a message and as a number, by a cause and by what it caused — is one failure.
pub(crate) fn find_all(text: &str) -> Vec<Failure> {
    let flat = Flat::new(cut(text, LONGEST));
    let hits = hits(&flat);
    if hits.is_empty() {
        return Vec::new();
    }
    let places: Vec<Range<usize>> = hits.iter().map(|(_, at)| at.clone()).collect();
    let paths = paths::all(&flat, &places);
    let mut told: Vec<(usize, Failure)> = Vec::new();
    for (rank, at) in hits.iter().map(|(rank, at)| (*rank, at.clone())) {
        let key = &KEYS[rank];
        let files = paths::choose(&flat, &paths, &at);
        if !holds(&flat, &(rank, at.clone()), files.path.is_some(), &hits) {
            continue;
        }
        let same = |other: &Failure| other.path == files.path || other.path.is_none() || files.path.is_none();
        match told.iter_mut().find(|(_, other)| same(other)) {
            Some((best, failure)) => {
                if failure.path.is_none() {
                    (failure.path, failure.other) = (files.path, files.other);
                }
                if rank < *best {
                    *best = rank;
                    failure.code = key.code;
                    failure.is_certain = key.proof != Proof::Possible;
                }
            }
            None => told.push((
                rank,
                Failure {
                    code: key.code,
                    path: files.path,
                    other: files.other,
                    is_certain: key.proof != Proof::Possible,
                },
            )),
        }
    }
    if told.iter().any(|(_, failure)| failure.is_certain) {
        told.retain(|(_, failure)| failure.is_certain);
    }
    told.into_iter().map(|(_, failure)| failure).collect()
}

/// The group of [`telling_words`] that stand in every text that tells of a failure, and in few others.
pub(crate) const FAILURE: usize = 0;

/// Those, and what stands in every text that tells of success or of giving up, and in many others.
pub(crate) fn telling_words() -> &'static Words {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(&[NEEDLES, &[context::SUCCESSES, ENDS].concat()]));
    &WORDS
}

/// `text` up to `length` bytes, or a little less where a character would be cut.
pub(crate) fn cut(text: &str, length: usize) -> &str {
    let mut end = length.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// So many keys of one text are looked at.
const MOST: usize = 256;

/// The keys in a text, by their index, with their places.
fn hits(flat: &Flat) -> Vec<Hit> {
    static ALL: LazyLock<Automaton> = LazyLock::new(|| Automaton::new(KEYS.iter().map(|key| key.text), true));
    let bytes = flat.text.as_bytes();
    let is_word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    ALL.find_iter(&flat.text)
        .filter(|found| {
            let text = KEYS[found.pattern().as_usize()].text.as_bytes();
            let runs_in = found.start() > 0 && is_word(found.start() - 1);
            let is_hex = bytes[..found.start()].ends_with(b"0x") || bytes[..found.start()].ends_with(b"0X");
            let ends_open = text.last().is_some_and(|last| last.is_ascii_digit() || last.is_ascii_uppercase());
            let is_part =
                (runs_in && !is_hex && text.first().is_some_and(u8::is_ascii)) || (ends_open && is_word(found.end()));
            !is_part
        })
        .map(|found| (found.pattern().as_usize(), found.range()))
        .take(MOST)
        .collect()
}

/// Whether a key means a lock where it stands.
fn holds(flat: &Flat, (rank, at): &Hit, has_path: bool, hits: &[Hit]) -> bool {
    let sentence = |before, after| around(&flat.text, at, before, after);
    if VETO.is_match(sentence(160, 160)) {
        return false;
    }
    match KEYS[*rank].proof {
        Proof::Alone | Proof::Possible => true,
        Proof::WithPath => has_path,
        Proof::OnWindows => {
            let is_message = |hit: &Hit| matches!(KEYS[hit.0].proof, Proof::OfFile | Proof::Alone);
            WINDOWS.is_match(&flat.text) || hits.iter().any(is_message) || has_drive(&flat.text)
        }
        Proof::OfFile => {
            let sentence = sentence(120, 60);
            FILE.is_match(sentence) || (has_path && !OTHER.is_match(sentence))
        }
    }
}

/// Whether a path of Windows stands in `text`.
fn has_drive(text: &str) -> bool {
    let is_path = |window: &[u8]| matches!(window, [b'A'..=b'Z' | b'a'..=b'z', b':', b'\\']);
    text.contains("\\\\") || text.as_bytes().windows(3).any(is_path)
}

/// So much of `text` before and after `at`.
fn around<'a>(text: &'a str, at: &Range<usize>, before: usize, after: usize) -> &'a str {
    let mut start = at.start.saturating_sub(before);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let end = cut(text, at.end.saturating_add(after)).len();
    &text[start..end]
}

static VETO: LazyLock<Automaton> = LazyLock::new(|| Automaton::new(VETOES, true));
static WINDOWS: LazyLock<Automaton> = LazyLock::new(|| Automaton::new(keys::WINDOWS_WORDS, false));
static FILE: LazyLock<Automaton> = LazyLock::new(|| Automaton::new(FILE_WORDS, false));
static OTHER: LazyLock<Automaton> = LazyLock::new(|| Automaton::new(keys::OTHER_WORDS, true));
