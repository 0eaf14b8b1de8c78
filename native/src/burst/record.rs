//! What a journal says about the transfer under way, as one line of text.
//!
//! The line is sixteen hex digits, a blank, and JSON; the digits are the FNV-1a hash of the JSON, so that a line
//! that was only half written when the power failed is told from a whole one. What follows the line in the file is
//! the rest of an earlier, longer one.

use lockwait_core::observation::Place;
use serde::{Deserialize, Serialize};

/// One transfer across volumes, as it is before the source is claimed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
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

/// How long the hash and the blank are.
const HEAD: usize = 17;

/// `value` as a line with its hash in front.
///
/// # Errors
/// None in practice: everything written here has a JSON form.
pub(super) fn line(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let json = serde_json::to_vec(value)?;
    let mut line = format!("{:016x} ", fnv(&json)).into_bytes();
    line.extend_from_slice(&json);
    line.push(b'\n');
    Ok(line)
}

/// What the first line of `text` says, if it is whole.
pub(super) fn parse<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let (hash, json) = text[..end].split_at_checked(HEAD)?;
    let hash = u64::from_str_radix(std::str::from_utf8(hash).ok()?.trim_end(), 16).ok()?;
    (hash == fnv(json)).then(|| serde_json::from_slice(json).ok()).flatten()
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
        let line = line(&record()).unwrap();
        file[..line.len()].copy_from_slice(&line);
        assert_eq!(parse(&file), Some(record()));
    }

    #[test]
    fn a_torn_record_is_no_record() {
        let whole = line(&record()).unwrap();
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
