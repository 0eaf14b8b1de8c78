//! `cargo xtask page`: the engine for WebAssembly in wasm/pkg, and the page made with it in wasm/page/dist.

mod in_node;
mod package;
pub(crate) mod site;
mod size;

use clap::Args;

use crate::debian;
use crate::step::{Trouble, command, status};

/// Build the npm package wasm/pkg and the page wasm/page/dist, and print their sizes.
#[derive(Args, Default)]
pub(crate) struct Page {
    /// Only the package, not the page.
    #[arg(long)]
    only_package: bool,
    /// Only run the tests: the engine's in Node.js (those of the core, those of the package, the digests of traces), and
    /// the page's in Chromium.
    #[arg(long, conflicts_with = "only_package")]
    test: bool,
}

impl Page {
    /// Builds and prints, or tests.
    pub(crate) fn run(self) -> Result<(), Trouble> {
        if self.test {
            return tests();
        }
        if self.only_package {
            println!("{}", size::table(&package::make()?)?);
            return Ok(());
        }
        println!("\n{}", built()?);
        Ok(())
    }
}

/// Builds the package and the page, and prints their sizes; gives the sentence on the page's.
pub(crate) fn built() -> Result<String, Trouble> {
    println!("{}", size::table(&package::make()?)?);
    let site = site::make()?;
    println!("{}", size::table(&site)?);
    size::sentence(&site)
}

/// The core's own tests on wasm32, the tests of the package, the digests of recorded traces through it, and the page,
/// built anew, in Chromium.
pub(crate) fn tests() -> Result<(), Trouble> {
    in_node::core()?;
    println!("\n{}", built()?);
    in_node::package()?;
    in_node::digests()?;
    site::tests()
}

/// Makes sure that Node.js and npm are here.
fn node() -> Result<(), Trouble> {
    let has = |program| status(command(program, ["--version"]).stdout(std::process::Stdio::null())).is_ok();
    if has("node") && has("npm") { Ok(()) } else { debian::ensure(&["nodejs", "npm"]) }
}
