//! PNG, JPEG and GIF.

use super::Sample;
use super::bytes::{find, rfind};
use crate::observation::Content;

pub(super) const PNG: &[&[u8]] = &[b"\x89PNG\r\n\x1a\n"];
pub(super) const JPEG: &[&[u8]] = &[b"\xff\xd8\xff"];
pub(super) const GIF: &[&[u8]] = &[b"GIF87a", b"GIF89a"];

/// The chunk that ends a PNG (PNG specification 11.2.5): no data, so always the same bytes.
const IEND: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";

pub(super) fn png(sample: &Sample<'_>) -> Content {
    if sample.tail.ends_with(IEND) { Content::Complete } else { if_anywhere(rfind(sample.tail, IEND).is_some()) }
}

/// The end is there, but something follows it; or it is not there.
fn if_anywhere(found: bool) -> Content {
    if found { Content::Unknown } else { Content::Incomplete }
}

/// End of image (ITU T.81 B.1.1.3). In the coded data after a start of scan every 0xff is followed by 0x00 or a
/// restart mark, so that there it cannot be anything else.
const EOI: &[u8] = b"\xff\xd9";

pub(super) fn jpeg(sample: &Sample<'_>) -> Content {
    let scan = match Segments::walk(sample.head, sample.length) {
        Segments::Cut => return Content::Incomplete,
        Segments::Scan(scan) => scan,
        Segments::Unseen => return if_anywhere(find(sample.tail, EOI).is_some()),
        // Several images, the first of which ends before the file does (CIPA DC-007), or no sound segments.
        Segments::Several | Segments::Broken => return Content::Unknown,
    };
    let start = usize::try_from(scan.saturating_sub(sample.tail_start())).unwrap_or(usize::MAX);
    let coded = sample.tail.get(start..).unwrap_or_default();
    if coded.ends_with(EOI) { Content::Complete } else { if_anywhere(find(coded, EOI).is_some()) }
}

/// What the segments before the coded data say.
enum Segments {
    /// The coded data begins at this offset.
    Scan(u64),
    /// A segment runs past the end of the file.
    Cut,
    /// The segments run past the bytes that were read.
    Unseen,
    /// The file holds several images.
    Several,
    /// This is no sequence of segments.
    Broken,
}

impl Segments {
    fn walk(head: &[u8], length: u64) -> Segments {
        let mut at = 2;
        let mut several = false;
        loop {
            let (marker, size) = match head.get(at..).unwrap_or_default() {
                [0xff, 0xff, ..] => {
                    at += 1;
                    continue;
                }
                [0xff, 0x01 | 0xd0..=0xd7, ..] => {
                    at += 2;
                    continue;
                }
                [0xff, marker, high, low, ..] => (*marker, usize::from(u16::from_be_bytes([*high, *low]))),
                [] | [0xff] | [0xff, _] | [0xff, _, _] => {
                    return if head.len() as u64 == length { Segments::Cut } else { Segments::Unseen };
                }
                _ => return Segments::Broken,
            };
            several |= marker == 0xe2 && head[at + 4..].starts_with(b"MPF\0");
            at += 2 + size;
            if size < 2 || matches!(marker, 0x00 | 0xd8 | 0xd9) {
                return Segments::Broken;
            } else if at as u64 > length {
                return Segments::Cut;
            } else if marker == 0xda {
                return if several { Segments::Several } else { Segments::Scan(at as u64) };
            }
        }
    }
}

/// The trailer of a GIF (GIF89a specification, 27).
const TRAILER: u8 = 0x3b;

pub(super) fn gif(sample: &Sample<'_>) -> Content {
    match sample.whole() {
        Some(content) => match gif_end(content) {
            Ok(end) if end == content.len() => Content::Complete,
            Ok(_) | Err(Stop::Broken) => Content::Unknown,
            Err(Stop::Cut) => Content::Incomplete,
        },
        // Any byte of coded data may look like the trailer; but before it stands the end of a block.
        None => if_anywhere(find(sample.tail, &[0, TRAILER]).is_some()),
    }
}

enum Stop {
    /// The content ends in the middle.
    Cut,
    /// It is no GIF, or one whose writer leaves the trailer out: it ends right behind an image.
    Broken,
}

/// Where the trailer of a GIF ends.
fn gif_end(content: &[u8]) -> Result<usize, Stop> {
    let byte = |at: usize| content.get(at).copied().ok_or(Stop::Cut);
    // Bytes of the colour table that a packed field announces.
    let colours = |packed: u8| if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) };
    let mut at = 13 + colours(byte(10)?);
    let mut images = 0;
    loop {
        if at == content.len() && images > 0 {
            return Err(Stop::Broken);
        }
        let mut blocks = match byte(at)? {
            TRAILER => return Ok(at + 1),
            // Extension: label, then blocks.
            0x21 => at + 2,
            // Image: descriptor, colour table, code size, then blocks.
            0x2c => {
                images += 1;
                at + 11 + colours(byte(at + 9)?)
            }
            _ => return Err(Stop::Broken),
        };
        loop {
            let size = usize::from(byte(blocks)?);
            blocks += 1 + size;
            if size == 0 {
                break;
            }
        }
        at = blocks;
    }
}
