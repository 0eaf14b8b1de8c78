//! Who wrote a record, where it says so.

use std::sync::LazyLock;

use lockwait_core::observation::sighting::Party;
use memchr::memmem::Finder;

const LEVELS: &[&str] = &[
    "ERROR", "WARN", "WARNING", "INFO", "DEBUG", "TRACE", "FATAL", "NOTICE", "SEVERE", "ERR", "WRN", "INF", "DBG",
    "FTL", "VRB", "CRITICAL", "Error", "Warning", "Info",
];
/// Programs that their records give away.
const MARKS: [(&str, &str); 6] = [
    (" MSB3", "MSBuild"),
    ("npm ERR!", "npm"),
    ("npm WARN", "npm"),
    (" 32 (0x00000020) ", "robocopy"),
    (" 33 (0x00000021) ", "robocopy"),
    ("info: retrying re", "rustup"),
];
/// Longer ones are no names.
const LONGEST: usize = 80;

/// The program of the first line of a record, else its logger, else its thread. `body` is what follows the stamp.
pub(super) fn read(line: &str, body: &str) -> Party {
    let body = body.trim_start_matches([']', ' ', '\t', ':', ',', '-']);
    if let Some(party) = syslog(line, body).or_else(|| table(body)) {
        return party;
    }
    static FINDERS: LazyLock<[Finder<'static>; MARKS.len()]> =
        LazyLock::new(|| MARKS.map(|(mark, _)| Finder::new(mark)));
    let is_marked = |finder: &&Finder<'_>| finder.find(line.as_bytes()).is_some();
    if let Some((_, (_, name))) = FINDERS.iter().zip(MARKS).find(|(finder, _)| is_marked(finder)) {
        return named(name);
    }
    logger(body).map(named).unwrap_or_default()
}

fn named(name: &str) -> Party {
    Party { name: name.into(), ..Party::default() }
}

/// `host program[12]: `, or RFC 5424's `host program 12 `.
fn syslog(line: &str, body: &str) -> Option<Party> {
    let mut words = body.split(' ').filter(|word| !word.is_empty());
    let (host, second) = (words.next()?, words.next()?);
    if line.starts_with('<') && line.split_once('>').is_some_and(|(_, rest)| rest.starts_with("1 ")) {
        let pid = words.next()?.parse().ok();
        return Some(party(second, pid, host));
    }
    let program = second.strip_suffix(':')?;
    match program.split_once('[') {
        Some((name, pid)) => Some(party(name, Some(pid.strip_suffix(']')?.parse().ok()?), host)),
        // Without a number, only classic syslog is like this.
        None => line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '<').then(|| party(program, None, host)),
    }
    .filter(|party| is_name(&party.name) && is_name(host))
}

fn party(name: &str, pid: Option<u32>, host: &str) -> Party {
    Party { name: name.into(), pid, address: Some(host.into()), session: 0 }
}

/// ULS's `program.exe (0x1A2C)`, NLog's `|ERROR|logger|`, a line of columns.
fn table(body: &str) -> Option<Party> {
    let first = body[..memchr::memchr2(b'\t', b'|', body.as_bytes()).unwrap_or(body.len())].trim();
    if let Some((name, pid)) = first.split_once(" (0x") {
        let pid = u32::from_str_radix(pid.strip_suffix(')')?, 16).ok()?;
        return is_name(name).then(|| Party { name: name.into(), pid: Some(pid), ..Party::default() });
    }
    let mut columns = body.trim_start_matches('|').split('|').map(str::trim);
    let (level, logger) = (columns.next()?, columns.next()?);
    (LEVELS.contains(&level) && is_name(logger)).then(|| named(logger))
}

/// `[thread] LEVEL logger - `, `LEVEL [thread] logger: `, `[LEVEL] logger: `.
fn logger(body: &str) -> Option<&str> {
    let (mut rest, mut thread) = (body, None);
    for _ in 0..4 {
        rest = rest.trim_start_matches([' ', ':']);
        if let Some(inside) = rest.strip_prefix(['[', '<']) {
            let (inside, after) = inside.split_once([']', '>'])?;
            if !LEVELS.contains(&inside) {
                thread = Some(inside).filter(|name| is_name(name));
            }
            rest = after;
            continue;
        }
        let (word, after) = rest.split_once(' ')?;
        if LEVELS.contains(&word.trim_end_matches(':')) {
            rest = after;
            continue;
        }
        let is_logger = word.ends_with(':') || after.starts_with("- ");
        let name = word.trim_end_matches(':');
        let is_message = name.ends_with("Exception") || name.ends_with("Error");
        if is_logger && is_name(name) && !is_message && rest.len() < body.len() {
            return Some(name);
        }
        break;
    }
    thread
}

fn is_name(name: &str) -> bool {
    (2..=LONGEST).contains(&name.len())
        && name.starts_with(|c: char| c.is_alphanumeric())
        && !name.contains(['\\', '/', '"', '\'', '('])
}
