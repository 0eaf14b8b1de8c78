//! ncp
