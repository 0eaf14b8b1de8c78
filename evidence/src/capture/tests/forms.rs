//! The same frames in every form of file, and on every kind of link.

use lockwait_core::observation::sighting::Sighting;

use super::made::scene;
use super::{Counts, read_whole};
use crate::findings::Findings;
use crate::make::capture::{Frame, pcap, pcapng};

const ETHERNET: usize = 14;
/// Leaves room for tags and the like in a frame of IEEE 802.3.
const SEGMENT: usize = 1_400;

fn whole(file: &[u8]) -> Vec<Sighting> {
    let (Findings { sightings, warnings, .. }, Counts { lost, .. }) = read_whole(file);
    assert_eq!((warnings, lost), (Vec::new(), 0));
    sightings
}

/// What a capture shows, without the frames' numbers.
fn unnumbered(file: &[u8]) -> Vec<Sighting> {
    whole(file).into_iter().map(|sighting| Sighting { record: String::new(), ..sighting }).collect()
}

/// A pcap file of other frames, of another link type.
fn changed(link: u8, change: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> Vec<u8> {
    let frames: Vec<Frame> = scene(SEGMENT)
        .frames
        .iter()
        .flat_map(|frame| change(&frame.bytes).into_iter().map(|bytes| Frame { at: frame.at, bytes }))
        .collect();
    let mut file = pcap(&frames);
    file[20] = link;
    file
}

/// A file of fields of four bytes, each the other way round, and frames as they are.
fn turned(file: &[u8], nanos: bool) -> Vec<u8> {
    let turn = |field: &[u8]| field.iter().rev().copied().collect::<Vec<u8>>();
    let mut out: Vec<u8> = file[..24].chunks(4).flat_map(turn).collect();
    // The version is two fields of two bytes.
    out[4..8].copy_from_slice(&[0, 2, 0, 4]);
    if nanos {
        out[..4].copy_from_slice(&[0xa1, 0xb2, 0x3c, 0x4d]);
    }
    let mut rest = &file[24..];
    while let [header @ .., _] = rest
        && header.len() >= 15
    {
        let length = u32::from_le_bytes([rest[8], rest[9], rest[10], rest[11]]) as usize;
        let mut fields: Vec<u8> = rest[..16].chunks(4).flat_map(turn).collect();
        if nanos {
            let micros = u32::from_le_bytes([rest[4], rest[5], rest[6], rest[7]]);
            fields[4..8].copy_from_slice(&(micros * 1_000 + 999).to_be_bytes());
        }
        out.extend(fields);
        out.extend(&rest[16..16 + length]);
        rest = &rest[16 + length..];
    }
    out
}

#[test]
fn byte_order_and_unit_of_time_do_not_matter() {
    let file = pcap(&scene(SEGMENT).frames);
    let expected = whole(&file);
    assert_eq!(whole(&turned(&file, false)), expected);
    assert_eq!(whole(&turned(&file, true)), expected);
}

#[test]
fn snoop_is_read() {
    let frames = scene(SEGMENT).frames;
    let mut file = b"snoop\0\0\0\0\0\0\x02\0\0\0\x04".to_vec();
    for frame in &frames {
        let length = frame.bytes.len();
        let padded = length.next_multiple_of(4);
        let (seconds, micros) = (frame.at.0 / 1_000_000, frame.at.0 % 1_000_000);
        for field in [length as u64, length as u64, 24 + padded as u64, 0, seconds, micros] {
            file.extend((field as u32).to_be_bytes());
        }
        file.extend(&frame.bytes);
        file.resize(file.len() + padded - length, 0);
    }
    assert_eq!(whole(&file), whole(&pcap(&frames)));
}

#[test]
fn sections_interfaces_and_their_clocks_are_kept_apart() {
    let frames = scene(SEGMENT).frames;
    let expected = whole(&pcap(&frames));
    // Two sections, one after the other, each with an interface of its own.
    let (one, two) = frames.split_at(frames.len() / 2);
    assert_eq!(whole(&[pcapng(one), pcapng(two)].concat()), expected);

    // The interface counts milliseconds from a second later, so times are whole milliseconds; so are the scene's.
    let file = pcapng(&frames);
    let mut other = file[..28].to_vec();
    let options = [&[9, 0, 1, 0, 3, 0, 0, 0][..], &[14, 0, 8, 0], &1_u64.to_le_bytes(), &[0; 4]].concat();
    let length = (20 + options.len() as u32).to_le_bytes();
    other.extend([&[1, 0, 0, 0][..], &length, &[1, 0, 0, 0, 0, 0, 0, 0], &options, &length].concat());
    let mut rest = &file[48..];
    while !rest.is_empty() {
        let length = u32::from_le_bytes([rest[4], rest[5], rest[6], rest[7]]) as usize;
        let mut block = rest[..length].to_vec();
        let field = |at: usize| u64::from(u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]));
        let millis = (field(12) << 32 | field(16)) / 1_000 - 1_000;
        block[12..16].copy_from_slice(&((millis >> 32) as u32).to_le_bytes());
        block[16..20].copy_from_slice(&(millis as u32).to_le_bytes());
        other.extend(block);
        rest = &rest[length..];
    }
    assert_eq!(whole(&other), expected);
}

#[test]
fn every_kind_of_link_is_read() {
    let expected = whole(&pcap(&scene(SEGMENT).frames));
    let before = |header: &'static [u8]| move |frame: &[u8]| vec![[header, &frame[ETHERNET..]].concat()];
    let tagged = |tag: &'static [u8]| move |frame: &[u8]| vec![[&frame[..12], tag, &frame[12..]].concat()];
    let snap = |frame: &[u8]| {
        let length = (frame.len() - ETHERNET + 8) as u16;
        let llc = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
        vec![[&frame[..12], &length.to_be_bytes()[..], &llc, &frame[ETHERNET..]].concat()]
    };
    let forms = [
        ("802.1Q", changed(1, tagged(&[0x81, 0, 0, 7]))),
        ("QinQ", changed(1, tagged(&[0x88, 0xa8, 0, 7, 0x81, 0, 0, 8]))),
        ("SNAP", changed(1, snap)),
        ("raw", changed(101, before(&[]))),
        ("loopback", changed(0, before(&[2, 0, 0, 0]))),
        ("cooked", changed(113, before(&[0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0]))),
    ];
    for (name, file) in forms {
        assert_eq!(whole(&file), expected, "{name}");
    }
    let mut cooked = changed(20, before(&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0]));
    cooked[21] = 1;
    assert_eq!(whole(&cooked), expected, "cooked, version 2");
    let (findings, _) = read_whole(&changed(105, before(&[])));
    assert!(findings.warnings[0].contains("link type 105"), "{:?}", findings.warnings);
}

#[test]
fn fragments_are_put_together_in_any_order() {
    // Two fragments of IPv4: the header again, with length, place and "more" of its own.
    let split = |frame: &[u8]| {
        let (header, payload) = frame[ETHERNET..].split_at(20);
        let middle = (payload.len() / 2).next_multiple_of(8);
        let fragment = |part: &[u8], place: usize, more: u16| {
            let mut bytes = [&frame[..ETHERNET], header, part].concat();
            bytes[ETHERNET + 2..ETHERNET + 4].copy_from_slice(&(20 + part.len() as u16).to_be_bytes());
            bytes[ETHERNET + 4..ETHERNET + 6].copy_from_slice(&frame[ETHERNET + 10..ETHERNET + 12]);
            bytes[ETHERNET + 6..ETHERNET + 8].copy_from_slice(&((place as u16 / 8) | (more << 13)).to_be_bytes());
            bytes
        };
        vec![fragment(&payload[middle..], middle, 0), fragment(&payload[..middle], 0, 1)]
    };
    assert_eq!(unnumbered(&changed(1, split)), unnumbered(&pcap(&scene(SEGMENT).frames)));
}
