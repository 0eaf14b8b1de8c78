//! What differs between the flavours, under the same names.
//!
//! - `catch` runs a closure and gives its panic, if any, as a `Panic`, whose text `text_of` gives.
//! - `Lock` is a mutual exclusion that knows when a panic left its content half changed.
//! - `set_last_error`, `with_last_error` keep one text a thread.
//! - `now_micros` is the wall clock.

#[cfg(feature = "modern")]
mod modern;
#[cfg(feature = "modern")]
pub(crate) use modern::{Lock, Panic, catch, now_micros, set_last_error, text_of, with_last_error};

#[cfg(not(feature = "modern"))]
mod legacy;
#[cfg(not(feature = "modern"))]
pub(crate) use legacy::{Lock, Panic, catch, now_micros, set_last_error, text_of, with_last_error};

/// A panic left the content half changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Poisoned;
