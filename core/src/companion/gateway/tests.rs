use alloc::format;
use alloc::string::ToString;
use alloc::vec;

use proptest::prelude::*;

use super::*;

const MAIL: &str = "WPC-API= 1.2;
Header-Char= T50;
MSG-TYPE= Mail;
# The query was:
#     Attach-File= NOT.ME;
From=
   WPD= GWDOMAIN;
   WPU= USER1;
   CDBA= GWDOMAIN.PO.USER1; ;
To=
   WPU= USER2;
   CDBA= GWDOMAIN.PO.USER2;  ,
   WPU= USER3;
   CDBA= GWDOMAIN.PO.USER3;  ;
To-Text=
    USER TWO, USER THREE;
Msg-File= a7f7cb6f.bdy;
Subject= Msg-File= X.Y and a semicolon \\; and Attach-File= NOR.ME;
Msg-Id= c=US\\;a= \\;p=lab\\;cnt=0007;
-GET-STATUS-
Attach-File=
   Current-File= 3A0C0FE7.001;
   Original-File= Comments;
   Attach-Size= 12;
   -CONVERSION-ALLOWED-; ,
   Current-File= 3A0C0FE7.002;
   Original-File= Comments;
   ;
Date-Sent= 22/8/2007 15:23:19;
-END-
";

fn parsed(text: &str) -> Header {
    parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn attachment(stored: &str, original: &str) -> Attachment {
    Attachment { stored: stored.into(), original: original.into() }
}

fn stored(header: &Header) -> Vec<String> {
    header.names().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

#[test]
fn a_message_names_its_type_body_and_attachments() {
    let expected = Header {
        msg_type: "Mail".into(),
        char_set: "T50".into(),
        msg_file: Some(b"a7f7cb6f.bdy".to_vec()),
        attachments: vec![attachment("3A0C0FE7.001", "Comments"), attachment("3A0C0FE7.002", "Comments")],
        complete: true,
    };
    assert_eq!(parsed(MAIL), expected);
    assert_eq!(parsed(&MAIL.replace('\n', "\r\n")), expected);
    assert_eq!(parsed(&format!("{}  \r\n\x1a\0", MAIL.trim_end())), expected);
    assert_eq!(parsed(&MAIL.replace("Attach-File", "ATTACH-FILE").replace("Msg-File", "msg-file")), expected);
}

#[test]
fn a_comma_for_a_semicolon_after_a_flag_is_tolerated() {
    let header = parsed(&MAIL.replace("-CONVERSION-ALLOWED-; ,", "-CONVERSION-ALLOWED-,"));
    assert_eq!(header.attachments, parsed(MAIL).attachments);
}

#[test]
fn a_comma_for_a_semicolon_at_a_lines_end_is_tolerated() {
    for (right, wrong) in [
        ("Msg-File= a7f7cb6f.bdy;", "Msg-File= a7f7cb6f.bdy,"),
        ("Original-File= Comments;\n   ;", "Original-File= Comments,\n   ;"),
        ("Current-File= 3A0C0FE7.001;", "Current-File= 3A0C0FE7.001, "),
        ("15:23:19;", "15:23:19,"),
    ] {
        assert!(MAIL.contains(right));
        let (header, whole) = (parsed(&MAIL.replace(right, wrong)), parsed(MAIL));
        assert_eq!(stored(&header), stored(&whole), "{wrong}");
        assert!(header.complete);
    }
}

#[test]
fn a_missing_close_does_not_hide_the_files_that_follow() {
    let header = parsed("Msg-Type= Mail;\nFrom=\n WPU= A;\nAttach-File=\n Current-File= 1;\nMsg-File= B;\n-END-\n");
    assert_eq!(stored(&header), ["B", "1"]);
}

#[test]
fn attachments_may_stand_in_a_plain_list_or_on_one_line() {
    assert_eq!(stored(&parsed("Attach-File= A.001, B.002 ,C.003;\n-END-")), ["A.001", "B.002", "C.003"]);
    assert_eq!(stored(&parsed("Attach-File=\n  A.001;\n-END-")), ["A.001"]);
    assert_eq!(
        parsed("Attach-File= Current-File= A.001; Original-File= a, b\\; c.txt; ;-END-\n-END-").attachments,
        [attachment("A.001", "a, b; c.txt")]
    );
    assert_eq!(parsed("Attach-File=;\nMsg-File=;\n-END-"), Header { complete: true, ..Header::default() });
}

#[test]
fn structures_within_an_attachment_do_not_end_it() {
    let header = parsed(
        "Attach-File=\n Original-Name= Brief.doc;\n Date=\n  Day= 1;\n  File-Name= no;\n ;\n File-Name= A.001; ,\n \
         File-Name= B.002;\n ;\nOther-Name= C;\n-END-\n",
    );
    assert_eq!(header.attachments, [attachment("A.001", "Brief.doc"), attachment("B.002", "")]);
}

#[test]
fn names_keep_the_bytes_of_their_code_page() {
    let header = parse(b"Attach-File=\n Current-File= Z\xe1\x9ds.txt;\n ;\n-END-\n").unwrap();
    assert_eq!(header.attachments[0].stored, b"Z\xe1\x9ds.txt");
}

#[test]
fn a_header_without_its_end_line_is_not_complete() {
    for cut in 0..MAIL.trim_end().len() {
        assert!(!parse(&MAIL.as_bytes()[..cut]).is_ok_and(|header| header.complete), "{cut}");
    }
    assert!(!parsed("Msg-Type= Mail;\n-END-\nmore").complete);
    assert!(!parsed("Msg-Type= Mail;\nSubject= -END-;\n").complete);
}

#[test]
fn what_does_not_begin_as_a_header_is_refused_with_its_place() {
    for (content, message) in [
        ("", "line 1, byte 0: a header begins with 'Keyword= value;', and this does not"),
        ("\r\n# remark\n  Hello world", "line 3, byte 13: a header begins with 'Keyword= value;', and this does not"),
        ("-END-", "line 1, byte 0: a header begins with 'Keyword= value;', and this does not"),
        ("; A= b;", "line 1, byte 0: a header begins with 'Keyword= value;', and this does not"),
    ] {
        assert_eq!(parse(content.as_bytes()).unwrap_err().to_string(), message);
    }
}

#[test]
fn too_many_attachments_are_refused() {
    let many = |count: usize| format!("Attach-File= {}A;\n-END-\n", "A,".repeat(count - 1));
    assert_eq!(parsed(&many(MOST_ATTACHMENTS)).attachments.len(), MOST_ATTACHMENTS);
    let error = parse(many(MOST_ATTACHMENTS + 1).as_bytes()).unwrap_err();
    assert_eq!(error.kind, HeaderErrorKind::TooManyAttachments);
}

#[test]
fn deep_nesting_and_long_junk_take_one_pass() {
    let deep = format!("A=\n{}Attach-File=\n{} Current-File= X;\n", "A=\n".repeat(100_000), "B=\n".repeat(100_000));
    assert!(parsed(&deep).attachments.is_empty());
    let commas = format!("A= {}", ",\n".repeat(200_000));
    assert!(!parsed(&commas).complete);
}

/// Pieces that headers are made of, so that random ones reach every branch.
fn piece() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "Msg-File= A;",
        "Attach-File=",
        "Current-File= B;",
        "Original-File= c",
        "\n",
        "\r\n",
        " ",
        ";",
        ",",
        "\\;",
        "\\",
        "-FLAG-",
        "-END-",
        "#",
        "=",
        "x",
        "\0",
        "\x1a",
        "\u{e4}",
        "To=",
        "Date= 1;",
        "-",
        "A-",
    ])
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(content in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&content);
    }

    #[test]
    fn any_pieces_are_read_or_refused(pieces in proptest::collection::vec(piece(), 0..40)) {
        let content = pieces.concat();
        if let Ok(header) = parse(content.as_bytes()) {
            prop_assert_eq!(header.complete, complete::ends_with_end_line(content.as_bytes()));
            prop_assert!(header.names().all(|name| !name.is_empty()));
        }
    }

    #[test]
    fn any_names_are_found_again(names in proptest::collection::vec(("[A-Z0-9]{1,8}\\.[A-Z0-9]{1,3}", "[a-z ;,=äöü-]{0,20}"), 0..8), crlf: bool) {
        let mut text = String::from("Msg-Type= Mail;\nMsg-File= BODY.BDY;\n");
        if !names.is_empty() {
            let items: Vec<String> = names
                .iter()
                .map(|(stored, original)| {
                    format!("  Current-File= {stored};\n  Original-File= {}.x;\n", original.replace(';', "\\;"))
                })
                .collect();
            text += &format!("Attach-File=\n{}  ;\n", items.join("  ,\n"));
        }
        text += "-END-\n";
        let header = parsed(&if crlf { text.replace('\n', "\r\n") } else { text });
        let found: Vec<_> = header.attachments.iter().map(|a| (String::from_utf8_lossy(&a.stored).into_owned(), String::from_utf8_lossy(&a.original).into_owned())).collect();
        let expected: Vec<_> = names.into_iter().map(|(stored, original)| (stored, format!("{original}.x").trim().to_string())).collect();
        prop_assert_eq!(found, expected);
        prop_assert!(header.complete);
    }
}
