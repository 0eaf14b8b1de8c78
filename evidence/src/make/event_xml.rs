//! Events as XML, as Event Viewer and `wevtutil qe /f:xml` write them ("Event Schema", Windows documentation).

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::event::{Entry, Severity};

/// How a file of events is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// One after another, as `wevtutil` writes them.
    Bare,
    /// In an `Events` element and with their sentences, as Event Viewer saves them.
    Saved,
}

/// The file with these `entries`, whose numbers begin with `first`.
pub fn write(entries: &[Entry], first: u64, layout: Layout) -> String {
    let mut text = String::new();
    if layout == Layout::Saved {
        text.push_str("<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n<Events>");
    }
    for (entry, number) in entries.iter().zip(first..) {
        event(&mut text, entry, number, layout);
    }
    if layout == Layout::Saved {
        text.push_str("</Events>");
    }
    text
}

fn event(text: &mut String, entry: &Entry, number: u64, layout: Layout) {
    let Entry { at, source, id, computer, .. } = entry;
    let (source, computer) = (escape(source), escape(computer));
    let level = match entry.severity {
        Severity::Error => 2,
        Severity::Warning => 3,
        Severity::Information => 4,
    };
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{source}'/>\
         <EventID Qualifiers='0'>{id}</EventID><Level>{level}</Level><Task>0</Task>\
         <Keywords>0x80000000000000</Keywords><TimeCreated SystemTime='{at}'/><EventRecordID>{number}</EventRecordID>\
         <Channel>Application</Channel><Computer>{computer}</Computer><Security/></System><EventData>"
    );
    for string in &entry.strings {
        let _ = write!(text, "<Data>{}</Data>", escape(string));
    }
    if !entry.data.is_empty() {
        let _ = write!(text, "<Binary>{}</Binary>", lockwait_core::observation::hex(&entry.data).to_uppercase());
    }
    text.push_str("</EventData>");
    if layout == Layout::Saved {
        let message = escape(&entry.message);
        let _ = write!(text, "<RenderingInfo Culture='en-US'><Message>{message}</Message></RenderingInfo>");
    }
    text.push_str("</Event>\r\n");
}
