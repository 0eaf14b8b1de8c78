//! What a finished library imports, exports and says about itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use object::pe::{ImageNtHeaders32, ImageNtHeaders64};
use object::read::NameOrOrdinal;
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader, PeFile};
use object::{FileKind, Object, ObjectSection};

use super::nt4;
use super::product::Product;
use crate::step::{Trouble, command};

/// DLLs that every Windows has which the modern flavour runs on. Whatever else a library may want can be missing.
const OF_THE_SYSTEM: [&str; 12] = [
    "advapi32.dll",
    "api-ms-win-core-synch-l1-2-0.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "kernel32.dll",
    "msvcrt.dll",
    "ntdll.dll",
    "ole32.dll",
    "shell32.dll",
    "user32.dll",
    "userenv.dll",
    "ws2_32.dll",
];

/// What a library exports, sorted.
pub(crate) fn exports(library: &Path) -> Result<Vec<String>, Trouble> {
    let bytes = fs::read(library)?;
    let file = object::File::parse(&*bytes)?;
    let names = file.exports()?.map(|export| Ok(text(export?.name())));
    let mut names = names.collect::<Result<Vec<String>, Trouble>>()?;
    names.sort();
    Ok(names)
}

/// Checks a finished library and says what it is like.
///
/// # Errors
/// It exports what is not its interface, needs what not every system has, or lacks its version.
pub(crate) fn check(product: &Product, folder: &Path) -> Result<String, Trouble> {
    let library = folder.join(product.library());
    let name = product.name();
    let bytes = fs::read(&library)?;
    let size = bytes.len();
    let exports = exports(&library)?;
    if let Some(foreign) = exports.iter().find(|export| !export.starts_with("lockwait_")) {
        return Err(format!("{name}: exports {foreign}, which is no part of the interface").into());
    }
    let met = if size <= product.goal { "met" } else { "MISSED" };
    let mut report = format!("{name}: {size} bytes (goal {}: {met}), {} exports\n", product.goal, exports.len());
    if product.is_windows() {
        let imports = imports(&bytes)?;
        for (dll, functions) in &imports {
            report.push_str(&format!("    {dll}: {}\n", functions.join(" ")));
        }
        let version: Vec<u8> = "VS_VERSION_INFO".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let file = object::File::parse(&*bytes)?;
        let resources = file.section_by_name(".rsrc").map(|section| section.data()).transpose()?.unwrap_or_default();
        if !resources.windows(version.len()).any(|window| window == version) {
            return Err(format!("{name}: the DLL has no version resource").into());
        }
        match product.is_modern {
            true => check_dlls(&name, &imports)?,
            false => nt4::check(product, &bytes, &imports)?,
        }
    } else {
        let dynamic = command("readelf", ["--dynamic", "--wide"]).arg(&library).output()?.stdout;
        let dynamic = String::from_utf8_lossy(&dynamic);
        let words = dynamic.lines().filter(|line| line.contains("NEEDED") || line.contains("SONAME"));
        words.for_each(|line| {
            report.push_str(&format!("    {}\n", line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")))
        });
        if !dynamic.contains(&format!("[{}]", product.soname())) {
            return Err(format!("{name}: the library's SONAME is not {}", product.soname()).into());
        }
    }
    Ok(report)
}

fn check_dlls(name: &str, imports: &BTreeMap<String, Vec<String>>) -> Result<(), Trouble> {
    match imports.keys().find(|dll| !OF_THE_SYSTEM.contains(&dll.to_ascii_lowercase().as_str())) {
        None => Ok(()),
        Some(dll) => Err(format!("{name}: needs {dll}, which a system may not have").into()),
    }
}

/// The functions that a DLL imports, by the DLL that they come from.
fn imports(bytes: &[u8]) -> Result<BTreeMap<String, Vec<String>>, Trouble> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for import in object::File::parse(bytes)?.imports()? {
        let import = import?;
        let library = String::from_utf8_lossy(import.library()).into_owned();
        found.entry(library).or_default().push(text(import.name()));
    }
    Ok(found)
}

fn text(name: NameOrOrdinal<&[u8]>) -> String {
    match name {
        NameOrOrdinal::Name(name) => String::from_utf8_lossy(name).into_owned(),
        NameOrOrdinal::Ordinal(number) => format!("#{number}"),
    }
}

/// Versions in a DLL's header: of the system and of the subsystem that may load it.
pub(crate) fn versions(bytes: &[u8]) -> Result<[(u16, u16); 2], Trouble> {
    match FileKind::parse(bytes)? {
        FileKind::Pe32 => versions_in::<ImageNtHeaders32>(bytes),
        _ => versions_in::<ImageNtHeaders64>(bytes),
    }
}

fn versions_in<H: ImageNtHeaders>(bytes: &[u8]) -> Result<[(u16, u16); 2], Trouble> {
    let file = PeFile::<H>::parse(bytes)?;
    let header = file.nt_headers().optional_header();
    Ok([
        (header.major_operating_system_version(), header.minor_operating_system_version()),
        (header.major_subsystem_version(), header.minor_subsystem_version()),
    ])
}
