use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Debug;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Blank, Json, read, write};
use crate::code::{Code, Domain};
use crate::event::{End, Event, EventKind, PickupId, Severity};
use crate::observation::{Access, Content, Facts, Holder, Holders, Look, Method, Name, Place, Refusal, Scope, Taken};
use crate::pickup::{Action, ActionKind, Outcome};
use crate::time::{Span, Timestamp};
use crate::verdict::{Advice, Confidence, Kind, Reason, Verdict};

/// `serde`'s form is the same, in both directions.
fn is_serdes<T: Blank + Serialize + DeserializeOwned + Clone + PartialEq + Debug>(value: &T) {
    let text = write(&mut value.clone());
    assert_eq!(text, serde_json::to_string(value).unwrap());
    assert_eq!(read::<T>(&text).unwrap(), *value);
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value);
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z\"\\\\/\\x00-\\x1f\\x7f]{0,12}", any::<String>()]
}

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![text().prop_map(|text| Name::from(&text)), any::<Vec<u8>>().prop_map(Name::from)]
}

fn code() -> impl Strategy<Value = Code> {
    (select(&Domain::ALL[..]), prop_oneof![0..300_u32, any::<u32>()])
        .prop_map(|(domain, value)| Code::new(domain, value))
}

fn facts() -> impl Strategy<Value = Facts> {
    any::<(u64, u64, u64)>().prop_map(|(size, modified, identity)| Facts { size, modified, identity })
}

fn place() -> impl Strategy<Value = Place> {
    (name(), name()).prop_map(|(folder, name)| Place { folder, name })
}

const ACCESSES: &[Access] = &[Access::Unknown, Access::Read, Access::Write, Access::ReadWrite];
const METHODS: &[Method] = &[
    Method::Unknown,
    Method::Open,
    Method::ShareMode,
    Method::Lease,
    Method::RecordLock,
    Method::Flock,
    Method::Stability,
];

fn look() -> impl Strategy<Value = Look> {
    let contents = select(&[Content::Unknown, Content::Complete, Content::Incomplete][..]);
    (facts(), contents, select(METHODS), vec(place(), 0..3)).prop_map(|(facts, content, method, companions)| Look {
        facts,
        content,
        method,
        companions,
    })
}

fn refusal() -> impl Strategy<Value = Refusal> {
    let scopes = select(&[Scope::File, Scope::Folder][..]);
    (code(), scopes, option::of(facts()), select(ACCESSES), select(METHODS))
        .prop_map(|(code, scope, facts, access, method)| Refusal { code, scope, facts, access, method })
}

fn holder() -> impl Strategy<Value = Holder> {
    let times = any::<(Option<u64>, Option<u64>)>();
    let facts = any::<(Option<u32>, bool, Option<bool>, u32)>();
    (text(), option::of(text()), select(ACCESSES), text(), facts, times).prop_map(
        |(name, address, access, share, (pid, own, owner, others), (from, to))| Holder {
            name,
            pid,
            address,
            access,
            share,
            own,
            owner,
            others,
            from: from.map(Timestamp),
            to: to.map(Timestamp),
        },
    )
}

fn holders() -> impl Strategy<Value = Holders> {
    prop_oneof![
        Just(Holders::NotAsked),
        vec(holder(), 0..3).prop_map(Holders::Found),
        code().prop_map(Holders::CouldNotAsk),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        look().prop_map(Outcome::Opened),
        refusal().prop_map(Outcome::Refused),
        (name(), any::<u64>()).prop_map(|(to, bytes)| Outcome::Taken(Taken { to, bytes })),
        option::of(facts()).prop_map(Outcome::Changed),
        holders().prop_map(Outcome::Holders),
        code().prop_map(Outcome::Rejected),
        name().prop_map(Outcome::Quarantined),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let kinds = prop_oneof![
        select(&[ActionKind::Try, ActionKind::Identify, ActionKind::Quarantine][..]),
        facts().prop_map(|expected| ActionKind::Take { expected }),
    ];
    (any::<u64>(), kinds).prop_map(|(id, kind)| Action { id: PickupId(id), kind })
}

fn verdict() -> impl Strategy<Value = Verdict> {
    let reason =
        (text(), any::<i32>(), text()).prop_map(|(name, weight, text)| Reason { name: name.into(), weight, text });
    (
        select(&[Advice::Ignore, Advice::Act, Advice::CannotTell][..]),
        select(&Kind::ALL[..]),
        select(&[Confidence::Low, Confidence::Medium, Confidence::High][..]),
        vec(reason, 0..3),
        option::of(text()),
    )
        .prop_map(|(advice, kind, confidence, reasons, needs)| Verdict {
            advice,
            kind,
            confidence,
            reasons,
            needs: needs.map(Into::into),
        })
}

const KINDS: &[EventKind] = &[
    EventKind::Started,
    EventKind::Stopped,
    EventKind::FolderUnreachable,
    EventKind::FolderReachable,
    EventKind::GaveUp,
    EventKind::EngineTrouble,
    EventKind::Acquired,
    EventKind::LockHeld,
];
const ENDS: &[End] = &[End::Taken, End::Gone, End::Quarantined, End::Refused, End::Cancelled];

fn event() -> impl Strategy<Value = Event> {
    let severities = select(&[Severity::Information, Severity::Warning, Severity::Error][..]);
    let numbers = any::<(u64, Option<u64>, Option<u64>, u64, u64, u32, u32, bool)>();
    let places = (name(), option::of(name()));
    let causes = (option::of(code()), option::of(verdict()), holders(), option::of(select(ENDS)));
    (select(KINDS), severities, numbers, places, causes).prop_map(
        |(kind, severity, numbers, (path, to), (code, verdict, holders, end))| {
            let (at, id, bytes, since, waited, attempts, reminder, routine) = numbers;
            Event {
                id: id.map(PickupId),
                path,
                to,
                bytes,
                since: Timestamp(since),
                // Lengths of time of billions of years are written in a unit that overflows when read back.
                waited: Span(waited / 1_000),
                attempts,
                code,
                verdict,
                holders,
                end,
                reminder,
                routine,
                ..Event::new(Timestamp(at), kind, severity)
            }
        },
    )
}

/// Reads any value.
#[derive(Debug)]
struct Anything;

impl Json for Anything {
    fn form(&mut self, form: &mut super::Form<'_>) {
        form.skip();
    }
}

impl Blank for Anything {
    fn blank() -> Anything {
        Anything
    }
}

proptest! {
    #[test]
    fn every_type_has_the_form_that_serde_gives_it(outcome in outcome(), action in action(), event in event()) {
        is_serdes(&outcome);
        is_serdes(&action);
        is_serdes(&event);
    }

    #[test]
    fn what_is_passed_over_is_what_serde_json_takes_for_json(
        text in prop_oneof!["[\\[\\]{}\",:0-2.e+ \\-\\\\un\t]{0,16}", "[\\[\\]{}\"a:, ]{0,12}", any::<String>()]
    ) {
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        // They also look whether a number fits a float.
        let is_too_large = theirs.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
        prop_assert!(is_too_large || read::<Anything>(&text).is_ok() == theirs.is_ok(), "{text:?}");
    }

    #[test]
    fn a_damaged_text_is_read_or_refused(event in event(), at: prop::sample::Index, with: Option<char>) {
        let mut characters: Vec<char> = write(&mut event.clone()).chars().collect();
        let at = at.index(characters.len());
        match with {
            Some(other) => characters[at] = other,
            None => characters.truncate(at),
        }
        let text: String = characters.into_iter().collect();
        if let Err(error) = read::<Event>(&text) {
            prop_assert!(error.line >= 1 && error.column >= 1 && error.column <= text.len() + 1);
        }
    }

    #[test]
    fn any_text_survives(text: String) {
        is_serdes(&text);
        let foreign: String = text.encode_utf16().map(|unit| alloc::format!("\\u{unit:04x}")).collect();
        prop_assert_eq!(read::<String>(&alloc::format!("\"{foreign}\"")).unwrap(), text);
    }

    #[test]
    fn numbers_are_whole_and_exact(large: u64, small: i32, byte: u8) {
        is_serdes(&large);
        is_serdes(&small);
        is_serdes(&byte);
        let text = large.to_string();
        prop_assert_eq!(read::<u8>(&text).is_ok(), large <= 255);
        prop_assert_eq!(read::<i32>(&text).is_ok(), i32::try_from(large).is_ok());
    }
}

fn refused<T: Blank + Debug>(text: &str) -> String {
    read::<T>(text).unwrap_err().to_string()
}

#[test]
fn an_error_names_the_field_and_the_place() {
    assert_eq!(refused::<Facts>("{\n \"size\": -1}"), "size: the number is out of range at line 2 column 12");
    assert_eq!(refused::<Facts>("{\"size\":1.5}"), "size: expected a whole number at line 1 column 10");
    assert_eq!(refused::<Facts>("{\"size\":1}"), "missing field `modified` at line 1 column 11");
    assert_eq!(refused::<Facts>("{\"size\":1,\"size\":1}"), "duplicate field `size` at line 1 column 18");
    assert_eq!(
        refused::<Look>("{\"facts\":{\"size\":[]}}"),
        "facts: size: expected a whole number at line 1 column 18"
    );
    assert_eq!(refused::<Scope>("\"disk\""), "unknown variant `disk`, expected one of file folder at line 1 column 7");
    assert_eq!(refused::<String>("\"a"), "EOF while parsing at line 1 column 3");
    assert_eq!(refused::<String>("\"a\" b"), "trailing characters at line 1 column 5");
    assert_eq!(refused::<Name>("{\"hex\":\"f\"}"), "'f' is not an even number of hex digits at line 1 column 12");
    assert!(refused::<Code>("\"no such\"").starts_with("'no such' is not a code"));
}

#[test]
fn keys_come_in_any_order_and_others_are_passed_over() {
    let text = r#" { "identity" : 3, "other": [{"a": 1.5e9}, null, "\ud83d\ude00"], "size":1 , "modified":2 } "#;
    assert_eq!(read::<Facts>(text).unwrap(), Facts { size: 1, modified: 2, identity: 3 });
    assert_eq!(read::<Refusal>(r#"{"code":"win32:32"}"#).unwrap(), Refusal::new(Code::win32(32)));
}

#[test]
fn what_is_passed_over_is_not_nested_without_end() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert!(read::<Anything>(&nested(100)).is_ok());
    assert!(refused::<Anything>(&nested(1_000_000)).starts_with("nested too deeply"));
}
