//! Recordings of Lockwait itself: traces and the lines of `watch --json`.
