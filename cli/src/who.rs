//! `lockwait who`: who holds files now.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lockwait_core::code::Code;
use lockwait_core::event::printable;
use lockwait_core::observation::{Holder, Holders, Place};
use lockwait_native::{holders, path};
use serde::Serialize;

use crate::args::WhoArgs;
use crate::{CANNOT_START, NEEDS_ACTION, output};

/// Prints one row for each holder, and exactly one for each path that has none or could not be asked about.
///
/// # Errors
/// Standard output cannot be written to.
pub(crate) fn run(args: &WhoArgs) -> Result<ExitCode, String> {
    let mut status = 0;
    let mut asked: Vec<(&Path, Place)> = Vec::new();
    for given in &args.paths {
        match place(given) {
            Ok(place) => asked.push((given, place)),
            Err(fault) => {
                output::complain(&fault);
                status = CANNOT_START;
            }
        }
    }
    let places: Vec<Place> = asked.iter().map(|(_, place)| place.clone()).collect();
    let answers: Vec<Answer> =
        asked.iter().zip(holders::who(&places)).map(|((given, _), holders)| Answer::new(given, holders)).collect();
    output::print(&if args.json { lines(&answers) } else { table(&answers) })?;
    if answers.iter().any(|answer| answer.code.is_some()) {
        status = status.max(NEEDS_ACTION);
    }
    Ok(ExitCode::from(status))
}

/// The place of an existing file.
fn place(given: &Path) -> Result<Place, String> {
    let fault = |error| format!("'{}': {error}; check its spelling", printable(&given.to_string_lossy()));
    fs::symlink_metadata(given).map_err(fault)?;
    let whole: PathBuf = std::path::absolute(given).map_err(fault)?.components().collect();
    path::to_place(&whole).ok_or_else(|| format!("'{}' names no file; name a file", given.display()))
}

/// One line of `who --json`.
#[derive(Serialize, Debug)]
struct Answer {
    path: String,
    /// Whether the question could be put; without holders that means that nobody has the file open.
    asked: bool,
    /// Why not.
    code: Option<Code>,
    holders: Vec<Row>,
}

#[derive(Serialize, Debug)]
struct Row {
    name: String,
    pid: Option<u32>,
    access: &'static str,
    /// The kind of lock; `null` for a plain open.
    lock: Option<String>,
}

impl Answer {
    fn new(given: &Path, holders: Holders) -> Answer {
        let code = match &holders {
            Holders::CouldNotAsk(code) => Some(*code),
            Holders::Found(_) | Holders::NotAsked => None,
        };
        let rows = holders.list().iter().map(Row::from).collect();
        Answer { path: given.to_string_lossy().into_owned(), asked: code.is_none(), code, holders: rows }
    }
}

impl From<&Holder> for Row {
    fn from(holder: &Holder) -> Row {
        let lock = (!holder.share.is_empty()).then(|| holder.share.clone());
        Row { name: holder.name.clone(), pid: holder.pid, access: holder.access.as_str(), lock }
    }
}

fn lines(answers: &[Answer]) -> String {
    // Strings and numbers always have a JSON form.
    answers.iter().map(|answer| serde_json::to_string(answer).unwrap_or_default() + "\n").collect()
}

const HEADINGS: [&str; 5] = ["PID", "NAME", "ACCESS", "LOCK", "PATH"];

/// Columns as wide as their widest cell; paths last, since nothing bounds them. Answers without holders follow.
fn table(answers: &[Answer]) -> String {
    let mut rows = vec![HEADINGS.map(String::from)];
    let mut rest = String::new();
    for answer in answers {
        let path = printable(&answer.path);
        match answer.code {
            // Writing to a String cannot fail.
            Some(code) => {
                let _ = writeln!(
                    rest,
                    "{path}: could not ask ({code}: {}); try as root or as the file's owner",
                    code.meaning()
                );
            }
            None if answer.holders.is_empty() => {
                let _ = writeln!(rest, "{path}: nobody has it open");
            }
            None => {}
        }
        rows.extend(answer.holders.iter().map(|row| {
            let pid = row.pid.map_or_else(|| "-".into(), |pid| pid.to_string());
            let lock = row.lock.clone().unwrap_or_else(|| "-".into());
            [pid, printable(&row.name).into_owned(), row.access.into(), lock, path.to_string()]
        }));
    }
    if rows.len() == 1 {
        return rest;
    }
    let mut widths = [0; 4];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &rows {
        for (width, cell) in widths.iter().zip(row) {
            let _ = write!(text, "{cell:<width$}  ");
        }
        let _ = writeln!(text, "{}", row[4]);
    }
    text + &rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockwait_core::observation::Access;

    fn answers() -> Vec<Answer> {
        let holder = Holder {
            name: "pdf\u{1b}read".into(),
            pid: Some(42),
            access: Access::Read,
            share: "flock".into(),
            ..Holder::default()
        };
        let found = Holders::Found(vec![holder, Holder { access: Access::Write, ..Holder::default() }]);
        let cases =
            [("held", found), ("free", Holders::Found(Vec::new())), ("dark", Holders::CouldNotAsk(Code::errno(13)))];
        cases.into_iter().map(|(path, holders)| Answer::new(Path::new(path), holders)).collect()
    }

    #[test]
    fn the_three_answers_look_different() {
        let text = table(&answers());
        let expected = "\
PID  NAME           ACCESS  LOCK   PATH
42   pdf\\u{1b}read  read    flock  held
-                   write   -      held
free: nobody has it open
dark: could not ask (errno:EACCES";
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn json_is_one_object_a_path() {
        let text = lines(&answers());
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["holders"][0]["pid"], 42);
        assert_eq!(lines[0]["holders"][1]["lock"], serde_json::Value::Null);
        assert_eq!((&lines[1]["asked"], &lines[1]["holders"]), (&true.into(), &serde_json::json!([])));
        assert_eq!((&lines[2]["asked"], &lines[2]["code"]), (&false.into(), &"errno:EACCES".into()));
    }
}
