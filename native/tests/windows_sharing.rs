//! Every way in which another process can share a file or not, looked at; the holders are real processes.
#![cfg(windows)]

use std::fs::{self, File};
use std::io::Write;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

use lockwait_core::code::{Cause, Code};
use lockwait_core::observation::{Access, Content, Holders, Method, Scope};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Companions;
use lockwait_native::holders::who;
use lockwait_native::path;
use lockwait_native::probe::Prober;
use windows_sys::Win32::Foundation::GENERIC_WRITE;
use windows_sys::Win32::Storage::FileSystem::{FILE_SHARE_DELETE, FILE_SHARE_READ};

mod common;

use common::{StandIn, file, place, refused, scratch};

const SHARING_VIOLATION: Code = Code::win32(32);

#[test]
#[ignore = "a part played for the other tests"]
fn stand_in() {
    common::play();
}

#[test]
fn a_free_file_opens_with_its_facts() {
    let scratch = scratch();
    let path = file(scratch.path(), "a.json", "{\"a\":1}");
    let look = common::look(&path);
    assert_eq!((look.facts.size, look.content, look.method), (7, Content::Complete, Method::ShareMode));
    let modified = fs::metadata(&path).unwrap().modified().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(u128::from(look.facts.modified), modified.as_nanos());
    assert_ne!(look.facts.identity, common::look(&file(scratch.path(), "b", "")).facts.identity);
}

#[test]
fn each_holder_is_refused_on_its_own_rung_with_facts_and_free_when_it_lets_go() {
    let scratch = scratch();
    for (part, access) in [
        ("exclusive", Access::Unknown),
        ("write", Access::Write),
        ("write-shared", Access::Write),
        ("read", Access::Read),
    ] {
        let path = file(scratch.path(), part, "some");
        let holder = StandIn::holding(part, &path);
        let refusal = refused(&path);
        assert_eq!((refusal.code, refusal.method, refusal.access), (SHARING_VIOLATION, Method::ShareMode, access));
        assert_eq!((refusal.scope, refusal.facts.unwrap().size), (Scope::File, 4), "{part}");
        drop(holder);
        assert_eq!(common::look(&path).facts, refusal.facts.unwrap(), "{part}");
    }
}

#[test]
fn a_reader_that_shares_everything_is_not_in_the_way() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    let _reader = StandIn::holding("read-shared", &path);
    common::look(&path);
}

#[test]
fn a_range_that_somebody_has_locked_is_in_the_way() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "nine byte");
    let holder = StandIn::holding("lock", &path);
    let refusal = refused(&path);
    assert_eq!((refusal.code.value(), refusal.code.cause()), (33, Cause::RangeLock));
    assert_eq!(
        (refusal.method, refusal.access),
        (Method::RecordLock, Access::Read),
        "nobody writes, so a reader locked"
    );
    assert_eq!(refusal.facts.unwrap().size, 9);
    drop(holder);
    common::look(&path);
}

#[test]
fn a_file_that_is_being_deleted_is_going_and_then_gone() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    let holder = StandIn::holding("delete", &path);
    if File::open(&path).is_ok() {
        return eprintln!("skipped: this system opens files that wait for their deletion (Wine does)");
    }
    assert_eq!(refused(&path).code.cause(), Cause::Going, "{:?}", refused(&path));
    drop(holder);
    assert_eq!((refused(&path).code.cause(), refused(&path).scope), (Cause::Gone, Scope::File));
}

#[test]
fn growth_shows_while_the_writer_keeps_everybody_out() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "");
    let mut writer = File::options().write(true).share_mode(0).open(&path).unwrap();
    for size in [10, 20] {
        writer.write_all(&[b'x'; 10]).unwrap();
        assert_eq!(refused(&path).facts.unwrap().size, size);
    }
}

#[test]
fn a_look_is_over_when_it_is_answered() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    for _ in 0..100 {
        common::look(&path);
        drop(File::options().read(true).write(true).share_mode(0).open(&path).unwrap());
    }
}

#[test]
fn a_writer_who_comes_back_is_seen_after_a_look_that_found_nobody() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    common::look(&path);
    let share = FILE_SHARE_READ | FILE_SHARE_DELETE;
    let _writer = File::options().access_mode(GENERIC_WRITE).share_mode(share).open(&path).unwrap();
    assert_eq!(refused(&path).access, Access::Write);
}

#[test]
fn only_files_are_opened() {
    let scratch = scratch();
    let folder = scratch.path().join("folder");
    fs::create_dir(&folder).unwrap();
    assert_eq!(refused(&folder).code, Code::NOT_REGULAR);
    let target = file(scratch.path(), "target", "some");
    let link = scratch.path().join("link");
    match std::os::windows::fs::symlink_file(target, &link).and_then(|()| fs::symlink_metadata(&link)) {
        Ok(_) => assert_eq!(refused(&link).code, Code::NOT_REGULAR),
        Err(error) => eprintln!("links skipped: none can be made here: {error}"),
    }
}

#[test]
fn a_held_file_is_never_said_to_be_held_by_nobody() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    for part in ["exclusive", "read-shared"] {
        let holder = StandIn::holding(part, &path);
        match &who(&[place(&path)])[..] {
            [Holders::Found(found)] => {
                let here = found.iter().find(|found| found.pid == Some(holder.pid())).unwrap();
                assert!(here.name.ends_with(".exe") && !here.own, "{here:?}");
            }
            [Holders::CouldNotAsk(code)] => assert_eq!(code.cause(), Cause::Unsupported, "{code}"),
            other => panic!("{other:?}"),
        }
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(&who(&[place(&path)])[..], [Holders::CouldNotAsk(gone)] if gone.cause() == Cause::Gone));
}

#[test]
fn a_missing_file_and_a_missing_folder_are_told_apart() {
    let scratch = scratch();
    let inner = scratch.path().join("in");
    fs::create_dir(&inner).unwrap();
    let path = file(&inner, "a", "some");
    let prober = Prober::new();
    let scope = || match prober.look(&place(&path), &Companions::None) {
        Outcome::Refused(refusal) => (refusal.code.cause(), refusal.scope),
        other => panic!("{other:?}"),
    };
    prober.look(&place(&path), &Companions::None);
    fs::remove_file(&path).unwrap();
    assert_eq!(scope(), (Cause::Gone, Scope::File));
    fs::remove_dir(&inner).unwrap();
    assert_eq!(scope(), (Cause::Gone, Scope::Folder));
    fs::create_dir(&inner).unwrap();
    file(&inner, "a", "again");
    match prober.look(&place(&path), &Companions::None) {
        Outcome::Opened(look) => assert_eq!(look.facts.size, 5, "the new folder is found"),
        other => panic!("{other:?}"),
    }
    assert_eq!(refused(&path.join("below")).scope, Scope::Folder, "a file is no folder");
}

#[test]
fn a_server_that_is_not_there_is_the_folders_trouble() {
    let mut place = place(Path::new(r"C:\in\a"));
    place.folder = path::to_name(r"\\lockwait-test.invalid\share\in");
    match Prober::new().look(&place, &Companions::None) {
        Outcome::Refused(refusal) => assert_eq!(refusal.scope, Scope::Folder, "{refusal:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn names_and_paths_of_any_length_are_looked_at() {
    let scratch = scratch();
    let mut deep = scratch.path().to_path_buf();
    while deep.as_os_str().len() < 600 {
        deep.push("folder-".repeat(10));
    }
    fs::create_dir_all(&deep).unwrap();
    for name in ["Gr\u{fc}\u{df}e.txt", "\u{1f600}", "a;b", "n ame", &"n".repeat(200)] {
        let path = file(&deep, name, "some");
        assert_eq!(common::look(&path).facts.size, 4, "{name}");
    }
}

#[test]
fn a_name_that_leaves_the_folder_or_means_something_else_is_refused() {
    let scratch = scratch();
    file(scratch.path(), "a", "some");
    for name in [r"..\a", "..", "", "a/b", r"a\b", "C:a", "a:stream", "a::$DATA", "NUL", "com1.txt", "a.", "a "] {
        let mut place = place(&scratch.path().join("a"));
        place.name = name.into();
        match Prober::new().look(&place, &Companions::None) {
            Outcome::Refused(refusal) => assert_eq!(refusal.code, Code::OUTSIDE, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}
