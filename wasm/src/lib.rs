//! Lockwait in JavaScript: the readers, the report, what-if, traces, codes and the router, as the page and other hosts
//! use them. The TypeScript declarations, made from this crate, are where its users read; the comments on its items
//! are written for them.
//!
//! | module | what it holds |
//! |---|---|
//! | `fault` | what is thrown |
//! | `argument` | what a host hands in, checked |
//! | `value` | what a host is given |
//! | `examination`, `report` | logs and captures, and what they come to |
//! | `policy`, `code`, `verdict`, `trace` | policies, codes, kinds of verdicts, recorded runs |
//! | `router` | the engine itself: the host does the I/O |
//!
//! Nothing is taken as the host declares it: wasm-bindgen's own conversions read a number as a text, or take a text
//! for bytes. So every argument comes as a `JsValue` and is checked in `argument`; the declarations say its type.

mod argument;
mod value;

pub mod code;
pub mod examination;
pub mod fault;
pub mod policy;
pub mod report;
pub mod router;
pub mod trace;
pub mod verdict;

use wasm_bindgen::prelude::wasm_bindgen;

/// Interfaces of the objects that go in and come out.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.ts");

/// A panic is a defect. It reaches the host as an error like any other, with the code `panic`; the next call begins
/// with a new instance, since the old one stopped in the middle of its work.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|info| {
        wasm_bindgen::handler::schedule_reinit();
        wasm_bindgen::throw_val(fault::Fault::panic(info).into())
    }));
}
