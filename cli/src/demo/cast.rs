//! Who plays what: the files of the demo, what really happens to each, and what a verdict should advise.

use lockwait_core::event::Event;
use lockwait_core::observation::Name;
use lockwait_core::verdict::{Advice, Kind};
use lockwait_native::path;

/// Folders the engine takes files from. The scanner is at work in the second.
pub(super) const SOURCES: [&str; 3] = ["in", "scanned", "API_OUT"];
/// The gateway's folder of bodies and attachments.
pub(super) const ATTACHMENTS: &str = "ATT_OUT";
/// Where the files are taken to.
pub(super) const DESTINATION: &str = "out";

/// A lock that an actor can hold.
const LOCK: &str = if cfg!(windows) { "exclusive" } else { "ofd" };

/// The actor that is there before all others: a scanner, which opens each new file for a second.
pub(super) const SCANNER: [&str; 4] = ["scan", SOURCES[1], "--for", "1s"];

/// One file, or one message of several, and what really happens to it.
pub(super) struct Part {
    /// Its files, by name; the first stands for all.
    pub(super) files: &'static [&'static str],
    /// The arguments of its actor: kind, path in the scratch folder, and the rest.
    pub(super) actor: &'static [&'static str],
    /// What really holds it.
    pub(super) truth: &'static str,
    /// The verdict that says so, and what an administrator should do about it; `None` when nothing holds it once it
    /// is written.
    pub(super) verdict: Option<(Kind, Advice)>,
}

pub(super) const CAST: [Part; 7] = [
    Part {
        files: &["ready.json"],
        actor: &["write", "in/ready.json", "--format", "json"],
        truth: "written at one go and closed: nothing holds it",
        verdict: None,
    },
    Part {
        files: &["orders.dat"],
        actor: &["write", "in/orders.dat", "--bytes", "65536", "--times", "26", "--every", "100ms"],
        truth: "its writer appends for 2.5 s, then closes it",
        verdict: Some((Kind::WriterFinishing, Advice::Ignore)),
    },
    Part {
        files: &["fax.pdf"],
        actor: &["write", "in/fax.pdf", "--format", "pdf", "--times", "4", "--gap", "800ms"],
        truth: "its writer closes it after each page and reopens it",
        verdict: Some((Kind::WriterFinishing, Advice::Ignore)),
    },
    Part {
        files: &["ledger.dat"],
        actor: &["write", "in/ledger.dat", "--lock", LOCK, "--times", "5", "--every", "400ms"],
        truth: "its writer holds a lock for 1.6 s",
        verdict: Some((Kind::WriterFinishing, Advice::Ignore)),
    },
    Part {
        files: &["letter.dat"],
        actor: &["write", "scanned/letter.dat"],
        truth: "a scanner opens it for 1 s after it is written",
        verdict: Some((Kind::Scanner, Advice::Ignore)),
    },
    Part {
        files: &["stuck.dat"],
        actor: &["hold", "in/stuck.dat", "--create"],
        truth: "its writer is stuck with the file open, until killed",
        verdict: Some((Kind::WriterStalled, Advice::Act)),
    },
    Part {
        files: &["A1.API", "A1.BDY", "Comments", "prices.dat"],
        actor: &["message", "API_OUT/A1.API", "--attach", "Comments", "--attach", "prices.dat", "--every", "500ms"],
        truth: "a gateway writes attachments and body, then the header",
        verdict: Some((Kind::WriterFinishing, Advice::Ignore)),
    },
];

impl Part {
    /// The name it goes by.
    pub(super) fn name(&self) -> &'static str {
        self.files[0]
    }

    /// Whether `event` is about one of its files.
    pub(super) fn has(&self, event: &Event) -> bool {
        self.files.contains(&file_name(&event.path).as_ref())
    }
}

/// The last component of a path.
pub(super) fn file_name(path: &Name) -> String {
    path::to_path(path).file_name().unwrap_or_default().to_string_lossy().into_owned()
}
