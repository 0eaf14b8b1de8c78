//! One flavour of the library, with the compilers and the Wine that go with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::scene::Spelling;
use crate::dll::{LEGACY, LINUX, Product, WINDOWS_64};
use crate::step::{Trouble, command, run};
use crate::wine::{Wine, windows_path};
use crate::{root, target};

/// One flavour for one system.
pub(crate) struct Kit {
    pub(crate) product: Product,
    /// Its name, which is that of its folders too.
    pub(crate) name: String,
}

/// Every kit that examples are built with.
pub(crate) fn kits() -> [Kit; 3] {
    [LINUX, WINDOWS_64, LEGACY].map(|product| Kit { name: product.name(), product })
}

/// How every example in C is compiled: the oldest standard, and no compiler complaint.
const C: [&str; 6] = ["-std=c89", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-O1"];
/// How every example in C++ is compiled: without what it can do without.
const CPP: [&str; 8] =
    ["-std=c++11", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-O1", "-fno-exceptions", "-fno-rtti"];

/// On Linux, what finds mistakes with memory that go well by chance.
const SANITIZERS: [&str; 3] = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// Files of a connector, in ffi/examples, apart from its own and those of the system.
const SHARED: [&str; 2] = ["support/options.c", "support/gateway.c"];

impl Kit {
    /// Where its programs and what they do is kept.
    pub(crate) fn folder(&self) -> PathBuf {
        target().join("examples").join(&self.name)
    }

    /// The path of a program that was compiled.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder().join(if self.is_windows() { format!("{name}.exe") } else { name.to_owned() })
    }

    pub(crate) fn is_windows(&self) -> bool {
        self.product.is_windows()
    }

    /// How names beyond ASCII stand in folders.
    pub(crate) fn spelling(&self) -> Spelling {
        if self.is_windows() { Spelling::Characters } else { Spelling::AsWritten }
    }

    /// Compiles every example.
    ///
    /// # Errors
    /// One does not compile, or the library is not there.
    pub(crate) fn prepare(&self) -> Result<(), Trouble> {
        fs::create_dir_all(self.folder())?;
        let system = |part: &str| format!("support/{part}_{}.c", if self.is_windows() { "windows" } else { "posix" });
        let wide = if self.is_windows() { vec!["support/wide.c".to_owned()] } else { Vec::new() };
        let example = |name: &str| root().join("ffi/examples").join(name);
        let shared: Vec<PathBuf> = SHARED.iter().map(|name| example(name)).collect();
        let of_system = |parts: &[&str]| parts.iter().map(|part| example(&system(part))).collect::<Vec<_>>();
        let wide: Vec<PathBuf> = wide.iter().map(|name| example(name)).collect();
        let connector =
            [vec![example("connector.c")], shared.clone(), of_system(&["os", "probe", "watch"]), wide.clone()].concat();
        self.build("connector", &connector, true)?;
        let before = [vec![example("before.c")], shared, of_system(&["os"]), wide].concat();
        self.build("before", &before, false)?;
        self.build("holder", &[root().join("ffi/tests/examples/holder.c")], false)?;
        if self.product.is_modern {
            self.build("pickup", &[example("pickup.cpp")], true)?;
        }
        let wrapper = root().join("ffi/tests/examples/wrapper.cpp");
        self.build("wrapper", std::slice::from_ref(&wrapper), true)?;
        self.build_with("wrapper-throwing", &[wrapper], &["-DLOCKWAIT_THROW", "-fexceptions", "-frtti"], true)?;
        if self.is_windows() {
            fs::copy(self.product.folder().join("bin/lockwait.dll"), self.folder().join("lockwait.dll"))?;
        }
        Ok(())
    }

    /// Compiles and links one program, with the library if it `uses` it.
    fn build(&self, name: &str, sources: &[PathBuf], uses: bool) -> Result<(), Trouble> {
        self.build_with(name, sources, &[], uses)
    }

    /// As [`Kit::build`], with more words for the compiler.
    fn build_with(&self, name: &str, sources: &[PathBuf], words: &[&str], uses: bool) -> Result<(), Trouble> {
        let mut command = self.compiler(sources);
        command.args(words).args(sources).arg("-o").arg(self.program(name));
        if uses {
            command.arg("-L").arg(self.product.folder().join("lib")).arg("-llockwait");
        }
        if self.is_windows() {
            command.arg("-static-libgcc").arg("-static-libstdc++");
        }
        run(&mut command)
    }

    /// The compiler for these sources, which are all in one language, with the library's header.
    pub(crate) fn compiler(&self, sources: &[PathBuf]) -> Command {
        let is_cpp = sources.iter().any(|source| source.extension().is_some_and(|extension| extension == "cpp"));
        let mut command = if is_cpp { command(self.product.cpp(), CPP) } else { command(self.product.gcc(), C) };
        command.args(self.product.defines()).arg("-I").arg(self.product.folder().join("include"));
        if !self.is_windows() {
            command.args(SANITIZERS);
        }
        if !self.product.is_modern {
            // What the legacy flavour is for: calls that Windows NT 4.0 has.
            command.args(["-D_WIN32_WINNT=0x0400", "-DWINVER=0x0400"]);
        }
        command
    }

    /// Gets ready to run programs; `None` when that needs 32-bit Wine, which is to be left out.
    ///
    /// # Errors
    /// There is no Wine here.
    pub(crate) fn stage(&self, without_wine32: bool) -> Result<Option<Stage<'_>>, Trouble> {
        if without_wine32 && self.product.needs_wine32() {
            return Ok(None);
        }
        let wine = self.is_windows().then(|| self.product.wine()).transpose()?;
        Ok(Some(Stage { kit: self, wine }))
    }
}

/// A kit that programs can be run with.
pub(crate) struct Stage<'a> {
    pub(crate) kit: &'a Kit,
    wine: Option<Wine>,
}

impl Stage<'_> {
    /// The command that runs a program of the kit.
    pub(crate) fn command(&self, name: &str) -> Command {
        let program = self.kit.program(name);
        let mut command = match &self.wine {
            Some(wine) => wine.command(&program),
            None => command(&program, [""; 0]),
        };
        // Wine keeps names in the character set of the locale.
        command.env("LC_ALL", "C.UTF-8").env("LD_LIBRARY_PATH", self.kit.product.folder().join("lib"));
        command
    }

    /// A path as programs of the kit are to be told it.
    pub(crate) fn path(&self, path: &Path) -> std::ffi::OsString {
        if self.wine.is_some() { windows_path(path) } else { path.into() }
    }
}
