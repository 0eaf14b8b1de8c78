//! The `lockwait` command.
fn main() {}
