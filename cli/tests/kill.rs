//! Killed at random instants and started again: nothing lost, nothing doubled, nothing half-written, nothing left.
#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use common::{Draw, Engine, Gateway, Scene, digest, digests, names};

/// Files in flight at a time.
const FILES: u64 = 500;
/// Kills of each run.
const KILLS: u32 = 200;

/// What the destination must hold in the end: path below it, and digest.
type Expected = BTreeMap<OsString, String>;

/// Fills the source with files of 0 bytes to 256 KiB.
fn deliver(source: &Path, draw: &mut Draw) -> Expected {
    (0..FILES)
        .map(|n| {
            let name = format!("{n:03}.dat");
            let bytes = usize::try_from(draw.below(1 << (1 + n % 18))).unwrap();
            let digest = common::write(&source.join(&name), bytes);
            (name.into(), digest)
        })
        .collect()
}

/// Runs the engine again and again on what `deliver` sets down, killing it each time after at most `longest`; sets
/// down anew whenever all has arrived.
fn survives_kills(
    scene: &Scene,
    kills: u32,
    longest: Duration,
    args: &[&str],
    mut deliver: impl FnMut(&mut Draw) -> Expected,
) {
    let mut draw = Draw::new();
    let micros = u64::try_from(longest.as_micros()).unwrap();
    let (mut killed, mut rounds) = (0, 0);
    while killed < kills {
        let expected = deliver(&mut draw);
        rounds += 1;
        let mut seen = Expected::new();
        loop {
            let engine = once(scene, args);
            // The very instant is what the test is about: no event can stand for it.
            thread::sleep(Duration::from_micros(draw.below(micros)));
            let ended_itself = !engine.kill();
            killed += u32::from(!ended_itself);
            assert_nothing_half_written(&scene.dest, &expected, &mut seen);
            assert_headers_come_last(&scene.dest);
            if killed == kills || ended_itself {
                break;
            }
        }
        let (status, events) = once(scene, args).finish();
        assert!(status.success(), "{status}: {events:#?}");
        assert_eq!(digests(&scene.dest), expected, "round {rounds}, after {killed} kills");
        scene.assert_clean();
        for name in expected.keys() {
            fs::remove_file(scene.dest.join(name)).unwrap();
        }
    }
    println!("{killed} kills in {rounds} rounds");
}

fn once(scene: &Scene, args: &[&str]) -> Engine {
    scene.watch(&[&["--once", "--settle", "0"], args].concat())
}

/// Every file with a name of its own is whole from the moment it has that name.
fn assert_nothing_half_written(dest: &Path, expected: &Expected, seen: &mut Expected) {
    for name in names(dest) {
        if seen.contains_key(&name) {
            continue;
        }
        let digest = digest(&dest.join(&name));
        assert_eq!(Some(&digest), expected.get(&name), "{} is not whole, or is there twice", name.display());
        seen.insert(name, digest);
    }
}

/// A gateway header at the destination has its body there.
fn assert_headers_come_last(dest: &Path) {
    let headers =
        names(dest).into_iter().map(|name| dest.join(name)).filter(|path| path.extension() == Some("API".as_ref()));
    for header in headers {
        assert!(header.with_extension("BDY").exists(), "{} came before its body", header.display());
    }
}

#[test]
fn moving_500_files_from_disk_to_memory() {
    let Some(scene) = Scene::across() else { return };
    survives_kills(&scene, KILLS, Duration::from_millis(60), &[], |draw| deliver(&scene.source, draw));
    assert_eq!(names(&scene.source), [""; 0]);
}

#[test]
fn moving_500_files_from_memory_to_disk() {
    let Some(scene) = Scene::across().map(Scene::reversed) else { return };
    survives_kills(&scene, KILLS, Duration::from_millis(60), &[], |draw| deliver(&scene.source, draw));
    assert_eq!(names(&scene.source), [""; 0]);
}

#[test]
fn moving_500_files_on_one_file_system() {
    let scene = Scene::new();
    survives_kills(&scene, KILLS, Duration::from_millis(30), &[], |draw| deliver(&scene.source, draw));
    assert_eq!(names(&scene.source), [""; 0]);
}

/// Messages in flight at a time, of four files each.
const MESSAGES: u32 = 60;

fn messages_survive_kills(mut scene: Scene) {
    let gateway = Gateway::new(&scene.beside("gateway"));
    scene.source.clone_from(&gateway.headers);
    survives_kills(&scene, KILLS / 2, Duration::from_millis(40), &["--companions", "gateway"], |_| {
        (0..MESSAGES)
            .flat_map(|n| {
                let parts = ["a", "b"].map(|part| format!("M{n:03}{part}.dat"));
                gateway.send(&format!("M{n:03}"), &["--attach", &parts[0], "--attach", &parts[1], "--bytes", "20000"])
            })
            .collect()
    });
    assert_eq!(gateway.parts.read_dir().unwrap().count(), 0);
}

#[test]
fn moving_gateway_messages_across_file_systems() {
    if let Some(scene) = Scene::across() {
        messages_survive_kills(scene);
    }
}

#[test]
fn moving_gateway_messages_on_one_file_system() {
    messages_survive_kills(Scene::new());
}
