//! Pieces of a file that end where a line ends.

use super::LONGEST_LINE;
use flate2::read::MultiGzDecoder;
use memchr::{memchr, memchr_iter, memrchr};
use std::io::{self, Cursor, Read};

/// How much is read at once, in bytes.
const SIZE: usize = 512 * 1_024;

/// A piece of a file: whole lines.
pub(super) struct Block {
    /// Its place among the blocks, from 0.
    pub(super) number: u64,
    /// The number of its first line, from 1.
    pub(super) first_line: u64,
    bytes: Vec<u8>,
}

impl Block {
    /// Its lines, without line ends.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let bytes = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        let mut rest = Some(bytes);
        std::iter::from_fn(move || {
            let bytes = rest?;
            let Some(end) = memchr(b'\n', bytes) else {
                return rest.take();
            };
            rest = Some(&bytes[end + 1..]);
            Some(&bytes[..end])
        })
    }
}

/// The blocks of a file.
pub(super) struct Blocks<'i> {
    input: Box<dyn Read + Send + 'i>,
    /// Read but not yet handed over: the beginning of a line.
    rest: Vec<u8>,
    number: u64,
    line: u64,
    /// Inside a line too long to be read, whose beginning was handed over.
    skipping: bool,
    ended: bool,
    /// Why nothing more can be read, until that is told; whole lines before it are handed over first.
    broken: Option<io::Error>,
}

impl<'i> Blocks<'i> {
    /// Looks at the first bytes and unpacks gzip, also of several members. A byte order mark is passed over.
    pub(super) fn new(mut input: impl Read + Send + 'i) -> io::Result<Self> {
        let start = read_up_to(&mut input, 3)?;
        let packed = start.starts_with(&[0x1F, 0x8B]);
        let start = if start == [0xEF, 0xBB, 0xBF] {
            Vec::new()
        } else {
            start
        };
        let whole = Cursor::new(start).chain(input);
        Ok(Self {
            input: if packed {
                Box::new(MultiGzDecoder::new(whole))
            } else {
                Box::new(whole)
            },
            rest: Vec::new(),
            number: 0,
            line: 1,
            skipping: false,
            ended: false,
            broken: None,
        })
    }

    fn read(&mut self) -> io::Result<Option<Block>> {
        loop {
            if self.ended && self.rest.is_empty() {
                return self.broken.take().map_or(Ok(None), Err);
            }
            let mut bytes = std::mem::take(&mut self.rest);
            if !self.ended {
                let wanted = SIZE.saturating_sub(bytes.len()).max(1);
                let mut input = self.input.as_mut().take(wanted as u64);
                match input.read_to_end(&mut bytes) {
                    Ok(read) => self.ended = read < wanted,
                    Err(error) => {
                        bytes.truncate(memrchr(b'\n', &bytes).map_or(0, |end| end + 1));
                        (self.ended, self.broken) = (true, Some(error));
                    }
                }
            }
            if self.skipping {
                let Some(end) = memchr(b'\n', &bytes) else {
                    continue;
                };
                self.skipping = false;
                self.rest = bytes.split_off(end + 1);
                continue;
            }
            match memrchr(b'\n', &bytes) {
                Some(end) if !self.ended => self.rest = bytes.split_off(end + 1),
                None if bytes.len() >= SIZE => {
                    bytes.truncate(LONGEST_LINE + 1);
                    self.skipping = true;
                }
                None if !self.ended => {
                    self.rest = bytes;
                    continue;
                }
                _ => {}
            }
            if bytes.is_empty() {
                continue;
            }
            let lines = memchr_iter(b'\n', &bytes).count() as u64 + u64::from(!bytes.ends_with(b"\n"));
            let block = Block {
                number: self.number,
                first_line: self.line,
                bytes,
            };
            self.number += 1;
            self.line += lines;
            return Ok(Some(block));
        }
    }
}

impl Iterator for Blocks<'_> {
    type Item = io::Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

fn read_up_to(input: &mut (impl Read + ?Sized), wanted: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(wanted);
    input.take(wanted as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// Every line with its number, long ones by their length.
    fn lines(input: &[u8]) -> io::Result<Vec<(u64, String)>> {
        let mut found = Vec::new();
        for block in Blocks::new(input)? {
            let block = block?;
            for (line, number) in block.lines().zip(block.first_line..) {
                let text = String::from_utf8_lossy(line);
                found.push((
                    number,
                    if text.len() > 99 {
                        format!("{} long", text.len())
                    } else {
                        text.into()
                    },
                ));
            }
        }
        Ok(found)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn lines_keep_their_numbers() {
        for (input, want) in [
            ("", vec![]),
            ("a", vec!["a"]),
            ("a\n", vec!["a"]),
            ("a\n\nb", vec!["a", "", "b"]),
            ("\u{feff}a\nb\n", vec!["a", "b"]),
            ("\n", vec![""]),
        ] {
            let want: Vec<_> = (1..).zip(want.into_iter().map(String::from)).collect();
            assert_eq!(lines(input.as_bytes()).unwrap(), want, "{input:?}");
            assert_eq!(
                lines(&gzip(input.trim_start_matches('\u{feff}').as_bytes())).unwrap(),
                want
            );
        }
    }

    #[test]
    fn whole_lines_before_a_break_are_read() {
        let lines: Vec<String> = (0..20_000)
            .map(|n| format!("{n} {}\n", n * 7919 % 1013))
            .collect();
        let text = lines.concat();
        let packed = gzip(text.as_bytes());
        for part in [2, 4, 50] {
            let mut blocks = Blocks::new(&packed[..packed.len() - packed.len() / part]).unwrap();
            let mut read = String::new();
            let broken = loop {
                match blocks.next().unwrap() {
                    Ok(block) => read.push_str(std::str::from_utf8(&block.bytes).unwrap()),
                    Err(error) => break error,
                }
            };
            assert_eq!(broken.kind(), io::ErrorKind::UnexpectedEof);
            assert!(
                text.starts_with(&read) && read.ends_with('\n') && read.len() > 10_000,
                "{part}: {}",
                read.len()
            );
            assert!(blocks.next().is_none());
        }
    }

    #[test]
    fn many_blocks_and_members_are_one_file() {
        let lines_of_it: Vec<String> = (1..=60_000)
            .map(|n| format!("line {n} {}\n", "x".repeat(n % 50)))
            .collect();
        let text = lines_of_it.concat();
        let (half, other) = text.split_at(text.len() / 3);
        let members = [gzip(half.as_bytes()), gzip(other.as_bytes())].concat();
        let plain = lines(text.as_bytes()).unwrap();
        assert_eq!(plain.len(), 60_000);
        assert!(
            plain
                .iter()
                .all(|(number, line)| line.starts_with(&format!("line {number} ")))
        );
        assert_eq!(lines(&members).unwrap(), plain);
        assert!(lines(&members[..members.len() - 20]).is_err(), "cut off");
    }

    #[test]
    fn a_line_without_end_is_cut_and_the_next_one_is_read() {
        for length in [SIZE - 1, SIZE, SIZE + 1, SIZE * 3] {
            let input = format!("a\n{}\nb\n", "x".repeat(length));
            let found = lines(input.as_bytes()).unwrap();
            assert_eq!(found.len(), 3, "{length}");
            assert_eq!(
                (found[0].clone(), found[2].clone()),
                ((1, "a".into()), (3, "b".into())),
                "{length}"
            );
        }
        let endless = "x".repeat(SIZE * 2);
        assert_eq!(
            lines(endless.as_bytes()).unwrap(),
            [(1, format!("{} long", LONGEST_LINE + 1))]
        );
    }
}
