//! ZIP (PKWARE APPNOTE 6.3): ends with the end of central directory record (4.3.16), which says where the directory is.

use super::Sample;
use super::bytes::{little_endian, rfind};
use crate::observation::Content;

/// A local file header, or the end record of an archive without files.
pub(super) const MAGIC: &[&[u8]] = &[b"PK\x03\x04", b"PK\x05\x06"];

const END: &[u8] = b"PK\x05\x06";
const END_LENGTH: usize = 22;
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_LENGTH: usize = 20;
const END64: &[u8] = b"PK\x06\x06";
const END64_LENGTH: usize = 56;
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";
const DIRECTORY_ENTRY_LENGTH: u64 = 46;

/// The end record with the longest comment, and before it the records that ZIP64 adds.
pub(super) const FARTHEST_END: usize = END_LENGTH + 0xffff + LOCATOR_LENGTH + END64_LENGTH;

pub(super) fn check(sample: &Sample<'_>) -> Content {
    let mut junk_behind = false;
    let mut tail = sample.tail;
    while let Some(at) = rfind(tail, END) {
        match comment_end(sample.tail, at) {
            Some(end) if end == sample.tail.len() => {
                return if is_sound(sample, at) { Content::Complete } else { Content::Unknown };
            }
            // The archive's own end, not that of an archive within it: something was appended.
            Some(end) if end < sample.tail.len() && is_sound(sample, at) => junk_behind = true,
            _ => {}
        }
        tail = &tail[..at];
    }
    if junk_behind { Content::Unknown } else { Content::Incomplete }
}

/// Where the comment of the end record at `at` ends; `None` when the record itself is cut off.
fn comment_end(tail: &[u8], at: usize) -> Option<usize> {
    let comment = little_endian::<2>(tail, at + 20)?;
    Some(at + END_LENGTH + usize::try_from(comment).ok()?)
}

/// Whether the end record at `at` of the tail fits the file: one volume, and a directory that ends where it begins.
fn is_sound(sample: &Sample<'_>, at: usize) -> bool {
    directory(sample, at).is_some_and(|directory| {
        directory.start.checked_add(directory.length) == Some(directory.end)
            && directory.entries.checked_mul(DIRECTORY_ENTRY_LENGTH).is_some_and(|least| least <= directory.length)
            && (directory.length == 0
                || sample
                    .at(directory.start)
                    .is_none_or(|bytes| bytes.starts_with(DIRECTORY_ENTRY) || DIRECTORY_ENTRY.starts_with(bytes)))
    })
}

/// Where the records say the directory is, and where it must end.
struct Directory {
    entries: u64,
    start: u64,
    length: u64,
    end: u64,
}

fn directory(sample: &Sample<'_>, at: usize) -> Option<Directory> {
    let tail = sample.tail;
    let this_volume = little_endian::<2>(tail, at + 4)?;
    let directory_volume = little_endian::<2>(tail, at + 6)?;
    if this_volume != directory_volume || !matches!(this_volume, 0 | 0xffff) {
        return None;
    }
    if let Some(locator) = at.checked_sub(LOCATOR_LENGTH).filter(|locator| tail[*locator..].starts_with(LOCATOR)) {
        return directory64(sample, locator);
    }
    Some(Directory {
        entries: little_endian::<2>(tail, at + 10)?,
        length: little_endian::<4>(tail, at + 12)?,
        start: little_endian::<4>(tail, at + 16)?,
        end: sample.tail_start() + at as u64,
    })
}

/// The same by the ZIP64 records (4.3.14, 4.3.15), of which the locator is at `locator` of the tail.
fn directory64(sample: &Sample<'_>, locator: usize) -> Option<Directory> {
    let end = little_endian::<8>(sample.tail, locator + 8)?;
    let at = usize::try_from(end.checked_sub(sample.tail_start())?).ok()?;
    let record = sample.tail.get(at..locator).filter(|record| record.starts_with(END64))?;
    // The record's size field does not count the signature and itself.
    if little_endian::<8>(record, 4)?.checked_add(12) != Some(record.len() as u64) {
        return None;
    }
    Some(Directory {
        entries: little_endian::<8>(record, 32)?,
        length: little_endian::<8>(record, 40)?,
        start: little_endian::<8>(record, 48)?,
        end,
    })
}
