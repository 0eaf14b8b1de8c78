//! NCP in TCP streams, messages by chance, and the one real capture.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use lockwait_core::observation::sighting::Act;
use lockwait_core::time::Timestamp;
use proptest::prelude::*;

use super::super::{Counts, Ncp};
use super::{HANDLE, Talk, refusals};
use crate::capture::{Conversation, Ends, Frame, Host, Side};
use crate::findings::Findings;
use crate::make::ncp::{Ask, Rights, framed, message};

/// Both sides' streams of a conversation on TCP, and the sightings it has without the streams' being cut.
fn streams() -> [Vec<u8>; 2] {
    let mut streams = [Vec::new(), Vec::new()];
    for sequence in 1..=9 {
        let (ask, data): (_, &[u8]) = match sequence {
            1..=3 => (Ask::open(1, 12, &["A"], Rights::READ), &[]),
            4 => (Ask::open(1, 12, &["A"], Rights::READ), &[0x73, 0x80, 0xe1, 0xe2, 1, 0]),
            5..=8 => (Ask::write(HANDLE, u32::from(sequence) * 40, &[b'D'; 40]), &[]),
            _ => (Ask::close(HANDLE), &[]),
        };
        let completion = if sequence < 4 { 0x80 } else { 0 };
        let is_signed = sequence % 2 == 0;
        streams[0].extend(framed(true, is_signed, &message(0x2222, sequence, 42, 1, &ask.body())));
        let reply = message(0x3333, sequence, 42, 1, &[&[completion, 0], data].concat());
        streams[1].extend(framed(false, is_signed, &reply));
    }
    streams
}

/// Feeds a side's stream in pieces, as a reader of TCP does.
fn feed(ncp: &mut Ncp, from: Side, stream: &[u8], cuts: &[usize], findings: &mut Findings) {
    let frame = Frame { number: 1, at: Timestamp(0) };
    let mut done = 0;
    for cut in cuts.iter().copied().filter(|cut| *cut < stream.len()).chain([stream.len()]) {
        if cut > done {
            done += ncp.stream(frame, from, &stream[done..cut], findings);
            assert!(done <= stream.len());
        }
    }
}

/// All requests first, in pieces, then all replies: they pair up because no number comes twice.
fn sightings(streams: &[Vec<u8>; 2], cuts: &[Vec<usize>; 2]) -> (Findings, Counts) {
    let mut talk = Talk::new();
    for (side, at) in [(Side::Client, 0), (Side::Server, 1)] {
        feed(&mut talk.ncp, side, &streams[at], &cuts[at], &mut talk.findings);
    }
    let counts = talk.ncp.counts().clone();
    (talk.findings, counts)
}

#[test]
fn a_stream_is_found_again_after_a_gap() {
    let [client, server] = streams();
    let whole = framed(true, false, &message(0x2222, 1, 42, 1, &Ask::open(1, 12, &["A"], Rights::READ).body())).len();
    let mut talk = Talk::new();
    let frame = talk.frame;
    talk.ncp.gap(frame, Side::Client, &mut talk.findings);
    // The first request is cut off at the front.
    feed(&mut talk.ncp, Side::Client, &client[whole / 2..], &[], &mut talk.findings);
    feed(&mut talk.ncp, Side::Server, &server, &[], &mut talk.findings);
    assert_eq!(refusals(&talk.findings.sightings).len(), 2);
    assert_eq!(talk.ncp.counts().unpaired_replies, 1);
    assert!(talk.findings.warnings.is_empty(), "{:?}", talk.findings.warnings);
}

#[test]
fn bytes_that_are_no_ncp_are_skipped_and_said() {
    let [client, server] = streams();
    let noisy = [b"\x00", &client[..], b"GET / HTTP/1.0\r\n\r\nDmdT\0\0\0\x40tNcPDm", &client].concat();
    let mut talk = Talk::new();
    feed(&mut talk.ncp, Side::Client, &noisy, &[], &mut talk.findings);
    feed(&mut talk.ncp, Side::Server, &server, &[], &mut talk.findings);
    assert_eq!((talk.ncp.counts().requests, talk.ncp.counts().repeated_requests), (9, 9));
    assert_eq!(talk.findings.warnings.len(), 1, "{:?}", talk.findings.warnings);
}

proptest! {
    #[test]
    fn segments_make_no_difference(
        client in prop::collection::btree_set(0_usize..2_000, 0..40),
        server in prop::collection::btree_set(0_usize..600, 0..40),
    ) {
        let streams = streams();
        let whole = sightings(&streams, &[vec![], vec![]]);
        let cut = sightings(&streams, &[client.into_iter().collect(), server.into_iter().collect()]);
        prop_assert_eq!(&cut.0.sightings, &whole.0.sightings);
        prop_assert_eq!(cut.1, whole.1);
        prop_assert_eq!(refusals(&whole.0.sightings).len(), 3);
    }

    #[test]
    fn any_bytes_are_read_to_some_end(
        messages in prop::collection::vec((any::<bool>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..80)), 0..40),
    ) {
        let mut talk = Talk::new();
        for (is_client, is_stream, bytes) in messages {
            let from = if is_client { Side::Client } else { Side::Server };
            if is_stream {
                let done = talk.ncp.stream(talk.frame, from, &bytes, &mut talk.findings);
                prop_assert!(done <= bytes.len());
            } else {
                talk.send(from, &bytes);
            }
        }
    }

    #[test]
    fn any_request_may_be_answered_in_any_way(
        asked in prop::collection::vec(
            (interesting(), prop::collection::vec(any::<u8>(), 0..60), any::<u8>(), prop::collection::vec(any::<u8>(), 0..40)),
            0..60,
        ),
    ) {
        let mut talk = Talk::new();
        let mut open = BTreeMap::new();
        for ((function, subfunction), data, completion, reply) in asked {
            talk.task = completion % 3;
            // Mostly success, and mostly few different numbers, so that requests meet what others left behind.
            let completion = if completion < 160 { 0 } else { completion };
            let data: Vec<u8> = data.iter().map(|byte| byte % 4).collect();
            talk.talk(&Ask::new(function, subfunction, &data), completion, &reply.iter().map(|byte| byte % 4).collect::<Vec<_>>());
        }
        let frame = talk.frame;
        talk.ncp.end(frame, &mut talk.findings);
        for sighting in &talk.findings.sightings {
            match sighting.act {
                Act::Opened { open: id, .. } => prop_assert_eq!(open.insert(id, true), None),
                Act::Closed { open: id } => prop_assert!(open.insert(id, false) != Some(false)),
                // An open from before the capture is not told of; one that was closed is closed.
                Act::Wrote { open: id, .. } => prop_assert_ne!(open.get(&id), Some(&false)),
                _ => {}
            }
        }
        prop_assert!(open.values().all(|is_open| !is_open), "everything is closed at the end");
    }

    #[test]
    fn a_changed_stream_is_read_to_some_end(
        at in prop::collection::vec((0_usize..2_000, any::<u8>()), 1..8),
        cuts in prop::collection::btree_set(0_usize..2_000, 0..10),
    ) {
        let mut streams = streams();
        for (at, byte) in at {
            for stream in &mut streams {
                let at = at % stream.len();
                stream[at] = byte;
            }
        }
        let cuts: Vec<usize> = cuts.into_iter().collect();
        sightings(&streams, &[cuts.clone(), cuts]);
    }
}

/// Functions that this reader looks into, and others.
fn interesting() -> impl Strategy<Value = (u8, Option<u8>)> {
    prop_oneof![
        prop::sample::select(vec![
            3, 4, 5, 6, 7, 8, 24, 25, 26, 27, 28, 29, 30, 31, 65, 66, 67, 68, 69, 72, 73, 76, 84
        ])
        .prop_map(|function| (function, None)),
        prop::sample::select(vec![1, 4, 8, 12, 30, 32, 36, 37, 38, 64, 65, 67, 68, 69]).prop_map(|sub| (87, Some(sub))),
        prop::sample::select(vec![1, 4, 8, 9, 12, 30, 32, 33]).prop_map(|sub| (89, Some(sub))),
        prop::sample::select(vec![0, 1, 11, 15, 18, 19, 20, 22, 49]).prop_map(|sub| (22, Some(sub))),
        Just((112, None)),
    ]
}

/// The one capture of real NCP that is public: found beside the project, not part of it.
#[test]
fn the_real_capture_has_what_tshark_counts() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/captures/ncp_tcp_real.pcap");
    let Ok(file) = std::fs::read(&path) else {
        return println!("skipped: {} is not there", path.display());
    };
    let client = Host::Ip(IpAddr::V4(Ipv4Addr::new(10, 46, 131, 227)));
    let server = Host::Ip(IpAddr::V4(Ipv4Addr::new(10, 43, 1, 105)));
    let mut ncp = Ncp::new(Ends { client: (client, 2195), server: (server, 524) }, 0);
    let mut findings = Findings::default();
    for (number, frame) in (1..).zip(frames(&file)) {
        // Ethernet, IPv4 and TCP; the capture has every byte once, in order, and a message in each frame.
        let ip = &frame[14..];
        let end = usize::from(u16::from_be_bytes([ip[2], ip[3]]));
        let tcp = &ip[usize::from(ip[0] & 15) * 4..end];
        let payload = &tcp[usize::from(tcp[12] >> 4) * 4..];
        let from = if ip[12..16] == [10, 46, 131, 227] { Side::Client } else { Side::Server };
        let done = ncp.stream(Frame { number, at: Timestamp(number) }, from, payload, &mut findings);
        assert_eq!(done, payload.len(), "frame {number}");
    }
    let counts = ncp.counts();
    // It begins with the reply to a request that it does not have, and ends with a request.
    assert_eq!((counts.requests, counts.replies, counts.unpaired_replies), (234, 233, 1));
    assert_eq!((counts.repeated_requests, counts.repeated_replies, counts.unknown), (0, 0, 0));
    assert_eq!(counts.codes, BTreeMap::from([(0x00, 232), (0xff, 2)]));
    assert!(refusals(&findings.sightings).is_empty(), "{:?}", findings.sightings);
    assert!(findings.warnings.is_empty(), "{:?}", findings.warnings);
}

/// The frames of a little-endian pcap file.
fn frames(mut file: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    file = &file[24..];
    while let [_, _, _, _, _, _, _, _, a, b, c, d, _, _, _, _, rest @ ..] = file {
        let (frame, rest) = rest.split_at(u32::from_le_bytes([*a, *b, *c, *d]) as usize);
        frames.push(frame);
        file = rest;
    }
    frames
}
