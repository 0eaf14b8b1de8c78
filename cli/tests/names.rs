//! Odd names, odd things in the source folder, and a destination that says no.
#![cfg(unix)]

mod common;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use common::child::Verb;
use common::{Engine, Scene, acquired, digest, digests, logged, names, text, write};
use serde_json::Value;

/// Names that programs like to get wrong.
fn odd_names() -> Vec<OsString> {
    let mut names: Vec<OsString> = [
        "Grüße.dat",        // composed
        "Gru\u{308}ße.dat", // decomposed: another name, and it must stay so
        "-rf",
        "two\nlines.dat",
        "tab\tand \"quotes\" \\ and blanks .dat",
        "名前.dat",
        "no extension",
        "trailing~2.dat",
    ]
    .map(OsString::from)
    .into();
    names.push(OsString::from_vec(b"latin-1 \xe4\xf6\xfc.dat".to_vec()));
    names.push(OsString::from_vec(b"\xff\xfe\x80".to_vec()));
    names.push("n".repeat(255).into());
    names.push(("ü".repeat(125) + "x.dat").into());
    names
}

/// All of them arrive under their own names.
fn odd_names_arrive(scene: &Scene) {
    let sent: Vec<(OsString, String)> =
        odd_names().into_iter().map(|name| (name.clone(), write(&scene.source.join(&name), 3_000))).collect();
    let (status, events) = scene.watch(&["--once", "--settle", "0"]).finish();
    assert!(status.success());
    assert_eq!(digests(&scene.dest), sent.iter().cloned().collect());
    assert_eq!(names(&scene.source).len(), 0);
    scene.assert_clean();

    let unreadable = events.iter().filter(|event| event["event"] == "acquired" && event["path_hex"].is_string());
    let hex: Vec<&str> = unreadable.map(|event| text(&event["path_hex"])).collect();
    assert_eq!(hex.len(), 2, "a path that is not UTF-8 is also given whole");
    assert!(hex.iter().any(|hex| hex.ends_with("2ffffe80")));
}

#[test]
fn names_survive_unchanged_on_one_file_system() {
    odd_names_arrive(&Scene::new());
}

#[test]
fn names_survive_unchanged_across_file_systems() {
    let Some(scene) = Scene::across() else { return };
    odd_names_arrive(&scene);
}

/// The file arrives beside the one that has its name, and that one is as it was.
fn arrives_beside(scene: &Scene, name: &OsStr, beside: &OsStr) {
    let old = write(&scene.dest.join(name), 100);
    let new = write(&scene.source.join(name), 3_000);
    let (status, _) = scene.watch(&["--once", "--settle", "0"]).finish();
    assert!(status.success());
    assert_eq!(digests(&scene.dest), [(name.into(), old), (beside.into(), new)].into());
    scene.assert_clean();
}

#[test]
fn a_name_already_taken_at_the_destination_gets_a_number() {
    arrives_beside(&Scene::new(), OsStr::new("report.pdf.dat"), OsStr::new("report.pdf~2.dat"));
    if let Some(scene) = Scene::across() {
        arrives_beside(&scene, OsStr::new("report.pdf.dat"), OsStr::new("report.pdf~2.dat"));
    }
}

#[test]
fn a_name_of_255_bytes_that_is_taken_is_shortened_between_two_characters() {
    let name = "ü".repeat(125) + "x.dat";
    let beside = "ü".repeat(124) + "~2.dat";
    arrives_beside(&Scene::new(), OsStr::new(&name), OsStr::new(&beside));
}

#[test]
fn with_collision_refuse_a_taken_name_keeps_the_file_where_it_is() {
    let scene = Scene::new();
    let policy = scene.beside("policy.toml");
    fs::write(&policy, "collision = \"refuse\"\nsettle = \"0\"\n").unwrap();
    let old = write(&scene.dest.join("a.dat"), 100);
    let new = write(&scene.source.join("a.dat"), 3_000);
    let (status, events) = scene.watch(&["--once", "--policy", &policy.to_string_lossy()]).finish();
    assert_eq!(status.code(), Some(1));
    assert_eq!(digest(&scene.dest.join("a.dat")), old);
    assert_eq!(digest(&scene.source.join("a.dat")), new);
    assert_eq!(about(&events, "a.dat"), ["gave-up"]);
    scene.assert_clean();
}

/// The events about `name`, by name.
fn about<'a>(events: &'a [Value], name: &str) -> Vec<&'a str> {
    logged(events, name, u64::MAX).into_iter().map(|event| text(&event["event"])).collect()
}

/// Sets down something that is no file, and sees it refused and left alone while a file beside it is taken.
fn is_left_alone(name: &str, set_down: impl Fn(&Path), expected: &[&str]) {
    let scene = Scene::new();
    set_down(&scene.source.join(name));
    let whole = write(&scene.source.join("file.dat"), 3_000);
    let (status, events) = scene.watch(&["--once", "--settle", "0"]).finish();
    assert_eq!(status.success(), expected.is_empty(), "{events:#?}");
    assert_eq!(about(&events, name), expected);
    assert_eq!(names(&scene.source), [name]);
    assert_eq!(digests(&scene.dest), [("file.dat".into(), whole)].into());
}

#[test]
fn a_symbolic_link_is_refused_and_left_alone() {
    is_left_alone("link", |path| symlink("/etc/hostname", path).unwrap(), &["gave-up"]);
}

#[test]
fn a_dangling_symbolic_link_is_refused_and_left_alone() {
    is_left_alone("link", |path| symlink("nowhere", path).unwrap(), &["gave-up"]);
}

#[test]
fn a_pipe_is_refused_and_nobody_waits_for_its_other_end() {
    let make_pipe = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    is_left_alone("pipe", make_pipe, &["gave-up"]);
}

#[test]
fn a_folder_and_what_is_in_it_is_none_of_our_business() {
    let make_folder = |path: &Path| {
        fs::create_dir(path).unwrap();
        fs::write(path.join("inner.dat"), "inner").unwrap();
    };
    is_left_alone("folder", make_folder, &[]);
}

#[test]
fn a_hidden_file_is_somebody_elses_part_file() {
    is_left_alone(".incoming.dat", |path| fs::write(path, "half").unwrap(), &[]);
}

#[test]
fn a_file_deleted_while_it_is_waited_for_ends_quietly() {
    let scene = Scene::new();
    let holder = scene.actor("hold", "held.dat", &["--create"]);
    holder.wait_for(Verb::Ready);
    let engine = scene.watch(&["--once"]).ready();
    fs::remove_file(scene.source.join("held.dat")).unwrap();
    let (status, events) = engine.finish();
    assert!(status.success(), "nothing ended refused: {events:#?}");
    assert_eq!(about(&events, "held.dat"), [""; 0], "a short lock that ended by itself is no event");
    assert_eq!(names(&scene.dest).len(), 0);
}

/// A file system of its own, as small as it gets; taken down when dropped.
struct SmallVolume<'a>(&'a Path);

impl SmallVolume<'_> {
    /// One MiB at `path`; `None`, with a note, where mounting is not allowed.
    fn mount(path: &Path) -> Option<SmallVolume<'_>> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(path).status();
        if !mounted.is_ok_and(|status| status.success()) {
            eprintln!("skipped: this user may not mount a small file system");
            return None;
        }
        Some(SmallVolume(path))
    }
}

impl Drop for SmallVolume<'_> {
    fn drop(&mut self) {
        // Lazily, for a failed test may still have it in use.
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[test]
fn a_full_destination_costs_no_file_and_work_goes_on_when_there_is_room() {
    let scene = Scene::new();
    let Some(_volume) = SmallVolume::mount(&scene.dest) else { return };
    fs::write(scene.dest.join("ballast"), vec![0; 600 << 10]).unwrap();
    let whole = write(&scene.source.join("big.dat"), 700 << 10);
    let mut engine: Engine = scene.watch(&["--settle", "0"]).ready();
    let trouble = engine.wait_for("engine-trouble", "");
    assert_eq!(trouble["id"], 6064);
    assert_eq!(trouble["code"], "errno:ENOSPC");
    assert_eq!(digest(&scene.source.join("big.dat")), whole);
    assert_eq!(names(&scene.dest), ["ballast"]);

    fs::remove_file(scene.dest.join("ballast")).unwrap();
    assert_eq!(scene.arrival("big.dat"), whole);
    let events = engine.stop();
    acquired(&events, "big.dat");
    let troubles = events.iter().filter(|event| event["event"] == "engine-trouble").count();
    assert_eq!(troubles, 1, "told once, not for every try");
    assert_eq!(names(&scene.source).len(), 0);
    scene.assert_clean();
}
