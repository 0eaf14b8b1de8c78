//! Notices of real changes in a real folder.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use lockwait_core::observation::{Hint, Place};
use lockwait_native::hints::{Hints, Notice};
use lockwait_native::path;

mod common;

use common::{file, place, scratch};

/// Long enough for any machine; a test that passes never waits it out.
const PATIENCE: Duration = Duration::from_secs(20);

fn watch(folder: &Path) -> (Hints, Receiver<Notice>) {
    let (sender, receiver) = channel();
    let hints = Hints::watch(&[path::to_name(folder)], move |notice| drop(sender.send(notice))).unwrap();
    (hints, receiver)
}

fn next(notices: &Receiver<Notice>) -> (Place, Hint) {
    match notices.recv_timeout(PATIENCE).unwrap() {
        Notice::File(place, hint) => (place, hint),
        other => panic!("{other:?}"),
    }
}

#[test]
fn creating_closing_renaming_and_removing_are_told() {
    let scratch = scratch();
    let (_hints, notices) = watch(scratch.path());
    let (first, second) = (scratch.path().join("a"), scratch.path().join("b\u{fc}"));
    let mut writer = File::create(&first).unwrap();
    assert_eq!(next(&notices), (place(&first), Hint::Seen));
    writer.write_all(b"some").unwrap();
    drop(writer);
    assert_eq!(next(&notices), (place(&first), Hint::Closed), "not the write, which says nothing");
    fs::rename(&first, &second).unwrap();
    assert_eq!(next(&notices), (place(&first), Hint::Removed));
    assert_eq!(next(&notices), (place(&second), Hint::Renamed));
    fs::remove_file(&second).unwrap();
    assert_eq!(next(&notices), (place(&second), Hint::Removed));
}

#[test]
fn looking_at_a_file_gives_no_notice() {
    let scratch = scratch();
    let path = file(scratch.path(), "a", "some");
    let (_hints, notices) = watch(scratch.path());
    for _ in 0..100 {
        common::look(&path);
    }
    let marker = file(scratch.path(), "marker", "");
    assert_eq!(next(&notices), (place(&marker), Hint::Seen), "the first notice of all");
}

#[test]
fn the_end_of_the_folder_itself_is_told() {
    for end in ["remove", "rename"] {
        let scratch = scratch();
        let folder = scratch.path().join("in");
        fs::create_dir(&folder).unwrap();
        let (_hints, notices) = watch(&folder);
        match end {
            "remove" => fs::remove_dir(&folder).unwrap(),
            _ => fs::rename(&folder, scratch.path().join("away")).unwrap(),
        }
        assert_eq!(notices.recv_timeout(PATIENCE).unwrap(), Notice::FolderGone(path::to_name(&folder)), "{end}");
    }
}

#[test]
fn a_missing_folder_cannot_be_watched() {
    let scratch = scratch();
    let missing = path::to_name(scratch.path().join("missing"));
    let error = Hints::watch(&[missing], drop).err().unwrap();
    assert!(error.to_string().contains("no file notices"), "{error}");
}
