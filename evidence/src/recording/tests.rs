use lockwait_core::event::{Event, Severity};
use lockwait_core::observation::{Facts, Place, Taken};
use lockwait_core::pickup::Arrival;
use lockwait_core::policy::Policy;

use super::*;

fn read(text: &str) -> Findings {
    let (mut findings, mut reader) = (Findings::default(), Recording::new());
    let done = reader.read(text.as_bytes(), true, &mut findings);
    assert_eq!(done, text.len());
    findings
}

/// A run that is recorded as the native runner does: two refusals 200 ms apart, a look, the taking.
fn recorded() -> String {
    let mut router = Router::new(Options { policy: Policy::default(), quarantine: false, seed: 7 });
    let mut lines = vec![trace::begin(&mut router)];
    let mut put = |at: u64, input: Input| {
        let (line, result) = trace::record(&mut router, Timestamp(at), input);
        while router.poll_action().is_some() {}
        while router.poll_event().is_some() {}
        lines.push(line);
        result.unwrap()
    };
    let start = 1_700_000_000_000_000;
    let other = put(start, Input::Submit(Arrival { place: Place::new("/in", "b.pdf") })).unwrap();
    let id = put(start, Input::Submit(Arrival { place: Place::new("/in", "a.pdf") })).unwrap();
    let facts = Facts { size: 7, modified: 1, identity: 2 };
    let refusal = Refusal { facts: Some(facts), ..Refusal::new(Code::win32(32)) };
    put(start, Input::Answer(id, Outcome::Refused(refusal)));
    put(start + 210_000, Input::Timeout);
    put(start + 210_000, Input::Answer(id, Outcome::Refused(refusal)));
    put(start + 420_000, Input::Timeout);
    put(
        start + 420_000,
        Input::Answer(id, Outcome::Opened(Look { facts, content: Content::Complete, ..Look::default() })),
    );
    put(start + 421_000, Input::Answer(id, Outcome::Taken(Taken { to: Name::from("/out/a.pdf"), bytes: 7 })));
    put(start + 422_000, Input::Cancel(other));
    lines.join("\n")
}

#[test]
fn a_trace_shows_every_answer_with_its_file_and_time() {
    let findings = read(&recorded());
    assert_eq!(findings.warnings, [""; 0]);
    let told: Vec<(u64, String, String)> = findings
        .sightings
        .iter()
        .map(|s| {
            let act = match &s.act {
                Act::Refused(attempt) => format!("refused {} {}", attempt.code, attempt.facts.unwrap().size),
                other => format!("{other:?}").split([' ', '(']).next().unwrap().to_owned(),
            };
            (s.at.0 % 1_000_000_000_000 / 1000, s.path.to_string(), act)
        })
        .collect();
    let told: Vec<(u64, &str, &str)> = told.iter().map(|(at, path, act)| (*at, path.as_str(), act.as_str())).collect();
    assert_eq!(
        told,
        [
            (0, "/in/a.pdf", "refused win32:32 7"),
            (210, "/in/a.pdf", "refused win32:32 7"),
            (420, "/in/a.pdf", "Saw"),
            (420, "/in/a.pdf", "Opened"),
            (420, "/in/a.pdf", "Closed"),
            (421, "/in/a.pdf", "Done"),
            (422, "/in/b.pdf", "GaveUp"),
        ]
    );
}

#[test]
fn a_line_of_watch_tells_of_its_whole_episode() {
    let held = Event {
        path: Name::from(b"/in/\xff.pdf"),
        since: Timestamp(1_700_000_000_000_000),
        attempts: 70,
        code: Some(Code::errno(11)),
        verdict: Some(lockwait_core::verdict::Verdict {
            advice: lockwait_core::verdict::Advice::Act,
            kind: lockwait_core::verdict::Kind::Scanner,
            confidence: lockwait_core::verdict::Confidence::High,
            reasons: vec![],
            needs: None,
        }),
        holders: Holders::Found(vec![Holder {
            name: "clamd".into(),
            pid: Some(12),
            access: Access::Read,
            ..Holder::default()
        }]),
        ..Event::new(Timestamp(1_700_000_030_000_000), EventKind::LockHeld, Severity::Error)
    };
    let taken = Event {
        kind: EventKind::Acquired,
        holders: Holders::NotAsked,
        to: Some(Name::from("/out/x")),
        end: Some(End::Taken),
        ..held.clone()
    };
    let gone = Event { kind: EventKind::GaveUp, attempts: 0, end: Some(End::Gone), ..held.clone() };
    let findings = read(&[held.to_json(), taken.to_json(), gone.to_json(), r#"{"replay":"same"}"#.into()].join("\n"));
    assert_eq!(findings.warnings, [""; 0]);
    assert_eq!(findings.sightings.len(), 3);
    let Act::Told(account) = &findings.sightings[0].act else { panic!("{:?}", findings.sightings[0]) };
    assert_eq!((account.first, account.attempts, account.released), (held.since, 70, false));
    assert_eq!(account.holders, held.holders);
    assert_eq!(findings.sightings[0].path, held.path);
    assert!(matches!(&findings.sightings[1].act, Act::Told(account) if account.released));
    assert_eq!(findings.sightings[2].act, Act::Gone);
}

#[test]
fn a_damaged_line_is_named_and_the_others_are_read() {
    let mut text = recorded();
    text.insert_str(
        text.find('\n').unwrap() + 1,
        "{\"t\":\n{\"t\":1,\"answer\":[99,{\"refused\":{\"code\":\"win32:32\"}}],\"out\":\"0\"}\n",
    );
    let findings = read(&text);
    assert_eq!(findings.warnings.len(), 1);
    assert!(findings.warnings[0].starts_with("line 2: "), "{:?}", findings.warnings);
    assert_eq!(findings.sightings.len(), 7);
}

#[test]
fn any_split_gives_the_same_and_a_cut_trace_is_read() {
    let text = recorded();
    let whole = read(&text).sightings;
    for size in [1, 2, 7, 100] {
        let (mut findings, mut reader) = (Findings::default(), Recording::new());
        let (mut from, mut to) = (0, 0);
        while to < text.len() {
            to = (to + size).min(text.len());
            from += reader.read(&text.as_bytes()[from..to], to == text.len(), &mut findings);
        }
        assert_eq!(findings.sightings, whole, "{size}");
    }
    let headless = text.split_once('\n').unwrap().1;
    let findings = read(headless);
    assert_eq!((findings.sightings, findings.warnings.len()), (whole, 1));
}
