//! Writers of captures and logs, for tests and scenes with known truth.
