//! Texts with places to fill in: `@VERSION@`.

use crate::root;
use crate::step::Trouble;

/// Words for the places that every template may have: those of the workspace's version.
pub(crate) const VERSION: [(&str, &str); 4] = [
    ("VERSION", env!("CARGO_PKG_VERSION")),
    ("MAJOR", env!("CARGO_PKG_VERSION_MAJOR")),
    ("MINOR", env!("CARGO_PKG_VERSION_MINOR")),
    ("PATCH", env!("CARGO_PKG_VERSION_PATCH")),
];

/// The text of the template at `path` in the workspace, filled in.
///
/// # Errors
/// There is no such file, or a place in it that `words` has nothing for.
pub(crate) fn filled(path: &str, words: &[(&str, &str)]) -> Result<String, Trouble> {
    let template = std::fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))?;
    let fill = |text: String, (name, word): &(&str, &str)| text.replace(&format!("@{name}@"), word);
    let text = VERSION.iter().chain(words).fold(template, fill);
    match text.lines().find(|line| line.split('@').nth(1).is_some_and(is_place) && line.matches('@').count() > 1) {
        None => Ok(text),
        Some(line) => Err(format!("{path}: nothing to fill in here: {line}").into()),
    }
}

fn is_place(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
