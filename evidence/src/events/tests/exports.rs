//! Tables and listings as viewers export them.

use lockwait_core::observation::sighting::Sighting;

use super::read;
use crate::events::{EventCsv, EventListing};
use crate::findings::Findings;

/// Times and paths.
fn seen(findings: &Findings) -> Vec<(String, String)> {
    findings.sightings.iter().map(|s: &Sighting| (s.at.to_string(), s.path.to_string())).collect()
}

fn pair(at: &str, path: &str) -> (String, String) {
    (at.into(), path.into())
}

#[test]
fn tables_of_event_viewer_are_read_in_any_language_and_the_oldest_comes_first() {
    let english = "Level,Date and Time,Source,Event ID,Task Category\r\n\
        Information,11/22/2014 1:41:07 PM,Other,1,None,Nothing\r\n\
        Error,11/22/2014 1:41:06 PM,App,1101,None,\"System.IO.IOException: The process cannot access the file\r\n\
        'C:\\a.dat' because it is being used by another process.\r\n   at X\"\r\n\
        Error,11/22/2014 1:41:05 PM,App,1101,None,\"Sharing violation on C:\\b.dat: \"\"again\"\"\"\r\n";
    let german = "Ebene;Datum und Uhrzeit;Quelle;Ereignis-ID;Aufgabenkategorie\r\n\
        Informationen;22.11.2014 13:41:07;Other;1;Keine;Nichts\r\n\
        Fehler;22.11.2014 13:41:06;App;1101;Keine;\"Der Prozess kann nicht auf die Datei \"\"C:\\a.dat\"\" zugreifen, da \
        sie von einem anderen Prozess verwendet wird.\"\r\n\
        Fehler;22.11.2014 13:41:05;App;1101;Keine;\"Fehler: 0x80070020: C:\\b.dat\"\r\n";
    for table in [english, german, &english.replace(',', "\t")] {
        for piece in [1, 100, table.len()] {
            let findings = read(EventCsv::new(), table.as_bytes(), piece);
            assert_eq!(findings.warnings, Vec::<String>::new());
            assert_eq!(findings.records, 3, "{table}");
            let expected =
                [pair("2014-11-22T13:41:05.000Z", "C:\\b.dat"), pair("2014-11-22T13:41:06.000Z", "C:\\a.dat")];
            assert_eq!(seen(&findings), expected, "{table}");
        }
        assert!(EventCsv::recognises(table));
    }
}

#[test]
fn the_tables_of_server_2003_have_no_heading() {
    let table = "5/13/2003,10:00:01 AM,MSExchangeGWRtr,Error,None,6067,N/A,GW1,Failed to move file 'C:\\out\\a.api' to \
        'D:\\in\\a.api'. The system error code is 32, The process cannot access the file.\r\n\
        5/13/2003,10:00:00 AM,MSExchangeGWRtr,Information,None,6015,N/A,GW1,started\r\n";
    let findings = read(EventCsv::new(), table.as_bytes(), 50);
    assert_eq!((findings.records, seen(&findings)), (2, vec![pair("2003-05-13T10:00:01.000Z", "C:\\out\\a.api")]));
    assert_eq!(findings.sightings[0].actor.address.as_deref(), Some("GW1"));
    assert!(EventCsv::recognises(table));
}

#[test]
fn tables_of_powershell_are_read_by_the_names_of_their_columns() {
    let table = "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n\
        \"Message\",\"Id\",\"Level\",\"RecordId\",\"ProviderName\",\"ProcessId\",\"MachineName\",\"TimeCreated\"\r\n\
        \"Error -1032 on C:\\db.edb\",\"490\",\"2\",\"8\",\"ESENT\",\"4321\",\"PC\",\"13/12/2014 13:41:06\"\r\n\
        \"sharing violation: C:\\a.dat\",\"9\",\"2\",\"7\",\"App\",\"0\",\"PC\",\"11/12/2014 13:41:06\"\r\n";
    let findings = read(EventCsv::new(), table.as_bytes(), table.len());
    let expected = [pair("2014-12-11T13:41:06.000Z", "C:\\a.dat"), pair("2014-12-13T13:41:06.000Z", "C:\\db.edb")];
    assert_eq!(seen(&findings), expected);
    assert_eq!(findings.sightings[1].actor.pid, Some(4321));
    assert!(EventCsv::recognises(table));
}

#[test]
fn what_is_no_table_of_events_is_not_taken_for_one() {
    for text in [
        "\"Time of Day\",\"Process Name\",\"PID\",\"Operation\",\"Path\",\"Result\",\"Detail\"\r\n\"6:55:07.0236729 AM\",\
         \"a.exe\",\"1\",\"CreateFile\",\"C:\\a\",\"SUCCESS\",\"\"\r\n",
        "2023-03-13 09:19:43.566 +03:00 [ERR] X: The process cannot access the file\r\n",
        "a,b,c\r\n1,2,3\r\n",
        "",
    ] {
        assert!(!EventCsv::recognises(text), "{text}");
        assert!(!EventListing::recognises(text), "{text}");
    }
}

#[test]
fn a_table_with_a_missing_quote_loses_what_it_swallows_and_no_more() {
    let row = "Error,11/22/2014 1:41:05 PM,App,1101,None,\"Sharing violation on C:\\b.dat: x\"\r\n";
    let plain = "Error,11/22/2014 1:41:05 PM,App,1101,None,Sharing violation on C:\\b.dat: x\r\n";
    let open = "Error,11/22/2014 1:41:05 PM,App,1101,None,\"no end\r\n";
    let table = [row, open, &row.repeat(1_000)].concat();
    let findings = read(EventCsv::new(), table.as_bytes(), 65_536);
    assert_eq!(findings.sightings.len(), 1_001, "{:?}", findings.warnings);

    let table = [row, open, &plain.repeat(20_000), row].concat();
    let findings = read(EventCsv::new(), table.as_bytes(), 65_536);
    assert_eq!(findings.warnings.len(), 1, "{:?}", findings.warnings);
    let swallowed = (1 << 20) / plain.len();
    assert!(
        (19_990 - swallowed..20_010 - swallowed).contains(&findings.sightings.len()),
        "{}",
        findings.sightings.len()
    );
}

#[test]
fn listings_of_wevtutil_are_read_in_any_language() {
    let list = "Event[0]:\r\n  Log Name: Application\r\n  Source: App\r\n  Date: 2014-11-22T01:41:06.123\r\n  Event ID: 9\r\n\
        \x20 Task: N/A\r\n  Level: Error\r\n  Opcode: N/A\r\n  Keyword: Classic\r\n  User: N/A\r\n  User Name: N/A\r\n\
        \x20 Computer: PC\r\n  Description: \r\nThe process cannot access the file 'C:\\a.dat'\r\nbecause it is being used \
        by another process.\r\n\r\nEvent[1]:\r\n  Protokollname: Application\r\n  Quelle: App\r\n  \
        Datum: 2014-11-22T01:41:07.000\r\n  Ereignis-ID: 9\r\n  Aufgabe: N/A\r\n  Ebene: Fehler\r\n  Opcode: N/A\r\n  \
        Schluesselwort: N/A\r\n  Benutzer: N/A\r\n  Benutzername: N/A\r\n  Computer: PC\r\n  Beschreibung: \r\n0x80070020: \
        C:\\b.dat\r\n\r\nEvent[2]:\r\n  cut off";
    for piece in [1, 300, list.len()] {
        let findings = read(EventListing::new(), list.as_bytes(), piece);
        assert_eq!(findings.records, 2);
        let expected = [pair("2014-11-22T01:41:06.123Z", "C:\\a.dat"), pair("2014-11-22T01:41:07.000Z", "C:\\b.dat")];
        assert_eq!(seen(&findings), expected);
        assert_eq!(findings.warnings.len(), 1, "{:?}", findings.warnings);
    }
    assert!(EventListing::recognises(list));
}
