//! The C ABI. `include/lockwait.h` is generated from this crate and is where its users read; the comments on its
//! items are written for them.
//!
//! | module | what it holds |
//! |---|---|
//! | `runtime` | what differs between the two flavours: catching panics, locks, thread storage, the clock |
//! | `result` | result numbers, their names, the last error of a thread |
//! | `guard` | what every export goes through |
//! | `handle` | opaque handles: numbers in a table, never addresses |
//! | `sized` | caller-allocated structs that start with their size |
//! | `text` | text and names in and out, UTF-8 and UTF-16 |
//! | `version` | versions and the clock |
//! | `code` | codes classified and explained |
//! | `policy` | every number and switch a user may change |
//! | `router`, `submit`, `answer`, `content` | the router layer: the host does the I/O |
//! | `event` | events with their verdicts |
//! | `trace` | recording and replaying |
//! | `pickup`, `sink` | the native runner (modern flavour only) |
//!
//! Every export is one call of a function in `guard`; a test reads the sources and fails for one that is not.
#![cfg_attr(not(feature = "modern"), no_std)]
#![allow(unsafe_code, non_camel_case_types)]
// What the callers of all exports promise is said once, at the top of the header.
#![allow(clippy::missing_safety_doc)]

extern crate alloc;

mod runtime;

pub mod result;

mod guard;

mod handle;

mod sized;

pub mod text;

pub mod version;

pub mod code;

pub mod policy;

pub mod router;

pub mod submit;

pub mod answer;

pub mod content;

pub mod event;

pub mod trace;

#[cfg(feature = "modern")]
pub mod pickup;

#[cfg(feature = "modern")]
pub mod sink;

#[cfg(test)]
mod tests;
