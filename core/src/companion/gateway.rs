//! The header files (`*.API`) of the GroupWise API Gateway.
//!
//! ```text
//! WPC-API= 1.2;
//! Msg-Type= Mail;
//! # a remark
//! To=
//!     WPD= DOMAIN;
//!     CDBA= DOMAIN.PO.USER1; ,
//!     WPD= DOMAIN;
//!     CDBA= DOMAIN.PO.USER2; ;
//! Msg-File= A7F7CB6F.BDY;
//! Attach-File=
//!     Current-File= A7F7CB70.001;
//!     Original-File= Comments.txt;
//!     -CONVERSION-ALLOWED-;
//!     ;
//! -END-
//! ```
//!
//! A `Keyword= value;` whose value begins on a later line with another `Keyword=` holds a structure, which a `;` of its
//! own closes; a `,` starts the next structure of a list. The gateway itself breaks these rules (Q234585: a comma where
//! a semicolon belongs, after a flag and at a line's end), so structures are not matched up: a keyword that is known is
//! known wherever it stands. That also bounds the work to one pass, at any depth of nesting.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::complete;

/// What a header says of the files it travels with. Names are the bytes of the header, in its own code page.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Header {
    /// `Msg-Type`: `Mail`, `Search`, `Admin`, …; empty where the header has none.
    pub msg_type: String,
    /// `Header-Char`: the header's character set, such as `T50`; empty where the header has none.
    pub char_set: String,
    /// `Msg-File`: the body's file.
    pub msg_file: Option<Vec<u8>>,
    /// `Attach-File`: the attachments, in order.
    pub attachments: Vec<Attachment>,
    /// It ends with `-END-`.
    pub complete: bool,
}

/// One attachment.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Attachment {
    /// Its file in `ATT_OUT`.
    pub stored: Vec<u8>,
    /// What the sender called it; empty where the header does not say.
    pub original: Vec<u8>,
}

/// Why a content is no header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeaderError {
    /// Line, from 1.
    pub line: usize,
    /// Bytes before the place.
    pub offset: usize,
    /// What is wrong there.
    pub kind: HeaderErrorKind,
}

/// What is wrong with a header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderErrorKind {
    /// A header begins with `Keyword= value;`, and this does not.
    NoKeyword,
    /// There are more attachments than [`MOST_ATTACHMENTS`].
    TooManyAttachments,
}

/// The most attachments a header may name.
pub const MOST_ATTACHMENTS: usize = 4_096;

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, byte {}: ", self.line, self.offset)?;
        match self.kind {
            HeaderErrorKind::NoKeyword => f.write_str("a header begins with 'Keyword= value;', and this does not"),
            HeaderErrorKind::TooManyAttachments => write!(f, "more than {MOST_ATTACHMENTS} attachments"),
        }
    }
}

impl core::error::Error for HeaderError {}

impl Header {
    /// The names of the files the header travels with: the body, then the attachments.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.msg_file
            .as_deref()
            .into_iter()
            .chain(self.attachments.iter().map(|attachment| attachment.stored.as_slice()))
    }
}

/// Reads a header, finished or not.
///
/// # Errors
/// When `content` does not begin as a header does, or names too many attachments.
pub fn parse(content: &[u8]) -> Result<Header, HeaderError> {
    let mut reader = Reader { header: Header::default(), item: None, depth: 0 };
    let mut scanner = Scanner { content, at: 0 };
    let mut begun = false;
    loop {
        let offset = scanner.skip_blank();
        let wrong = |kind| {
            let line = 1 + content[..offset].iter().filter(|byte| **byte == b'\n').count();
            HeaderError { line, offset, kind }
        };
        let token = scanner.token();
        let at_end = matches!(token, Token::End);
        begun = match token {
            Token::Remark => begun,
            Token::Pair(..) | Token::Open(_) => true,
            Token::Comma | Token::Close | Token::Flag | Token::Junk | Token::End if begun => true,
            _ => return Err(wrong(HeaderErrorKind::NoKeyword)),
        };
        reader.take(token);
        if reader.header.attachments.len() > MOST_ATTACHMENTS {
            return Err(wrong(HeaderErrorKind::TooManyAttachments));
        }
        if at_end {
            return Ok(Header { complete: complete::ends_with_end_line(content), ..reader.header });
        }
    }
}

/// Puts a header together from its tokens.
struct Reader {
    header: Header,
    /// The attachment that is being read, while in `Attach-File`.
    item: Option<Item>,
    /// Structures open within the attachment.
    depth: usize,
}

/// What is known of an attachment so far.
#[derive(Default)]
struct Item {
    stored: Option<Vec<u8>>,
    original: Option<Vec<u8>>,
    /// A name that may be either.
    unclear: Option<Vec<u8>>,
}

impl Reader {
    fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Open(keyword) if keyword.eq_ignore_ascii_case(ATTACHMENTS) => {
                self.finish_item();
                self.item = Some(Item::default());
            }
            Token::Open(_) if self.item.is_some() => self.depth += 1,
            Token::Pair(keyword, value) => self.pair(keyword, value),
            // The next attachment, unless this one has no file yet: then the comma stands for a semicolon.
            Token::Comma if self.depth == 0 && self.item.as_ref().is_some_and(Item::has_file) => {
                self.finish_item();
                self.item = Some(Item::default());
            }
            Token::Close if self.depth > 0 => self.depth -= 1,
            Token::Close | Token::End => self.finish_item(),
            Token::Open(_) | Token::Comma | Token::Flag | Token::Remark | Token::Junk => {}
        }
    }

    fn pair(&mut self, keyword: &[u8], value: Vec<u8>) {
        let is = |known: &[u8]| keyword.eq_ignore_ascii_case(known);
        if is(b"Msg-Type") {
            self.header.msg_type = String::from_utf8_lossy(&value).into_owned();
        } else if is(b"Header-Char") {
            self.header.char_set = String::from_utf8_lossy(&value).into_owned();
        } else if is(b"Msg-File") {
            self.finish_item();
            if !value.is_empty() {
                self.header.msg_file = Some(value);
            }
        } else if is(ATTACHMENTS) {
            // The plain form: stored names, separated by commas.
            self.finish_item();
            for stored in value.split(|byte| *byte == b',') {
                self.item = Some(Item { stored: Some(stored.trim_ascii().to_vec()), ..Item::default() });
                self.finish_item();
            }
        } else if self.depth == 0
            && let Some(item) = &mut self.item
        {
            let slot = item.slot(keyword);
            if slot.is_some_and(|slot| slot.is_some()) {
                // The comma between two attachments is missing.
                self.finish_item();
            }
            if let Some(slot) = self.item.get_or_insert_default().slot(keyword) {
                *slot = Some(value);
            }
        }
    }

    /// Leaves `Attach-File`, keeping the attachment if it has a file.
    fn finish_item(&mut self) {
        self.depth = 0;
        let Some(item) = self.item.take() else { return };
        let (stored, original) = match item.stored {
            Some(stored) => (Some(stored), item.original.or(item.unclear)),
            None => (item.unclear, item.original),
        };
        if let Some(stored) = stored.filter(|stored| !stored.is_empty()) {
            self.header.attachments.push(Attachment { stored, original: original.unwrap_or_default() });
        }
    }
}

impl Item {
    fn has_file(&self) -> bool {
        self.stored.is_some() || self.unclear.is_some()
    }

    /// Where the value of `keyword` goes; `None` for what is no name (sizes, dates, character sets).
    fn slot(&mut self, keyword: &[u8]) -> Option<&mut Option<Vec<u8>>> {
        let keyword = keyword.to_ascii_lowercase();
        let has = |part: &[u8]| keyword.windows(part.len()).any(|window| window == part);
        if !(has(b"file") || has(b"name"))
            || has(b"size")
            || has(b"date")
            || has(b"time")
            || has(b"type")
            || has(b"char")
        {
            None
        } else if has(b"orig") {
            Some(&mut self.original)
        } else if has(b"current") || has(b"stored") {
            Some(&mut self.stored)
        } else {
            Some(&mut self.unclear)
        }
    }
}

const ATTACHMENTS: &[u8] = b"Attach-File";

/// A step of a header.
enum Token<'a> {
    /// `Keyword= value;`, the value without escapes.
    Pair(&'a [u8], Vec<u8>),
    /// `Keyword=` of a structure.
    Open(&'a [u8]),
    /// A `;` of its own.
    Close,
    /// A `,` of its own.
    Comma,
    /// `-NAME-`, with the `;` or (Q234585) `,` after it.
    Flag,
    /// `# …` to the end of its line.
    Remark,
    /// Anything else, to the end of its line.
    Junk,
    /// `-END-`, or the end of the content.
    End,
}

struct Scanner<'a> {
    content: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a [u8] {
        self.content.get(self.at..).unwrap_or_default()
    }

    /// Skips blanks and line ends; gives the place after them.
    fn skip_blank(&mut self) -> usize {
        self.at += blank(self.rest());
        self.at
    }

    fn skip_line(&mut self) {
        self.at += self.rest().iter().position(|byte| *byte == b'\n').unwrap_or(self.rest().len());
    }

    /// The token that begins here; blanks before it are skipped already.
    fn token(&mut self) -> Token<'a> {
        let rest = self.rest();
        match rest.first() {
            None => return Token::End,
            Some(b';') => {
                self.at += 1;
                return Token::Close;
            }
            Some(b',') => {
                self.at += 1;
                return Token::Comma;
            }
            Some(b'#') => {
                self.skip_line();
                return Token::Remark;
            }
            Some(_) => {}
        }
        if complete::is_end_line(rest) {
            self.at = self.content.len();
            Token::End
        } else if let Some(length) = flag(rest) {
            self.at += length;
            let blanks = self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            if let Some(b';' | b',') = self.rest().get(blanks) {
                self.at += blanks + 1;
            }
            Token::Flag
        } else if let Some((keyword, length)) = assignment(rest) {
            self.at += length;
            self.value(keyword)
        } else {
            self.skip_line();
            Token::Junk
        }
    }

    fn value(&mut self, keyword: &'a [u8]) -> Token<'a> {
        let blanks = blank(self.rest());
        let (before, rest) = self.rest().split_at(blanks);
        let structured = before.contains(&b'\n') || keyword.eq_ignore_ascii_case(ATTACHMENTS);
        if structured && begins_statement(rest) {
            self.at += blanks;
            return Token::Open(keyword);
        }
        let mut value = Vec::new();
        let mut at = 0;
        loop {
            at += match &rest[at..] {
                [] => break,
                [b'\\', b';', ..] => {
                    value.push(b';');
                    2
                }
                [b';', ..] => {
                    at += 1;
                    break;
                }
                // A comma where the semicolon belongs (Q234585).
                [b',', after @ ..] if ends_line_before_statement(after) => {
                    at += 1;
                    break;
                }
                line if complete::is_end_line(line) && (at == 0 || rest[at - 1] == b'\n') => break,
                [byte, ..] => {
                    value.push(*byte);
                    1
                }
            };
        }
        self.at += blanks + at;
        Token::Pair(keyword, value.trim_ascii().to_vec())
    }
}

/// How many bytes of blanks, line ends and DOS padding `bytes` begins with.
fn blank(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| complete::is_blank(**byte)).count()
}

/// `Keyword=`: the keyword, and how long it is with its `=`.
fn assignment(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let length = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
    let blanks = bytes[length..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let named = bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(length + blanks) == Some(&b'=');
    named.then(|| (&bytes[..length], length + blanks + 1))
}

/// `-NAME-`: how long it is.
fn flag(bytes: &[u8]) -> Option<usize> {
    let length = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    (length > 2 && bytes[0] == b'-' && bytes[length - 1] == b'-').then_some(length)
}

/// Whether a pair or a flag other than `-END-` begins here.
fn begins_statement(bytes: &[u8]) -> bool {
    assignment(bytes).is_some() || (flag(bytes).is_some() && !complete::is_end_line(bytes))
}

/// Whether the line ends here and a statement begins on the next one that has anything.
fn ends_line_before_statement(bytes: &[u8]) -> bool {
    let (blanks, rest) = bytes.split_at(blank(bytes));
    blanks.contains(&b'\n') && (begins_statement(rest) || complete::is_end_line(rest))
}

#[cfg(test)]
mod tests;
