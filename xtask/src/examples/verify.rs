//! Whether everything arrived: whole, once, in order, and nothing else anywhere.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::scene::{BRIEFLY_HELD, Fate, Message, NAME_TAKEN, RESPONSE, STORED_TWICE, STUCK, Scene};
use crate::step::Trouble;

/// A folder's files: names and contents.
type Files = BTreeMap<OsString, Vec<u8>>;

/// Checks what the connector left in its folders.
///
/// # Errors
/// The first thing that is not as it must be.
pub(crate) fn folders(scene: &Scene, source: &Path, destination: &Path) -> Result<(), Trouble> {
    let mut expected: BTreeMap<&str, BTreeMap<OsString, Files>> = BTreeMap::new();
    for route in ["GW2MEXA", "FREEBUSY", "DIRSYNC", "BADFILES"] {
        expected.insert(route, BTreeMap::new());
    }
    let old = Files::from([("OLD.TXT".into(), b"of an earlier day".to_vec())]);
    expected.entry("GW2MEXA").or_default().insert(NAME_TAKEN.into(), old);
    for message in scene.messages.iter().filter(|message| message.fate != Fate::Stuck) {
        expected.entry(message.route).or_default().insert(message.arrives_as.clone().into(), files_of(message));
    }
    for (route, messages) in &expected {
        let mut found = BTreeMap::new();
        for name in names(&destination.join(route))? {
            found.insert(name.clone(), files(&destination.join(route).join(name))?);
        }
        for (name, files) in messages {
            let Some(arrived) = found.remove(name) else {
                return Err(format!("{route} lacks {}", name.display()).into());
            };
            if arrived != *files {
                let (is, must): (Vec<_>, Vec<_>) = (arrived.keys().collect(), files.keys().collect());
                return Err(format!("{route}/{}: is {is:?}, must be {must:?}, or not whole", name.display()).into());
            }
        }
        if let Some(name) = found.keys().next() {
            return Err(format!("{route} has {}, which does not belong there", name.display()).into());
        }
    }
    let stuck: Vec<&Message> = scene.messages.iter().filter(|message| message.fate == Fate::Stuck).collect();
    let headers = Files::from_iter(stuck.iter().map(|message| (message.name.clone().into(), message.content.clone())));
    let others = Files::from_iter(stuck.iter().flat_map(|message| message.files.clone()));
    for (folder, must) in [("API_OUT", headers), ("ATT_OUT", others)] {
        let is = files(&source.join(folder))?;
        if is != must {
            let names: Vec<_> = is.keys().collect();
            return Err(format!("{folder} has {names:?}, and must have what is stuck: {:?}", must.keys()).into());
        }
    }
    Ok(())
}

/// Checks the connector's log, and the account of every event that it gave beside it.
///
/// # Errors
/// The first line that is not as it must be.
pub(crate) fn log(scene: &Scene, log: &Path, json: &Path) -> Result<(), Trouble> {
    let text = fs::read_to_string(log)?;
    let held: Vec<&str> = text.lines().filter(|line| line.split_whitespace().nth(2) == Some("6067")).collect();
    if held.len() != 1 || !held[0].contains(STUCK) {
        return Err(format!("the log must have one 6067, for {STUCK}; it has:\n{}", held.join("\n")).into());
    }
    let bad = scene.messages.iter().filter(|message| message.fate == Fate::Bad).count();
    let gave_up = text.lines().filter(|line| line.split_whitespace().nth(2) == Some("6062"));
    if gave_up.clone().count() != bad {
        return Err(format!("{bad} bad headers, and these 6062:\n{}", gave_up.collect::<Vec<_>>().join("\n")).into());
    }
    let mut order = Vec::new();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let mut refused: BTreeMap<String, u64> = BTreeMap::new();
    for line in fs::read_to_string(json)?.lines() {
        let event: Value = serde_json::from_str(line)?;
        if event["event"] != "acquired" {
            continue;
        }
        let path = event["path"].as_str().unwrap_or_default();
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        *times.entry(name.clone()).or_default() += 1;
        refused.insert(name.clone(), event["attempts"].as_u64().unwrap_or_default());
        order.push(name);
    }
    for message in scene.messages.iter().filter(|message| matches!(message.fate, Fate::Free | Fate::Late)) {
        let of_this_name = |other: &&Message| other.files.iter().any(|(name, _)| name == STORED_TWICE);
        let twice = scene.messages.iter().filter(of_this_name).count();
        // A companion's name is in the account as the header has it, not as it stands on the disk.
        for name in message.files.iter().filter_map(|(name, _)| name.to_str().filter(|name| name.is_ascii())) {
            let must = if name == STORED_TWICE { twice } else { 1 };
            if times.get(name) != Some(&must) {
                return Err(format!("{name} was taken {:?} times, not {must}", times.get(name)).into());
            }
        }
        if times.get(&message.name) != Some(&1) {
            return Err(format!("{} was taken {:?} times", message.name, times.get(&message.name)).into());
        }
    }
    for held in [BRIEFLY_HELD, RESPONSE] {
        if refused.get(held).copied().unwrap_or_default() < 2 {
            return Err(format!("{held} was held for seconds, and refused {:?} times", refused.get(held)).into());
        }
    }
    // A busy system may refuse any file for a moment; what was refused lets the others pass.
    let was_refused = |name: &str| refused.keys().any(|key| *key == name);
    let free = |name: &&String| {
        let mut named = scene.messages.iter().filter(|message| message.name == **name && message.fate == Fate::Free);
        named.any(|message| {
            let mut files = message.files.iter().filter_map(|(file, _)| file.to_str());
            !was_refused(&message.name) && !files.any(was_refused)
        })
    };
    let arrived: Vec<&String> = order.iter().filter(free).collect();
    match arrived.windows(2).find(|pair| pair[0] > pair[1]) {
        None => Ok(()),
        Some(pair) => Err(format!("{} arrived after {}", pair[1], pair[0]).into()),
    }
}

/// Checks that the loop of the old product has the faults it is there to show.
///
/// # Errors
/// It has not.
pub(crate) fn before(log: &Path, destination: &Path) -> Result<(), Trouble> {
    let text = fs::read_to_string(log)?;
    let tries = text.lines().filter(|line| line.contains(" 6067 ") && line.contains(STUCK)).count();
    if tries < 50 {
        return Err(format!("the old loop wrote {tries} errors for {STUCK}, not one every 200 ms").into());
    }
    match destination.join("BADFILES").join(RESPONSE).exists() {
        true => Ok(()),
        false => Err(format!("the old loop did not take {RESPONSE}, which was held, for a bad one").into()),
    }
}

fn files_of(message: &Message) -> Files {
    let header = (message.name.clone().into(), message.content.clone());
    message.files.iter().cloned().chain([header]).collect()
}

fn names(folder: &Path) -> Result<Vec<OsString>, Trouble> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    entries.map(|entry| Ok(entry?.file_name())).collect()
}

fn files(folder: &Path) -> Result<Files, Trouble> {
    names(folder)?.into_iter().map(|name| Ok((name.clone(), fs::read(folder.join(name))?))).collect()
}
