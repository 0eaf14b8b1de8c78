//! The operating system half of Lockwait: what [`lockwait_core`] asks its host to do, done.
//!
//! | module | what it does |
//! |---|---|
//! | [`path`] | names and places to paths of this system and back, unchanged |
//! | [`code`] | an error of this system as a [`lockwait_core::code::Code`] |
//! | [`probe`] | looks at a file without harm: is anybody in the way? |
//! | [`burst`] | takes a file to its destination, so that a kill at any instant loses nothing |
//! | [`holders`] | who has a file open |
//! | [`hints`] | notices that trying now may pay |
//! | [`sink`] | where events go: JSON Lines, journald, syslog, the Windows Event Log |
//! | [`runner`] | all of it together: watches folders and takes their files |
//! | `lock` | advisory locks, for programs that stand in for a holder; POSIX only |
//!
//! The modules here are the same on every system. What differs lives in one folder per system (`posix/`,
//! `windows/`), which offers the same names to the modules above it.

pub mod path;

pub mod code;

pub mod probe;

mod content;

mod folder;

pub mod burst;

pub mod holders;

pub mod hints;

pub mod sink;

pub mod runner;

#[cfg(unix)]
mod posix;
#[cfg(unix)]
use posix as os;
#[cfg(unix)]
pub use posix::lock;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as os;
