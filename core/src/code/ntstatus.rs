//! ntstatus
