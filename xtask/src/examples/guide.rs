//! The code in docs/embedding.md: every block of C and C++ compiles as it stands there.

use std::fs;

use super::kit::Kit;
use crate::root;
use crate::step::{Trouble, run};

/// What every block of C may use; a block of C++ says itself what it includes.
const HEAD: &str = "#include <lockwait.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n";

/// A block of code.
struct Block {
    /// `c` or `cpp`.
    language: String,
    /// The line after the fence, from 1.
    line: usize,
    text: String,
}

/// Compiles the blocks with every kit that has what they use.
///
/// # Errors
/// The first that does not compile.
pub(crate) fn check(kits: &[Kit]) -> Result<(), Trouble> {
    let guide = root().join("docs/embedding.md");
    let text = fs::read_to_string(&guide)?;
    let blocks: Vec<Block> =
        blocks(&text).into_iter().filter(|block| ["c", "cpp"].contains(&&*block.language)).collect();
    if blocks.is_empty() {
        return Err(format!("{} has no code: has the way it is marked changed?", guide.display()).into());
    }
    for kit in kits {
        let mut count = 0;
        for block in blocks.iter().filter(|block| kit.product.is_modern || !is_modern(&block.text)) {
            let file = kit.folder().join(format!("embedding-{}.{}", block.line, block.language));
            let head = if block.language == "c" { HEAD } else { "" };
            // Complaints then name the line of the guide.
            let source = format!("{head}#line {} \"{}\"\n{}", block.line, guide.display(), block.text);
            fs::write(&file, source)?;
            let sources = [file];
            run(kit.compiler(&sources).arg("-fsyntax-only").args(&sources))?;
            count += 1;
        }
        println!("{}: {count} blocks of code in docs/embedding.md compile", kit.name);
    }
    Ok(())
}

/// Whether code uses what only the modern flavour has.
fn is_modern(code: &str) -> bool {
    ["lockwait_pickup_", "lockwait_sink_", "lockwait_router_answer_who", "lockwait::pickup", "lockwait::sink"]
        .iter()
        .any(|part| code.contains(part))
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => {
                open = Some(Block { language: language.trim().to_owned(), line: at + 2, text: String::new() });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(block)) => block.text.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_with_their_language_and_line() {
        let found = blocks("text\n```c\nint a;\nint b;\n```\nmore\n```console\n$ make\n```\n```c\nunfinished");
        let found: Vec<_> = found.iter().map(|block| (&*block.language, block.line, &*block.text)).collect();
        assert_eq!(found, [("c", 3, "int a;\nint b;\n"), ("console", 8, "$ make\n")]);
    }
}
