//! What events say of files.

use std::borrow::Cow;

use lockwait_core::code::Code;
use lockwait_core::observation::sighting::{Act, Attempt, Party, Sighting};
use lockwait_core::observation::{Holders, Name};

use super::record::Record;
use super::{gateway, holders, needles};
use crate::wording;

/// Events whose meaning is known by source and id, whatever the language of their text: source, ids, meaning, and
/// what every such event holds in any form of log.
static KNOWN: [(&str, &[u32], Meaning, &str); 8] = [
    ("MSExchangeGWRtr", &gateway::IDS, Meaning::Gateway, "MSExchangeGWRtr"),
    ("Lockwait", &gateway::IDS, Meaning::Gateway, "Lockwait"),
    ("MsiInstaller", &[1025], Meaning::Holders(holders::installer), "MsiInstaller"),
    ("RestartManager", &[10005, 10010], Meaning::Holders(holders::restart_manager), "RestartManager"),
    ("User Profiles Service", &[1530], Meaning::Holders(holders::profile), "User Profile"),
    ("User Profile Service", &[1530], Meaning::Holders(holders::profile), "User Profile"),
    ("User Profile General", &[1530], Meaning::Holders(holders::profile), "User Profile"),
    ("EventSystem", &[4625], Meaning::Suppression, "SuppressDuplicateDuration"),
];

/// What sources begin with that Windows itself registers; viewers leave it out.
const WINDOWS: &str = "Microsoft-Windows-";

/// An insertion string that stands for a message of Windows: that of errors 32 and 33.
const PARAMETERS: [(&str, Code); 2] = [("%%32", Code::win32(32)), ("%%33", Code::win32(33))];

#[derive(Clone, Copy)]
enum Meaning {
    /// Of the router that Lockwait stands in for, or Lockwait's own.
    Gateway,
    /// It names who has a file open: which file, if it says, and who.
    Holders(fn(&Record) -> (String, Holders)),
    /// Its source reports no repeats for a time.
    Suppression,
}

/// What the records that may matter hold.
pub(super) fn needles() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(_, _, _, needle)| *needle).chain(PARAMETERS.map(|(text, _)| text))
}

/// Whether `record` says anything of a file.
pub(super) fn matters(record: &Record) -> bool {
    known(record).is_some() || !failures(record).is_empty() || given_up(record).is_some()
}

fn known(record: &Record) -> Option<Meaning> {
    let source = record.provider.strip_prefix(WINDOWS).unwrap_or(&record.provider);
    let is_it = |(name, ids, ..): &&(&str, &[u32], Meaning, &str)| {
        source.eq_ignore_ascii_case(name) && ids.contains(&record.id)
    };
    KNOWN.iter().find(is_it).map(|(_, _, meaning, _)| *meaning)
}

/// Makes sightings of records that come in order.
#[derive(Default)]
pub(super) struct Witness {
    moves: gateway::Moves,
}

impl Witness {
    /// Adds what `record` says to `sightings`.
    pub(super) fn tell(&mut self, record: &Record, sightings: &mut Vec<Sighting>) {
        let mut add = |path: Name, act: Act| sightings.push(sighting(record, path, act));
        match known(record) {
            Some(Meaning::Gateway) => self.moves.tell(record, add),
            Some(Meaning::Holders(read)) => {
                let (path, holders) = read(record);
                if !holders.list().is_empty() {
                    add(Name::from(&path), Act::Held(holders));
                }
            }
            Some(Meaning::Suppression) => add(Name::default(), Act::Suppressed),
            None => {
                let failures = failures(record);
                if failures.is_empty() {
                    given_up(record).into_iter().for_each(|path| add(Name::from(&path), Act::GaveUp));
                }
                for failure in failures {
                    let name = || Name::from(failure.path.as_deref().unwrap_or_default());
                    let pause = wording::retry(&failure.text).and_then(|retry| retry.pause);
                    add(name(), Act::Refused(Attempt { pause, ..Attempt::new(failure.code) }));
                    let holders = wording::holders(&failure.text);
                    if !holders.is_empty() {
                        add(name(), Act::Held(Holders::Found(holders)));
                    }
                    if wording::gives_up(&failure.text) {
                        add(name(), Act::GaveUp);
                    }
                }
            }
        }
    }
}

fn sighting(record: &Record, path: Name, act: Act) -> Sighting {
    let address = Some(&*record.computer).filter(|computer| !computer.is_empty()).map(Into::into);
    let actor = Party { name: (*record.provider).into(), pid: record.pid, address, session: 0 };
    Sighting { at: record.at, resolution: record.resolution, path, actor, act, record: record.words() }
}

/// A lock that a record tells of.
struct Failure<'a> {
    code: Code,
    path: Option<String>,
    /// What tells of it.
    text: Cow<'a, str>,
}

/// What any source may say: locks in words, or as a number that stands for nothing else. Access denied is not taken
/// for one: sources report that every day for reasons of their own.
fn failures(record: &Record) -> Vec<Failure<'_>> {
    let strings = record.values.iter().map(|value| value.text.as_str());
    // The sentence has the strings in it.
    let texts = [record.message.as_str()].into_iter().chain(strings);
    let told =
        texts.map(|text| (text, wording::find_all(text))).find(|(_, told)| told.iter().any(|one| one.is_certain));
    let mut failures: Vec<Failure<'_>> = match told {
        Some((text, told)) => told
            .into_iter()
            .filter(|one| one.is_certain)
            .map(|one| Failure { code: one.code, path: one.path, text: text.into() })
            .collect(),
        None => number(record).map(|code| Failure { code, path: None, text: "".into() }).into_iter().collect(),
    };
    if let [Failure { path: path @ None, .. }] = failures.as_mut_slice() {
        *path = record.values.iter().map(|value| value.text.trim()).find(|text| is_path(text)).map(str::to_owned);
    }
    failures
}

/// The file that a record without a failure says nobody tries any more, if it names one.
fn given_up(record: &Record) -> Option<String> {
    let strings = record.values.iter().map(|value| value.text.as_str());
    let mut texts = [record.message.as_str()].into_iter().chain(strings).filter(|text| wording::gives_up(text));
    texts.find_map(|text| wording::files(text).into_iter().next())
}

/// A code among the insertion strings that are nothing but that, or in the binary data.
fn number(record: &Record) -> Option<Code> {
    let parameter = |text: &str| PARAMETERS.iter().find(|(name, _)| text.trim() == *name).map(|(_, code)| *code);
    let strings = || record.values.iter().map(|value| value.text.as_str());
    let words =
        || record.data.chunks_exact(4).filter_map(|four| four.first_chunk().map(|four| u32::from_le_bytes(*four)));
    let code = |number: u32| Code::parse(&format!("{number:#010x}")).ok();
    strings().find_map(parameter).or_else(|| words().find(|word| needles::NUMBERS.contains(word)).and_then(code))
}

/// Whether `text` is the path of a file and nothing else: with a drive, or a server.
pub(super) fn is_path(text: &str) -> bool {
    let rest = match text.as_bytes() {
        [drive, b':', b'\\' | b'/', rest @ ..] if drive.is_ascii_alphabetic() => rest,
        [b'\\', b'\\', rest @ ..] => rest,
        _ => return false,
    };
    !rest.is_empty() && !text.contains(['\n', '\r', '"', '<', '>', '|', '*'])
}
