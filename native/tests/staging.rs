//! Files that are read before they can be moved: copies that lie ready, used if they still are copies of their source.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lockwait_core::code::Cause;
use lockwait_core::pickup::Outcome;
use lockwait_native::burst::Burst;
use proptest::prelude::*;

mod common;

use common::taking::{burst, code, take, take_as, taken, visible};
use common::{StandIn, file, names, place, refused, scratch, two_volumes};

#[test]
#[ignore = "a part played for the other tests"]
fn stand_in() {
    common::play();
}

/// Stages `path` as it is now; whether a copy of it lies ready.
fn stage(burst: &Burst, path: &Path) -> bool {
    burst.stage(&place(path), &common::look(path).facts, &AtomicBool::new(false))
}

/// The one copy in `folder` that has no name yet.
fn part(folder: &Path) -> PathBuf {
    let parts: Vec<String> = visible(folder).into_iter().filter(|name| name.ends_with(".part")).collect();
    let [part] = &parts[..] else { panic!("not one part: {parts:?}") };
    folder.join(part)
}

/// What tells a file from others that have or had its name. Nobody gets past a part, but its facts are to be seen.
fn identity(path: &Path) -> u64 {
    match path.extension().is_some_and(|kind| kind == "part") {
        true => refused(path).facts.unwrap().identity,
        false => common::look(path).facts.identity,
    }
}

/// Returns when what is changed in `folder` from now on has another time than what was changed before.
fn wait_for_a_tick(folder: &Path) {
    let now = || fs::metadata(file(folder, "tick", "")).unwrap().modified().unwrap();
    let before = now();
    while now() == before {
        std::thread::yield_now();
    }
    fs::remove_file(folder.join("tick")).unwrap();
}

fn set_modified(path: &Path, time: SystemTime) {
    File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn a_copy_that_lies_ready_is_the_very_file_that_arrives() {
    for sync in [false, true] {
        let Some((from, to)) = two_volumes() else { return };
        let burst = Burst::open(to.path(), None, sync, Default::default()).unwrap();
        let content: Vec<u8> = (0..300_000).map(|at| (at % 251) as u8).collect();
        let path = file(from.path(), "a.bin", &content);
        let modified = UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_700);
        set_modified(&path, modified);
        assert!(stage(&burst, &path));
        assert!(stage(&burst, &path), "once is enough");
        let part = part(to.path());
        let (ready, length) = (identity(&part), fs::metadata(&part).unwrap().len());
        assert_eq!((length, names(from.path())), (300_000, vec!["a.bin".to_string()]));
        taken(take(&burst, &path));
        let arrived = to.path().join("a.bin");
        assert_eq!(identity(&arrived), ready);
        assert_eq!(
            (fs::read(&arrived).unwrap(), fs::metadata(&arrived).unwrap().modified().unwrap()),
            (content, modified)
        );
        drop(burst);
        assert_eq!((names(from.path()), names(to.path())), (vec![], vec!["a.bin".to_string()]));
    }
}

#[test]
fn a_source_that_changed_is_copied_again() {
    let longer = |path: &Path| drop(fs::write(path, "some more"));
    let of_the_same_length = |path: &Path| drop(fs::write(path, "same"));
    let with_its_time_set_back = |path: &Path| {
        let before = fs::metadata(path).unwrap().modified().unwrap();
        fs::write(path, "same").unwrap();
        set_modified(path, before);
    };
    let replaced = |path: &Path| {
        let other = file(path.parent().unwrap(), "other", "same");
        set_modified(&other, fs::metadata(path).unwrap().modified().unwrap());
        fs::rename(other, path).unwrap();
    };
    let changes: [&dyn Fn(&Path); 4] = [&longer, &of_the_same_length, &with_its_time_set_back, &replaced];
    for (number, change) in changes.into_iter().enumerate() {
        let Some((from, to)) = two_volumes() else { return };
        let burst = burst(to.path());
        let path = file(from.path(), "a.txt", "some");
        assert!(stage(&burst, &path));
        let ready = identity(&part(to.path()));
        wait_for_a_tick(from.path());
        change(&path);
        let expected = fs::read(&path).unwrap();
        // The rest of the file's own identity may be used again only when the old copy is gone for good.
        let keeps_the_old_one = File::open(part(to.path())).ok();
        taken(take(&burst, &path));
        let arrived = to.path().join("a.txt");
        assert_eq!(fs::read(&arrived).unwrap(), expected, "change {number}");
        assert!(keeps_the_old_one.is_none() || identity(&arrived) != ready, "change {number}");
        assert_eq!((names(from.path()), visible(to.path())), (vec![], vec!["a.txt".to_string()]), "change {number}");
    }
}

#[test]
fn a_file_that_its_owner_removed_was_never_taken() {
    let Some((from, to)) = two_volumes() else { return };
    let burst = burst(to.path());
    let path = file(from.path(), "a.txt", "some");
    let expected = common::look(&path).facts;
    assert!(stage(&burst, &path));
    fs::remove_file(&path).unwrap();
    assert_eq!(code(take_as(&burst, &path, expected)).cause(), Cause::Gone);
    burst.unstage(&place(&path));
    assert_eq!((names(from.path()), visible(to.path())), (vec![], vec![]));
}

#[test]
fn within_a_volume_nothing_is_copied_ahead() {
    let (from, to) = (scratch(), scratch());
    let burst = burst(to.path());
    let path = file(from.path(), "a.txt", "some");
    assert!(!stage(&burst, &path));
    assert_eq!(visible(to.path()), Vec::<String>::new());
}

#[test]
fn a_file_that_is_not_as_expected_or_has_a_writer_is_not_copied_ahead() {
    let Some((from, to)) = two_volumes() else { return };
    let burst = burst(to.path());
    let path = file(from.path(), "a.txt", "some");
    let expected = common::look(&path).facts;
    let stop = AtomicBool::new(false);
    if cfg!(any(windows, target_os = "linux")) {
        let _writer = StandIn::holding("write", &path);
        assert!(!burst.stage(&place(&path), &expected, &stop));
    }
    file(from.path(), "a.txt", "some more");
    assert!(!burst.stage(&place(&path), &expected, &stop));
    fs::remove_file(&path).unwrap();
    assert!(!burst.stage(&place(&path), &expected, &stop));
    fs::create_dir(&path).unwrap();
    assert!(!burst.stage(&place(&path), &expected, &stop));
    assert_eq!(names(to.path()).len(), 1, "the burst's own journal");
}

#[test]
fn what_lies_ready_goes_with_the_burst() {
    let Some((from, to)) = two_volumes() else { return };
    let burst = burst(to.path());
    for name in ["a", "b"] {
        assert!(stage(&burst, &file(from.path(), name, "some")));
    }
    drop(burst);
    assert_eq!((names(from.path()), names(to.path())), (vec!["a".to_string(), "b".to_string()], vec![]));
}

#[test]
fn a_stopped_copy_leaves_nothing_ready() {
    let Some((to, from)) = two_volumes() else { return };
    let path = from.path().join("big");
    // Takes no room at its source, and many chunks to copy.
    File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let burst = burst(to.path());
    let (expected, stop) = (common::look(&path).facts, AtomicBool::new(false));
    std::thread::scope(|scope| {
        let copying = scope.spawn(|| burst.stage(&place(&path), &expected, &stop));
        let begun = |name: &String| fs::metadata(to.path().join(name)).is_ok_and(|part| part.len() > 0);
        while !copying.is_finished() && !visible(to.path()).iter().any(begun) {
            std::thread::yield_now();
        }
        // It is somebody's file still: nobody is kept from writing to it.
        drop(File::options().append(true).open(&path).unwrap());
        stop.store(true, Ordering::Relaxed);
        assert!(!copying.join().unwrap());
    });
    assert_eq!((names(from.path()), visible(to.path())), (vec!["big".to_string()], vec![]));
}

#[test]
fn who_comes_for_a_copy_that_is_being_made_waits_for_it() {
    let Some((to, from)) = two_volumes() else { return };
    let path = from.path().join("big");
    File::create(&path).unwrap().set_len(64 << 20).unwrap();
    let burst = burst(to.path());
    let (expected, stop) = (common::look(&path).facts, AtomicBool::new(false));
    std::thread::scope(|scope| {
        let copying = scope.spawn(|| burst.stage(&place(&path), &expected, &stop));
        while visible(to.path()).is_empty() {
            std::thread::yield_now();
        }
        let ready = identity(&part(to.path()));
        taken(take_as(&burst, &path, expected));
        assert_eq!(identity(&to.path().join("big")), ready);
        copying.join().unwrap();
    });
    assert_eq!((names(from.path()), visible(to.path())), (vec![], vec!["big".to_string()]));
}

#[test]
fn nobody_waits_for_a_copy_of_what_is_not_there_any_more() {
    let Some((to, from)) = two_volumes() else { return };
    let path = from.path().join("big");
    // Takes no room at its source, and many chunks to copy.
    File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let burst = burst(to.path());
    let (expected, stop) = (common::look(&path).facts, AtomicBool::new(false));
    std::thread::scope(|scope| {
        let copying = scope.spawn(|| burst.stage(&place(&path), &expected, &stop));
        while visible(to.path()).is_empty() {
            std::thread::yield_now();
        }
        fs::rename(&path, from.path().join("old")).unwrap();
        taken(take(&burst, &file(from.path(), "big", "some")));
        assert!(!copying.is_finished());
        stop.store(true, Ordering::Relaxed);
        assert!(!copying.join().unwrap());
    });
    assert_eq!((names(from.path()), visible(to.path())), (vec!["old".to_string()], vec!["big".to_string()]));
}

// On Windows a folder with open files in it cannot be renamed.
#[cfg(unix)]
#[test]
fn a_copy_in_a_destination_that_was_replaced_is_not_used() {
    let Some((from, above)) = two_volumes() else { return };
    let to = above.path().join("to");
    fs::create_dir(&to).unwrap();
    let burst = burst(&to);
    let path = file(from.path(), "a.txt", "some");
    assert!(stage(&burst, &path));
    let (ready, _keeps_its_identity) = (identity(&part(&to)), File::open(part(&to)).unwrap());
    fs::rename(&to, above.path().join("old")).unwrap();
    fs::create_dir(&to).unwrap();
    taken(take(&burst, &path));
    assert_ne!(identity(&to.join("a.txt")), ready, "the journal of that copy is not where the next start looks");
    drop(burst);
    assert_eq!((names(&to), names(from.path())), (vec!["a.txt".to_string()], vec![]));
    assert_eq!(visible(&above.path().join("old")), Vec::<String>::new());
}

#[test]
fn of_two_programs_that_have_a_copy_ready_one_takes_the_file() {
    let Some((from, to)) = two_volumes() else { return };
    let bursts = [burst(to.path()), burst(to.path())];
    let path = file(from.path(), "a.txt", "some");
    let expected = common::look(&path).facts;
    for burst in &bursts {
        assert!(stage(burst, &path));
    }
    assert_eq!(visible(to.path()).len(), 2);
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let takers: Vec<_> = bursts.iter().map(|burst| scope.spawn(|| take_as(burst, &path, expected))).collect();
        takers.into_iter().map(|taker| taker.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Taken(_))).count(), 1, "{outcomes:?}");
    drop(bursts);
    assert_eq!((names(from.path()), names(to.path())), (vec![], vec!["a.txt".to_string()]));
}

/// Something that happens to one of two files.
#[derive(Clone, Copy, Debug)]
enum Step {
    Write(usize),
    Replace(usize),
    Remove,
    Stage,
    Unstage,
    Take,
    TakeAsBefore,
}

fn steps() -> impl Strategy<Value = Vec<(bool, Step)>> {
    let step = prop_oneof![
        2 => (0..3usize).prop_map(Step::Write),
        1 => (0..3usize).prop_map(Step::Replace),
        1 => Just(Step::Remove),
        4 => Just(Step::Stage),
        1 => Just(Step::Unstage),
        2 => Just(Step::Take),
        1 => Just(Step::TakeAsBefore),
    ];
    proptest::collection::vec((any::<bool>(), step), 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens to files and the copies of them: what arrives is what was at the source at that moment, once.
    #[test]
    fn what_arrives_is_what_the_source_was_at_the_last(steps in steps()) {
        let Some((from, to)) = two_volumes() else { return Ok(()) };
        let (burst, mut clock) = (burst(to.path()), 0);
        let mut before = [None; 2];
        for (which, step) in steps {
            let path = from.path().join(if which { "a" } else { "b" });
            let before = &mut before[usize::from(which)];
            clock += 1;
            let write = |path: &Path, length: usize| {
                fs::write(path, vec![b'0' + clock as u8; length]).unwrap();
                // Every change has a time of its own, as it has in life for who stands still for long enough.
                set_modified(path, UNIX_EPOCH + Duration::from_secs(1_000_000_000 + clock));
            };
            match step {
                Step::Write(length) => write(&path, length),
                Step::Replace(length) => {
                    let other = from.path().join("other");
                    write(&other, length);
                    fs::rename(other, &path).unwrap();
                }
                Step::Remove => drop(fs::remove_file(&path)),
                Step::Unstage => burst.unstage(&place(&path)),
                Step::Stage if path.exists() => {
                    *before = Some(common::look(&path).facts);
                    prop_assert!(stage(&burst, &path));
                }
                Step::Take if path.exists() => {
                    let content = fs::read(&path).unwrap();
                    let arrived = lockwait_native::path::to_path(&taken(take(&burst, &path)).to);
                    prop_assert!(!path.exists() && fs::read(&arrived).unwrap() == content);
                    fs::remove_file(arrived).unwrap();
                }
                Step::TakeAsBefore if path.exists() => {
                    if let Some(expected) = before.filter(|expected| *expected != common::look(&path).facts) {
                        prop_assert!(matches!(take_as(&burst, &path, expected), Outcome::Changed(_)));
                        prop_assert!(path.exists());
                    }
                }
                Step::Stage | Step::Take | Step::TakeAsBefore => {}
            }
            let arrived = visible(to.path()).into_iter().filter(|name| !name.ends_with(".part")).count();
            prop_assert_eq!(arrived, 0);
        }
        drop(burst);
        prop_assert_eq!(names(to.path()), Vec::<String>::new());
    }
}

#[cfg(windows)]
mod held {
    use lockwait_core::observation::{Access, Method};

    use super::*;

    #[test]
    fn a_file_that_a_reader_keeps_is_read_at_once_and_moved_when_it_lets_go() {
        let Some((from, to)) = two_volumes() else { return };
        let burst = burst(to.path());
        let path = file(from.path(), "a.txt", "some");
        let reader = StandIn::holding("read", &path);
        let refusal = refused(&path);
        assert_eq!((refusal.method, refusal.access), (Method::ShareMode, Access::Read));
        let expected = refusal.facts.unwrap();
        assert!(burst.stage(&place(&path), &expected, &AtomicBool::new(false)));
        let ready = identity(&part(to.path()));
        assert_eq!(fs::metadata(part(to.path())).unwrap().len(), 4);
        // It is not taken by that: to everybody it is where it was and held.
        assert_eq!(code(take_as(&burst, &path, expected)).value(), 32);
        assert_eq!((refused(&path), names(from.path())), (refusal, vec!["a.txt".to_string()]));
        drop(File::options().append(true).open(&path).unwrap());
        drop(reader);
        taken(take(&burst, &path));
        assert_eq!(identity(&to.path().join("a.txt")), ready);
        assert_eq!(fs::read(to.path().join("a.txt")).unwrap(), b"some");
        assert_eq!((names(from.path()), visible(to.path())), (vec![], vec!["a.txt".to_string()]));
    }

    #[test]
    fn a_file_that_changes_under_its_reader_is_copied_again() {
        let Some((from, to)) = two_volumes() else { return };
        let burst = burst(to.path());
        let path = file(from.path(), "a.txt", "some");
        let reader = StandIn::holding("read", &path);
        let stop = AtomicBool::new(false);
        assert!(burst.stage(&place(&path), &refused(&path).facts.unwrap(), &stop));
        wait_for_a_tick(from.path());
        fs::write(&path, "else").unwrap();
        assert!(burst.stage(&place(&path), &refused(&path).facts.unwrap(), &stop), "copied anew");
        let ready = identity(&part(to.path()));
        drop(reader);
        taken(take(&burst, &path));
        assert_eq!(
            (identity(&to.path().join("a.txt")), fs::read(to.path().join("a.txt")).unwrap()),
            (ready, b"else".to_vec())
        );
    }
}
