//! What single events mean, told by every form of log.

use lockwait_core::code::Code;
use lockwait_core::event::{Event, EventKind, Severity as Grade};
use lockwait_core::observation::sighting::{Act, Sighting};
use lockwait_core::observation::{Access, Holder, Holders, Name};
use lockwait_core::time::{Span, Timestamp};

use super::read;
use crate::events::{EventXml, Evt};
use crate::make::event::{Entry, Severity};
use crate::make::{event_xml, evt};

const ROUTER: &str = "MSExchangeGWRtr";
/// 2003-05-01 10:00:00
const START: u64 = 1_051_783_200;

fn at(second: u64) -> Timestamp {
    Timestamp((START + second) * 1_000_000)
}

/// What the entries say, which is the same as `.evt` and as XML.
fn told(entries: &[Entry]) -> Vec<Sighting> {
    let mut log = evt::Log::growing();
    entries.iter().for_each(|entry| log.add(entry));
    let from_evt = read(Evt::new(), &log.clean(), 1_000);
    assert_eq!((from_evt.records, &from_evt.warnings), (entries.len() as u64, &vec![]));
    for layout in [event_xml::Layout::Bare, event_xml::Layout::Saved] {
        let xml = event_xml::write(entries, 1, layout);
        let from_xml = read(EventXml::new(), xml.as_bytes(), 777);
        assert_eq!(from_xml.warnings, Vec::<String>::new());
        assert_eq!(acts(&from_xml.sightings), acts(&from_evt.sightings), "{layout:?}");
    }
    from_evt.sightings
}

fn acts(sightings: &[Sighting]) -> Vec<(u64, String, Act)> {
    sightings.iter().map(|s| (s.at.0 / 1_000_000 - START, s.path.to_string(), s.act.clone())).collect()
}

fn code_of(act: &Act) -> Option<Code> {
    match act {
        Act::Refused(attempt) => Some(attempt.code),
        _ => None,
    }
}

fn text(second: u64, source: &str, id: u16, message: &str) -> Vec<Sighting> {
    let entry = Entry { message: message.into(), ..Entry::new(at(second), source, id, &[]) };
    let xml = event_xml::write(&[entry], 1, event_xml::Layout::Saved);
    read(EventXml::new(), xml.as_bytes(), 1 << 16).sightings
}

#[test]
fn the_routers_6067_is_a_refusal_only_when_its_error_is_a_lock() {
    let file = r"\\NW\VOL\API_OUT\1A2B.API";
    let moved =
        |second, error, words| Entry::new(at(second), ROUTER, 6067, &[file, r"D:\GW2MEXA\1A2B.API", error, words]);
    let sightings = told(&[
        moved(0, "32", "The process cannot access the file because it is being used by another process."),
        moved(0, "32", "Der Prozess kann nicht auf die Datei zugreifen."),
        moved(1, "33", ""),
        moved(2, "2", "The system cannot find the file specified."),
        moved(3, "1113", "No mapping for the Unicode character exists in the target multi-byte code page."),
    ]);
    let codes: Vec<_> = sightings.iter().map(|s| (s.at, s.path.to_string(), code_of(&s.act))).collect();
    let refused = |second, code| (at(second), file.to_owned(), Some(Code::win32(code)));
    assert_eq!(codes, [refused(0, 32), refused(0, 32), refused(1, 33)]);
    assert_eq!(&*sightings[0].actor.name, ROUTER);
    assert_eq!(sightings[0].resolution, Span::from_secs(1));
    assert!(sightings[0].record.starts_with("MSExchangeGWRtr 6067 (record 1): "), "{}", sightings[0].record);
}

#[test]
fn a_6066_with_its_6062_is_a_move_to_badfiles_and_alone_is_none() {
    let (file, source, bad) = ("1A2B.API", r"\\NW\VOL\API_OUT", r"D:\BADFILES");
    let sightings = told(&[
        Entry::new(at(0), ROUTER, 6066, &[file, bad]),
        Entry::new(at(0), ROUTER, 6067, &[r"\\NW\VOL\API_OUT\1A2B.API", r"D:\BADFILES\1A2B.API", "32", ""]),
        Entry::new(at(8), ROUTER, 6066, &[file, bad]),
        Entry::new(at(8), ROUTER, 6062, &[file, source]),
        Entry::new(at(9), ROUTER, 6062, &["other.api", source]),
        Entry::new(at(10), ROUTER, 6066, &["third.api", bad]),
        Entry::new(at(600), ROUTER, 6062, &["third.api", source]),
    ]);
    assert_eq!(sightings.len(), 2, "{sightings:#?}");
    assert_eq!(code_of(&sightings[0].act), Some(Code::win32(32)));
    assert_eq!(sightings[1].path.to_string(), r"\\NW\VOL\API_OUT\1A2B.API");
    assert_eq!(sightings[1].act, Act::Rejected(Name::from(r"D:\BADFILES\1A2B.API")));
}

#[test]
fn a_folder_that_cannot_be_reached_is_refused_with_its_error() {
    let folder = r"\\NW\VOL\API_OUT";
    let sightings = told(&[
        Entry::new(at(0), ROUTER, 6052, &[folder, "18"]),
        Entry::new(at(0), ROUTER, 6064, &[folder, "8004010f"]),
    ]);
    assert_eq!(sightings.len(), 1);
    assert_eq!((sightings[0].path.to_string(), code_of(&sightings[0].act)), (folder.into(), Some(Code::win32(18))));
}

#[test]
fn the_routers_sentences_are_read_where_the_strings_are_missing() {
    let sightings = text(
        0,
        ROUTER,
        6067,
        "Failed to move file 'C:\\out\\a.api' to 'D:\\in\\a.api'. The system error code \
                                           is 32, The process cannot access the file.",
    );
    assert_eq!(sightings[0].path.to_string(), r"C:\out\a.api");
    assert_eq!(code_of(&sightings[0].act), Some(Code::win32(32)));
    let sightings = text(
        0,
        ROUTER,
        6067,
        "Failed to move file 'C:\\out\\a.api' to 'D:\\in\\a.api'. The system error code \
                                           is 2, The system cannot find the file specified.",
    );
    assert_eq!(sightings, []);
    // A viewer on a machine without the router's messages.
    let sightings = text(
        0,
        ROUTER,
        6067,
        "The description cannot be found. The following information was included with \
                                           the event:\r\n\r\nC:\\out\\a.api\r\nD:\\in\\a.api\r\n33\r\n",
    );
    assert_eq!(sightings[0].path.to_string(), r"C:\out\a.api");
    assert_eq!(code_of(&sightings[0].act), Some(Code::win32(33)));
}

/// An event of Lockwait's as its sink for the Windows Event Log writes it.
fn own(event: &Event) -> Entry {
    let strings = event.insertion_strings();
    let severity = match event.severity {
        Grade::Information => Severity::Information,
        Grade::Warning => Severity::Warning,
        Grade::Error => Severity::Error,
    };
    let strings: Vec<&str> = strings.iter().map(String::as_str).collect();
    Entry { severity, ..Entry::new(event.at, "Lockwait", event.kind.id(), &strings) }
}

#[test]
fn lockwaits_own_events_tell_of_whole_episodes() {
    let holders = Holders::Found(vec![
        Holder { name: "clamd".into(), pid: Some(12), access: Access::Read, ..Holder::default() },
        Holder { name: "PC7".into(), address: Some("10.0.0.7".into()), ..Holder::default() },
    ]);
    let held = Event {
        path: Name::from(r"C:\in\a.pdf"),
        since: at(0),
        attempts: 70,
        code: Some(Code::win32(32)),
        holders: holders.clone(),
        ..Event::new(at(30), EventKind::LockHeld, Grade::Warning)
    };
    let to = Some(Name::from(r"C:\out\a.pdf"));
    let taken = Event { to: to.clone(), kind: EventKind::Acquired, at: at(40), attempts: 90, ..held.clone() };
    let at_once = Event { to, path: Name::from("b"), ..Event::new(at(41), EventKind::Acquired, Grade::Information) };
    let gave_up = Event { kind: EventKind::GaveUp, at: at(50), severity: Grade::Error, ..held.clone() };
    let gone = Event { code: Some(Code::win32(2)), at: at(51), severity: Grade::Information, ..gave_up.clone() };
    let outage = Event {
        path: Name::from(r"\\srv\in"),
        code: Some(Code::win32(53)),
        ..Event::new(at(60), EventKind::FolderUnreachable, Grade::Warning)
    };
    let sightings = told(&[&held, &taken, &at_once, &gave_up, &gone, &outage].map(own));
    let Act::Told(account) = &sightings[0].act else { panic!("{:?}", sightings[0]) };
    assert_eq!((account.first, account.attempts, account.code), (at(0), 70, Code::win32(32)));
    assert_eq!((account.released, &account.holders), (false, &holders));
    assert!(matches!(&sightings[1].act, Act::Told(account) if account.released && account.attempts == 90));
    assert_eq!((sightings[2].path.to_string(), &sightings[2].act), ("b".into(), &Act::Done));
    assert!(matches!(&sightings[3].act, Act::Told(account) if !account.released));
    assert_eq!(sightings[4].act, Act::GaveUp);
    assert_eq!(sightings[6].act, Act::Gone);
    assert_eq!(
        (sightings[7].path.to_string(), code_of(&sightings[7].act)),
        (r"\\srv\in".into(), Some(Code::win32(53)))
    );
}

#[test]
fn lockwaits_sentences_are_read_where_the_strings_are_missing() {
    let message = "A file is held.\r\n\r\nFile: C:\\in\\a.pdf\r\nTried since: 2003-05-01T10:00:00.000Z\r\nAttempts \
                   refused: 70\r\nTime waited: 31.4 s\r\nCode: win32:32 ERROR_SHARING_VIOLATION\r\nVerdict: \r\nHolders: \
                   could not ask who holds it (win32:5)\r\n";
    let sightings = text(0, "Lockwait", 6067, message);
    let Act::Told(account) = &sightings[0].act else { panic!("{sightings:?}") };
    assert_eq!((account.first, account.attempts), (at(0), 70));
    assert_eq!(account.holders, Holders::CouldNotAsk(Code::win32(5)));
}

#[test]
fn events_that_name_holders_are_held() {
    let product = ".NET Framework 4.5";
    let installer =
        Entry::new(at(0), "MsiInstaller", 1025, &[product, r"C:\Windows\mscoreei.dll", "powershell_ise", "2332"]);
    let handles = "1 user registry handles leaked from \\Registry\\User\\S-1-5-21:\r\nProcess 432 \
                   (\\Device\\HarddiskVolume2\\Program Files (x86)\\a\\winlogon.exe) has opened key \\REGISTRY\\USER\\S-1-5-21";
    let profile = Entry::new(at(1), "Microsoft-Windows-User Profiles Service", 1530, &[handles]);
    let other =
        Entry::new(at(2), "MsiInstaller", 1035, &[product, r"C:\Windows\mscoreei.dll", "powershell_ise", "2332"]);
    let sightings = told(&[installer, profile, other]);
    let holder = |name: &str, pid| Holder { name: name.into(), pid: Some(pid), ..Holder::default() };
    assert_eq!(
        acts(&sightings),
        [
            (0, r"C:\Windows\mscoreei.dll".into(), Act::Held(Holders::Found(vec![holder("powershell_ise", 2332)]))),
            (1, r"\REGISTRY\USER\S-1-5-21".into(), Act::Held(Holders::Found(vec![holder("winlogon.exe", 432)]))),
        ]
    );
    let message =
        r"Product: .NET. The file C:\Windows\a.dll is being used by the following process: Name: ise , Id 77.";
    let sightings = text(0, "MsiInstaller", 1025, message);
    assert_eq!(acts(&sightings), [(0, r"C:\Windows\a.dll".into(), Act::Held(Holders::Found(vec![holder("ise", 77)])))]);
}

#[test]
fn the_restart_manager_names_programs_and_no_file() {
    let event = |id: u32, data: &str| {
        let xml = format!(
            "<Event><System><Provider Name='Microsoft-Windows-RestartManager'/><EventID>{id}</EventID>\
             <TimeCreated SystemTime='2003-05-01T10:00:00.123456700Z'/><EventRecordID>5</EventRecordID>\
             <Execution ProcessID='900' ThreadID='1'/></System><UserData><X xmlns='y'>{data}</X></UserData></Event>"
        );
        read(EventXml::new(), xml.as_bytes(), 64).sightings
    };
    let one = event(
        10010,
        "<RmSessionId>0</RmSessionId><Pid>2332</Pid><FullPath>C:\\a\\ise.exe</FullPath>\
                            <DisplayName>Windows PowerShell ISE</DisplayName>",
    );
    assert!(
        matches!(&one[0].act, Act::Held(holders) if holders.list()[0].name == "ise.exe" && holders.list()[0].pid == Some(2332))
    );
    assert_eq!((one[0].path.to_string().as_str(), one[0].actor.pid), ("", Some(900)));
    assert_eq!((one[0].at, one[0].resolution), (Timestamp(START * 1_000_000 + 123_456), Span::ZERO));
    let several = event(
        10005,
        "<nApplications>2</nApplications><Applications><Application>Explorer</Application>\
                                <Application>ISE</Application></Applications><RebootReasons>1</RebootReasons>",
    );
    assert!(matches!(&several[0].act, Act::Held(holders) if holders.list().len() == 2));
}

#[test]
fn any_source_may_tell_of_a_lock_in_words_or_numbers() {
    let file = r"C:\spool\a.dat";
    let told = |strings: &[&str], data: &[u8]| {
        let entry = Entry { data: data.into(), ..Entry::new(at(0), "Any Source", 77, strings) };
        let sightings = told(&[entry]);
        assert!(sightings.len() <= 1, "{sightings:?}");
        sightings.first().map(|sighting| (sighting.path.to_string(), code_of(&sighting.act).unwrap()))
    };
    let lock = |path: &str, code| Some((path.to_owned(), code));
    assert_eq!(
        told(
            &["The process cannot access the file 'C:\\spool\\a.dat' because it is being used by another process."],
            b""
        ),
        lock(file, Code::win32(32))
    );
    assert_eq!(told(&[file, "0x80070020"], b""), lock(file, Code::win32(32)));
    assert_eq!(told(&["My Service", "%%32"], b""), lock("", Code::win32(32)));
    assert_eq!(told(&[file], &[0, 0, 0, 0, 0x43, 0, 0, 0xc0]), lock(file, Code::ntstatus(0xc000_0043)));
    // A number alone, a denial that lasts, another string.
    assert_eq!(told(&[file, "32"], &[32, 0, 0, 0]), None);
    assert_eq!(told(&[file, "0x80070005"], b""), None);
    assert_eq!(told(&["%%3200"], b""), None);
}

#[test]
fn a_source_that_leaves_repeats_out_says_so() {
    let marker = ["86400", "SuppressDuplicateDuration", r"Software\Microsoft\EventSystem\EventLog"];
    let sightings = told(&[Entry::new(at(0), "EventSystem", 4625, &marker)]);
    assert_eq!(acts(&sightings), [(0, String::new(), Act::Suppressed)]);
}
