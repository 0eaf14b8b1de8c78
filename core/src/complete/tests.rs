use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

/// A small valid file of every format: name and content.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("m.api", b"WPC-API= 1.2;\r\nMsg-Type= Mail;\r\nSubject= the -END-;\r\n-END-".to_vec()),
        ("a.pdf", pdf()),
        ("a.zip", zip(b"")),
        ("a.docx", zip(b"a remark")),
        ("big.zip", zip64()),
        ("empty.zip", [&b"PK\x05\x06"[..], &[0; 18]].concat()),
        ("a.png", png()),
        ("a.jpg", jpeg(&[])),
        ("thumbnail.jpeg", jpeg(&[&b"\xff\xe1\x00\x10Exif\0\0"[..], b"\xff\xd8\x00\x00\xff\xd9\0\0"].concat())),
        ("a.gif", gif()),
        ("a.xml", b"<?xml version='1.0'?><!DOCTYPE a [<!-- it's --><!ENTITY b '>'>]><a x='>'><a/><b>]]</b><![CDATA[</a>]]></a>".to_vec()),
        ("a.svg", b"\xef\xbb\xbf<svg/>".to_vec()),
        ("a.json", br#" {"a": [1, "}\"]", {}], "b": "\\"}"#.to_vec()),
        ("a.x12", x12("*", "~\r\n")),
        ("lines.edi", x12("|", "\n")),
        ("a.edi", b"UNA:+.? '\r\nUNB+UNOA:1+S+R+260101:1200+REF?'1'\r\nUNH+1+ORDERS'\r\nUNT+2+1'\r\nUNZ+1+REF?'1'".to_vec()),
        ("b.edi", b"UNB+UNOA:1+S+R+260101:1200+42'UNZ+0+42'".to_vec()),
    ]
}

fn pdf() -> Vec<u8> {
    let body = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n";
    let offset = body.len();
    [
        &body[..],
        format!("xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R>>\nstartxref\n{offset}\n%%EOF").as_bytes(),
    ]
    .concat()
}

fn zip_parts() -> (Vec<u8>, Vec<u8>) {
    let file = [&b"PK\x03\x04"[..], &[0; 22], &[1, 0, 0, 0], b"a", b"data"].concat();
    let entry = [&b"PK\x01\x02"[..], &[0; 24], &[1, 0], &[0; 16], b"a"].concat();
    (file, entry)
}

fn zip(comment: &[u8]) -> Vec<u8> {
    let (file, entry) = zip_parts();
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    end.extend((entry.len() as u32).to_le_bytes());
    end.extend((file.len() as u32).to_le_bytes());
    end.extend((comment.len() as u16).to_le_bytes());
    [file, entry, end, comment.to_vec()].concat()
}

fn zip64() -> Vec<u8> {
    let (file, entry) = zip_parts();
    let mut end64 = b"PK\x06\x06".to_vec();
    end64.extend(44u64.to_le_bytes());
    end64.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for field in [1, 1, entry.len() as u64, file.len() as u64] {
        end64.extend(field.to_le_bytes());
    }
    let mut locator = b"PK\x06\x07\0\0\0\0".to_vec();
    locator.extend(((file.len() + entry.len()) as u64).to_le_bytes());
    locator.extend(1u32.to_le_bytes());
    let end = [&b"PK\x05\x06\0\0\0\0"[..], &[0xff; 12], &[0, 0]].concat();
    [file, entry, end64, locator, end].concat()
}

fn png() -> Vec<u8> {
    let header = b"\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55";
    let data = b"\0\0\0\x0aIDAT\x78\x9c\x63\x60\0\0\0\x02\0\x01\x48\xaf\xa4\x71";
    [&b"\x89PNG\r\n\x1a\n"[..], header, data, b"\0\0\0\0IEND\xae\x42\x60\x82"].concat()
}

fn jpeg(extra: &[u8]) -> Vec<u8> {
    let start = b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
    let frame = b"\xff\xc0\x00\x0b\x08\0\x01\0\x01\x01\x01\x11\0";
    let scan = b"\xff\xda\x00\x08\x01\x01\0\0\x3f\0\x12\xff\x00\x34\xff\xd0\x56";
    [&start[..], extra, frame, scan, b"\xff\xd9"].concat()
}

fn gif() -> Vec<u8> {
    let screen = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";
    let extension = b"\x21\xf9\x04\0\0\x3b\0\0";
    let image = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x3b\x01\0";
    [&screen[..], extension, image, b"\x3b"].concat()
}

fn x12(separator: &str, terminator: &str) -> Vec<u8> {
    let isa =
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260101*1200*U*00401*000000905*0*P*>";
    let segments = [isa, "GS*PO*S*R*20260101*1200*1*X*004010", "ST*850*0001", "SE*2*0001", "GE*1*1", "IEA*1*000000905"];
    let mut text: String = segments.join(terminator);
    text.push_str(&terminator[..1]);
    text.replace('*', separator).into_bytes()
}

fn judged(name: &str, content: &[u8]) -> Content {
    check(name.as_bytes(), &Sample::of(content))
}

/// What a host does: asks by name, reads the head, asks again, reads both ends.
fn judged_as_a_host(name: &str, content: &[u8]) -> Content {
    let first = wanted(name.as_bytes(), b"");
    let wanted = wanted(name.as_bytes(), &content[..content.len().min(first.head)]);
    let head = &content[..content.len().min(wanted.head.max(first.head))];
    let tail = &content[content.len() - content.len().min(wanted.tail.max(first.tail))..];
    check(name.as_bytes(), &Sample { length: content.len() as u64, head, tail })
}

#[test]
fn a_whole_file_is_complete_and_no_beginning_of_it_is() {
    for (name, content) in samples() {
        assert_eq!(judged(name, &content), Content::Complete, "{name}");
        assert_eq!(judged_as_a_host(name, &content), Content::Complete, "{name}");
        for cut in 0..content.len() {
            assert_ne!(judged(name, &content[..cut]), Content::Complete, "{name} cut at {cut}");
        }
        let half = &content[..content.len() / 2];
        assert_eq!(judged(name, half), Content::Incomplete, "{name}");
        assert_eq!(judged(name, b""), Content::Incomplete, "{name}");
    }
}

#[test]
fn formats_are_known_by_content_where_the_name_says_nothing() {
    for (name, content) in samples() {
        let expected = match name {
            "a.json" | "a.svg" => Content::Unknown,
            _ => Content::Complete,
        };
        assert_eq!(judged("spool0001", &content), expected, "{name}");
        assert_eq!(judged("a.bin", &content), expected, "{name}");
    }
}

#[test]
fn content_that_is_not_what_the_name_says_is_unknown() {
    for (name, content) in [
        ("a.pdf", &b"hello"[..]),
        ("a.zip", b"MZ self-extracting"),
        ("a.json", b"12"),
        ("a.xml", b"\xff\xfe<\0a\0"),
        ("a.edi", b"ISABELLA"),
        ("a.api", b"MZ\x90\0\x03\0\0\0"),
        ("a.txt", b"hello"),
        ("a.txt", b""),
        ("pdf", b""),
        ("", b""),
        ("a.", b"%PD"),
    ] {
        assert_eq!(judged(name, content), Content::Unknown, "{name}");
    }
    assert_eq!(judged("a.txt", &png()), Content::Complete);
    assert_eq!(judged("a.pdf", &png()), Content::Complete);
}

#[test]
fn an_end_with_something_behind_it_is_unknown() {
    for (name, content) in samples() {
        let longer = [&content[..], b"\x01 junk"].concat();
        let expected = match name {
            // A header's end is its last line, and nothing else.
            "m.api" => Content::Incomplete,
            _ => Content::Unknown,
        };
        assert_eq!(judged(name, &longer), expected, "{name}");
    }
}

#[test]
fn blanks_behind_the_end_of_a_text_are_no_matter() {
    for (name, content) in samples() {
        if matches!(name.rsplit('.').next(), Some("api" | "pdf" | "xml" | "svg" | "json" | "x12" | "edi")) {
            assert_eq!(judged(name, &[&content[..], b" \r\n"].concat()), Content::Complete, "{name}");
        }
    }
}

#[test]
fn a_missing_end_proves_nothing_where_too_little_was_read() {
    let content = [&b"PK\x03\x04"[..], &[0; 100_000]].concat();
    let sample =
        |tail: usize| Sample { length: 100_004, head: &content[..128], tail: &content[content.len() - tail..] };
    assert_eq!(check(b"a.zip", &sample(zip::FARTHEST_END)), Content::Incomplete);
    assert_eq!(check(b"a.zip", &sample(1_000)), Content::Unknown);
    assert_eq!(check(b"a.zip", &sample(0)), Content::Unknown);
}

#[test]
fn an_archive_within_an_archive_does_not_end_the_outer_one() {
    let inner = zip(b"");
    let outer = [&b"PK\x03\x04"[..], &[0; 26], &inner].concat();
    assert_ne!(judged("a.zip", &outer), Content::Complete);
    assert_eq!(judged("a.zip", &[&outer[..], b"more"].concat()), Content::Incomplete);
}

#[test]
fn a_linearized_pdf_is_as_long_as_it_says() {
    let part = "%PDF-1.4\n1 0 obj<</Linearized 1/L 00400/H[0 0]>>endobj\nxref\ntrailer\nstartxref\n0\n%%EOF\n";
    assert_eq!(judged("a.pdf", part.as_bytes()), Content::Incomplete);
    let second = format!("{part}{}startxref\n55\n%%EOF\n", " ".repeat(400 - part.len() - 19));
    assert_eq!(second.len(), 400);
    assert_eq!(judged("a.pdf", second.as_bytes()), Content::Complete);
}

#[test]
fn several_values_or_interchanges_in_one_file_are_judged_by_the_last() {
    assert_eq!(judged("a.json", b"{}\n{}\n"), Content::Unknown);
    assert_eq!(judged("a.json", b"{}\n{\n"), Content::Incomplete);
    let one = x12("*", "~\n");
    let two = [&one[..], &one].concat();
    assert_eq!(judged("a.edi", &two), Content::Complete);
    assert_eq!(judged("a.edi", &two[..two.len() - 30]), Content::Incomplete);
    assert_eq!(judged("a.edi", &[&one[..], b"ISA*0"].concat()), Content::Incomplete);
}

#[test]
fn an_interchange_whose_trailer_has_another_number_is_not_complete() {
    let text = String::from_utf8(x12("*", "~\n")).unwrap().replace("IEA*1*000000905", "IEA*1*000000906");
    assert_eq!(judged("a.x12", text.as_bytes()), Content::Unknown);
    assert_eq!(judged("a.edi", b"UNB+UNOA:1+S+R+260101:1200+42'UNZ+0+43'"), Content::Unknown);
}

#[test]
fn long_files_are_judged_by_their_ends() {
    let filler = "<row a='1'>text</row>\n".repeat(20_000);
    let xml = format!("<?xml version='1.0'?>\n<rows>\n{filler}</rows>\n<!-- end -->\n");
    let nested = format!("<row>\n{filler}</row>\n");
    let json = format!("[{}1]", "{\"a\": 1},\n".repeat(40_000));
    let edi = [&x12("*", "~\n")[..110], "PO1*1*2*EA~\n".repeat(40_000).as_bytes(), b"IEA*1*000000905~\n"].concat();
    let gif = [&gif()[..gif().len() - 1], &[0x21, 0xfe, 1, b'x', 0].repeat(60_000), b"\x3b"].concat();
    for (name, content, whole, cut) in [
        ("a.xml", xml.as_bytes(), Content::Complete, Content::Incomplete),
        ("nested.xml", nested.as_bytes(), Content::Unknown, Content::Unknown),
        ("a.json", json.as_bytes(), Content::Unknown, Content::Incomplete),
        ("a.edi", &edi, Content::Complete, Content::Incomplete),
        ("a.gif", &gif, Content::Unknown, Content::Incomplete),
    ] {
        assert!(content.len() > WHOLE);
        assert_eq!(judged_as_a_host(name, content), whole, "{name}");
        assert_eq!(judged_as_a_host(name, &content[..content.len() - 40]), cut, "{name}");
    }
}

#[test]
fn images_of_several_parts_and_markup_that_is_not_well_formed_are_unknown() {
    assert_eq!(judged("a.jpg", &jpeg(b"\xff\xe2\x00\x06MPF\0")), Content::Unknown);
    assert_eq!(judged("a.xml", b"<a><br></a>"), Content::Unknown);
    assert_eq!(judged("a.xml", b"<a></a><b></b>"), Content::Unknown);
    assert_eq!(judged("a.xml", b"<a></a></a>"), Content::Unknown);
    assert_eq!(judged("a.json", b"{]"), Content::Unknown);
}

#[test]
fn a_gif_without_its_trailer_may_be_all_there_is() {
    let gif = gif();
    assert_eq!(judged("a.gif", &gif[..gif.len() - 1]), Content::Unknown);
    assert_eq!(judged("a.gif", &gif[..gif.len() - 2]), Content::Incomplete);
}

#[test]
fn a_host_is_told_what_to_read() {
    assert_eq!(wanted(b"a.zip", b""), Wanted { head: SNIFF, tail: zip::FARTHEST_END });
    assert_eq!(wanted(b"a.PDF", b"%PDF-1.7"), Wanted { head: 1_024, tail: END });
    assert_eq!(wanted(b"a.txt", b""), Wanted { head: SNIFF, tail: 0 });
    assert_eq!(wanted(b"a.txt", b"hello"), Wanted::default());
    assert_eq!(wanted(b"a.txt", b"%PDF-1.7"), Wanted { head: 1_024, tail: END });
}

fn any_name() -> impl Strategy<Value = String> {
    let extensions: Vec<&str> = FORMATS.iter().flat_map(|format| format.extensions.split(' ')).collect();
    proptest::sample::select(extensions).prop_map(|extension| format!("a.{extension}"))
}

proptest! {
    #[test]
    fn any_bytes_are_judged_without_a_panic(
        name in any_name(),
        sample in 0..17usize,
        kept in 0..300usize,
        noise in proptest::collection::vec(any::<u8>(), 0..60),
        rest in 0..300usize,
        length in any::<u64>(),
        short in 0..700u64,
    ) {
        let (_, content) = samples().swap_remove(sample);
        let kept = &content[..kept.min(content.len())];
        let rest = &content[content.len() - rest.min(content.len())..];
        let mixed = [kept, &noise, rest].concat();
        for length in [length, short] {
            let _ = check(name.as_bytes(), &Sample { length, head: kept, tail: rest });
            let _ = check(name.as_bytes(), &Sample { length, head: &mixed, tail: &noise });
            let _ = check(name.as_bytes(), &Sample { length, head: &noise, tail: &mixed });
        }
        let _ = judged(&name, &mixed);
        let _ = wanted(name.as_bytes(), &mixed);
    }

    #[test]
    fn any_cut_of_a_file_read_by_its_ends_is_not_complete(sample in 0..17usize, cut in 1..200usize) {
        let (name, content) = samples().swap_remove(sample);
        let cut = content.len().saturating_sub(cut);
        prop_assert_ne!(judged_as_a_host(name, &content[..cut]), Content::Complete);
    }

    #[test]
    fn any_json_is_complete_only_as_a_whole(values in proptest::collection::vec("[ a-z{}\\[\\],:]{0,6}", 0..6)) {
        let json = serde_json::to_string(&values).unwrap();
        prop_assert_eq!(judged("a.json", json.as_bytes()), Content::Complete);
        for cut in 0..json.len() {
            prop_assert_eq!(judged("a.json", &json.as_bytes()[..cut]), Content::Incomplete);
        }
    }
}
