//! What actors write: made-up content of which anybody who knows the name can say whether it arrived whole.

use std::hash::{DefaultHasher, Hasher as _};
use std::io::{self, Read};

use clap::ValueEnum;

/// What a file looks like to somebody who reads its head and tail.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Format {
    /// Nothing tells where it ends.
    #[default]
    Raw,
    /// A PDF, which ends with `%%EOF`.
    Pdf,
    /// A JSON string.
    Json,
}

impl Format {
    /// What comes before and after the made-up middle.
    fn frame(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Format::Raw => (b"", b""),
            Format::Pdf => (b"%PDF-1.7\n", b"\n%%EOF\n"),
            Format::Json => (b"{\"rows\":\"", b"\"}\n"),
        }
    }
}

/// Content in the making: deals out the next bytes and keeps count and digest of all it dealt.
pub(crate) struct Content {
    format: Format,
    state: u64,
    len: u64,
    hasher: DefaultHasher,
}

impl Content {
    /// Content that differs from name to name.
    pub(crate) fn new(name: &str, format: Format) -> Content {
        let mut seed = DefaultHasher::new();
        seed.write(name.as_bytes());
        Content { format, state: seed.finish() | 1, len: 0, hasher: DefaultHasher::new() }
    }

    /// The head of the format, if nothing was dealt yet, and `bytes` made-up bytes.
    pub(crate) fn next(&mut self, bytes: usize) -> Vec<u8> {
        let head = if self.len == 0 { self.format.frame().0 } else { b"" };
        let made_up = (0..bytes).map(|_| {
            // Marsaglia's xorshift64: any bytes will do, as long as no two stretches are alike.
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            b'a' + (self.state >> 32) as u8 % 26
        });
        let piece: Vec<u8> = head.iter().copied().chain(made_up).collect();
        self.dealt(&piece);
        piece
    }

    /// The tail of the format, which makes the content complete.
    pub(crate) fn tail(&mut self) -> &'static [u8] {
        let tail = self.format.frame().1;
        self.dealt(tail);
        tail
    }

    /// Exactly `text`, for content that is not made up.
    pub(crate) fn verbatim(&mut self, text: &[u8]) {
        self.dealt(text);
    }

    fn dealt(&mut self, piece: &[u8]) {
        self.len += piece.len() as u64;
        self.hasher.write(piece);
    }

    /// Bytes dealt so far.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The digest of the bytes dealt so far, as [`digest`] gives it.
    pub(crate) fn digest(&self) -> String {
        format!("{:016x}", self.hasher.finish())
    }
}

/// The digest of everything `source` still holds: 16 hex digits of the standard library's SipHash.
///
/// # Errors
/// Whatever reading fails with.
pub(crate) fn digest(mut source: impl Read) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match source.read(&mut piece)? {
            0 => return Ok(format!("{:016x}", hasher.finish())),
            read => hasher.write(&piece[..read]),
        }
    }
}
