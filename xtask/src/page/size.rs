//! How large what was built is.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;
use crate::step::{Trouble, command, typed};

/// A line for each file in a folder and below: its size, and its size as a web server sends it.
pub(super) fn table(folder: &Path) -> Result<String, Trouble> {
    let mut table = format!("{:>10} {:>10}  {}", "bytes", "gzip -9", shown(folder));
    for file in files(folder)? {
        table += &format!("\n{:>10} {:>10}  {}", fs::metadata(&file)?.len(), packed(&file)?, shown(&file));
    }
    Ok(table)
}

fn packed(file: &Path) -> Result<usize, Trouble> {
    let mut gzip = command("gzip", ["-9", "--stdout"]);
    let output = gzip.arg(file).output()?;
    if output.status.success() { Ok(output.stdout.len()) } else { Err(format!("this failed: {}", typed(&gzip)).into()) }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { files.extend(self::files(&path)?) } else { files.push(path) }
    }
    files.sort();
    Ok(files)
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
