//! Lockwait's own findings.
