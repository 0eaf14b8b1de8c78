//! Text of any encoding becomes UTF-8.
