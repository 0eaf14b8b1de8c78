//! PDF (ISO 32000-1): ends with `startxref`, the offset of the last cross-reference section, and `%%EOF` (7.5.5).

use super::Sample;
use super::bytes::{find, is_blank, number, rfind, trim_end};
use crate::observation::Content;

pub(super) const MAGIC: &[&[u8]] = &[b"%PDF-"];

pub(super) fn check(sample: &Sample<'_>) -> Content {
    // A linearized file ends its first part, too, with %%EOF, but says how long it is as a whole (annex F).
    if linearized_length(sample.head).is_some_and(|length| length > sample.length) {
        return Content::Incomplete;
    }
    let Some(mark) = rfind(sample.tail, b"%%EOF") else { return Content::Incomplete };
    // Behind the mark: junk, or an update that is being appended.
    if !sample.tail[mark + 5..].iter().all(|byte| is_blank(*byte)) {
        return Content::Unknown;
    }
    if points_to_cross_references(sample, trim_end(&sample.tail[..mark])) {
        Content::Complete
    } else {
        Content::Unknown
    }
}

/// Whether `before`, the tail up to `%%EOF`, ends with `startxref` and an offset that can be right.
fn points_to_cross_references(sample: &Sample<'_>, before: &[u8]) -> bool {
    let keyword = b"startxref";
    let Some(at) = rfind(before, keyword) else { return false };
    let Some((offset, [])) = number(before[at + keyword.len()..].trim_ascii_start()) else { return false };
    // A section is a table, which begins with `xref`, or a stream object, which begins with its number.
    let section = |bytes: &[u8]| bytes.starts_with(b"xref") || bytes.first().is_some_and(u8::is_ascii_digit);
    (1..sample.tail_start() + at as u64).contains(&offset)
        && sample.at(offset).is_none_or(|bytes| section(bytes.trim_ascii_start()))
}

/// `/L` of the linearization dictionary, which is in the first 1,024 bytes.
fn linearized_length(head: &[u8]) -> Option<u64> {
    let head = &head[..head.len().min(1_024)];
    let dictionary = &head[find(head, b"/Linearized")?..];
    let dictionary = &dictionary[..find(dictionary, b">>").unwrap_or(dictionary.len())];
    let key = dictionary.windows(3).position(|window| window.starts_with(b"/L") && window[2].is_ascii_whitespace())?;
    number(dictionary[key + 2..].trim_ascii_start()).map(|(length, _)| length)
}
