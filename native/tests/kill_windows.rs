//! A program that takes files, killed at random instants and started again: nothing lost, nothing doubled, nothing
//! half-written, nothing left.
#![cfg(windows)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant, UNIX_EPOCH};

use lockwait_core::pickup::Outcome;
use lockwait_core::policy::{Collision, Companions};
use lockwait_native::burst::{Burst, Recovered};
use lockwait_native::probe::Prober;

mod common;

use common::taking::{burst, take, taken, visible};
use common::{StandIn, file, names, place, refused, scratch, two_volumes};

/// Source and destination of a process that is to take files, with a line end between.
const FOLDERS: &str = "LOCKWAIT_TEST_FOLDERS";

/// Files in flight at a time.
const FILES: usize = 200;

/// Kills of each run.
const KILLS: u32 = 25;

/// What a taker says when it begins.
const BEGUN: &str = "taker: begun";

#[test]
#[ignore = "a part played for the other tests"]
fn stand_in() {
    common::play();
}

#[test]
#[ignore = "a part played for the other tests"]
fn taker() {
    let Ok(folders) = std::env::var(FOLDERS) else { return };
    let (from, to) = folders.split_once('\n').unwrap();
    println!("\n{BEGUN}");
    let burst = Burst::open(Path::new(to), None, false, Collision::UniqueName).unwrap();
    let prober = Prober::new();
    for (number, name) in names(Path::new(from)).into_iter().enumerate() {
        let place = place(&Path::new(from).join(name));
        if let Outcome::Opened(look) = prober.look(&place, &Companions::None) {
            // Of every other file a copy lies ready, across volumes.
            if number % 2 == 0 {
                burst.stage(&place, &look.facts, &AtomicBool::new(false));
            }
            burst.take(0, &place, &look.facts, None, &AtomicBool::new(false));
        }
    }
}

#[test]
#[ignore = "a part played for the other tests"]
fn stager() {
    let Ok(folders) = std::env::var(FOLDERS) else { return };
    let (from, to) = folders.split_once('\n').unwrap();
    let burst = burst(Path::new(to));
    for name in names(Path::new(from)) {
        let path = Path::new(from).join(name);
        assert!(burst.stage(&place(&path), &refused(&path).facts.unwrap(), &AtomicBool::new(false)));
    }
    println!("\n{BEGUN}");
    drop(std::io::stdin().read_to_end(&mut Vec::new()));
}

/// Starts a process that plays `part`, and waits for its first word.
fn begun(part: &str, from: &Path, to: &Path) -> (Child, impl Iterator<Item = String>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--ignored", "--exact", part, "--nocapture"])
        .env(FOLDERS, format!("{}\n{}", from.display(), to.display()));
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.trim_end() == BEGUN), "it said nothing");
    (process, lines)
}

/// Starts a taker and kills it after `after`, counted from its first word; whether that, and not its own end, ended it.
fn killed(from: &Path, to: &Path, after: Option<Duration>) -> bool {
    let (mut process, lines) = begun("taker", from, to);
    if let Some(after) = after {
        // The very instant is what the test is about: no event can stand for it.
        let start = Instant::now();
        while start.elapsed() < after {
            std::hint::spin_loop();
        }
        drop(process.kill());
    }
    lines.for_each(drop);
    !process.wait().unwrap().success()
}

fn survives_kills(from: &Path, to: &Path) {
    let mut random = UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64 | 1;
    println!("seed: {random}");
    // Marsaglia's xorshift64.
    let mut draw = |limit: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 11) % limit
    };
    // As long as it takes to take them all, so that instants are spread over the whole of it.
    let deliver = |draw: &mut dyn FnMut(u64) -> u64| -> BTreeMap<String, Vec<u8>> {
        (0..FILES)
            .map(|number| {
                let (name, length) = (format!("{number:03}.dat"), draw(1 << (1 + number % 18)));
                let content: Vec<u8> = (0..length).map(|at| (at as usize * 31 + number) as u8).collect();
                file(from, &name, &content);
                (name, content)
            })
            .collect()
    };
    let start = Instant::now();
    deliver(&mut draw);
    assert!(!killed(from, to, None));
    let whole = u64::try_from(start.elapsed().as_micros()).unwrap();
    fs::read_dir(to).unwrap().for_each(|entry| fs::remove_file(entry.unwrap().path()).unwrap());

    let (mut kills, mut rounds) = (0, 0);
    while kills < KILLS {
        let expected = deliver(&mut draw);
        rounds += 1;
        while kills < KILLS && killed(from, to, Some(Duration::from_micros(draw(whole / 3)))) {
            kills += 1;
            for name in names(to).iter().filter(|name| !name.starts_with('.')) {
                assert!(expected.get(name) == Some(&fs::read(to.join(name)).unwrap()), "{name} is not whole, or twice");
            }
        }
        assert!(!killed(from, to, None));
        assert_eq!(names(from), Vec::<String>::new(), "round {rounds}, after {kills} kills");
        assert_eq!(names(to), expected.keys().cloned().collect::<Vec<_>>(), "round {rounds}, after {kills} kills");
        for (name, content) in expected {
            assert!(fs::read(to.join(&name)).unwrap() == content, "{name} is not whole");
            fs::remove_file(to.join(name)).unwrap();
        }
    }
    println!("{kills} kills in {rounds} rounds");
}

#[test]
fn moving_200_files_on_one_volume() {
    let (from, to) = (scratch(), scratch());
    survives_kills(from.path(), to.path());
}

#[test]
fn moving_200_files_across_volumes_one_way_and_the_other() {
    for reversed in [false, true] {
        let Some((from, to)) = two_volumes() else { return };
        let (from, to) = if reversed { (to, from) } else { (from, to) };
        survives_kills(from.path(), to.path());
    }
}

#[test]
fn killed_between_reading_and_moving_the_next_start_begins_anew() {
    let Some((from, to)) = two_volumes() else { return };
    let path = file(from.path(), "kept", "some");
    let reader = StandIn::holding("read", &path);
    let (mut process, lines) = begun("stager", from.path(), to.path());
    assert_eq!(names(to.path()).iter().filter(|name| name.ends_with(".part")).count(), 1);
    process.kill().unwrap();
    lines.for_each(drop);
    process.wait().unwrap();
    assert_eq!(names(to.path()).iter().filter(|name| name.ends_with(".part")).count(), 1, "it had no time to clear up");
    let burst = burst(to.path());
    assert_eq!(*burst.recovered(), Recovered { parts: 1, ..Recovered::default() });
    assert_eq!((names(from.path()), visible(to.path())), (vec!["kept".to_string()], vec![]));
    drop(reader);
    taken(take(&burst, &path));
    drop(burst);
    assert_eq!((names(from.path()), names(to.path())), (vec![], vec!["kept".to_string()]));
    assert_eq!(fs::read(to.path().join("kept")).unwrap(), b"some");
}
