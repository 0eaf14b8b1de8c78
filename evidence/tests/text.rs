//! Text logs as a host feeds them: recognised, decoded, unpacked.

use std::io::Write as _;

use lockwait_core::observation::sighting::Act;
use lockwait_evidence::Findings;
use lockwait_evidence::input::{Format, Input};

const LOG: &str = "2026-11-22 10:00:00,100 [w] ERROR c.Importer - open D:\\Ablage\\Größe.csv: Der Prozess kann nicht auf die \
                   Datei zugreifen, da sie von einem anderen Prozess verwendet wird.\r\n2026-11-22 10:00:00,200 [w] INFO \
                   c.Importer - weiter\r\n";

fn read(bytes: &[u8], piece: usize) -> (Format, Findings) {
    let (mut input, mut findings) = (Input::new(), Findings::default());
    for piece in bytes.chunks(piece) {
        input.feed(piece, &mut findings);
    }
    input.end(&mut findings);
    (input.format(), findings)
}

fn shows_the_failure(bytes: &[u8]) {
    for piece in [7, 4096] {
        let (format, findings) = read(bytes, piece);
        assert_eq!(format, Format::Text);
        let [sighting] = &findings.sightings[..] else { panic!("{findings:?}") };
        assert_eq!(sighting.path.to_string(), r"D:\Ablage\Größe.csv");
        assert!(matches!(sighting.act, Act::Refused(_)));
        assert_eq!(sighting.at.to_string(), "2026-11-22T10:00:00.100Z");
        assert_eq!(findings.latest.to_string(), "2026-11-22T10:00:00.200Z");
        assert_eq!(findings.records, 2);
    }
}

#[test]
fn a_log_is_read_in_utf_8_and_utf_16() {
    shows_the_failure(LOG.as_bytes());
    let utf_16: Vec<u8> = std::iter::once(0xfeff).chain(LOG.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    shows_the_failure(&utf_16);
}

#[test]
fn a_packed_log_is_read() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(LOG.as_bytes()).unwrap();
    shows_the_failure(&packer.finish().unwrap());
}

#[test]
fn an_ordinary_log_of_the_same_program_shows_nothing() {
    let fine = "2026-11-22 10:00:00,200 [w] INFO c.Importer - imported batch 32 of 33\n".repeat(5_000);
    let (format, findings) = read(fine.as_bytes(), 1 << 16);
    assert_eq!((format, findings.sightings.len(), findings.records), (Format::Text, 0, 5_000));
}
