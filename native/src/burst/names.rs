//! The names of a burst's own hidden files, and free names for files whose name is taken.

use std::time::{SystemTime, UNIX_EPOCH};

use super::OWN_PREFIX;

/// The longest name, in bytes, that common POSIX file systems take. Windows takes 255 UTF-16 units, which is no less.
const LONGEST: usize = 255;

/// What a hidden file is for; a file's name is its stem followed by this.
pub(super) const JOURNAL: &[u8] = b".journal";
/// See [`JOURNAL`]: a copy that is not published yet.
pub(super) const PART: &[u8] = b".part";
/// See [`JOURNAL`]: a source that is taken, but not yet removed.
pub(super) const CLAIM: &[u8] = b".claim";
/// See [`JOURNAL`]: what was taken of a group whose leader is not taken yet.
pub(super) const GROUP: &[u8] = b".group";

/// A text that no other run on any machine has: process id and time. It is only the first guard; every file whose
/// name has it is created exclusively.
pub(super) fn run() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}x{:x}", std::process::id(), now.as_nanos())
}

/// The stem that the files of transfer slot `number` of `run` share.
pub(super) fn slot_stem(run: &str, number: u64) -> Vec<u8> {
    [OWN_PREFIX, format!("{run}-{number}").as_bytes()].concat()
}

/// The stem of the file that remembers the group with the hash `group`.
pub(super) fn group_stem(group: u64) -> Vec<u8> {
    [OWN_PREFIX, format!("{group:016x}").as_bytes()].concat()
}

/// The stem of `name`, if it is a hidden file of that kind.
pub(super) fn stem<'a>(name: &'a [u8], kind: &[u8]) -> Option<&'a [u8]> {
    name.strip_suffix(kind).filter(|stem| stem.len() > OWN_PREFIX.len() && stem.starts_with(OWN_PREFIX))
}

/// The group whose file `name` is.
pub(super) fn group(name: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(stem(name, GROUP)?.strip_prefix(OWN_PREFIX)?).ok()?;
    (digits.len() == 16).then(|| u64::from_str_radix(digits, 16).ok()).flatten()
}

/// The `n`-th name to try for `name`: itself, then `name~2.ext`, `name~3.ext`, …; shortened where it would be too
/// long, between two characters where it is UTF-8 or WTF-8.
pub(super) fn candidate(name: &[u8], n: u32) -> Vec<u8> {
    if n < 2 {
        return name.to_vec();
    }
    // A leading dot marks a hidden file; it begins no extension. A very long extension is none either.
    let dot = name.iter().rposition(|byte| *byte == b'.').filter(|at| *at > 0 && name.len() - at <= LONGEST / 2);
    let (base, extension) = name.split_at(dot.unwrap_or(name.len()));
    let number = format!("~{n}");
    let room = LONGEST.saturating_sub(number.len() + extension.len());
    [shorten(base, room), number.as_bytes(), extension].concat()
}

/// At most `room` bytes from the front of `text`.
fn shorten(text: &[u8], room: usize) -> &[u8] {
    let continues = |at: &usize| text.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let cut = room.min(text.len());
    // No character is longer than four bytes.
    let boundary = (cut.saturating_sub(3)..=cut).rev().find(|at| !continues(at));
    &text[..boundary.unwrap_or(cut)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_gets_a_number_before_its_extension() {
        let rows: [(&[u8], u32, &[u8]); 7] = [
            (b"a.txt", 1, b"a.txt"),
            (b"a.txt", 2, b"a~2.txt"),
            (b"a.tar.gz", 3, b"a.tar~3.gz"),
            (b"name", 2, b"name~2"),
            (b".hidden", 2, b".hidden~2"),
            (b"\xff\xfe.x", 2, b"\xff\xfe~2.x"),
            (b"dot.", 2, b"dot~2."),
        ];
        for (name, n, expected) in rows {
            assert_eq!(candidate(name, n), expected);
        }
    }

    #[test]
    fn a_long_name_is_shortened_between_characters() {
        let long = format!("{}.txt", "ü".repeat(125));
        let shorter = String::from_utf8(candidate(long.as_bytes(), 2)).unwrap();
        assert!(shorter.len() <= LONGEST && shorter.ends_with("ü~2.txt"), "{shorter}");
        assert_eq!(candidate(&[0xff; 255], 10).len(), 255);
        let no_room_for_the_base = [b"a.".as_slice(), &[b'x'; 253]].concat();
        assert_eq!(candidate(&no_room_for_the_base, 2).len(), 255);
    }

    #[test]
    fn hidden_names_say_what_they_are_for() {
        let part = [slot_stem("1x2", 3).as_slice(), PART].concat();
        assert_eq!(stem(&part, PART), Some(&b".lockwait-1x2-3"[..]));
        assert_eq!(stem(&part, JOURNAL), None);
        assert_eq!(stem(b".lockwait-.part", PART), None);
        assert_eq!(stem(b"letter.part", PART), None);
        assert_eq!(group(&[group_stem(0xabc).as_slice(), GROUP].concat()), Some(0xabc));
        assert_eq!(group(b".lockwait-xyz.group"), None);
    }
}
