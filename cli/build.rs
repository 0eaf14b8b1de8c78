//! Puts the files of the diagnostic page into the command, where `cargo xtask page` has built them.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wasm/page/dist");
    println!("cargo::rerun-if-changed={}", page.display());
    let output = env::var_os("OUT_DIR").map(PathBuf::from).expect("cargo names a folder for what is written");
    let mut files = Vec::new();
    collect(&page, &mut files);
    files.sort();
    let mut table = String::from("[");
    for (index, file) in files.iter().enumerate() {
        // A copy: the page may be built anew while the command is compiled.
        let copy = output.join(format!("page-{index}"));
        fs::copy(file, &copy).expect("a file of the page can be copied");
        let name = file.strip_prefix(&page).unwrap_or(file).to_string_lossy().replace('\\', "/");
        // Writing to a String cannot fail.
        let _ = write!(table, "({name:?}, include_bytes!({copy:?}).as_slice()), ");
    }
    table.push(']');
    fs::write(output.join("page.rs"), table).expect("that folder can be written to");
}

/// All files in `folder` and its folders; none where it is not there.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
