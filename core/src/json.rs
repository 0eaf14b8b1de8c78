//! JSON (RFC 8259), both ways from one description.
//!
//! A type says once what its JSON looks like, in [`Json::form`], and a [`Form`] writes the value or reads it in place.
//! Nothing here is generic over the type, so that a type costs a table of its fields and no code for each direction.
//! `serde`'s traits of the same types are for other crates; a test holds both to the same texts.
//!
//! Keys may come in any order; those that are not known are passed over. Numbers are whole and exact.

mod leaf;
mod scan;
#[cfg(test)]
mod tests;

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

pub(crate) use leaf::choice;
pub use leaf::record;

/// A value with a JSON form.
pub trait Json {
    /// Writes this value, or reads it in place, whichever `form` was made for.
    fn form(&mut self, form: &mut Form<'_>);

    /// Whether a field marked `-` is left out of its record.
    fn is_empty(&self) -> bool {
        false
    }
}

/// A value that can be read.
pub trait Blank: Json {
    /// What to read into.
    fn blank() -> Self;
}

/// Why a text could not be read.
#[derive(Debug)]
pub struct JsonError {
    /// Line, from 1.
    pub line: usize,
    /// Byte in the line, from 1.
    pub column: usize,
    /// What is wrong, and in which field.
    pub what: String,
}

impl core::error::Error for JsonError {}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.what, self.line, self.column)
    }
}

/// Writes values, or reads them. After the first error everything reads as nothing, so that no description of a type
/// has to look at errors.
pub struct Form<'a> {
    /// What is read; `None` while writing.
    source: Option<&'a str>,
    /// How far it is read.
    at: usize,
    /// What is written.
    text: String,
    error: Option<JsonError>,
}

/// The JSON of `value`, in one line.
pub fn write(value: &mut dyn Json) -> String {
    let mut form = Form { source: None, at: 0, text: String::new(), error: None };
    value.form(&mut form);
    form.text
}

/// The value that `text` is.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read<T: Blank>(text: &str) -> Result<T, JsonError> {
    let mut value = T::blank();
    read_into(text, &mut value)?;
    Ok(value)
}

fn read_into(text: &str, value: &mut dyn Json) -> Result<(), JsonError> {
    let mut form = Form { source: Some(text), at: 0, text: String::new(), error: None };
    value.form(&mut form);
    if form.has_more() {
        form.fail("trailing characters");
    }
    form.error.map_or(Ok(()), Err)
}

/// Where the fields of an object go.
pub(crate) trait Fields {
    /// Reads the field that has this place among the names.
    fn field(&mut self, index: usize, form: &mut Form<'_>);
}

/// The fields themselves.
struct List<'a, 'b>(&'a mut [&'b mut dyn Json]);

impl Fields for List<'_, '_> {
    fn field(&mut self, index: usize, form: &mut Form<'_>) {
        if let Some(field) = self.0.get_mut(index) {
            field.form(form);
        }
    }
}

impl Form<'_> {
    /// Whether values are read; otherwise they are written.
    pub(crate) fn reads(&self) -> bool {
        self.source.is_some()
    }

    /// Notes what is wrong with the text here; only the first time counts.
    pub(crate) fn fail(&mut self, what: &str) {
        if self.error.is_none() {
            let before = self.source.and_then(|source| source.get(..self.at)).unwrap_or_default();
            let (mut line, mut column) = (1, 1);
            for byte in before.bytes() {
                (line, column) = if byte == b'\n' { (line + 1, 1) } else { (line, column + 1) };
            }
            self.error = Some(JsonError { line, column, what: what.to_string() });
        }
    }

    /// A whole number: its sign and its size.
    pub(crate) fn number(&mut self, negative: bool, size: u64) -> (bool, u64) {
        if self.reads() {
            return self.read_number();
        }
        if negative {
            self.text.push('-');
        }
        self.text.push_str(&size.to_string());
        (negative, size)
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, flag: bool) -> bool {
        if self.reads() {
            return self.read_flag();
        }
        self.text.push_str(if flag { "true" } else { "false" });
        flag
    }

    /// `null`: writes it if `is_null`, reads whether it is there.
    pub(crate) fn null(&mut self, is_null: bool) -> bool {
        if self.reads() {
            return self.read_null();
        }
        if is_null {
            self.text.push_str("null");
        }
        is_null
    }

    /// A text: writes `text`; gives what is read.
    pub(crate) fn string(&mut self, text: &str) -> Option<String> {
        if self.reads() {
            let text = self.read_string();
            return self.error.is_none().then_some(text);
        }
        self.write_string(text);
        None
    }

    /// A value that is spelt as a text: writes it; gives the text that is read.
    pub(crate) fn spelt(&mut self, value: &dyn fmt::Display) -> Option<String> {
        let text = if self.reads() { String::new() } else { value.to_string() };
        self.string(&text)
    }

    /// One of `names`, which stand with blanks between: writes the one with this index; gives the index that is read.
    pub(crate) fn choice(&mut self, names: &str, index: usize) -> Option<usize> {
        let name = names.split(' ').nth(index).unwrap_or_default();
        let read = self.string(name)?;
        self.find(names, &read)
    }

    fn find(&mut self, names: &str, name: &str) -> Option<usize> {
        let index = names.split(' ').position(|known| known == name);
        if index.is_none() {
            self.fail(&format!("unknown variant `{name}`, expected one of {names}"));
        }
        index
    }

    /// A list: to be called before each element and once more, with how many came before and how many there are to be
    /// written. Says whether an element follows.
    pub(crate) fn item(&mut self, before: usize, length: usize) -> bool {
        if self.reads() {
            return self.read_item(before);
        }
        let follows = before < length;
        match (before, follows) {
            (0, true) => self.text.push('['),
            (0, false) => self.text.push_str("[]"),
            (_, true) => self.text.push(','),
            (_, false) => self.text.push(']'),
        }
        follows
    }

    /// A list of exactly these.
    pub(crate) fn fixed(&mut self, values: &mut [&mut dyn Json]) {
        let length = values.len();
        for (index, value) in values.iter_mut().enumerate() {
            if !self.item(index, length) {
                return self.fail("the list is too short");
            }
            value.form(self);
        }
        if self.item(length, length) {
            self.fail("the list is too long");
        }
    }

    /// An object. `names` has the names of `fields` in order, each with a blank after it. After a name, `?` says that
    /// the field may be missing from a text, and `-` that it is also not written when it is empty.
    pub fn record(&mut self, names: &str, fields: &mut [&mut dyn Json]) {
        if self.reads() {
            return self.read_record(names, &mut List(fields));
        }
        let mut separator = '{';
        for (name, field) in names.split(' ').zip(fields) {
            if name.ends_with('-') && field.is_empty() {
                continue;
            }
            self.text.push(separator);
            separator = ',';
            self.write_key(name.trim_end_matches(['?', '-']));
            field.form(self);
        }
        self.text.push_str(if separator == '{' { "{}" } else { "}" });
    }

    /// An object that is read. `names` is as for [`Form::record`].
    pub(crate) fn read_record(&mut self, names: &str, fields: &mut dyn Fields) {
        let mut seen = 0_u32;
        let mut before = 0;
        while let Some(key) = self.read_key(before) {
            before += 1;
            let index = names.split(' ').position(|name| name.trim_end_matches(['?', '-']) == key && !name.is_empty());
            match index {
                None => self.skip(),
                Some(index) if seen >> index & 1 != 0 => self.fail(&format!("duplicate field `{key}`")),
                Some(index) => {
                    seen |= 1 << index;
                    fields.field(index, self);
                    self.locate(&key);
                }
            }
        }
        for (index, name) in names.split(' ').enumerate() {
            if seen >> index & 1 == 0 && !name.is_empty() && !name.ends_with(['?', '-']) {
                self.fail(&format!("missing field `{name}`"));
            }
        }
    }

    /// Says of an error that it is in the field called `key`.
    fn locate(&mut self, key: &str) {
        if let Some(error) = &mut self.error {
            error.what = format!("{key}: {}", error.what);
        }
    }

    /// One of several kinds of value: a kind without content is its name, one with content `{"name": content}`.
    /// `names` is as for [`Form::choice`]; a `*` after a name says that it has content, which is given when writing.
    ///
    /// Gives the index of the kind that is read; what it gives must then be read as its content and be followed by
    /// [`Form::leave`].
    pub(crate) fn enter(&mut self, names: &str, index: usize) -> Option<usize> {
        if !self.reads() {
            let name = names.split(' ').nth(index).unwrap_or_default();
            match name.strip_suffix('*') {
                None => self.write_string(name),
                Some(name) => {
                    self.text.push('{');
                    self.write_key(name);
                }
            }
            return None;
        }
        let name = match self.peek() {
            b'{' => self.read_key(0).unwrap_or_default() + "*",
            _ => self.read_string(),
        };
        self.find(names, &name)
    }

    /// Ends what [`Form::enter`] began: `content` is that of the value, if it has any.
    pub(crate) fn leave(&mut self, content: Option<&mut dyn Json>) {
        let Some(content) = content else { return };
        content.form(self);
        if !self.reads() {
            self.text.push('}');
        } else if self.read_key(1).is_some() {
            self.fail("expected one value only");
        }
    }

    /// An object whose keys are not known beforehand: writes one entry; `before` is how many were.
    pub(crate) fn entry(&mut self, before: usize, key: &str) {
        self.text.push(if before == 0 { '{' } else { ',' });
        self.write_key(key);
    }

    /// Ends the object that [`Form::entry`] writes.
    pub(crate) fn end(&mut self) {
        self.text.push('}');
    }

    fn write_key(&mut self, key: &str) {
        self.write_string(key);
        self.text.push(':');
    }

    fn write_string(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            let short = match c {
                '"' | '\\' => c,
                '\u{8}' => 'b',
                '\u{c}' => 'f',
                '\n' => 'n',
                '\r' => 'r',
                '\t' => 't',
                '\0'..='\u{1f}' => 'u',
                _ => {
                    self.text.push(c);
                    continue;
                }
            };
            self.text.push('\\');
            self.text.push(short);
            if short == 'u' {
                self.text.push_str("00");
                for digit in [c as u32 >> 4, c as u32 & 15] {
                    self.text.extend(char::from_digit(digit, 16));
                }
            }
        }
        self.text.push('"');
    }
}
