//! What holds for the exports as a whole. The C programs in `ffi/tests/c` say much more; these run under Miri.

mod guards;
mod story;
