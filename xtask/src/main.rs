//! Developer commands of Lockwait.
fn main() {}
