//! Real captures, as far as they are there.

use std::fs;
use std::path::{Path, PathBuf};

use lockwait_core::code::Code;
use lockwait_core::observation::Access;
use lockwait_core::observation::sighting::{Act, Attempt, Range, Share, Sighting};
use lockwait_core::time::Span;

use super::super::Counts;
use super::{read, read_whole};
use crate::findings::Findings;

/// Every capture among the fixtures.
pub(super) fn captures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/captures");
    match fs::read_dir(&folder) {
        Ok(files) => files.map(|file| file.expect("a readable folder").path()).collect(),
        Err(_) => {
            println!("skipped: no fixtures at {}", folder.display());
            Vec::new()
        }
    }
}

/// What the capture of this name shows; `None` when it is not there.
fn shown(name: &str) -> Option<(Findings, Counts)> {
    let path = captures().into_iter().find(|path| path.ends_with(name))?;
    Some(read_whole(&fs::read(path).expect("a readable file")))
}

fn attempt(sighting: &Sighting) -> Option<&Attempt> {
    match &sighting.act {
        Act::Refused(attempt) => Some(attempt),
        _ => None,
    }
}

fn refusals(findings: &Findings) -> Vec<(&Sighting, &Attempt)> {
    findings.sightings.iter().filter_map(|sighting| Some((sighting, attempt(sighting)?))).collect()
}

/// Time between one refusal and the next.
fn intervals(refusals: &[(&Sighting, &Attempt)]) -> Vec<u64> {
    refusals.windows(2).map(|pair| pair[1].0.at.0 - pair[0].0.at.0).collect()
}

#[test]
fn a_holder_that_shares_nothing_keeps_another_client_out_until_it_closes() {
    let Some((findings, _)) = shown("generated_smb2_200ms.pcapng") else { return };
    let refusals = refusals(&findings);
    assert_eq!(refusals.len(), 15);
    for (sighting, attempt) in &refusals {
        assert_eq!(attempt.code, Code::ntstatus(0xc000_0043));
        assert_eq!(sighting.path.to_string(), r"\\127.0.0.1\data\orders.mdb");
        assert_eq!(&*sighting.actor.name, "CLIENTB");
        assert!(attempt.latency < Some(Span::from_millis(20)));
    }
    assert!(intervals(&refusals).iter().all(|micros| (190_000..210_000).contains(micros)));
    let Act::Opened { open, mode } = findings.sightings[0].act else { panic!("{:?}", findings.sightings[0]) };
    assert_eq!((mode.access, mode.share), (Access::ReadWrite, Some(Share::default())));
    assert_eq!(findings.sightings[0].actor.address.as_deref(), Some("127.0.0.1"));
    assert_ne!(findings.sightings[0].actor.session, refusals[0].0.actor.session);
    let closed = findings.sightings.iter().position(|sighting| sighting.act == Act::Closed { open }).expect("a close");
    assert!(findings.sightings[closed].at > refusals[14].0.at);
    assert!(matches!(findings.sightings[closed + 1].act, Act::Opened { .. }), "the waiter has it now");
    assert_eq!(
        refusals[0].0.record,
        r"frame 30: 127.0.0.1 -> 127.0.0.1 SMB2 CREATE \\127.0.0.1\data\orders.mdb (read-write, share none): STATUS_SHARING_VIOLATION"
    );
}

#[test]
fn a_locked_range_is_seen_with_its_holder() {
    let Some((findings, _)) = shown("generated_smb2_lock_200ms.pcapng") else { return };
    let refusals = refusals(&findings);
    let range = Range { start: 0, length: 512 };
    assert_eq!(refusals.len(), 15);
    assert!(refusals.iter().all(|(_, attempt)| attempt.code == Code::ntstatus(0xc000_0055)));
    assert!(refusals.iter().all(|(_, attempt)| attempt.range == Some(range)));
    let locks: Vec<_> =
        findings.sightings.iter().filter(|sighting| matches!(sighting.act, Act::Locked { .. })).collect();
    assert_eq!(locks.len(), 2);
    // Who locks, the open says that is locked through.
    let actor = |locked: &Sighting| {
        let Act::Locked { open: through, .. } = locked.act else { panic!("{locked:?}") };
        let is_it = |sighting: &&Sighting| matches!(sighting.act, Act::Opened { open, .. } if open == through);
        findings.sightings.iter().find(is_it).expect("it was opened before").actor.name.to_string()
    };
    assert_eq!([actor(locks[0]), actor(locks[1])], ["CLIENTA", "CLIENTB"]);
    assert!(locks[0].at < refusals[0].0.at && locks[1].at > refusals[14].0.at);
}

#[test]
fn the_server_s_own_delay_is_told_as_latency() {
    let Some((findings, _)) = shown("generated_smb1_200ms.pcapng") else { return };
    let refusals = refusals(&findings);
    assert_eq!(refusals.len(), 3);
    for (_, attempt) in refusals {
        let latency = attempt.latency.expect("both are seen").as_millis();
        assert!((940..960).contains(&latency), "{latency} ms");
    }
}

#[test]
fn smbtorture_is_counted_exactly() {
    let Some((findings, counts)) = shown("torture_smb2_sharemode_lock.pcapng") else { return };
    let told = |status| refusals(&findings).iter().filter(|(_, a)| a.code == Code::ntstatus(status)).count() as u64;
    for (status, count) in [(0xc000_0043, 53), (0xc000_0054, 4), (0xc000_0055, 105)] {
        assert_eq!((counts.new.statuses[&status], told(status)), (count, count), "{status:#x}");
    }
    assert_eq!(counts.new.statuses[&0x103], 6);
}

#[test]
fn how_the_bytes_come_does_not_matter() {
    for path in captures() {
        let bytes = fs::read(&path).expect("a readable file");
        let (whole, _) = read_whole(&bytes);
        for piece in [1_009, 65_536] {
            assert_eq!(read(&bytes, piece).0.sightings, whole.sightings, "{}", path.display());
        }
    }
}
