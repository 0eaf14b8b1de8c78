//! A product as it is handed out: one folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::image;
use super::product::Product;
use crate::header;
use crate::root;
use crate::step::{Trouble, command, emptied, run};
use crate::template::filled;

/// Builds a product; says where its folder is.
pub(crate) fn make(product: &Product) -> Result<PathBuf, Trouble> {
    let built = product.build()?;
    let folder = emptied(product.folder())?;
    for part in ["include", "lib/pkgconfig", "lib/cmake/lockwait", "bin"] {
        fs::create_dir_all(folder.join(part))?;
    }
    libraries(product, &built, &folder)?;
    for header in ["lockwait.h", "lockwait.hpp"] {
        let from = header::path().with_file_name(header);
        if from.exists() {
            fs::copy(from, folder.join("include").join(header))?;
        }
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(root().join(licence), folder.join(licence))?;
    }
    descriptions(product, &built, &folder)?;
    sums(&folder)?;
    Ok(folder)
}

fn libraries(product: &Product, built: &Path, folder: &Path) -> Result<(), Trouble> {
    let library = folder.join(product.library());
    if product.is_windows() {
        fs::copy(built.join("lockwait.dll"), &library)?;
        fs::copy(built.join("liblockwait.dll.a"), folder.join("lib/liblockwait.dll.a"))?;
        let lines = image::exports(&library)?.into_iter().map(|name| format!("    {name}\n"));
        let definition = format!("LIBRARY lockwait.dll\nEXPORTS\n{}", lines.collect::<String>());
        return Ok(fs::write(folder.join("lib/lockwait.def"), definition)?);
    }
    fs::remove_dir(folder.join("bin"))?;
    fs::copy(built.join("liblockwait.so"), &library)?;
    std::os::unix::fs::symlink(product.soname(), folder.join("lib/liblockwait.so"))?;
    fs::copy(built.join("liblockwait.a"), folder.join("lib/liblockwait.a"))?;
    Ok(())
}

/// How pkg-config and CMake find it.
fn descriptions(product: &Product, built: &Path, folder: &Path) -> Result<(), Trouble> {
    let native = match product.is_windows() {
        true => String::new(),
        false => fs::read_to_string(built.join("native-libraries"))?.trim().to_owned(),
    };
    let define = if product.is_modern { "" } else { "LOCKWAIT_LEGACY" };
    let flags: String = product.defines().iter().map(|define| format!(" {define}")).collect();
    let more = match product.is_windows() {
        true => "IMPORTED_IMPLIB \"${lockwait_PREFIX}/lib/liblockwait.dll.a\"".to_owned(),
        false => format!("IMPORTED_SONAME \"{}\"", product.soname()),
    };
    let (library, pointer) = (product.library(), product.pointer.to_string());
    let words = [
        ("LIBRARY", library.as_str()),
        ("MORE", &more),
        ("DEFINE", define),
        ("FLAGS", &flags),
        ("NATIVE", &native),
        ("POINTER", &pointer),
        ("FLAVOUR", product.flavour()),
    ];
    for (template, file) in [
        ("ffi/lockwait.pc.in", "lib/pkgconfig/lockwait.pc"),
        ("ffi/cmake/lockwaitConfig.cmake.in", "lib/cmake/lockwait/lockwaitConfig.cmake"),
        ("ffi/cmake/lockwaitConfigVersion.cmake.in", "lib/cmake/lockwait/lockwaitConfigVersion.cmake"),
    ] {
        fs::write(folder.join(file), filled(template, &words)?)?;
    }
    Ok(())
}

/// Writes SHA256SUMS over every file there is.
fn sums(folder: &Path) -> Result<(), Trouble> {
    let script = "find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum > SHA256SUMS";
    run(command("sh", ["-c", script]).current_dir(folder))
}
