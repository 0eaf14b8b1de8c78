//! Real locks, held by real processes: each file arrives whole, exactly once, with at most two events for
//! the log.
#![cfg(unix)]

mod common;

use common::child::Verb;
use common::content::{Content, Format};
use common::{Player, Scene, acquired, logged, names, text};

/// Default policy: a lock shorter than this is no event.
const QUIET_MS: u64 = 5_000;

/// Short numbers, for tests that want to see patience run out.
const IMPATIENT: [&str; 6] = ["--patience", "500ms", "--quiet", "200ms", "--settle", "100ms"];
const IMPATIENT_QUIET_MS: u64 = 200;

/// Held past patience by a process with the file open for writing and this lock on it: reported once, with the
/// holder's name, and once more when it was taken.
fn held_past_patience(lock: &[&str]) {
    let scene = Scene::new();
    let mut engine = scene.watch(&IMPATIENT).ready();
    let mut holder = scene.actor("hold", "held.dat", &[&["--create", "--times", "3"], lock].concat());
    holder.wait_for(Verb::Ready);

    let report = engine.wait_for("lock-held", "held.dat");
    assert_eq!(report["id"], 6067);
    assert_eq!(report["verdict"]["advice"], "act", "{report:#}");
    assert_eq!(report["verdict"]["kind"], "writer-stalled", "{report:#}");
    let pids: Vec<_> = report["verdict"]["holders"].as_array().unwrap().iter().map(|h| &h["pid"]).collect();
    assert_eq!(pids, [holder.pid()], "{report:#}");
    assert_eq!(report["verdict"]["holders"][0]["access"], "read-write");
    assert_eq!(names(&scene.dest).len(), 0, "nothing is taken from under a writer");

    let whole = holder.release();
    assert_eq!(scene.arrival("held.dat"), whole);
    let events = engine.stop();
    acquired(&events, "held.dat");
    let kinds: Vec<_> = logged(&events, "held.dat", IMPATIENT_QUIET_MS).iter().map(|e| text(&e["event"])).collect();
    assert_eq!(kinds, ["lock-held", "acquired"]);
    assert_eq!(names(&scene.source).len(), 0);
    scene.assert_clean();
}

#[test]
fn a_writer_without_a_lock_is_waited_out_and_named() {
    held_past_patience(&[]);
}

#[test]
fn an_ofd_lock_is_waited_out_and_its_holder_named() {
    held_past_patience(&["--lock", "ofd"]);
}

#[test]
fn a_posix_lock_is_waited_out_and_its_holder_named() {
    held_past_patience(&["--lock", "posix"]);
}

#[test]
fn a_flock_lock_is_waited_out_and_its_holder_named() {
    held_past_patience(&["--lock", "flock"]);
}

#[test]
fn a_readers_flock_is_waited_out() {
    let scene = Scene::new();
    let whole = common::write(&scene.source.join("read.dat"), 10_000);
    let mut reader = scene.actor("hold", "read.dat", &["--read", "--lock", "flock"]);
    reader.wait_for(Verb::Ready);
    let mut engine = scene.watch(&IMPATIENT).ready();
    let report = engine.wait_for("lock-held", "read.dat");
    assert_eq!(report["verdict"]["holders"][0]["pid"], reader.pid());
    assert_eq!(report["verdict"]["holders"][0]["access"], "read");
    let kind = text(&report["verdict"]["kind"]);
    assert!(!kind.starts_with("writer"), "a holder that only reads is no writer: {report:#}");
    reader.release();
    assert_eq!(scene.arrival("read.dat"), whole);
    let events = engine.stop();
    acquired(&events, "read.dat");
    assert_eq!(logged(&events, "read.dat", IMPATIENT_QUIET_MS).len(), 2);
}

#[test]
fn a_reader_without_a_lock_stands_in_nobodys_way() {
    let scene = Scene::new();
    let whole = common::write(&scene.source.join("read.dat"), 10_000);
    let reader = scene.actor("hold", "read.dat", &["--read"]);
    reader.wait_for(Verb::Ready);
    let engine = scene.watch(&[]).ready();
    assert_eq!(scene.arrival("read.dat"), whole);
    let events = engine.stop();
    assert_eq!(acquired(&events, "read.dat")["attempts"], 0);
    assert_eq!(logged(&events, "read.dat", QUIET_MS).len(), 0);
}

#[test]
fn a_short_lock_that_ends_well_is_no_event() {
    let scene = Scene::new();
    let engine = scene.watch(&[]).ready();
    let writer = scene.actor("write", "short.json", &["--format", "json", "--linger", "1s"]);
    let whole = writer.wait_for(Verb::Closed).digest;
    assert_eq!(scene.arrival("short.json"), whole);
    let events = engine.stop();
    let taken = acquired(&events, "short.json");
    assert!(taken["attempts"].as_u64() >= Some(2), "it was held for a second: {taken:#}");
    assert_eq!(taken["verdict"]["advice"], "ignore", "{taken:#}");
    assert_eq!(logged(&events, "short.json", QUIET_MS).len(), 0);
}

#[test]
fn a_writer_killed_in_mid_file_leaves_what_it_wrote_and_that_is_taken() {
    let scene = Scene::new();
    let engine = scene.watch(&[]).ready();
    let mut writer = scene.actor("write", "cut.dat", &["--bytes", "1000", "--times", "1000000", "--every", "20ms"]);
    for _ in 0..20 {
        writer.wait_for(Verb::Wrote);
    }
    writer.actor.child.kill().unwrap();
    // It may have written a little more than it was heard to say.
    let said = 20 + writer.rest().iter().filter(|deed| deed.did == Verb::Wrote).count();
    scene.arrival("cut.dat");
    let bytes = std::fs::metadata(scene.dest.join("cut.dat")).unwrap().len();
    let appends = usize::try_from(bytes / 1000).unwrap();
    assert!(
        bytes.is_multiple_of(1000) && (appends == said || appends == said + 1),
        "{bytes} bytes after {said} appends"
    );
    let mut written = Content::new("cut.dat", Format::Raw);
    for _ in 0..appends {
        written.next(1000);
    }
    assert_eq!(scene.arrival("cut.dat"), written.digest());
    let events = engine.stop();
    acquired(&events, "cut.dat");
    assert_eq!(logged(&events, "cut.dat", QUIET_MS).len(), 0);
}

#[test]
fn a_writer_that_reopens_after_300_ms_is_not_taken_half_written() {
    let scene = Scene::new();
    let engine = scene.watch(&[]).ready();
    let writer = scene.actor("write", "pages.dat", &["--times", "6", "--gap", "300ms"]);
    let whole = writer.wait_for(Verb::Closed).digest;
    assert_eq!(scene.arrival("pages.dat"), whole);
    let events = engine.stop();
    acquired(&events, "pages.dat");
    assert_eq!(logged(&events, "pages.dat", QUIET_MS).len(), 0);
    assert_eq!(names(&scene.dest).len(), 1);
}

#[test]
fn content_that_lacks_its_end_is_waited_for_however_long_the_writer_is_away() {
    let scene = Scene::new();
    let engine = scene.watch(&["--settle", "100ms"]).ready();
    let writer = scene.actor("write", "fax.pdf", &["--format", "pdf", "--times", "2", "--gap", "2s"]);
    let whole = writer.wait_for(Verb::Closed).digest;
    assert_eq!(scene.arrival("fax.pdf"), whole);
    let events = engine.stop();
    assert_eq!(acquired(&events, "fax.pdf")["verdict"]["advice"], "ignore");
}

#[test]
fn a_file_that_grows_for_5_s_is_the_writer_finishing() {
    let scene = Scene::new();
    let engine = scene.watch(&["--quiet", "2s"]).ready();
    let writer = scene.actor("write", "growing.dat", &["--bytes", "65536", "--times", "51", "--every", "100ms"]);
    let whole = writer.wait_for(Verb::Closed).digest;
    assert_eq!(scene.arrival("growing.dat"), whole);
    let events = engine.stop();
    let taken = acquired(&events, "growing.dat");
    assert!(taken["waited_ms"].as_u64() >= Some(4_900), "{taken:#}");
    assert_eq!(taken["verdict"]["advice"], "ignore", "{taken:#}");
    assert_eq!(taken["verdict"]["kind"], "writer-finishing", "{taken:#}");
    let kinds: Vec<_> = logged(&events, "growing.dat", 2_000).iter().map(|e| text(&e["event"])).collect();
    assert_eq!(kinds, ["acquired"], "one event, for it waited longer than quiet");
}

#[test]
fn a_scanner_that_opens_each_new_file_is_waited_out_without_an_alarm() {
    let scene = Scene::new();
    let scanner = Player::start("scan", &scene.source, &[]);
    scanner.wait_for(Verb::Ready);
    let engine = scene.watch(&[]).ready();
    let mut whole = Vec::new();
    for name in ["one.dat", "two.dat", "three.dat"] {
        whole.push((name, common::write(&scene.source.join(name), 5_000)));
    }
    for (name, digest) in whole {
        assert_eq!(scene.arrival(name), digest);
    }
    let events = engine.stop();
    for name in ["one.dat", "two.dat", "three.dat"] {
        assert_ne!(acquired(&events, name)["verdict"]["advice"], "act");
        assert_eq!(logged(&events, name, QUIET_MS).len(), 0);
    }
}

#[test]
fn one_locked_file_does_not_delay_another() {
    let scene = Scene::new();
    let holder = scene.actor("hold", "held.dat", &["--create"]);
    holder.wait_for(Verb::Ready);
    let engine = scene.watch(&[]).ready();
    let writer = scene.actor("write", "free.json", &["--format", "json"]);
    let whole = writer.wait_for(Verb::Closed).digest;
    assert_eq!(scene.arrival("free.json"), whole);
    assert_eq!(names(&scene.source), ["held.dat"]);
    drop(engine);
}
