//! Writers of captures and logs, for tests and scenes with known truth.

pub mod capture;
pub mod event;
pub mod event_xml;
pub mod evt;
pub mod ncp;
pub mod smb;
pub mod smb1;
