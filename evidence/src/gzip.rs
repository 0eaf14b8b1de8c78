//! Gzip, unpacked as it comes.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

use crate::findings::Findings;

/// So many packed bytes are unpacked at a time, however they come: they become at most about a thousand times as many,
/// and what can be read before damage does not depend on the caller.
const PIECE: usize = 4096;

/// A gzip file, of one or several members.
pub(crate) struct Gzip {
    decoder: MultiGzDecoder<Vec<u8>>,
    /// Packed bytes that were unpacked.
    done: u64,
    /// Less than a piece, not unpacked yet.
    waiting: Vec<u8>,
    is_damaged: bool,
}

impl Gzip {
    /// How every such file begins (RFC 1952, 2.3.1): ID1, ID2, and CM = 8, deflate.
    pub(crate) const SIGNATURE: [u8; 3] = [0x1f, 0x8b, 8];

    /// Whether a file that begins with `first` and then `next` is one.
    pub(crate) fn begins(first: &[u8], next: &[u8]) -> bool {
        let begin = first.iter().chain(next).take(Gzip::SIGNATURE.len());
        begin.eq(&Gzip::SIGNATURE)
    }

    pub(crate) fn new() -> Gzip {
        Gzip { decoder: MultiGzDecoder::new(Vec::new()), done: 0, waiting: Vec::new(), is_damaged: false }
    }

    /// Gives `out` what `bytes` become. After damage nothing more comes: what stood before it is kept.
    pub(crate) fn unpack(&mut self, bytes: &[u8], findings: &mut Findings, mut out: impl FnMut(&[u8], &mut Findings)) {
        let mut rest = bytes;
        while !rest.is_empty() && !self.is_damaged {
            let (more, after) = rest.split_at(rest.len().min(PIECE - self.waiting.len()));
            self.waiting.extend_from_slice(more);
            rest = after;
            if self.waiting.len() == PIECE {
                self.piece(findings, &mut out);
            }
        }
    }

    /// Nothing follows.
    pub(crate) fn end(&mut self, findings: &mut Findings, mut out: impl FnMut(&[u8], &mut Findings)) {
        if !self.is_damaged {
            self.piece(findings, &mut out);
        }
        if !self.is_damaged {
            let finished = self.decoder.try_finish();
            self.pass_on(finished, findings, &mut out);
        }
    }

    /// Unpacks what waits.
    fn piece(&mut self, findings: &mut Findings, out: &mut impl FnMut(&[u8], &mut Findings)) {
        let unpacked = self.decoder.write_all(&self.waiting).and_then(|()| self.decoder.flush());
        if unpacked.is_err() {
            // The next call, whatever it is given, first hands over what became of the last one.
            let _ = self.decoder.write(&[0]);
        }
        self.pass_on(unpacked, findings, out);
        self.done += self.waiting.len() as u64;
        self.waiting.clear();
    }

    fn pass_on(
        &mut self,
        unpacked: io::Result<()>,
        findings: &mut Findings,
        out: &mut impl FnMut(&[u8], &mut Findings),
    ) {
        let plain = std::mem::take(self.decoder.get_mut());
        if !plain.is_empty() {
            out(&plain, findings);
        }
        if let Err(error) = unpacked {
            self.is_damaged = true;
            findings.warn(
                format_args!("behind byte {} of the gzip file", self.done),
                format_args!("it is damaged or cut off ({error}); what stands before is read"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(bytes: &[u8], step: usize) -> (Vec<u8>, Findings) {
        let (mut gzip, mut plain, mut findings) = (Gzip::new(), Vec::new(), Findings::default());
        for piece in bytes.chunks(step) {
            gzip.unpack(piece, &mut findings, |bytes, _| plain.extend_from_slice(bytes));
        }
        gzip.end(&mut findings, |bytes, _| plain.extend_from_slice(bytes));
        (plain, findings)
    }

    #[test]
    fn members_follow_one_another_and_pieces_may_be_of_any_size() {
        let text = b"The process cannot access the file\n".repeat(500);
        let both = [packed(&text), packed(b"and more")].concat();
        for step in [1, 7, 100_000] {
            let (plain, findings) = unpacked(&both, step);
            assert_eq!(plain, [text.as_slice(), b"and more"].concat());
            assert_eq!(findings.warnings, [""; 0]);
        }
    }

    #[test]
    fn what_stands_before_the_damage_is_kept() {
        let noise: Vec<u8> = (0..200_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let mut bytes = packed(&noise);
        bytes.truncate(bytes.len() / 2);
        let (plain, findings) = unpacked(&bytes, 1000);
        assert!(plain.len() > noise.len() / 3 && noise.starts_with(&plain));
        assert_eq!(findings.warnings.len(), 1);
        let middle = bytes.len() / 2;
        bytes[middle..middle + 50].fill(0xff);
        let (plain, findings) = unpacked(&bytes, 1000);
        assert!(plain.len() > noise.len() / 8);
        assert_eq!(findings.warnings.len(), 1, "damage is told once");
        for step in [1, 100, 4_095, 4_097, 1_000_000] {
            let (same, told) = unpacked(&bytes, step);
            assert!(same == plain && told.warnings == findings.warnings, "in pieces of {step}");
        }
    }
}
