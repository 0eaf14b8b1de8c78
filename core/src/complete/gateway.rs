//! Headers of the GroupWise API Gateway: finished when their last line is `-END-`.

use super::bytes::{is_blank, text_start, trim_end};
use super::{Match, Sample};
use crate::observation::Content;

/// The keyword a header begins with, in any case.
const FIRST: &[u8] = b"WPC-API";
/// The line that ends a header, in any case.
const END: &[u8] = b"-END-";

pub(super) fn anywhere(head: &[u8]) -> bool {
    text_start(head)
        .split_at_checked(FIRST.len())
        .is_some_and(|(keyword, rest)| keyword.eq_ignore_ascii_case(FIRST) && rest.trim_ascii_start().starts_with(b"="))
}

/// Any text may be a header whose writer was careless. Other files called so, such as programs, are not text.
pub(super) fn named(head: &[u8]) -> Match {
    let strange = |byte: &u8| byte.is_ascii_control() && !is_blank(*byte);
    match text_start(head) {
        [] => Match::Maybe,
        [0, ..] => Match::No,
        text if text.iter().any(strange) => Match::No,
        _ => Match::Yes,
    }
}

pub(super) fn check(sample: &Sample<'_>) -> Content {
    if ends_with_end_line(sample.tail) { Content::Complete } else { Content::Incomplete }
}

/// Whether `bytes` begin with `-END-` and then nothing but blanks to the end of the line.
pub(crate) fn is_end_line(bytes: &[u8]) -> bool {
    bytes.split_at_checked(END.len()).is_some_and(|(line, rest)| {
        line.eq_ignore_ascii_case(END) && rest.iter().take_while(|byte| **byte != b'\n').all(|byte| is_blank(*byte))
    })
}

/// Whether the last line of `content` that has anything is `-END-`.
pub(crate) fn ends_with_end_line(content: &[u8]) -> bool {
    let content = trim_end(content);
    let start = content.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    content[start..].trim_ascii_start().eq_ignore_ascii_case(END)
}
