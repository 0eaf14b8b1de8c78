//! Does this content prove its own end?
//!
//! A format that states its own length or closes with a mark of its own can say that a file is finished, whatever its
//! lock says. [`check`] never guesses: [`Content::Complete`] needs the format's own end, [`Content::Incomplete`] needs
//! that end to be missing, and everything else is [`Content::Unknown`].
//!
//! Files that are whole at several lengths (a PDF with appended updates, several interchanges in one file) are complete
//! at each of them.

use crate::observation::Content;

mod bytes;
mod edi;
mod gateway;
mod image;
mod json;
mod pdf;
mod xml;
mod zip;

pub(crate) use bytes::is_blank;
pub(crate) use gateway::{ends_with_end_line, is_end_line};

/// What a host has read of a file: both ends and the length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample<'a> {
    /// The file's length in bytes.
    pub length: u64,
    /// Its first bytes; the whole content where that is short.
    pub head: &'a [u8],
    /// Its last bytes; may be the whole content too.
    pub tail: &'a [u8],
}

/// How much of both ends of a file [`check`] needs, in bytes. A shorter file is read whole.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Wanted {
    /// From the beginning.
    pub head: usize,
    /// Up to the end.
    pub tail: usize,
}

/// What the beginning of a file says about one format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Match {
    /// It is of this format.
    Yes,
    /// It is too short to tell, and may become so.
    Maybe,
    /// It is not.
    No,
}

/// One format that proves its own end.
struct Format {
    /// Extensions in lower case, without the dot, blanks between them.
    extensions: &'static str,
    /// Whether the beginning is of this format whatever the file is called.
    anywhere: fn(&[u8]) -> bool,
    /// Whether the beginning is of this format, the file being called so.
    named: fn(&[u8]) -> Match,
    wanted: Wanted,
    /// The judgement on a content of this format. [`Content::Incomplete`] counts only if the sample is as wanted.
    check: fn(&Sample<'_>) -> Content,
}

/// Bytes of the beginning that decide on the format; the X12 header is the longest that must be seen whole.
const SNIFF: usize = 128;
/// Bytes up to which formats that can only be judged as a whole are read whole.
const WHOLE: usize = 256 * 1_024;
/// Bytes of the end in which a closing mark is looked for.
const END: usize = 4_096;

static FORMATS: [Format; 10] = [
    Format {
        extensions: "api",
        anywhere: gateway::anywhere,
        named: gateway::named,
        wanted: Wanted { head: SNIFF, tail: END },
        check: gateway::check,
    },
    Format {
        extensions: "pdf",
        anywhere: |head| literal(head, pdf::MAGIC) == Match::Yes,
        named: |head| literal(head, pdf::MAGIC),
        wanted: Wanted { head: 1_024, tail: END },
        check: pdf::check,
    },
    Format {
        extensions: "zip docx xlsx pptx odt ods odp epub jar",
        anywhere: |head| literal(head, zip::MAGIC) == Match::Yes,
        named: |head| literal(head, zip::MAGIC),
        wanted: Wanted { head: SNIFF, tail: zip::FARTHEST_END },
        check: zip::check,
    },
    Format {
        extensions: "png",
        anywhere: |head| literal(head, image::PNG) == Match::Yes,
        named: |head| literal(head, image::PNG),
        wanted: Wanted { head: SNIFF, tail: END },
        check: image::png,
    },
    Format {
        extensions: "jpg jpeg jpe",
        anywhere: |head| literal(head, image::JPEG) == Match::Yes,
        named: |head| literal(head, image::JPEG),
        wanted: Wanted { head: 128 * 1_024, tail: END },
        check: image::jpeg,
    },
    Format {
        extensions: "gif",
        anywhere: |head| literal(head, image::GIF) == Match::Yes,
        named: |head| literal(head, image::GIF),
        wanted: Wanted { head: WHOLE, tail: 64 },
        check: image::gif,
    },
    Format {
        extensions: "xml xsd xsl xslt wsdl svg rss atom kml gpx",
        anywhere: xml::anywhere,
        named: xml::named,
        wanted: Wanted { head: WHOLE, tail: END },
        check: xml::check,
    },
    Format {
        extensions: "json geojson har ipynb webmanifest",
        anywhere: |_| false,
        named: json::named,
        wanted: Wanted { head: WHOLE, tail: END },
        check: json::check,
    },
    Format {
        extensions: "x12 edi 837 835 850 810 856",
        anywhere: |head| edi::x12_named(head) == Match::Yes,
        named: edi::x12_named,
        wanted: Wanted { head: SNIFF, tail: END },
        check: edi::x12,
    },
    Format {
        extensions: "edifact edi edf",
        anywhere: |head| edi::edifact_named(head) == Match::Yes,
        named: edi::edifact_named,
        wanted: Wanted { head: 1_024, tail: END },
        check: edi::edifact,
    },
];

/// How much of both ends [`check`] needs of a file called `name` that begins with `head`.
///
/// With an empty `head` the answer goes by the name; ask again with the bytes read, because the content may be of
/// another format than the name says. Nothing at all is wanted of a content that no format recognises.
pub fn wanted(name: &[u8], head: &[u8]) -> Wanted {
    match find(name, head) {
        Some((format, _)) => format.wanted,
        None if head.is_empty() => Wanted { head: SNIFF, tail: 0 },
        None => Wanted::default(),
    }
}

/// Whether the content of a file called `name` proves its own end.
///
/// Less of the content than [`wanted`] is accepted; then a missing end proves nothing.
pub fn check(name: &[u8], content: &Sample<'_>) -> Content {
    let sample = content.consistent();
    match find(name, sample.head) {
        Some((format, Match::Yes)) => match (format.check)(&sample) {
            Content::Incomplete if !sample.has(format.wanted) => Content::Unknown,
            content => content,
        },
        Some((_, Match::Maybe)) if sample.whole().is_some() => Content::Incomplete,
        _ => Content::Unknown,
    }
}

/// The format of a content that begins with `head`: the one that its bytes show, else the one that its name says.
fn find(name: &[u8], head: &[u8]) -> Option<(&'static Format, Match)> {
    let extension = name.rsplit(|byte| *byte == b'.').next().filter(|extension| extension.len() < name.len());
    let named = |format: &&Format| {
        extension
            .is_some_and(|given| format.extensions.split(' ').any(|known| given.eq_ignore_ascii_case(known.as_bytes())))
    };
    FORMATS.iter().find(|format| (format.anywhere)(head)).map(|format| (format, Match::Yes)).or_else(|| {
        let candidates = || FORMATS.iter().filter(named).map(|format| (format, (format.named)(head)));
        candidates()
            .find(|(_, fits)| *fits == Match::Yes)
            .or_else(|| candidates().find(|(_, fits)| *fits == Match::Maybe))
    })
}

/// Whether `head` begins with one of `magics`, or is the beginning of one.
fn literal(head: &[u8], magics: &[&[u8]]) -> Match {
    if magics.iter().any(|magic| head.starts_with(magic)) {
        Match::Yes
    } else if magics.iter().any(|magic| magic.starts_with(head)) {
        Match::Maybe
    } else {
        Match::No
    }
}

impl<'a> Sample<'a> {
    /// A sample that is the whole content.
    pub fn of(content: &'a [u8]) -> Sample<'a> {
        Sample { length: content.len() as u64, head: content, tail: content }
    }

    /// The same with neither end longer than the file, and both ends whole if one is.
    fn consistent(&self) -> Sample<'a> {
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        let head = &self.head[..self.head.len().min(length)];
        let tail = &self.tail[self.tail.len().saturating_sub(length)..];
        if head.len() == length {
            Sample { length: self.length, head, tail: head }
        } else if tail.len() == length {
            Sample { length: self.length, head: tail, tail }
        } else {
            Sample { length: self.length, head, tail }
        }
    }

    /// The whole content, if the sample has it.
    fn whole(&self) -> Option<&'a [u8]> {
        (self.head.len() as u64 == self.length).then_some(self.head)
    }

    /// Where in the file the tail begins.
    fn tail_start(&self) -> u64 {
        self.length - self.tail.len() as u64
    }

    /// The bytes of the file from `offset`, as far as one end has them.
    fn at(&self, offset: u64) -> Option<&'a [u8]> {
        let from = |bytes: &'a [u8], start: u64| {
            let offset = usize::try_from(offset.checked_sub(start)?).ok()?;
            bytes.get(offset..).filter(|bytes| !bytes.is_empty())
        };
        from(self.tail, self.tail_start()).or_else(|| from(self.head, 0))
    }

    fn has(&self, wanted: Wanted) -> bool {
        let enough = |bytes: &[u8], wanted: usize| bytes.len() as u64 >= self.length.min(wanted as u64);
        enough(self.head, wanted.head) && enough(self.tail, wanted.tail)
    }
}

#[cfg(test)]
mod tests;
