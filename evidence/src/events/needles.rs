//! Which bytes of a log may be of an event about a file.

use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

use super::sight;
use crate::wording::{self, Looks, Words};

/// Codes as numbers of 32 bits, which events carry as typed values and in binary data: sharing violation, lock
/// conflict, lock not granted, and the HRESULTs of errors 32 and 33.
pub(super) const NUMBERS: [u32; 5] = [0xc000_0043, 0xc000_0054, 0xc000_0055, 0x8007_0020, 0x8007_0021];

/// What stands in every event that may matter: what the known sources are known by, and the words of a failure.
fn needles() -> impl Iterator<Item = &'static str> {
    sight::needles().chain(wording::NEEDLES.iter().chain(wording::ENDS).copied())
}

/// Whether an event in UTF-8 that stands in `bytes` may matter.
pub(super) fn are_in_text(bytes: &[u8]) -> bool {
    static NEEDLES: LazyLock<Words> = LazyLock::new(|| Words::new(&[&needles().collect::<Vec<_>>()]));
    NEEDLES.are_in(bytes, |_| true)
}

/// Where in `bytes`, which are in one of Windows' own formats, something stands for which an event may matter. Texts in
/// them are UTF-16 with the low byte first, at any offset.
pub(super) fn in_binary(bytes: &[u8]) -> impl Iterator<Item = usize> {
    static WIDE: LazyLock<Wide> = LazyLock::new(Wide::new);
    // Few bytes are the highest of a number.
    let numbers = memchr::memchr2_iter(0x80, 0xc0, bytes).filter(|at| {
        let number = bytes[..=*at].last_chunk().map(|four| u32::from_le_bytes(*four));
        number.is_some_and(|number| NUMBERS.contains(&number))
    });
    let short = WIDE.short.iter().flat_map(|finder| finder.find_iter(bytes));
    WIDE.long.all(bytes).chain(short).chain(numbers)
}

/// Words in UTF-16.
struct Wide {
    long: Looks<2>,
    /// Words of Chinese and Korean have fewer letters.
    short: Vec<Finder<'static>>,
}

impl Wide {
    fn new() -> Wide {
        let (long, short): (Vec<_>, Vec<_>) =
            needles().partition(|word| word.encode_utf16().count() >= Looks::<2>::LEAST);
        let finder = |word: &str| {
            memmem::Finder::new(&word.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()).into_owned()
        };
        Wide { long: Looks::utf_16(long), short: short.into_iter().map(finder).collect() }
    }
}
