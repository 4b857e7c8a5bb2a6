//! What one write puts into a file: the records of one group.

use crate::header::{number4, number8};
use crate::position::Position;

/// The largest record, in bytes.
pub const MAX_RECORD_BYTES: usize = 16 << 20;

/// The size of a frame header.
pub(crate) const HEADER_BYTES: u64 = 24;
/// Frames begin at multiples of this.
pub(crate) const ALIGNMENT: usize = 8;

const LENGTH_BYTES: usize = 4;
const MAX_BODY_BYTES: usize = MAX_RECORD_BYTES + LENGTH_BYTES;

/// The header of a frame. A frame is what one write puts into a file and one `fdatasync` makes durable: all records
/// that waited together. All numbers are little-endian.
///
/// | bytes | what |
/// |---|---|
/// | 0..4 | size of the body in bytes, at most 16 MiB + 4 |
/// | 4..8 | number of records; 0 in a *mark*, the body of which is zeros |
/// | 8..16 | position of the first record; in a mark, of the next record to come. Never 0 |
/// | 16..20 | CRC-32C of the body |
/// | 20..24 | CRC-32C of the salt of the file (8 bytes) and bytes 0..20 |
/// | 24.. | the body: each record as its length (4 bytes) and its bytes |
/// | | zeros up to a multiple of eight |
///
/// Invariant: a frame is written only after everything before it is on disk (`fdatasync` returned). So a valid header
/// proves that every record before its position had been made durable, wherever the header is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub(crate) body_bytes: u32,
    pub(crate) records: u32,
    pub(crate) first: Position,
    pub(crate) body_sum: u32,
}

impl FrameHeader {
    /// Reads a header from the first 24 of `bytes`; `None` if they are no header of a file with this salt.
    pub(crate) fn decode(bytes: &[u8], salt: u64) -> Option<Self> {
        let bytes = bytes.first_chunk::<{ HEADER_BYTES as usize }>()?;
        let header = Self {
            body_bytes: number4(bytes, 0),
            records: number4(bytes, 4),
            first: Position(number8(bytes, 8)),
            body_sum: number4(bytes, 16),
        };
        let plausible = header.first > Position::START && header.body_bytes as usize <= MAX_BODY_BYTES;
        (plausible && number4(bytes, 20) == sum(salt, &bytes[..20])).then_some(header)
    }

    fn encode(self, salt: u64, into: &mut [u8]) {
        into[0..4].copy_from_slice(&self.body_bytes.to_le_bytes());
        into[4..8].copy_from_slice(&self.records.to_le_bytes());
        into[8..16].copy_from_slice(&self.first.0.to_le_bytes());
        into[16..20].copy_from_slice(&self.body_sum.to_le_bytes());
        let sum = sum(salt, &into[..20]);
        into[20..24].copy_from_slice(&sum.to_le_bytes());
    }

    /// Header, body and the zeros after it, in bytes.
    pub(crate) fn frame_bytes(&self) -> u64 {
        (HEADER_BYTES + u64::from(self.body_bytes)).next_multiple_of(ALIGNMENT as u64)
    }

    /// The position of the first record after this frame.
    pub(crate) fn after(&self) -> Position {
        self.first.plus(u64::from(self.records))
    }

    /// Whether a frame with this header at `offset` is the second part of a mark, which may have got lost while the
    /// first did not.
    pub(crate) fn ends_mark(&self, offset: u64) -> bool {
        self.records == 0 && self.body_bytes == 0 && offset.is_multiple_of(PAGE_BYTES)
    }

    /// Whether `body` is the body this header was written with.
    pub(crate) fn fits(&self, body: &[u8]) -> bool {
        body.len() == self.body_bytes as usize && crc32c::crc32c(body) == self.body_sum
    }
}

fn sum(salt: u64, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&salt.to_le_bytes()), bytes)
}

/// The size of a frame with one record of `record_bytes`.
pub(crate) fn lone_frame_bytes(record_bytes: usize) -> u64 {
    (HEADER_BYTES + (LENGTH_BYTES + record_bytes) as u64).next_multiple_of(ALIGNMENT as u64)
}

/// A mark never takes more than this.
pub(crate) const MARK_BYTES: u64 = PAGE_BYTES + 2 * HEADER_BYTES;
const PAGE_BYTES: u64 = 4096;

/// The bytes of a mark to be written at `offset`, saying that everything before `next` is on disk: a frame without
/// records that fills the page of the last frame, and another one on the page after that, so that one page lost cannot
/// take the last records and the proof of them at once.
pub(crate) fn mark(next: Position, salt: u64, offset: u64) -> Vec<u8> {
    let filled = (offset + HEADER_BYTES).next_multiple_of(PAGE_BYTES) - offset;
    let mut bytes = vec![0; (filled + HEADER_BYTES) as usize];
    let (filler, last) = bytes.split_at_mut(filled as usize);
    for part in [filler, last] {
        let (header, body) = part.split_at_mut(HEADER_BYTES as usize);
        FrameHeader {
            body_bytes: body.len() as u32,
            records: 0,
            first: next,
            body_sum: crc32c::crc32c(body),
        }
        .encode(salt, header);
    }
    bytes
}

/// The records in a body that fits its header; ends early (`None` inside) if the lengths do not add up.
pub(crate) fn records(mut body: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    std::iter::from_fn(move || {
        if body.is_empty() {
            return None;
        }
        let found = body
            .split_first_chunk::<LENGTH_BYTES>()
            .and_then(|(length, rest)| rest.split_at_checked(u32::from_le_bytes(*length) as usize));
        let (record, rest) = found.map_or((None, &[][..]), |(record, rest)| (Some(record), rest));
        body = rest;
        Some(record)
    })
}

/// A frame in the making. Its memory is kept from one frame to the next.
#[derive(Debug)]
pub(crate) struct Frame {
    bytes: Vec<u8>,
    records: u32,
}

/// A frame keeps at most this much memory for the next one.
const KEPT_BYTES: usize = 1 << 20;

impl Frame {
    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![0; HEADER_BYTES as usize],
            records: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.records == 0
    }

    pub(crate) fn records(&self) -> u32 {
        self.records
    }

    /// The size of this frame if a record of `record_bytes` is added; `None` if that is more than a frame may hold.
    pub(crate) fn bytes_with(&self, record_bytes: usize) -> Option<u64> {
        let bytes = self.bytes.len() + LENGTH_BYTES + record_bytes;
        (bytes <= HEADER_BYTES as usize + MAX_BODY_BYTES).then(|| bytes.next_multiple_of(ALIGNMENT) as u64)
    }

    /// Adds a record that [`Self::bytes_with`] found room for.
    pub(crate) fn push(&mut self, record: &[u8]) {
        self.bytes.extend_from_slice(&(record.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(record);
        self.records += 1;
    }

    /// Completes header, checksums and padding; the bytes are to be written as they are.
    pub(crate) fn seal(&mut self, first: Position, salt: u64) -> &[u8] {
        let (header, body) = self.bytes.split_at_mut(HEADER_BYTES as usize);
        FrameHeader {
            body_bytes: body.len() as u32,
            records: self.records,
            first,
            body_sum: crc32c::crc32c(body),
        }
        .encode(salt, header);
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGNMENT), 0);
        &self.bytes
    }

    /// Begins anew.
    pub(crate) fn clear(&mut self) {
        self.bytes.truncate(HEADER_BYTES as usize);
        self.bytes.shrink_to(KEPT_BYTES);
        self.records = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(records: &[&[u8]]) -> Vec<u8> {
        let mut frame = Frame::new();
        for record in records {
            frame.push(record);
        }
        frame.seal(Position(9), 5).to_vec()
    }

    #[test]
    fn the_format_is_as_documented() {
        let bytes = sealed(&[b"ab", b""]);
        assert_eq!(bytes.len(), 40);
        assert_eq!(&bytes[..16], [10, 0, 0, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(
            &bytes[24..],
            [2, 0, 0, 0, b'a', b'b', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        );
        let header = FrameHeader::decode(&bytes, 5).unwrap();
        assert_eq!((header.frame_bytes(), header.after()), (40, Position(11)));
        assert!(header.fits(&bytes[24..34]));
        let found: Vec<_> = records(&bytes[24..34]).map(Option::unwrap).collect();
        assert_eq!(found, [&b"ab"[..], b""]);
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let bytes = sealed(&[b"some record", b"and another"]);
        let end = 24 + 2 * 4 + 22;
        for bit in 0..end * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let valid = FrameHeader::decode(&changed, 5).is_some_and(|header| header.fits(&changed[24..end]));
            assert!(!valid, "bit {bit}");
        }
        assert_eq!(FrameHeader::decode(&bytes, 6), None, "another salt");
    }

    #[test]
    fn a_mark_reaches_into_the_next_page() {
        for (offset, length) in [(4096, 4120), (4104, 4112), (8168, 48), (8176, 4136), (8184, 4128)] {
            let bytes = mark(Position(3), 5, offset);
            assert_eq!(bytes.len(), length, "{offset}");
            assert!(
                length as u64 <= MARK_BYTES && (offset + length as u64 - HEADER_BYTES).is_multiple_of(4096)
            );
            let filler = FrameHeader::decode(&bytes, 5).unwrap();
            let last = FrameHeader::decode(&bytes[filler.frame_bytes() as usize..], 5).unwrap();
            assert!(filler.fits(&bytes[24..length - 24]) && last.fits(&[]));
            assert_eq!((filler.after(), last.after()), (Position(3), Position(3)));
        }
    }

    #[test]
    fn zeros_are_no_header() {
        for salt in 0..1000 {
            assert_eq!(FrameHeader::decode(&[0; 24], salt), None);
        }
    }

    #[test]
    fn lengths_that_do_not_add_up_end_the_body() {
        for body in [&[9, 0, 0, 0, 1][..], &[1, 0, 0], &[255, 255, 255, 255]] {
            assert_eq!(records(body).collect::<Vec<_>>(), [None]);
        }
    }

    #[test]
    fn one_largest_record_fits_and_no_more() {
        assert!(Frame::new().bytes_with(MAX_RECORD_BYTES).is_some());
        assert_eq!(Frame::new().bytes_with(MAX_RECORD_BYTES + 1), None);
        assert_eq!(Frame::new().bytes_with(3), Some(lone_frame_bytes(3)));
    }
}
