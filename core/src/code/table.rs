//! The code tables as they are in memory: few bytes a row and no pointers, because every library carries them whole.

use super::{Cause, Entry};

/// A table with its rows in order of value.
pub(super) struct Table {
    rows: &'static [Row],
    /// Names and meanings, one after another, each once.
    texts: &'static str,
}

/// One row: where its texts are.
#[derive(Clone, Copy)]
pub(super) struct Row {
    value: u32,
    name: Span,
    meaning: Span,
    cause: Cause,
}

/// A part of the texts.
#[derive(Clone, Copy)]
struct Span {
    start: u16,
    length: u8,
}

/// A table out of entries. They are there while compiling only.
macro_rules! packed {
    ($entries:expr) => {{
        use $crate::code::table::{Row, Table, most_bytes, pack};
        const ENTRIES: &[$crate::code::Entry] = $entries;
        const ROWS: usize = ENTRIES.len();
        const LENGTH: usize = pack::<ROWS, { most_bytes(ENTRIES) }>(ENTRIES).2;
        const PACKED: ([Row; ROWS], [u8; LENGTH], usize) = pack(ENTRIES);
        static PACKED_ROWS: [Row; ROWS] = PACKED.0;
        static TEXTS: [u8; LENGTH] = PACKED.1;
        Table::new(&PACKED_ROWS, &TEXTS)
    }};
}
pub(super) use packed;

impl Table {
    pub(super) const fn new(rows: &'static [Row], texts: &'static [u8]) -> Table {
        match core::str::from_utf8(texts) {
            Ok(texts) => Table { rows, texts },
            Err(_) => panic!("texts are made of texts"),
        }
    }

    pub(super) fn entries(&'static self) -> impl Iterator<Item = Entry> {
        self.rows.iter().map(|row| self.entry(row))
    }

    /// The row for exactly `value`.
    pub(super) fn find(&'static self, value: u32) -> Option<Entry> {
        let at = self.rows.binary_search_by_key(&value, |row| row.value).ok()?;
        self.rows.get(at).map(|row| self.entry(row))
    }

    fn entry(&'static self, row: &Row) -> Entry {
        let text = |span: Span| {
            let start = usize::from(span.start);
            self.texts.get(start..start + usize::from(span.length)).unwrap_or_default()
        };
        Entry { value: row.value, name: text(row.name), cause: row.cause, meaning: text(row.meaning) }
    }
}

/// At least as many bytes as [`pack`] needs for the texts.
pub(super) const fn most_bytes(entries: &[Entry]) -> usize {
    let (mut bytes, mut i) = (0, 0);
    while i < entries.len() {
        bytes += entries[i].name.len() + entries[i].meaning.len();
        i += 1;
    }
    bytes
}

/// The rows, the texts, and how many bytes of text there are.
pub(super) const fn pack<const ROWS: usize, const LENGTH: usize>(
    entries: &[Entry],
) -> ([Row; ROWS], [u8; LENGTH], usize) {
    const NOWHERE: Span = Span { start: 0, length: 0 };
    let mut rows = [Row { value: 0, name: NOWHERE, meaning: NOWHERE, cause: Cause::Unknown }; ROWS];
    let (mut texts, mut used, mut i) = ([0; LENGTH], 0, 0);
    while i < ROWS {
        let Entry { value, name, cause, meaning } = entries[i];
        // A text that an earlier row has is there already.
        let (mut same_name, mut same_meaning, mut j) = (ROWS, ROWS, 0);
        while j < i {
            if equal(entries[j].name, name) {
                same_name = j;
            }
            if equal(entries[j].meaning, meaning) {
                same_meaning = j;
            }
            j += 1;
        }
        let name = if same_name < ROWS { rows[same_name].name } else { add(&mut texts, &mut used, name) };
        let meaning =
            if same_meaning < ROWS { rows[same_meaning].meaning } else { add(&mut texts, &mut used, meaning) };
        rows[i] = Row { value, name, meaning, cause };
        i += 1;
    }
    (rows, texts, used)
}

/// Adds a text behind those that are there.
const fn add(texts: &mut [u8], used: &mut usize, text: &str) -> Span {
    let start = *used;
    assert!(start + text.len() <= u16::MAX as usize && text.len() <= u8::MAX as usize, "a table's texts are too long");
    let mut i = 0;
    while i < text.len() {
        texts[start + i] = text.as_bytes()[i];
        i += 1;
    }
    *used += text.len();
    Span { start: start as u16, length: text.len() as u8 }
}

const fn equal(a: &str, b: &str) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a.as_bytes()[i] != b.as_bytes()[i] {
            return false;
        }
        i += 1;
    }
    true
}
