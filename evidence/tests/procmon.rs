//! Process Monitor CSV as a host feeds it.

use lockwait_core::observation::sighting::Act;
use lockwait_evidence::Findings;
use lockwait_evidence::input::{Format, Input};

#[test]
fn a_csv_in_utf_16_is_recognised_and_read() {
    let text = "\"Time of Day\",\"Process Name\",\"PID\",\"Operation\",\"Path\",\"Result\",\"Detail\"\r\n\
                \"10:00:00.1234567 AM\",\"gw.exe\",\"12\",\"CreateFile\",\"C:\\in\\ä.api\",\"SUCCESS\",\"Desired Access: Generic Write, Disposition: Create, Options: , Attributes: N, ShareMode: None, AllocationSize: 0, OpenResult: Created\"\r\n\
                \"10:00:00.2234567 AM\",\"m.exe\",\"77\",\"CreateFile\",\"C:\\in\\ä.api\",\"SHARING VIOLATION\",\"Desired Access: Generic Read, Disposition: Open, Options: , Attributes: n/a, ShareMode: Read, AllocationSize: n/a\"\r\n";
    let utf_16: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [text.as_bytes(), &utf_16] {
        let (mut input, mut findings) = (Input::new(), Findings::default());
        for piece in bytes.chunks(11) {
            input.feed(piece, &mut findings);
        }
        input.end(&mut findings);
        assert_eq!(input.format(), Format::Procmon);
        let [opened, refused] = &findings.sightings[..] else { panic!("{findings:?}") };
        let (Act::Opened { mode, .. }, Act::Refused(attempt)) = (&opened.act, &refused.act) else {
            panic!("{findings:?}")
        };
        assert_eq!(
            (opened.path.to_string(), mode.excludes(attempt.wanted.unwrap())),
            (r"C:\in\ä.api".into(), Some(true))
        );
    }
}
