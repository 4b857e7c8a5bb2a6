//! Parquet's run-length and bit-packed codes (`RLE` in its list of encodings): runs of one number, and groups of eight
//! numbers packed into as many bits as the largest code needs, lowest bit first.
//!
//! Source: Apache Parquet format, Encodings, "Run Length Encoding / Bit-Packing Hybrid".

/// As many bits as codes below `count` need.
pub(super) const fn width_of(count: usize) -> u32 {
    usize::BITS - count.saturating_sub(1).leading_zeros()
}

/// Runs shorter than this are cheaper packed.
const RUN: usize = 8;

/// Appends the codes, each below 2 to the power of `width`.
pub(super) fn encode(codes: &[u32], width: u32, out: &mut Vec<u8>) {
    let (mut packed, mut at) = (0, 0);
    while at < codes.len() {
        let run = codes[at..].iter().take_while(|code| **code == codes[at]).count();
        // A packed stretch ends only after full groups, except at the very end.
        let missing = (at - packed).next_multiple_of(8) - (at - packed);
        if run >= RUN + missing {
            pack(&codes[packed..at + missing], width, out);
            repeat(codes[at], run - missing, width, out);
            packed = at + run;
        }
        at += run;
    }
    pack(&codes[packed..], width, out);
}

fn number(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends one run.
pub(super) fn repeat(code: u32, count: usize, width: u32, out: &mut Vec<u8>) {
    number(count << 1, out);
    out.extend_from_slice(&code.to_le_bytes()[..width.div_ceil(8) as usize]);
}

fn pack(codes: &[u32], width: u32, out: &mut Vec<u8>) {
    if codes.is_empty() {
        return;
    }
    number(codes.len().div_ceil(8) << 1 | 1, out);
    let end = out.len() + codes.len().div_ceil(8) * width as usize;
    out.reserve(end - out.len());
    let (mut bits, mut held) = (0_u64, 0);
    for &code in codes {
        bits |= u64::from(code) << held;
        held += width;
        if held >= 32 {
            out.extend_from_slice(&(bits as u32).to_le_bytes());
            bits >>= 32;
            held -= 32;
        }
    }
    out.extend_from_slice(&bits.to_le_bytes()[..held.div_ceil(8) as usize]);
    out.resize(end, 0);
}

/// A stretch of codes.
pub(super) enum Stretch<'a> {
    /// One code, so many times.
    Run(u32, usize),
    /// So many codes, packed.
    Packed(&'a [u8], usize),
}

/// The stretches of an encoding that holds `left` codes of `width` bits; `None` in their place is the last and says that
/// the bytes are damaged.
pub(super) struct Stretches<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) width: u32,
    pub(super) left: usize,
}

impl<'a> Stretches<'a> {
    fn number(&mut self) -> Option<usize> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= usize::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn stretch(&mut self) -> Option<Stretch<'a>> {
        let header = self.number()?;
        let bytes = if header & 1 == 0 {
            self.width.div_ceil(8) as usize
        } else {
            (header >> 1).checked_mul(self.width as usize)?
        };
        let (taken, rest) = self.bytes.split_at_checked(bytes)?;
        self.bytes = rest;
        if header & 1 == 0 {
            let mut code = [0; 4];
            code.get_mut(..bytes)?.copy_from_slice(taken);
            let count = (header >> 1).min(self.left);
            self.left -= count;
            return (count > 0).then_some(Stretch::Run(u32::from_le_bytes(code), count));
        }
        let count = (header >> 1).checked_mul(8)?.min(self.left);
        self.left -= count;
        (count > 0).then_some(Stretch::Packed(taken, count))
    }
}

impl<'a> Iterator for Stretches<'a> {
    type Item = Option<Stretch<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let stretch = self.stretch();
        if stretch.is_none() {
            self.left = 0;
        }
        Some(stretch)
    }
}

/// The codes of a packed stretch.
pub(super) fn unpack(bytes: &[u8], width: u32, count: usize) -> impl Iterator<Item = u32> {
    let mask = (1_u64 << width) - 1;
    let (mut bits, mut held, mut at) = (0_u64, 0, 0);
    (0..count).map(move |_| {
        if held < width {
            let mut next = [0; 4];
            let rest = &bytes[at.min(bytes.len())..];
            let taken = rest.len().min(4);
            next[..taken].copy_from_slice(&rest[..taken]);
            bits |= u64::from(u32::from_le_bytes(next)) << held;
            held += 32;
            at += 4;
        }
        let code = (bits & mask) as u32;
        bits >>= width;
        held -= width;
        code
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(bytes: &[u8], width: u32, left: usize) -> Option<Vec<u32>> {
        let mut codes = Vec::new();
        for stretch in (Stretches { bytes, width, left }) {
            match stretch? {
                Stretch::Run(code, count) => codes.extend(std::iter::repeat_n(code, count)),
                Stretch::Packed(bytes, count) => codes.extend(unpack(bytes, width, count)),
            }
        }
        Some(codes)
    }

    proptest! {
        #[test]
        fn codes_read_back(runs in proptest::collection::vec((any::<u32>(), 1..40usize), 0..60), width in 1..=32u32) {
            let codes: Vec<u32> = runs
                .iter()
                .flat_map(|(code, count)| std::iter::repeat_n(code >> (32 - width), *count))
                .collect();
            let mut bytes = Vec::new();
            encode(&codes, width, &mut bytes);
            prop_assert_eq!(decode(&bytes, width, codes.len()), Some(codes));
        }

        #[test]
        fn damaged_bytes_do_no_harm(bytes: Vec<u8>, width in 0..=32u32, left in 0..10_000usize) {
            let read = decode(&bytes, width, left);
            prop_assert!(read.is_none_or(|codes| codes.len() == left));
        }
    }

    #[test]
    fn bytes_are_those_of_the_formats_own_example() {
        let mut bytes = Vec::new();
        encode(&[0, 1, 2, 3, 4, 5, 6, 7], 3, &mut bytes);
        assert_eq!(bytes, [3, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
        bytes.clear();
        encode(&[4; 100], 3, &mut bytes);
        assert_eq!(bytes, [200, 1, 4]);
        assert_eq!([0, 1, 2, 3, 256, 257].map(width_of), [0, 0, 1, 2, 8, 9]);
    }
}
