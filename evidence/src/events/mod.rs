//! Windows event logs, in their four forms, and what their events say of files.
