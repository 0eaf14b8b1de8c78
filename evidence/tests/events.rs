//! Event logs by the door that every input comes in by: they are known by their content, whatever their form.
#![cfg(feature = "make")]

use lockwait_core::code::Code;
use lockwait_core::observation::sighting::Act;
use lockwait_core::time::Timestamp;
use lockwait_evidence::Findings;
use lockwait_evidence::input::{Format, Input};
use lockwait_evidence::make::event::Entry;
use lockwait_evidence::make::{event_xml, evt};

fn entry() -> Entry {
    let at = Timestamp(1_051_783_200_000_000);
    let message = "Failed to move file 'C:\\out\\a.api' to 'D:\\in\\a.api'. The system error code is 32, The process \
                   cannot access the file because it is being used by another process.";
    let strings = ["C:\\out\\a.api", "D:\\in\\a.api", "32", "The process cannot access the file."];
    Entry { message: message.into(), ..Entry::new(at, "MSExchangeGWRtr", 6067, &strings) }
}

fn table() -> String {
    format!(
        "Ebene;Datum und Uhrzeit;Quelle;Ereignis-ID;Aufgabenkategorie\r\n\
         Fehler;01.05.2003 10:00:00;MSExchangeGWRtr;6067;Keine;\"{}\"\r\n",
        entry().message
    )
}

fn listing() -> String {
    format!(
        "Event[0]:\r\n  Log Name: Application\r\n  Source: MSExchangeGWRtr\r\n  Date: 2003-05-01T10:00:00.000\r\n  \
         Event ID: 6067\r\n  Task: N/A\r\n  Level: Error\r\n  Opcode: N/A\r\n  Keyword: Classic\r\n  User: N/A\r\n  \
         User Name: N/A\r\n  Computer: GATEWAY\r\n  Description: \r\n{}\r\n\r\n",
        entry().message
    )
}

#[test]
fn every_form_of_the_same_log_tells_the_same() {
    let mut log = evt::Log::growing();
    log.add(&entry());
    let utf_16 = |text: String| [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let xml = |layout| event_xml::write(&[entry()], 1, layout);
    let files: [(Format, Vec<u8>); 6] = [
        (Format::Evt, log.dirty()),
        (Format::EventXml, xml(event_xml::Layout::Bare).into()),
        (Format::EventXml, utf_16(xml(event_xml::Layout::Saved))),
        (Format::EventCsv, table().into()),
        (Format::EventCsv, utf_16(table())),
        (Format::EventListing, listing().into()),
    ];
    for (format, file) in files {
        let (mut input, mut findings) = (Input::new(), Findings::default());
        file.chunks(100).for_each(|piece| input.feed(piece, &mut findings));
        input.end(&mut findings);
        assert_eq!((input.format(), findings.records, &findings.warnings), (format, 1, &vec![]));
        let [sighting] = findings.sightings.as_slice() else { panic!("{format:?}: {findings:?}") };
        assert_eq!((sighting.at, sighting.path.to_string().as_str()), (entry().at, "C:\\out\\a.api"), "{format:?}");
        assert!(matches!(sighting.act, Act::Refused(attempt) if attempt.code == Code::win32(32)), "{format:?}");
    }
}
