//! The short examples: pickup.cpp with the native runner, and pickup.py; and the C++ header at work.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use super::holder::{Holder, until};
use super::kit::Stage;
use crate::root;
use crate::step::{Trouble, command, emptied, said};

/// The file that is held until the others are taken.
const HELD: &str = "held.txt";
/// The others.
const FREE: [&str; 2] = ["one.txt", "two.txt"];

/// Runs what of them there is for a kit.
///
/// # Errors
/// One does not say, or do, what it must.
pub(crate) fn run(stage: &Stage) -> Result<(), Trouble> {
    for wrapper in ["wrapper", "wrapper-throwing"] {
        let said = output(&mut stage.command(wrapper))?;
        println!("{}: {wrapper}: {}", stage.kit.name, said.trim_end());
    }
    if stage.kit.product.is_modern {
        take(stage, "pickup.cpp", stage.command("pickup"))?;
    }
    if !stage.kit.is_windows() {
        let script = root().join("ffi/examples/pickup.py");
        let library = stage.kit.product.folder().join("lib/liblockwait.so");
        let python = |word: &str| {
            let mut python = command("python3", [&script]);
            python.env("LOCKWAIT_LIBRARY", &library).arg(word);
            python
        };
        take(stage, "pickup.py", python("take"))?;
        let said = output(python("explain").arg("0x80070020"))?;
        if !said.starts_with("ERROR_SHARING_VIOLATION: ") || !said.contains("\nlock: ") {
            return Err(format!("pickup.py explain 0x80070020 said:\n{said}").into());
        }
    }
    Ok(())
}

/// Has a program take a few files, one of which is held at first.
fn take(stage: &Stage, name: &str, mut program: Command) -> Result<(), Trouble> {
    let folder = stage.kit.folder().join(format!("{name}.play"));
    let (source, destination) = (folder.join("in"), folder.join("out"));
    emptied(folder)?;
    fs::create_dir_all(&source)?;
    fs::create_dir_all(&destination)?;
    for file in FREE.into_iter().chain([HELD]) {
        fs::write(source.join(file), file)?;
    }
    let holder = Holder::start(stage, &source.join(HELD))?;
    program.arg(stage.path(&source)).arg(stage.path(&destination));
    let arrived = |file: &str| fs::read_to_string(destination.join(file)).is_ok_and(|text| text == file);
    let said = thread::scope(|scope| {
        let running = scope.spawn(|| output(&mut program).map_err(|trouble| trouble.to_string()));
        let others =
            until("files that nobody holds are taken", || running.is_finished() || FREE.into_iter().all(arrived));
        drop(holder);
        others?;
        running.join().map_err(|_| "it panicked".to_owned())?.map_err(Trouble::from)
    })?;
    if !arrived(HELD) || !said.contains("3 files taken, 0 need somebody") {
        return Err(format!("{name} did not take all of {}; it said:\n{said}", source.display()).into());
    }
    println!("{}: {name}: {}", stage.kit.name, summary(&said, &destination));
    Ok(())
}

/// The last line of what a program said.
fn summary(said: &str, destination: &Path) -> String {
    format!("{} ({})", said.lines().last().unwrap_or_default(), destination.display())
}

/// What a program writes to its standard output.
fn output(program: &mut Command) -> Result<String, Trouble> {
    Ok(said(program)?.replace('\r', ""))
}
