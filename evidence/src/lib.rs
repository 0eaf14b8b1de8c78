//! Readers of Lockwait: the bytes of a log or capture become [sightings](lockwait_core::observation::sighting).
//!
//! No reader does input or output: a host feeds an [`Input`] with the bytes of a file as they come, and takes the
//! [`Findings`] out. What the input is, its bytes say, never its name.
#![forbid(unsafe_code)]

pub mod findings;
pub mod input;

mod charset;
mod detect;
mod wording;

mod capture;
mod events;
mod procmon;
mod recording;
mod text;

#[cfg(feature = "make")]
pub mod make;

pub use findings::Findings;

