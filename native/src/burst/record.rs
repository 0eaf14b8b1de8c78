//! What a journal says about the transfer under way, as one line of text.
//!
//! The line is sixteen hex digits, a blank, and JSON; the digits are the FNV-1a hash of the JSON, so that a line
//! that was only half written when the power failed is told from a whole one. What follows the line in the file is
//! the rest of an earlier, longer one.

use lockwait_core::json::{self, Blank, Json};
use lockwait_core::observation::Place;

/// One transfer across volumes, as it is before the source is claimed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Record {
    /// The source.
    pub(super) source: Place,
    /// The file id of the source's folder, which tells it from the empty folder that a file system is mounted on.
    pub(super) folder: u64,
    /// The source's file id on its volume. The volume's own id is left out: it may change with a restart.
    pub(super) inode: u64,
    /// The source's size in bytes, and so the copy's.
    pub(super) size: u64,
    /// The source's time of last modification.
    pub(super) modified: u64,
    /// The copy's file id on the destination's volume.
    pub(super) copy: u64,
    /// The leader of the group the file travels with.
    pub(super) leader: Option<Place>,
}

json::record!(
    Record,
    Record { source: Place::blank(), folder: 0, inode: 0, size: 0, modified: 0, copy: 0, leader: None },
    source,
    folder,
    inode,
    size,
    modified,
    copy,
    leader "?",
);

/// How long the hash and the blank are.
const HEAD: usize = 17;

/// `value` as a line with its hash in front.
pub(super) fn line(value: &mut dyn Json) -> Vec<u8> {
    let json = json::write(value);
    format!("{:016x} {json}\n", fnv(json.as_bytes())).into_bytes()
}

/// What the first line of `text` says, if it is whole.
pub(super) fn parse<T: Blank>(text: &[u8]) -> Option<T> {
    let json = whole(text)?;
    json::read(json).ok()
}

/// The JSON of the first line, if it is whole.
fn whole(text: &[u8]) -> Option<&str> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let (hash, json) = std::str::from_utf8(&text[..end]).ok()?.split_at_checked(HEAD)?;
    let hash = u64::from_str_radix(hash.trim_end(), 16).ok()?;
    (hash == fnv(json.as_bytes())).then_some(json)
}

/// The 64-bit FNV-1a hash (Fowler, Noll, Vo; draft-eastlake-fnv section 5). Stays the same in all versions of this
/// program, which the standard library's hashes need not.
pub(super) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let leader = Some(Place::new("/in", "M1.API"));
        Record { source: Place::new("/in", b"\xff\n"), folder: 5, inode: 1, size: 2, modified: 3, copy: 4, leader }
    }

    #[test]
    fn a_record_reads_back_over_the_rest_of_a_longer_one() {
        let mut file = vec![b'x'; 4096];
        let line = line(&mut record());
        file[..line.len()].copy_from_slice(&line);
        assert_eq!(parse(&file), Some(record()));
    }

    #[test]
    fn a_torn_record_is_no_record() {
        let whole = line(&mut record());
        for cut in 0..whole.len() {
            assert_eq!(parse::<Record>(&whole[..cut]), None);
        }
        for at in 0..whole.len() {
            let mut torn = whole.clone();
            torn[at] ^= 1;
            assert_eq!(parse::<Record>(&torn), None, "byte {at}");
        }
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(fnv(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
