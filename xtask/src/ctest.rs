//! `cargo xtask ctest`: the C tests of the C ABI (ffi/tests/c) on every library: on Linux under the sanitizers with the
//! shared library and under valgrind with the static one, on Windows under Wine.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::dll::{self, DLLS, LINUX, Product};
use crate::step::{Trouble, command, emptied, run, said, status, typed};
use crate::wine::{Wine, windows_path};
use crate::{debian, root, target};

/// Run the C tests of the C ABI.
#[derive(Args, Default)]
pub(crate) struct CTest {
    /// Only libraries whose name has this in it: "sanitizers", "valgrind", "x86_64", "legacy".
    #[arg(value_name = "PART")]
    pub(crate) only: Option<String>,
    /// Compile the tests of the 32-bit DLLs, but do not run them: that needs a 32-bit Wine.
    #[arg(long)]
    pub(crate) without_wine32: bool,
}

/// The sources of the test program, in ffi/tests/c.
const SOURCES: [&str; 13] = [
    "answers.c",
    "basics.c",
    "codes.c",
    "exports.c",
    "handles.c",
    "harness.c",
    "kinds.c",
    "policy.c",
    "router.c",
    "scene.c",
    "texts.c",
    "threads.c",
    "trace.c",
];

/// What the modern flavour has besides.
const MODERN_SOURCES: [&str; 1] = ["pickup.c"];

/// How all of it is compiled.
const FLAGS: [&str; 7] =
    ["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-g"];

/// What the static library needs of the system.
const NATIVE: [&str; 3] = ["-lpthread", "-lm", "-ldl"];

/// Faults stop the program.
const SANITIZERS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// Any error, and memory that nothing points to in the end, make it end with 99.
const VALGRIND: [&str; 6] = [
    "--quiet",
    "--error-exitcode=99",
    "--leak-check=full",
    "--show-leak-kinds=definite",
    "--errors-for-leak-kinds=definite",
    "--fair-sched=yes",
];

/// What a program is run with.
enum Runner {
    Plain,
    Valgrind,
    Wine(Wine),
}

impl Runner {
    fn command(&self, program: &Path) -> Command {
        match self {
            Runner::Plain => command(program, [""; 0]),
            Runner::Valgrind => {
                let mut valgrind = command("valgrind", VALGRIND);
                valgrind.arg(program);
                valgrind
            }
            Runner::Wine(wine) => wine.command(program),
        }
    }

    /// A path as the program spells it.
    fn spelt(&self, path: &Path) -> OsString {
        match self {
            Runner::Wine(_) => windows_path(path),
            Runner::Plain | Runner::Valgrind => path.into(),
        }
    }
}

impl CTest {
    /// Builds the libraries and the tests, and runs them.
    pub(crate) fn run(self) -> Result<(), Trouble> {
        let mut tested = 0;
        for (name, test) in [("sanitizers, Linux", sanitizers as fn(&str) -> _), ("valgrind, Linux", valgrind)] {
            if self.wants(name) {
                test(name)?;
                tested += 1;
            }
        }
        for product in DLLS.iter().filter(|product| self.wants(&product.name())) {
            self.windows(product)?;
            tested += 1;
        }
        if tested == 0 { Err("no library has that in its name".into()) } else { Ok(()) }
    }

    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|part| name.contains(part))
    }

    fn windows(&self, product: &Product) -> Result<(), Trouble> {
        debian::ensure(&debian::MINGW)?;
        let name = product.name();
        let folder = folder(&name)?;
        let library = dll::build(product)?;
        fs::copy(&library, folder.join("lockwait.dll"))?;
        let program = folder.join("tests.exe");
        let sources = if product.is_modern { modern_sources() } else { SOURCES.into() };
        compile(&product.gcc(), product.defines(), &sources, &product.linked(), &program)?;
        if self.without_wine32 && product.needs_wine32() {
            println!("{name}: compiled, NOT RUN, as asked for with --without-wine32");
            return Ok(());
        }
        test(&name, &Runner::Wine(product.wine()?), &program, &library, &folder)
    }
}

fn modern_sources() -> Vec<&'static str> {
    SOURCES.into_iter().chain(MODERN_SOURCES).collect()
}

/// With AddressSanitizer and UBSan in the tests, and the shared library.
fn sanitizers(name: &str) -> Result<(), Trouble> {
    debian::ensure(&["gcc", "binutils"])?;
    let (folder, library) = (folder(name)?, dll::build(&LINUX)?);
    let (program, fault) = (folder.join("tests"), folder.join("fault"));
    let linked = [LINUX.linked(), vec!["-lpthread".into()]].concat();
    compile("gcc", &SANITIZERS, &modern_sources(), &linked, &program)?;
    compile("gcc", &SANITIZERS, &["fault.c"], &[], &fault)?;
    let symbols = said(&mut command("nm", [&program]))?;
    for symbol in ["__asan_init", "__ubsan_handle"] {
        if !symbols.contains(symbol) {
            return Err(format!("{name}: the program has no {symbol}: the sanitizers are off").into());
        }
    }
    check_watchers(name, &Runner::Plain, &fault, &["overflow", "undefined", "leak"])?;
    test(name, &Runner::Plain, &program, &library, &folder)
}

/// Under valgrind, with the static library.
fn valgrind(name: &str) -> Result<(), Trouble> {
    debian::ensure(&["gcc", "valgrind"])?;
    let (folder, library) = (folder(name)?, dll::build(&LINUX)?);
    let (program, fault) = (folder.join("tests"), folder.join("fault"));
    let mut linked = vec![library.with_file_name("liblockwait.a").into()];
    linked.extend(NATIVE.map(OsString::from));
    compile("gcc", &[], &modern_sources(), &linked, &program)?;
    compile("gcc", &[], &["fault.c"], &[], &fault)?;
    check_watchers(name, &Runner::Valgrind, &fault, &["overflow", "leak"])?;
    test(name, &Runner::Valgrind, &program, &library, &folder)
}

/// Runs the tests, and checks that they try every export of the library.
fn test(name: &str, runner: &Runner, program: &Path, library: &Path, folder: &Path) -> Result<(), Trouble> {
    println!("\n== {name}");
    let covered = said(&mut runner_with(runner, program, &["--exports".into()]))?;
    let covered: BTreeSet<&str> = covered.lines().map(str::trim).collect();
    let exports = dll::exports(library)?;
    let exports: BTreeSet<&str> = exports.iter().map(String::as_str).collect();
    if covered != exports {
        let differ: Vec<&&str> = covered.symmetric_difference(&exports).collect();
        return Err(format!("{name}: only in ffi/tests/c/exports.def, or only in the library: {differ:?}").into());
    }
    let scratch = folder.join("scratch");
    fs::create_dir_all(&scratch)?;
    run(&mut runner_with(runner, program, &[runner.spelt(&scratch)]))?;
    println!("{name}: all {} exports are tried", exports.len());
    Ok(())
}

/// Whoever watches over the tests lets a good program pass and notices these faults.
fn check_watchers(name: &str, runner: &Runner, fault: &Path, faults: &[&str]) -> Result<(), Trouble> {
    for which in ["none"].iter().chain(faults) {
        let mut command = runner_with(runner, fault, &[which.into()]);
        command.stderr(std::process::Stdio::null());
        let passed = status(&mut command)?.success();
        if passed != (*which == "none") {
            let what = if passed { "was not noticed" } else { "failed" };
            return Err(format!("{name}: the fault '{which}' {what}: {}", typed(&command)).into());
        }
    }
    println!("{name}: faults made on purpose are noticed ({})", faults.join(", "));
    Ok(())
}

fn runner_with(runner: &Runner, program: &Path, words: &[OsString]) -> Command {
    let mut command = runner.command(program);
    command.args(words);
    command
}

/// Compiles sources of ffi/tests/c to a program.
fn compile(
    compiler: &str,
    flags: &[&str],
    sources: &[&str],
    libraries: &[OsString],
    program: &Path,
) -> Result<(), Trouble> {
    let folder = root().join("ffi/tests/c");
    run(command(compiler, FLAGS)
        .args(flags)
        .arg(format!("-I{}", root().join("include").display()))
        .args(sources.iter().map(|source| folder.join(source)))
        .args(libraries)
        .arg("-o")
        .arg(program))
}

/// An empty folder for what is made under this name.
fn folder(name: &str) -> Result<PathBuf, Trouble> {
    emptied(target().join("ctest").join(name.replace([',', ' '], "-")))
}
