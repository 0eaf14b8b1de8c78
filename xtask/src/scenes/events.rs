//! A scene in the event log of the machine of the program that wants the file: one record for each failure, times in
//! whole seconds or better, nothing of anybody else unless the system told.

use lockwait_evidence::make::event::{Entry, Severity};
use lockwait_evidence::make::event_xml::{self, Layout};
use lockwait_evidence::make::evt::Log;

use super::lines::tells_holder;
use super::truth::{Cause, Deed, Scene, Step};

const FOLDER: &str = r"D:\GW2MEXA\API_OUT";

pub(crate) fn render(scene: &Scene) -> Vec<u8> {
    let mut entries: Vec<Entry> = scene.steps.iter().filter_map(|step| entry(scene, step)).collect();
    if scene.is_named
        && tells_holder(scene.cause)
        && let Some(first) = scene.steps.iter().find(|step| step.deed == Deed::Refused && step.file == 0)
    {
        let (path, pid) = (format!(r"{FOLDER}\{}", scene.file(0)), scene.holder.1.to_string());
        let strings = ["Drop Taker", &path, scene.holder.0, &pid, "(NULL)", "(NULL)"];
        entries.push(Entry::new(first.at, "MsiInstaller", 1025, &strings));
        entries.sort_by_key(|entry| entry.at);
    }
    if (scene.seed / 12).is_multiple_of(2) {
        return event_xml::write(&entries, 1, Layout::Bare).into_bytes();
    }
    let mut log = Log::growing();
    entries.iter().for_each(|entry| log.add(entry));
    log.clean()
}

/// Half of the takers that never give up are the old router, which does not; the others write what .NET gives them.
fn entry(scene: &Scene, step: &Step) -> Option<Entry> {
    let gives_up = scene.steps.iter().any(|step| step.deed == Deed::GiveUp);
    let is_router = (scene.seed / 24).is_multiple_of(2) && !gives_up;
    let path = format!(r"{FOLDER}\{}", scene.file(step.file));
    let folder_is_lost = scene.cause == Cause::Unreachable;
    Some(match step.deed {
        Deed::Refused if is_router && folder_is_lost => Entry::new(step.at, "MSExchangeGWRtr", 6052, &[FOLDER, "53"]),
        Deed::Refused if is_router => Entry::new(
            step.at,
            "MSExchangeGWRtr",
            6067,
            &[
                &path,
                r"D:\exchsrvr\conndata\gwrouter",
                "32",
                "The process cannot access the file because it is being used by another process.",
            ],
        ),
        Deed::Refused if folder_is_lost => {
            let text = format!("The network path was not found: '{path}' (Exception from HRESULT: 0x80070035)");
            Entry::new(step.at, "Drop Taker", 100, &[&text])
        }
        Deed::Refused => {
            let text = format!(
                "The process cannot access the file '{path}' because it is being used by another process. (Exception from \
                 HRESULT: 0x80070020)"
            );
            Entry::new(step.at, "Drop Taker", 100, &[&text])
        }
        Deed::GiveUp => Entry::new(step.at, "Drop Taker", 102, &[&format!("giving up on '{path}'")]),
        Deed::Other => Entry {
            severity: Severity::Information,
            ..Entry::new(step.at, "Service Control Manager", 7036, &["Drop Taker", "running"])
        },
        _ => return None,
    })
}
