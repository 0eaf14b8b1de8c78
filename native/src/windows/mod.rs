//! The Windows half.

pub(crate) mod code;
pub(crate) mod disk;
#[allow(unsafe_code)]
pub(crate) mod event_log;
pub(crate) mod folder;
#[allow(unsafe_code)]
pub(crate) mod grip;
pub(crate) mod holders;
pub(crate) mod ident;
#[allow(unsafe_code)]
pub(crate) mod library;
pub(crate) mod obstacle;
pub(crate) mod path;
pub(crate) mod probe;
#[allow(unsafe_code)]
pub(crate) mod restart;
pub(crate) mod sink;
#[allow(unsafe_code)]
pub(crate) mod sys;
