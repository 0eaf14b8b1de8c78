use alloc::string::ToString;

use proptest::prelude::*;

use super::*;

fn gateway(folder: &str, content: &str) -> Result<Vec<String>, MembersError> {
    members(&Companions::Gateway, &Place::new(folder, "M1.API"), content.as_bytes())
        .map(|places| places.iter().map(|place| place.path().to_string()).collect())
}

#[test]
fn roles_go_by_name() {
    let suffix = Companions::Suffix(".done".into());
    for (companions, name, expected) in [
        (&Companions::None, "x.api", Role::Single),
        (&Companions::Gateway, "X.API", Role::Leader),
        (&Companions::Gateway, "x.Api", Role::Leader),
        (&Companions::Gateway, "x.bdy", Role::Single),
        (&Companions::Gateway, ".api", Role::Single),
        (&Companions::Gateway, "", Role::Single),
        (&suffix, "x.dat.done", Role::Leader),
        (&suffix, "x.dat", Role::Follower),
        (&suffix, "x.dat.DONE", Role::Follower),
        (&suffix, ".done", Role::Single),
    ] {
        assert_eq!(role(companions, name.as_bytes()), expected, "{companions:?} {name}");
    }
}

#[test]
fn a_header_leads_its_body_and_attachments_in_the_folder_beside_its_own() {
    let content = "Msg-Type= Mail;\nMsg-File= B.BDY;\nAttach-File= A.001, a.001, B.BDY, C.002;\n-END-\n";
    for (folder, beside) in [
        ("/gw/API_OUT", "/gw/ATT_OUT"),
        ("/gw/API_OUT/", "/gw/ATT_OUT"),
        ("API_OUT", "ATT_OUT"),
        ("/API_OUT", "/ATT_OUT"),
        ("C:/gw\\API_OUT", "C:/gw\\ATT_OUT"),
        ("/odd\\name/API_OUT", "/odd\\name/ATT_OUT"),
        ("./in/.", "./in/./../ATT_OUT"),
        ("", "../ATT_OUT"),
        ("..", "../../ATT_OUT"),
    ] {
        let expected = ["B.BDY", "A.001", "C.002"].map(|name| join(beside.as_bytes(), name.as_bytes()).to_string());
        assert_eq!(gateway(folder, content).unwrap(), expected, "{folder}");
    }
    assert_eq!(gateway("\\\\nw5\\sys\\api\\API_OUT\\", content).unwrap()[1], "\\\\nw5\\sys\\api\\ATT_OUT\\A.001");
    assert_eq!(gateway("C:\\gw\\API_OUT", content).unwrap()[0], "C:\\gw\\ATT_OUT\\B.BDY");
    assert_eq!(gateway("/gw/API_OUT", "Msg-Type= Search;\n-END-\n"), Ok(Vec::new()));
}

#[test]
fn headers_that_cannot_be_followed_say_why() {
    let code = |content: &str| gateway("/gw/API_OUT", content).unwrap_err();
    assert_eq!(code("Msg-Type= Mail;\nMsg-File= B.BDY;\n").code, Code::UNFINISHED);
    assert_eq!(code("hello").code, Code::CONTENT_REJECTED);
    for name in ["../x", "..", "C:x", "a:b", "/etc/passwd", "..\\x", "NUL", "com1.txt", "x.", "a\tb"] {
        let error = code(&alloc::format!("Msg-Type= Mail;\nMsg-File= {name};\n-END-\n"));
        assert_eq!(error.code, Code::OUTSIDE, "{name}");
        assert!(error.text.starts_with(&alloc::format!("header 'M1.API': it names '{name}'")), "{error}");
    }
}

#[test]
fn a_marker_leads_the_file_it_marks() {
    let suffix = Companions::Suffix(".done".into());
    let of = |name: &str| members(&suffix, &Place::new("/in", name), b"");
    assert_eq!(of("x.dat.done"), Ok(vec![Place::new("/in", "x.dat")]));
    assert_eq!(of("a:b.done"), Ok(vec![Place::new("/in", "a:b")]));
    assert_eq!(of("x.dat"), Ok(Vec::new()));
    assert_eq!(of(".done"), Ok(Vec::new()));
    assert_eq!(of("...done").unwrap_err().code, Code::OUTSIDE);
    assert_eq!(members(&Companions::None, &Place::new("/in", "x.api"), b""), Ok(Vec::new()));
}

#[test]
fn names_that_are_more_than_a_name_are_refused() {
    for (name, error) in [
        (&b""[..], NameError::Empty),
        (b".", NameError::Dots),
        (b"..", NameError::Dots),
        (b"a/b", NameError::Separator),
        (b"a\\b", NameError::Separator),
        (b"C:", NameError::Colon),
        (b"a:stream", NameError::Colon),
        (b"a\0", NameError::Control),
        (b"a\x7fb", NameError::Control),
        (b"a.", NameError::TrailingDotOrSpace),
        (b"...", NameError::TrailingDotOrSpace),
        (b"a ", NameError::TrailingDotOrSpace),
        (b"con", NameError::Device),
        (b"NUL.tar.gz", NameError::Device),
        (b"Aux .txt", NameError::Device),
        (b"COM1", NameError::Device),
        (b"lpt9.x", NameError::Device),
        (b"COM\xc2\xb9", NameError::Device),
        (b"COM\xb2.txt", NameError::Device),
        (b"CONOUT$", NameError::Device),
        (&[b'a'; 256], NameError::TooLong),
    ] {
        assert_eq!(safe_name(name), Err(error), "{}", name.escape_ascii());
    }
}

#[test]
fn plain_names_of_any_code_page_are_allowed() {
    for name in [
        &b"a"[..],
        b"3A0C0FE7.001",
        b".profile",
        b"...a",
        b"COM0",
        b"COM10",
        b"CONSOLE",
        b"Z\xe1\x9ds.txt",
        &[b'a'; 255],
    ] {
        assert_eq!(safe_name(name), Ok(()), "{}", name.escape_ascii());
    }
}

proptest! {
    #[test]
    fn an_allowed_name_is_one_component_of_a_path(name in proptest::collection::vec(any::<u8>(), 0..12)) {
        if safe_name(&name).is_ok() {
            let place = Place::new("/in", &name);
            let path = place.path();
            prop_assert_eq!(path.as_bytes().iter().filter(|byte| **byte == b'/').count(), 2);
            prop_assert!(!name.contains(&b'\\') && !name.contains(&b':') && !name.contains(&0));
        }
    }

    #[test]
    fn members_of_any_header_stay_in_the_folder_beside_it(content in proptest::collection::vec(any::<u8>(), 0..120)) {
        let content = [b"Msg-File= ", &content[..], b";\n-END-\n"].concat();
        if let Ok(places) = members(&Companions::Gateway, &Place::new("/gw/API_OUT", "x.api"), &content) {
            prop_assert!(places.iter().all(|place| place.folder.as_bytes() == b"/gw/ATT_OUT"));
            prop_assert!(places.iter().all(|place| safe_name(place.name.as_bytes()).is_ok()));
        }
    }

    #[test]
    fn any_role_and_members_are_told_without_a_panic(name in proptest::collection::vec(any::<u8>(), 0..12), folder in "[./\\\\a:C]{0,6}", suffix in "[.a]{1,3}") {
        for companions in [Companions::None, Companions::Gateway, Companions::Suffix(suffix.clone())] {
            let place = Place::new(&folder, &name);
            let _ = role(&companions, &name);
            let _ = members(&companions, &place, b"A= b;\nMsg-File= x;\n-END-");
        }
    }
}
