//! Names in UTF-16, as Windows and its programs have them. A [`Name`] keeps them as WTF-8 (Sapin, "The WTF-8
//! encoding", section 4): UTF-8 in which an unpaired surrogate is encoded as if it were a character.

use alloc::vec::Vec;

use super::Name;

/// What stands for bytes that are not WTF-8.
const REPLACEMENT: u32 = 0xfffd;

impl Name {
    /// The name that is `units` in UTF-16; unpaired surrogates survive.
    pub fn from_utf16(units: &[u16]) -> Name {
        let mut bytes = Vec::with_capacity(units.len() + units.len() / 2);
        for unit in char::decode_utf16(units.iter().copied()) {
            match unit {
                Ok(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                Err(lone) => bytes.extend(three(u32::from(lone.unpaired_surrogate()))),
            }
        }
        Name::from(bytes)
    }

    /// The name in UTF-16: what [`Name::from_utf16`] was given; `None` when it is not WTF-8.
    pub fn as_utf16(&self) -> Option<Vec<u16>> {
        self.units(|| None)
    }

    /// The name in UTF-16, with U+FFFD for each byte that is not WTF-8.
    pub fn to_utf16(&self) -> Vec<u16> {
        self.units(|| Some(REPLACEMENT)).unwrap_or_default()
    }

    /// The name in UTF-16, with what `otherwise` gives for each byte that is not WTF-8, if it gives anything.
    fn units(&self, otherwise: impl Fn() -> Option<u32>) -> Option<Vec<u16>> {
        let (mut rest, mut units) = (self.as_bytes(), Vec::with_capacity(self.as_bytes().len()));
        while !rest.is_empty() {
            let (point, length) = decode(rest).or_else(|| Some((otherwise()?, 1)))?;
            match u16::try_from(point) {
                Ok(unit) => units.push(unit),
                Err(_) => {
                    let above = point - 0x1_0000;
                    units.extend([0xd800 | (above >> 10) as u16, 0xdc00 | (above & 0x3ff) as u16]);
                }
            }
            rest = &rest[length..];
        }
        Some(units)
    }
}

/// The three bytes that encode a number from U+0800 to U+FFFF.
fn three(point: u32) -> [u8; 3] {
    [0xe0 | (point >> 12) as u8, 0x80 | (point >> 6 & 0x3f) as u8, 0x80 | (point & 0x3f) as u8]
}

/// The first character or surrogate of `bytes` and how many bytes it has; `None` when they begin with none.
fn decode(bytes: &[u8]) -> Option<(u32, usize)> {
    let (length, first, least) = match bytes[0] {
        byte @ 0..=0x7f => return Some((u32::from(byte), 1)),
        byte @ 0xc2..=0xdf => (2, byte & 0x1f, 0x80),
        byte @ 0xe0..=0xef => (3, byte & 0x0f, 0x800),
        byte @ 0xf0..=0xf4 => (4, byte & 0x07, 0x1_0000),
        _ => return None,
    };
    let mut point = u32::from(first);
    for byte in bytes.get(1..length)? {
        if byte & 0xc0 != 0x80 {
            return None;
        }
        point = point << 6 | u32::from(byte & 0x3f);
    }
    (least..=0x10_ffff).contains(&point).then_some((point, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_row_of_units_survives(units: Vec<u16>) {
            let name = Name::from_utf16(&units);
            prop_assert_eq!(name.as_utf16(), Some(units.clone()));
            prop_assert_eq!(name.to_utf16(), units);
        }

        #[test]
        fn rows_with_many_surrogates_survive(units in proptest::collection::vec(0xd7fe_u16..0xe002, 0..12)) {
            prop_assert_eq!(Name::from_utf16(&units).to_utf16(), units);
        }

        #[test]
        fn text_is_utf_8(text: String) {
            let units: Vec<u16> = text.encode_utf16().collect();
            prop_assert_eq!(Name::from_utf16(&units), Name::from(&text));
            prop_assert_eq!(Name::from(&text).to_utf16(), units);
        }

        #[test]
        fn bytes_that_are_no_text_are_shown(bytes: Vec<u8>) {
            let units = Name::from(bytes.clone()).to_utf16();
            prop_assert!(units.len() <= bytes.len());
            let broken = [bytes.as_slice(), b"\xff"].concat();
            prop_assert_eq!(Name::from(broken).as_utf16(), None);
        }
    }
}
