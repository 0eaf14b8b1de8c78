//! The writer: appends for a while and closes; or closes and reopens between appends.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use lockwait_core::time::Span;

use super::{At as _, Content, Filling, Lock, Stage, Stop, Verb, lock};

/// Write a file bit by bit and close it.
#[derive(Args)]
pub(super) struct Write {
    /// The file; created, or emptied if it exists.
    path: PathBuf,
    #[command(flatten)]
    filling: Filling,
    /// Close the file after each append, and wait this long before opening it again.
    #[arg(long, value_parser = Span::parse)]
    gap: Option<Span>,
    /// Keep it open, doing nothing, for this long before the last close.
    #[arg(long, default_value = "0", value_parser = Span::parse)]
    linger: Span,
    /// Hold this lock while it is open.
    #[arg(long, value_enum)]
    lock: Option<Lock>,
}

impl Write {
    pub(super) fn play(self, stage: &Stage) -> Result<(), Stop> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut content = Content::new(&name, self.filling.format);
        let mut file = create(&self.path, self.lock)?;
        stage.tell(Verb::Opened, &self.path, None)?;
        for append in 0..self.filling.times {
            if append > 0 {
                stage.pause(self.filling.every)?;
                if let Some(gap) = self.gap {
                    drop(file);
                    stage.tell(Verb::Paused, &self.path, Some(&content))?;
                    stage.pause(gap)?;
                    file = open(&self.path, self.lock)?;
                    stage.tell(Verb::Opened, &self.path, Some(&content))?;
                }
            }
            file.write_all(&content.next(self.filling.bytes)).at(&self.path)?;
            stage.tell(Verb::Wrote, &self.path, Some(&content))?;
        }
        stage.pause(self.linger)?;
        file.write_all(content.tail()).at(&self.path)?;
        drop(file);
        stage.tell(Verb::Closed, &self.path, Some(&content))
    }
}

/// Creates or empties `path`, locked if asked.
pub(super) fn create(path: &Path, lock: Option<Lock>) -> Result<File, Stop> {
    lock::open(File::options().read(true).write(true).create(true).truncate(true), path, lock).at(path)
}

/// Opens `path` for appending, locked if asked.
fn open(path: &Path, lock: Option<Lock>) -> Result<File, Stop> {
    lock::open(File::options().read(true).append(true), path, lock).at(path)
}
