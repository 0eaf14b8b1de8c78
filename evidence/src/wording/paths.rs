//! Paths in the text of a log, and which of them a message is about.

use std::ops::Range;
use std::sync::LazyLock;

use super::automaton::Automaton;
use super::flat::Flat;
use super::keys::FILE_WORDS;

/// So many paths of one text are looked at.
const MOST: usize = 1024;
/// Longer ones are not paths.
const LONGEST: usize = 4096;

/// Something in a text that is a path, by its quotes or by how it begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Found {
    /// Where it stands, without its quotes.
    pub(super) at: Range<usize>,
    is_quoted: bool,
}

/// The files that one message is about.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Files {
    /// The one that is locked.
    pub(super) path: Option<String>,
    /// The other one of a rename, a move or a copy.
    pub(super) other: Option<String>,
}

/// What joins the two files of a rename, a move or a copy.
const JOINTS: &[&str] = &["", "->", "=>", "to", "nach", "vers", "en", "a", "para", "in", "into", "в", "→"];

/// What ends a path that has no quotes. Blanks alone do not: paths have them.
const STOPS: &[&str] = &[
    ": ",
    ", ",
    "; ",
    ". ",
    " . ",
    " -> ",
    " => ",
    " → ",
    " | ",
    " \"",
    " '",
    " [",
    " is ",
    " was ",
    " because ",
    " due to ",
    " since ",
    " with ",
    " failed",
    " could not",
    " cannot ",
    " has ",
    " after ",
    " for file ",
    " - ",
    " error ",
    " ERROR ",
    " zugreifen",
    " car ",
    " porque ",
    " perché ",
    " fordi ",
];

/// Words for what a program did, which Go and others put before the path.
const VERBS: &[&str] = &[
    "open", "remove", "removing", "rename", "renaming", "unlink", "unlinkat", "stat", "lstat", "read", "write",
    "mkdir", "copy", "copying", "move", "moving", "delete", "deleting", "truncate", "link", "symlink", "chmod",
];

/// Every path of a text, in order. `keys` are the places of the words that tell of a lock; no path holds one.
pub(super) fn all(flat: &Flat, keys: &[Range<usize>]) -> Vec<Found> {
    let (text, mut found, mut at) = (flat.text.as_str(), Vec::new(), 0);
    while let Some(begin) = candidate(text.as_bytes(), at).filter(|_| found.len() < MOST) {
        at = begin;
        let Some(c) = text[at..].chars().next() else { break };
        let next = at + c.len_utf8();
        at = match quoted(text, at, c) {
            Some(inside) if keys.iter().any(|key| key.start < inside.end && inside.start < key.end) => {
                behind(text, inside.end)
            }
            Some(inside) if is_path(text, &inside) => {
                let end = behind(text, inside.end);
                found.push(Found { at: inside, is_quoted: true });
                end
            }
            _ if begins_path(text, at) => {
                let end = end_of(flat, at, keys);
                let inside = at..at + trimmed(&text[at..end]).len();
                found.push(Found { at: inside, is_quoted: false });
                end.max(next)
            }
            _ => next,
        };
    }
    found.retain(|path| !is_position(text, path) && !path.at.is_empty());
    found
}

/// Where, at or behind `from`, something may begin that is a path: a quote, a slash, or the letter of a drive.
fn candidate(bytes: &[u8], from: usize) -> Option<usize> {
    let is_candidate = |at: usize| match bytes[at] {
        b'"' | b'\'' | b'`' | b'/' | b'\\' | 0xc2.. => true,
        letter => letter.is_ascii_alphabetic() && bytes.get(at + 1) == Some(&b':'),
    };
    (from..bytes.len()).find(|at| is_candidate(*at))
}

/// Behind the character at `at`.
fn behind(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(0, char::len_utf8)
}

/// What is between the quote `c` at `at` and its fellow.
fn quoted(text: &str, at: usize, c: char) -> Option<Range<usize>> {
    let closers: &[char] = match c {
        '"' => &['"'],
        '\'' => &['\''],
        '`' => &['`', '\''],
        '\u{2018}' => &['\u{2019}'],
        '\u{201c}' => &['\u{201d}', '\u{201c}', '"'],
        '\u{201e}' => &['\u{201c}', '\u{201d}', '"'],
        '«' => &['»'],
        '「' => &['」'],
        _ => return None,
    };
    if c == '\'' && text[..at].ends_with(char::is_alphanumeric) {
        return None; // an apostrophe
    }
    let start = at + c.len_utf8();
    let (length, _) =
        text[start..].char_indices().take_while(|(length, _)| *length <= LONGEST).find(|(length, other)| {
            let after = &text[start + length + other.len_utf8()..];
            closers.contains(other) && !(*other == '\'' && after.starts_with(|c: char| c.is_ascii_alphanumeric()))
        })?;
    Some(start..start + length)
}

/// Whether something in quotes is a path.
fn is_path(text: &str, inside: &Range<usize>) -> bool {
    let name = &text[inside.clone()];
    let is_bare = name.trim() == name && !name.is_empty() && !name.contains("://");
    is_bare && (name.contains(['/', '\\']) || has_extension(name) || follows_file_word(text, inside.start))
}

/// Whether `name` ends like a file's name and not like a sentence or the name of a class.
fn has_extension(name: &str) -> bool {
    name.len() <= 255
        && name.rsplit_once('.').is_some_and(|(stem, extension)| {
            !stem.is_empty()
                && (1..=5).contains(&extension.len())
                && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && extension != "Error"
        })
}

/// Whether a word for file stands right before the quote that ends `text[..at]`.
fn follows_file_word(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(|c: char| !c.is_alphanumeric());
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    text[before.len()..at].chars().count() <= 3 && FILE_WORDS.iter().any(|file| word.contains(file))
}

/// Whether an absolute path begins here.
fn begins_path(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let before = text[..at].chars().next_back();
    if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '\\' | '/' | '.' | '_' | '-')) {
        return false;
    }
    match &bytes[at..] {
        [drive, b':', b'\\' | b'/', ..] => drive.is_ascii_alphabetic(),
        [b'\\', b'\\', c, ..] => !matches!(c, b' ' | b'\\') || bytes[at..].starts_with(b"\\\\\\\\"),
        [b'/', c, ..] => (c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | 0x80..)) && before != Some(':'),
        _ => false,
    }
}

/// Where the path without quotes that begins at `at` ends.
fn end_of(flat: &Flat, at: usize, keys: &[Range<usize>]) -> usize {
    let text = flat.text.as_str();
    let mut end = flat.line_end(at);
    if let Some(key) = keys.iter().map(|key| key.start).find(|start| *start > at) {
        end = end.min(key);
    }
    let end = floor(text, end.min(at + LONGEST));
    let prefix = at + if text[at..end].starts_with("\\\\?\\") { 4 } else { 0 };
    let rest = &text[prefix..end];
    let is_bracket = |at: usize| rest[at..].starts_with(" (") && !rest[at..].starts_with(" (x86)");
    static FIRST: LazyLock<Automaton> = LazyLock::new(|| Automaton::new(STOPS, false));
    let stop = FIRST.find(rest).map_or(rest.len(), |stop| stop.start());
    // Nothing behind the first end matters.
    let blank =
        |is_end: &dyn Fn(usize) -> bool| rest[..stop].match_indices(' ').map(|(at, _)| at).find(|at| is_end(*at));
    let cuts = [
        rest[..stop].find(['"', '<', '>', '|', '*', '?', '\u{201d}', '»']),
        blank(&is_bracket),
        blank(&|at| begins_path(text, prefix + at + 1)),
    ];
    let length = cuts.into_iter().flatten().min().unwrap_or(stop);
    // Without a drive there are rarely blanks, unless what follows at once is the message.
    let is_posix = text[at..].starts_with('/') && !text[prefix + length..].starts_with(": ");
    let first_blank = rest[..length].find(' ').filter(|_| is_posix);
    let end = prefix + first_blank.unwrap_or(length);
    end.max(at + 1)
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A path without what belongs to the sentence around it.
fn trimmed(path: &str) -> &str {
    let mut path = path;
    loop {
        let before = path;
        path = path.trim_end_matches(['.', ',', ';', ':', ' ', '\'', '"', ']', '}', '`']);
        if path.ends_with(')') && !path.contains('(') {
            path = &path[..path.len() - 1];
        }
        for joint in JOINTS.iter().filter(|joint| !joint.is_empty()) {
            if let Some(rest) = path.strip_suffix(joint).and_then(|rest| rest.strip_suffix(' ')) {
                path = rest;
            }
        }
        if path.len() == before.len() {
            return path;
        }
    }
}

/// Whether it is a place in a program: a stack frame, a compiler's position, a project that was being built.
fn is_position(text: &str, path: &Found) -> bool {
    let (name, before, after) = (&text[path.at.clone()], &text[..path.at.start], &text[path.at.end..]);
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let is_in_brackets = before.ends_with('[') && after.starts_with(']');
    let has_line = after.get(1..).is_some_and(|after| after.starts_with(", line "))
        || after.strip_prefix([':', '(']).is_some_and(digit)
        || name.rsplit_once(['(', ':']).is_some_and(|(file, line)| {
            file.len() > 1
                && (digit(line) || line.rsplit_once(' ').is_some_and(|(_, number)| digit(number)))
                && !line.contains(['\\', '/', '.'])
        });
    is_in_brackets || has_line
}

/// The files that the message with a key at `key` is about.
///
/// A message that names a file within its own sentence means that one, as .NET's and so MSBuild's does. Of a rename, a
/// move or a copy without such a sentence the source is taken to be the locked one: it is what somebody else still has
/// open most often. Else it is the nearest path: one that the key introduces, one before the key or after it on the
/// same line, a name without a folder on that line, and only then one on another line.
pub(super) fn choose(flat: &Flat, paths: &[Found], key: &Range<usize>) -> Files {
    let text = flat.text.as_str();
    let before =
        |reach: usize| paths.iter().rposition(|path| path.at.end <= key.start && key.start - path.at.end <= reach);
    let after =
        |reach: usize| paths.iter().position(|path| path.at.start >= key.end && path.at.start - key.end <= reach);
    let is_named = |at: &usize| {
        let path = &paths[*at];
        path.is_quoted && (follows_file_word(text, path.at.start) || is_korean(&text[path.at.end..]))
    };
    let is_on_line = |at: &usize| {
        let path = &paths[*at].at;
        if path.end <= key.start { !flat.is_broken(path.end, key.start) } else { !flat.is_broken(key.end, path.start) }
    };
    let is_introduced = |at: &usize| {
        let gap = text[key.end..paths[*at].at.start].trim_end_matches(['\'', '"', '`', ' ']);
        gap == ":" || gap.strip_prefix(", ").is_some_and(|verb| verb.bytes().all(|byte| byte.is_ascii_lowercase()))
    };
    if let Some(at) = before(72).filter(is_named).or_else(|| after(48).filter(is_named)) {
        return Files { path: Some(plain(text, &paths[at].at)), other: None };
    }
    let near = after(48)
        .filter(is_introduced)
        .or_else(|| before(200).filter(is_on_line))
        .or_else(|| after(120).filter(is_on_line));
    let Some(at) = near else {
        let far = || before(480).or_else(|| after(480)).map(|at| pair(text, paths, at));
        return segment(flat, key).or_else(far).unwrap_or_default();
    };
    pair(text, paths, at)
}

/// Whether the Korean word for file follows at once.
fn is_korean(after: &str) -> bool {
    after.trim_start_matches(|c: char| c == ' ' || is_quote(c)).starts_with("파일")
}

/// The path at index `at`, and the one that a rename, a move or a copy joins to it.
fn pair(text: &str, paths: &[Found], at: usize) -> Files {
    let joined = |first: usize| {
        let (first, second) = (&paths.get(first)?.at, &paths.get(first + 1)?.at);
        let gap = text[first.end..second.start].trim_matches(|c: char| c == ' ' || is_quote(c));
        JOINTS.contains(&gap).then(|| Files { path: Some(plain(text, first)), other: Some(plain(text, second)) })
    };
    at.checked_sub(1)
        .and_then(joined)
        .or_else(|| joined(at))
        .unwrap_or_else(|| Files { path: Some(plain(text, &paths[at].at)), other: None })
}

/// A name without a folder and without quotes: `remove a.txt: The process`, `file a.txt (NT_STATUS_`, `a.txt | 1 KB |`.
fn segment(flat: &Flat, key: &Range<usize>) -> Option<Files> {
    let line = flat.line_start(key.start);
    let text = &flat.text[line..key.start];
    let is_name = |name: &str| {
        let is_place = name.contains(['/', '\\']) && !name.contains(' ') && name.contains(char::is_alphabetic);
        name.len() <= LONGEST && (is_place || has_extension(name))
    };
    let whole = |name: &str| is_name(name).then(|| Files { path: Some(name.to_owned()), other: None });
    if let Some((first, _)) = text.split_once(" | ") {
        return whole(first.trim());
    }
    let named = |part: &str| -> Option<Files> {
        let part = FILE_WORDS.iter().find_map(|word| Some(part.rsplit_once(&format!("{word} "))?.1)).unwrap_or(part);
        let part = part.find(" (").map_or(part, |end| &part[..end]).trim();
        match part.split_once(' ') {
            Some((verb, names)) if VERBS.contains(&verb) => match names.split_once(' ') {
                Some((from, to)) if is_name(from) && is_name(to) && !to.contains(' ') => {
                    Some(Files { path: Some(from.to_owned()), other: Some(to.to_owned()) })
                }
                _ => whole(names),
            },
            _ => whole(part).filter(|_| !part.contains("Exception")),
        }
    };
    text.rsplit(": ").take(3).find_map(named)
}

/// A path as its file system has it: backslashes that the log doubled are single again.
fn plain(text: &str, at: &Range<usize>) -> String {
    let path = &text[at.clone()];
    let runs = path.split(|c| c != '\\').map(str::len).filter(|length| *length > 0);
    let is_doubled =
        runs.clone().all(|length| length % 2 == 0) && runs.enumerate().any(|(at, length)| at > 0 || length > 2);
    let is_doubled =
        is_doubled || path.get(1..4).is_some_and(|drive| drive.starts_with(":\\\\")) && !path[4..].contains('\\');
    if is_doubled { path.replace("\\\\", "\\") } else { path.to_owned() }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' | '«' | '»' | '「' | '」')
}
