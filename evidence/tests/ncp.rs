//! Captures of NetWare traffic from file to sightings: made ones with known truth, and the real one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use lockwait_core::observation::sighting::{Act, Sighting};
use lockwait_core::time::{Span, Timestamp};
use lockwait_evidence::make::capture::{IpxFrame, pcap};
use lockwait_evidence::make::ncp::{Ask, Carrier, HOLDER, Hold, Meaning, Network, Release, Rights, Scene, Session};
use lockwait_evidence::make::ncp::{Twist, WAITER, held};
use lockwait_evidence::{Findings, Format, Input};
use proptest::prelude::*;

const CARRIERS: [Carrier; 6] = [
    Carrier::Tcp,
    Carrier::Udp,
    Carrier::Ipx(IpxFrame::Ethernet2),
    Carrier::Ipx(IpxFrame::Raw),
    Carrier::Ipx(IpxFrame::Llc),
    Carrier::Ipx(IpxFrame::Snap),
];
const RETRY: Span = Span::from_millis(200);
const TRIES: usize = 15;

/// Every way to make a capture harder to read, by name.
fn twists() -> Vec<(&'static str, Twist)> {
    let twist = Twist::default();
    vec![
        ("plain", twist),
        ("signed", Twist { is_signed: true, ..twist }),
        ("split", Twist { segment: 11, ..twist }),
        ("signed and split", Twist { is_signed: true, segment: 5, ..twist }),
        ("repeated", Twist { repeats: true, ..twist }),
        ("reused connection", Twist { reuses: true, ..twist }),
        ("from the middle", Twist { is_midway: true, ..twist }),
        ("end of job", Twist { release: Release::EndOfJob, ..twist }),
        ("logout", Twist { release: Release::Logout, ..twist }),
        ("destroyed", Twist { release: Release::Destroy, ..twist }),
        ("hung up", Twist { release: Release::HangUp, ..twist }),
    ]
}

/// All scenes that there can be.
fn scenes() -> Vec<(String, Carrier, Hold, Twist)> {
    let mut scenes = Vec::new();
    for carrier in CARRIERS {
        for hold in Hold::ALL {
            for (name, twist) in twists() {
                let only_tcp = twist.is_signed || twist.segment > 0 || twist.release == Release::HangUp;
                if carrier == Carrier::Tcp || !only_tcp {
                    scenes.push((format!("{carrier:?} {hold:?} {name}"), carrier, hold, twist));
                }
            }
        }
    }
    scenes
}

fn read(file: &[u8], piece: usize) -> Findings {
    let (mut input, mut findings) = (Input::new(), Findings::default());
    for piece in file.chunks(piece.max(1)) {
        input.feed(piece, &mut findings);
    }
    input.end(&mut findings);
    assert_eq!(input.format(), Format::Pcap);
    findings
}

fn address(carrier: Carrier, last: u8) -> String {
    match carrier {
        Carrier::Ipx(_) => format!("00000101:00001b0000{last:02x}"),
        Carrier::Tcp | Carrier::Udp => format!("10.0.0.{last}"),
    }
}

fn at(sightings: &[Sighting], is_meant: impl Fn(&Sighting) -> bool) -> Vec<Timestamp> {
    sightings.iter().filter(|sighting| is_meant(sighting)).map(|sighting| sighting.at).collect()
}

#[test]
fn every_scene_shows_refusals_holder_release_and_taking() {
    for (name, carrier, hold, twist) in scenes() {
        let scene = held(carrier, hold, TRIES, RETRY, twist);
        let findings = read(&pcap(scene.network.frames()), 4_096);
        assert!(findings.warnings.is_empty(), "{name}: {:?}", findings.warnings);
        assert_eq!(findings.records, scene.network.frames().len() as u64, "{name}");
        check(&name, carrier, hold, &scene, &findings.sightings);
    }
}

fn check(name: &str, carrier: Carrier, hold: Hold, scene: &Scene, sightings: &[Sighting]) {
    let [holder, waiter] = [HOLDER, WAITER].map(|last| Some(address(carrier, last)));
    let is_of = |sighting: &Sighting, who: &Option<String>| sighting.actor.address.as_deref() == who.as_deref();
    let refused = at(sightings, |sighting| matches!(sighting.act, Act::Refused(_)));
    assert_eq!(refused, scene.refused, "{name}: refusals\n{sightings:#?}");
    for sighting in sightings {
        let Act::Refused(attempt) = sighting.act else { continue };
        assert!(is_of(sighting, &waiter), "{name}: {sighting:?}");
        assert_eq!(attempt.code.ncp_completion(), scene.completion, "{name}");
        assert!(attempt.latency.is_some_and(|latency| (700..=2_700).contains(&latency.0)), "{name}: {attempt:?}");
        assert!(sighting.record.contains(&format!("{:#04x}", scene.completion)), "{name}: {}", sighting.record);
        let is_range = matches!(hold, Hold::Record | Hold::RecordDos | Hold::Read);
        assert_eq!(attempt.range.is_some(), is_range, "{name}: {attempt:?}");
    }
    // One file, whatever is done to it and by whom.
    let paths: Vec<_> = sightings.iter().map(|sighting| sighting.path.to_string()).collect();
    let first = &paths[0];
    assert!(first.ends_with("/API_OUT/RESPONSE.API"), "{name}: {first}");
    assert!(paths.iter().all(|path| path == first), "{name}: {paths:?}");
    // The holder has it from before the first refusal until the release.
    let is_range = matches!(hold, Hold::Record | Hold::RecordDos | Hold::Read);
    let begun = sightings.iter().find(|sighting| match sighting.act {
        Act::Locked { .. } => is_range,
        Act::Opened { .. } => !is_range && is_of(sighting, &holder),
        _ => false,
    });
    assert!(begun.is_some_and(|begun| is_of(begun, &holder) && begun.at <= scene.refused[0]), "{name}: {begun:?}");
    let released = at(sightings, |sighting| {
        is_of(sighting, &holder) && matches!(sighting.act, Act::Closed { .. } | Act::Unlocked { .. })
    });
    assert_eq!(released, [scene.released], "{name}: release\n{sightings:#?}");
    // And the waiter gets what it wanted.
    let taken = at(sightings, |sighting| {
        let is_it = match hold {
            Hold::Open | Hold::OpenUtf8 | Hold::OpenDos | Hold::WholeFile => matches!(sighting.act, Act::Opened { .. }),
            Hold::Record | Hold::RecordDos => matches!(sighting.act, Act::Locked { .. }),
            Hold::Erase => matches!(sighting.act, Act::Done),
            // A read that succeeds changes nothing that others could see.
            Hold::Read => false,
        };
        is_it && is_of(sighting, &waiter) && sighting.at > scene.refused[0]
    });
    let expected: &[Timestamp] = if hold == Hold::Read { &[] } else { &[scene.taken] };
    assert_eq!(taken, expected, "{name}: taking\n{sightings:#?}");
    let lets_in =
        sightings.iter().filter(|sighting| is_of(sighting, &holder)).find_map(|sighting| match sighting.act {
            Act::Opened { mode, .. } => Some(mode),
            _ => None,
        });
    let wanted = sightings.iter().find_map(|sighting| match sighting.act {
        Act::Refused(attempt) => attempt.wanted,
        _ => None,
    });
    if let (Some(mode), Some(wanted), false) = (lets_in, wanted, is_range) {
        assert_ne!(mode.excludes(wanted), Some(false), "{name}: the holder is one that keeps the waiter out");
    }
}

#[test]
fn packets_that_are_missing_cost_only_what_was_in_them() {
    for carrier in CARRIERS {
        let scene = held(carrier, Hold::Open, TRIES, RETRY, Twist::default());
        for missing in 0..scene.network.frames().len() {
            let mut frames = scene.network.frames().to_vec();
            frames.remove(missing);
            let findings = read(&pcap(&frames), 1 << 16);
            let refused = at(&findings.sightings, |sighting| matches!(sighting.act, Act::Refused(_)));
            assert!(refused.len() + 1 >= TRIES, "{carrier:?} without frame {missing}: {refused:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pieces_of_the_file_and_segments_make_no_difference(
        segment in 1_usize..200,
        piece in 1_usize..5_000,
        hold in prop::sample::select(Hold::ALL.to_vec()),
        is_signed in any::<bool>(),
    ) {
        let scene = held(Carrier::Tcp, hold, 3, RETRY, Twist { segment, is_signed, ..Twist::default() });
        let findings = read(&pcap(scene.network.frames()), piece);
        check("segments", Carrier::Tcp, hold, &scene, &findings.sightings);
    }

    #[test]
    fn changed_bytes_are_read_to_some_end(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        carrier in prop::sample::select(CARRIERS.to_vec()),
        hold in prop::sample::select(Hold::ALL.to_vec()),
    ) {
        let scene = held(carrier, hold, 3, RETRY, Twist { segment: 40, ..Twist::default() });
        let mut file = pcap(scene.network.frames());
        for (index, byte) in changes {
            // The file's own header stays, so that it is still a capture.
            let at = 24 + index.index(file.len() - 24);
            file[at] = byte;
        }
        read(&file, 1_000);
    }
}

/// Runs tshark; `None` when it is not installed.
fn tshark(file: &std::path::Path, filter: &str, fields: &[&str]) -> Option<Vec<Vec<String>>> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(file).args(["-Y", filter, "-T", "fields"]);
    fields.iter().for_each(|field| {
        command.args(["-e", field]);
    });
    let Ok(output) = command.output() else {
        println!("skipped: tshark is not installed");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("tshark writes UTF-8");
    Some(text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

/// What tshark has to say of a message.
fn row(meaning: &Meaning) -> Vec<String> {
    let Meaning { frame, kind, sequence, connection, function, completion } = *meaning;
    let function_number = function.map(|(function, _)| function);
    let subfunction = function.and_then(|(_, subfunction)| subfunction);
    vec![
        frame.to_string(),
        format!("{kind:#06x}"),
        sequence.to_string(),
        connection.to_string(),
        function_number.map_or_else(String::new, |function| format!("{function:#04x}")),
        subfunction.map_or_else(String::new, |subfunction| subfunction.to_string()),
        completion.map_or_else(String::new, |completion| format!("{completion:#04x}")),
    ]
}

#[test]
fn tshark_reads_every_made_frame_as_it_was_meant() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let fields =
        ["frame.number", "ncp.type", "ncp.seq", "ncp.connection", "ncp.func", "ncp.subfunc", "ncp.completion_code"];
    // Every way of holding, every twist and every carrier, but not each with each: tshark takes its time.
    let of_a_kind = |(_, carrier, hold, twist): &(String, Carrier, Hold, Twist)| match carrier {
        Carrier::Tcp => *hold == Hold::Open || *twist == Twist::default(),
        Carrier::Udp => *hold == Hold::Record,
        Carrier::Ipx(_) => *hold == Hold::OpenUtf8 && matches!(twist.release, Release::Close | Release::Destroy),
    };
    let mut wrong = Vec::new();
    for (name, carrier, hold, twist) in scenes().into_iter().filter(of_a_kind) {
        let scene = held(carrier, hold, 2, RETRY, twist);
        let file = folder.join("ncp_made.pcap");
        std::fs::write(&file, pcap(scene.network.frames())).expect("a folder that can be written");
        let Some(mut rows) = tshark(&file, "ncp.type", &fields) else { return };
        // The first reply to a create has a function for tshark.
        rows.iter_mut().filter(|row| row[1] == "0x3333" && row[4] == "0x01").for_each(|row| row[4].clear());
        let expected: Vec<_> = scene.network.meanings.iter().map(row).collect();
        let differ = expected.iter().zip(&rows).filter(|(expected, row)| expected != row);
        wrong.extend(differ.map(|(expected, row)| format!("{name}: {row:?} for {expected:?}")));
        assert_eq!(rows.len(), expected.len(), "{name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tshark_finds_the_same_fields_in_the_made_requests() {
    let handle = [0x73, 0x80, 0xe1, 0xe2];
    let mut network = Network::new(Timestamp(0));
    let mut session = Session::create(&mut network, Carrier::Udp, 5, 42);
    session.talk(
        &mut network,
        &Ask::open(1, 12, &["SUB", "A.API"], Rights::WRITE_ALONE),
        0,
        &[&handle[..], &[1, 0]].concat(),
    );
    session.talk(&mut network, &Ask::write(handle, 300, b"12345"), 0, &[]);
    session.talk(&mut network, &Ask::lock(handle, 100, 50), 0xfd, &[]);
    session.talk(&mut network, &Ask::close(handle), 0, &[]);
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ncp_fields.pcap");
    std::fs::write(&file, pcap(network.frames())).expect("a folder that can be written");
    let fields = [
        "ncp.dir_base",
        "ncp.volume_number",
        "ncp.desired_access_rights",
        "ncp.file_handle",
        "ncp.file_offset",
        "ncp.max_bytes",
    ];
    let Some(rows) = tshark(&file, "ncp.type == 0x2222", &fields) else { return };
    let have = |row: usize, field: usize| rows[row][field].to_lowercase();
    assert_eq!((have(0, 0).as_str(), have(0, 1).as_str(), have(0, 2).as_str()), ("0x0000000c", "1", "0x000f"));
    assert!(have(1, 3).contains("7380e1e2"), "{rows:?}");
    assert_eq!((have(1, 4).as_str(), have(1, 5).as_str()), ("300", "5"));
    assert!(have(2, 3).contains("7380e1e2") && have(3, 3).contains("7380e1e2"), "{rows:?}");
}

#[test]
fn the_real_capture_has_the_opens_and_closes_that_tshark_counts() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/captures/ncp_tcp_real.pcap");
    let Ok(file) = std::fs::read(&path) else {
        return println!("skipped: {} is not there", path.display());
    };
    let findings = read(&file, 10_000);
    assert_eq!(findings.records, 474);
    assert!(findings.warnings.is_empty(), "{:?}", findings.warnings);
    let mut acts = BTreeMap::new();
    for sighting in &findings.sightings {
        let name = match sighting.act {
            Act::Opened { .. } => "opened",
            Act::Closed { .. } => "closed",
            _ => "other",
        };
        *acts.entry(name).or_insert(0) += 1;
        assert!(sighting.path.to_string().starts_with("10.43.1.105:dirhandle#2@42/"), "{}", sighting.path);
    }
    assert_eq!(acts.get("other"), None, "no lock failure: {:?}", findings.sightings);
    let count = |filter: &str| tshark(&path, filter, &["frame.number"]).map(|rows| rows.len());
    let granted = "ncp.type == 0x3333 && ncp.completion_code == 0";
    let Some(opens) = count(&format!("{granted} && ncp.func == 89 && ncp.subfunc in {{1, 32}}")) else { return };
    assert_eq!(acts["opened"], opens);
    // The first close is of a file that was open before.
    let closes = count(&format!("{granted} && ncp.func == 66")).unwrap_or(0);
    assert_eq!(acts["closed"] + 1, closes);
}
