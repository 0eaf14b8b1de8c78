//! What tasks need of Debian and of rustup, installed when it is missing.

use std::process::Stdio;

use crate::step::{Trouble, command, run, status};

/// Compilers for both Windows targets, with the thread model that needs no DLL of its own.
pub(crate) const MINGW: [&str; 4] = [
    "gcc-mingw-w64-i686-win32",
    "gcc-mingw-w64-x86-64-win32",
    "g++-mingw-w64-i686-win32",
    "g++-mingw-w64-x86-64-win32",
];

/// Makes sure that these packages are installed.
///
/// # Errors
/// One is missing, and this is not root or apt cannot install it.
pub(crate) fn ensure(packages: &[&str]) -> Result<(), Trouble> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let words = ["install", "-y", "--no-install-recommends"];
    if !is_root() {
        let what = missing.join(" ");
        return Err(format!("missing here; as root: apt-get {} {what}", words.join(" ")).into());
    }
    let mut install = command("apt-get", words);
    install.args(&missing).env("DEBIAN_FRONTEND", "noninteractive");
    if status(&mut install)?.success() {
        return Ok(());
    }
    // The list of what there is may be missing or old.
    run(&mut command("apt-get", ["update"]))?;
    run(&mut install)
}

/// Makes sure that rustc can build for these targets.
///
/// # Errors
/// rustup cannot get one.
pub(crate) fn ensure_targets(targets: &[&str]) -> Result<(), Trouble> {
    run(command("rustup", ["target", "add"]).args(targets))
}

fn is_installed(package: &str) -> bool {
    let query =
        command("dpkg-query", ["--show", "--showformat=${db:Status-Status}", package]).stderr(Stdio::null()).output();
    query.is_ok_and(|output| output.stdout == b"installed")
}

fn is_root() -> bool {
    let user = command("id", ["-u"]).output();
    user.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
