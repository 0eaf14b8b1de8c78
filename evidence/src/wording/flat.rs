//! A record as one line, so that a message is found however it was wrapped.

/// A record with its blanks made plain.
pub(super) struct Flat {
    /// Runs of blanks, line breaks and non-breaking blanks are one blank each; between two characters of a script
    /// that is written without blanks, a line break is none.
    pub(super) text: String,
    /// Where a line, or a column, of the record ended: offsets into `text`, rising.
    breaks: Vec<usize>,
}

impl Flat {
    pub(super) fn new(record: &str) -> Flat {
        if is_flat(record.as_bytes()) {
            return Flat { text: record.to_owned(), breaks: Vec::new() };
        }
        let mut flat = Flat { text: String::with_capacity(record.len()), breaks: Vec::new() };
        let mut rest = record;
        while let Some(at) = rest.find(is_blank) {
            flat.text.push_str(&rest[..at]);
            let end = rest[at..].find(|c| !is_blank(c)).map_or(rest.len(), |length| at + length);
            let (blank, after) = (&rest[at..end], &rest[end..]);
            let is_break = blank.contains(['\n', '\r', '\t']) || blank.chars().nth(1).is_some();
            if is_break {
                flat.breaks.push(flat.text.len());
            }
            let is_within_words = flat.text.ends_with(is_dense) && after.starts_with(is_dense);
            if !(is_break && is_within_words) {
                flat.text.push(' ');
            }
            rest = after;
        }
        flat.text.push_str(rest);
        flat
    }

    /// The end of the line, or column, in which `at` is.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let next = self.breaks.partition_point(|end| *end < at);
        self.breaks.get(next).copied().unwrap_or(self.text.len())
    }

    /// The beginning of the line, or column, in which `at` is.
    pub(super) fn line_start(&self, at: usize) -> usize {
        let next = self.breaks.partition_point(|end| *end < at);
        next.checked_sub(1).and_then(|last| self.breaks.get(last)).copied().unwrap_or(0)
    }

    /// Whether a line, or column, ends between the two.
    pub(super) fn is_broken(&self, from: usize, to: usize) -> bool {
        self.line_end(from) < to
    }
}

/// Whether a record is plain ASCII on one line, with one blank at a time, as most are.
fn is_flat(record: &[u8]) -> bool {
    // All bytes are looked at, which goes by many at a time.
    let is_plain = record.iter().fold(true, |is_plain, byte| is_plain & matches!(byte, b' '..=b'~'));
    is_plain && memchr::memmem::find(record, b"  ").is_none()
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}

/// Chinese, Japanese (and the punctuation of both): written without blanks.
fn is_dense(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}
