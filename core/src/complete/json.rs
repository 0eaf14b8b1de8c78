//! JSON (RFC 8259): ends when every bracket is closed. Only objects and arrays; a bare number has no end of its own.

use alloc::vec::Vec;

use super::bytes::{text_start, trim_end};
use super::{Match, Sample};
use crate::observation::Content;

pub(super) fn named(head: &[u8]) -> Match {
    match text_start(head) {
        [] => Match::Maybe,
        [b'{' | b'[', ..] => Match::Yes,
        _ => Match::No,
    }
}

pub(super) fn check(sample: &Sample<'_>) -> Content {
    match sample.whole() {
        Some(content) => scan(text_start(content)),
        // The ends cannot tell the last bracket from an inner one, but they can tell that there is none.
        None => match (text_start(sample.head).first(), trim_end(sample.tail).last()) {
            (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')) => Content::Unknown,
            _ => Content::Incomplete,
        },
    }
}

fn scan(content: &[u8]) -> Content {
    let mut open = Vec::new();
    let mut values = 0;
    let mut bytes = content.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => {
                if open.pop() != Some(*byte) {
                    return Content::Unknown;
                }
                values += usize::from(open.is_empty());
            }
            b'"' if !open.is_empty() => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => {
                            bytes.next();
                        }
                        _ => {}
                    }
                    if bytes.as_slice().is_empty() {
                        return Content::Incomplete;
                    }
                }
            }
            other if open.is_empty() && !super::is_blank(*other) => return Content::Unknown,
            _ => {}
        }
    }
    match (open.is_empty(), values) {
        (false, _) => Content::Incomplete,
        (true, 1) => Content::Complete,
        // One value after another: nothing says which is the last.
        (true, _) => Content::Unknown,
    }
}
