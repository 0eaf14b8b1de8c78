//! The scanner: opens each file that appears, read-only and locked as scanners do, for a while.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use lockwait_core::time::Span;

use super::{Stage, Stop, Verb, entries, lock};

/// How often the folder is listed. A real scanner is told of each file by the kernel; this is soon enough to be
/// there before a file of unknown format has settled.
const LOOK: Span = Span::from_millis(5);

/// Open each file that appears in a folder, read-only and locked as scanners do, for a while.
#[derive(Args)]
pub(super) struct Scan {
    /// The folder.
    folder: PathBuf,
    /// How long each file is held.
    #[arg(long = "for", default_value = "1s", value_parser = Span::parse)]
    hold: Span,
}

impl Scan {
    pub(super) fn play(self, stage: &Stage) -> Result<(), Stop> {
        let mut known = entries(&self.folder)?;
        let mut open: BTreeMap<PathBuf, (File, Instant)> = BTreeMap::new();
        stage.tell(Verb::Ready, &self.folder, None)?;
        loop {
            let now = entries(&self.folder)?;
            for path in now.difference(&known) {
                // A file that is gone again, or that somebody else has locked, is no scanner's business.
                if let Ok(file) = lock::open(File::options().read(true), path, Some(lock::SCANNERS)) {
                    open.insert(path.clone(), (file, Instant::now()));
                    stage.tell(Verb::Opened, path, None)?;
                }
            }
            known = now;
            let done = |since: &Instant| since.elapsed().as_micros() >= u128::from(self.hold.0);
            for (path, file) in open.extract_if(.., |_, (_, since)| done(since)) {
                drop(file);
                stage.tell(Verb::Closed, &path, None)?;
            }
            stage.pause(LOOK)?;
        }
    }
}
