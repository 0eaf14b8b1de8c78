//! The operating system half of Lockwait.
