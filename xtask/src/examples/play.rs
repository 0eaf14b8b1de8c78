//! The connectors at work on a scene: connector.c, and before.c on the same input.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use super::holder::{Holder, spawn, until};
use super::kit::Stage;
use super::scene::{LAST, RESPONSE, STUCK, Scene, at};
use super::verify;
use crate::step::{Trouble, emptied};

/// How long the locks last that pass, and when the unfinished header gets its end: from when the files are there.
const FIRST_RELEASE: Duration = Duration::from_secs(4);
const FINISH: Duration = Duration::from_secs(6);
const SECOND_RELEASE: Duration = Duration::from_secs(20);
/// After the last of the locks that pass: only what is stuck is told of.
const PATIENCE: &str = "patience=22s";
/// How many lines of a log are shown.
const SHOWN: usize = 8;

/// Plays the scene for both programs at the same time; what there is to say of it.
///
/// # Errors
/// The connector did not do what it must, or the old loop had not the faults it must show.
pub(crate) fn play(stage: &Stage) -> Result<String, Trouble> {
    let (after, before) = thread::scope(|scope| {
        let before = scope.spawn(|| work(stage, "before", &[]).map_err(|trouble| trouble.to_string()));
        let after = work(stage, "connector", &["--set", PATIENCE, "--json", "--trace"]);
        (after, before.join().unwrap_or_else(|_| Err("the play of the old loop panicked".into())))
    });
    let (after, before) = (after?, before?);
    verify::folders(&after.scene, &after.source(), &after.destination())?;
    verify::log(&after.scene, &after.log(), &after.file("json"))?;
    verify::before(&before.log(), &before.destination())?;
    let messages = after.scene.messages.len();
    Ok(format!(
        "{}: connector.c: {messages} messages, each whole, once and where it belongs\n{}\n{}",
        stage.kit.name,
        after.said("with Lockwait")?,
        before.said("the old loop")?
    ))
}

/// What a program has worked on.
struct Work {
    folder: PathBuf,
    scene: Scene,
}

impl Work {
    fn source(&self) -> PathBuf {
        self.folder.join("gateway")
    }

    fn destination(&self) -> PathBuf {
        self.folder.join("exchange")
    }

    fn file(&self, what: &str) -> PathBuf {
        self.folder.join(format!("events.{what}"))
    }

    fn log(&self) -> PathBuf {
        self.file("log")
    }

    /// How long the log is, and how it begins.
    fn said(&self, who: &str) -> Result<String, Trouble> {
        let log = self.log();
        let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        let (lines, held) = (text.lines().count(), text.lines().filter(|line| line.contains(" 6067 ")).count());
        let first: Vec<String> = text.lines().take(SHOWN).map(|line| format!("    {line}")).collect();
        Ok(format!("  {who}: {lines} lines, {held} of them 6067: {}\n{}", log.display(), first.join("\n")))
    }
}

/// Has `program` work on a scene of its own from beginning to end. Options that take a file get one.
fn work(stage: &Stage, program: &str, options: &[&str]) -> Result<Work, Trouble> {
    let work =
        Work { folder: stage.kit.folder().join(format!("{program}.play")), scene: Scene::new(stage.kit.spelling()) };
    emptied(work.folder.clone())?;
    let (source, destination) = (work.source(), work.destination());
    work.scene.write(&source, &destination)?;
    let _stuck = Holder::start(stage, &at(&source, "ATT_OUT", STUCK))?;
    let stop = work.file("stop");
    let mut command = stage.command(program);
    command.arg(stage.path(&source)).arg(stage.path(&destination));
    command.arg("--stop-file").arg(stage.path(&stop)).arg("--log").arg(stage.path(&work.log()));
    for option in options {
        command.arg(option);
        if let Some(what @ ("json" | "trace")) = option.strip_prefix("--") {
            command.arg(stage.path(&work.file(what)));
        }
    }
    let mut running = spawn(&mut command)?;
    let story = || -> Result<(), Trouble> {
        until("the ordinary messages are taken", || destination.join("GW2MEXA").join(LAST).exists())?;
        let [briefly, response] = work.scene.write_later(&source, |path| Holder::start(stage, path))?;
        let start = Instant::now();
        let sleep_until = |moment: Duration| thread::sleep(moment.saturating_sub(start.elapsed()));
        sleep_until(FIRST_RELEASE);
        drop(briefly);
        sleep_until(FINISH);
        work.scene.finish(&source)?;
        sleep_until(SECOND_RELEASE);
        drop(response);
        until("the answer that was held is taken", || !at(&source, "API_OUT", RESPONSE).exists())?;
        let log = || fs::read(work.log()).map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default();
        until("the log says what is stuck", || {
            log().lines().any(|line| line.contains(" 6067 ") && line.contains(STUCK))
        })
    };
    let told = story();
    // Whatever has happened, the program is not left behind.
    fs::write(&stop, "")?;
    let status = running.wait()?;
    told?;
    match status.success() {
        true => Ok(work),
        false => Err(format!("{program} ended with {status}").into()),
    }
}
