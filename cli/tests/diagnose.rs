//! `lockwait diagnose`: what it prints, writes and ends with.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const NEEDS_ACTION: i32 = 1;
const CANNOT_START: i32 = 2;

/// The root of the repository; the README's commands are typed there.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn diagnose(args: &[&str], input: Stdio) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockwait"));
    command.arg("diagnose").args(args).current_dir(root()).stdin(input).output().unwrap()
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    (text(&output.stdout), text(&output.stderr))
}

const SAMPLE: &str = "docs/sample.log";

#[test]
fn the_readme_shows_what_is_printed() {
    let output = diagnose(&[SAMPLE], Stdio::null());
    assert_eq!(output.status.code(), Some(0));
    let readme = fs::read_to_string(root().join("README.md")).unwrap().replace("\r\n", "\n");
    let (_, shown) = readme.split_once(&format!("$ lockwait diagnose {SAMPLE}\n")).expect("the example in the README");
    let (shown, _) = shown.split_once("```").unwrap();
    assert_eq!(said(&output), (shown.to_owned(), String::new()));
}

#[test]
fn json_is_one_object_of_the_fixed_form_and_nothing_else() {
    let output = diagnose(&["--json", SAMPLE], Stdio::null());
    let (text, complaints) = said(&output);
    assert_eq!(complaints, "");
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["schema"], "lockwait.report/1");
    let summary = &report["summary"];
    assert_eq!(
        ["lock_failures", "episodes", "act", "ignore", "cannot_tell"].map(|name| &summary[name]),
        [6, 2, 1, 1, 0]
    );
    let (orders, ledger) = (&report["episodes"][0], &report["episodes"][1]);
    assert_eq!((&orders["interval_ms"], &orders["codes"]["win32:32"]), (&200.into(), &3.into()));
    assert_eq!((&ledger["released"], &ledger["holders"][0]["pid"]), (&Value::Null, &412.into()));
    assert_eq!(ledger["verdict"]["kind"], "backup");
    let mut fields: Vec<&String> = orders.as_object().unwrap().keys().collect();
    fields.sort();
    let fixed = [
        "actor",
        "attempts",
        "attempts_is_lower_bound",
        "codes",
        "first",
        "holders",
        "interval_ms",
        "last",
        "path",
        "records",
        "released",
        "verdict",
    ];
    assert_eq!(fields, fixed);
}

#[test]
fn a_file_that_is_not_there_is_told_and_the_others_are_read() {
    let output = diagnose(&["nowhere.log", SAMPLE], Stdio::null());
    assert_eq!(output.status.code(), Some(CANNOT_START));
    let (text, complaints) = said(&output);
    assert!(complaints.contains("'nowhere.log' cannot be read"), "{complaints}");
    assert!(text.starts_with("6 lock errors were 2 episodes"), "{text}");
}

#[test]
fn it_fails_on_act_only_when_somebody_has_to() {
    assert_eq!(diagnose(&["--fail-on", "act", SAMPLE], Stdio::null()).status.code(), Some(NEEDS_ACTION));
    let folder = tempfile::tempdir().unwrap();
    let brief = folder.path().join("brief.log");
    let sample = fs::read_to_string(root().join(SAMPLE)).unwrap();
    let orders: Vec<&str> = sample.lines().filter(|line| line.contains("orders.dat")).collect();
    fs::write(&brief, orders.join("\n")).unwrap();
    let output = diagnose(&["--fail-on", "act", brief.to_str().unwrap()], Stdio::null());
    assert_eq!(
        (output.status.code(), said(&output).0.lines().next()),
        (Some(0), Some("3 lock errors were 1 episode; none needs you"))
    );
}

#[test]
fn the_standard_input_is_an_input_as_any_other() {
    let from_file = diagnose(&["--json", SAMPLE], Stdio::null());
    let from_input = diagnose(&["--json", "-"], File::open(root().join(SAMPLE)).unwrap().into());
    assert_eq!(said(&from_input).0, said(&from_file).0.replace(&format!("\"{SAMPLE}\""), "\"-\""));
}

#[test]
fn the_html_report_is_written_beside_what_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let output = diagnose(&["--html", page.to_str().unwrap(), SAMPLE], Stdio::null());
    assert_eq!(output.status.code(), Some(0));
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.contains("ledger.dat") && html.ends_with("</html>\n"));
    let unwritable = diagnose(&["--html", folder.path().to_str().unwrap(), SAMPLE], Stdio::null());
    assert_eq!(unwritable.status.code(), Some(CANNOT_START));
    assert!(said(&unwritable).1.contains("cannot be written"));
}

#[test]
fn another_policy_is_judged_by_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.json");
    fs::write(&policy, r#"{"retry": "10ms"}"#).unwrap();
    let (text, complaints) = said(&diagnose(&["--policy", policy.to_str().unwrap(), SAMPLE], Stdio::null()));
    assert!(text.contains("under this policy: ") && complaints.is_empty(), "{text}{complaints}");
    fs::write(&policy, r#"{"retry": "soon"}"#).unwrap();
    let refused = diagnose(&["--policy", policy.to_str().unwrap(), SAMPLE], Stdio::null());
    assert_eq!(refused.status.code(), Some(CANNOT_START));
    assert!(said(&refused).1.contains("retry"), "{}", said(&refused).1);
}

#[test]
fn a_damaged_file_gives_what_can_be_read_and_says_where_it_breaks_off() {
    let folder = tempfile::tempdir().unwrap();
    let damaged = folder.path().join("damaged.pcap");
    let mut bytes = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0];
    bytes.extend([0; 8]);
    bytes.extend([0xff, 0xff, 0, 0, 1, 0, 0, 0, 1]);
    fs::write(&damaged, bytes).unwrap();
    let (text, _) = said(&diagnose(&[damaged.to_str().unwrap(), SAMPLE], Stdio::null()));
    assert!(text.starts_with("6 lock errors were 2 episodes"), "{text}");
    assert!(text.contains("byte 24"), "{text}");
}
