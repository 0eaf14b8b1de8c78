use alloc::string::ToString;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

fn message<T: core::fmt::Debug>(result: Result<T, PolicyError>) -> String {
    result.expect_err("an error").to_string()
}

#[test]
fn the_default_policy_is_sound_and_is_read_back_from_its_json() {
    let policy = Policy::default();
    assert_eq!(policy.check(), Ok(()));
    assert_eq!(
        policy.to_json(),
        "{\"retry\":\"200ms\",\"retry_for\":\"10s\",\"retry_cap\":\"5s\",\"quiet\":\"5s\",\"patience\":\"30s\",\
         \"settle\":\"1s\",\"reminder\":\"1h\",\"give_up\":\"never\",\"collision\":\"unique-name\",\"at_once\":64,\
         \"outage\":\"1s\",\"outage_cap\":\"1m\",\"companions\":\"none\",\"sync\":true}"
    );
    assert_eq!(Policy::from_json(&policy.to_json()), Ok(policy.clone()));
    assert_eq!(Policy::from_json("{}"), Ok(policy));
}

#[test]
fn every_field_has_a_key() {
    // A new field does not compile here until it is counted, and is then missed among the keys.
    let Policy {
        retry: _,
        retry_for: _,
        retry_cap: _,
        quiet: _,
        patience: _,
        settle: _,
        reminder: _,
        give_up: _,
        collision: _,
        at_once: _,
        outage: _,
        outage_cap: _,
        companions: _,
        sync: _,
    } = Policy::default();
    let names: Vec<_> = keys().iter().map(Key::name).collect();
    assert_eq!(names.len(), 14);
    assert!(names.iter().all(|name| names.iter().filter(|other| *other == name).count() == 1));
}

#[test]
fn every_key_reads_back_what_it_writes_and_says_what_it_allows() {
    let mut policy = Policy::default();
    for key in keys() {
        let text = policy.get(key.name()).unwrap();
        policy.set(key.name(), &text).unwrap();
        assert!(message(policy.set(key.name(), "no such value")).ends_with(&key.allowed()), "{key:?}");
    }
    assert_eq!(policy, Policy::default());
}

#[test]
fn keys_are_set_by_name() {
    let mut policy = Policy::default();
    for (key, value) in [
        ("retry", "1.5s"),
        ("retry_cap", "2500"),
        ("give_up", "10m"),
        ("collision", "refuse"),
        ("at_once", "8"),
        ("companions", "suffix"),
        ("sync", "false"),
        ("settle", "0"),
    ] {
        policy.set(key, value).unwrap();
    }
    let expected = Policy {
        retry: Span::from_millis(1_500),
        retry_cap: Span::from_millis(2_500),
        give_up: Some(Span::from_secs(600)),
        collision: Collision::Refuse,
        at_once: 8,
        companions: Companions::Suffix(".done".into()),
        sync: false,
        settle: Span::ZERO,
        ..Policy::default()
    };
    assert_eq!(policy, expected);
    policy.set("give_up", "never").unwrap();
    policy.set("companions", "suffix:.ok").unwrap();
    assert_eq!((policy.give_up, policy.companions), (None, Companions::Suffix(".ok".into())));
}

#[test]
fn a_value_out_of_range_is_refused_by_key_and_changes_nothing() {
    let mut policy = Policy::default();
    for (key, value) in [
        ("retry", "0"),
        ("retry", "2h"),
        ("retry", "-1"),
        ("retry", ""),
        ("retry", "18446744073709551615"),
        ("retry", "99999999999999999999"),
        ("settle", "61m"),
        ("give_up", "0"),
        ("give_up", "Never"),
        ("at_once", "0"),
        ("at_once", "65537"),
        ("at_once", "1.0"),
        ("collision", "overwrite"),
        ("companions", "suffix:"),
        ("companions", "suffix:a/b"),
        ("companions", "suffix:\n"),
        ("sync", "yes"),
    ] {
        let text = message(policy.set(key, value));
        assert!(text.starts_with(&alloc::format!("{key} = {value}: {key} must be ")), "{text}");
    }
    assert_eq!(policy, Policy::default());
    assert_eq!(
        message(policy.set("retry", "2h")),
        "retry = 2h: retry must be a length of time from 1ms to 1h, such as 200ms, 5s or 1h"
    );
}

#[test]
fn an_unknown_key_is_answered_with_the_nearest_one() {
    for (given, nearest) in [
        ("retry_fro", "retry_for"),
        ("patiance", "patience"),
        ("giveup", "give_up"),
        ("Settle", "settle"),
        ("companion", "companions"),
        ("outage-cap", "outage_cap"),
    ] {
        assert_eq!(
            message(Policy::default().set(given, "1s")),
            alloc::format!("there is no policy key '{given}'; the nearest one is '{nearest}'")
        );
    }
}

#[test]
fn caps_must_not_be_less_than_what_they_cap() {
    assert_eq!(
        message(Policy::from_json(r#"{"retry_cap": "100ms"}"#)),
        "retry_cap = 100ms: retry_cap must not be less than retry, which is 200ms"
    );
    let policy = Policy { outage: Span::from_secs(120), ..Policy::default() };
    assert!(message(policy.check()).starts_with("outage_cap = 1m: "));
}

#[test]
fn a_policy_made_by_hand_is_checked_by_key() {
    let policy = Policy { at_once: 0, ..Policy::default() };
    assert_eq!(message(policy.check()), "at_once = 0: at_once must be a whole number from 1 to 65536");
    let policy = Policy { companions: Companions::Suffix(String::new()), ..Policy::default() };
    assert!(message(policy.check()).starts_with("companions = suffix:: "));
}

#[test]
fn json_is_refused_with_its_place_or_its_key() {
    for (json, start) in [
        ("{\"retry\": \n}", "line 2, column 1: expected value"),
        ("", "line 1, column 1: EOF while parsing"),
        ("[]", "line 1, column 1: expected an object"),
        ("{\"retry\": 0.5}", "retry = 0.5: "),
        ("{\"retry\": 5.0}", "retry = 5.0: "),
        ("{\"retry\": null}", "retry = null: "),
        ("{\"retry\": [1]}", "retry = […]: "),
        ("{\"retry\": {}}", "retry = {…}: "),
        ("{\"retry\": 1, \"retry\": 2}", "retry is given twice"),
        ("{\"rety\": 1}", "there is no policy key 'rety'; the nearest one is 'retry'"),
    ] {
        let text = message(Policy::from_json(json));
        assert!(text.starts_with(start), "{text}");
    }
}

#[test]
fn long_foreign_text_is_not_repeated_whole() {
    let long = "x".repeat(10_000);
    assert!(message(Policy::default().set(&long, "1")).len() < 300);
    assert!(message(Policy::default().set("retry", &long)).len() < 300);
}

#[cfg(feature = "toml")]
#[test]
fn toml_is_read_and_refused_with_its_place_or_its_key() {
    let policy = Policy::from_toml("# comment\nretry = \"1s\"\nat_once = 8\nsettle = 0\nsync = false\n").unwrap();
    assert_eq!((policy.retry, policy.at_once, policy.sync), (Span::from_secs(1), 8, false));
    assert_eq!(Policy::from_toml(""), Ok(Policy::default()));
    for (toml, start) in [
        ("retry = \"1s\"\nquiet = = 3\n", "line 2, column 9: "),
        ("quiet = \"5s\"\nquiet = \"6s\"\n", "line 2, column 1: duplicate key"),
        ("[retry]\n", "retry = {…}: "),
        ("patience = 1979-05-27\n", "patience = {…}: "),
        ("patiense = 1\n", "there is no policy key 'patiense'; the nearest one is 'patience'"),
        ("retry = \"1h\"\n", "retry_cap = 5s: retry_cap must not be less than retry, which is 1h"),
    ] {
        let text = message(Policy::from_toml(toml));
        assert!(text.starts_with(start), "{text}");
    }
}

fn any_policy() -> impl Strategy<Value = Policy> {
    const HOUR: u64 = 3_600_000_000;
    (1_000..=HOUR, 0..=HOUR, 1_000..=HOUR, proptest::option::of(1_000..=HOUR), 1..=65_536u32, any::<bool>()).prop_map(
        |(retry, any, patience, give_up, at_once, flag)| Policy {
            retry: Span(retry),
            retry_for: Span(any),
            retry_cap: Span(retry + any),
            patience: Span(patience),
            give_up: give_up.map(Span),
            at_once,
            collision: if flag { Collision::Refuse } else { Collision::UniqueName },
            companions: if flag { Companions::Gateway } else { Companions::Suffix(".ok".into()) },
            sync: flag,
            ..Policy::default()
        },
    )
}

proptest! {
    #[test]
    fn any_sound_policy_is_read_back_from_its_json(policy in any_policy()) {
        prop_assert_eq!(policy.check(), Ok(()));
        prop_assert_eq!(Policy::from_json(&policy.to_json()), Ok(policy.clone()));
        #[cfg(feature = "toml")]
        {
            let toml: String = keys().iter().map(|key| alloc::format!("{} = {:?}\n", key.name(), key.get(&policy).to_string())).collect();
            prop_assert_eq!(Policy::from_toml(&toml), Ok(policy));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,80}") {
        let _ = Policy::from_json(&text);
        #[cfg(feature = "toml")]
        let _ = Policy::from_toml(&text);
        for key in keys() {
            let mut policy = Policy::default();
            if policy.set(key.name(), &text).is_ok() {
                let read = policy.get(key.name()).unwrap();
                let mut again = Policy::default();
                again.set(key.name(), &read).unwrap();
                prop_assert_eq!(again, policy);
            }
        }
    }
}
