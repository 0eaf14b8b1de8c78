//! Event logs of Windows since Vista ([MS-EVEN6] 2.2.17; libevtx's description of the format): a header, then chunks
//! of 64 KiB, each complete in itself.
//!
//! Decoding a record is much more work than finding it, and of most logs nothing needs to be decoded: chunks that are
//! intact by their checksums and hold no [needle](Needles) are only counted.

use std::sync::Arc;

use evtx::{EvtxChunkData, EvtxFileHeader, ParserSettings, checksum_ieee};
use lockwait_core::time::Timestamp;

use super::needles::Needles;
use super::record::Held;
use super::xml;
use crate::findings::{Findings, Reader};

const HEADER: usize = 0x1000;
const CHUNK: usize = 0x1_0000;
const CHUNK_HEADER: usize = 512;
const RECORD_HEADER: usize = 24;
const SIGNATURE: &[u8; 4] = b"\x2a\x2a\0\0";
/// Microseconds from 1601, where Windows begins to count, to 1970.
const TO_1970: u64 = 11_644_473_600_000_000;

/// Reads an `.evtx` file, chunk by chunk.
pub(crate) struct Evtx {
    settings: Arc<ParserSettings>,
    /// Where the next block is in the file: the header, or a chunk.
    at: u64,
    /// As much of it as has come.
    part: Vec<u8>,
    /// Whether all records are decoded, needle or not.
    is_thorough: bool,
    held: Held,
}

impl Evtx {
    pub(crate) fn new() -> Evtx {
        let settings = Arc::new(ParserSettings::new().indent(false));
        Evtx { settings, at: 0, part: Vec::new(), is_thorough: false, held: Held::default() }
    }

    /// A reader that decodes everything, to compare with.
    #[cfg(test)]
    pub(super) fn thorough() -> Evtx {
        Evtx { is_thorough: true, ..Evtx::new() }
    }

    fn header(&self, bytes: &[u8], findings: &mut Findings) {
        match EvtxFileHeader::from_bytes(bytes) {
            Ok(header) if header.validate_checksum() => {}
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
        let needles = match intact(bytes).filter(|_| !self.is_thorough) {
            None => Needles::All,
            Some((count, latest)) => match Needles::in_binary(bytes) {
                Some(needles) => needles,
                None => {
                    findings.records += count;
                    return findings.reaches(latest);
                }
            },
        };
        if let Err(why) = self.decode(bytes, needles, findings) {
            findings.warn(format_args!("byte {}", self.at), format_args!("this chunk cannot be read: {why}"));
        }
    }

    /// Reads every record of a chunk.
    fn decode(
        &mut self,
        bytes: &[u8],
        needles: Needles,
        findings: &mut Findings,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let mut data = EvtxChunkData::new(bytes.to_vec(), false)?;
        if !data.validate_checksum() {
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
                Err(error) => Err((None, error)),
            };
            match rendered {
                Ok(record) => {
                    findings.records += 1;
                    if self.is_thorough || needles.are_in_text(&record.data) {
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
            self.held.tell(findings);
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

/// How many records the chunk has and when the latest was written, if it is as its checksums say and every record lies
/// where it should.
fn intact(chunk: &[u8]) -> Option<(u64, Timestamp)> {
    let word = |at: usize| chunk.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four));
    let long = |at: usize| chunk.get(at..)?.first_chunk().map(|eight| u64::from_le_bytes(*eight));
    let end = word(48)? as usize;
    let (header, records) = (chunk.get(..CHUNK_HEADER)?, chunk.get(CHUNK_HEADER..end)?);
    // The header's checksum leaves out the flags and itself.
    let covered = [&header[..120], &header[128..]].concat();
    if chunk[..8] != *b"ElfChnk\0" || word(124)? != checksum_ieee(&covered) || word(52)? != checksum_ieee(records) {
        return None;
    }
    let (mut at, mut count, mut latest, last) = (CHUNK_HEADER, 0, 0, long(32)?);
    while at < end {
        let length = word(at + 4)? as usize;
        let is_whole = chunk.get(at..at + 4)? == SIGNATURE
            && length >= RECORD_HEADER + 4
            && at + length <= end
            && word(at + length - 4)? as usize == length;
        if !is_whole {
            return None;
        }
        count += 1;
        latest = latest.max(long(at + 16)?);
        if long(at + 8)? == last {
            break;
        }
        at += length;
    }
    Some((count, Timestamp((latest / 10).saturating_sub(TO_1970))))
}
