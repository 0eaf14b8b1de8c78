//! Every export goes through the guard: read off the sources.

use std::fs;
use std::path::Path;

/// The exports in a source: name and the text of the body.
fn exports(source: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for part in source.split("#[unsafe(no_mangle)]").skip(1) {
        let head = part.find("extern \"C\" fn ").expect("an unmangled item that is no extern \"C\" function");
        let rest = &part[head + "extern \"C\" fn ".len()..];
        let name = rest[..rest.find('(').unwrap()].to_owned();
        let open = rest.find(" {\n").expect("a body");
        let body = &rest[open + 2..];
        found.push((name, body[..body.find("\n}").expect("the end of the body")].trim().to_owned()));
    }
    found
}

fn sources() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap())).collect()
}

/// Whether a body is one call of the guard: what comes before it is nothing but constants.
fn is_guarded(body: &str) -> bool {
    let start = ["guard::call(|| ", "guard::call_quietly(|| ", "guard::pointer(|| ", "guard::number(|| "]
        .iter()
        .filter_map(|start| body.find(start))
        .min();
    let Some(start) = start else { return false };
    let before = body[..start].trim();
    (before.is_empty() || (before.starts_with("const ") && before.ends_with(';'))) && body.ends_with(')')
}

#[test]
#[cfg_attr(miri, ignore = "reads text, for minutes")]
fn every_export_is_one_call_of_the_guard() {
    let mut count = 0;
    for (file, source) in sources() {
        for (name, body) in exports(&source) {
            assert!(is_guarded(&body), "{file}: {name} lacks its guard:\n{body}");
            assert!(name.starts_with("lockwait_"), "{file}: {name} lacks the prefix");
            count += 1;
        }
    }
    assert!(count > 50, "only {count} exports found: is this test looking in the right place?");
}

#[test]
fn an_export_without_its_guard_is_noticed() {
    let bare = "#[unsafe(no_mangle)]\npub extern \"C\" fn lockwait_bare() -> u32 {\n    7\n}\n";
    let late = "#[unsafe(no_mangle)]\npub extern \"C\" fn lockwait_late() -> u32 {\n    work();\n    guard::call(|| ok())\n}\n";
    let good = "#[unsafe(no_mangle)]\npub extern \"C\" fn lockwait_good() -> u32 {\n    guard::call(|| ok())\n}\n";
    let guarded = |source: &str| exports(source).iter().all(|(_, body)| is_guarded(body));
    assert!(!guarded(bare) && !guarded(late) && guarded(good));
}
