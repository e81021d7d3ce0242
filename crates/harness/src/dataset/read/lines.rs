//! Numbered lines of a text, plain or gzip, with any line endings.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::{InputError, file_name, label, open};

/// Longest line that is read, in bytes; about ten million columns.
const LONGEST: usize = 1 << 28;

/// Size of the read buffer, in bytes.
const BUFFER: usize = 1 << 17;

/// Where a text comes from; it can be opened again and again.
pub(super) enum Text<'a> {
    /// A file of the user.
    File(&'a Path),
    /// Compiled into the program.
    Memory {
        /// Name in messages.
        name: &'static str,
        /// Content.
        text: &'static str,
    },
}

impl<'a> Text<'a> {
    /// The file at `path`.
    pub fn file(path: &'a Path) -> Self {
        Text::File(path)
    }

    /// The path in messages.
    pub fn label(&self) -> String {
        match self {
            Text::File(path) => label(path),
            Text::Memory { name, .. } => (*name).to_owned(),
        }
    }

    /// The last part of the path.
    pub fn name(&self) -> String {
        match self {
            Text::File(path) => file_name(path),
            Text::Memory { name, .. } => (*name).to_owned(),
        }
    }

    /// The text from its beginning.
    pub fn lines(&self) -> Result<Lines, InputError> {
        let label = self.label();
        let input: Box<dyn BufRead> = match self {
            Text::Memory { text, .. } => Box::new(Cursor::new(*text)),
            Text::File(path) => decoded(path, &label)?,
        };
        Ok(Lines {
            label,
            input,
            buffer: Vec::new(),
            number: 0,
            after_return: false,
        })
    }

    /// (lines, bytes) of the whole text, decompressed.
    pub fn measure(&self) -> Result<(usize, usize), InputError> {
        let mut lines = self.lines()?;
        let (mut ends, mut bytes, mut last) = (0, 0, b'\n');
        loop {
            let chunk = lines.fill()?;
            let (Some(&begin), Some(&end)) = (chunk.first(), chunk.last()) else {
                break;
            };
            let feeds = chunk.iter().filter(|&&b| b == b'\n').count();
            let returns = chunk.iter().filter(|&&b| b == b'\r').count();
            let inside = if returns > 0 {
                chunk.windows(2).filter(|pair| pair == b"\r\n").count()
            } else {
                0
            };
            let across = usize::from(last == b'\r' && begin == b'\n');
            ends += feeds + returns - inside - across;
            last = end;
            let size = chunk.len();
            bytes += size;
            lines.input.consume(size);
        }
        Ok((ends + usize::from(last != b'\n' && last != b'\r'), bytes))
    }
}

/// The bytes of the file, decompressed if they are gzip.
fn decoded(path: &Path, label: &str) -> Result<Box<dyn BufRead>, InputError> {
    let mut input = BufReader::with_capacity(BUFFER, open(path)?);
    let start = input.fill_buf().map_err(|e| broken(label, 0, &e))?;
    if start.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(BufReader::with_capacity(
            BUFFER,
            MultiGzDecoder::<BufReader<File>>::new(input),
        )));
    }
    if !start.is_empty()
        && path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("gz"))
    {
        return Err(InputError(format!(
            "{label}: is not gzip data although its name ends in .gz; rename or compress it"
        )));
    }
    Ok(Box::new(input))
}

/// The message for a read that failed after `number` lines.
fn broken(label: &str, number: u64, error: &io::Error) -> InputError {
    let after = if number > 0 {
        format!(" after line {number}")
    } else {
        String::new()
    };
    let advice = match error.kind() {
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => {
            "the compressed data are damaged or cut short; check it with gzip -t and fetch it again"
        }
        _ => "check the disk and the permissions",
    };
    InputError(format!("{label}: cannot be read{after}: {error}; {advice}"))
}

/// A text that is being read line by line.
pub(super) struct Lines {
    label: String,
    input: Box<dyn BufRead>,
    buffer: Vec<u8>,
    number: u64,
    after_return: bool,
}

impl Lines {
    /// The next line without its ending (\n, \r\n or \r) and its number, from 1 as an editor shows it; None at the end.
    pub fn next(&mut self) -> Result<Option<(u64, &str)>, InputError> {
        self.buffer.clear();
        loop {
            let after_return = std::mem::take(&mut self.after_return);
            let chunk = self.fill()?;
            if chunk.is_empty() {
                if self.buffer.is_empty() {
                    return Ok(None);
                }
                break;
            }
            if after_return && chunk[0] == b'\n' {
                self.input.consume(1);
                continue;
            }
            let end = chunk.iter().position(|&b| b == b'\n' || b == b'\r');
            let size = end.unwrap_or(chunk.len());
            let returned = end.is_some_and(|end| chunk[end] == b'\r');
            self.append(size)?;
            self.input.consume(size + usize::from(end.is_some()));
            self.after_return = returned;
            if end.is_some() {
                break;
            }
        }
        self.number += 1;
        let mut line = self.buffer.as_slice();
        if self.number == 1 {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        match std::str::from_utf8(line) {
            Ok(line) => Ok(Some((self.number, line))),
            Err(e) => Err(InputError(format!(
                "{}: line {}: byte {:#04x} at position {} is not UTF-8; save the file as UTF-8 text",
                self.label,
                self.number,
                line.get(e.valid_up_to()).copied().unwrap_or_default(),
                e.valid_up_to() + 1
            ))),
        }
    }

    /// Copies the first `size` buffered bytes behind the line so far.
    fn append(&mut self, size: usize) -> Result<(), InputError> {
        if self.buffer.len() + size > LONGEST {
            let number = self.number + 1;
            return Err(InputError(format!(
                "{}: line {number}: longer than {} MiB; check that this is a text file with line ends",
                self.label,
                LONGEST >> 20
            )));
        }
        let chunk = self
            .input
            .fill_buf()
            .map_err(|e| broken(&self.label, self.number, &e))?;
        self.buffer
            .extend_from_slice(&chunk[..size.min(chunk.len())]);
        Ok(())
    }

    /// The bytes that are buffered, after reading more if there are none; empty at the end.
    fn fill(&mut self) -> Result<&[u8], InputError> {
        while let Err(e) = self.input.fill_buf() {
            if e.kind() != ErrorKind::Interrupted {
                return Err(broken(&self.label, self.number, &e));
            }
        }
        self.input
            .fill_buf()
            .map_err(|e| broken(&self.label, self.number, &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Vec<(u64, String)> {
        let mut lines = Text::Memory { name: "t", text }.lines().unwrap();
        let mut read = Vec::new();
        while let Some((number, line)) = lines.next().unwrap() {
            read.push((number, line.to_owned()));
        }
        read
    }

    #[test]
    fn every_line_ending_counts_once() {
        let expected: Vec<_> = ["a", "b", "", "c"]
            .iter()
            .zip(1..)
            .map(|(l, k)| (k, (*l).to_owned()))
            .collect();
        for text in [
            "a\nb\n\nc\n",
            "a\r\nb\r\n\r\nc",
            "a\rb\r\rc\r",
            "a\r\nb\r\r\nc\n",
            "\u{feff}a\nb\n\nc",
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
        assert!(read("").is_empty());
    }

    #[test]
    fn a_measure_counts_lines_and_bytes() {
        for (text, lines) in [
            ("", 0),
            ("a", 1),
            ("a\n", 1),
            ("a\nb", 2),
            ("a\rb\r", 2),
            ("a\r\nb\r\n\n\r", 4),
        ] {
            assert_eq!(
                Text::Memory { name: "t", text }.measure().unwrap(),
                (lines, text.len()),
                "{text:?}"
            );
        }
    }
}
