//! The header of a `.npy` file: type, order and shape of its array.
//!
//! Taken apart here because sizes must be checked before memory is claimed for them.
//! Format: NEP 1, "A simple file format for NumPy arrays", versions 1.0 to 3.0.

use std::io::{self, ErrorKind, Read};

use super::shown;

/// Longest header that is read, in bytes; NumPy's own limit is lower.
const LONGEST_HEADER: usize = 1 << 20;

/// How a number is stored: letter and size of NumPy's type string, and whether the most significant byte comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// f, i, u or b.
    pub letter: u8,
    /// Bytes.
    pub size: usize,
    /// Byte order.
    pub big_endian: bool,
}

impl Kind {
    /// From a type string such as `<f8`. Errors: what cannot be read.
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "has type {}, expected floats or integers; save X.astype('float64')",
                shown(text)
            )
        };
        let &[order, letter, size] = text.as_bytes() else {
            return Err(wrong());
        };
        let size = usize::from(size.wrapping_sub(b'0'));
        let known = matches!(
            (letter, size),
            (b'f', 4 | 8) | (b'i' | b'u', 1 | 2 | 4 | 8) | (b'b', 1)
        );
        let big_endian = match order {
            b'<' | b'|' => false,
            b'>' => true,
            b'=' => cfg!(target_endian = "big"),
            _ => return Err(wrong()),
        };
        known
            .then_some(Self {
                letter,
                size,
                big_endian,
            })
            .ok_or_else(wrong)
    }

    /// The number in `stored`, which has `size` bytes.
    #[inline]
    pub fn decode(self, stored: &[u8]) -> f64 {
        let mut bytes = [0_u8; 8];
        bytes[..self.size].copy_from_slice(stored);
        if self.big_endian {
            bytes[..self.size].reverse();
        }
        let bits = u64::from_le_bytes(bytes);
        let unused = 64 - 8 * self.size as u32;
        match (self.letter, self.size) {
            (b'f', 8) => f64::from_bits(bits),
            (b'f', _) => f64::from(f32::from_bits(bits as u32)),
            (b'i', _) => (((bits << unused) as i64) >> unused) as f64,
            (b'b', _) => f64::from(u8::from(bits != 0)),
            _ => bits as f64,
        }
    }
}

/// The text of the header and where the data begin. Errors: what the file is instead.
pub(super) fn read_header(input: &mut impl Read) -> Result<(String, u64), String> {
    let cut = |e: io::Error| match e.kind() {
        ErrorKind::UnexpectedEof => {
            "is cut short in its header; save it again with numpy.save".to_owned()
        }
        _ => format!("cannot be read: {e}"),
    };
    let mut start = Vec::new();
    input
        .by_ref()
        .take(8)
        .read_to_end(&mut start)
        .map_err(cut)?;
    let version = match start.as_slice() {
        [] => return Err("is empty; save it with numpy.save".into()),
        [b'P', b'K', ..] => {
            return Err("is an .npz archive; save X and y each with numpy.save".into());
        }
        [0x93, b'N', b'U', b'M', b'P', b'Y', major, _] => *major,
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => {
            return Err(cut(ErrorKind::UnexpectedEof.into()));
        }
        _ => return Err("is not a .npy file; save it with numpy.save".into()),
    };
    let width = match version {
        1 => 2,
        2 | 3 => 4,
        _ => {
            return Err(format!(
                "has .npy version {version}, expected 1 to 3; save it with numpy.save"
            ));
        }
    };
    let mut size = [0_u8; 4];
    input.read_exact(&mut size[..width]).map_err(cut)?;
    let size = u32::from_le_bytes(size) as usize;
    if size > LONGEST_HEADER {
        return Err(format!(
            "has a header of {size} bytes; save it again with numpy.save"
        ));
    }
    let mut header = vec![0; size];
    input.read_exact(&mut header).map_err(cut)?;
    let header = String::from_utf8(header)
        .map_err(|_| "has a header that is not text; save it again".to_owned())?;
    Ok((header, (8 + width + size) as u64))
}

/// Type, order and shape from `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`.
pub(super) fn parse_header(header: &str) -> Result<(Kind, bool, Vec<usize>), String> {
    let broken = || {
        format!(
            "has the header {}, which is not of a plain array; save it again",
            shown(header.trim())
        )
    };
    let after = |key: &str| {
        let (_, rest) = header.split_once(&format!("'{key}'")).ok_or_else(broken)?;
        rest.trim_start()
            .strip_prefix(':')
            .map(str::trim_start)
            .ok_or_else(broken)
    };
    let kind = match after("descr")?
        .strip_prefix('\'')
        .and_then(|rest| rest.split_once('\''))
    {
        Some((text, _)) => Kind::parse(text)?,
        None => {
            return Err("holds records with named fields; save plain columns of numbers".into());
        }
    };
    let order = after("fortran_order")?;
    let fortran = order.starts_with("True");
    if !fortran && !order.starts_with("False") {
        return Err(broken());
    }
    let sizes = after("shape")?
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .ok_or_else(broken)?
        .0;
    let sizes = sizes
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty());
    let shape = sizes
        .map(|size| size.parse().map_err(|_| broken()))
        .collect::<Result<_, _>>()?;
    Ok((kind, fortran, shape))
}

/// A shape as Python writes it.
pub(super) fn tuple(shape: &[usize]) -> String {
    match shape {
        [size] => format!("({size},)"),
        _ => format!(
            "({})",
            shape
                .iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decoded_in_either_byte_order() {
        let decode = |text: &str, bytes: &[u8]| Kind::parse(text).unwrap().decode(bytes);
        assert_eq!(decode("<f8", &1.5f64.to_le_bytes()), 1.5);
        assert_eq!(decode(">f8", &1.5f64.to_be_bytes()), 1.5);
        assert_eq!(decode(">f4", &(-0.25f32).to_be_bytes()), -0.25);
        assert_eq!(decode("<i4", &(-7i32).to_le_bytes()), -7.0);
        assert_eq!(decode(">i8", &i64::MIN.to_be_bytes()), i64::MIN as f64);
        assert_eq!(decode("<u8", &u64::MAX.to_le_bytes()), u64::MAX as f64);
        assert_eq!(decode("|i1", &[255]), -1.0);
        assert_eq!(decode("|u1", &[255]), 255.0);
        assert_eq!(decode("|b1", &[1]), 1.0);
    }

    #[test]
    fn other_types_are_refused_by_name() {
        for text in ["<c16", "|O", "<U5", "<f2", "<M8[ns]", "", "<f9", "xf8"] {
            assert!(
                Kind::parse(text).unwrap_err().contains(&shown(text)),
                "{text}"
            );
        }
    }

    #[test]
    fn headers_are_read_and_broken_ones_refused() {
        let header = "{'descr': '<f8', 'fortran_order': True, 'shape': (3, 4), }   \n";
        let kind = Kind {
            letter: b'f',
            size: 8,
            big_endian: false,
        };
        assert_eq!(parse_header(header).unwrap(), (kind, true, vec![3, 4]));
        for broken in [
            "",
            "{'descr': '<f8'}",
            "{'descr': '<f8', 'fortran_order': 3, 'shape': ()}",
            "'shape': (-1,)",
        ] {
            assert!(parse_header(broken).is_err(), "{broken}");
        }
        let negative = "{'descr': '<f8', 'fortran_order': True, 'shape': (-3, 4)}";
        assert!(parse_header(negative).is_err());
    }
}
