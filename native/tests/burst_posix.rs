//! What stands in a burst's way on POSIX systems alone.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::panic::UnwindSafe;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use lockwait_core::code::{Cause, Code};
use lockwait_core::observation::Facts;

mod common;

use common::taking::{burst, code, take, take_as, taken, visible};
use common::{file, names, place, scratch, two_volumes};

#[test]
fn across_volumes_the_permissions_arrive() {
    let Some((from, to)) = two_volumes() else { return };
    let path = file(from.path(), "a.bin", "some");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o6640)).unwrap();
    taken(take(&burst(to.path()), &path));
    assert_eq!(fs::metadata(to.path().join("a.bin")).unwrap().mode() & 0o7777, 0o640);
}

#[test]
fn links_and_folders_are_never_taken() {
    let (from, to) = (scratch(), scratch());
    let burst = burst(to.path());
    let target = file(from.path(), "target", "some");
    let link = from.path().join("link");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    assert_eq!(code(take_as(&burst, &link, common::look(&target).facts)), Code::NOT_REGULAR);
    assert_eq!(code(take_as(&burst, from.path(), Facts::default())), Code::NOT_REGULAR);
}

/// Runs `test` with a file system of 1 MiB; does not, and says so, where none can be mounted.
fn on_a_small_disk(test: impl FnOnce(&Path) + UnwindSafe) {
    // One at a time: a command that is just being started has open for a moment whatever its parent has, also files of
    // the other test's disk that are deleted meanwhile.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let to = scratch();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "lockwait-test"]).arg(to.path()).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        return eprintln!("skipped: a small file system cannot be mounted here");
    }
    let path = to.path().to_path_buf();
    let run = std::panic::catch_unwind(move || test(&path));
    assert!(Command::new("umount").arg(to.path()).status().unwrap().success());
    run.unwrap();
}

#[test]
fn a_full_destination_leaves_the_source_and_no_part() {
    on_a_small_disk(|to| {
        let from = scratch();
        let path = file(from.path(), "a.bin", vec![7; 2 << 20]);
        let burst = burst(to);
        let expected = common::look(&path).facts;
        assert_eq!(code(take_as(&burst, &path, expected)).cause(), Cause::TargetFull);
        assert_eq!(common::look(&path).facts, expected);
        assert_eq!(visible(to), Vec::<String>::new());
        assert!(!burst.stage(&place(&path), &expected, &AtomicBool::new(false)), "nor does it lie ready");
        assert_eq!(names(to).len(), 1, "the burst's own journal");
        let small = file(from.path(), "small", "fits");
        taken(take(&burst, &small));
    });
}

#[test]
fn a_copy_that_lies_ready_makes_room_for_a_file_that_can_be_taken() {
    on_a_small_disk(|to| {
        let from = scratch();
        let [kept, free] = ["kept", "free"].map(|name| file(from.path(), name, vec![7; 700 << 10]));
        let burst = burst(to);
        assert!(burst.stage(&place(&kept), &common::look(&kept).facts, &AtomicBool::new(false)));
        taken(take(&burst, &free));
        assert_eq!((names(from.path()), visible(to)), (vec!["kept".to_string()], vec!["free".to_string()]));
        assert_eq!(code(take(&burst, &kept)).cause(), Cause::TargetFull);
        fs::remove_file(to.join("free")).unwrap();
        taken(take(&burst, &kept));
        assert_eq!((names(from.path()), visible(to)), (vec![], vec!["kept".to_string()]));
    });
}

#[test]
fn a_destination_that_goes_away_is_not_taken_for_a_source_that_is_gone() {
    let (from, parent) = (scratch(), scratch());
    let to = parent.path().join("to");
    fs::create_dir(&to).unwrap();
    let burst = burst(&to);
    let path = file(from.path(), "a.txt", "some");
    fs::rename(&to, parent.path().join("away")).unwrap();
    let code = code(take(&burst, &path));
    assert!(!matches!(code.cause(), Cause::Gone | Cause::Going), "{code}");
    assert_eq!(names(from.path()), ["a.txt"]);
    fs::create_dir(&to).unwrap();
    taken(take(&burst, &path));
    assert_eq!(visible(&to), ["a.txt"]);
}
