//! The thinking of Lockwait: waits out file locks, takes each file when it is free, and judges why it was held.
//!
//! This crate does no input or output, reads no clock, starts no thread and draws no randomness: the host owns all
//! of that and drives a [`router::Router`].
//!
//! The floors, low to high; a module uses only modules above it in this list.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod json;

pub mod time;

pub mod code;

pub mod policy;

pub mod observation;

pub mod complete;

pub mod companion;

pub mod episode;

pub mod verdict;

pub mod event;

pub mod pickup;

pub mod timer;

pub mod router;

pub mod trace;

pub mod driven;

pub mod examiner;

pub mod whatif;
