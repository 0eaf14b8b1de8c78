//! connector.c killed again and again in the middle of its work: in the end every message is there, whole and once.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::kit::Stage;
use super::scene::{Fate, Scene};
use super::verify;
use crate::step::{Trouble, emptied};

/// A folder that is in memory on most systems, and so on another volume than the gateway's folders.
const ELSEWHERE: &str = "/dev/shm";
/// How long the first run lives, and by how much longer the next ones, in milliseconds: so every part of the work is cut
/// short sooner or later.
const FIRST: u64 = 10;
const MORE: u64 = 3;

/// Has the connector killed, with the destination on the gateway's volume and on another.
///
/// # Errors
/// Something is lost, there twice or not whole.
pub(crate) fn run(stage: &Stage) -> Result<(), Trouble> {
    if stage.kit.is_windows() {
        return Ok(());
    }
    let folder = stage.kit.folder().join("killed.play");
    play(stage, &folder, folder.join("exchange"))?;
    let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev());
    match device(ELSEWHERE.as_ref()) {
        Ok(elsewhere) if elsewhere != device(&stage.kit.folder())? => {
            let scratch = tempfile::tempdir_in(ELSEWHERE)?;
            play(stage, &folder, scratch.path().join("exchange"))
        }
        _ => {
            println!("{}: NOT killed with the destination on another volume: there is none", stage.kit.name);
            Ok(())
        }
    }
}

fn play(stage: &Stage, folder: &Path, destination: PathBuf) -> Result<(), Trouble> {
    emptied(folder.to_owned())?;
    let mut scene = Scene::new(stage.kit.spelling());
    // Nobody holds anything here, and all of it is there from the beginning.
    scene.messages.retain(|message| message.fate == Fate::Free);
    let source = folder.join("gateway");
    scene.write(&source, &destination)?;
    let mut kills = 0;
    loop {
        let mut connector = stage.command("connector");
        connector.arg(&source).arg(&destination).args(["--once", "--log"]).arg(folder.join("events.log"));
        let mut running = connector.spawn()?;
        thread::sleep(Duration::from_millis(FIRST + MORE * kills));
        if let Some(status) = running.try_wait()? {
            match status.success() {
                true => break,
                false => return Err(format!("connector ended with {status}").into()),
            }
        }
        running.kill()?;
        running.wait()?;
        kills += 1;
    }
    if kills == 0 {
        return Err(format!("the connector was done within {FIRST} ms: nothing was tested").into());
    }
    verify::folders(&scene, &source, &destination)?;
    let messages = scene.messages.len();
    println!("{}: connector.c: killed {kills} times; {messages} messages, each whole and once", stage.kit.name);
    Ok(())
}
