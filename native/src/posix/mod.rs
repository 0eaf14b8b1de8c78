//! The POSIX half. What only Linux has is marked so where it stands, with what other systems do instead.

pub(crate) mod code;
pub(crate) mod disk;
pub(crate) mod folder;
pub(crate) mod holders;
pub(crate) mod ident;
#[allow(unsafe_code)]
pub mod lock;
pub(crate) mod obstacle;
pub(crate) mod path;
pub(crate) mod probe;
pub(crate) mod sink;
#[allow(unsafe_code)]
pub(crate) mod sys;
