//! One input: unpacked, recognised, decoded and read.
//!
//! ```text
//! bytes ── gzip? ──> detect ── text? ──> charset ──> reader ──> findings
//! ```

use crate::charset::Charset;
use crate::detect::{self, Detected, HEAD};
use crate::findings::{Findings, Reader};
use crate::gzip::Gzip;

pub use crate::detect::Format;

/// One file, fed as its bytes come.
///
/// A damaged input gives what can be read of it, and warnings that say where the damage is. Memory stays bounded
/// however long the input is, except that an `.evt` file is kept whole: its beginning may be anywhere in it.
pub struct Input {
    /// Bytes fed.
    bytes: u64,
    /// The first of them, until they say whether the file is packed.
    first: Vec<u8>,
    stage: Stage,
    gzip: Option<Gzip>,
    format: Format,
}

enum Stage {
    /// Too little came to say what it is; the first bytes, unpacked.
    Beginning(Vec<u8>),
    Reading(Pipe),
    /// Nothing that can be read.
    Unreadable,
}

/// So many bytes are put behind those left over, at first.
const SHARE: usize = 1 << 12;

/// A reader, what is before it, and the bytes that it was given and is not done with.
struct Pipe {
    charset: Option<Charset>,
    reader: Box<dyn Reader>,
    rest: Vec<u8>,
    /// Bytes of the reader's input that it is done with, and that have not come yet.
    skip: usize,
}

impl Default for Input {
    fn default() -> Input {
        Input::new()
    }
}

impl Input {
    /// An input of which nothing has come.
    pub fn new() -> Input {
        Input { bytes: 0, first: Vec::new(), stage: Stage::Beginning(Vec::new()), gzip: None, format: Format::Unknown }
    }

    /// What it is; [`Format::Unknown`] until enough has come to say, or when it is nothing that can be read.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How many bytes were fed.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next bytes.
    pub fn feed(&mut self, bytes: &[u8], findings: &mut Findings) {
        self.bytes += bytes.len() as u64;
        if self.bytes < Gzip::SIGNATURE.len() as u64 {
            self.first.extend_from_slice(bytes);
            return;
        }
        self.unpack_first(bytes, findings);
        self.unpack(bytes, findings);
    }

    /// Decides by the first bytes, of which `next` may be the last, whether the file is packed.
    fn unpack_first(&mut self, next: &[u8], findings: &mut Findings) {
        let first = std::mem::take(&mut self.first);
        if self.bytes == (first.len() + next.len()) as u64 && Gzip::begins(&first, next) {
            self.gzip = Some(Gzip::new());
        }
        self.unpack(&first, findings);
    }

    fn unpack(&mut self, bytes: &[u8], findings: &mut Findings) {
        match &mut self.gzip {
            None => self.stage.take(bytes, false, &mut self.format, findings),
            Some(gzip) => gzip.unpack(bytes, findings, |plain, f| self.stage.take(plain, false, &mut self.format, f)),
        }
    }

    /// Nothing follows.
    pub fn end(&mut self, findings: &mut Findings) {
        self.unpack_first(&[], findings);
        if let Some(gzip) = &mut self.gzip {
            gzip.end(findings, |plain, f| self.stage.take(plain, false, &mut self.format, f));
        }
        if self.bytes == 0 {
            findings.warn("byte 0", "the file is empty");
        } else {
            self.stage.take(&[], true, &mut self.format, findings);
        }
    }
}

impl Stage {
    fn take(&mut self, bytes: &[u8], is_end: bool, format: &mut Format, findings: &mut Findings) {
        // To some readers nothing means the end.
        if bytes.is_empty() && !is_end {
            return;
        }
        match self {
            Stage::Unreadable => {}
            Stage::Reading(pipe) => pipe.push(bytes, is_end, findings),
            Stage::Beginning(head) => {
                head.extend_from_slice(bytes);
                if head.len() < HEAD && !is_end {
                    return;
                }
                let head = std::mem::take(head);
                let Detected { format: found, charset, reader } = detect::detect(&head);
                *format = found;
                *self = match reader {
                    Ok(reader) => Stage::Reading(Pipe { charset, reader, rest: Vec::new(), skip: 0 }),
                    Err(why) => {
                        findings.warn("byte 0", why);
                        Stage::Unreadable
                    }
                };
                self.take(&head, is_end, format, findings);
            }
        }
    }
}

impl Pipe {
    fn push(&mut self, bytes: &[u8], is_end: bool, findings: &mut Findings) {
        let Pipe { charset, reader, rest, skip } = self;
        match charset {
            None => hand(reader.as_mut(), rest, skip, bytes, is_end, findings),
            Some(charset) => {
                charset.decode(bytes, is_end, findings, |text, f| {
                    hand(reader.as_mut(), rest, skip, text, false, f);
                });
                if is_end {
                    hand(reader.as_mut(), rest, skip, &[], true, findings);
                }
            }
        }
    }
}

/// Gives `reader` the `rest` of last time with `bytes` behind it, and keeps what it is not done with.
fn hand(
    reader: &mut dyn Reader,
    rest: &mut Vec<u8>,
    skip: &mut usize,
    bytes: &[u8],
    is_end: bool,
    findings: &mut Findings,
) {
    let skipped = bytes.len().min(*skip);
    *skip -= skipped;
    let bytes = &bytes[skipped..];
    let mut at = 0_usize;
    let mut share = SHARE;
    while !rest.is_empty() {
        // What is left over, with as little behind it as its reader needs to be done with it: the others need not be
        // copied.
        let (before, end) = (rest.len(), bytes.len().min(at.saturating_add(share)));
        rest.extend_from_slice(&bytes[at..end]);
        let is_all = end == bytes.len();
        let done = reader.read(rest, is_end && is_all, findings);
        match done.checked_sub(before) {
            None if is_all => return drop(rest.drain(..done)),
            None => {
                rest.drain(..done);
                at = end;
                share = share.saturating_mul(2);
            }
            Some(more) => {
                rest.clear();
                at += more;
                if at >= bytes.len() {
                    *skip = at - bytes.len();
                    return;
                }
            }
        }
    }
    let done = at + reader.read(&bytes[at..], is_end, findings);
    *skip += done.saturating_sub(bytes.len());
    rest.extend_from_slice(bytes.get(done..).unwrap_or_default());
}
