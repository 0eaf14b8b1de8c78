//! A scene as the text log of the program that wants the file. It knows nothing of anybody else, unless the system told
//! it who has the file open.

use lockwait_core::time::Timestamp;

use super::truth::{Cause, Deed, Scene};

/// The folder of every scene.
const FOLDER: &str = r"\\drop01\edi\in";

/// A line of a log: `SHAPE`s write the same in the way of one program each.
type Shape = fn(&Line<'_>) -> String;

struct Line<'a> {
    at: Timestamp,
    path: &'a str,
    what: What,
    /// Who has it open, where the system told.
    by: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Refused,
    Lost,
    Taken,
    GaveUp,
    Other,
}

const SHAPES: [Shape; 4] = [serilog, python, log4j, msbuild];

pub(crate) fn render(scene: &Scene) -> Vec<u8> {
    let shape = SHAPES[(scene.seed / 12 % SHAPES.len() as u64) as usize];
    let by = match scene.is_named && tells_holder(scene.cause) {
        true => format!("{} ({})", scene.holder.0, scene.holder.1),
        false => String::new(),
    };
    let mut text = String::new();
    for step in &scene.steps {
        let what = match step.deed {
            Deed::Refused if scene.cause == Cause::Unreachable => What::Lost,
            Deed::Refused => What::Refused,
            Deed::Take => What::Taken,
            Deed::GiveUp => What::GaveUp,
            Deed::Other => What::Other,
            _ => continue,
        };
        let path = format!(r"{FOLDER}\{}", scene.file(step.file));
        let line = shape(&Line { at: step.at, path: &path, what, by: &by });
        text.push_str(&line);
        text.push('\n');
    }
    text.into_bytes()
}

/// Whether the system could have told the program who holds the file.
pub(crate) fn tells_holder(cause: Cause) -> bool {
    !matches!(cause, Cause::Unseen | Cause::Unreachable | Cause::Writer | Cause::SlowWriter | Cause::StalledWriter)
}

fn serilog(line: &Line<'_>) -> String {
    let stamp = line.at.to_string().replace('T', " ").replace('Z', " +00:00");
    let Line { path, by, .. } = line;
    let known = if by.is_empty() { String::new() } else { format!(" The file is locked by: \"{by}\"") };
    match line.what {
        What::Refused => format!(
            "{stamp} [ERR] Drop.Taker: System.IO.IOException: The process cannot access the file '{path}' because it is \
             being used by another process.{known}\n   at System.IO.FileStream.ValidateFileHandle(SafeFileHandle h)\n   \
             at Drop.Taker.Take(String path)"
        ),
        What::Lost => format!(
            "{stamp} [ERR] Drop.Taker: System.IO.IOException: The network path was not found. (0x80070035) : '{path}'"
        ),
        What::Taken => format!("{stamp} [INF] Drop.Taker: successfully moved '{path}' after retrying"),
        What::GaveUp => format!("{stamp} [FTL] Drop.Taker: giving up on '{path}'"),
        What::Other => format!("{stamp} [INF] Drop.Health: alive"),
    }
}

fn python(line: &Line<'_>) -> String {
    let stamp = line.at.to_string().replace('T', " ").replace('.', ",").replace('Z', "");
    let path = line.path.replace('\\', r"\\");
    let known = if line.by.is_empty() { String::new() } else { format!("; locked by: {}", line.by) };
    match line.what {
        What::Refused => format!(
            "{stamp} ERROR taker: PermissionError: [WinError 32] The process cannot access the file because it is being \
             used by another process: '{path}'{known}"
        ),
        What::Lost => format!("{stamp} ERROR taker: OSError: [WinError 53] The network path was not found: '{path}'"),
        What::Taken => format!("{stamp} INFO taker: moved '{path}'"),
        What::GaveUp => format!("{stamp} CRITICAL taker: giving up on '{path}'"),
        What::Other => format!("{stamp} INFO taker: 0 files waiting"),
    }
}

fn log4j(line: &Line<'_>) -> String {
    let stamp = line.at.to_string().replace('T', " ").replace('.', ",").replace('Z', "");
    let Line { path, by, .. } = line;
    let known = if by.is_empty() { String::new() } else { format!(" (locked by: {by})") };
    match line.what {
        What::Refused => format!(
            "{stamp} <taker-1> ERROR Unable to move file {path}: java.nio.file.FileSystemException: {path}: Der Prozess \
             kann nicht auf die Datei zugreifen, da sie von einem anderen Prozess verwendet wird.{known}"
        ),
        What::Lost => format!("{stamp} <taker-1> ERROR {path}: Windows error 53 (0x80070035): network path not found"),
        What::Taken => format!("{stamp} <taker-1> INFO moved file {path}"),
        What::GaveUp => format!("{stamp} <taker-1> FATAL giving up on file {path}"),
        What::Other => format!("{stamp} <taker-1> INFO tick"),
    }
}

fn msbuild(line: &Line<'_>) -> String {
    let stamp = line.at.to_string();
    let Line { path, by, .. } = line;
    let known = if by.is_empty() { String::new() } else { format!(" The file is locked by: \"{by}\"") };
    match line.what {
        What::Refused => format!(
            "{stamp} drop.targets(51,5): warning MSB3026: Could not copy \"{path}\" to \"D:\\out\\x\". Beginning retry 1 \
             in 1000ms. The process cannot access the file '{path}' because it is being used by another process.{known}"
        ),
        What::Lost => format!("{stamp} drop.targets(51,5): error: HRESULT 0x80070035: '{path}' cannot be reached"),
        What::Taken => format!("{stamp} Copied \"{path}\" to \"D:\\out\\x\"."),
        What::GaveUp => format!(
            "{stamp} drop.targets(51,5): error MSB3027: Could not copy \"{path}\". Exceeded retry count of 10. Failed."
        ),
        What::Other => format!("{stamp} Build: waiting for files"),
    }
}
