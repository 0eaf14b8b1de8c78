//! Whole logs, made and real.

mod exports;
#[cfg(feature = "make")]
mod made;
#[cfg(feature = "make")]
mod meanings;

use std::path::PathBuf;
use std::process::Command;

use crate::events::chunk::Chunk;
use crate::events::{Evt, Evtx};
use crate::findings::{Findings, Reader};

/// What `reader` finds in `bytes` that come in pieces of `piece`.
fn read(reader: impl Reader + 'static, bytes: &[u8], piece: usize) -> Findings {
    read_boxed(Box::new(reader), bytes, piece)
}

fn read_boxed(mut reader: Box<dyn Reader>, bytes: &[u8], piece: usize) -> Findings {
    let mut findings = Findings::default();
    let (mut rest, mut skip) = (Vec::new(), 0);
    for piece in bytes.chunks(piece) {
        let skipped = piece.len().min(skip);
        skip -= skipped;
        rest.extend_from_slice(&piece[skipped..]);
        let done = reader.read(&rest, false, &mut findings);
        skip += done.saturating_sub(rest.len());
        rest.drain(..done.min(rest.len()));
    }
    reader.read(&rest, true, &mut findings);
    findings
}

/// The real files of that kind, beside the checkout; none when they are not there.
fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures").join(folder);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: no {}", folder.display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn name(path: &std::path::Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// Live records by libevt 20260705.
const EVT_COUNTS: [(&str, u64); 4] = [
    ("plaso_SysEvent.Evt", 6_063),
    ("moex01_System.evt", 95),
    ("moex01_Security.evt", 49),
    ("moex01_Application.evt", 67),
];

/// What libevt counts, if Python with `pyevt` is at hand: as `LOCKWAIT_PYTHON`, or as `python3`.
fn libevt_count(path: &std::path::Path) -> Option<u64> {
    let python = std::env::var("LOCKWAIT_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = "import pyevt, sys; f = pyevt.file(); f.open(sys.argv[1]); print(f.number_of_records)";
    let output = Command::new(python).args(["-c", script]).arg(path).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

#[test]
fn real_evt_files_have_the_live_records_that_libevt_counts() {
    for path in fixtures("evt") {
        let bytes = std::fs::read(&path).unwrap();
        let findings = read(Evt::new(), &bytes, 65_536);
        let pinned = EVT_COUNTS.iter().find(|(file, _)| *file == name(&path)).unwrap().1;
        assert_eq!(findings.records, pinned, "{}", path.display());
        match libevt_count(&path) {
            Some(count) => assert_eq!(findings.records, count, "{}", path.display()),
            None => println!("skipped: no pyevt to ask"),
        }
    }
}

#[test]
fn real_evtx_files_have_the_records_that_the_crate_dumps() {
    for path in fixtures("evtx") {
        let bytes = std::fs::read(&path).unwrap();
        let mut parser = evtx::EvtxParser::from_buffer(bytes.clone()).unwrap();
        let dumped = parser.records().filter(Result::is_ok).count() as u64;
        for piece in [bytes.len(), 65_536, 1_000] {
            let findings = read(Evtx::new(), &bytes, piece);
            assert_eq!(findings.records, dumped, "{} in pieces of {piece}", path.display());
        }
    }
}

/// The file with a lock in a text of each chunk, and its checksums put right.
fn with_locks(mut file: Vec<u8>) -> Vec<u8> {
    let lock: Vec<u8> = "0x80070020: C:\\spool\\a.b".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for chunk in file[0x1000..].chunks_exact_mut(0x1_0000) {
        let is_text = |run: &[u8]| {
            let plain = run.chunks_exact(2).all(|unit| unit[1] == 0 && (0x20..0x7f).contains(&unit[0]));
            plain && run.chunks_exact(2).any(|unit| unit[0] == b' ')
        };
        let Some(at) = chunk[512..].windows(lock.len()).position(is_text) else { continue };
        chunk[512 + at..512 + at + lock.len()].copy_from_slice(&lock);
        let end = u32::from_le_bytes(chunk[48..52].try_into().unwrap()) as usize;
        let records = evtx::checksum_ieee(&chunk[512..end]);
        chunk[52..56].copy_from_slice(&records.to_le_bytes());
        let header = evtx::checksum_ieee(&[&chunk[..120], &chunk[128..512]].concat());
        chunk[124..128].copy_from_slice(&header.to_le_bytes());
    }
    file
}

/// Gives the file another header that says where the chunk with the oldest records is.
fn with_oldest(mut file: Vec<u8>, chunk: u64, is_closed: bool) -> Vec<u8> {
    file[8..16].copy_from_slice(&chunk.to_le_bytes());
    file[120..124].copy_from_slice(&u32::from(!is_closed).to_le_bytes());
    let checksum = evtx::checksum_ieee(&file[..120]);
    file[124..128].copy_from_slice(&checksum.to_le_bytes());
    file
}

/// The real file that fewest things are wrong with, with locks, and how many chunks it has.
fn regular() -> Option<(Vec<u8>, usize)> {
    let path = fixtures("evtx").into_iter().find(|path| name(path) == "plaso_System.evtx")?;
    let mut file = with_locks(std::fs::read(path).unwrap());
    let chunks = file[0x1000..].chunks_exact(0x1_0000).filter(|chunk| chunk.starts_with(b"ElfChnk")).count();
    file.truncate(0x1000 + chunks * 0x1_0000);
    Some((file, chunks))
}

#[test]
fn what_a_chunk_tells_is_told_before_the_next_one_comes() {
    let Some((file, chunks)) = regular() else { return };
    let (mut reader, mut findings) = (Evtx::new(), Findings::default());
    let mut told = Vec::new();
    reader.read(&file[..0x1000], false, &mut findings);
    for chunk in file[0x1000..].chunks(0x1_0000) {
        reader.read(chunk, false, &mut findings);
        told.push(findings.sightings.len());
    }
    assert!(told[chunks / 2] > 5 && told.is_sorted(), "{told:?}");
    reader.read(&[], true, &mut findings);
    assert_eq!(findings.sightings.len(), told[chunks - 1], "nothing was put off");
}

#[test]
fn a_log_that_went_round_is_told_from_its_oldest_record_on() {
    let Some((file, chunks)) = regular() else { return };
    let straight = read(Evtx::new(), &file, 1 << 16).sightings;
    assert!(straight.len() > 5);
    for newest in [1, chunks / 3, chunks - 1] {
        // The newest chunks stand first.
        let (header, rest) = file.split_at(0x1000);
        let (old, new) = rest.split_at((chunks - newest) * 0x1_0000);
        let round = [header, new, old].concat();
        for is_closed in [true, false] {
            // What a file that was not closed says is not up to date.
            let oldest = if is_closed { newest } else { 0 };
            let round = with_oldest(round.clone(), oldest as u64, is_closed);
            let findings = read(Evtx::new(), &round, 10_000);
            assert_eq!(findings.sightings, straight, "{newest} {is_closed}");
            assert_eq!(findings.warnings, Vec::<String>::new());
        }
    }
}

#[test]
fn whoever_has_a_word_is_known_without_decoding_wherever_the_word_stands() {
    let settings = std::sync::Arc::new(evtx::ParserSettings::new().indent(false));
    let decoded = |bytes: &[u8]| -> Vec<(u64, Vec<u8>)> {
        let mut data = evtx::EvtxChunkData::new(bytes.to_vec(), false).unwrap();
        let mut chunk = data.parse(settings.clone()).unwrap();
        let records = chunk.iter().filter_map(|record| record.ok()?.into_xml_bytes().ok());
        records.map(|record| (record.event_record_id, record.data)).collect()
    };
    let (mut all, mut wanted, mut shared) = (0, 0, 0);
    for path in fixtures("evtx") {
        let file = std::fs::read(&path).unwrap();
        for bytes in file[0x1000..].chunks_exact(0x1_0000) {
            let Some(chunk) = Chunk::intact(bytes) else { continue };
            let whole = decoded(bytes);
            // Names of sources, which stand in templates that many records share, and words of values.
            for word in ["Kernel-General", "Service Control Manager", "EventLog", "Kernel-Power", "Spooler", "Update"] {
                let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let hits: Vec<usize> = memchr::memmem::find_iter(bytes, &wide).collect();
                let stands = hits.len();
                let picked = chunk.with(hits);
                let part = decoded(&chunk.only(&picked));
                let has_word = |(_, xml): &&(u64, Vec<u8>)| memchr::memmem::find(xml, word.as_bytes()).is_some();
                let expected: Vec<_> = whole.iter().filter(has_word).collect();
                assert_eq!(part.iter().filter(has_word).collect::<Vec<_>>(), expected, "{word} in {}", path.display());
                assert_eq!(part.len(), picked.iter().filter(|picked| **picked).count());
                (all, wanted) = (all + whole.len(), wanted + part.len());
                shared += usize::from(expected.len() > stands);
            }
        }
    }
    assert!(all == 0 || (wanted > 0 && wanted < all / 2 && shared > 0), "{wanted} of {all}, {shared} shared");
}

#[test]
fn looking_for_needles_finds_what_decoding_everything_finds() {
    let mut found = 0;
    for path in fixtures("evtx") {
        let real = std::fs::read(&path).unwrap();
        for file in [with_locks(real.clone()), real] {
            let [quick, thorough] = [Evtx::new(), Evtx::thorough()].map(|reader| read(reader, &file, 1 << 18));
            assert_eq!((quick.records, quick.latest), (thorough.records, thorough.latest), "{}", path.display());
            assert_eq!(quick.sightings, thorough.sightings, "{}", path.display());
            found += quick.sightings.len();
        }
    }
    assert!(found >= 40 || fixtures("evtx").is_empty());
}

#[test]
fn an_evtx_file_that_was_cut_off_gives_what_is_there() {
    for path in fixtures("evtx").into_iter().filter(|path| name(path).starts_with("plaso")) {
        let file = std::fs::read(&path).unwrap();
        let whole = read(Evtx::new(), &file, 1 << 16).records;
        let cut = read(Evtx::new(), &file[..0x1000 + 0x1_0000 * 3 / 2], 1 << 16);
        assert!(cut.records > 0 && cut.records < whole, "{}", cut.records);
        assert!(cut.warnings[0].starts_with("byte 102400: the file ends within a chunk"), "{:?}", cut.warnings);
        let first = read(Evtx::new(), &file[..0x1_1000], 1 << 16).records;
        assert!(cut.records > first, "{} {first}", cut.records);
    }
}
