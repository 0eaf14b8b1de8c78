//! What stands in a burst's way on Windows alone: share modes, byte-range locks, long paths.
#![cfg(windows)]

use std::fs::{self, File};
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use lockwait_core::code::{Cause, Code};
use lockwait_core::observation::{Access, Place, Refusal};
use lockwait_core::pickup::Outcome;
use lockwait_native::path;
use windows_sys::Win32::Foundation::GENERIC_READ;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_HIDDEN, FILE_ATTRIBUTE_SYSTEM, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
};

mod common;

use common::taking::{burst, take, take_as, taken, visible};
use common::{StandIn, file, names, place, scratch, two_volumes};

const SHARING_VIOLATION: Code = Code::win32(32);

#[test]
#[ignore = "a part played for the other tests"]
fn stand_in() {
    common::play();
}

fn refused(outcome: Outcome) -> Refusal {
    match outcome {
        Outcome::Refused(refusal) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// A pair of folders on one volume, and one on two.
fn pairs() -> impl Iterator<Item = (tempfile::TempDir, tempfile::TempDir)> {
    [Some((scratch(), scratch())), two_volumes()].into_iter().flatten()
}

#[test]
fn a_reader_that_does_not_share_deletion_keeps_the_file_where_it_is() {
    for (from, to) in pairs() {
        let path = file(from.path(), "a.txt", "some");
        let expected = common::look(&path).facts;
        let reader = StandIn::holding("read", &path);
        let burst = burst(to.path());
        let refusal = refused(take_as(&burst, &path, expected));
        assert_eq!((refusal.code, refusal.access), (SHARING_VIOLATION, Access::Read));
        assert_eq!((names(from.path()), visible(to.path())), (vec!["a.txt".to_string()], vec![]));
        drop(reader);
        taken(take(&burst, &path));
        assert_eq!((names(from.path()), visible(to.path())), (vec![], vec!["a.txt".to_string()]));
    }
}

#[test]
fn a_reader_that_shares_everything_keeps_nothing() {
    for (from, to) in pairs() {
        let path = file(from.path(), "a.txt", "some");
        let _reader = StandIn::holding("read-shared", &path);
        taken(take(&burst(to.path()), &path));
        assert_eq!(fs::read(to.path().join("a.txt")).unwrap(), b"some");
    }
}

#[test]
fn a_locked_range_stops_a_copy_without_a_trace() {
    let Some((from, to)) = two_volumes() else { return };
    let path = file(from.path(), "a.txt", "some");
    let expected = common::look(&path).facts;
    let holder = StandIn::holding("lock", &path);
    let burst = burst(to.path());
    assert_eq!(refused(take_as(&burst, &path, expected)).code.cause(), Cause::RangeLock);
    assert_eq!((names(from.path()), visible(to.path())), (vec!["a.txt".to_string()], vec![]));
    drop(holder);
    taken(take_as(&burst, &path, expected));
}

#[test]
fn readers_come_and_writers_stay_out_while_a_file_is_copied() {
    let Some((to, from)) = two_volumes() else { return };
    let path = from.path().join("big");
    // Takes no room at its source, and many chunks to copy.
    File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let burst = burst(to.path());
    let expected = common::look(&path).facts;
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let copying = scope.spawn(|| burst.take(0, &place(&path), &expected, None, &stop));
        let begun = |name: &String| fs::metadata(to.path().join(name)).is_ok_and(|part| part.len() > 0);
        while !copying.is_finished() && !visible(to.path()).iter().any(begun) {
            std::thread::yield_now();
        }
        assert_eq!(File::options().append(true).open(&path).unwrap_err().raw_os_error(), Some(32));
        let not_delete = FILE_SHARE_READ | FILE_SHARE_WRITE;
        drop(File::options().access_mode(GENERIC_READ).share_mode(not_delete).open(&path).unwrap());
        drop(File::options().access_mode(GENERIC_READ).share_mode(not_delete | FILE_SHARE_DELETE).open(&path).unwrap());
        stop.store(true, Ordering::Relaxed);
        assert_eq!(refused(copying.join().unwrap()).code.cause(), Cause::Cancelled);
    });
    assert_eq!((names(from.path()), visible(to.path())), (vec!["big".to_string()], vec![]));
}

#[test]
fn across_volumes_attributes_and_the_time_of_creation_arrive() {
    let Some((from, to)) = two_volumes() else { return };
    let path = from.path().join("a.txt");
    let attributes = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM;
    drop(File::options().write(true).create_new(true).attributes(attributes).open(&path).unwrap());
    let before = fs::metadata(&path).unwrap();
    taken(take(&burst(to.path()), &path));
    let after = fs::metadata(to.path().join("a.txt")).unwrap();
    assert_eq!(after.file_attributes() & attributes, before.file_attributes() & attributes);
    assert_eq!(after.last_write_time(), before.last_write_time());
    assert_eq!(after.creation_time(), before.creation_time());
}

#[test]
fn paths_longer_than_260_characters_are_paths() {
    for (from, to) in pairs() {
        let deep = |root: &Path| -> PathBuf {
            let folder = (0..4).fold(root.to_path_buf(), |above, _| above.join("n".repeat(80)));
            fs::create_dir_all(&folder).unwrap();
            folder
        };
        let (from, to) = (deep(from.path()), deep(to.path()));
        let path = file(&from, "a.txt", "some");
        taken(take(&burst(&to), &path));
        assert_eq!(names(&to), ["a.txt"]);
    }
}

#[test]
fn streams_and_devices_are_no_files_of_a_folder() {
    let (from, to) = (scratch(), scratch());
    let path = file(from.path(), "a.txt", "some");
    let expected = common::look(&path).facts;
    let burst = burst(to.path());
    for name in ["a.txt:stream", "a.txt::$DATA", "NUL", "CON.txt", "..\\a.txt"] {
        let place = Place::new(path::to_name(from.path()), name);
        let outcome = burst.take(0, &place, &expected, None, &AtomicBool::new(false));
        assert_eq!(refused(outcome).code, Code::OUTSIDE, "{name}");
    }
}
