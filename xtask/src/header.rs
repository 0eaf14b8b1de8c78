//! `cargo xtask header`: writes include/lockwait.h from the Rust sources; with `--check`, compiles it as well.

mod compile;

use std::path::PathBuf;

use cbindgen::{Builder, Config};
use clap::Args;

use crate::root;
use crate::step::Trouble;
use crate::template::filled;

/// Write include/lockwait.h from the Rust sources.
#[derive(Args, Default)]
pub(crate) struct Header {
    /// Write nothing: fail if the header is not the one that would be written, or does not compile under every
    /// standard and compiler that it is for.
    #[arg(long)]
    pub(crate) check: bool,
}

impl Header {
    /// Writes or checks.
    pub(crate) fn run(self) -> Result<(), Trouble> {
        let text = generate()?;
        if !self.check {
            return Ok(std::fs::write(path(), text)?);
        }
        if std::fs::read_to_string(path()).ok().as_ref() != Some(&text) {
            return Err("include/lockwait.h is not what the sources say: run `cargo xtask header`".into());
        }
        compile::everywhere()
    }
}

/// Where the header is.
pub(crate) fn path() -> PathBuf {
    root().join("include/lockwait.h")
}

/// The header's text.
fn generate() -> Result<String, Trouble> {
    let package = root().join("ffi");
    let config = Config {
        header: Some(filled("ffi/header/rules.h.in", &[])?),
        after_includes: Some(filled("ffi/header/portable.h.in", &[])?),
        trailer: Some(filled("ffi/header/end.h.in", &[])?),
        ..Config::from_file(package.join("cbindgen.toml"))?
    };
    let mut bytes = Vec::new();
    Builder::new().with_crate(&package).with_config(config).generate()?.write(&mut bytes);
    let text = String::from_utf8(bytes)?;
    match uncommented(&text) {
        None => Ok(text),
        Some(item) => Err(format!("this item of the header has no comment; give it one in ffi/src: {item}").into()),
    }
}

/// The first declaration in `text` that has no comment right before it.
fn uncommented(text: &str) -> Option<&str> {
    const BEGINNINGS: [&str; 4] = ["LOCKWAIT_API ", "#define LOCKWAIT_", "typedef struct ", "typedef uint"];
    let lines: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("#define LOCKWAIT_VERSION")).collect();
    let bare = lines.windows(2).find(|pair| {
        let begins = BEGINNINGS.iter().any(|beginning| pair[1].starts_with(beginning));
        let (before, field) = (pair[0].trim_end(), pair[1].starts_with(' ') && pair[1].ends_with(';'));
        (begins || field) && !before.ends_with("*/") && !before.ends_with(',') && !before.ends_with('(')
    });
    bare.map(|pair| pair[1])
}
