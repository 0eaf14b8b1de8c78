//! The holder: has files open and does nothing with them.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::write::create;
use super::{At as _, Content, Filling, Lock, Stage, Stop, Verb, entries, lock};

/// Open files, and lock them if asked, until told `release` on standard input.
#[derive(Args)]
pub(super) struct Hold {
    /// The files; a folder stands for every file in it.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Create each file and fill it before holding it.
    #[arg(long)]
    create: bool,
    #[command(flatten)]
    filling: Filling,
    /// Open for reading only.
    #[arg(long, conflicts_with = "create")]
    read: bool,
    /// Hold this lock on each.
    #[arg(long, value_enum)]
    lock: Option<Lock>,
}

impl Hold {
    pub(super) fn play(self, stage: &Stage) -> Result<(), Stop> {
        let mut held = Vec::new();
        for path in self.files()? {
            let mut content = None;
            let file = if self.create {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let content = content.insert(Content::new(&name, self.filling.format));
                let mut file = create(&path, self.lock)?;
                for _ in 0..self.filling.times {
                    file.write_all(&content.next(self.filling.bytes)).at(&path)?;
                }
                file.write_all(content.tail()).at(&path)?;
                stage.tell(Verb::Wrote, &path, Some(content))?;
                file
            } else {
                lock::open(File::options().read(true).write(!self.read), &path, self.lock).at(&path)?
            };
            held.push((path, file, content));
        }
        if let Some((path, _, _)) = held.first() {
            stage.tell(Verb::Ready, path, None)?;
        }
        stage.wait_for_release()?;
        for (path, file, content) in held {
            drop(file);
            stage.tell(Verb::Closed, &path, content.as_ref())?;
        }
        Ok(())
    }

    fn files(&self) -> Result<Vec<PathBuf>, Stop> {
        let mut files = Vec::new();
        for path in &self.paths {
            match path.is_dir() {
                true => files.extend(entries(path)?),
                false => files.push(path.clone()),
            }
        }
        Ok(files)
    }
}
