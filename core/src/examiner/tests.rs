use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::code::Code;
use crate::observation::sighting::{Account, Attempt, Mode, Party, Range, Share};
use crate::observation::{Access, Facts, Holder};
use crate::verdict::{Advice, Kind};

const MS: u64 = 1_000;
const SECOND: u64 = 1_000_000;
/// Some day in 2026.
const BASE: u64 = 1_790_000_000 * SECOND;

/// One input of an examiner, told in a few words.
struct Told {
    examiner: Examiner,
    input: InputId,
    resolution: Span,
    /// What its clock is ahead of the true time.
    ahead: i64,
}

fn party(name: &str, session: u64) -> Party {
    Party { name: name.into(), session, ..Party::default() }
}

fn violation() -> Attempt {
    Attempt::new(Code::ntstatus(0xc000_0043))
}

fn mode(access: Access, share: u32) -> Mode {
    Mode { access, deletes: false, share: Some(Share::from_bits(share)) }
}

impl Told {
    fn new() -> Told {
        Told::after(Examiner::new(Policy::default(), 7), "a")
    }

    fn after(mut examiner: Examiner, name: &str) -> Told {
        let input = examiner.input(name);
        Told { examiner, input, resolution: Span::ZERO, ahead: 0 }
    }

    fn see(&mut self, at: u64, path: &str, actor: Party, act: Act) {
        let at = (BASE + at).saturating_add_signed(self.ahead);
        let at = Timestamp(at - at % self.resolution.0.max(1));
        let record = match act {
            Act::Refused(_) => format!("refused at {at}"),
            _ => String::new(),
        };
        let path = Name::from(path);
        self.examiner.see(self.input, &Sighting { at, resolution: self.resolution, path, actor, act, record });
    }

    fn refused_every(&mut self, interval: u64, times: u64, path: &str) {
        for attempt in 0..times {
            self.see(attempt * interval, path, party("reader", 1), Act::Refused(violation()));
        }
    }

    fn ends(&mut self, at: u64) {
        self.examiner.progress(self.input, "text", 1, 1, Timestamp(BASE + at));
    }

    fn only(&self) -> Finding {
        let report = self.examiner.report();
        assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);
        report.findings[0].clone()
    }
}

#[test]
fn attempts_on_one_file_until_it_opens_are_one_episode_that_ends_when_the_holder_lets_go() {
    let mut told = Told::new();
    told.see(0, r"\\S\in\A.txt", party("writer", 2), Act::Opened { open: 7, mode: mode(Access::ReadWrite, 0) });
    let mut attempt = violation();
    attempt.wanted = Some(mode(Access::Read, 7));
    for turn in 1..=15 {
        told.see(turn * 200 * MS, r"\\s\IN\a.txt", party("reader", 1), Act::Refused(attempt));
    }
    told.see(3_050 * MS, r"\\s\in\a.txt", party("writer", 2), Act::Closed { open: 7 });
    let opened = Act::Opened { open: 8, mode: mode(Access::Read, 7) };
    told.see(3_200 * MS, r"\\s\in\a.txt", party("reader", 1), opened);
    let finding = told.only();
    assert_eq!((finding.episode().attempts(), finding.interval()), (15, Some(Span::from_millis(200))));
    assert_eq!(finding.episode().released(), Some(Timestamp(BASE + 3_050 * MS)));
    assert_eq!(finding.had(), Some(Timestamp(BASE + 3_200 * MS)));
    let holder = &finding.episode().holders().list()[0];
    assert_eq!((holder.name.as_str(), holder.access, holder.share.as_str()), ("writer", Access::ReadWrite, "none"));
    assert_eq!((holder.from, holder.to), (Some(Timestamp(BASE)), finding.episode().released()));
    assert_eq!(finding.records().len(), 5, "the first few records are kept");
    assert_eq!((finding.advice, finding.kind), (Advice::Ignore, Kind::WriterFinishing));
    let report = told.examiner.report();
    assert_eq!(report.summary.sentence, "15 lock errors were 1 episode; none needs you");
}

#[test]
fn who_shares_what_is_wanted_or_only_looks_is_no_holder() {
    let mut told = Told::new();
    told.see(0, "a", party("other", 2), Act::Opened { open: 1, mode: mode(Access::Read, 7) });
    told.see(0, "a", party("stat", 3), Act::Opened { open: 2, mode: mode(Access::Unknown, 7) });
    told.see(0, "b", party("elsewhere", 4), Act::Opened { open: 3, mode: mode(Access::Write, 0) });
    let attempt = Attempt { wanted: Some(mode(Access::Read, 7)), ..violation() };
    told.see(SECOND, "a", party("reader", 1), Act::Refused(attempt));
    assert!(told.only().episode().holders().list().is_empty());
}

#[test]
fn a_byte_range_is_held_by_whoever_locked_one_that_overlaps() {
    let mut told = Told::new();
    for (session, start) in [(2, 0), (3, 100)] {
        told.see(0, "a", party("p", session), Act::Opened { open: session, mode: mode(Access::ReadWrite, 7) });
        told.see(1, "a", party("p", session), Act::Locked { open: session, range: Range { start, length: 10 } });
    }
    let range = Some(Range { start: 105, length: 1 });
    told.see(2, "a", party("q", 1), Act::Refused(Attempt { range, ..violation() }));
    let unlocked = Act::Unlocked { open: 3, range: Range { start: 100, length: 10 } };
    told.see(SECOND, "a", party("p", 3), unlocked);
    let finding = told.only();
    assert_eq!(finding.episode().holders().list().len(), 1);
    assert_eq!(finding.episode().released(), Some(Timestamp(BASE + SECOND)));
}

#[test]
fn a_session_that_holds_what_it_retries_is_told_so() {
    let mut told = Told::new();
    told.see(0, "a", party("app", 1), Act::Opened { open: 1, mode: mode(Access::Write, 0) });
    let attempt = Attempt { wanted: Some(mode(Access::Read, 7)), ..violation() };
    for turn in 0..10 {
        told.see(turn * SECOND, "a", party("app", 1), Act::Refused(attempt));
    }
    assert_eq!(told.only().kind, Kind::OwnProcess);
}

#[test]
fn a_success_and_a_long_silence_end_an_episode_but_a_slow_retry_does_not() {
    let mut told = Told::new();
    told.refused_every(SECOND, 5, "a");
    told.see(5 * SECOND, "a", party("reader", 1), Act::Done);
    told.see(10 * SECOND, "a", party("reader", 1), Act::Refused(violation()));
    told.see(5_000 * SECOND, "a", party("reader", 1), Act::Refused(violation()));
    assert_eq!(told.examiner.report().findings.len(), 3);

    let mut slow = Told::new();
    slow.refused_every(50 * SECOND, 100, "a");
    slow.see(5_300 * SECOND, "a", party("reader", 1), Act::Refused(violation()));
    assert_eq!(slow.only().episode().attempts(), 101);
}

#[test]
fn an_announced_pause_keeps_an_episode_together() {
    let mut told = Told::new();
    let attempt = Attempt { pause: Some(Span::from_secs(300)), ..violation() };
    told.see(0, "a", party("robocopy", 0), Act::Refused(attempt));
    told.see(300 * SECOND, "a", party("robocopy", 0), Act::Refused(attempt));
    assert_eq!(told.only().episode().attempts(), 2);
}

#[test]
fn the_delay_of_a_server_is_not_the_clients_interval() {
    let mut told = Told::new();
    for turn in 0..3 {
        let attempt = Attempt { latency: Some(Span::from_millis(950)), ..violation() };
        told.see(turn * 1_150 * MS, "a", party("smb1", 1), Act::Refused(attempt));
    }
    assert_eq!(told.only().interval(), Some(Span::from_millis(200)));
}

#[test]
fn whole_seconds_give_an_interval_only_over_many_attempts() {
    let mut told = Told::new();
    told.resolution = Span::from_secs(1);
    told.refused_every(200 * MS, 51, "a");
    assert_eq!(told.only().interval(), Some(Span::from_millis(200)));
    let mut few = Told::new();
    few.resolution = Span::from_secs(1);
    few.refused_every(200 * MS, 4, "a");
    assert_eq!(few.only().interval(), None);
}

#[test]
fn attempts_that_end_while_the_evidence_goes_on_have_ceased() {
    let mut told = Told::new();
    told.refused_every(200 * MS, 10, "a");
    told.ends(3 * SECOND);
    assert!(!told.only().episode().marks().ceased, "the next attempt may be about to come");
    told.ends(600 * SECOND);
    assert!(told.only().episode().marks().ceased);
}

#[test]
fn writing_by_somebody_else_while_it_is_held_is_growth() {
    let mut told = Told::new();
    told.see(0, "a", party("writer", 2), Act::Opened { open: 1, mode: mode(Access::Write, 0) });
    told.see(1, "a", party("writer", 2), Act::Wrote { open: 1, end: 100 });
    told.refused_every(200 * MS, 3, "a");
    told.see(700 * MS, "a", party("writer", 2), Act::Wrote { open: 1, end: 400 });
    assert_eq!(told.only().episode().grown(), 300);
}

#[test]
fn records_that_name_holders_are_linked_by_path_and_time() {
    let mut told = Told::new();
    told.refused_every(SECOND, 3, r"C:\in\a.dll");
    let holders = |name: &str| Holders::Found(vec![Holder { name: name.into(), pid: Some(7), ..Holder::default() }]);
    told.see(5 * SECOND, r"c:\IN\A.dll", Party::default(), Act::Held(holders("powershell_ise")));
    told.see(5 * SECOND, r"c:\in\b.dll", Party::default(), Act::Held(holders("innocent")));
    told.see(9_000 * SECOND, r"c:\in\a.dll", Party::default(), Act::Held(holders("much later")));
    let finding = told.only();
    let names: Vec<&str> = finding.episode().holders().list().iter().map(|holder| holder.name.as_str()).collect();
    assert_eq!(names, ["powershell_ise"]);
}

#[test]
fn records_left_out_make_counts_lower_bounds() {
    let mut told = Told::new();
    told.refused_every(SECOND, 3, "a");
    told.see(2 * SECOND, "", Party::default(), Act::Suppressed);
    assert!(told.only().episode().marks().lower_bound);
    assert!(told.examiner.report().to_json().contains(r#""attempts_is_lower_bound":true"#));
}

#[test]
fn an_account_of_a_whole_episode_counts_once() {
    let mut told = Told::new();
    let account = |attempts, released| {
        let (first, code) = (Timestamp(BASE), Code::win32(32));
        Act::Told(Account { first, attempts, code, released, holders: Holders::NotAsked })
    };
    told.see(30 * SECOND, "a", Party::default(), account(60, false));
    told.see(90 * SECOND, "a", Party::default(), account(90, true));
    let finding = told.only();
    assert_eq!((finding.episode().attempts(), finding.episode().held()), (90, Span::from_secs(90)));
    assert_eq!(told.examiner.lock_failures(), 90);
}

/// The same three episodes told by a capture and by a log whose clock differs.
fn two_inputs(ahead: i64, path: &str) -> Report {
    let mut capture = Told::new();
    for start in [0, 1_000, 5_000] {
        for turn in 0..10 {
            let at = start * SECOND + turn * SECOND;
            let actor = Party { address: Some("10.0.0.5".into()), session: 3, ..Party::default() };
            capture.see(at, r"\\srv\in\a.txt", actor, Act::Refused(violation()));
        }
    }
    let mut log = Told::after(capture.examiner, "b");
    (log.resolution, log.ahead) = (Span::from_secs(1), ahead);
    for start in [0, 1_000, 5_000] {
        for turn in 0..10 {
            log.see(start * SECOND + turn * SECOND, path, party("app", 0), Act::Refused(Attempt::new(Code::win32(32))));
        }
    }
    log.examiner.report()
}

#[test]
fn two_inputs_tell_of_one_episode_and_their_clocks_are_compared() {
    let report = two_inputs(3_600_000_000, r"D:\drop\in\A.TXT");
    assert_eq!(report.findings.len(), 3);
    assert_eq!(
        report.inputs[1].warnings,
        ["its clock is 1 h 0 min ahead of that of a (episodes that agree: 3): times are set right by that"]
    );
    let finding = &report.findings[0];
    assert_eq!((finding.episode().attempts(), finding.episode().first()), (10, Timestamp(BASE)));
    assert_eq!(finding.actor().words(), "app at 10.0.0.5");
    assert!(two_inputs(0, r"D:\in\a.txt").inputs[1].warnings.is_empty(), "equal clocks need no word");
}

/// An episode told by a capture, where a writer has the file open, and by a log, where a record names a backup. The
/// clock of whichever comes second is ahead.
fn held_in_two(ahead: i64, log_first: bool) -> Finding {
    let capture = |told: &mut Told| {
        let open = Act::Opened { open: 7, mode: mode(Access::Read, 0) };
        told.see(0, r"\\srv\in\a.txt", party("writer", 2), open);
        let attempt = Attempt { wanted: Some(mode(Access::Read, 7)), ..violation() };
        for turn in 1..=10 {
            told.see(turn * SECOND, r"\\srv\in\a.txt", party("reader", 1), Act::Refused(attempt));
        }
        told.see(11 * SECOND, r"\\srv\in\a.txt", party("writer", 2), Act::Closed { open: 7 });
    };
    let log = |told: &mut Told| {
        told.resolution = Span::from_secs(1);
        for turn in 1..=10 {
            let refused = Act::Refused(Attempt::new(Code::win32(32)));
            told.see(turn * SECOND, r"D:\in\a.txt", Party::default(), refused);
        }
        let holder = Holder { name: "bpbkar32".into(), pid: Some(4), ..Holder::default() };
        told.see(5 * SECOND, r"D:\in\a.txt", Party::default(), Act::Held(Holders::Found(vec![holder])));
    };
    let mut told = Told::new();
    if log_first {
        log(&mut told)
    } else {
        capture(&mut told)
    }
    let mut told = Told::after(told.examiner, "b");
    told.ahead = ahead;
    if log_first {
        capture(&mut told)
    } else {
        log(&mut told)
    }
    told.only()
}

#[test]
fn holders_that_only_one_of_two_inputs_shows_are_told_by_the_clock_of_the_first() {
    for log_first in [false, true] {
        for ahead in [0, -3_600_000_000] {
            let finding = held_in_two(ahead, log_first);
            let holders = finding.episode().holders().list();
            let mut names: Vec<&str> = holders.iter().map(|holder| holder.name.as_str()).collect();
            names.sort_unstable();
            assert_eq!(names, ["bpbkar32", "writer"], "the log first: {log_first}, {ahead}");
            let writer = holders.iter().find(|holder| holder.name == "writer").map(|holder| (holder.from, holder.to));
            let times = (Some(Timestamp(BASE)), Some(Timestamp(BASE + 11 * SECOND)));
            assert_eq!(writer, Some(times), "the log first: {log_first}, {ahead}");
        }
    }
}

#[test]
fn what_one_of_two_inputs_shows_of_changes_and_of_the_end_is_kept() {
    for growth_first in [false, true] {
        // One sees the file grow, and nothing of the end; the other, which begins later, sees more refusals.
        let grows = |told: &mut Told| {
            for turn in 0..5 {
                told.see(turn * SECOND, "/in/a", party("reader", 1), Act::Refused(violation()));
                let facts = Facts { size: 100 * (turn + 1), ..Facts::default() };
                told.see(turn * SECOND + 1, "/in/a", Party::default(), Act::Saw(facts));
            }
        };
        let goes_on = |told: &mut Told| {
            for turn in 3..40 {
                told.see(turn * SECOND, "/in/a", party("reader", 1), Act::Refused(violation()));
            }
        };
        let mut told = Told::new();
        if growth_first {
            grows(&mut told)
        } else {
            goes_on(&mut told)
        }
        told.ends(if growth_first { 400 } else { 40 } * SECOND);
        let mut told = Told::after(told.examiner, "b");
        if growth_first {
            goes_on(&mut told)
        } else {
            grows(&mut told)
        }
        told.ends(if growth_first { 40 } else { 400 } * SECOND);
        let finding = told.only();
        let episode = finding.episode();
        assert!(episode.marks().grew);
        assert_eq!((episode.grown(), episode.active()), (400, Timestamp(BASE + 4 * SECOND + 1)), "{growth_first}");
        assert_eq!(
            (episode.first(), episode.last()),
            (Timestamp(BASE), Timestamp(BASE + 39 * SECOND)),
            "{growth_first}"
        );
        assert_eq!((episode.attempts(), episode.marks().lower_bound), (37, true), "neither saw all");
        assert!(!episode.marks().ceased, "who sees the file grow sees no more attempts, and there are some");
    }
}

#[test]
fn other_files_and_unlikely_clocks_stay_apart() {
    assert_eq!(two_inputs(0, r"D:\drop\in\other.txt").findings.len(), 6);
    assert_eq!(two_inputs(0, r"D:\out\a.txt").findings.len(), 6);
}

#[test]
fn a_sweep_and_a_habit_are_noticed() {
    let mut told = Told::new();
    let day = 86_400 * SECOND;
    for (start, file) in (0..4).flat_map(|d| (0..10).map(move |file| (d * day, file))) {
        told.see(start + file * 100 * MS, &format!("/in/{file}"), party("reader", 1), Act::Refused(violation()));
    }
    let report = told.examiner.report();
    let last = report.findings.last().unwrap();
    assert_eq!((last.episode().neighbours(), last.episode().recurs()), (9, 3));
}

#[test]
fn the_report_has_the_fields_that_programs_read() {
    let mut told = Told::new();
    told.refused_every(200 * MS, 3, "/in/a");
    told.examiner.warn(told.input, "line 3: odd".to_string());
    let report: serde_json::Value = serde_json::from_str(&told.examiner.report().to_json()).unwrap();
    let keys = |value: &serde_json::Value| -> Vec<String> {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    assert_eq!(report["schema"], "lockwait.report/1");
    assert_eq!(keys(&report["inputs"][0]), ["bytes", "format", "lock_failures", "name", "records", "warnings"]);
    assert_eq!(keys(&report["summary"]), ["act", "cannot_tell", "episodes", "ignore", "lock_failures", "sentence"]);
    assert_eq!(
        keys(&report["episodes"][0]),
        [
            "actor",
            "attempts",
            "attempts_is_lower_bound",
            "codes",
            "first",
            "holders",
            "interval_ms",
            "last",
            "path",
            "records",
            "released",
            "verdict"
        ]
    );
    assert_eq!(report["episodes"][0]["codes"]["ntstatus:0xc0000043"], 3);
    assert_eq!(report["episodes"][0]["released"], serde_json::Value::Null);
}

#[test]
fn many_attempts_and_files_take_little_room() {
    let mut told = Told::new();
    for turn in 0..100_000 {
        told.see(turn * 1_000, "a", party("reader", 1), Act::Refused(violation()));
        let saw = Act::Opened { open: turn, mode: mode(Access::Unknown, 7) };
        told.see(turn * 1_000, &format!("other {turn}"), party("reader", 1), saw);
        told.see(turn * 1_000, &format!("other {turn}"), party("reader", 1), Act::Closed { open: turn });
    }
    assert!(told.examiner.lanes.len() <= LANES + 1 && told.examiner.opens.is_empty());
    let finding = told.only();
    assert!(finding.ticks().len() <= 128 && finding.ticks().last().unwrap().0 > BASE + 90 * SECOND);
}

#[test]
fn facts_of_attempts_are_compared() {
    let mut told = Told::new();
    for (turn, size) in [10, 10, 30].into_iter().enumerate() {
        let facts = Some(Facts { size, ..Facts::default() });
        let act = Act::Refused(Attempt { facts, ..violation() });
        told.see(turn as u64 * SECOND, "a", party("reader", 1), act);
    }
    assert_eq!(told.only().episode().grown(), 20);
}
