//! Who has a file open, as the Restart Manager says.
//!
//! It names processes and says nothing of their access. An empty answer of it may mean that nobody has the file open,
//! that the file is on another machine, or that there is only a stand-in for the manager (Wine), which finds nobody
//! whatever is asked. So an empty answer is put to the proof: this process opens the file, for its attributes, and
//! asks again. A manager that does not see that either cannot see anybody.

use std::io;

use lockwait_core::code::Code;
use lockwait_core::observation::{Holder, Holders, Place};
use windows_sys::Win32::Foundation::ERROR_NOT_SUPPORTED;

use super::path;
use super::restart::{self, Manager, Process};
use super::sys;
use crate::code;

/// See [`crate::holders::who`].
pub(crate) fn who(places: &[Place]) -> Vec<Holders> {
    let manager = match Manager::load() {
        Ok(manager) => manager,
        Err(error) => return vec![Holders::CouldNotAsk(code::of(&error)); places.len()],
    };
    // One question a file: the answer to several does not say which process has which.
    places.iter().map(|place| ask(&manager, place).unwrap_or_else(|error| could_not(&error))).collect()
}

fn ask(manager: &Manager, place: &Place) -> io::Result<Holders> {
    let long = path::long(&place.folder)?.join(&path::file_name(&place.name)?);
    // The manager has nothing to say against a file that is not there.
    sys::stat_link(&long)?;
    let full = path::short(&long)?;
    let found = manager.processes(&full)?;
    if found.is_empty() {
        let control = sys::open_attributes(&long)?;
        let seen = manager.processes(&full)?.iter().any(is_own);
        drop(control);
        if !seen {
            return Ok(Holders::CouldNotAsk(Code::win32(ERROR_NOT_SUPPORTED)));
        }
    }
    Ok(Holders::Found(found.iter().map(holder).collect()))
}

fn could_not(error: &io::Error) -> Holders {
    Holders::CouldNotAsk(code::of(error))
}

fn is_own(process: &Process) -> bool {
    process.pid == std::process::id()
}

fn holder(process: &Process) -> Holder {
    // Rules know programs by their files. Where this user may not see that, the service's name is the next best.
    let program = restart::program(process.pid);
    let file = program.as_deref().and_then(|path| path.rsplit('\\').next());
    let names = [file.unwrap_or_default(), &process.service, &process.title];
    let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    Holder { name: name.into(), pid: Some(process.pid), own: is_own(process), ..Holder::default() }
}
