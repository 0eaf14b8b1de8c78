//! The npm package: the crate for wasm32, its JavaScript by wasm-bindgen, made smaller by wasm-opt.

use std::fs;
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use super::{node, site};
use crate::step::{Trouble, command, run};
use crate::template::filled;
use crate::{debian, root, target};

const TARGET: &str = "wasm32-unknown-unknown";
/// The profile in Cargo.toml.
const PROFILE: &str = "page";
/// What LLVM may use besides what it uses by itself: every browser has it since 2023 (Safari 16.4 was the last). And how
/// much it may copy functions into others: where it works for speed it would copy far more than is gained.
const RUSTFLAGS: &str = "-Ctarget-feature=+simd128 -Cllvm-args=-inline-threshold=25";
/// What the crate and its files are called.
const NAME: &str = "lockwait_wasm";

/// Builds the package; says where it is.
pub(super) fn make() -> Result<PathBuf, Trouble> {
    node()?;
    debian::ensure_targets(&[TARGET])?;
    run(command("cargo", ["build", "--package", "lockwait-wasm", "--profile", PROFILE, "--target", TARGET])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", RUSTFLAGS))?;
    let folder = root().join("wasm/pkg");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    bind(&target().join(TARGET).join(PROFILE).join(NAME).with_extension("wasm"), &folder)?;
    optimise(&folder.join(format!("{NAME}_bg.wasm")))?;
    fs::write(folder.join("package.json"), filled("wasm/package.json.in", &[])?)?;
    for (from, to) in
        [("wasm/README.md", "README.md"), ("LICENSE-MIT", "LICENSE-MIT"), ("LICENSE-APACHE", "LICENSE-APACHE")]
    {
        fs::copy(root().join(from), folder.join(to))?;
    }
    Ok(folder)
}

/// Writes the JavaScript and the declarations, and the WebAssembly that goes with them.
fn bind(wasm: &Path, folder: &Path) -> Result<(), Trouble> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(true)
        // Nothing is fetched that the host did not name.
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)?;
    // Declares the WebAssembly's own exports, which are for the JavaScript alone.
    fs::remove_file(folder.join(format!("{NAME}_bg.wasm.d.ts")))?;
    // There wasm-bindgen calls any host value `any`, which would turn off the checks of whoever imports it.
    let declarations = folder.join(format!("{NAME}.d.ts"));
    Ok(fs::write(&declarations, fs::read_to_string(&declarations)?.replace(": any", ": unknown"))?)
}

/// Makes the WebAssembly smaller, in place.
fn optimise(wasm: &Path) -> Result<(), Trouble> {
    // What the module uses, it says itself. The rest is LLVM's work: -Oz was measured to take minutes for 0.1 %, -O2 to
    // make it larger and no faster.
    let words = ["-O1", "--detect-features", "--strip-debug", "-o"];
    run(command(site::tool("wasm-opt")?, [wasm]).args(words).arg(wasm))
}
