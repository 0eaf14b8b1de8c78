//! `cargo xtask dll`: the libraries of the C ABI, as they are handed out, in target/dist.

mod image;
mod nt4;
mod package;
mod product;
mod user;

use std::path::PathBuf;

use clap::Args;

use crate::debian;
use crate::step::Trouble;
pub(crate) use image::exports;
use product::{LINUX, PRODUCTS, Product};

/// Build the libraries of the C ABI into target/dist, check them, and print their sizes and imports.
#[derive(Args, Default)]
pub(crate) struct Dll {
    /// Only products whose name has this in it: "legacy", "i686", "linux".
    #[arg(value_name = "PART")]
    only: Option<String>,
}

impl Dll {
    /// Builds, checks, prints.
    pub(crate) fn run(self) -> Result<(), Trouble> {
        let wanted = |product: &&Product| self.only.as_ref().is_none_or(|part| product.name().contains(part));
        let products: Vec<&Product> = PRODUCTS.iter().filter(wanted).collect();
        if products.is_empty() {
            let names: Vec<String> = PRODUCTS.iter().map(Product::name).collect();
            return Err(format!("no product has that in its name; there are: {}", names.join(", ")).into());
        }
        debian::ensure(&["cmake", "make", "gcc", "pkg-config"])?;
        let mut reports = Vec::new();
        for product in products {
            let folder = package::make(product)?;
            user::check(product, &folder)?;
            reports.push(image::check(product, &folder)?);
        }
        println!("\n{}", reports.join("\n"));
        Ok(())
    }
}

/// Builds the Linux library; says in which folder liblockwait.so is.
pub(crate) fn build_linux() -> Result<PathBuf, Trouble> {
    Ok(package::make(&LINUX)?.join("lib"))
}

/// Builds the DLL for a target, in the flavour for old Windows or the modern one; says where lockwait.dll is.
pub(crate) fn build_windows(triple: &str, is_modern: bool) -> Result<PathBuf, Trouble> {
    let product = PRODUCTS.iter().find(|product| product.triple == triple && product.is_modern == is_modern);
    let product = product.ok_or_else(|| format!("there is no DLL for {triple} in that flavour"))?;
    Ok(package::make(product)?.join(product.library()))
}
