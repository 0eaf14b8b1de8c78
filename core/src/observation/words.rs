//! Who holds a file and who is refused it, for people.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::sighting::Party;
use super::{Access, Holder};
use crate::event::printable;

impl Party {
    /// Name, process and address, as far as they are known: `clamd (process 12) at 10.0.0.5`; empty when nothing is.
    pub fn words(&self) -> String {
        who(&self.name, self.pid, self.address.as_deref())
    }
}

impl Holder {
    /// Name, process and address, as far as they are known; `a process` when nothing is.
    pub fn label(&self) -> String {
        match who(&self.name, self.pid, self.address.as_deref()) {
            words if words.is_empty() => "a process".into(),
            words => words,
        }
    }

    /// All that is known of it: `clamd (process 12), read-only, shares read, from …, to …`.
    pub fn words(&self) -> String {
        let known = [
            Some(self.label()),
            (self.access != Access::Unknown).then(|| self.access.as_str().to_owned()),
            (!self.share.is_empty()).then(|| format!("shares {}", printable(&self.share))),
            self.from.map(|at| format!("from {at}")),
            self.to.map(|at| format!("to {at}")),
        ];
        known.into_iter().flatten().collect::<Vec<String>>().join(", ")
    }
}

fn who(name: &str, pid: Option<u32>, address: Option<&str>) -> String {
    let mut words = printable(name).into_owned();
    if let Some(pid) = pid {
        words = if words.is_empty() { format!("process {pid}") } else { format!("{words} (process {pid})") };
    }
    if let Some(address) = address {
        words.push_str(if words.is_empty() { "" } else { " at " });
        words.push_str(&printable(address));
    }
    words
}
