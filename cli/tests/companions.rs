//! Files that travel together: gateway messages, and files with a done-marker.
#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::child::Verb;
use common::{Engine, Gateway, Player, Scene, acquired, digests, names, text, wait_until, write};
use serde_json::Value;

/// Watches the headers of `gateways`.
fn watch(scene: &Scene, gateways: &[&Gateway], args: &[&str]) -> Engine {
    let sources = gateways.iter().map(|gateway| gateway.headers.as_os_str());
    Engine::watch(sources, &scene.dest, &[&["--companions", "gateway", "--settle", "0"], args].concat())
}

/// The order in which files were taken.
fn order(events: &[Value]) -> Vec<&str> {
    let taken = events.iter().filter(|event| event["event"] == "acquired");
    taken.map(|event| text(&event["path"]).rsplit('/').next().unwrap_or_default()).collect()
}

#[test]
fn a_message_is_taken_when_its_header_is_finished_members_first() {
    let scene = Scene::new();
    let gateway = Gateway::new(&scene.source);
    let engine = watch(&scene, &[&gateway], &[]).ready();
    let files = gateway.send("A1", &["--attach", "Comments", "--attach", "p.doc", "--every", "150ms"]);
    scene.arrival("A1.API");
    assert_eq!(digests(&scene.dest), files);
    let events = engine.stop();
    let order = order(&events);
    assert_eq!(order.len(), 4, "{events:#?}");
    assert_eq!(order[3], "A1.API", "the header comes last");
    assert_eq!(names(&gateway.headers).len() + names(&gateway.parts).len(), 0);
    scene.assert_clean();
}

#[test]
fn nothing_of_a_message_is_taken_before_all_of_it_is_there() {
    let scene = Scene::new();
    let gateway = Gateway::new(&scene.source);
    let files = gateway.send("A1", &["--attach", "late.doc"]);
    let late = fs::read(gateway.parts.join("late.doc")).unwrap();
    fs::remove_file(gateway.parts.join("late.doc")).unwrap();
    let mut engine = watch(&scene, &[&gateway], &["--patience", "500ms", "--quiet", "100ms"]).ready();
    let report = engine.wait_for("lock-held", "");
    assert_ne!(report["verdict"]["advice"], "ignore", "{report:#}");
    assert_eq!(names(&scene.dest).len(), 0);

    fs::write(gateway.parts.join("late.doc"), late).unwrap();
    scene.arrival("A1.API");
    assert_eq!(digests(&scene.dest), files);
    engine.stop();
    scene.assert_clean();
}

#[test]
fn a_message_whose_attachment_is_still_being_written_waits_for_it() {
    let scene = Scene::new();
    let gateway = Gateway::new(&scene.source);
    let mut files = gateway.send("A1", &["--attach", "held.doc"]);
    let mut holder = Player::start("hold", &gateway.parts.join("held.doc"), &["--create", "--times", "2"]);
    holder.wait_for(Verb::Ready);
    let mut engine = watch(&scene, &[&gateway], &["--patience", "500ms", "--quiet", "100ms"]).ready();
    engine.wait_for("lock-held", "held.doc");
    assert_eq!(names(&scene.dest).len(), 0);
    files.insert("held.doc".into(), holder.release());
    scene.arrival("A1.API");
    assert_eq!(digests(&scene.dest), files);
    engine.stop();
}

#[test]
fn two_messages_that_name_attachments_alike_both_arrive_whole() {
    let scene = Scene::new();
    let (one, two) = (Gateway::new(&scene.source.join("one")), Gateway::new(&scene.source.join("two")));
    let engine = watch(&scene, &[&one, &two], &[]).ready();
    let sent = [one.send("A1", &["--attach", "Comments"]), two.send("B1", &["--attach", "Comments"])];
    scene.arrival("A1.API");
    scene.arrival("B1.API");
    engine.stop();
    let mut sent: Vec<String> = sent.into_iter().flat_map(BTreeMap::into_values).collect();
    let mut arrived: Vec<String> = digests(&scene.dest).into_values().collect();
    sent.sort();
    arrived.sort();
    assert_eq!(arrived, sent);
    assert_eq!(names(&one.parts).len() + names(&two.parts).len(), 0);
}

#[test]
fn a_header_that_names_files_outside_its_folder_goes_to_the_bad_folder_and_takes_nothing_with_it() {
    let scene = Scene::new();
    let gateway = Gateway::new(&scene.source);
    let bad = scene.beside("bad");
    fs::create_dir(&bad).unwrap();
    let secret = write(&scene.source.join("secret"), 100);
    for (n, name) in ["../secret", "/etc/hostname", "..", "C:\\secret", "a:b", "CON", "..\\secret"].iter().enumerate() {
        let header = format!("WPC-API= 1.2;\r\nMsg-Type= Mail;\r\nMsg-File= {name};\r\n-END-\r\n");
        fs::write(gateway.headers.join(format!("E{n}.API")), header).unwrap();
    }
    let (status, events) = watch(&scene, &[&gateway], &["--once", "--bad", &bad.to_string_lossy()]).finish();
    assert_eq!(status.code(), Some(1), "{events:#?}");
    assert_eq!(names(&bad).len(), 7);
    assert_eq!(names(&scene.dest).len(), 0);
    assert_eq!(common::digest(&scene.source.join("secret")), secret);
    let given_up = events.iter().filter(|event| event["event"] == "gave-up" && event["end"] == "quarantined");
    assert_eq!(given_up.count(), 7);
}

#[test]
fn a_locked_header_is_never_quarantined_for_being_locked() {
    let scene = Scene::new();
    let gateway = Gateway::new(&scene.source);
    let bad = scene.beside("bad");
    fs::create_dir(&bad).unwrap();
    let mut files = gateway.send("A1", &[]);
    // Held in a state that is no header at all.
    let mut holder = Player::start("hold", &gateway.headers.join("A1.API"), &["--create"]);
    holder.wait_for(Verb::Ready);
    let args = ["--bad", &bad.to_string_lossy(), "--patience", "300ms", "--quiet", "100ms"];
    let mut engine = watch(&scene, &[&gateway], &args).ready();
    engine.wait_for("lock-held", "A1.API");
    assert_eq!(names(&bad).len(), 0);
    fs::remove_file(gateway.headers.join("A1.API")).unwrap();
    holder.release();
    files.extend(gateway.send("A1", &[]));
    scene.arrival("A1.API");
    assert_eq!(digests(&scene.dest), files);
    engine.stop();
    assert_eq!(names(&bad).len(), 0);
}

#[test]
fn a_file_waits_for_its_done_marker_and_travels_before_it() {
    let scene = Scene::new();
    let whole = write(&scene.source.join("x.dat"), 5_000);
    let engine = scene.watch(&["--companions", "suffix:.done", "--settle", "0"]).ready();
    // A file with its marker, sent later, arrives first: the engine has looked at all by then.
    let other = write(&scene.source.join("y.dat"), 5_000);
    fs::write(scene.source.join("y.dat.done"), "").unwrap();
    assert_eq!(scene.arrival("y.dat"), other);
    wait_until("the marker has arrived too", || scene.dest.join("y.dat.done").exists());
    assert!(scene.source.join("x.dat").exists(), "not without its marker");

    fs::write(scene.source.join("x.dat.done"), "").unwrap();
    assert_eq!(scene.arrival("x.dat"), whole);
    wait_until("the marker has arrived too", || scene.dest.join("x.dat.done").exists());
    let events = engine.stop();
    let order = order(&events);
    let place = |name: &str| order.iter().position(|taken| *taken == name).unwrap();
    assert!(place("y.dat") < place("y.dat.done") && place("x.dat") < place("x.dat.done"), "{order:?}");
    acquired(&events, "x.dat");
    assert_eq!(names(&scene.source).len(), 0);
}
