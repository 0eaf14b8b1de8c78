//! NetWare Core Protocol.
