//! A program that uses a product the way its users do: through CMake and through pkg-config.

use std::fs;
use std::path::Path;

use super::product::Product;
use crate::step::{Trouble, command, run};

const PROGRAM: &str = r#"#include <lockwait.h>
#include <string.h>

int main(void)
{
    const char *version = lockwait_version();
    if (lockwait_abi_version() != LOCKWAIT_ABI_VERSION)
        return 1;
    return strncmp(version, LOCKWAIT_VERSION " ", strlen(LOCKWAIT_VERSION) + 1) == 0 ? 0 : 2;
}
"#;

const PROJECT: &str = "cmake_minimum_required(VERSION 3.10)
project(user C)
find_package(lockwait @MAJOR@.@MINOR@ CONFIG REQUIRED)
add_executable(user user.c)
target_link_libraries(user lockwait::lockwait)
if(TARGET lockwait::static)
    add_executable(user_static user.c)
    target_link_libraries(user_static lockwait::static)
endif()
";

/// Builds the program against the product in `folder`; runs it if this system can.
///
/// # Errors
/// It does not build, or the library is not what the header says.
pub(crate) fn check(product: &Product, folder: &Path) -> Result<(), Trouble> {
    let scratch = tempfile::tempdir()?;
    let project =
        PROJECT.replace("@MAJOR@", env!("CARGO_PKG_VERSION_MAJOR")).replace("@MINOR@", env!("CARGO_PKG_VERSION_MINOR"));
    fs::write(scratch.path().join("CMakeLists.txt"), project)?;
    let source = scratch.path().join("user.c");
    fs::write(&source, PROGRAM)?;
    let build = scratch.path().join("build");
    let mut configure = command("cmake", ["-S"]);
    configure.arg(scratch.path()).arg("-B").arg(&build).arg(format!("-DCMAKE_PREFIX_PATH={}", folder.display()));
    if product.is_windows() {
        configure.arg("-DCMAKE_SYSTEM_NAME=Windows").arg(format!("-DCMAKE_C_COMPILER={}", product.gcc()));
        configure.arg(format!("-DCMAKE_RC_COMPILER={}", product.tool("windres")));
    }
    run(&mut configure)?;
    run(command("cmake", ["--build"]).arg(&build))?;
    let words = command("pkg-config", ["--cflags", "--libs", "lockwait"])
        .env("PKG_CONFIG_LIBDIR", folder.join("lib/pkgconfig"))
        .output()?;
    if !words.status.success() {
        return Err(format!("pkg-config: {}", String::from_utf8_lossy(&words.stderr)).into());
    }
    let words = String::from_utf8(words.stdout)?;
    run(command(product.gcc(), ["-o"]).arg(build.join("plain")).arg(&source).args(words.split_whitespace()))?;
    if product.is_windows() {
        return Ok(());
    }
    for program in ["user", "user_static", "plain"] {
        run(command(build.join(program), [""; 0]).env("LD_LIBRARY_PATH", folder.join("lib")))?;
    }
    Ok(())
}
