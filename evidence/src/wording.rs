//! How programs word a lock, in eleven languages and in numbers.
