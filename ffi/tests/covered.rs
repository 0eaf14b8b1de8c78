//! The table of the C tests (ffi/tests/c/exports.def) has every export of the sources. `cargo xtask ctest` compares it
//! with the exports of the finished libraries, too.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The words that begin with `lockwait_` right after `mark` in `text`.
fn names_after(text: &str, mark: &str) -> BTreeSet<String> {
    let words = text.split(mark).skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        rest[..end].to_owned()
    });
    words.filter(|word| word.starts_with("lockwait_")).collect()
}

fn exports() -> BTreeSet<String> {
    let sources = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let sources =
        sources.map(|entry| entry.unwrap().path()).filter(|path| path.is_file() && !path.ends_with("tests.rs"));
    let unmangled = |path| {
        let source = fs::read_to_string(path).unwrap();
        source.split("#[unsafe(no_mangle)]").skip(1).flat_map(|item| names_after(item, "extern \"C\" fn ")).collect()
    };
    sources.flat_map(|path| -> Vec<String> { unmangled(path) }).collect()
}

#[test]
fn every_export_is_in_the_table_of_the_c_tests() {
    let table = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/exports.def")).unwrap();
    let (exports, covered) = (exports(), names_after(&table, "("));
    assert!(exports.len() > 50, "only {} exports found: is this test looking in the right place?", exports.len());
    assert_eq!(exports.difference(&covered).collect::<Vec<_>>(), Vec::<&String>::new(), "not in exports.def");
    assert_eq!(covered.difference(&exports).collect::<Vec<_>>(), Vec::<&String>::new(), "no export");
}

#[test]
fn a_missing_export_would_be_noticed() {
    let table = "E1(lockwait_one, FRESH, ROUTER)\nX(lockwait_two, FRESH, NOTHING)\n";
    let found = names_after(table, "(");
    assert!(found.contains("lockwait_one") && found.contains("lockwait_two") && found.len() == 2);
}
