//! Whether Windows NT 4.0 can load a DLL.

use std::collections::BTreeMap;

use super::image;
use super::product::Product;
use crate::step::{Trouble, command, run};

/// DLLs of Windows NT 4.0 that may be imported from.
const ALLOWED: [&str; 2] = ["kernel32.dll", "msvcrt.dll"];

/// Headers that declare what those export, reduced to what there was in NT 4.0 by the two macros.
const HEAD: &str = "#define _WIN32_WINNT 0x0400
#define WINVER 0x0400
#include <windows.h>
#include <stdlib.h>
#include <string.h>
typedef void (*function)(void);
const function imported[] = {
";

/// Checks the header's versions and every import.
///
/// # Errors
/// With the first that NT 4.0 does not have.
pub(crate) fn check(product: &Product, bytes: &[u8], imports: &BTreeMap<String, Vec<String>>) -> Result<(), Trouble> {
    let versions = image::versions(bytes)?;
    if versions != [(4, 0); 2] {
        return Err(format!("the DLL asks for system and subsystem {versions:?}, not 4.0").into());
    }
    if let Some(dll) = imports.keys().find(|dll| !ALLOWED.contains(&dll.to_ascii_lowercase().as_str())) {
        return Err(format!("the DLL needs {dll}; only {} are allowed", ALLOWED.join(" and ")).into());
    }
    let functions = imports.values().flatten().map(|name| format!("    (function){name},\n"));
    let scratch = tempfile::tempdir()?;
    let file = scratch.path().join("imported.c");
    std::fs::write(&file, format!("{HEAD}{}}};\n", functions.collect::<String>()))?;
    let compiled = run(command(product.gcc(), ["-std=c99", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]).arg(&file));
    compiled.map_err(|trouble| format!("the DLL imports a function that NT 4.0 did not have: {trouble}").into())
}
