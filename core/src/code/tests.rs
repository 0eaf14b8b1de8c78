use alloc::string::{String, ToString};
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> Code {
    Code::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_table_is_unpacked_as_it_was_written() {
    for (entries, table) in [
        (win32::ENTRIES, &win32::TABLE),
        (errno::ENTRIES, &errno::TABLE),
        (ntstatus::ENTRIES, &ntstatus::TABLE),
        (ncp::ENTRIES, &ncp::TABLE),
        (own::ENTRIES, &own::TABLE),
        (cause::ENTRIES, &cause::TABLE),
    ] {
        assert!(table.entries().eq(entries.iter().copied()));
    }
    assert!(cause::ENTRIES.iter().map(|entry| entry.cause).eq(Cause::ALL));
}

#[test]
fn tables_are_in_order_without_repeats() {
    for domain in Domain::ALL {
        let values: Vec<u32> = table(domain).map(|entry| entry.value).collect();
        assert!(values.is_sorted_by(|a, b| a < b), "{domain}");
        assert!(!values.is_empty(), "{domain}");
    }
}

#[test]
fn every_row_is_found_by_its_value_and_read_back_from_its_display() {
    for domain in Domain::ALL {
        for entry in table(domain) {
            let code = Code::new(domain, entry.value);
            assert_eq!(code.entry(), Some(entry));
            assert_eq!(parsed(&code.to_string()), code);
            assert!(!entry.meaning.is_empty() && !entry.meaning.contains('\n'));
        }
    }
}

#[test]
fn every_name_is_read_in_its_domain_in_any_case() {
    for domain in Domain::ALL {
        for entry in table(domain) {
            for name in [String::from(entry.name), entry.name.to_lowercase(), entry.name.to_uppercase()] {
                let read = parsed(&alloc::format!("{domain}:{name}"));
                assert_eq!(read.name(), Some(entry.name));
                if domain != Domain::Ncp {
                    assert_eq!(read.value(), entry.value);
                }
            }
        }
    }
}

#[test]
fn every_other_form_is_read_back_as_the_same_code() {
    for code in [Code::win32(32), Code::win32(5), Code::ntstatus(0xc000_0043), Code::errno(11)] {
        let forms = code.other_forms();
        assert!(!forms.is_empty());
        for form in forms {
            assert_eq!(parsed(form.strip_prefix("HRESULT ").unwrap_or(&form)), code, "{form}");
        }
    }
    assert!(Code::win32(32).other_forms().contains(&String::from("HRESULT 0x80070020")));
    assert_eq!(Code::win32(70_000).other_forms(), [""; 0], "70000 by itself is not read");
}

#[test]
fn only_a_win32_error_is_taken_for_an_errno() {
    let busy = Code::win32(16).look_alike().unwrap();
    assert!(busy.starts_with("errno:EBUSY (in use") && busy.ends_with("written EBUSY or errno:16"), "{busy}");
    for code in [Code::errno(16), Code::ntstatus(16), Code::win32(70_000)] {
        assert_eq!(code.look_alike(), None);
    }
}

#[test]
fn canonical_forms_are_as_documented() {
    for (code, text) in [
        (Code::win32(32), "win32:32"),
        (Code::errno(11), "errno:EAGAIN"),
        (Code::errno(9_999), "errno:9999"),
        (Code::ntstatus(0xc000_0043), "ntstatus:0xc0000043"),
        (Code::ncp(0x80, None, None), "ncp:0x80"),
        (Code::ncp(0xff, Some(87), Some(67)), "ncp:0xff@87/67"),
        (Code::ncp(0, Some(0), None), "ncp:0x00@0"),
        (Code::CHANGED, "lockwait:changed"),
        (Code::new(Domain::Lockwait, 999), "lockwait:999"),
    ] {
        assert_eq!(code.to_string(), text);
        assert_eq!(parsed(text), code);
    }
}

#[test]
fn the_forms_people_meet_are_read() {
    let sharing = Code::win32(32);
    let status = Code::ntstatus(0xc000_0043);
    let busy = Code::errno(16);
    let fail = Code::ncp(0x80, None, None);
    for (text, code) in [
        ("32", sharing),
        (" 32 ", sharing),
        ("0x20", sharing),
        ("0x00000020", sharing),
        ("00000020", sharing),
        ("win32:0x20", sharing),
        ("WIN32: 32", sharing),
        ("0x80070020", sharing),
        ("80070020", sharing),
        ("-2147024864", sharing),
        ("2147942432", sharing),
        ("-2147024863", Code::win32(33)),
        ("ERROR_SHARING_VIOLATION", sharing),
        ("error_sharing_violation", sharing),
        ("SHARING_VIOLATION", sharing),
        ("SHARING VIOLATION", sharing),
        ("c0000043", status),
        ("C0000043", status),
        ("0xC0000043", status),
        ("3221225539", status),
        ("-1073741757", status),
        ("0xD0000043", status),
        ("STATUS_SHARING_VIOLATION", status),
        ("NT_STATUS_SHARING_VIOLATION", status),
        ("ntstatus:SHARING VIOLATION", status),
        ("ntstatus:c0000043", status),
        ("FILE_LOCK_CONFLICT", Code::ntstatus(0xc000_0054)),
        ("0x80000011", Code::ntstatus(0x8000_0011)),
        ("0x90000011", Code::ntstatus(0x8000_0011)),
        ("EBUSY", busy),
        ("ebusy", busy),
        ("errno:16", busy),
        ("errno:EBUSY", busy),
        ("-16", busy),
        ("-4082", busy),
        ("EWOULDBLOCK", Code::errno(11)),
        ("ncp:0x80", fail),
        ("ncp:128", fail),
        ("ncp:0x8980", fail),
        ("ncp:lock fail", fail),
        ("Lock fail", fail),
        ("ncp:0xff@87/67", Code::ncp(0xff, Some(87), Some(67))),
        ("ncp:0x89ff@0x57", Code::ncp(0xff, Some(87), None)),
        ("not-regular", Code::NOT_REGULAR),
    ] {
        assert_eq!(parsed(text), code, "{text}");
    }
}

#[test]
fn what_is_no_code_is_refused_by_name() {
    for text in [
        "",
        " ",
        ":",
        "win32:",
        "dos:32",
        "win32:-1",
        "win32:+1",
        "0x",
        "0x+1",
        "x",
        "4294967296",
        "-2147483649",
        "0x80004005",
        "70000",
        "ncp:0x180",
        "ncp:0x80@",
        "ncp:0x80@1/",
        "ncp:0x80@/1",
        "ncp:0x80@256",
        "ncp:0x80@1/2/3",
        "E",
        "ERROR_",
        "Größe",
    ] {
        let message = Code::parse(text).expect_err(text).to_string();
        assert!(message.starts_with(&alloc::format!("'{text}' is not a code")), "{message}");
        assert!(message.contains("0x80070020"));
    }
}

#[test]
fn ncp_codes_are_judged_by_the_function_they_answered() {
    let cause = |completion, function, subfunction| Code::ncp(completion, function, subfunction).cause();
    for function in [None, Some(3), Some(65), Some(76), Some(87), Some(200)] {
        assert_eq!(cause(0x80, function, None), Cause::Lock);
    }
    assert_eq!(cause(0xff, Some(4), None), Cause::Lock);
    assert_eq!(cause(0xff, Some(87), Some(67)), Cause::Lock);
    for (function, subfunction) in [(65, None), (76, None), (84, None), (87, Some(1)), (87, None), (89, Some(6))] {
        assert_eq!(cause(0xff, Some(function), subfunction), Cause::Gone, "{function}");
    }
    assert_eq!(cause(0xff, Some(66), None), Cause::Unknown);
    assert_eq!(cause(0xff, None, None), Cause::Unknown);
    assert_eq!(cause(0xfd, Some(26), None), Cause::RangeLock);
    assert_eq!(cause(0xfd, Some(65), None), Cause::Unknown);
    assert_eq!(cause(0xfe, Some(110), None), Cause::RangeLock);
    assert_eq!(cause(0xfe, Some(106), None), Cause::Lock);
    assert_eq!(cause(0xfe, Some(23), Some(53)), Cause::Unknown);
    assert_eq!(cause(0xa2, Some(72), None), Cause::RangeLock);
    assert_eq!(cause(0xa2, Some(65), None), Cause::Unknown);
    assert_eq!(cause(0x7f, Some(87), Some(1)), Cause::Lock);
    assert_eq!(cause(0x7f, Some(87), Some(2)), Cause::Unknown);
}

#[test]
fn the_codes_the_engine_turns_on_have_their_causes() {
    for (text, cause) in [
        ("win32:32", Cause::Lock),
        ("win32:33", Cause::RangeLock),
        ("win32:5", Cause::MaybeLock),
        ("win32:53", Cause::Unreachable),
        ("win32:67", Cause::Unreachable),
        ("win32:18", Cause::Unreachable),
        ("win32:112", Cause::TargetFull),
        ("win32:12345", Cause::Unknown),
        ("errno:EAGAIN", Cause::Lock),
        ("errno:EBUSY", Cause::Lock),
        ("errno:ETXTBSY", Cause::Lock),
        ("errno:EACCES", Cause::MaybeLock),
        ("errno:EPERM", Cause::Denied),
        ("errno:ENOENT", Cause::Gone),
        ("errno:ESTALE", Cause::Unreachable),
        ("errno:EXDEV", Cause::CrossVolume),
        ("ntstatus:0xc0000022", Cause::Denied),
        ("ntstatus:0xc0000056", Cause::Going),
        ("ntstatus:0x0000012a", Cause::Clear),
        ("lockwait:changed", Cause::Lock),
        ("lockwait:not-regular", Cause::Invalid),
    ] {
        assert_eq!(parsed(text).cause(), cause, "{text}");
    }
}

#[test]
fn libuv_numbers_stand_for_errnos_of_the_table() {
    for (number, value) in errno::LIBUV {
        let code = parsed(&number.to_string());
        assert_eq!(code, Code::errno(*value));
        assert!(code.entry().is_some(), "{number}");
    }
}

#[test]
fn causes_have_names_of_their_own_and_advice() {
    for (number, cause) in Cause::ALL.into_iter().enumerate() {
        assert_eq!(cause as usize, number);
        assert!(cause.advice().ends_with('.'));
        assert_eq!(Cause::ALL.iter().filter(|other| other.as_str() == cause.as_str()).count(), 1);
    }
}

fn any_code() -> impl Strategy<Value = Code> {
    (0..Domain::ALL.len(), any::<u32>()).prop_map(|(domain, value)| Code::new(Domain::ALL[domain], value))
}

proptest! {
    #[test]
    fn any_code_is_read_back_from_its_display(code in any_code()) {
        prop_assert_eq!(Code::parse(&code.to_string()), Ok(code));
        let json = serde_json::to_string(&code).unwrap();
        prop_assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), code);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,24}") {
        if let Ok(code) = Code::parse(&text) {
            prop_assert_eq!(Code::parse(&code.to_string()), Ok(code));
        }
    }

    #[test]
    fn an_ncp_code_keeps_its_parts(completion: u8, function: Option<u8>, subfunction: Option<u8>) {
        let code = Code::ncp(completion, function, subfunction);
        prop_assert_eq!(code.ncp_completion(), completion);
        prop_assert_eq!(code.ncp_function(), function);
        prop_assert_eq!(code.ncp_subfunction(), function.and(subfunction));
        prop_assert_eq!(Code::new(Domain::Ncp, code.value()), code);
    }
}
