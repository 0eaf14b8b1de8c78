//! Electronic data interchange: ASC X12 (`ISA` … `IEA`) and UN/EDIFACT (`UNB` … `UNZ`, ISO 9735).
//!
//! An interchange ends with a trailer that repeats the control number of its header.

use super::bytes::{text_start, trim_end};
use super::{Match, Sample};
use crate::observation::Content;

/// How an interchange is written.
struct Syntax {
    /// Ends a segment.
    terminator: u8,
    /// Stands between the elements of a segment.
    separator: u8,
    /// Takes the meaning from the character after it.
    release: Option<u8>,
    header: &'static [u8],
    /// Which element of the header is the control number.
    header_control: usize,
    trailer: &'static [u8],
    /// Which element of the trailer repeats it.
    trailer_control: usize,
    /// What an interchange begins with: its header, or a segment before it that says how it is written.
    advice: &'static [u8],
}

/// The `ISA` segment has fixed widths: these are the places of its separators, and it is 106 bytes long.
const ISA_SEPARATORS: [usize; 16] = [3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];
const ISA_TERMINATOR: usize = 105;

pub(super) fn x12_named(head: &[u8]) -> Match {
    let head = text_start(head);
    let Some(separator) = head.get(3) else {
        return if b"ISA".starts_with(head) { Match::Maybe } else { Match::No };
    };
    let fits = head.starts_with(b"ISA")
        && !separator.is_ascii_alphanumeric()
        && *separator != b' '
        && ISA_SEPARATORS.iter().all(|at| head.get(*at).is_none_or(|byte| byte == separator));
    match head.get(ISA_TERMINATOR) {
        _ if !fits => Match::No,
        None => Match::Maybe,
        Some(terminator) if terminator.is_ascii_alphanumeric() => Match::No,
        Some(_) => Match::Yes,
    }
}

pub(super) fn x12(sample: &Sample<'_>) -> Content {
    let head = text_start(sample.head);
    let (Some(separator), Some(terminator)) = (head.get(3), head.get(ISA_TERMINATOR)) else { return Content::Unknown };
    let syntax = Syntax {
        terminator: *terminator,
        separator: *separator,
        release: None,
        header: b"ISA",
        header_control: 13,
        trailer: b"IEA",
        trailer_control: 2,
        advice: b"ISA",
    };
    syntax.check(head, sample)
}

pub(super) fn edifact_named(head: &[u8]) -> Match {
    let head = text_start(head);
    let (advised, rest) = match head.strip_prefix(b"UNA") {
        Some(advice) => (advice.get(..6), advice.get(6..).map(text_start)),
        None => (Some(&b":+.? '"[..]), Some(head)),
    };
    let (Some([_, separator, ..]), Some(rest)) = (advised, rest) else { return Match::Maybe };
    if advised.is_some_and(|advice| advice.iter().any(u8::is_ascii_alphanumeric)) {
        return Match::No;
    }
    match rest {
        [b'U', b'N', b'B', byte, ..] if byte == separator => Match::Yes,
        short if short.len() < 4 && (b"UNB".starts_with(short) || b"UNA".starts_with(short)) => Match::Maybe,
        _ => Match::No,
    }
}

pub(super) fn edifact(sample: &Sample<'_>) -> Content {
    let head = text_start(sample.head);
    // Service string advice: component separator, element separator, decimal mark, release, reserved, terminator.
    let (advice, start) = match head.strip_prefix(b"UNA").and_then(|rest| rest.split_at_checked(6)) {
        Some((advice, rest)) => (advice, text_start(rest)),
        None => (&b":+.? '"[..], head),
    };
    let [_, separator, _, release, _, terminator] = advice else { return Content::Unknown };
    let syntax = Syntax {
        terminator: *terminator,
        separator: *separator,
        release: Some(*release).filter(|release| *release != b' '),
        header: b"UNB",
        header_control: 5,
        trailer: b"UNZ",
        trailer_control: 2,
        advice: b"UNA",
    };
    syntax.check(start, sample)
}

impl Syntax {
    /// Judges by the segments of the tail; `head` begins with the file's first header.
    fn check(&self, head: &[u8], sample: &Sample<'_>) -> Content {
        // The control number of the header that a trailer must close.
        let mut control =
            self.split(head, self.terminator).next().and_then(|segment| self.control(segment, self.header_control));
        // What the last trailer says, unless another header follows it.
        let mut closed = None;
        // Of a tail that is not the whole file, the first segment may lack its beginning.
        let mut segments =
            self.split(sample.tail, self.terminator).skip(usize::from(sample.whole().is_none())).peekable();
        while let Some(segment) = segments.next() {
            let segment = trim_end(text_start(segment));
            let terminated = segments.peek().is_some();
            if segment.is_empty() {
                continue;
            } else if !terminated {
                return match closed {
                    Some(_) if !self.begins_interchange(segment) => Content::Unknown,
                    _ => Content::Incomplete,
                };
            } else if self.is(segment, self.header) {
                (control, closed) = (self.control(segment, self.header_control), None);
            } else if self.is(segment, self.trailer) {
                let same = control.is_some() && self.control(segment, self.trailer_control) == control;
                closed = Some(if same { Content::Complete } else { Content::Unknown });
            } else if closed.is_some() && !segment.starts_with(self.advice) {
                closed = Some(Content::Unknown);
            }
        }
        closed.unwrap_or(Content::Incomplete)
    }

    /// Whether an unfinished segment may be the beginning of the next interchange.
    fn begins_interchange(&self, segment: &[u8]) -> bool {
        [self.header, self.advice].iter().any(|tag| segment.starts_with(tag) || tag.starts_with(segment))
    }

    fn is(&self, segment: &[u8], tag: &[u8]) -> bool {
        segment.strip_prefix(tag).is_some_and(|rest| rest.first() == Some(&self.separator))
    }

    fn control<'a>(&self, segment: &'a [u8], element: usize) -> Option<&'a [u8]> {
        self.split(segment, self.separator).nth(element).map(<[u8]>::trim_ascii).filter(|control| !control.is_empty())
    }

    /// The parts of `bytes` between marks that are not released.
    fn split<'a>(&self, bytes: &'a [u8], mark: u8) -> impl Iterator<Item = &'a [u8]> {
        let release = self.release;
        let mut released = false;
        bytes.split(move |byte| {
            let is_mark = !released && *byte == mark;
            released = !released && Some(*byte) == release;
            is_mark
        })
    }
}
