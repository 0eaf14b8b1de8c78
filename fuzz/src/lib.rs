//! The bodies of the fuzz targets, one function each: what must hold for any bytes whatever.
//!
//! They are ordinary functions, so an ordinary build compiles them and an ordinary test replays the corpus through
//! them (`tests/replay.rs`). `cargo xtask fuzz TARGET --for 60s` hands one to libFuzzer.

mod evidence;
mod operations;

use lockwait_core::code::Code;
use lockwait_core::companion::{self, gateway};
use lockwait_core::complete::{self, Sample};
use lockwait_core::observation::{Content, Place};
use lockwait_core::policy::{Companions, Policy};
use lockwait_core::router::Router;
use lockwait_core::trace;

pub use evidence::{capture, event_csv, event_xml, evt, evtx, gzip, ncp, procmon, recording, smb, text};
pub use operations::operations;

/// A fuzz target: its name, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by the name of its folder in the corpus.
pub const TARGETS: &[Target] = &[
    ("capture", capture),
    ("code", code),
    ("complete", complete),
    ("event-csv", event_csv),
    ("event-xml", event_xml),
    ("evt", evt),
    ("evtx", evtx),
    ("gateway", gateway),
    ("gzip", gzip),
    ("ncp", ncp),
    ("operations", operations),
    ("policy", policy),
    ("procmon", procmon),
    ("recording", recording),
    ("smb", smb),
    ("snapshot", snapshot),
    ("text", text),
    ("trace", trace),
];

/// A code that can be read is written so that it reads the same.
pub fn code(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    if let Ok(code) = Code::parse(text) {
        assert_eq!(Code::parse(&code.to_string()).as_ref(), Ok(&code));
    }
}

/// The first byte chooses a name; the rest is content, judged whole and by its ends.
pub fn complete(data: &[u8]) {
    const NAMES: [&str; 10] = ["a", "a.API", "a.pdf", "a.zip", "a.png", "a.jpg", "a.gif", "a.xml", "a.json", "a.edi"];
    let Some((choice, content)) = data.split_first() else { return };
    let name = NAMES[usize::from(*choice) % NAMES.len()].as_bytes();
    let whole = complete::check(name, &Sample::of(content));
    let wanted = complete::wanted(name, content);
    let length = content.len();
    let (head, tail) = (wanted.head.min(length), length - wanted.tail.min(length));
    let ends = Sample { length: length as u64, head: &content[..head], tail: &content[tail..] };
    // Reading only what is wanted never makes something of nothing.
    if complete::check(name, &ends) == Content::Complete {
        assert_ne!(whole, Content::Incomplete);
    }
}

/// A header's names never leave their folder.
pub fn gateway(data: &[u8]) {
    let _ = gateway::parse(data);
    let header = Place::new("/srv/API_OUT", "0001.API");
    if let Ok(members) = companion::members(&Companions::Gateway, &header, data) {
        for member in members {
            assert_eq!(member.folder.as_bytes(), b"/srv/ATT_OUT");
            assert!(companion::safe_name(member.name.as_bytes()).is_ok());
        }
    }
}

/// A policy that can be read is written so that it reads the same.
pub fn policy(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    for policy in [Policy::from_toml(text), Policy::from_json(text)].into_iter().flatten() {
        assert_eq!(Policy::from_json(&policy.to_json()), Ok(policy));
    }
}

/// A snapshot that is accepted makes a router that works, and whose snapshot is accepted, too.
pub fn snapshot(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let Ok(mut router) = Router::restore(text) else { return };
    assert!(Router::restore(&router.snapshot()).is_ok());
    for _ in 0..100 {
        let Some(at) = router.poll_timeout() else { break };
        router.handle_timeout(at);
    }
    router.stop(lockwait_core::time::Timestamp(u64::MAX));
    while router.poll_event().is_some() {}
}

/// Any trace replays or is refused; one that replays does so again with the same digest.
pub fn trace(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let first = trace::replay(text, None);
    assert_eq!(first, trace::replay(text, None));
    let _ = trace::replay(text, Some(Policy::default()));
}
