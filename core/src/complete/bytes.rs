//! Looking through bytes.

/// A blank, a line end, or what DOS programs pad a text's end with (NUL, Ctrl-Z).
pub(crate) const fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, 0 | 0x1a)
}

/// `bytes` without the blanks at its end.
pub(super) fn trim_end(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1)]
}

/// `bytes` without a UTF-8 byte order mark and blanks at its beginning.
pub(super) fn text_start(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start()
}

/// Where `needle` first is in `bytes`.
pub(super) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// Where `needle` last is in `bytes`.
pub(super) fn rfind(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).rposition(|window| window == needle)
}

/// The decimal number that `bytes` begin with, and what follows it.
pub(super) fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = bytes.split_at(digits);
    let value = core::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((value, rest))
}

/// The little-endian number of `N` bytes at `offset`; `None` past the end.
pub(super) fn little_endian<const N: usize>(bytes: &[u8], offset: usize) -> Option<u64> {
    let field: &[u8; N] = bytes.get(offset..)?.first_chunk()?;
    Some(field.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}
