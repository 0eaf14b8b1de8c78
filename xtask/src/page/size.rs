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

/// What the page may be (DESIGN section 10).
const GOAL: usize = 600_000;

/// How large the static page in this folder is, the WebAssembly included, as a web server sends it.
pub(super) fn sentence(folder: &Path) -> Result<String, Trouble> {
    let all = files(folder)?;
    let mut loaded = vec![folder.join("index.html")];
    let (mut size, mut next) = (0, 0);
    while let Some(file) = loaded.get(next) {
        size += packed(file)?;
        // A file loads those that it names.
        let text = String::from_utf8_lossy(&fs::read(file)?).into_owned();
        let is_named = |other: &&PathBuf| other.file_name().is_some_and(|name| text.contains(&*name.to_string_lossy()));
        let named: Vec<PathBuf> =
            all.iter().filter(is_named).filter(|other| !loaded.contains(other)).cloned().collect();
        loaded.extend(named);
        next += 1;
    }
    let is_met = if size <= GOAL { "met" } else { "missed" };
    Ok(format!(
        "The static page, its WebAssembly included, is {size} bytes as a web server sends it ({next} files, each by `gzip \
         -9`); at most {GOAL}: {is_met}."
    ))
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
