//! The character set of old Russian pages and search engines.

/// Bytes 0x80 to 0xFF of windows-1251 in order; `\u{fffd}` where none is assigned.
const UPPER: &str = "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{fffd}™љ›њќћџ\u{a0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕї\
АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя";

/// The text that bytes spell in windows-1251.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let upper: Vec<char> = UPPER.chars().collect();
    bytes
        .iter()
        .map(|&byte| match byte {
            0..0x80 => char::from(byte),
            _ => upper[usize::from(byte - 0x80)],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_spells_words() {
        assert_eq!(UPPER.chars().count(), 128);
        assert_eq!(
            decode(&[0xEA, 0xF3, 0xEF, 0xE8, 0xF2, 0xFC, b' ', 0xB8, 0xE6]),
            "купить ёж"
        );
        assert_eq!(decode(&[0xC0, 0xDF, 0xE0, 0xFF]), "АЯая");
    }
}
