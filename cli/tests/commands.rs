//! The short commands, and what is refused at the start.
#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;
use std::time::Instant;

use common::child::Verb;
use common::{Scene, lockwait, text, write};
use serde_json::Value;

/// Standard output as JSON Lines.
fn lines(output: &Output) -> Vec<Value> {
    let line = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    String::from_utf8_lossy(&output.stdout).lines().map(line).collect()
}

#[test]
fn who_names_writers_readers_and_locks() {
    let scene = Scene::new();
    let writer = scene.actor("hold", "a.dat", &["--create", "--lock", "posix"]);
    let reader = scene.actor("hold", "b.dat", &["--create"]);
    writer.wait_for(Verb::Ready);
    reader.wait_for(Verb::Ready);
    write(&scene.source.join("c.dat"), 10);
    let paths = ["a.dat", "b.dat", "c.dat"].map(|name| scene.source.join(name).into_os_string());
    let output = lockwait(["who".into(), "--json".into()].into_iter().chain(paths));
    let answers = lines(&output);
    assert_eq!(answers.len(), 3);
    let holder = &answers[0]["holders"][0];
    assert_eq!((&holder["pid"], &holder["name"]), (&writer.pid().into(), &"lockwait".into()));
    assert_eq!((&holder["access"], &holder["lock"]), (&"read-write".into(), &"posix".into()));
    assert_eq!(answers[1]["holders"][0]["pid"], reader.pid());
    assert_eq!(answers[1]["holders"][0]["lock"], Value::Null);
    // Where some process may not be looked into, root's own perhaps, "nobody" would be saying too much.
    let could_ask = answers[2]["code"].is_null();
    assert_eq!((&answers[2]["asked"], &answers[2]["holders"]), (&could_ask.into(), &serde_json::json!([])));
    assert_eq!(output.status.code(), Some(if could_ask { 0 } else { 1 }));
}

#[test]
fn who_says_2_for_a_path_that_is_not_there() {
    let output = lockwait(["who", "/nowhere/at/all"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/at/all"));
}

#[test]
fn explain_knows_a_code_in_every_form_people_meet() {
    for (form, name) in [
        ("32", "ERROR_SHARING_VIOLATION"),
        ("0x80070020", "ERROR_SHARING_VIOLATION"),
        ("-2147024864", "ERROR_SHARING_VIOLATION"),
        ("c0000043", "STATUS_SHARING_VIOLATION"),
        ("errno:EBUSY", "EBUSY"),
        ("ncp:0x80", "ncp:0x80"),
    ] {
        let output = lockwait(["explain", form]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains(name), "{form}: {said}");
    }
    assert_eq!(lockwait(["explain", "gibberish"]).status.code(), Some(2));
}

/// The trace of a run with a real lock in it.
fn recorded(scene: &Scene) -> std::path::PathBuf {
    let trace = scene.beside("run.trace");
    let mut engine = scene
        .watch(&["--trace", &trace.to_string_lossy(), "--patience", "300ms", "--quiet", "100ms", "--settle", "0"])
        .ready();
    let mut holder = scene.actor("hold", "a.dat", &["--create"]);
    engine.wait_for("lock-held", "a.dat");
    holder.release();
    scene.arrival("a.dat");
    engine.stop();
    trace
}

#[test]
fn a_recorded_run_replays_to_the_same_outputs() {
    let scene = Scene::new();
    let trace = recorded(&scene);
    let output = lockwait(["replay".as_ref(), trace.as_os_str(), "--json".as_ref()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = lines(&output);
    let events: Vec<&str> = said.iter().map(|line| text(&line["event"])).filter(|event| !event.is_empty()).collect();
    assert!(events.windows(2).any(|pair| pair == ["lock-held", "acquired"]), "{events:?}");
    assert_eq!(said.last().unwrap()["replay"], "same");
}

#[test]
fn a_trace_that_was_tampered_with_differs_at_a_line() {
    let scene = Scene::new();
    let trace = recorded(&scene);
    let recorded = fs::read_to_string(&trace).unwrap();
    let holder = r#""name":"lockwait","pid""#;
    assert!(recorded.contains(holder), "the holder's name is an input");
    fs::write(&trace, recorded.replace(holder, r#""name":"innocent","pid""#)).unwrap();
    let output = lockwait(["replay".as_ref(), trace.as_os_str()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("line"));
}

/// Holds when `lockwait watch SOURCE --into DEST` is refused with exit status 2 and a text that has `says` in it.
fn refused(source: &Path, dest: &Path, says: &str) {
    let words = ["watch".as_ref(), source.as_os_str(), "--into".as_ref(), dest.as_os_str(), "--once".as_ref()];
    let output = lockwait(words);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(says), "'{says}' is missing in: {said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_start_that_cannot_go_well_is_refused_with_what_to_do() {
    let scene = Scene::new();
    let (source, dest) = (&scene.source, &scene.dest);
    refused(&scene.beside("nowhere"), dest, "does not exist");
    refused(source, &scene.beside("nowhere"), "mkdir -p");
    refused(source, source, "outside the source");
    fs::create_dir(source.join("inside")).unwrap();
    refused(source, &source.join("inside"), "outside the source");
    write(&scene.beside("file"), 1);
    refused(source, &scene.beside("file"), "not a folder");
    refused(&scene.beside("file"), dest, "not a folder");
    // Nobody, root neither, may create a file in /proc.
    refused(source, Path::new("/proc"), "/proc");
}

#[test]
fn a_destination_without_write_permission_is_refused() {
    let scene = Scene::new();
    fs::set_permissions(&scene.dest, fs::Permissions::from_mode(0o555)).unwrap();
    let probe = scene.dest.join("probe");
    if fs::write(&probe, "").is_ok() {
        fs::remove_file(&probe).unwrap();
        eprintln!("skipped: this user may write everywhere");
        return;
    }
    refused(&scene.source, &scene.dest, "permission");
}

#[test]
fn wrong_policies_are_refused_by_key_and_range() {
    let scene = Scene::new();
    let policy = scene.beside("policy.toml");
    let refused_policy = |content: &str, says: &str| {
        fs::write(&policy, content).unwrap();
        let words = ["watch".as_ref(), scene.source.as_os_str(), "--into".as_ref(), scene.dest.as_os_str()];
        let output = lockwait(words.into_iter().chain(["--policy".as_ref(), policy.as_os_str()]));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(says), "'{says}' is missing in: {said}");
    };
    refused_policy("pateince = \"1s\"", "patience");
    refused_policy("retry = \"0\"", "retry");
    refused_policy("retry = ", "policy.toml");
}

#[test]
fn move_takes_single_files_and_ends() {
    let scene = Scene::new();
    let whole = write(&scene.source.join("a.dat"), 2_000);
    write(&scene.source.join("b.dat"), 2_000);
    let path = scene.source.join("a.dat");
    let output =
        lockwait(["move".as_ref(), path.as_os_str(), "--into".as_ref(), scene.dest.as_os_str(), "--json".as_ref()]);
    assert!(output.status.success());
    assert!(lines(&output).iter().any(|line| line["event"] == "acquired"));
    assert_eq!(common::digests(&scene.dest), [("a.dat".into(), whole)].into());
    assert_eq!(common::names(&scene.source), ["b.dat"]);
}

#[test]
fn the_demo_shows_every_verdict_fitting_the_truth_in_under_20_s() {
    let start = Instant::now();
    let output = lockwait(["demo", "--json"]);
    assert!(start.elapsed().as_secs() < 20);
    let said = lines(&output);
    assert!(output.status.success(), "{said:#?}");
    let files: Vec<&Value> = said.iter().filter(|line| line["type"] == "file").collect();
    assert_eq!(files.len(), 7);
    assert!(files.iter().all(|file| file["arrived"] == "whole" && file["fits"] == true));
    assert_eq!(said.last().unwrap()["type"], "summary");
}
