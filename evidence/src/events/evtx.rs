//! Event logs of Windows since Vista ([MS-EVEN6] 2.2.17; libevtx's description of the format): a header, then chunks
//! of 64 KiB, each complete in itself.
//!
//! Decoding a record is much more work than finding it, and of most logs nothing needs to be decoded: of chunks that are
//! intact by their checksums only the records that hold a [needle](needles) are, and the others are counted.

use std::error::Error;
use std::sync::Arc;

use evtx::err::EvtxError;
use evtx::{EvtxChunkData, EvtxFileHeader, HeaderFlags, ParserSettings};
use lockwait_core::time::Timestamp;

use super::chunk::{self, CHUNK, Chunk};
use super::record::Held;
use super::{needles, xml};
use crate::findings::{Findings, Reader};

const HEADER: usize = 0x1000;

/// Reads an `.evtx` file, chunk by chunk.
pub(crate) struct Evtx {
    settings: Arc<ParserSettings>,
    /// Where the next block is in the file: the header, or a chunk.
    at: u64,
    /// As much of it as has come.
    part: Vec<u8>,
    /// Where the chunk with the oldest records is, if that is known: the chunks after it come in order, and then those
    /// before it.
    oldest: Option<u64>,
    /// Whether all records are decoded, needle or not.
    is_thorough: bool,
    held: Held,
}

impl Evtx {
    pub(crate) fn new() -> Evtx {
        let settings = Arc::new(ParserSettings::new().indent(false));
        Evtx { settings, at: 0, part: Vec::new(), oldest: None, is_thorough: false, held: Held::default() }
    }

    /// A reader that decodes everything, to compare with.
    #[cfg(test)]
    pub(super) fn thorough() -> Evtx {
        Evtx { is_thorough: true, ..Evtx::new() }
    }

    fn header(&mut self, bytes: &[u8], findings: &mut Findings) {
        match EvtxFileHeader::from_bytes(bytes) {
            Ok(header) if header.validate_checksum() => {
                // One that was not closed says where that chunk once was.
                let is_closed = !header.flags.contains(HeaderFlags::DIRTY);
                let oldest = header.first_chunk_number.saturating_mul(CHUNK as u64).saturating_add(HEADER as u64);
                self.oldest = Some(oldest).filter(|_| is_closed);
            }
            Ok(_) => {
                findings.warn("byte 0", "the file's header does not match its checksum; the rest is read all the same")
            }
            Err(error) => findings.warn("byte 0", format_args!("the file's header cannot be read: {error}")),
        }
    }

    fn chunk(&mut self, bytes: &[u8], findings: &mut Findings) {
        if bytes.iter().all(|byte| *byte == 0) {
            return;
        }
        if self.at == HEADER as u64 && chunk::first_number(bytes) == Some(1) {
            self.oldest = Some(self.at);
        }
        let read = match Chunk::intact(bytes).filter(|_| !self.is_thorough) {
            Some(chunk) => self.pick(bytes, &chunk, findings),
            None => self.decode(bytes.to_vec(), None, findings),
        };
        if let Err(why) = read {
            findings.warn(format_args!("byte {}", self.at), format_args!("this chunk cannot be read: {why}"));
        }
        match self.oldest {
            Some(oldest) if oldest <= self.at => self.held.tell(findings),
            Some(_) => self.held.put_off(),
            None => {}
        }
    }

    /// Reads the records of an intact chunk that may matter.
    fn pick(&mut self, bytes: &[u8], chunk: &Chunk<'_>, findings: &mut Findings) -> Result<(), Box<dyn Error>> {
        findings.reaches(chunk.latest);
        let hits: Vec<usize> = needles::in_binary(bytes).collect();
        if hits.is_empty() {
            findings.records += chunk.count();
            return Ok(());
        }
        let wanted = chunk.with(hits);
        findings.records += wanted.iter().filter(|wanted| !**wanted).count() as u64;
        self.decode(chunk.only(&wanted), Some((chunk, &wanted)), findings)
    }

    /// Reads every record of a chunk, or of the chunk `part` those that are wanted.
    fn decode(
        &mut self,
        bytes: Vec<u8>,
        part: Option<(&Chunk<'_>, &[bool])>,
        findings: &mut Findings,
    ) -> Result<(), Box<dyn Error>> {
        let is_left_out = |at| part.is_some_and(|(chunk, wanted)| !chunk.is_one(at, wanted));
        let mut data = EvtxChunkData::new(bytes, false)?;
        if part.is_none() && !data.validate_checksum() {
            findings.warn(
                format_args!("byte {}", self.at),
                "this chunk does not match its checksums; what can be read of it is",
            );
        }
        let mut chunk = data.parse(Arc::clone(&self.settings))?;
        for record in chunk.iter() {
            let rendered = match record {
                Ok(record) => {
                    findings.reaches(Timestamp(u64::try_from(record.timestamp.as_microsecond()).unwrap_or_default()));
                    let (number, offset) = (record.event_record_id, record.binxml_offset);
                    record.into_xml_bytes().map_err(|error| (Some((number, offset)), error))
                }
                Err(EvtxError::FailedToReadRecordAt { offset, .. }) if is_left_out(offset) => continue,
                Err(error) => Err((None, error)),
            };
            match rendered {
                Ok(record) => {
                    findings.records += 1;
                    if self.is_thorough || needles::are_in_text(&record.data) {
                        let text = String::from_utf8_lossy(&record.data);
                        let mut parsed = xml::parse(&text);
                        parsed.number = record.event_record_id;
                        // The file is one log, whatever logs its events were forwarded from.
                        parsed.channel.clear();
                        self.held.push(parsed, findings);
                    }
                }
                Err((Some((number, offset)), error)) => {
                    let place = self.at + offset;
                    findings
                        .warn(format_args!("byte {place}"), format_args!("record {number} cannot be decoded: {error}"));
                }
                Err((None, error)) => findings.warn(format_args!("byte {}", self.at), error),
            }
        }
        Ok(())
    }
}

impl Reader for Evtx {
    fn read(&mut self, bytes: &[u8], is_end: bool, findings: &mut Findings) -> usize {
        let mut rest = bytes;
        loop {
            let missing = self.step() - self.part.len();
            let Some((more, after)) = rest.split_at_checked(missing) else { break };
            if self.part.is_empty() {
                self.block(more, findings);
            } else {
                let mut block = std::mem::take(&mut self.part);
                block.extend_from_slice(more);
                self.block(&block, findings);
            }
            rest = after;
        }
        self.part.extend_from_slice(rest);
        if is_end {
            let rest = std::mem::take(&mut self.part);
            self.rest(&rest, findings);
            self.at += rest.len() as u64;
            self.held.end(findings);
        }
        bytes.len()
    }
}

impl Evtx {
    /// How long the next block is.
    fn step(&self) -> usize {
        if self.at == 0 { HEADER } else { CHUNK }
    }

    fn block(&mut self, block: &[u8], findings: &mut Findings) {
        if self.at == 0 {
            self.header(block, findings);
        } else {
            self.chunk(block, findings);
        }
        self.at += block.len() as u64;
    }

    /// Reads what is too short for a chunk: the file was cut off.
    fn rest(&mut self, rest: &[u8], findings: &mut Findings) {
        if rest.iter().all(|byte| *byte == 0) {
            return;
        }
        let end = self.at + rest.len() as u64;
        findings.warn(format_args!("byte {end}"), "the file ends within a chunk; what is there of it is read");
        if self.at == 0 {
            return;
        }
        let mut whole = rest.to_vec();
        whole.resize(CHUNK, 0);
        self.chunk(&whole, findings);
    }
}
