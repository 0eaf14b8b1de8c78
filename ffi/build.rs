//! How the shared libraries are linked, and what is linked into a DLL beside the code: its version resource and the
//! texts of its events.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Whatever keeps the build from going on.
type Trouble = Box<dyn std::error::Error>;

/// The message table, compiled from the texts that the native event sink is written for.
const MESSAGES: &str = "../native/src/windows/messages.mc";
/// The version resource.
const VERSION: &str = "version.rc.in";
/// Leaves out what only unwinding needs.
const LEGACY: &str = "legacy.ld";

/// What the legacy DLL is linked with: its own entry point, and the version of Windows that may load it.
const LEGACY_OPTIONS: [&str; 5] = [
    "-nostartfiles",
    "-Wl,--major-os-version=4",
    "-Wl,--minor-os-version=0",
    "-Wl,--major-subsystem-version=4",
    "-Wl,--minor-subsystem-version=0",
];

fn main() -> Result<(), Trouble> {
    for file in ["build.rs", MESSAGES, VERSION, LEGACY] {
        println!("cargo::rerun-if-changed={file}");
    }
    let is_modern = std::env::var_os("CARGO_FEATURE_MODERN").is_some();
    match (variable("CARGO_CFG_TARGET_OS")?.as_str(), variable("CARGO_CFG_TARGET_ENV")?.as_str()) {
        ("windows", "gnu") => {
            if !is_modern {
                LEGACY_OPTIONS.into_iter().for_each(link);
                link("-T");
                link(&Path::new(&variable("CARGO_MANIFEST_DIR")?).join(LEGACY).display().to_string());
            }
            match resources(is_modern) {
                Ok(object) => link(&object.display().to_string()),
                // Whoever only checks the code for Windows need not have the tools; `cargo xtask dll` looks for what
                // is missing then.
                Err(trouble) => println!("cargo::warning=the DLL gets no version resource: {trouble}"),
            }
        }
        ("linux", _) => link(&format!("-Wl,-soname,liblockwait.so.{}", variable("CARGO_PKG_VERSION_MAJOR")?)),
        _ => {}
    }
    Ok(())
}

fn variable(name: &str) -> Result<String, Trouble> {
    std::env::var(name).map_err(|error| format!("{name}: {error}").into())
}

fn link(word: &str) {
    println!("cargo::rustc-link-arg-cdylib={word}");
}

/// Compiles the resources; says where they are.
fn resources(is_modern: bool) -> Result<PathBuf, Trouble> {
    let folder = PathBuf::from(variable("OUT_DIR")?);
    let tools = match variable("CARGO_CFG_TARGET_ARCH")?.as_str() {
        "x86" => "i686-w64-mingw32-",
        "x86_64" => "x86_64-w64-mingw32-",
        other => return Err(format!("windres for {other} is not known").into()),
    };
    let mut text = std::fs::read_to_string(VERSION)?;
    for (name, word) in [
        ("@MAJOR@", variable("CARGO_PKG_VERSION_MAJOR")?),
        ("@MINOR@", variable("CARGO_PKG_VERSION_MINOR")?),
        ("@PATCH@", variable("CARGO_PKG_VERSION_PATCH")?),
        ("@VERSION@", variable("CARGO_PKG_VERSION")?),
        ("@FLAVOUR@", String::from(if is_modern { "modern" } else { "legacy" })),
    ] {
        text = text.replace(name, &word);
    }
    run(Command::new(format!("{tools}windmc")).arg("-h").arg(&folder).arg("-r").arg(&folder).arg(MESSAGES))?;
    text.push_str("#include \"messages.rc\"\n");
    let (script, object) = (folder.join("lockwait.rc"), folder.join("resources.o"));
    std::fs::write(&script, text)?;
    run(Command::new(format!("{tools}windres")).arg("-I").arg(&folder).arg(&script).arg(&object))?;
    Ok(object)
}

fn run(command: &mut Command) -> Result<(), Trouble> {
    let status = command.status().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", command.get_program().display()).into()) }
}
