//! What Windows has: share modes, byte-range locks and files that wait for their deletion.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

use windows_sys::Win32::Foundation::{GENERIC_READ, GENERIC_WRITE};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_FLAG_DELETE_ON_CLOSE, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
};

const SHARE_ALL: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

/// The part of a stand-in that nobody looks past.
pub const LOCKED: &str = "exclusive";

/// What a stand-in keeps while it plays.
pub type Held = File;

/// Opens `path` in the way `part` says.
pub fn hold(part: &str, path: &Path) -> Held {
    let open = |access, share, flags| {
        File::options().access_mode(access).share_mode(share).custom_flags(flags).open(path).unwrap()
    };
    match part {
        "exclusive" => open(GENERIC_READ | GENERIC_WRITE, 0, 0),
        "write" => open(GENERIC_WRITE, FILE_SHARE_READ, 0),
        "write-shared" => open(GENERIC_READ | GENERIC_WRITE, SHARE_ALL, 0),
        "read" => open(GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, 0),
        "read-shared" => open(GENERIC_READ, SHARE_ALL, 0),
        "lock" => {
            let file = open(GENERIC_READ, SHARE_ALL, 0);
            file.lock().unwrap();
            file
        }
        "delete" => {
            let file = open(GENERIC_READ, SHARE_ALL, 0);
            // Its closing marks the file for deletion, which the other opening puts off.
            drop(open(DELETE, SHARE_ALL, FILE_FLAG_DELETE_ON_CLOSE));
            file
        }
        other => panic!("no such part: {other}"),
    }
}

/// A scratch folder.
pub fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Folders that may be on another volume than that for temporary files: where Wine shows the host's memory disk, and
/// where machines that build programs have their second disk.
const ELSEWHERE: [&str; 2] = [r"Z:\dev\shm", r"D:\"];

/// Two scratch folders on different volumes; `None`, and a word about it, where there is only one volume.
pub fn two_volumes() -> Option<(tempfile::TempDir, tempfile::TempDir)> {
    let first = scratch();
    let probe = first.path().join("probe");
    for elsewhere in ELSEWHERE {
        let Ok(second) = tempfile::tempdir_in(elsewhere) else { continue };
        fs::write(&probe, "").unwrap();
        let moved = fs::rename(&probe, second.path().join("probe"));
        if moved.is_err_and(|error| error.kind() == ErrorKind::CrossesDevices) {
            fs::remove_file(probe).unwrap();
            return Some((first, second));
        }
    }
    eprintln!("skipped: neither of {ELSEWHERE:?} is another volume than the folder for temporary files");
    None
}

/// Names that are hard to carry over unchanged.
pub fn odd_names() -> [OsString; 3] {
    ["Grüße.txt", "\u{1f4e0} a;b", &"n".repeat(255)].map(OsString::from)
}
