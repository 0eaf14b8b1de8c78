//! Captures made here: what the network does to frames does not change what they show.

use std::net::SocketAddr;

use lockwait_core::observation::sighting::{Act, Share, Sighting};
use lockwait_core::observation::{Access, Holder, Holders};
use lockwait_core::policy::Policy;
use lockwait_core::time::{Span, Timestamp};
use proptest::prelude::*;

use super::{read, read_whole};
use crate::Examination;
use crate::make::capture::{Frame, Wire, pcap, pcapng};
use crate::make::smb::{Ask, Client, DELETE, READ, SHARING_VIOLATION, SUCCESS, WRITE};
use crate::make::smb1;

const ORDERS: &str = r"in\orders.edi";

fn end(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// A holder that shares nothing keeps a second client out; then that one takes, renames and deletes the file.
pub(super) fn scene(segment: usize) -> Wire {
    let mut wire = Wire::new(Timestamp(1_700_000_000_000_000));
    wire.segment = segment;
    let server = end("10.0.0.9:445");
    let mut holder = Client::connect(&mut wire, end("10.0.0.5:40001"), server, r"\\srv\data", r"CORP\anna", "PC-5");
    let mut waiter = Client::connect(&mut wire, end("10.0.0.6:40002"), server, r"\\SRV\data", r"CORP\job", "APP-1");
    let file = holder.open(&mut wire, ORDERS, Ask { access: WRITE, share: 0 }, SUCCESS);
    for round in 0..4 {
        waiter.open(&mut wire, ORDERS, Ask { access: READ | DELETE, share: 1 }, SHARING_VIOLATION);
        holder.write(&mut wire, file, round * 3_000, 3_000, SUCCESS);
        wire.wait(Span::from_millis(200));
    }
    holder.lock(&mut wire, file, 0, 10, SUCCESS);
    holder.unlock(&mut wire, file, 0, 10);
    holder.close(&mut wire, file);
    let file = waiter.open(&mut wire, ORDERS, Ask { access: READ | DELETE, share: 1 }, SUCCESS);
    waiter.read(&mut wire, file, 0, 12_000, SUCCESS);
    waiter.rename(&mut wire, file, r"done\orders.edi", SUCCESS);
    waiter.delete(&mut wire, file, SUCCESS);
    waiter.close(&mut wire, file);
    holder.disconnect(&mut wire);
    waiter.disconnect(&mut wire);
    wire
}

/// A file that is opened over one connection of a session and closed over another; the first has ended by then.
pub(super) fn scene_of_channels() -> Wire {
    let mut wire = Wire::new(Timestamp(1_700_000_000_000_000));
    let server = end("10.0.0.9:445");
    let mut holder = Client::connect(&mut wire, end("10.0.0.5:40001"), server, r"\\srv\data", r"CORP\anna", "PC-5");
    let mut waiter = Client::connect(&mut wire, end("10.0.0.6:40002"), server, r"\\srv\data", r"CORP\job", "APP-1");
    let mut channel = holder.channel(&mut wire, end("10.0.1.5:40003"), server);
    let file = holder.open(&mut wire, ORDERS, Ask { access: WRITE, share: 0 }, SUCCESS);
    channel.write(&mut wire, file, 0, 3_000, SUCCESS);
    holder.leave(&mut wire);
    waiter.open(&mut wire, ORDERS, Ask { access: READ, share: 1 }, SHARING_VIOLATION);
    channel.close(&mut wire, file);
    channel.open(&mut wire, "other", Ask { access: WRITE, share: 0 }, SUCCESS);
    channel.leave(&mut wire);
    wire
}

/// The capture begins when `holders` have the file open. The server asks them to give way, has a third client wait for
/// that and then refuses it all the same.
pub(super) fn scene_of_breaks(holders: &[&str]) -> Wire {
    let mut wire = Wire::new(Timestamp(1_700_000_000_000_000));
    let server = end("10.0.0.9:445");
    let mut waiter = Client::connect(&mut wire, end("10.0.0.6:40002"), server, r"\\srv\data", r"CORP\job", "APP-1");
    let connect =
        |wire: &mut Wire, holder: &&str| Client::connect(wire, end(holder), server, r"\\srv\data", "anna", "PC-5");
    let mut holders: Vec<Client> = holders.iter().map(|holder| connect(&mut wire, holder)).collect();
    let asked = waiter.ask_to_open(&mut wire, ORDERS, Ask { access: READ, share: 1 });
    holders.iter_mut().for_each(|holder| holder.asked_to_give_way(&mut wire));
    waiter.pending(&mut wire, asked);
    wire.wait(Span::from_secs(35));
    waiter.answer(&mut wire, asked, SHARING_VIOLATION);
    wire
}

/// The same by SMB1, which does not say that anybody waits.
fn scene_of_old_breaks(holders: &[&str]) -> Wire {
    let mut wire = Wire::new(Timestamp(1_700_000_000_000_000));
    let server = end("10.0.0.9:445");
    let connect = |wire: &mut Wire, client: &str| smb1::Client::connect(wire, end(client), server, r"\\srv\data");
    let mut waiter = connect(&mut wire, "10.0.0.6:40002");
    let mut holders: Vec<_> = holders.iter().map(|holder| connect(&mut wire, holder)).collect();
    waiter.ask_to_open(&mut wire, ORDERS, Ask { access: READ, share: 1 });
    holders.iter_mut().for_each(|holder| holder.asked_to_give_way(&mut wire, 0x4001));
    wire.wait(Span::from_secs(35));
    waiter.opened(&mut wire, SHARING_VIOLATION);
    wire
}

/// SMB2 in a NetBIOS session.
pub(super) fn scene_of_netbios() -> Wire {
    let mut wire = Wire::new(Timestamp(1_700_000_000_000_000));
    let (client, server) = (end("10.0.0.5:40001"), end("10.0.0.9:139"));
    let mut client = Client::connect(&mut wire, client, server, r"\\srv\data", "anna", "PC-5");
    client.open(&mut wire, ORDERS, Ask { access: READ, share: 7 }, SHARING_VIOLATION);
    wire
}

/// SMB1: one client is in the way of another; both open by NT_TRANSACT.
pub(super) fn scene_of_transactions() -> Wire {
    let mut wire = Wire::new(Timestamp(1_700_000_000_000_000));
    let server = end("10.0.0.9:445");
    let mut connect = |client| smb1::Client::connect(&mut wire, end(client), server, r"\\srv\data");
    let (mut holder, mut waiter) = (connect("10.0.0.5:40001"), connect("10.0.0.6:40002"));
    let file = holder.open(&mut wire, ORDERS, Ask { access: WRITE, share: 0 }, SUCCESS);
    waiter.open(&mut wire, ORDERS, Ask { access: READ, share: 1 }, SHARING_VIOLATION);
    holder.close(&mut wire, file);
    wire
}

fn sightings(frames: &[Frame]) -> Vec<Sighting> {
    read_whole(&pcap(frames)).0.sightings
}

/// What was seen, whenever it was.
fn acts(frames: &[Frame]) -> Vec<(String, u64, Act)> {
    let untimed = |act: Act| match act {
        Act::Refused(attempt) => {
            Act::Refused(lockwait_core::observation::sighting::Attempt { latency: None, ..attempt })
        }
        act => act,
    };
    sightings(frames).into_iter().map(|seen| (seen.path.to_string(), seen.actor.session, untimed(seen.act))).collect()
}

#[test]
fn a_scene_shows_what_happened_in_it() {
    let frames = scene(1_460).frames;
    let seen = sightings(&frames);
    let names: Vec<&str> = seen
        .iter()
        .map(|sighting| match sighting.act {
            Act::Opened { .. } => "opened",
            Act::Refused(_) => "refused",
            Act::Wrote { .. } => "wrote",
            Act::Locked { .. } => "locked",
            Act::Unlocked { .. } => "unlocked",
            Act::Closed { .. } => "closed",
            Act::Done => "done",
            _ => "else",
        })
        .collect();
    let mut expected = vec!["opened"];
    expected.extend(["refused", "wrote"].repeat(4));
    expected.extend(["locked", "unlocked", "closed", "opened", "done", "closed", "done"]);
    assert_eq!(names, expected);
    assert_eq!(&*seen[0].actor.name, r"CORP\anna (PC-5)");
    assert_eq!(&*seen[1].actor.name, r"CORP\job (APP-1)");
    assert_eq!(seen[1].path, seen[0].path, "one server, one name");
    assert_eq!(seen[1].actor.address.as_deref(), Some("10.0.0.6"));
    let Act::Refused(attempt) = seen[1].act else { panic!("{:?}", seen[1]) };
    assert_eq!(attempt.latency, Some(Span::from_millis(1)));
    assert_eq!(sightings(&frames), read_whole(&pcapng(&frames)).0.sightings);
}

#[test]
fn who_is_asked_to_give_way_has_the_file_that_another_waits_for() {
    let seen = sightings(&scene_of_breaks(&["10.0.0.5:40001"]).frames);
    let [held, refused] = &*seen else { panic!("{seen:#?}") };
    let Act::Held(Holders::Found(holders)) = &held.act else { panic!("{held:?}") };
    let told = |holder: &Holder| (holder.name.clone(), holder.address.clone());
    assert_eq!(holders.iter().map(told).collect::<Vec<_>>(), [("anna (PC-5)".to_owned(), Some("10.0.0.5".to_owned()))]);
    assert!(held.record.ends_with(": 10.0.0.9 kept 10.0.0.6 waiting while it asked 10.0.0.5 to give way"), "{held:?}");
    assert_eq!((&held.path, held.at), (&refused.path, refused.at));
    let Act::Refused(attempt) = refused.act else { panic!("{refused:?}") };
    assert!(attempt.latency > Some(Span::from_secs(35)), "{attempt:?}");
    let mut examination = Examination::new(Policy::default());
    examination.begin("breaks.pcap");
    examination.feed(&pcap(&scene_of_breaks(&["10.0.0.5:40001"]).frames));
    let report = examination.into_report();
    let told = report.to_json();
    assert!(told.contains(r#""holders":[{"name":"anna (PC-5)","pid":null,"address":"10.0.0.5""#), "{told}");
}

#[test]
fn of_several_that_are_asked_to_give_way_none_is_named() {
    let seen = sightings(&scene_of_breaks(&["10.0.0.5:40001", "10.0.0.7:40001"]).frames);
    assert!(matches!(&*seen, [Sighting { act: Act::Refused(_), .. }]), "{seen:#?}");
}

#[test]
fn who_is_asked_to_give_way_by_smb1_has_the_file_unless_others_are_asked_too() {
    let seen = sightings(&scene_of_old_breaks(&["10.0.0.5:40001"]).frames);
    let [held, refused] = &*seen else { panic!("{seen:#?}") };
    let Act::Held(Holders::Found(holders)) = &held.act else { panic!("{held:?}") };
    assert_eq!(holders.iter().map(|holder| holder.address.as_deref()).collect::<Vec<_>>(), [Some("10.0.0.5")]);
    assert_eq!((&held.path, held.at), (&refused.path, refused.at));
    let several = sightings(&scene_of_old_breaks(&["10.0.0.5:40001", "10.0.0.7:40001"]).frames);
    assert!(matches!(&*several, [Sighting { act: Act::Refused(_), .. }]), "{several:#?}");
    let own = sightings(&scene_of_old_breaks(&["10.0.0.6:40003"]).frames);
    assert_eq!(own.len(), 2, "another connection of the same machine may be another program: {own:#?}");
}

#[test]
fn what_one_connection_of_a_session_opens_another_closes() {
    let seen = sightings(&scene_of_channels().frames);
    let Act::Opened { open, .. } = seen[0].act else { panic!("{:?}", seen[0]) };
    assert_eq!(seen[1].act, Act::Wrote { open, end: 3_000 });
    assert!(matches!(seen[2].act, Act::Refused(_)), "the first connection ended, and closed nothing");
    assert_eq!(seen[3].act, Act::Closed { open });
    let Act::Opened { open: other, .. } = seen[4].act else { panic!("{:?}", seen[4]) };
    assert_eq!((seen[4].path.to_string(), seen[4].actor.session), (r"\\srv\data\other".into(), seen[0].actor.session));
    assert_eq!(seen[5].act, Act::Closed { open: other }, "the last connection ended");
    assert_eq!(seen.len(), 6);
}

#[test]
fn a_netbios_session_is_read_behind_its_request() {
    let (findings, counts) = read_whole(&pcap(&scene_of_netbios().frames));
    assert_eq!((findings.sightings.len(), counts.lost), (1, 0));
    assert_eq!(findings.sightings[0].path.to_string(), r"\\srv\data\in\orders.edi");
}

#[test]
fn opens_by_nt_transact_are_opens() {
    let seen = sightings(&scene_of_transactions().frames);
    let Act::Opened { open, mode } = seen[0].act else { panic!("{:?}", seen[0]) };
    assert_eq!((mode.access, mode.share), (Access::Write, Some(Share::default())));
    let Act::Refused(attempt) = seen[1].act else { panic!("{:?}", seen[1]) };
    assert_eq!((attempt.wanted.map(|mode| mode.access), &seen[1].path), (Some(Access::Read), &seen[0].path));
    assert_eq!(seen[0].path.to_string(), r"\\srv\data\in\orders.edi");
    assert_eq!(seen[2].act, Act::Closed { open });
}

#[test]
fn what_is_open_ends_with_its_connection() {
    let mut wire = Wire::new(Timestamp(1));
    let (client, server) = (end("10.0.0.5:40001"), end("10.0.0.9:445"));
    let ask = Ask { access: READ, share: 7 };
    let mut one = Client::connect(&mut wire, client, server, r"\\srv\data", "anna", "");
    one.open(&mut wire, "a", ask, SUCCESS);
    one.reset(&mut wire);
    // The same ports again.
    let mut two = Client::connect(&mut wire, client, server, r"\\srv\data", "anna", "");
    two.open(&mut wire, "b", ask, SUCCESS);
    let seen = sightings(&wire.frames);
    assert!(matches!(seen[0].act, Act::Opened { .. }));
    assert!(matches!(seen[1].act, Act::Closed { .. }));
    assert!(matches!(seen[2].act, Act::Opened { .. }));
    assert_eq!(seen.len(), 3, "the second is still open when the capture ends");
}

#[test]
fn a_capture_that_begins_in_the_middle_is_read_from_there() {
    let mut wire = Wire::new(Timestamp(1));
    let mut client = Client::midway(end("10.0.0.5:40001"), end("10.0.0.9:445"));
    client.tcp().ask(&mut wire, &[7; 500]);
    client.open(&mut wire, "a", Ask { access: READ, share: 7 }, SHARING_VIOLATION);
    let seen = sightings(&wire.frames);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].path.to_string(), r"\\10.0.0.9\a");
}

#[test]
fn keep_alives_and_segments_seen_twice_count_once() {
    let clean = scene(1_460);
    let mut twice = clean.clone();
    twice.frames = clean.frames.iter().flat_map(|frame| [frame.clone(), frame.clone()]).collect();
    assert_eq!(acts(&twice.frames), acts(&clean.frames));

    let mut wire = Wire::new(Timestamp(1));
    let mut client = Client::connect(&mut wire, end("[fd00::5]:40001"), end("[fd00::9]:445"), r"\\srv\data", "", "");
    for _ in 0..3 {
        client.open(&mut wire, "a", Ask { access: READ, share: 7 }, SHARING_VIOLATION);
        client.tcp().keep_alive(&mut wire);
    }
    assert_eq!(sightings(&wire.frames).len(), 3);
}

#[test]
fn a_frame_that_was_not_captured_costs_no_more_than_its_own_message() {
    let clean = scene(1_460).frames;
    let all = acts(&clean).len();
    for lost in 0..clean.len() {
        let mut frames = clean.clone();
        frames.remove(lost);
        let left = acts(&frames).len();
        // Without its opening, a file's locks and closing are not told; without the share's name, all still are.
        assert!(left + 9 >= all, "without frame {}: {left} of {all}", lost + 1);
    }
}

#[test]
fn frames_cut_short_keep_what_is_before_the_cut() {
    let mut frames = scene(1_460).frames;
    let whole = acts(&frames);
    let mut file = pcap(&[]);
    for frame in &mut frames {
        let length = frame.bytes.len() as u32;
        frame.bytes.truncate(300);
        let [seconds, micros] = [frame.at.0 / 1_000_000, frame.at.0 % 1_000_000].map(|part| part as u32);
        for field in [seconds, micros, frame.bytes.len() as u32, length] {
            file.extend(field.to_le_bytes());
        }
        file.extend(&frame.bytes);
    }
    let cut = read_whole(&file).0.sightings;
    assert_eq!(cut.len(), whole.len(), "only content was cut");
}

#[test]
fn damage_in_the_file_is_named_and_passed_over() {
    let frames = scene(1_460).frames;
    for write in [pcap, pcapng] {
        let mut file = write(&frames);
        let middle = (file.len() / 2) & !3;
        file[middle..middle + 400].fill(0xee);
        let (findings, _) = read_whole(&file);
        assert_eq!(findings.warnings.len(), 1, "{:?}", findings.warnings);
        assert!(findings.warnings[0].starts_with("byte "));
        assert!(findings.records as usize + 8 > frames.len(), "{} of {}", findings.records, frames.len());
        file.truncate(file.len() - 5);
        assert!(read_whole(&file).0.warnings[1].contains("ends in the middle"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Segments of any length, some of them seen twice, some later than those behind them.
    #[test]
    fn the_way_a_stream_comes_does_not_matter(
        segment in 1_usize..3_000,
        twice in proptest::collection::vec(any::<bool>(), 64),
        order in proptest::collection::vec(any::<u16>(), 64),
        piece in 100_usize..100_000,
    ) {
        let clean = scene(segment.max(40)).frames;
        let mut frames = Vec::new();
        for (index, frame) in clean.iter().enumerate() {
            frames.push(frame.clone());
            if twice[index % 64] {
                frames.push(frame.clone());
            }
        }
        // Only what one end sends in a row can change places: an answer is sent when all has come.
        let ends = |frame: &Frame| frame.bytes[26..38].to_vec();
        for run in frames.chunk_by_mut(|one, other| ends(one) == ends(other) && one.at == other.at) {
            if run[0].bytes[47] & 7 == 0 {
                run.sort_by_key(|frame| order[frame.bytes[41] as usize % 64] ^ u16::from(frame.bytes[40]));
            }
        }
        let seen = acts(&frames);
        prop_assert_eq!(seen, acts(&scene(1_460).frames));
        prop_assert_eq!(read(&pcap(&frames), piece).0.sightings, sightings(&frames));
    }

    #[test]
    fn no_bytes_are_too_bad(bytes in proptest::collection::vec(any::<u8>(), 0..3_000), kind in 0_usize..4) {
        let head: [&[u8]; 4] = [&pcap(&[]), &pcapng(&[]), b"snoop\0\0\0\0\0\0\x02\0\0\0\x04", &[]];
        read_whole(&[head[kind], &bytes].concat());
    }

    #[test]
    fn no_change_is_too_bad(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut in any::<prop::sample::Index>(),
        of_block in any::<bool>(),
    ) {
        let frames = scene(400).frames;
        let mut file = if of_block { pcapng(&frames) } else { pcap(&frames) };
        for (at, value) in changes {
            let at = at.index(file.len());
            file[at] = value;
        }
        file.truncate(cut.index(file.len()) + 1);
        let (findings, _) = read_whole(&file);
        prop_assert!(findings.sightings.len() < 100);
    }
}
