//! A chunk of an `.evtx` file, as far as it can be read without decoding its events (libevtx's description of the
//! format).

use std::collections::BTreeSet;
use std::ops::Range;

use evtx::checksum_ieee;
use lockwait_core::time::Timestamp;
use memchr::memmem;

/// How long a chunk is.
pub(super) const CHUNK: usize = 0x1_0000;
const HEADER: usize = 512;
const RECORD_HEADER: usize = 24;
const SIGNATURE: &[u8; 4] = b"\x2a\x2a\0\0";
/// Where the header says where the first templates are: so many offsets.
const TEMPLATES: (usize, usize) = (384, 32);
/// The next template, an identifier, and how long the definition is that follows.
const TEMPLATE_HEADER: usize = 24;
/// What a record begins with that is one template and its values: a fragment's header and the template's token.
const INSTANCE: [u8; 5] = [0x0f, 1, 1, 0, 0x0c];
/// Behind that, and 5 bytes more, is the place of the template.
const INSTANCE_TEMPLATE: usize = RECORD_HEADER + 10;
/// Microseconds from 1601, where Windows begins to count, to 1970.
const TO_1970: u64 = 11_644_473_600_000_000;

/// A chunk that is as its checksums say, and in which every record lies where it should.
pub(super) struct Chunk<'a> {
    bytes: &'a [u8],
    /// Where its records are, one behind the other.
    records: Vec<Range<usize>>,
    /// When the latest record was written.
    pub(super) latest: Timestamp,
}

/// The number of the first record in a chunk.
pub(super) fn first_number(chunk: &[u8]) -> Option<u64> {
    long(chunk, 24)
}

impl<'a> Chunk<'a> {
    /// The chunk in `bytes`, if it is such a one.
    pub(super) fn intact(bytes: &'a [u8]) -> Option<Chunk<'a>> {
        let end = word(bytes, 48)? as usize;
        let (header, records) = (bytes.get(..HEADER)?, bytes.get(HEADER..end)?);
        // The header's checksum leaves out the flags and itself.
        let covered = [&header[..120], &header[128..]].concat();
        if bytes[..8] != *b"ElfChnk\0"
            || word(bytes, 124)? != checksum_ieee(&covered)
            || word(bytes, 52)? != checksum_ieee(records)
        {
            return None;
        }
        let (first, last, last_at) = (first_number(bytes)?, long(bytes, 32)?, word(bytes, 44)? as usize);
        let (mut at, mut latest, mut records) = (HEADER, 0, Vec::new());
        while at < end {
            let (length, number) = (word(bytes, at + 4)? as usize, long(bytes, at + 8)?);
            let is_whole = bytes.get(at..at + 4)? == SIGNATURE
                && length >= RECORD_HEADER + 4
                && length <= end - at
                && word(bytes, at + length - 4)? as usize == length
                && (first..=last).contains(&number)
                && at <= last_at;
            if !is_whole {
                return None;
            }
            latest = latest.max(long(bytes, at + 16)?);
            records.push(at..at + length);
            if number == last {
                break;
            }
            at += length;
        }
        Some(Chunk { bytes, records, latest: Timestamp((latest / 10).saturating_sub(TO_1970)) })
    }

    /// How many records there are.
    pub(super) fn count(&self) -> u64 {
        self.records.len() as u64
    }

    /// Which records have something that stands at one of the places `hits`: in themselves, or in a template of theirs.
    pub(super) fn with(&self, mut hits: Vec<usize>) -> Vec<bool> {
        hits.sort_unstable();
        let has_one = |range: &Range<usize>| {
            let first = hits.partition_point(|hit| *hit < range.start);
            hits.get(first).is_some_and(|hit| *hit < range.end)
        };
        let mut wanted: Vec<bool> = self.records.iter().map(has_one).collect();
        let templates = self.templates();
        // Templates that have one, and of those the ones whose users were not looked for yet.
        let mut open: Vec<usize> = templates.iter().filter(|range| has_one(range)).map(|range| range.start).collect();
        let mut found: BTreeSet<usize> = open.iter().copied().collect();
        // They do not overlap, and few have anything; to look for more would be more work than decoding.
        let length: usize = templates.iter().map(Range::len).sum();
        while let Some(template) = open.pop() {
            if found.len() > TEMPLATES.1 || length > self.bytes.len() {
                return vec![true; self.records.len()];
            }
            // Whoever uses a template, a record or another template, has its place somewhere in its bytes.
            let place = (template as u32).to_le_bytes();
            let finder = memmem::Finder::new(&place);
            let uses = |range: &Range<usize>| finder.find(&self.bytes[range.clone()]).is_some();
            self.records.iter().zip(&mut wanted).for_each(|(record, wanted)| *wanted |= uses(record));
            let users = templates.iter().filter(|range| uses(range)).map(|range| range.start);
            open.extend(users.filter(|user| found.insert(*user)));
        }
        wanted
    }

    /// The templates: those that the header knows, and those that records say they are made of.
    fn templates(&self) -> Vec<Range<usize>> {
        let mut starts = BTreeSet::new();
        for bucket in 0..TEMPLATES.1 {
            let mut next = word(self.bytes, TEMPLATES.0 + 4 * bucket);
            // The next one's place stands at the beginning.
            while let Some(at) = next.filter(|at| *at != 0 && starts.insert(*at)) {
                next = word(self.bytes, at as usize);
            }
        }
        for record in &self.records {
            if self.bytes[record.start + RECORD_HEADER..].starts_with(&INSTANCE) {
                starts.extend(word(self.bytes, record.start + INSTANCE_TEMPLATE));
            }
        }
        let range = |at: u32| {
            let at = at as usize;
            let body = at.checked_add(TEMPLATE_HEADER)?;
            let length = word(self.bytes, body - 4)? as usize;
            Some(at..body.saturating_add(length).min(self.bytes.len()))
        };
        starts.into_iter().filter_map(range).collect()
    }

    /// Whether a record that begins at `at` is one of the `wanted`.
    pub(super) fn is_one(&self, at: u64, wanted: &[bool]) -> bool {
        self.records.binary_search_by_key(&at, |record| record.start as u64).is_ok_and(|index| wanted[index])
    }

    /// The chunk with the records that are not `wanted` made unknown. What they have that others use is still there.
    pub(super) fn only(&self, wanted: &[bool]) -> Vec<u8> {
        let mut bytes = self.bytes.to_vec();
        for (record, _) in self.records.iter().zip(wanted).filter(|(_, wanted)| !**wanted) {
            bytes[record.start..record.start + SIGNATURE.len()].fill(0);
        }
        bytes
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|eight| u64::from_le_bytes(*eight))
}
