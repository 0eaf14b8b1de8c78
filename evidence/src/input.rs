//! One input: unpacked, recognised, decoded and read.
