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
use product::PRODUCTS;
pub(crate) use product::{DLLS, LEGACY, LINUX, Product, WINDOWS_64};

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

/// Builds a product; says where its shared library is.
pub(crate) fn build(product: &Product) -> Result<PathBuf, Trouble> {
    Ok(package::make(product)?.join(product.library()))
}
