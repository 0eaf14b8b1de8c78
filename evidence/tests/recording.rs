//! Lockwait's own recordings as a host feeds them.

use lockwait_core::code::Code;
use lockwait_core::event::{Event, EventKind, Severity};
use lockwait_core::observation::sighting::Act;
use lockwait_core::observation::{Name, Place, Refusal};
use lockwait_core::pickup::{Arrival, Outcome};
use lockwait_core::policy::Policy;
use lockwait_core::router::{Options, Router};
use lockwait_core::time::Timestamp;
use lockwait_core::trace::{self, Input as Step};
use lockwait_evidence::Findings;
use lockwait_evidence::input::{Format, Input};

fn read(text: &str) -> (Format, Findings) {
    let (mut input, mut findings) = (Input::new(), Findings::default());
    input.feed(text.as_bytes(), &mut findings);
    input.end(&mut findings);
    (input.format(), findings)
}

#[test]
fn a_trace_is_recognised_and_read() {
    let mut router = Router::new(Options { policy: Policy::default(), quarantine: false, seed: 0 });
    let mut text = trace::begin(&mut router) + "\n";
    let arrival = Arrival { place: Place::new("/in", "a.pdf") };
    let (line, id) = trace::record(&mut router, Timestamp(1_700_000_000_000_000), Step::Submit(arrival));
    text.push_str(&(line + "\n"));
    while router.poll_action().is_some() {}
    let refused = Outcome::Refused(Refusal::new(Code::errno(11)));
    let answer = Step::Answer(id.unwrap().unwrap(), refused);
    text.push_str(&trace::record(&mut router, Timestamp(1_700_000_000_001_000), answer).0);
    let (format, findings) = read(&text);
    assert_eq!((format, &findings.warnings), (Format::Trace, &vec![]));
    let [sighting] = &findings.sightings[..] else { panic!("{findings:?}") };
    assert_eq!((sighting.path.to_string().as_str(), sighting.at), ("/in/a.pdf", Timestamp(1_700_000_000_001_000)));
}

#[test]
fn lines_of_watch_are_recognised_and_read() {
    let event = Event {
        path: Name::from("/in/a.pdf"),
        since: Timestamp(1_700_000_000_000_000),
        attempts: 3,
        code: Some(Code::win32(32)),
        ..Event::new(Timestamp(1_700_000_009_000_000), EventKind::Acquired, Severity::Information)
    };
    let (format, findings) = read(&(event.to_json() + "\n"));
    assert_eq!((format, &findings.warnings), (Format::Events, &vec![]));
    let Act::Told(account) = &findings.sightings[0].act else { panic!("{findings:?}") };
    assert_eq!((account.attempts, account.released, findings.latest), (3, true, event.at));
}
