//! The command on Windows.
#![cfg(windows)]

use std::fs;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Runs `lockwait WORDS` to its end.
fn lockwait(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lockwait")).args(words).stdin(Stdio::null()).output().unwrap()
}

/// What it printed with `--json`.
fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn moved_files_arrive_whole_under_their_names_and_a_trace_of_it_replays() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |name: &str| scratch.path().join(name);
    for folder in ["in", "out"] {
        fs::create_dir(at(folder)).unwrap();
    }
    let file = at("in").join("Grüße \u{1f4e0}.json");
    fs::write(&file, "{\"a\":1}").unwrap();
    let (file, into, trace) = (file.to_str().unwrap(), at("out"), at("trace"));
    let words = ["move", file, "--into", into.to_str().unwrap(), "--json", "--trace", trace.to_str().unwrap()];
    let output = lockwait(&words);
    assert!(output.status.success(), "{output:?}");
    let taken: Vec<Value> = lines(&output).into_iter().filter(|line| line["event"] == "acquired").collect();
    assert_eq!(taken.len(), 1, "{output:?}");
    assert_eq!(taken[0]["path"], file);
    assert_eq!(fs::read(taken[0]["to"].as_str().unwrap()).unwrap(), b"{\"a\":1}");
    let replayed = lockwait(&["replay", trace.to_str().unwrap(), "--json"]);
    assert!(replayed.status.success(), "{replayed:?}");
}

#[test]
fn what_cannot_be_done_is_said_with_the_path() {
    let output = lockwait(&["watch", r"C:\no such folder", "--into", r"C:\"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && said.contains(r"'C:\no such folder' does not exist"), "{output:?}");
}

#[test]
fn the_demo_takes_every_file_whole_and_judges_every_holder_rightly() {
    let output = lockwait(&["demo", "--json", "--for", "60s"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
