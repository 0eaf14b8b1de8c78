//! Process Monitor CSV.
