//! Events that name programs which have files open.

use lockwait_core::observation::{Holder, Holders};

use super::record::Record;
use super::sight::is_path;

/// MsiInstaller 1025, "the file is being used by the following process": product, file, program, process id.
pub(super) fn installer(record: &Record) -> (String, Holders) {
    if record.values.len() >= 4 {
        return (record.value(1).to_owned(), found([(record.value(2), number(record.value(3)))]));
    }
    // `… Name: powershell_ise , Id 2332.`
    let text = &record.message;
    let name = text.rsplit_once("Name:").map_or("", |(_, rest)| rest.split(',').next().unwrap_or_default());
    let pid = text.rsplit(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
    let file = text.split_once(":\\").and_then(|(before, after)| {
        let (drive, end) = (before.chars().next_back()?, after.find(" is being used")?);
        Some(format!("{drive}:\\{}", &after[..end]))
    });
    (file.unwrap_or_default(), found([(name, pid.and_then(number))]))
}

/// Microsoft-Windows-RestartManager 10010, "application cannot be restarted": the program's path and process id; and
/// 10005, "machine restart is required": the names of programs. Which files they hold neither says.
pub(super) fn restart_manager(record: &Record) -> (String, Holders) {
    let pid = record.named("Pid").find_map(number);
    let program = record.named("FullPath").chain(record.named("DisplayName")).find(|name| !name.trim().is_empty());
    let listed = record.values.iter().filter(|value| value.name.starts_with("Application"));
    let holders = match program {
        Some(program) => found([(program, pid)]),
        None if !record.values.is_empty() => found(listed.map(|value| (value.text.as_str(), None))),
        None => found(quoted(&record.message)),
    };
    (String::new(), holders)
}

/// Microsoft-Windows-User Profiles Service 1530, "registry file is still in use": `Process 432
/// (\Device\…\winlogon.exe) has opened key \REGISTRY\USER\…` for each. The path is the key's.
pub(super) fn profile(record: &Record) -> (String, Holders) {
    let texts = record.values.iter().map(|value| value.text.as_str()).chain([record.message.as_str()]);
    let (mut key, mut holders) = (String::new(), Vec::new());
    for line in texts.flat_map(str::lines) {
        let Some((before, program)) = line.split_once(" (\\") else { continue };
        let pid = before.rsplit(' ').next().and_then(number);
        let Some((program, after)) = program.split_once(") ").filter(|_| pid.is_some()) else { continue };
        // A folder may have a parenthesis in its name; the last one before the key ends the program.
        let (program, after) = match after.rsplit_once(") ") {
            Some((more, after)) => (&line[before.len() + 2..][..program.len() + more.len() + 3], after),
            None => (program, after),
        };
        holders.push((program.to_owned(), pid));
        if let Some(at) = after.to_ascii_uppercase().find("\\REGISTRY\\").filter(|_| key.is_empty()) {
            after[at..].trim().clone_into(&mut key);
        }
    }
    (key, found(holders.iter().map(|(program, pid)| (program.as_str(), *pid))))
}

/// `Application 'C:\…\a.exe' (pid 2332) …`
fn quoted(message: &str) -> Option<(&str, Option<u32>)> {
    let (_, rest) = message.split_once('\'')?;
    let (program, rest) = rest.split_once('\'')?;
    let pid = rest.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(inside, _)| inside);
    is_path(program).then(|| (program, pid.and_then(|inside| number(inside.rsplit(' ').next()?))))
}

fn number(text: &str) -> Option<u32> {
    text.trim().parse().ok()
}

/// Holders by their programs' names, without folders; those that have none are left out.
fn found<'a>(programs: impl IntoIterator<Item = (&'a str, Option<u32>)>) -> Holders {
    let holder = |(program, pid): (&str, Option<u32>)| {
        let name = program.rsplit(['\\', '/']).next().unwrap_or(program).trim();
        (!name.is_empty()).then(|| Holder { name: name.to_owned(), pid, ..Holder::default() })
    };
    Holders::Found(programs.into_iter().filter_map(holder).collect())
}
