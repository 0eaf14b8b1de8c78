//! What only POSIX systems have: locks of three kinds, users, permissions, and two volumes that are always there.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use lockwait_native::lock::{LockKind, lock};

use super::StandIn;

/// The user id of `nobody`: an ordinary user who owns none of the files.
pub const NOBODY: u32 = 65_534;

/// The part of a stand-in that nobody looks past.
pub const LOCKED: &str = "flock";

/// What a stand-in keeps while it plays.
pub type Held = File;

impl StandIn {
    /// What [`lockwait_native::probe::Prober::look`] says to `user` about `path`, as JSON.
    pub fn look_as(user: u32, path: &Path) -> serde_json::Value {
        // Another user may not be able to reach the program where it was built.
        let copy = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap();
        let reachable = copy.path().join("stand-in");
        // Copied by another program: were it open for writing here, a test that forks at the same time would hand
        // that on to its child, and the copy could not be started until the child is done with it.
        let program = std::env::current_exe().unwrap();
        assert!(Command::new("cp").arg(program).arg(&reachable).status().unwrap().success());
        let mut command = StandIn::command(&reachable, "look", path);
        command.uid(user).gid(user);
        let mut child = StandIn::spawn(command);
        assert_eq!(child.line(), "begin");
        serde_json::from_str(&child.line()).unwrap()
    }
}

/// Opens `path` in the way `part` says.
pub fn hold(part: &str, path: &Path) -> Held {
    let writer = || File::options().read(true).write(true).open(path).unwrap();
    let locked = |file: File, kind| {
        lock(&file, kind).unwrap();
        file
    };
    match part {
        "write" => File::options().append(true).open(path).unwrap(),
        "read" => File::open(path).unwrap(),
        "ofd" => locked(writer(), LockKind::Ofd),
        "posix" => locked(writer(), LockKind::Posix),
        "flock" => locked(File::open(path).unwrap(), LockKind::Flock),
        other => panic!("no such part: {other}"),
    }
}

/// Whether this is the superuser, who alone can play other users and mount file systems.
pub fn is_root() -> bool {
    let scratch = tempfile::tempfile().unwrap();
    scratch.metadata().unwrap().uid() == 0
}

/// A scratch folder that other users may enter.
pub fn scratch() -> tempfile::TempDir {
    tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap()
}

/// Two scratch folders on different volumes; `None`, and a word about it, where there is only one volume.
pub fn two_volumes() -> Option<(tempfile::TempDir, tempfile::TempDir)> {
    let (first, second) = (scratch(), tempfile::tempdir_in("/dev/shm").ok());
    let volume = |folder: &Path| fs::metadata(folder).unwrap().dev();
    match second {
        Some(second) if volume(first.path()) != volume(second.path()) => Some((first, second)),
        _ => {
            eprintln!("skipped: the folder for temporary files and /dev/shm are not two volumes");
            None
        }
    }
}

/// Names that are hard to carry over unchanged.
pub fn odd_names() -> [OsString; 3] {
    [&b"\xff\xfe\n"[..], "Grüße.txt".as_bytes(), &[b'n'; 255]].map(|name| OsStr::from_bytes(name).to_owned())
}
