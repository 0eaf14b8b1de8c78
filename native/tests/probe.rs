//! Every way in which a file can stand, looked at; the holders are real processes.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use lockwait_core::code::Code;
use lockwait_core::observation::{Access, Content, Method, Scope};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Companions;
use lockwait_native::probe::Prober;

mod common;

use common::{NOBODY, StandIn, file, is_root, place, refused, scratch};

const EAGAIN: Code = Code::errno(11);

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
    assert_eq!((look.facts.size, look.content), (7, Content::Complete));
    let modified = fs::metadata(&path).unwrap().modified().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(u128::from(look.facts.modified), modified.as_nanos());
    assert_ne!(look.facts.identity, 0);
    assert_ne!(look.facts.identity, common::look(&file(scratch.path(), "b", "")).facts.identity);
}

#[cfg(target_os = "linux")]
#[test]
fn a_writer_without_any_lock_is_in_the_way_until_it_closes() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    let writer = StandIn::holding("write", &path);
    let refusal = refused(&path);
    assert_eq!((refusal.code, refusal.method, refusal.access), (EAGAIN, Method::Lease, Access::Write));
    assert_eq!(refusal.facts.unwrap().size, 4, "facts in spite of the refusal");
    drop(writer);
    assert_eq!(common::look(&path).method, Method::Lease);
}

#[test]
fn a_reader_is_not_in_the_way() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    let _reader = StandIn::holding("read", &path);
    common::look(&path);
}

#[test]
fn a_reader_with_an_exclusive_flock_is_in_the_way() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    let reader = StandIn::holding("flock", &path);
    let refusal = refused(&path);
    assert_eq!((refusal.code, refusal.method), (EAGAIN, Method::Flock));
    if cfg!(target_os = "linux") {
        assert_eq!(refusal.access, Access::Read, "the lease says that there is no writer");
    }
    drop(reader);
    common::look(&path);
}

#[cfg(target_os = "linux")]
#[test]
fn a_user_who_may_take_no_lease_sees_locks_and_else_relies_on_stability() {
    if !is_root() {
        return eprintln!("skipped: only the superuser can play another user");
    }
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    for (part, method) in [("ofd", "record-lock"), ("posix", "record-lock"), ("flock", "flock")] {
        let holder = StandIn::holding(part, &path);
        let refused = &StandIn::look_as(NOBODY, &path)["refused"];
        assert_eq!((&refused["code"], &refused["method"]), (&"errno:EAGAIN".into(), &method.into()), "{part}");
        assert_eq!(refused["access"], "unknown");
        drop(holder);
    }
    assert_eq!(StandIn::look_as(NOBODY, &path)["opened"]["method"], "stability");
}

#[cfg(target_os = "linux")]
#[test]
fn an_owner_who_is_not_the_superuser_has_the_lease() {
    if !is_root() {
        return eprintln!("skipped: only the superuser can play another user");
    }
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    std::os::unix::fs::chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(StandIn::look_as(NOBODY, &path)["opened"]["method"], "lease", "may read, may not write");
}

#[test]
fn a_file_that_permissions_close_is_refused_for_good() {
    if !is_root() {
        return eprintln!("skipped: only the superuser can play another user");
    }
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let refused = &StandIn::look_as(NOBODY, &path)["refused"];
    assert_eq!((&refused["code"], &refused["facts"]["size"]), (&"errno:EPERM".into(), &4.into()));
}

#[test]
fn only_regular_files_are_opened() {
    let scratch = scratch();
    let target = file(scratch.path(), "target", "some");
    let at = |name| scratch.path().join(name);
    std::os::unix::fs::symlink(&target, at("link")).unwrap();
    fs::create_dir(at("folder")).unwrap();
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    for name in ["link", "folder", "pipe", "socket"] {
        assert_eq!(refused(&at(name)).code, Code::NOT_REGULAR, "{name}");
    }
}

#[test]
fn a_missing_file_and_a_missing_folder_are_told_apart() {
    let scratch = scratch();
    let inner = scratch.path().join("in");
    fs::create_dir(&inner).unwrap();
    let path = file(&inner, "a", "some");
    let prober = Prober::new();
    let scope = || match prober.look(&place(&path), &Companions::None) {
        Outcome::Refused(refusal) => (refusal.code, refusal.scope),
        other => panic!("{other:?}"),
    };
    prober.look(&place(&path), &Companions::None);
    fs::remove_file(&path).unwrap();
    assert_eq!(scope(), (Code::errno(2), Scope::File));
    fs::remove_dir(&inner).unwrap();
    assert_eq!(scope(), (Code::errno(2), Scope::Folder));
    fs::create_dir(&inner).unwrap();
    file(&inner, "a", "again");
    match prober.look(&place(&path), &Companions::None) {
        Outcome::Opened(look) => assert_eq!(look.facts.size, 5, "the new folder is found"),
        other => panic!("{other:?}"),
    }
    assert_eq!(refused(&path.join("below")).scope, Scope::Folder, "a file is no folder");
}

#[test]
fn any_name_that_a_file_can_have_is_looked_at() {
    let scratch = scratch();
    for name in [&b"\xff\xfe\n"[..], "Grüße.txt".as_bytes(), &[b'n'; 255], b"-rf *", b"a\\b"] {
        let path = scratch.path().join(OsStr::from_bytes(name));
        fs::write(&path, "some").unwrap();
        assert_eq!(common::look(&path).facts.size, 4);
    }
}

#[test]
fn a_name_that_leaves_the_folder_is_refused() {
    let scratch = scratch();
    for name in [&b"../a"[..], b"..", b".", b"", b"a/b", b"a\0b"] {
        let mut place = place(&scratch.path().join("x"));
        place.name = name.into();
        match Prober::new().look(&place, &Companions::None) {
            Outcome::Refused(refusal) => assert_eq!(refusal.code, Code::OUTSIDE),
            other => panic!("{other:?}"),
        }
    }
}
