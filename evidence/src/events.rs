//! Windows event logs, in their forms, and what their events say of files.
//!
//! ```text
//! evt, evtx, xml, table, listing ── Record ──> Held (order) ──> Witness ──> sightings
//! ```
//!
//! Of the many records in a log few say anything of a file. The [needles](needles) find those that may in the bytes,
//! before anything is decoded.

mod chunk;
mod evt;
mod evtx;
mod gateway;
mod holders;
mod listing;
mod needles;
mod record;
mod sight;
mod table;
#[cfg(test)]
mod tests;
mod when;
mod xml;

pub(crate) use evt::Evt;
pub(crate) use evtx::Evtx;
pub(crate) use listing::EventListing;
pub(crate) use table::EventCsv;
pub(crate) use xml::EventXml;
