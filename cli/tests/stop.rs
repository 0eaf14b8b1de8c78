//! SIGTERM ends a run within 100 ms, whatever it is waiting for.
#![cfg(unix)]

mod common;

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use common::child::Verb;
use common::{Engine, Scene, names, wait_until};

/// The requirement itself.
const AT_ONCE: Duration = Duration::from_millis(100);

/// A busy machine may be late for reasons of its own; it is not three times in a row.
const TRIES: u32 = 3;

/// Sends SIGTERM and measures until the process has ended. Includes the time it takes to start `kill`.
fn time_to_stop(engine: Engine) -> Duration {
    let start = Instant::now();
    engine.terminate();
    let (status, events) = engine.finish();
    let took = start.elapsed();
    assert!(status.code().is_some(), "it ended itself: {status}: {events:#?}");
    took
}

/// Sets the scene up anew for each try, until one stops in time.
fn stops_at_once(mut running: impl FnMut() -> Engine) {
    let mut times = Vec::new();
    for _ in 0..TRIES {
        let took = time_to_stop(running());
        if took <= AT_ONCE {
            return;
        }
        times.push(took);
    }
    panic!("took {times:?}");
}

#[test]
fn while_a_folder_is_unreachable() {
    let scene = Scene::new();
    let away = scene.beside("away");
    stops_at_once(|| {
        if away.exists() {
            fs::rename(&away, &scene.source).unwrap();
        }
        let mut engine = scene.watch(&[]).ready();
        fs::rename(&scene.source, &away).unwrap();
        engine.wait_for("folder-unreachable", "/in");
        engine
    });
}

#[test]
fn while_a_file_is_locked() {
    let scene = Scene::new();
    let holder = scene.actor("hold", "held.dat", &["--create", "--lock", "ofd"]);
    holder.wait_for(Verb::Ready);
    stops_at_once(|| {
        let mut engine = scene.watch(&["--patience", "300ms"]).ready();
        engine.wait_for("lock-held", "held.dat");
        engine
    });
    assert_eq!(names(&scene.source), ["held.dat"]);
    scene.assert_clean();
}

#[test]
fn in_the_middle_of_a_large_copy_which_is_then_as_if_it_had_not_begun() {
    let Some(scene) = Scene::across().map(Scene::reversed) else { return };
    let (source, dest) = (scene.source.join("large.bin"), scene.dest.join("large.bin"));
    fill(&source);
    stops_at_once(|| {
        let engine = scene.watch(&["--settle", "0"]).ready();
        wait_until("a part of the copy is there", || part_bytes(&scene) > 1 << 20);
        engine
    });
    assert_eq!(names(&scene.dest).len(), 0, "the copy was not in its middle");
    assert!(is_filled(&source));

    let words = ["move".as_ref(), source.as_os_str(), "--into".as_ref(), scene.dest.as_os_str()];
    let (status, _) = Engine::start(words).finish();
    assert!(status.success());
    assert!(is_filled(&dest));
    assert_eq!(names(&scene.source).len(), 0);
    scene.assert_clean();
}

/// Bytes in the largest of the engine's hidden files at the destination.
fn part_bytes(scene: &Scene) -> u64 {
    let files = scene.dest.read_dir().unwrap().flatten();
    files.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).max().unwrap_or(0)
}

/// How often [`piece`] is repeated in the large file: 1 GiB.
const PIECES: usize = 1 << 10;

/// One MiB that no file system can shorten to a hole.
fn piece() -> Vec<u8> {
    (0..1 << 20).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn fill(path: &Path) {
    let (mut file, piece) = (File::create(path).unwrap(), piece());
    for _ in 0..PIECES {
        file.write_all(&piece).unwrap();
    }
}

fn is_filled(path: &Path) -> bool {
    let (mut file, piece) = (File::open(path).unwrap(), piece());
    let mut read = vec![0; piece.len()];
    let alike = (0..PIECES).all(|_| file.read_exact(&mut read).is_ok() && read == piece);
    alike && file.read(&mut read).unwrap() == 0
}
