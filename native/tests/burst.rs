//! Files taken within a volume and across volumes, and all that may stand in the way.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use lockwait_core::code::{Cause, Code};
use lockwait_core::observation::{Name, Taken};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Collision;
use lockwait_native::burst::{Burst, is_own_name};
use lockwait_native::path;

mod common;

use common::taking::{burst, code, take, take_as, taken, visible};
use common::{LOCKED, StandIn, file, names, odd_names, place, scratch, two_volumes};

#[test]
#[ignore = "a part played for the other tests"]
fn stand_in() {
    common::play();
}

#[test]
fn within_a_volume_the_very_file_is_moved() {
    let (from, to) = (scratch(), scratch());
    let path = file(from.path(), "a.txt", "some");
    let identity = common::look(&path).facts.identity;
    let burst = Burst::open(to.path(), None, true, Collision::UniqueName).unwrap();
    let taken = taken(take(&burst, &path));
    assert_eq!(taken, Taken { to: path::to_name(to.path().join("a.txt")), bytes: 4 });
    assert_eq!(common::look(&to.path().join("a.txt")).facts.identity, identity);
    drop(burst);
    assert_eq!((names(from.path()), names(to.path())), (vec![], vec!["a.txt".into()]));
}

#[test]
fn across_volumes_content_times_and_write_protection_arrive_and_nothing_else_is_left() {
    for (sync, size) in [(false, 0), (true, 5), (false, 128 << 10), (true, 3 << 20)] {
        let Some((from, to)) = two_volumes() else { return };
        let content: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
        let path = file(from.path(), "a.bin", &content);
        // No finer than a file system of Windows tells times.
        let modified = UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_700);
        File::options().append(true).open(&path).unwrap().set_modified(modified).unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let burst = Burst::open(to.path(), None, sync, Collision::UniqueName).unwrap();
        assert_eq!(taken(take(&burst, &path)).bytes, size);
        drop(burst);
        let arrived = to.path().join("a.bin");
        assert_eq!(fs::read(&arrived).unwrap(), content);
        let metadata = fs::metadata(&arrived).unwrap();
        assert_eq!((metadata.modified().unwrap(), metadata.permissions().readonly()), (modified, true));
        assert_eq!((names(from.path()), names(to.path())), (vec![], vec!["a.bin".into()]));
    }
}

#[test]
fn a_taken_name_is_never_replaced() {
    let same = (scratch(), scratch());
    for (from, to) in [Some(same), two_volumes()].into_iter().flatten() {
        file(to.path(), "a.txt", "first");
        file(to.path(), "a~2.txt", "second");
        let path = file(from.path(), "a.txt", "third");
        let refusing = Burst::open(to.path(), None, false, Collision::Refuse).unwrap();
        assert_eq!(code(take(&refusing, &path)), Code::NAME_TAKEN);
        assert_eq!(fs::read(&path).unwrap(), b"third");
        drop(refusing);
        let to_name = taken(take(&burst(to.path()), &path)).to;
        assert_eq!(to_name, path::to_name(to.path().join("a~3.txt")));
        assert_eq!(fs::read(to.path().join("a.txt")).unwrap(), b"first");
        assert_eq!(fs::read(to.path().join("a~3.txt")).unwrap(), b"third");
    }
}

#[test]
fn names_arrive_unchanged_and_long_ones_collide_within_the_limit() {
    let same = (scratch(), scratch());
    for (from, to) in [Some(same), two_volumes()].into_iter().flatten() {
        let burst = burst(to.path());
        for name in odd_names() {
            for round in [1, 2] {
                let path = from.path().join(&name);
                fs::write(&path, "some").unwrap();
                let to_path = path::to_path(&taken(take(&burst, &path)).to);
                assert_eq!(to_path.file_name() == Some(name.as_os_str()), round == 1);
                assert_eq!(fs::read(to_path).unwrap(), b"some");
            }
        }
    }
}

#[test]
fn a_file_that_is_not_as_expected_is_not_taken() {
    let same = (scratch(), scratch());
    for (from, to) in [Some(same), two_volumes()].into_iter().flatten() {
        let burst = burst(to.path());
        let path = file(from.path(), "a.txt", "some");
        let before = common::look(&path).facts;
        file(from.path(), "a.txt", "some more");
        let now = common::look(&path).facts;
        assert_eq!(take_as(&burst, &path, before), Outcome::Changed(Some(now)));
        fs::rename(&path, from.path().join("old")).unwrap();
        file(from.path(), "a.txt", "some more");
        common::look(&path);
        assert!(matches!(take_as(&burst, &path, now), Outcome::Changed(_)), "another file of that name");
        assert_eq!(visible(to.path()), Vec::<String>::new());
        fs::remove_file(&path).unwrap();
        assert_eq!(code(take_as(&burst, &path, now)).cause(), Cause::Gone);
    }
}

#[cfg(any(target_os = "linux", windows))]
#[test]
fn a_file_that_a_writer_has_come_back_to_is_refused() {
    let same = (scratch(), scratch());
    for (from, to) in [Some(same), two_volumes()].into_iter().flatten() {
        let path = file(from.path(), "a.txt", "some");
        let expected = common::look(&path).facts;
        let writer = StandIn::holding("write", &path);
        let burst = burst(to.path());
        assert_eq!(code(take_as(&burst, &path, expected)).cause(), Cause::Lock);
        assert_eq!((names(from.path()), visible(to.path())), (vec!["a.txt".to_string()], vec![]));
        drop(writer);
        taken(take(&burst, &path));
    }
}

#[test]
fn a_stopped_copy_leaves_the_source_and_nothing_else() {
    let Some((to, from)) = two_volumes() else { return };
    let path = from.path().join("big");
    // Takes no room at its source, and many chunks to copy.
    File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let burst = burst(to.path());
    let expected = common::look(&path).facts;
    let stop = AtomicBool::new(false);
    let outcome = std::thread::scope(|scope| {
        let copying = scope.spawn(|| burst.take(0, &place(&path), &expected, None, &stop));
        // In the middle of it: the part is there and has begun to grow.
        while !copying.is_finished() && !visible(to.path()).iter().any(|part| grown(&to.path().join(part))) {
            std::thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
        copying.join().unwrap()
    });
    assert_eq!(code(outcome).cause(), Cause::Cancelled);
    assert_eq!((names(from.path()), visible(to.path())), (vec!["big".to_string()], vec![]));
    assert_eq!(common::look(&path).facts, expected);
}

fn grown(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|part| part.len() > 0)
}

#[test]
fn programs_that_share_a_destination_and_a_source_take_every_file_once() {
    const FILES: usize = 200;
    let same = (scratch(), scratch());
    for (from, to) in [Some(same), two_volumes()].into_iter().flatten() {
        for number in 0..FILES {
            file(from.path(), &format!("{number}.txt"), format!("content of {number}"));
        }
        let looked: Vec<_> = (0..FILES).map(|number| from.path().join(format!("{number}.txt"))).collect();
        let looked: Vec<_> = looked.iter().map(|path| (place(path), common::look(path).facts)).collect();
        let runs = [burst(to.path()), burst(to.path())];
        let count = |burst: &Burst, slot: usize| {
            let take = |(place, facts)| burst.take(slot, place, facts, None, &AtomicBool::new(false));
            let outcomes = looked.iter().map(|(place, facts)| take((place, facts)));
            outcomes.filter(|outcome| matches!(outcome, Outcome::Taken(_))).count()
        };
        let taken: usize = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|slot| {
                    scope.spawn({
                        let burst = &runs[slot % 2];
                        move || count(burst, slot)
                    })
                })
                .collect();
            // A third program starts meanwhile, and finds nothing to clean.
            for _ in 0..20 {
                let third = burst(to.path());
                assert_eq!(*third.recovered(), Default::default());
            }
            workers.into_iter().map(|worker| worker.join().unwrap()).sum()
        });
        drop(runs);
        assert_eq!((taken, names(from.path())), (FILES, vec![]));
        let arrived = names(to.path());
        assert_eq!(arrived.len(), FILES, "{arrived:?}");
        for number in 0..FILES {
            let text = fs::read_to_string(to.path().join(format!("{number}.txt"))).unwrap();
            assert_eq!(text, format!("content of {number}"));
        }
    }
}

#[test]
fn bad_files_go_to_the_bad_folder_and_locked_ones_stay() {
    let (from, to, bad) = (scratch(), scratch(), scratch());
    let burst = Burst::open(to.path(), Some(bad.path()), false, Collision::Refuse).unwrap();
    file(bad.path(), "a.txt", "an earlier one");
    let path = file(from.path(), "a.txt", "nonsense");
    let holder = StandIn::holding(LOCKED, &path);
    assert_eq!(code(burst.quarantine(&place(&path))).cause(), Cause::Lock);
    assert_eq!(names(from.path()), ["a.txt"]);
    drop(holder);
    common::look(&path);
    let there = path::to_name(bad.path().join("a~2.txt"));
    assert_eq!(burst.quarantine(&place(&path)), Outcome::Quarantined(there));
    assert_eq!(names(from.path()), Vec::<String>::new());
}

#[test]
fn a_member_taken_before_its_leader_is_known_to_the_next_run() {
    let same = (scratch(), scratch());
    for (from, to) in [Some(same), two_volumes()].into_iter().flatten() {
        let leader = file(from.path(), "M.API", "header");
        let (body, note) = (file(from.path(), "BODY", "body"), file(from.path(), "NOTE", "note"));
        file(to.path(), "BODY", "another message's");
        let first = burst(to.path());
        let facts = common::look(&body).facts;
        taken(first.take(0, &place(&body), &facts, Some(&place(&leader)), &AtomicBool::new(false)));
        drop(first);

        let second = burst(to.path());
        let delivered = Taken { to: path::to_name(to.path().join("BODY~2")), bytes: 4 };
        assert_eq!(second.delivered(&place(&leader), &place(&body)), Some(delivered));
        assert_eq!(second.delivered(&place(&leader), &place(&note)), None, "still at the source");
        fs::remove_file(&note).unwrap();
        assert_eq!(second.delivered(&place(&leader), &place(&note)), None, "gone, but not by us");
        taken(take(&second, &leader));
        drop(second);
        assert_eq!(names(to.path()), ["BODY", "BODY~2", "M.API"]);

        file(from.path(), "M.API", "another header");
        assert_eq!(burst(to.path()).delivered(&place(&leader), &place(&body)), None, "the group ended");
    }
}

#[test]
fn an_announcement_holds_only_for_the_leader_it_was_made_for() {
    let (from, to) = (scratch(), scratch());
    let (leader, body) = (file(from.path(), "M.API", "header"), file(from.path(), "BODY", "body"));
    let burst = burst(to.path());
    let facts = common::look(&body).facts;
    taken(burst.take(0, &place(&body), &facts, Some(&place(&leader)), &AtomicBool::new(false)));
    fs::remove_file(&leader).unwrap();
    assert_eq!(burst.delivered(&place(&leader), &place(&body)), None, "no leader");
    file(from.path(), "M.API", "the next message's header");
    assert_eq!(burst.delivered(&place(&leader), &place(&body)), None, "another leader");
}

#[test]
fn a_destination_that_is_no_folder_is_refused_at_once() {
    let scratch = scratch();
    let path = file(scratch.path(), "file", "");
    for wrong in [path, scratch.path().join("missing")] {
        let error = Burst::open(&wrong, None, false, Collision::UniqueName).err().unwrap();
        assert!(error.to_string().contains(wrong.to_str().unwrap()), "{error}");
    }
}

#[test]
fn own_files_are_told_by_name() {
    assert!(is_own_name(&Name::from(".lockwait-1x2-0.claim")));
    assert!(!is_own_name(&Name::from("lockwait-1x2-0.claim")));
}
