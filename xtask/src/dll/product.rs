//! What is built, and how.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::step::{Trouble, command, run};
use crate::wine::Wine;
use crate::{debian, root, target};

/// One flavour for one target.
pub(crate) struct Product {
    /// The modern flavour, or the one for old Windows.
    pub(crate) is_modern: bool,
    /// The target as rustc names it.
    pub(crate) triple: &'static str,
    /// What the names of the target's tools begin with; none on this system itself.
    pub(crate) tools: Option<&'static str>,
    /// Bytes of a pointer.
    pub(crate) pointer: u32,
    /// How large the library is to be at most, in bytes.
    pub(crate) goal: usize,
}

/// The Linux library.
pub(crate) const LINUX: Product =
    Product { is_modern: true, triple: "x86_64-unknown-linux-gnu", tools: None, pointer: 8, goal: 1_000_000 };

/// The modern DLL for 64-bit Windows.
pub(crate) const WINDOWS_64: Product = Product {
    is_modern: true,
    triple: "x86_64-pc-windows-gnu",
    tools: Some("x86_64-w64-mingw32-"),
    pointer: 8,
    goal: 1_000_000,
};

const WINDOWS_32: Product = Product {
    is_modern: true,
    triple: "i686-pc-windows-gnu",
    tools: Some("i686-w64-mingw32-"),
    pointer: 4,
    goal: 1_000_000,
};

/// The DLL for old Windows.
pub(crate) const LEGACY: Product = Product { is_modern: false, goal: 160_000, ..WINDOWS_32 };

/// Everything that is handed out.
pub(crate) const PRODUCTS: [Product; 4] = [LINUX, WINDOWS_64, WINDOWS_32, LEGACY];

/// The DLLs.
pub(crate) const DLLS: [Product; 3] = [WINDOWS_64, WINDOWS_32, LEGACY];

impl Product {
    /// `modern-x86_64-pc-windows-gnu`.
    pub(crate) fn name(&self) -> String {
        format!("{}-{}", self.flavour(), self.triple)
    }

    /// `modern` or `legacy`.
    pub(crate) fn flavour(&self) -> &'static str {
        if self.is_modern { "modern" } else { "legacy" }
    }

    /// Whether the library is a DLL.
    pub(crate) fn is_windows(&self) -> bool {
        self.tools.is_some()
    }

    /// The folder it is handed out in.
    pub(crate) fn folder(&self) -> PathBuf {
        target().join("dist").join(self.name())
    }

    /// What C programs that use this flavour are compiled with.
    pub(crate) fn defines(&self) -> &'static [&'static str] {
        if self.is_modern { &[] } else { &["-DLOCKWAIT_LEGACY"] }
    }

    /// The Wine that runs programs for a DLL's target.
    ///
    /// # Errors
    /// There is none here.
    pub(crate) fn wine(&self) -> Result<Wine, Trouble> {
        if self.needs_wine32() { Wine::i686() } else { Wine::x86_64() }
    }

    /// Whether only a 32-bit Wine runs it.
    pub(crate) fn needs_wine32(&self) -> bool {
        self.is_windows() && self.pointer == 4
    }

    /// Words for a C compiler that link a program with the shared library where it lies.
    pub(crate) fn linked(&self) -> Vec<OsString> {
        let libraries = self.folder().join("lib");
        match self.is_windows() {
            true => vec![self.folder().join(self.library()).into()],
            false => {
                vec![libraries.join("liblockwait.so").into(), format!("-Wl,-rpath,{}", libraries.display()).into()]
            }
        }
    }

    /// Where the shared library is in the product's folder.
    pub(crate) fn library(&self) -> String {
        if self.is_windows() { "bin/lockwait.dll".into() } else { format!("lib/{}", self.soname()) }
    }

    /// What programs that were linked with the Linux library look for: `ffi/build.rs` says so to the linker.
    pub(crate) fn soname(&self) -> String {
        format!("liblockwait.so.{}", env!("CARGO_PKG_VERSION_MAJOR"))
    }

    /// A program of the target's compiler: `gcc`, `dlltool`.
    pub(crate) fn tool(&self, name: &str) -> String {
        format!("{}{name}", self.tools.unwrap_or_default())
    }

    /// The target's C compiler. On Windows the one whose programs need no DLL for threads.
    pub(crate) fn gcc(&self) -> String {
        if self.is_windows() { self.tool("gcc-win32") } else { self.tool("gcc") }
    }

    /// The target's C++ compiler, likewise.
    pub(crate) fn cpp(&self) -> String {
        if self.is_windows() { self.tool("g++-win32") } else { self.tool("g++") }
    }

    /// Builds the libraries; says where cargo has put them.
    pub(crate) fn build(&self) -> Result<PathBuf, Trouble> {
        debian::ensure_targets(&[self.triple])?;
        let profile = if self.is_modern { "dll" } else { "legacy" };
        let folder = target().join(self.triple).join(profile);
        let mut cargo = command("cargo", ["rustc", "--package", "lockwait-ffi", "--lib", "--profile", profile]);
        cargo.args(["--target", self.triple]);
        match self.is_windows() {
            true => {
                debian::ensure(&debian::MINGW)?;
                let variable = self.triple.replace('-', "_").to_uppercase();
                cargo.env(format!("CARGO_TARGET_{variable}_LINKER"), self.gcc()).args(["--crate-type", "cdylib"]);
            }
            false => {
                cargo.args(["--crate-type", "cdylib,staticlib"]);
            }
        }
        if !self.is_modern {
            cargo.arg("--no-default-features");
        }
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags()).arg("--");
        cargo.arg("--print").arg(format!("native-static-libs={}", folder.join("native-libraries").display()));
        run(&mut cargo)?;
        Ok(folder)
    }
}

/// Where this machine keeps sources is nobody's business, and differs from machine to machine: panic texts name them.
fn flags() -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).unwrap_or_default();
    [home.join("registry/src"), root()].map(|path| format!("--remap-path-prefix={}=", path.display())).join("\x1f")
}
