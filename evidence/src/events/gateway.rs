//! Events of the GroupWise Router of Exchange Server 5.5, and Lockwait's own, which have the same ids.
//!
//! The router's insertion strings are: 6067 file, target, system error, its text; 6066 file, target; 6062 file,
//! folder; 6052 and 6064 folder, system error (Q242232, Q222550, Q201876). Lockwait's are those of
//! [`Event::insertion_strings`](lockwait_core::event::Event::insertion_strings).

use ahash::HashMap;
use lockwait_core::code::{Cause, Code};
use lockwait_core::observation::sighting::{Account, Act, Attempt};
use lockwait_core::observation::{Access, Holder, Holders, Name, Place};
use lockwait_core::time::{Span, Timestamp};

use super::record::{Level, Record};

/// Of them those that say something of a file or folder.
pub(super) const IDS: [u32; 6] = [6052, 6053, 6062, 6064, 6066, 6067];

/// A 6066 belongs to the 6062 that follows within this time.
const PAIRED: Span = Span::from_secs(60);
/// So many moves under way are remembered.
const MOVES: usize = 1_024;

/// Files that the router set out to move, and that it has not said more of: 6066 without its 6062.
#[derive(Default)]
pub(super) struct Moves(HashMap<String, (Timestamp, Name)>);

impl Moves {
    /// Gives `add` what the record says: of which file, and what.
    pub(super) fn tell(&mut self, record: &Record, add: impl FnMut(Name, Act)) {
        match Own::of(record) {
            Some(own) => own.tell(record, add),
            None => self.router(record, add),
        }
    }

    fn router(&mut self, record: &Record, mut add: impl FnMut(Name, Act)) {
        let strings = strings(record);
        let string = |index: usize| strings.get(index).map_or("", String::as_str);
        let code = strings.iter().skip(1).find_map(|text| system_error(text));
        let file = string(0);
        if file.is_empty() {
            return;
        }
        let key = file_name(file).to_lowercase();
        match (record.id, code) {
            (6067, Some(code)) => {
                self.0.remove(&key);
                if is_obstacle(code) {
                    add(Name::from(file), Act::Refused(Attempt::new(code)));
                }
            }
            (6052 | 6064, Some(code)) if is_obstacle(code) => add(Name::from(file), Act::Refused(Attempt::new(code))),
            (6066, _) if !string(1).is_empty() => {
                self.0.retain(|_, (at, _)| record.at.since(*at) <= PAIRED);
                if self.0.len() < MOVES {
                    self.0.insert(key, (record.at, within(string(1), file)));
                }
            }
            (6062, _) => {
                let begun = self.0.remove(&key).filter(|(at, _)| record.at.since(*at) <= PAIRED);
                if let Some((_, target)) = begun {
                    add(within(string(1), file), Act::Rejected(target));
                }
            }
            _ => {}
        }
    }
}

/// Where `file` is in `folder`: its own path if that leads there, else its name in the folder.
fn within(folder: &str, file: &str) -> Name {
    let is_in = file.to_lowercase().starts_with(&folder.to_lowercase());
    if is_in || folder.is_empty() { Name::from(file) } else { Place::new(folder, file_name(file)).path() }
}

fn file_name(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or(path)
}

/// A system error by itself, in decimal or hex, signed or not; a text may follow it.
fn system_error(text: &str) -> Option<Code> {
    let word = text.trim().trim_end_matches(['.', ',']);
    let word = word.split([' ', ',']).next()?;
    word.starts_with(|c: char| c.is_ascii_hexdigit() || c == '-').then(|| Code::parse(word).ok())?
}

/// Whether the file may be had later: a lock, or a folder that cannot be reached. Error 2 and 1113, of names that have
/// no form in the target's code page (Q252689), are neither.
fn is_obstacle(code: Code) -> bool {
    matches!(code.cause(), Cause::Lock | Cause::RangeLock | Cause::MaybeLock | Cause::Going | Cause::Unreachable)
}

/// The insertion strings: as such, or what the sentence has in quotes and the number after them, or the lines of a
/// viewer that has the strings and no sentence.
fn strings(record: &Record) -> Vec<String> {
    if !record.values.is_empty() {
        return record.values.iter().map(|value| value.text.trim().to_owned()).collect();
    }
    let mut strings: Vec<String> = Vec::new();
    let mut rest = record.message.as_str();
    while let Some((_, inside)) = rest.split_once(['\'', '"', '“', '„']) {
        let Some((text, after)) = inside.split_once(['\'', '"', '”', '“']) else { break };
        strings.push(text.to_owned());
        rest = after;
    }
    let lines = || record.message.lines().map(str::trim).filter(|line| !line.is_empty());
    if strings.is_empty() {
        return lines().skip_while(|line| !line.contains('\\')).map(str::to_owned).collect();
    }
    // `… system error code is 32, The process …`, `Return code: 8004010f`
    let is_number = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let numbers = rest.split(|c: char| !is_number(c)).filter(|word| word.contains(|c: char| c.is_ascii_digit()));
    strings.extend(numbers.map(str::to_owned));
    strings
}

/// An event of Lockwait's, by the eight strings it has.
struct Own {
    strings: [String; 8],
    since: Timestamp,
    attempts: u32,
}

/// How the sentences of Lockwait's events label the strings: label and index.
const LABELS: [(&str, usize); 13] = [
    ("File", 0),
    ("Folder", 0),
    ("At", 0),
    ("Moved to", 1),
    ("Taken to", 1),
    ("Code", 2),
    ("Time waited", 3),
    ("Attempts refused", 4),
    ("Tried since", 5),
    ("Since", 5),
    ("Unreachable since", 5),
    ("Verdict", 6),
    ("Holders", 7),
];

impl Own {
    fn of(record: &Record) -> Option<Own> {
        let mut strings: [String; 8] = Default::default();
        if record.values.len() == strings.len() {
            for (string, value) in strings.iter_mut().zip(&record.values) {
                string.clone_from(&value.text);
            }
        } else {
            for line in record.message.lines() {
                let Some((label, text)) = line.trim().split_once(':') else { continue };
                if let Some((_, index)) = LABELS.iter().find(|(name, _)| *name == label) {
                    text.trim().clone_into(&mut strings[*index]);
                }
            }
        }
        let since: jiff::Timestamp = strings[5].parse().ok()?;
        let since = Timestamp(u64::try_from(since.as_microsecond()).ok()?);
        let attempts = strings[4].parse().unwrap_or_default();
        Some(Own { strings, since, attempts })
    }

    fn tell(self, record: &Record, mut add: impl FnMut(Name, Act)) {
        let [path, to, code, .., holders] = &self.strings;
        // `win32:32 ERROR_SHARING_VIOLATION`
        let code = code.split(' ').next().and_then(|code| Code::parse(code).ok());
        let told = |released| {
            let code = code.filter(|_| self.attempts != 0)?;
            Some(Act::Told(Account {
                first: self.since,
                attempts: self.attempts,
                code,
                released,
                holders: read_holders(holders),
            }))
        };
        let (account, then) = match (record.id, code) {
            (6067, _) => (told(false), None),
            (6066, _) => (told(true), (self.attempts == 0).then_some(Act::Done)),
            (6062, _) if !to.is_empty() => (told(false), Some(Act::Rejected(Name::from(to)))),
            (6062, Some(code)) if code.cause() == Cause::Gone => (told(false), Some(Act::Gone)),
            (6062, _) if record.level == Level::Error => (told(false), Some(Act::GaveUp)),
            (6052, Some(code)) => (None, Some(Act::Refused(Attempt::new(code)))),
            (6053, _) => (None, Some(Act::Done)),
            _ => (None, None),
        };
        for act in account.into_iter().chain(then) {
            add(Name::from(path), act);
        }
    }
}

/// Holders as Lockwait's events word them: `held by clamd (process 12, read), PC7 at 10.0.0.7 (unknown)`.
fn read_holders(words: &str) -> Holders {
    if let Some((_, code)) = words.split_once("could not ask who holds it (") {
        return Code::parse(code.trim_end_matches(')')).map_or(Holders::NotAsked, Holders::CouldNotAsk);
    }
    let Some(list) = words.strip_prefix("held by ") else {
        return if words.is_empty() { Holders::NotAsked } else { Holders::Found(Vec::new()) };
    };
    let holder = |words: &str| {
        let (who, facts) = words.rsplit_once(" (")?;
        let (name, address) = who.split_once(" at ").map_or((who, None), |(name, at)| (name, Some(at.to_owned())));
        let (pid, access) = facts.rsplit_once(", ").unwrap_or(("", facts));
        let access = [Access::Read, Access::Write, Access::ReadWrite].into_iter().find(|a| a.as_str() == access);
        Some(Holder {
            name: if name == "a process" { String::new() } else { name.to_owned() },
            pid: pid.strip_prefix("process ").and_then(|pid| pid.parse().ok()),
            address,
            access: access.unwrap_or_default(),
            ..Holder::default()
        })
    };
    Holders::Found(list.trim_end_matches(')').split("), ").filter_map(holder).collect())
}
