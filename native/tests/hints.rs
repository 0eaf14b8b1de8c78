//! Notices of real changes in a real folder.
#![cfg(any(target_os = "linux", windows))]

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

#[cfg(windows)]
#[test]
fn creating_changing_renaming_and_removing_are_told() {
    let scratch = scratch();
    let (_hints, notices) = watch(scratch.path());
    // How often a change is told differs.
    let next = || loop {
        match next(&notices) {
            (_, Hint::Changed) => {}
            told => break told,
        }
    };
    let (first, second) = (scratch.path().join("a"), scratch.path().join("b\u{fc}"));
    let mut writer = File::create(&first).unwrap();
    assert_eq!(next(), (place(&first), Hint::Seen));
    writer.write_all(b"some").unwrap();
    drop(writer);
    assert_eq!(notices.recv_timeout(PATIENCE).unwrap(), Notice::File(place(&first), Hint::Changed));
    fs::rename(&first, &second).unwrap();
    assert_eq!(next(), (place(&first), Hint::Removed));
    assert_eq!(next(), (place(&second), Hint::Renamed));
    fs::remove_file(&second).unwrap();
    assert_eq!(next(), (place(&second), Hint::Removed));
}

#[cfg(windows)]
#[test]
fn a_folder_with_a_long_path_is_watched_and_spelt_as_it_was_given() {
    let scratch = scratch();
    let deep = scratch.path().join("folder-".repeat(30)).join("folder-".repeat(30));
    fs::create_dir_all(&deep).unwrap();
    for spelling in [deep.clone(), deep.to_string_lossy().replace('\\', "/").into()] {
        let (_hints, notices) = watch(&spelling);
        let path = file(&spelling, "a", "");
        assert_eq!(next(&notices), (place(&path), Hint::Seen));
        fs::remove_file(path).unwrap();
    }
}

#[cfg(target_os = "linux")]
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

#[cfg(target_os = "linux")]
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
