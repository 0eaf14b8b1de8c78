use std::path::Path;

use lockwait_core::code::Cause;
use lockwait_core::observation::Access;
use lockwait_core::observation::sighting::{Mode, Share};
use lockwait_core::policy::Policy;
use proptest::prelude::*;

use super::*;

const HEADER: &str = r#""Time of Day","Process Name","PID","Operation","Path","Result","Detail""#;
const OPEN: &str = "Desired Access: Generic Read/Write, Disposition: OpenIf, Options: Synchronous IO Non-Alert, Attributes: N, ShareMode: Read, AllocationSize: 0, OpenResult: Opened";

fn read(text: &str) -> Findings {
    let (mut findings, mut reader) = (Findings::default(), Procmon::new());
    assert_eq!(reader.read(text.as_bytes(), true, &mut findings), text.len());
    findings
}

fn row(time: &str, process: &str, pid: u32, operation: &str, path: &str, result: &str, detail: &str) -> String {
    format!("\"{time}\",\"{process}\",\"{pid}\",\"{operation}\",\"{path}\",\"{result}\",\"{detail}\"\r\n")
}

/// A writer holds a file with a share mode that keeps others from writing; a mover is refused, and refused again after
/// midnight; then the writer lets go and the mover succeeds.
fn scene() -> String {
    [
        format!("\u{feff}{HEADER}\r\n"),
        row("11:59:59.9000000 PM", "gw.exe", 12, "CreateFile", r"C:\in\a.api", "SUCCESS", OPEN),
        row("11:59:59.9500000 PM", "gw.exe", 12, "WriteFile", r"C:\in\a.api", "SUCCESS", "Offset: 4,096, Length: 4,096, Priority: Normal"),
        row("11:59:59.9600001 PM", "mover.exe", 77, "CreateFile", r"C:\in\a.api", "SHARING VIOLATION", "Desired Access: Read Data/List Directory, Delete, Synchronize, Disposition: Open, Options: , Attributes: n/a, ShareMode: None, AllocationSize: n/a"),
        row("12:00:00.1600001 AM", "mover.exe", 77, "CreateFile", r"C:\IN\a.api", "SHARING VIOLATION", "Desired Access: Generic Read, Disposition: Open, Options: , Attributes: n/a, ShareMode: Read, Write, Delete, AllocationSize: n/a"),
        row("12:00:00.2000000 AM", "look.exe", 5, "CreateFile", r"C:\in\a.api", "SUCCESS", "Desired Access: Read Attributes, Disposition: Open, Options: , Attributes: n/a, ShareMode: None, AllocationSize: n/a, OpenResult: Opened"),
        row("12:00:00.2500000 AM", "gw.exe", 12, "CloseFile", r"C:\in\a.api", "SUCCESS", ""),
        row("12:00:00.3000000 AM", "mover.exe", 77, "SetRenameInformationFile", r"C:\in\a.api", "SUCCESS", r"ReplaceIfExists: True, FileName: C:\out\a.api"),
        row("12:00:00.4000000 AM", "sys.exe", 4, "WriteFile", r"C:\in\b", "USER MAPPED FILE", "Offset: 0, Length: 4,096, I/O Flags: Non-cached, Paging I/O"),
        row("12:00:00.4000000 AM", "av.exe", 9, "CreateFileMapping", r"C:\in\b", "FILE LOCKED WITH ONLY READERS", "SyncType: SyncTypeCreateSection"),
        row("12:00:00.5000000 AM", "db.exe", 8, "LockFile", r"C:\in\c", "LOCK NOT GRANTED", "Exclusive: True, Offset: 2,147,483,538, Length: 1, Fail Immediately: True"),
    ]
    .concat()
}

#[test]
fn who_was_refused_and_who_had_the_file_open_is_told() {
    let findings = read(&scene());
    let told: Vec<(String, u32, String)> = findings
        .sightings
        .iter()
        .map(|s| {
            (
                s.at.to_string(),
                s.actor.pid.unwrap(),
                format!("{:?}", s.act).split([' ', '(']).next().unwrap().to_owned(),
            )
        })
        .collect();
    let told: Vec<(&str, u32, &str)> = told.iter().map(|(at, pid, act)| (at.as_str(), *pid, act.as_str())).collect();
    assert_eq!(
        told,
        [
            ("1970-01-01T23:59:59.900Z", 12, "Opened"),
            ("1970-01-01T23:59:59.950Z", 12, "Wrote"),
            ("1970-01-01T23:59:59.960Z", 77, "Refused"),
            ("1970-01-02T00:00:00.160Z", 77, "Refused"),
            ("1970-01-02T00:00:00.200Z", 5, "Opened"),
            ("1970-01-02T00:00:00.250Z", 12, "Closed"),
            ("1970-01-02T00:00:00.300Z", 77, "Done"),
            ("1970-01-02T00:00:00.500Z", 8, "Refused"),
        ]
    );
    assert_eq!(findings.records, 10);
    let share = |read, write, delete| Some(Share { read, write, delete });
    let Act::Opened { open, mode } = findings.sightings[0].act else { panic!() };
    assert_eq!(mode, Mode { access: Access::ReadWrite, deletes: false, share: share(true, false, false) });
    assert_eq!(findings.sightings[1].act, Act::Wrote { open, end: 8192 });
    assert_eq!(findings.sightings[5].act, Act::Closed { open });
    let Act::Refused(attempt) = findings.sightings[2].act else { panic!() };
    assert_eq!(attempt.code, Code::ntstatus(0xc000_0043));
    let wanted = attempt.wanted.unwrap();
    assert_eq!(wanted, Mode { access: Access::Read, deletes: true, share: share(false, false, false) });
    assert_eq!(mode.excludes(wanted), Some(true));
    let Act::Opened { mode: looker, .. } = findings.sightings[4].act else { panic!() };
    assert_eq!(looker.excludes(wanted), Some(false), "attributes are in nobody's way");
    let Act::Refused(attempt) = findings.sightings[7].act else { panic!() };
    assert_eq!(attempt.range, Some(Range { start: 2_147_483_538, length: 1 }));
    assert!(findings.sightings[2].record.contains("mover.exe (77) CreateFile"));
}

#[test]
fn columns_are_bound_by_name_in_any_order_and_locale() {
    let text = "Result;Path;PID;Process Name;Operation;Duration;Date & Time;Time of Day;Detail\n\
                SHARING VIOLATION;C:\\a b;7;m.exe;CreateFile;0,0123456;22.11.2026 16:21:57;16:21:57,4196785;\"Desired Access: Generic Read, ShareMode: None\"\n";
    let findings = read(text);
    let sighting = &findings.sightings[0];
    assert_eq!((sighting.at.0 % 1_000_000, sighting.at.to_string().as_str()), (419_678, "2026-11-22T16:21:57.419Z"));
    assert_eq!(sighting.path.to_string(), r"C:\a b");
    let Act::Refused(attempt) = sighting.act else { panic!() };
    assert_eq!(attempt.latency, Some(Span(12_345)));
    assert!(findings.warnings.iter().all(|warning| warning.contains("zone")), "{:?}", findings.warnings);
}

#[test]
fn rows_pasted_with_tabs_need_no_header() {
    let paste = "16:21:57,4196785\tMsMpEng.exe\t2408\tCreateFileMapping\tC:\\a \"b\".dll\tFILE LOCKED WITH ONLY READERS\t\n\
                 16:21:58,4196785\tm.exe\t7\tCreateFile\tC:\\a \"b\".dll\tSHARING VIOLATION\tDesired Access: Generic Read, ShareMode: None\n";
    let findings = read(paste);
    assert!(Procmon::recognises(paste) && Procmon::recognises(HEADER) && !Procmon::recognises("a\tb\tc\td\te\tf"));
    assert_eq!(findings.sightings.len(), 1);
    assert_eq!(findings.sightings[0].path.to_string(), "C:\\a \"b\".dll");
}

#[test]
fn day_and_month_are_told_apart_by_later_rows() {
    let row = |date: &str| {
        format!("\"{date} 10:00:00\",\"m.exe\",\"7\",\"CreateFile\",\"C:\\a\",\"SHARING VIOLATION\",\"\"\n")
    };
    let header = "\"Date & Time\",\"Process Name\",\"PID\",\"Operation\",\"Path\",\"Result\",\"Detail\"\n";
    let findings = read(&[header.into(), row("03/04/2026"), row("25/04/2026")].concat());
    assert_eq!(findings.sightings[0].at.to_string(), "2026-04-03T10:00:00.000Z");
}

#[test]
fn damaged_rows_are_passed_over_with_a_warning() {
    let long = format!(
        "{HEADER}\n\"{}\",\"x\"\n{}",
        "y".repeat(2 << 20),
        row("10:00:00.0000000", "m.exe", 7, "CreateFile", r"C:\a", "SHARING VIOLATION", "")
    );
    let findings = read(&long);
    assert_eq!(findings.sightings.len(), 1, "{:?}", findings.warnings);
    assert!(
        findings.warnings.iter().any(|warning| warning.contains("longer than a mebibyte")),
        "{:?}",
        findings.warnings
    );
    let many = format!(
        "{HEADER}\n{}\n{}",
        "x,".repeat(1000),
        row("10:00:00.0000000", "m.exe", 7, "CreateFile", r"C:\a", "SHARING VIOLATION", "")
    );
    assert_eq!(read(&many).sightings.len(), 1);
    read(&format!("{HEADER}\n\"unfinished"));
    assert_eq!(read("").sightings.len(), 0);
}

#[test]
fn the_fixture_without_a_violation_shows_none() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/procmon/LogFileUTC32FilesystemCSV.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return;
    };
    let findings = read(&text);
    assert_eq!(findings.records, 8_577, "this and what follows as counted with Python's csv module");
    for size in [1_000, 1 << 16, 1 << 20] {
        let mut examination = crate::Examination::new(Policy::default());
        examination.begin("fixture");
        text.as_bytes().chunks(size).for_each(|piece| examination.feed(piece));
        examination.end();
        assert_eq!(examination.report().inputs[0].records, 8_577, "in pieces of {size}");
    }
    // Two looks for a server that is not there.
    let lost = |s: &&Sighting| matches!(&s.act, Act::Refused(a) if a.code.cause() == Cause::Unreachable);
    assert_eq!(findings.sightings.iter().filter(lost).count(), 2);
    let refused = findings.sightings.iter().filter(|s| matches!(s.act, Act::Refused(_)) && !lost(s)).count();
    let locked = findings.sightings.iter().filter(|s| matches!(s.act, Act::Locked { .. })).count();
    let wrote = findings.sightings.iter().filter(|s| matches!(s.act, Act::Wrote { .. })).count();
    assert_eq!((refused, locked, wrote), (0, 19, 61));
    assert!(findings.sightings.iter().all(|s| s.at.to_string().starts_with("2020-07-31T")), "the month comes first");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_of_the_input_gives_the_same(size in 1usize..300) {
        let text = scene();
        let (mut findings, mut reader) = (Findings::default(), Procmon::new());
        let (mut from, mut to) = (0, 0);
        while to < text.len() {
            to = (to + size).min(text.len());
            from += reader.read(&text.as_bytes()[from..to], to == text.len(), &mut findings);
        }
        prop_assert_eq!(findings.records, read(&text).records);
        prop_assert_eq!(findings.sightings, read(&text).sightings);
    }

    #[test]
    fn no_bytes_and_no_damage_make_it_panic(noise in prop::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = scene().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        Procmon::new().read(&bytes, true, &mut Findings::default());
        Procmon::new().read(&noise, true, &mut Findings::default());
    }
}
