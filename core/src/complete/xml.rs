//! XML 1.0: ends when its one root element is closed; only blanks, comments and processing instructions may follow.
//!
//! Byte-oriented encodings only, among them UTF-8; UTF-16 is not recognised.

use super::bytes::{find, is_blank, rfind, text_start, trim_end};
use super::{Match, Sample};
use crate::observation::Content;

pub(super) fn anywhere(head: &[u8]) -> bool {
    text_start(head).starts_with(b"<?xml")
}

pub(super) fn named(head: &[u8]) -> Match {
    match text_start(head) {
        [] => Match::Maybe,
        [b'<'] => Match::Maybe,
        [b'<', b'?' | b'!' | b'_' | b':' | b'A'..=b'Z' | b'a'..=b'z' | 0x80.., ..] => Match::Yes,
        _ => Match::No,
    }
}

pub(super) fn check(sample: &Sample<'_>) -> Content {
    match sample.whole() {
        Some(content) => whole(text_start(content)),
        None => ends(text_start(sample.head), sample.tail),
    }
}

/// A piece of markup and how many bytes it is long.
enum Markup<'a> {
    /// A start tag's name.
    Open(&'a [u8]),
    /// An end tag's name.
    Close(&'a [u8]),
    /// `<name/>`.
    Empty(&'a [u8]),
    /// A comment, a processing instruction, a declaration, a CDATA section.
    Other,
}

/// The markup that `bytes` begin with, and its length; `None` where it is cut off.
fn markup(bytes: &[u8]) -> Option<(Markup<'_>, usize)> {
    let until = |opening: usize, end: &[u8]| find(bytes.get(opening..)?, end).map(|at| opening + at + end.len());
    if bytes.starts_with(b"<!--") {
        until(4, b"-->").map(|length| (Markup::Other, length))
    } else if bytes.starts_with(b"<![CDATA[") {
        until(9, b"]]>").map(|length| (Markup::Other, length))
    } else if bytes.starts_with(b"<?") {
        until(2, b"?>").map(|length| (Markup::Other, length))
    } else if bytes.starts_with(b"<!") {
        declaration(bytes).map(|length| (Markup::Other, length))
    } else if let Some(rest) = bytes.strip_prefix(b"</") {
        until(2, b">").map(|length| (Markup::Close(name(rest)), length))
    } else {
        let length = tag(bytes)?;
        let name = name(&bytes[1..length]);
        Some((if bytes[length - 2] == b'/' { Markup::Empty(name) } else { Markup::Open(name) }, length))
    }
}

/// How long a start tag is: to the first `>` outside quotes.
fn tag(bytes: &[u8]) -> Option<usize> {
    let mut quote = None;
    bytes
        .iter()
        .position(|byte| {
            match (quote, byte) {
                (None, b'"' | b'\'') => quote = Some(*byte),
                (Some(open), byte) if open == *byte => quote = None,
                _ => {}
            }
            quote.is_none() && *byte == b'>'
        })
        .map(|at| at + 1)
}

/// How long a document type declaration is: to the first `>` outside quotes, brackets, comments and instructions.
fn declaration(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut brackets) = (2, 0usize);
    loop {
        let rest = bytes.get(at..)?;
        at += match rest.first()? {
            b'>' if brackets == 0 => return Some(at + 1),
            b'[' => {
                brackets += 1;
                1
            }
            b']' => {
                brackets = brackets.saturating_sub(1);
                1
            }
            quote @ (b'"' | b'\'') => 2 + rest[1..].iter().position(|byte| byte == quote)?,
            b'<' if rest.starts_with(b"<!--") => 7 + find(&rest[4..], b"-->")?,
            b'<' if rest.starts_with(b"<?") => 4 + find(&rest[2..], b"?>")?,
            _ => 1,
        };
    }
}

/// The name at the beginning of a tag's inside.
fn name(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
    &bytes[..end.unwrap_or(bytes.len())]
}

/// Where the content is in the document, after as much markup as is whole.
struct Progress<'a> {
    root: Option<&'a [u8]>,
    /// Elements open.
    depth: usize,
    /// What follows the last whole piece of markup.
    rest: &'a [u8],
    /// That piece was an end tag of the root's name.
    root_named: bool,
    /// Something stands where nothing may: the content is no XML document.
    broken: bool,
}

/// Reads markup to the end of `content`, or until something is wrong.
fn read(content: &[u8]) -> Progress<'_> {
    let mut progress = Progress { root: None, depth: 0, rest: content, root_named: false, broken: false };
    while let Some(at) = progress.rest.iter().position(|byte| *byte == b'<') {
        if progress.depth == 0 && !progress.rest[..at].iter().all(|byte| is_blank(*byte)) {
            break;
        }
        let Some((markup, length)) = markup(&progress.rest[at..]) else {
            progress.root_named = false;
            return progress;
        };
        let second_root = progress.depth == 0 && progress.root.is_some();
        progress.root_named = matches!(markup, Markup::Close(name) if progress.root == Some(name));
        match markup {
            Markup::Open(_) | Markup::Empty(_) if second_root => progress.broken = true,
            Markup::Open(name) => {
                progress.root.get_or_insert(name);
                progress.depth += 1;
            }
            Markup::Empty(name) => {
                progress.root.get_or_insert(name);
            }
            Markup::Close(_) if progress.depth == 0 => progress.broken = true,
            Markup::Close(_) => progress.depth -= 1,
            Markup::Other => {}
        }
        if progress.broken {
            return progress;
        }
        progress.rest = &progress.rest[at + length..];
    }
    progress.broken |= progress.depth == 0 && !progress.rest.iter().all(|byte| is_blank(*byte));
    progress
}

fn whole(content: &[u8]) -> Content {
    let progress = read(content);
    let blank = progress.rest.iter().all(|byte| is_blank(*byte));
    match (progress.root, progress.depth) {
        _ if progress.broken => Content::Unknown,
        (Some(_), 0) if blank => Content::Complete,
        // It ends as the root does, but elements within are left open: not well formed rather than cut off.
        (Some(_), 1..) if blank && progress.root_named => Content::Unknown,
        _ => Content::Incomplete,
    }
}

/// The same by both ends of a document that is too long to be read whole.
fn ends(head: &[u8], tail: &[u8]) -> Content {
    let progress = read(head);
    let Some(root) = progress.root.filter(|_| !progress.broken && progress.depth > 0) else { return Content::Unknown };
    let tail = without_misc(trim_end(tail));
    let within =
        |opening: &[u8], closing: &[u8]| rfind(tail, opening).is_some_and(|at| find(&tail[at..], closing).is_none());
    if within(b"<!--", b"-->") || within(b"<![CDATA[", b"]]>") {
        return Content::Incomplete;
    }
    let last = rfind(tail, b"</").map(|at| &tail[at + 2..]);
    match last.map(|last| (name(last), last.iter().position(|byte| *byte == b'>'))) {
        Some((closed, Some(end))) if closed == root => {
            let nothing_behind = last.is_some_and(|last| end + 1 == last.len());
            // An element within that is named like the root would close just like that.
            let repeats = count_tags(head, root) > 1 || count_tags(tail, root) > 0;
            if nothing_behind && !repeats { Content::Complete } else { Content::Unknown }
        }
        _ => Content::Incomplete,
    }
}

/// `tail` without the comments, processing instructions and blanks at its end.
fn without_misc(mut tail: &[u8]) -> &[u8] {
    loop {
        let start = if tail.ends_with(b"-->") {
            rfind(tail, b"<!--")
        } else if tail.ends_with(b"?>") {
            rfind(tail, b"<?")
        } else {
            None
        };
        match start {
            Some(start) => tail = trim_end(&tail[..start]),
            None => return tail,
        }
    }
}

/// How many start tags of that name `bytes` have.
fn count_tags(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'<').skip(1).filter(|inside| name(inside) == wanted).count()
}
