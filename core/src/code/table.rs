//! The code tables as they are in memory: few bytes a row and no pointers, because every library carries them whole.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use once_cell::race::OnceBox;

use super::{Cause, Entry};

/// What packed texts have one byte for, in order. What stands in them most often, found by joining again and again
/// the two parts that stood beside each other most often in the texts as they were packed so far.
const PARTS: &str = " is |, or |; Lockwait |ABLE|ACCESS|CONNE|DEVICE|DISK_|ED|ERROR|ERROR_|ERROR_CLOUD_FILE_|\
    INVALI|ION_|LOCKED|NAME|NETWORK_|ORTED|RE|REQUEST|STATUS_|STATUS_CLOUD_FILE_|STATUS_FILE_|TED|_FILE|_NOT_|a |\
    a folder|a part of |already |an|and |another |answer |are |cancelled|cannot |cannot be |cannot be reached|\
    d not |destination |does not |e |e is not |ected|ed|ed |er|er |er's |error|es |failed |file|file |file is |\
    file of that |files |folder|folder |for |has |in|in use|ing|ing |is not |it is |its |lock|lock |locked |\
    may not |memory|more |name|name is |network |no |no error: |not |on |one |onnec|open |or |out of |path is |\
    privilege|re|read|read or writ|refus|s |short of |somebody |somebody has |system|t |that |the |the cloud |\
    the cloud storage |the cloud storage program|the connec|the connection |the d|the devic|the device |the file|\
    the file |the file system|the file system |the name |the request |the server |the server is |the user |\
    the volume |there|this |time|tion|to |tries |volume|was ";

/// The byte of the first part; those below are themselves, but for [`END`] and [`SAME`].
const FIRST_PART: u8 = 0x80;
/// Ends a text.
const END: u8 = 0;
/// Stands for the text that the row whose number follows has in the same place.
const SAME: u8 = 1;

/// A table with its rows in order of value.
pub(super) struct Table {
    values: &'static [u32],
    causes: &'static [Cause],
    /// Each row's name and meaning, packed.
    packed: &'static [u8],
    /// The same as they are read, once somebody has asked.
    texts: OnceBox<Texts>,
}

/// Names and meanings, one after another, and where each begins.
struct Texts {
    all: String,
    starts: Vec<usize>,
}

/// A table out of entries. They are there while compiling only.
macro_rules! packed {
    ($entries:ident) => {{
        use $crate::code::Cause;
        use $crate::code::table::{Table, most_bytes, pack};
        const ROWS: usize = $entries.len();
        const LENGTH: usize = pack::<ROWS, { most_bytes($entries) }>($entries).3;
        const PACKED: ([u32; ROWS], [Cause; ROWS], [u8; LENGTH], usize) = pack($entries);
        static VALUES: [u32; ROWS] = PACKED.0;
        static CAUSES: [Cause; ROWS] = PACKED.1;
        static TEXTS: [u8; LENGTH] = PACKED.2;
        Table::new(&VALUES, &CAUSES, &TEXTS)
    }};
}
pub(super) use packed;

impl Table {
    pub(super) const fn new(values: &'static [u32], causes: &'static [Cause], packed: &'static [u8]) -> Table {
        Table { values, causes, packed, texts: OnceBox::new() }
    }

    pub(super) fn entries(&'static self) -> impl Iterator<Item = Entry> {
        (0..self.values.len()).filter_map(|row| self.entry(row))
    }

    /// The row for exactly `value`.
    pub(super) fn row(&self, value: u32) -> Option<usize> {
        self.values.binary_search(&value).ok()
    }

    pub(super) fn cause(&self, row: usize) -> Option<Cause> {
        self.causes.get(row).copied()
    }

    pub(super) fn entry(&'static self, row: usize) -> Option<Entry> {
        let texts = self.texts.get_or_init(|| Box::new(unpack(self.packed)));
        let value = *self.values.get(row)?;
        Some(Entry { value, name: texts.get(row * 2)?, cause: self.cause(row)?, meaning: texts.get(row * 2 + 1)? })
    }
}

impl Texts {
    fn get(&self, number: usize) -> Option<&str> {
        self.all.get(*self.starts.get(number)?..*self.starts.get(number + 1)?)
    }
}

fn unpack(packed: &[u8]) -> Texts {
    let parts: Vec<&str> = PARTS.split('|').collect();
    let mut texts = Texts { all: String::new(), starts: vec![0] };
    let mut bytes = packed.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            END => texts.starts.push(texts.all.len()),
            SAME => {
                let number = usize::from(bytes.next().unwrap_or_default()) * 2 + (texts.starts.len() - 1) % 2;
                let same = String::from(texts.get(number).unwrap_or_default());
                texts.all.push_str(&same);
            }
            _ => match byte.checked_sub(FIRST_PART) {
                Some(number) => texts.all.push_str(parts.get(usize::from(number)).copied().unwrap_or_default()),
                None => texts.all.push(char::from(byte)),
            },
        }
    }
    texts
}

/// At least as many bytes as [`pack`] needs for the texts.
pub(super) const fn most_bytes(entries: &[Entry]) -> usize {
    let (mut bytes, mut i) = (0, 0);
    while i < entries.len() {
        // No packed text is longer than itself and its end, or what stands for another row's.
        bytes += entries[i].name.len() + entries[i].meaning.len() + 6;
        i += 1;
    }
    bytes
}

/// Values and causes of the rows, their texts, and how many bytes of text there are.
pub(super) const fn pack<const ROWS: usize, const LENGTH: usize>(
    entries: &[Entry],
) -> ([u32; ROWS], [Cause; ROWS], [u8; LENGTH], usize) {
    assert!(ROWS <= 1 << 8, "a row's number is one byte");
    let (mut values, mut causes) = ([0; ROWS], [Cause::Unknown; ROWS]);
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
        used = add(&mut texts, used, name.as_bytes(), same_name, same_name < ROWS);
        used = add(&mut texts, used, meaning.as_bytes(), same_meaning, same_meaning < ROWS);
        (values[i], causes[i]) = (value, cause);
        i += 1;
    }
    (values, causes, texts, used)
}

/// Packs a text behind those that are there, or what says that it is the `same` row's; says how many bytes there are
/// then.
const fn add(texts: &mut [u8], mut used: usize, text: &[u8], same: usize, is_same: bool) -> usize {
    let mut at = 0;
    if is_same {
        (texts[used], texts[used + 1]) = (SAME, same as u8);
        (used, at) = (used + 2, text.len());
    }
    while at < text.len() {
        let (byte, length) = longest_part(text, at);
        texts[used] = byte;
        (used, at) = (used + 1, at + length);
    }
    texts[used] = END;
    used + 1
}

/// The longest part that `text` goes on with at `at`, or else its byte there; and how long that is.
const fn longest_part(text: &[u8], at: usize) -> (u8, usize) {
    let first = text[at];
    assert!(first > SAME && first < FIRST_PART, "the texts of the tables are ASCII");
    let (mut byte, mut longest) = (first, 1);
    let mut number = PLACES.first[first as usize];
    while number < PLACES.first[first as usize + 1] {
        let (start, end) = (PLACES.start[number], PLACES.start[number + 1] - 1);
        let mut length = 0;
        while start + length < end && at + length < text.len() && text[at + length] == PARTS.as_bytes()[start + length]
        {
            length += 1;
        }
        if start + length == end && length > longest {
            (byte, longest) = (FIRST_PART + number as u8, length);
        }
        number += 1;
    }
    (byte, longest)
}

/// Where the parts are.
struct Places {
    /// The number of the first part that begins with this byte or a later one.
    first: [usize; FIRST_PART as usize + 1],
    /// Where each part begins, and where one more would.
    start: [usize; (u8::MAX - FIRST_PART) as usize + 2],
}

const PLACES: Places = {
    let parts = PARTS.as_bytes();
    let mut places = Places { first: [0; FIRST_PART as usize + 1], start: [0; (u8::MAX - FIRST_PART) as usize + 2] };
    let (mut at, mut count, mut byte) = (0, 0, 0);
    while at < parts.len() {
        assert!(parts[at] as usize + 1 >= byte, "the parts are in order");
        while byte <= parts[at] as usize {
            places.first[byte] = count;
            byte += 1;
        }
        while at < parts.len() && parts[at] != b'|' {
            at += 1;
        }
        at += 1;
        count += 1;
        places.start[count] = at;
    }
    while byte < places.first.len() {
        places.first[byte] = count;
        byte += 1;
    }
    places
};

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
