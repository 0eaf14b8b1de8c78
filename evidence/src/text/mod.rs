//! Text logs.
