//! Who holds a file: the holders are real processes.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;

use lockwait_core::code::Code;
use lockwait_core::observation::{Access, Holder, Holders};
use lockwait_native::holders::who;

mod common;

use common::{StandIn, file, place, scratch};

#[test]
#[ignore = "a part played for the other tests"]
fn stand_in() {
    common::play();
}

/// The holders of one file that are processes started here on purpose. A process of another test that is just being
/// started may have, for a moment, copies of our own descriptors.
fn of(path: &std::path::Path, pids: &[u32]) -> Vec<Holder> {
    match &who(&[place(path)])[0] {
        Holders::Found(holders) => {
            holders.iter().filter(|holder| holder.pid.is_some_and(|pid| pids.contains(&pid))).cloned().collect()
        }
        // None in what may be seen, and not all may be.
        Holders::CouldNotAsk(code) if *code == Code::errno(13) => Vec::new(),
        other => panic!("{other:?}"),
    }
}

/// Whether this user may look into every process. Not even the superuser always may: in a container.
fn sees_all() -> bool {
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let pids = processes.filter(|name| name.parse::<u32>().is_ok());
    let denied = |pid: String| File::open(format!("/proc/{pid}/maps")).is_err_and(is_denied);
    !pids.into_iter().any(denied)
}

fn is_denied(error: std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::PermissionDenied
}

#[test]
fn a_holder_is_named_with_its_access_and_lock() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    let rows = [
        ("write", Access::Write, ""),
        ("read", Access::Read, ""),
        ("ofd", Access::ReadWrite, "ofd"),
        ("posix", Access::ReadWrite, "posix"),
        ("flock", Access::Read, "flock"),
    ];
    let name = std::env::current_exe().unwrap().file_name().unwrap().to_string_lossy().into_owned();
    for (part, access, share) in rows {
        let child = StandIn::holding(part, &path);
        let holders = of(&path, &[child.pid()]);
        assert_eq!(holders.len(), 1, "{part}");
        let holder = &holders[0];
        assert_eq!((holder.access, holder.share.as_str(), holder.own), (access, share, false), "{part}");
        assert_eq!((holder.owner, holder.others), (Some(true), 0));
        assert!(name.starts_with(&holder.name) || holder.name == "stand_in", "{} of {name}", holder.name);
    }
}

#[test]
fn one_question_answers_for_many_files() {
    let scratch = scratch();
    let (held, free) = (file(scratch.path(), "held", ""), file(scratch.path(), "free", ""));
    let link = scratch.path().join("another name");
    fs::hard_link(&held, &link).unwrap();
    let missing = scratch.path().join("missing");
    let child = StandIn::holding("write", &held);
    let answers = who(&[place(&free), place(&held), place(&missing), place(&link)]);
    assert_eq!(answers.len(), 4);
    assert!(answers[1].list().iter().any(|holder| holder.pid == Some(child.pid())));
    assert_eq!(answers[1], answers[3], "found under any of its names");
    assert_eq!(answers[2], Holders::CouldNotAsk(Code::errno(2)));
    assert!(answers[0].list().iter().all(|holder| holder.pid != Some(child.pid())));
    match &answers[0] {
        Holders::Found(_) => {}
        answer => assert!(!sees_all() && *answer == Holders::CouldNotAsk(Code::errno(13)), "{answer:?}"),
    }
    assert_eq!(who(&[]), []);
}

#[test]
fn other_files_of_the_folder_are_counted() {
    let scratch = scratch();
    let paths: Vec<_> = ["a", "b", "c"].iter().map(|name| file(scratch.path(), name, "")).collect();
    let _open: Vec<_> = paths.iter().map(|path| File::open(path).unwrap()).collect();
    let holders = of(&paths[0], &[std::process::id()]);
    assert_eq!((holders.len(), holders[0].others, holders[0].own), (1, 2, true));
}

#[test]
fn our_own_probes_are_no_holders() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "");
    let _probe = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(&path).unwrap();
    assert_eq!(of(&path, &[std::process::id()]), []);
}
