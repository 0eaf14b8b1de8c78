//! The reading half of a [`Form`]: the tokens of JSON.

use alloc::string::{String, ToString};

use super::Form;

/// What [`Form::peek`] gives at the end of the text, and after an error.
const END: u8 = 0;
/// How deep values that are passed over may be nested.
const DEEPEST: u32 = 128;

impl<'a> Form<'a> {
    fn source(&self) -> &'a str {
        if self.error.is_none() { self.source.unwrap_or_default() } else { "" }
    }

    /// The byte that comes next, blank or not.
    fn byte(&self) -> u8 {
        self.source().as_bytes().get(self.at).copied().unwrap_or(END)
    }

    /// The first byte that is not blank.
    pub(crate) fn peek(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        self.byte()
    }

    /// Passes over `byte` if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.byte() == byte;
        self.at += usize::from(is_there);
        is_there
    }

    fn wrong(&mut self, what: &str) {
        let what = if self.at >= self.source().len() { "EOF while parsing" } else { what };
        self.fail(what);
    }

    /// Passes over digits; says whether there were any.
    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        self.at > start
    }

    /// Passes over the whole part of a number, which has no zero before other digits; says whether there was one.
    fn whole(&mut self) -> bool {
        self.take(b'-');
        self.take(b'0') || self.digits()
    }

    pub(super) fn read_number(&mut self) -> (bool, u64) {
        self.peek();
        let start = self.at;
        self.whole();
        let text = self.source().get(start..self.at).unwrap_or_default();
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        match digits.parse() {
            Ok(size) if !matches!(self.byte(), b'0'..=b'9' | b'.' | b'e' | b'E') => (negative, size),
            _ => {
                self.wrong("expected a whole number");
                (false, 0)
            }
        }
    }

    /// Passes over `word` if it comes next.
    fn word(&mut self, word: &str) -> bool {
        self.peek();
        let is_there = self.source().as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        if is_there {
            self.at += word.len();
        }
        is_there
    }

    pub(super) fn read_flag(&mut self) -> bool {
        let flag = self.word("true");
        if !flag && !self.word("false") {
            self.wrong("expected true or false");
        }
        flag
    }

    pub(super) fn read_null(&mut self) -> bool {
        self.word("null") || self.error.is_some()
    }

    pub(super) fn read_string(&mut self) -> String {
        let mut text = String::new();
        self.peek();
        if !self.take(b'"') {
            self.wrong("expected a text");
        }
        loop {
            let rest = self.source().get(self.at..).unwrap_or_default();
            let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len());
            text.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            if self.take(b'"') {
                return text;
            }
            if !self.take(b'\\') {
                self.wrong("control character in a text");
                return text;
            }
            text.extend(self.read_escape());
        }
    }

    /// What follows a backslash.
    fn read_escape(&mut self) -> Option<char> {
        let byte = self.byte();
        self.at += 1;
        let c = match byte {
            b'"' | b'\\' | b'/' => Some(char::from(byte)),
            b'b' => Some('\u{8}'),
            b'f' => Some('\u{c}'),
            b'n' => Some('\n'),
            b'r' => Some('\r'),
            b't' => Some('\t'),
            b'u' => self.read_point(),
            _ => None,
        };
        if c.is_none() {
            self.wrong("invalid escape");
        }
        c
    }

    /// One or, with surrogates, two units of UTF-16.
    fn read_point(&mut self) -> Option<char> {
        let unit = self.read_unit();
        if !(0xd800..0xdc00).contains(&unit) {
            return char::from_u32(unit);
        }
        let low = if self.take(b'\\') && self.take(b'u') { self.read_unit() } else { 0 };
        (0xdc00..0xe000).contains(&low).then(|| char::from_u32(0x1_0000 + ((unit & 0x3ff) << 10 | low & 0x3ff)))?
    }

    /// Four hex digits; a number that is no unit where there are not four.
    fn read_unit(&mut self) -> u32 {
        let text = self.source().get(self.at..self.at + 4).unwrap_or_default();
        self.at += text.len();
        let are_digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(text, 16).ok().filter(|_| are_digits).unwrap_or(u32::MAX)
    }

    /// See [`Form::item`].
    pub(super) fn read_item(&mut self, before: usize) -> bool {
        self.element(before, [b'[', b']'])
    }

    /// The next key of an object, `before` of which were read.
    pub(crate) fn read_key(&mut self, before: usize) -> Option<String> {
        if !self.element(before, [b'{', b'}']) {
            return None;
        }
        let key = self.read_string();
        self.peek();
        if !self.take(b':') {
            self.wrong("expected `:`");
        }
        self.error.is_none().then_some(key)
    }

    /// Goes to the next element between these brackets; says whether there is one.
    fn element(&mut self, before: usize, [open, close]: [u8; 2]) -> bool {
        self.peek();
        if before == 0 && !self.take(open) {
            self.wrong(if open == b'[' { "expected a list" } else { "expected an object" });
        }
        self.peek();
        if self.take(close) {
            return false;
        }
        if before > 0 && !self.take(b',') {
            self.wrong("expected `,` or the closing bracket");
        }
        self.error.is_none()
    }

    /// Passes over any value.
    pub(crate) fn skip(&mut self) {
        self.skip_at(0);
    }

    fn skip_at(&mut self, depth: u32) {
        if depth > DEEPEST {
            return self.fail("nested too deeply");
        }
        let mut before = 0;
        match self.peek() {
            b'"' => drop(self.read_string()),
            b'[' => {
                while self.read_item(before) {
                    before += 1;
                    self.skip_at(depth + 1);
                }
            }
            b'{' => {
                while self.read_key(before).is_some() {
                    before += 1;
                    self.skip_at(depth + 1);
                }
            }
            b'-' | b'0'..=b'9' => {
                if !self.whole() {
                    self.wrong("expected a digit");
                }
                if self.take(b'.') && !self.digits() {
                    self.wrong("expected a digit");
                }
                if self.take(b'e') || self.take(b'E') {
                    let _ = self.take(b'+') || self.take(b'-');
                    if !self.digits() {
                        self.wrong("expected a digit");
                    }
                }
            }
            _ => {
                if !(self.word("true") || self.word("false") || self.word("null")) {
                    self.wrong("expected value");
                }
            }
        }
    }

    /// Whether something other than blanks is left.
    pub(super) fn has_more(&mut self) -> bool {
        self.peek();
        self.at < self.source().len()
    }

    /// Any value as people write it: a text's content; a number, `true`, `false` and `null` as they stand; `[…]` and
    /// `{…}` for the rest.
    pub(crate) fn read_written(&mut self) -> String {
        let first = self.peek();
        if first == b'"' {
            return self.read_string();
        }
        let start = self.at;
        self.skip();
        match first {
            b'[' => "[…]",
            b'{' => "{…}",
            _ => self.source().get(start..self.at).unwrap_or_default(),
        }
        .to_string()
    }
}
