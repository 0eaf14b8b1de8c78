//! Logs that were made for the purpose: wrapped, dirty, split, damaged.

use lockwait_core::time::Timestamp;
use proptest::prelude::*;

use super::{libevt_count, read, read_boxed};
use crate::events::{EventCsv, EventListing, EventXml, Evt, Evtx};
use crate::findings::{Findings, Reader};
use crate::make::event::Entry;
use crate::make::{event_xml, evt};

/// A refusal whose file is called by its number.
fn refusal(number: usize, padding: usize) -> Entry {
    let at = Timestamp((1_000_000_000 + number as u64 / 5) * 1_000_000);
    let (file, target) = (format!(r"C:\out\{number}"), format!(r"D:\in\{}", "x".repeat(padding)));
    Entry::new(at, "MSExchangeGWRtr", 6067, &[&file, &target, "32", "locked"])
}

/// The numbers of the refused files, in the order in which they are told.
fn numbers(findings: &Findings) -> Vec<usize> {
    findings.sightings.iter().map(|s| s.path.to_string()[r"C:\out\".len()..].parse().unwrap()).collect()
}

/// A ring with what is left of `paddings.len()` records, numbered from 1.
fn ring(size: usize, paddings: &[usize]) -> evt::Log {
    let mut log = evt::Log::ring(size);
    for (index, padding) in paddings.iter().enumerate() {
        log.add(&refusal(index + 1, *padding));
    }
    log
}

proptest! {
    #[test]
    fn a_log_that_went_round_is_told_whole_and_in_order_however_it_was_closed(
        size in (0x100_usize..0x600).prop_map(|words| words * 4),
        paddings in prop::collection::vec(0_usize..60, 1..60),
        piece in 1_usize..5_000,
    ) {
        let log = ring(size, &paddings);
        let live: Vec<usize> = (paddings.len() - log.len() + 1..=paddings.len()).collect();
        for file in [log.clean(), log.dirty()] {
            let findings = read(Evt::new(), &file, piece);
            prop_assert_eq!(findings.records, log.len() as u64);
            prop_assert_eq!(numbers(&findings), live.clone());
            // Older records are all that there may be to warn of.
            prop_assert!(findings.warnings.iter().all(|warning| warning.contains("older records")), "{:?}", findings.warnings);
        }
    }

    #[test]
    fn a_damaged_record_costs_itself_and_is_named_by_its_place(
        paddings in prop::collection::vec(0_usize..60, 3..30),
        victim in any::<prop::sample::Index>(),
    ) {
        let mut log = evt::Log::growing();
        let mut starts = Vec::new();
        for (index, padding) in paddings.iter().enumerate() {
            starts.push(log.clean().len() - 0x28);
            log.add(&refusal(index + 1, *padding));
        }
        let victim = victim.index(paddings.len());
        let mut file = log.clean();
        file[starts[victim] + 5] ^= 0xff;
        let findings = read(Evt::new(), &file, 4_096);
        let kept: Vec<usize> = (1..=paddings.len()).filter(|number| *number != victim + 1).collect();
        prop_assert_eq!(numbers(&findings), kept);
        let place = format!("byte {}: no record here", starts[victim]);
        prop_assert!(findings.warnings.iter().any(|warning| warning.starts_with(&place)), "{:?}", findings.warnings);
    }

    #[test]
    fn a_log_cut_off_keeps_the_records_before_the_cut(
        paddings in prop::collection::vec(0_usize..60, 1..30),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut log = evt::Log::growing();
        let mut ends = Vec::new();
        for (index, padding) in paddings.iter().enumerate() {
            log.add(&refusal(index + 1, *padding));
            ends.push(log.clean().len() - 0x28);
        }
        let file = log.dirty();
        let cut = cut.index(file.len());
        let findings = read(Evt::new(), &file[..cut], 4_096);
        let whole = ends.iter().filter(|end| **end <= cut).count();
        // The zeros that a record ends with may stand where the log would go on: at its beginning.
        let nearly = ends.iter().filter(|end| **end <= cut + 3).count();
        let is_told = |count: usize| numbers(&findings) == (1..=count).collect::<Vec<_>>();
        // Without room for an end record nothing is a log.
        prop_assert!(is_told(whole) || is_told(nearly) || cut < 0x30 + 0x28, "{findings:?}");
    }

    #[test]
    fn hostile_bytes_are_survived(
        paddings in prop::collection::vec(0_usize..60, 1..40),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        words in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec![0_u32, 0x27, 0x28, 0x38, 0x30, u32::MAX, 0x654c_664c])), 0..10),
        piece in 1_usize..3_000,
    ) {
        let mut files = [ring(0x1000, &paddings).dirty(), event_xml::write(
            &paddings.iter().enumerate().map(|(index, padding)| refusal(index, *padding)).collect::<Vec<_>>(),
            1,
            event_xml::Layout::Saved,
        ).into_bytes()];
        for file in &mut files {
            for (index, byte) in &changes {
                let at = index.index(file.len());
                file[at] = *byte;
            }
            for (index, word) in &words {
                let at = index.index(file.len() / 4 - 1) * 4;
                file[at..at + 4].copy_from_slice(&word.to_le_bytes());
            }
            let readers: [Box<dyn Reader>; 5] = [
                Box::new(Evt::new()),
                Box::new(Evtx::new()),
                Box::new(EventXml::new()),
                Box::new(EventCsv::new()),
                Box::new(EventListing::new()),
            ];
            for reader in readers {
                let findings = read_boxed(reader, file, piece);
                // Nothing is made up: a record takes a few dozen bytes, and tells of a few things.
                prop_assert!(findings.records <= file.len() as u64 / 16);
                prop_assert!(findings.sightings.len() <= file.len() / 16);
            }
        }
    }

    #[test]
    fn xml_with_a_damaged_event_keeps_the_others(
        count in 2_usize..20,
        victim in any::<prop::sample::Index>(),
        piece in 1_usize..3_000,
    ) {
        let entries: Vec<Entry> = (0..count).map(|number| refusal(number, 3)).collect();
        let mut text = String::new();
        let victim = victim.index(count);
        for (number, entry) in entries.iter().enumerate() {
            let event = event_xml::write(std::slice::from_ref(entry), number as u64 + 1, event_xml::Layout::Bare);
            // The end is missing.
            text.push_str(if number == victim { &event[..event.len() - 9] } else { &event });
        }
        let findings = read(EventXml::new(), text.as_bytes(), piece);
        prop_assert_eq!(numbers(&findings), (0..count).filter(|number| *number != victim).collect::<Vec<_>>());
        prop_assert_eq!(findings.warnings.len(), 1);
    }
}

#[test]
fn libevt_counts_the_same_records_in_made_logs() {
    // In the last two a record is split over the end of the file. Where the end is filled up instead, libevt stops.
    for (size, count) in [(0x2000, 10), (0x2020, 150), (0x20d0, 150)] {
        let log = ring(size, &(0..count).map(|number| number * 7 % 50).collect::<Vec<_>>());
        let path = std::env::temp_dir().join(format!("lockwait-{}-{size}.evt", std::process::id()));
        std::fs::write(&path, log.clean()).unwrap();
        let counted = libevt_count(&path);
        std::fs::remove_file(&path).unwrap();
        match counted {
            Some(counted) => assert_eq!(counted, log.len() as u64, "{size}"),
            None => println!("skipped: no pyevt to ask"),
        }
    }
}
