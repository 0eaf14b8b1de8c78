//! NCP messages one by one: what a single conversation makes of them.

mod streams;

use std::net::{IpAddr, Ipv4Addr};

use lockwait_core::code::Code;
use lockwait_core::observation::Access;
use lockwait_core::observation::sighting::{Act, Mode, Range, Share, Sighting};
use lockwait_core::time::Timestamp;

use super::{Counts, Ncp};
use crate::capture::{Conversation, Ends, Frame, Host, Side};
use crate::findings::Findings;
use crate::make::ncp::{Ask, Rights, message};

const HANDLE: [u8; 4] = [0x73, 0x80, 0xe1, 0xe2];

/// A conversation, a clock that goes on by a millisecond with each message, and what was found.
struct Talk {
    ncp: Ncp,
    frame: Frame,
    findings: Findings,
    sequence: u8,
    task: u8,
}

/// Something that goes on in a conversation.
type Deed<'a> = &'a dyn Fn(&mut Talk);

fn host(last: u8) -> Host {
    Host::Ip(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)))
}

impl Talk {
    fn new() -> Talk {
        let ends = Ends { client: (host(5), 0x4003), server: (host(9), 524) };
        let frame = Frame { number: 0, at: Timestamp(0) };
        Talk { ncp: Ncp::new(ends, 7), frame, findings: Findings::default(), sequence: 0, task: 1 }
    }

    fn send(&mut self, from: Side, bytes: &[u8]) {
        self.frame = Frame { number: self.frame.number + 1, at: Timestamp(self.frame.at.0 + 1_000) };
        self.ncp.datagram(self.frame, from, bytes, &mut self.findings);
    }

    /// Request and reply on connection 42.
    fn talk(&mut self, ask: &Ask, completion: u8, data: &[u8]) {
        self.ask(ask);
        self.answer(completion, data);
    }

    fn ask(&mut self, ask: &Ask) {
        self.sequence = self.sequence.wrapping_add(1);
        self.send(Side::Client, &message(0x2222, self.sequence, 42, self.task, &ask.body()));
    }

    fn answer(&mut self, completion: u8, data: &[u8]) {
        self.send(Side::Server, &message(0x3333, self.sequence, 42, self.task, &[&[completion, 0], data].concat()));
    }

    fn open(&mut self, name: &str, handle: [u8; 4]) {
        self.talk(&Ask::open(1, 12, &[name], Rights::READ), 0, &[&handle[..], &[1, 0]].concat());
    }

    fn acts(&self) -> Vec<String> {
        self.findings.sightings.iter().map(|sighting| words(&sighting.act)).collect()
    }

    fn paths(&self) -> Vec<String> {
        self.findings.sightings.iter().map(|sighting| sighting.path.to_string()).collect()
    }
}

fn words(act: &Act) -> String {
    match act {
        Act::Refused(attempt) => format!("refused {}", attempt.code),
        Act::Opened { open, .. } => format!("opened {}", *open as u32),
        Act::Closed { open } => format!("closed {}", *open as u32),
        Act::Locked { open, range } => format!("locked {} {}+{}", *open as u32, range.start, range.length),
        Act::Unlocked { open, range } => format!("unlocked {} {}+{}", *open as u32, range.start, range.length),
        Act::Wrote { open, end } => format!("wrote {} {end}", *open as u32),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn refusals(sightings: &[Sighting]) -> Vec<Code> {
    let codes = sightings.iter().filter_map(|sighting| match &sighting.act {
        Act::Refused(attempt) => Some(attempt.code),
        _ => None,
    });
    codes.collect()
}

#[test]
fn a_refused_open_says_who_wanted_what() {
    let mut talk = Talk::new();
    talk.talk(&Ask::open(1, 12, &["API_OUT", "A.API"], Rights::READ_DENY_WRITE), 0x80, &[]);
    let [sighting] = talk.findings.sightings.as_slice() else { panic!("one sighting: {:?}", talk.acts()) };
    assert_eq!(sighting.path.to_string(), "10.0.0.9:vol1/dir#12/API_OUT/A.API");
    assert_eq!(sighting.actor.address.as_deref(), Some("10.0.0.5"));
    assert_eq!(sighting.actor.session, 7 << 32 | 1);
    assert_eq!(
        sighting.record,
        "frame 2: 10.0.0.5 -> 10.0.0.9 NCP 87/1 open vol1/dir#12/API_OUT/A.API: 0x80 Lock fail"
    );
    let Act::Refused(attempt) = &sighting.act else { panic!("{:?}", sighting.act) };
    assert_eq!(attempt.code.to_string(), "ncp:0x80@87/1");
    assert_eq!(attempt.latency.map(|span| span.0), Some(1_000));
    let share = Some(Share { read: true, write: false, delete: false });
    assert_eq!(attempt.wanted, Some(Mode { access: Access::Read, deletes: false, share }));
}

#[test]
fn what_a_completion_code_means_depends_on_the_function() {
    let range_lock = Ask::lock(HANDLE, 100, 50);
    let cases = [
        // Not found is the normal end of a search, and of an open.
        (Ask::open(1, 12, &["A"], Rights::READ), 0xff, 0),
        (Ask::open_utf8(1, 12, &["A"], Rights::READ), 0xff, 0),
        (Ask::open_dos(0, "SYS:A", Rights::READ), 0xff, 0),
        (Ask::look(1, 12, &["A"]), 0xff, 0),
        (Ask::erase(1, 12, &["A"]), 0xff, 0),
        // Bad station number, failure.
        (Ask::open(1, 12, &["A"], Rights::READ), 0xfd, 0),
        (Ask::open(1, 12, &["A"], Rights::READ), 0xfe, 0),
        (Ask::new(23, Some(22), &[0; 8]), 0xfe, 0),
        // No privilege.
        (Ask::open(1, 12, &["A"], Rights::READ), 0x82, 0),
        (Ask::open(1, 12, &["A"], Rights::READ), 0x94, 0),
        // Nothing to unlock, nothing to close.
        (Ask::unlock(HANDLE, 0, 1), 0xff, 0),
        (Ask::close(HANDLE), 0xff, 0),
        (Ask::new(9, None, b"\x01\0\0\x04NAME"), 0xfe, 0),
        // Locks.
        (range_lock.clone(), 0xfd, 1),
        (range_lock.clone(), 0xff, 1),
        (range_lock, 0xfe, 0),
        (Ask::lock_dos(HANDLE, 0, 1), 0xfd, 1),
        (Ask::lock_dos(HANDLE, 0, 1), 0xfe, 1),
        (Ask::lock_dos(HANDLE, 0, 1), 0xff, 1),
        (Ask::lock_file(0, "SYS:A", false), 0xfe, 1),
        (Ask::lock_file(0, "SYS:A", false), 0xff, 1),
        (Ask::read(HANDLE, 0, 10), 0xa2, 1),
        (Ask::write(HANDLE, 0, b"x"), 0xa2, 1),
        (Ask::open(1, 12, &["A"], Rights::READ), 0xa2, 0),
        (Ask::open(1, 12, &["A"], Rights::READ), 0x8d, 1),
        (Ask::erase(1, 12, &["A"]), 0x8d, 1),
        (Ask::erase(1, 12, &["A"]), 0x8e, 1),
        (Ask::new(22, Some(11), b"\0\0\x05SYS:A"), 0x9f, 1),
    ];
    for (ask, completion, expected) in cases {
        let mut talk = Talk::new();
        talk.talk(&ask, completion, &[]);
        assert_eq!(refusals(&talk.findings.sightings).len(), expected, "{ask:?} {completion:#x}: {:?}", talk.acts());
        assert_eq!(talk.findings.sightings.len(), expected, "{ask:?} {completion:#x}: {:?}", talk.acts());
    }
}

#[test]
fn the_same_sequence_number_again_is_a_retransmission_and_the_next_a_retry() {
    let mut talk = Talk::new();
    let ask = Ask::open(1, 12, &["A"], Rights::READ);
    talk.ask(&ask);
    talk.sequence -= 1;
    talk.ask(&ask);
    talk.send(Side::Server, &message(0x9999, 1, 42, 1, &[0, 0]));
    talk.answer(0x80, &[]);
    // The answer was lost on its way: both come again.
    talk.sequence -= 1;
    talk.talk(&ask, 0x80, &[]);
    assert_eq!(talk.acts(), ["refused ncp:0x80@87/1"]);
    let latency = |at: usize| match &talk.findings.sightings[at].act {
        Act::Refused(attempt) => attempt.latency.map(|span| span.as_millis()),
        _ => None,
    };
    assert_eq!(latency(0), Some(3), "from the first time it was sent");
    talk.talk(&ask, 0x80, &[]);
    assert_eq!(talk.acts().len(), 2);
    let Counts { requests, repeated_requests, replies, repeated_replies, processing, .. } = talk.ncp.counts().clone();
    assert_eq!((requests, repeated_requests, replies, repeated_replies, processing), (2, 2, 2, 1, 1));
}

#[test]
fn sequence_numbers_wrap_around() {
    let mut talk = Talk::new();
    for _ in 0..600 {
        talk.talk(&Ask::open(1, 12, &["A"], Rights::READ), 0x80, &[]);
    }
    assert_eq!(talk.acts().len(), 600);
    // A request of which the reply is missing does not take the reply of the one 256 later.
    talk.ask(&Ask::open(1, 12, &["A"], Rights::READ));
    talk.sequence = talk.sequence.wrapping_sub(1);
    talk.talk(&Ask::look(1, 12, &["B"]), 0x80, &[]);
    assert_eq!(talk.acts().len(), 600);
}

#[test]
fn handles_match_on_their_last_four_bytes() {
    let mut talk = Talk::new();
    talk.open("A", HANDLE);
    talk.talk(&Ask::new(73, None, &[&[0, 0xde, 0xad][..], &HANDLE, &[0, 0, 0, 10, 0, 5], b"hello"].concat()), 0, &[]);
    talk.talk(&Ask::new(66, None, &[&[0, 0xbe, 0xef][..], &HANDLE].concat()), 0, &[]);
    assert_eq!(talk.acts(), ["opened 1", "wrote 1 15", "closed 1"]);
    assert!(talk.paths().iter().all(|path| path == "10.0.0.9:vol1/dir#12/A"), "{:?}", talk.paths());
}

#[test]
fn a_write_shows_only_how_far_the_file_reaches() {
    let mut talk = Talk::new();
    talk.open("A", HANDLE);
    for (offset, completion) in [(0, 0), (4, 0), (2, 0), (100, 0xa2), (200, 0x94)] {
        talk.talk(&Ask::write(HANDLE, offset, b"1234"), completion, &[]);
    }
    assert_eq!(talk.acts(), ["opened 1", "wrote 1 4", "wrote 1 8", "refused ncp:0xa2@73"]);
}

#[test]
fn locks_go_with_their_range_and_with_their_file() {
    let mut talk = Talk::new();
    talk.open("A", HANDLE);
    talk.talk(&Ask::lock(HANDLE, 1 << 40, 50), 0, &[]);
    talk.talk(&Ask::lock(HANDLE, 0, 9), 0, &[]);
    talk.talk(&Ask::unlock(HANDLE, 1 << 40, 50), 0, &[]);
    talk.talk(&Ask::unlock(HANDLE, 1 << 40, 50), 0, &[]);
    talk.talk(&Ask::close(HANDLE), 0, &[]);
    talk.talk(&Ask::unlock(HANDLE, 0, 9), 0, &[]);
    let expected = ["opened 1", "locked 1 1099511627776+50", "locked 1 0+9", "unlocked 1 1099511627776+50", "closed 1"];
    assert_eq!(talk.acts(), expected);
}

#[test]
fn ranges_and_files_can_be_noted_first_and_locked_together() {
    let mut talk = Talk::new();
    talk.open("A", HANDLE);
    let note = |start: u8| Ask::new(26, None, &[&[0, 0, 0][..], &HANDLE, &[0, 0, 0, start, 0, 0, 0, 1, 0, 0]].concat());
    talk.talk(&note(1), 0, &[]);
    talk.talk(&Ask::new(27, None, &[0, 0, 0]), 0xfd, &[]);
    talk.talk(&note(2), 0, &[]);
    talk.talk(&Ask::new(27, None, &[0, 0, 0]), 0, &[]);
    talk.talk(&Ask::new(29, None, &[0]), 0, &[]);
    talk.talk(&Ask::new(3, None, b"\0\0\0\0\x05SYS:B"), 0, &[]);
    talk.talk(&Ask::new(4, None, &[0, 0]), 0xfe, &[]);
    talk.talk(&Ask::new(4, None, &[0, 0]), 0, &[]);
    talk.talk(&Ask::new(8, None, &[0]), 0, &[]);
    let expected = [
        "opened 1",
        "refused ncp:0xfd@27",
        "locked 1 1+1",
        "locked 1 2+1",
        "unlocked 1 1+1",
        "unlocked 1 2+1",
        "refused ncp:0xfe@4",
        "opened 2",
        "closed 2",
    ];
    assert_eq!(talk.acts(), expected);
    assert_eq!(talk.paths()[6..], ["10.0.0.9:SYS/B", "10.0.0.9:SYS/B", "10.0.0.9:SYS/B"]);
    let Act::Refused(attempt) = &talk.findings.sightings[1].act else { panic!() };
    assert_eq!(attempt.range, Some(Range { start: 1, length: 1 }));
}

#[test]
fn a_lock_that_is_queued_and_granted_is_no_failure() {
    let mut talk = Talk::new();
    talk.open("A", HANDLE);
    talk.talk(&Ask::lock(HANDLE, 0, 9), 0x7f, &[]);
    talk.talk(&Ask::new(112, None, &[]), 0, &[]);
    talk.talk(&Ask::open(1, 12, &["B"], Rights::READ), 0x7f, &[]);
    talk.open("B", [1, 2, 3, 4]);
    assert_eq!(talk.acts(), ["opened 1", "locked 1 0+9", "opened 2"]);
}

#[test]
fn a_lock_that_is_queued_and_not_granted_is_a_refusal() {
    let lock = Ask::lock(HANDLE, 0, 9);
    let after: [(&str, Deed<'_>); 6] = [
        ("0x7f", &|talk| talk.talk(&lock, 0x7f, &[])),
        ("0xfd", &|talk| talk.talk(&lock, 0xfd, &[])),
        ("0x7f", &|talk| talk.talk(&Ask::new(112, None, &[]), 0x7f, &[])),
        ("0x7f", &|talk| talk.talk(&Ask::new(112, None, &[]), 0xff, &[])),
        ("0x7f", &|talk| talk.talk(&Ask::close(HANDLE), 0, &[])),
        ("0x7f", &|talk| talk.talk(&Ask::new(24, None, &[]), 0, &[])),
    ];
    for (code, then) in after {
        let mut talk = Talk::new();
        talk.open("A", HANDLE);
        talk.talk(&lock, 0x7f, &[]);
        assert_eq!(talk.acts().len(), 1, "nothing is known yet");
        then(&mut talk);
        assert_eq!(talk.acts()[1], format!("refused ncp:{code}@87/67"));
    }
}

#[test]
fn what_a_task_a_user_or_a_connection_had_open_is_closed_when_it_ends() {
    let destroy = |talk: &mut Talk| talk.send(Side::Client, &message(0x5555, 9, 42, 1, &[0]));
    let ended = |talk: &mut Talk| {
        let frame = talk.frame;
        talk.ncp.end(frame, &mut talk.findings);
    };
    let create = |talk: &mut Talk| {
        talk.send(Side::Client, &message(0x1111, 0, 0xffff, 1, &[0]));
        talk.send(Side::Server, &message(0x3333, 0, 42, 1, &[0, 0]));
    };
    let end_of_job = |task: u8| {
        move |talk: &mut Talk| {
            talk.task = task;
            talk.talk(&Ask::new(24, None, &[]), 0, &[]);
        }
    };
    let cleared = |ask: Ask| {
        move |talk: &mut Talk| {
            talk.send(Side::Client, &message(0x2222, 1, 43, 1, &ask.body()));
            talk.send(Side::Server, &message(0x3333, 1, 43, 1, &[0, 0]));
        }
    };
    let no_longer = |talk: &mut Talk| {
        talk.ask(&Ask::look(1, 12, &["A"]));
        talk.send(Side::Server, &message(0x3333, talk.sequence, 42, 1, &[0, 1]));
    };
    let cases: [(&str, Deed<'_>, usize); 10] = [
        ("end of job of the task", &end_of_job(1), 1),
        ("end of job of the client", &end_of_job(0), 2),
        ("end of job of a third task", &end_of_job(3), 0),
        ("logout", &|talk| talk.talk(&Ask::new(25, None, &[]), 0, &[]), 2),
        ("destroyed", &destroy, 2),
        ("connection ended", &ended, 2),
        ("created again", &create, 2),
        ("cleared by 23/254", &cleared(Ask::new(23, Some(254), &[42, 0, 0, 0])), 2),
        ("cleared by 23/210", &cleared(Ask::new(23, Some(210), &[42])), 2),
        ("bad connection", &no_longer, 2),
    ];
    for (name, end, expected) in cases {
        let mut talk = Talk::new();
        talk.open("A", HANDLE);
        talk.task = 2;
        talk.open("B", [1, 2, 3, 4]);
        end(&mut talk);
        let closed = talk.acts().iter().filter(|act| act.starts_with("closed")).count();
        assert_eq!(closed, expected, "{name}: {:?}", talk.acts());
    }
}

#[test]
fn a_connection_number_used_again_is_another_session() {
    let mut talk = Talk::new();
    let ask = Ask::open(1, 12, &["A"], Rights::READ);
    talk.talk(&ask, 0x80, &[]);
    talk.send(Side::Client, &message(0x1111, 0, 0xffff, 1, &[0]));
    talk.send(Side::Server, &message(0x3333, 0, 42, 1, &[0, 0]));
    talk.sequence = 0;
    talk.talk(&ask, 0x80, &[]);
    assert_eq!(talk.acts().len(), 2, "the same bytes with the same sequence number, but no retransmission");
    let sessions: Vec<u64> = talk.findings.sightings.iter().map(|sighting| sighting.actor.session).collect();
    assert_ne!(sessions[0], sessions[1]);
}

#[test]
fn paths_have_one_form() {
    let by_handle = |handle| Ask::open_by_handle(handle, &["SUB", "A"], Rights::READ);
    let nameless = Ask::new(87, Some(1), b"\x00\x01\x06\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\xff\x02\x04SYS:\x01A");
    let cases = [
        (Ask::open(1, 12, &["A"], Rights::READ), "vol1/dir#12/A"),
        (Ask::open_utf8(1, 12, &["SUB", "Ä"], Rights::READ), "vol1/dir#12/SUB/Ä"),
        (Ask::open_dos(0, "SYS:PUBLIC\\A", Rights::READ), "SYS/PUBLIC/A"),
        (Ask::open_dos(2, "SYS:/PUBLIC/A", Rights::READ), "SYS/PUBLIC/A"),
        (Ask::open_dos(3, "A", Rights::READ), "dirhandle#3@42/A"),
        (by_handle(3), "dirhandle#3@42/SUB/A"),
        (by_handle(2), "SYS/MAIL/SUB/A"),
        (nameless, "SYS/A"),
    ];
    for (ask, path) in cases {
        let mut talk = Talk::new();
        talk.talk(&Ask::directory_handle("SYS:MAIL"), 0, &[2, 0xff]);
        talk.talk(&ask, 0x80, &[]);
        assert_eq!(talk.paths(), [format!("10.0.0.9:{path}")]);
    }
    let mut talk = Talk::new();
    talk.talk(&Ask::new(22, Some(1), &[4]), 0, b"\x08SYS:MAIL");
    talk.talk(&by_handle(4), 0x80, &[]);
    talk.talk(&Ask::new(22, Some(20), &[4]), 0, &[]);
    talk.talk(&by_handle(4), 0x80, &[]);
    talk.talk(&Ask::lock(HANDLE, 0, 1), 0xfd, &[]);
    let expected =
        ["SYS/MAIL/SUB/A", "dirhandle#4@42/SUB/A", "open#7380e1e2@42"].map(|path| format!("10.0.0.9:{path}"));
    assert_eq!(talk.paths(), expected);
}

#[test]
fn whoever_deletes_what_it_was_refused_is_done() {
    let erase = |name| Ask::erase(1, 12, &[name]);
    let mut talk = Talk::new();
    talk.talk(&erase("A"), 0x8e, &[]);
    talk.talk(&erase("a"), 0, &[]);
    talk.talk(&erase("B"), 0, &[]);
    talk.talk(&Ask::open(1, 12, &["C"], Rights::READ), 0x80, &[]);
    talk.talk(&Ask::open(1, 12, &["C"], Rights::READ), 0xff, &[]);
    talk.talk(&Ask::open(1, 12, &["C"], Rights::READ), 0xff, &[]);
    assert_eq!(talk.acts(), ["refused ncp:0x8e@87/8", "done", "gone", "refused ncp:0x80@87/1", "gone"]);
    assert_eq!(talk.findings.sightings[4].actor.address, None, "nobody knows who took it away");
}

#[test]
fn a_user_who_logs_in_is_named() {
    let mut talk = Talk::new();
    talk.talk(&Ask::new(23, Some(24), b"12345678\x00\x01\x06GWUSER"), 0, &[]);
    talk.open("A", HANDLE);
    assert_eq!(&*talk.findings.sightings[0].actor.name, "GWUSER");
}

#[test]
fn packet_burst_is_counted_and_said_once() {
    let mut talk = Talk::new();
    talk.open("A", HANDLE);
    let burst = [&[0x77, 0x77, 0, 2][..], &[0; 32], &[2, 0, 0, 0], &HANDLE, &[0; 16]].concat();
    talk.send(Side::Client, &burst);
    talk.send(Side::Server, &burst);
    assert_eq!(talk.ncp.counts().bursts, 2);
    assert_eq!(talk.acts(), ["opened 1"]);
    assert_eq!(talk.findings.warnings.len(), 1, "{:?}", talk.findings.warnings);
}

#[test]
fn replies_without_a_request_show_nothing() {
    let mut talk = Talk::new();
    talk.sequence = 5;
    talk.answer(0x80, &[]);
    assert!(talk.acts().is_empty());
    assert_eq!(talk.ncp.counts().unpaired_replies, 1);
}

#[test]
fn nothing_grows_without_bound() {
    let mut talk = Talk::new();
    for number in 0..6_000_u32 {
        talk.open(&format!("F{number}"), (number + 1).to_be_bytes());
        talk.talk(&Ask::lock(HANDLE, number.into(), 1), 0, &[]);
        talk.talk(&Ask::lock_file(0, &format!("SYS:F{number}"), false), 0, &[]);
        talk.ask(&Ask::look(1, 12, &["A"]));
    }
    for number in 0..500_u16 {
        talk.send(Side::Client, &message(0x2222, 1, number, 1, &Ask::close(HANDLE).body()));
    }
    assert_eq!(talk.ncp.counts().opens, 4_095, "and the one that was open before");
    assert_eq!(talk.ncp.connections.len(), super::CONNECTIONS);
    assert_eq!(talk.findings.warnings.len(), 1, "{:?}", talk.findings.warnings);
}
