//! Text of any encoding becomes UTF-8.

use std::str;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_16BE, UTF_16LE};

use crate::findings::Findings;

/// How a text is encoded.
pub(crate) enum Charset {
    /// UTF-8, and lines that are not it in a code page that is guessed from the first of them.
    Utf8 { rest: Vec<u8>, page: Option<&'static Encoding>, done: u64 },
    /// UTF-16.
    Utf16(Box<Decoder>),
}

/// A line longer than this is decoded in pieces.
const LINE: usize = 1 << 16;

impl Charset {
    /// The encoding of a text that begins with `head`: by its byte order mark, else by where its zero bytes are.
    pub(crate) fn detect(head: &[u8]) -> Charset {
        let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
        // Text in a European language has a zero in nearly every second byte; of any other, every line end has one.
        let (even, odd) = (zeros(0), zeros(1));
        let few = head.len() / 64;
        let encoding = match head {
            [0xff, 0xfe, ..] => UTF_16LE,
            [0xfe, 0xff, ..] => UTF_16BE,
            _ if odd > few && even <= odd / 16 => UTF_16LE,
            _ if even > few && odd <= even / 16 => UTF_16BE,
            _ => return Charset::Utf8 { rest: Vec::new(), page: None, done: 0 },
        };
        Charset::Utf16(Box::new(encoding.new_decoder_with_bom_removal()))
    }

    /// Gives `out` the text of `bytes`, in pieces; what is cut in the middle of a character or line waits for more.
    pub(crate) fn decode(
        &mut self,
        bytes: &[u8],
        is_end: bool,
        findings: &mut Findings,
        mut out: impl FnMut(&[u8], &mut Findings),
    ) {
        match self {
            Charset::Utf16(decoder) => {
                let mut text = String::with_capacity(bytes.len().clamp(16, 1 << 16));
                let mut rest = bytes;
                loop {
                    let (result, read, _) = decoder.decode_to_string(rest, &mut text, is_end);
                    rest = &rest[read..];
                    out(text.as_bytes(), findings);
                    text.clear();
                    if result == CoderResult::InputEmpty {
                        return;
                    }
                }
            }
            Charset::Utf8 { rest, page, done } => {
                // A byte order mark is no text.
                let bytes = if *done == 0 && rest.is_empty() {
                    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
                } else {
                    bytes
                };
                if rest.is_empty() && str::from_utf8(bytes).is_ok() {
                    *done += bytes.len() as u64;
                    return out(bytes, findings);
                }
                rest.extend_from_slice(bytes);
                let whole = match memchr::memrchr(b'\n', rest) {
                    Some(end) if !is_end && rest.len() - end < LINE => end + 1,
                    None if !is_end && rest.len() < LINE => return,
                    _ => rest.len(),
                };
                let tail = rest.split_off(whole);
                let lines = std::mem::replace(rest, tail);
                pass_lines(&lines, page, *done, findings, &mut out);
                *done += lines.len() as u64;
            }
        }
    }
}

/// Whole lines: those that are UTF-8 as they are, the others in `page`, which the first of them decides.
fn pass_lines(
    lines: &[u8],
    page: &mut Option<&'static Encoding>,
    offset: u64,
    findings: &mut Findings,
    out: &mut impl FnMut(&[u8], &mut Findings),
) {
    let mut rest = lines;
    while let Err(error) = str::from_utf8(rest) {
        // Everything up to the line with the trouble in it is good.
        let start = memchr::memrchr(b'\n', &rest[..error.valid_up_to()]).map_or(0, |at| at + 1);
        let end =
            memchr::memchr(b'\n', &rest[error.valid_up_to()..]).map_or(rest.len(), |at| error.valid_up_to() + at + 1);
        if start > 0 {
            out(&rest[..start], findings);
        }
        let page = *page.get_or_insert_with(|| {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(&rest[start..], true);
            let page = detector.guess(None, Utf8Detection::Deny);
            let at = offset + (lines.len() - rest.len() + error.valid_up_to()) as u64;
            findings.warn(format_args!("byte {at}"), format_args!("not UTF-8: such lines are read as {}", page.name()));
            page
        });
        let (text, _) = page.decode_without_bom_handling(&rest[start..end]);
        out(text.as_bytes(), findings);
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        out(rest, findings);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(bytes: &[u8], step: usize) -> (String, Vec<String>) {
        let (mut charset, mut text, mut findings) = (Charset::detect(bytes), Vec::new(), Findings::default());
        for piece in bytes.chunks(step.max(1)) {
            charset.decode(piece, false, &mut findings, |piece, _| text.extend_from_slice(piece));
        }
        charset.decode(&[], true, &mut findings, |piece, _| text.extend_from_slice(piece));
        (String::from_utf8(text).expect("what comes out is UTF-8"), findings.warnings)
    }

    #[test]
    fn utf_16_is_known_by_its_mark_or_its_zeros() {
        let text = "Der Prozeß kann nicht auf die Datei zugreifen.\r\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [le.clone(), be.clone(), marked(b"\xff\xfe", &le), marked(b"\xfe\xff", &be)] {
            for step in [1, 3, 1000] {
                assert_eq!(decoded(&bytes, step), (text.to_owned(), vec![]));
            }
        }
        assert_eq!(decoded(&marked(b"\xef\xbb\xbf", text.as_bytes()), 1000).0, text);
    }

    #[test]
    fn a_line_in_a_code_page_is_read_beside_lines_in_utf_8() {
        let bytes = "été\n".bytes().chain(*b"ce fichier est utilis\xe9 par un autre processus\n").chain("là\n".bytes());
        let (text, warnings) = decoded(&bytes.collect::<Vec<u8>>(), 7);
        assert_eq!(text, "été\nce fichier est utilisé par un autre processus\nlà\n");
        let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
        // Which of the Western ones it is, few letters cannot say: é stands at the same place in all.
        assert!(warning.starts_with("byte 27: not UTF-8: such lines are read as windows-125"), "{warning}");
    }

    #[test]
    fn russian_and_japanese_code_pages_are_told_apart() {
        for (encoding, text) in [
            (
                encoding_rs::WINDOWS_1251,
                "Процесс не может получить доступ к файлу, так как этот файл занят другим процессом.\n",
            ),
            (encoding_rs::SHIFT_JIS, "プロセスはファイルにアクセスできません。別のプロセスが使用中です。\n"),
        ] {
            assert_eq!(decoded(&encoding.encode(text).0, 11).0, text);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_become_text_and_utf_8_stays(bytes: Vec<u8>, step in 1usize..50, text: String) {
            decoded(&bytes, step);
            let plain = format!("plain {text}").replace('\0', " ");
            prop_assert_eq!(decoded(plain.as_bytes(), step).0, plain);
        }
    }
}
