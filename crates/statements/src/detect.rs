//! Which format a file is in, by its first bytes.

use crate::statement::Format;

impl Format {
    /// What a file is written in that begins so; nothing where it is neither. A byte order mark and blanks may come first.
    ///
    /// ```
    /// use statements::Format;
    /// assert_eq!(Format::of(b"01,021000018,QUITTANCE,261120,0600,1,,,2/"), Some(Format::Bai2));
    /// assert_eq!(Format::of(b"<?xml version=\"1.0\"?>"), Some(Format::Camt));
    /// assert_eq!(Format::of(b"101 091000019"), None);
    /// ```
    pub fn of(first: &[u8]) -> Option<Format> {
        let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii_start();
        match first {
            [b'<', ..] => Some(Format::Camt),
            // A file that lost its header is told so.
            [b'0', b'1' | b'2' | b'3', b',', ..] => Some(Format::Bai2),
            _ => None,
        }
    }

    /// As programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Bai2 => "bai2",
            Format::Camt => "camt",
        }
    }
}

/// What a file seems to be that is not read here, in words.
pub(crate) fn looks_like(first: &[u8]) -> &'static str {
    match first {
        [] => "nothing",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] => "bytes of UTF-16",
        [b'1', b'0', b'1', ..] => "what may be an ACH file",
        [b':', b'2', b'0', b':', ..] | [b'{', b'1', b':', ..] => "what may be MT940",
        [b'P', b'K', ..] | [0x1f, 0x8b, ..] => "a compressed file",
        [b'%', b'P', b'D', b'F', ..] => "a PDF",
        [b'-', b'-', b'-', ..] => "what may be an encrypted file",
        _ => "something else",
    }
}
