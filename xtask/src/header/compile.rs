//! The header under every standard, with every compiler that it is for.

use std::path::Path;

use crate::debian;
use crate::root;
use crate::step::{Trouble, command, run, status};

/// Standards of C, and of C++ from the oldest that the header is for.
const C: [&str; 4] = ["c89", "c99", "c11", "c17"];
const CPP: [&str; 5] = ["c++98", "c++11", "c++14", "c++17", "c++20"];

/// A compiler of C and its C++ driver.
const COMPILERS: [(&str, &str); 4] = [
    ("gcc", "g++"),
    ("clang", "clang++"),
    ("i686-w64-mingw32-gcc-win32", "i686-w64-mingw32-g++-win32"),
    ("x86_64-w64-mingw32-gcc-win32", "x86_64-w64-mingw32-g++-win32"),
];

const STRICT: [&str; 5] = ["-fsyntax-only", "-pedantic-errors", "-Wall", "-Wextra", "-Werror"];

/// Uses of the header that no compiler may find fault with: twice in one file, constants in `#if`.
const USE: &str = "#include <lockwait.h>
#include <lockwait.h>
#if LOCKWAIT_RESULT_OK != 0 || LOCKWAIT_ABI_VERSION < 1 
#error constants do not work in #if
#endif
#if defined(LOCKWAIT_MODERN) && LOCKWAIT_FOREVER != 0xffffffff
#error another largest number
#endif
uint64_t now(void);
uint64_t now(void)
{
    uint64_t at = 0;
    lockwait_action action;
    action.size = (uint32_t)sizeof action;
    if (lockwait_now(&at) != LOCKWAIT_RESULT_OK || action.size == LOCKWAIT_END_NONE)
        return 0;
    return at;
}
";

/// The one header of C that is needed where there is no <stdint.h>, for a compiler that finds none of its own.
const STDDEF: &str = "typedef __SIZE_TYPE__ size_t;\n#define NULL ((void *)0)\n";

/// Compiles the header everywhere.
///
/// # Errors
/// The first compiler that finds fault.
pub(crate) fn everywhere() -> Result<(), Trouble> {
    debian::ensure(&["gcc", "g++", "clang"])?;
    debian::ensure(&debian::MINGW)?;
    let scratch = tempfile::tempdir()?;
    let (c, cpp) = (scratch.path().join("use.c"), scratch.path().join("use.cpp"));
    for file in [&c, &cpp] {
        std::fs::write(file, USE)?;
    }
    let bare = scratch.path().join("bare");
    std::fs::create_dir(&bare)?;
    std::fs::write(bare.join("stddef.h"), STDDEF)?;
    let mut count = 0;
    for (compiler, cpp_compiler) in COMPILERS {
        let in_c = C.map(|standard| (compiler, standard, &c));
        let in_cpp = CPP.map(|standard| (cpp_compiler, standard, &cpp));
        for (program, standard, file) in in_c.into_iter().chain(in_cpp) {
            for flavour in ["LOCKWAIT_MODERN", "LOCKWAIT_LEGACY"] {
                run(&mut strict(program, standard, file, &["-D", flavour]))?;
            }
            let words = ["-D", "LOCKWAIT_NO_STDINT", "-nostdinc", "-isystem"];
            run(strict(program, standard, file, &words).arg(&bare))?;
            count += 3;
        }
        // Without the macro it must not compile there, or the compiler has found a <stdint.h> after all.
        let mut without = strict(compiler, "c99", &c, &["-nostdinc", "-isystem"]);
        if status(without.arg(&bare).stderr(std::process::Stdio::null()))?.success() {
            return Err(format!("{compiler} finds a <stdint.h> where there should be none").into());
        }
        count += wrapper(cpp_compiler, scratch.path())?;
    }
    println!("include/lockwait.h is as the sources say, and compiles in {count} ways");
    Ok(())
}

/// The C++ header, where there is one.
fn wrapper(program: &str, scratch: &Path) -> Result<usize, Trouble> {
    if !root().join("include/lockwait.hpp").exists() {
        return Ok(0);
    }
    let file = scratch.join("wrapper.cpp");
    std::fs::write(&file, "#include <lockwait.hpp>\n#include <lockwait.hpp>\n")?;
    let standards = CPP.iter().filter(|standard| **standard != "c++98");
    for standard in standards.clone() {
        run(&mut strict(program, standard, &file, &[]))?;
        run(&mut strict(program, standard, &file, &["-fno-exceptions"]))?;
    }
    Ok(2 * standards.count())
}

/// `program` as a strict reader of `file`.
fn strict(program: &str, standard: &str, file: &Path, words: &[&str]) -> std::process::Command {
    let mut command = command(program, STRICT);
    command.arg(format!("-std={standard}")).arg("-I").arg(root().join("include")).arg(file).args(words);
    command
}
