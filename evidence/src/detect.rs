//! What an input is, from its first bytes.
