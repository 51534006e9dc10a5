//! Bodies as they come in, inflated piece by piece and never further than allowed.

use std::io::{self, Write};

use exchange::egress::{MOST_INFLATED, MOST_RATIO, MOST_SENT, Unusable};
use flate2::write::{GzDecoder, ZlibDecoder};

/// So many bytes are taken at once.
const PIECE: usize = 4 * 1024;

/// By so much a body's memory grows.
const STEP: usize = 4 * 1024;

/// What a decoder takes for its window, its tables and what it is about to write.
const DECODER: usize = 76 * 1024;

/// What takes an inflated body, up to an end that moves with what has come in.
struct Capped {
    body: Vec<u8>,
    most: usize,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.body.len() + bytes.len() > self.most {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        if self.body.capacity() < self.body.len() + bytes.len() {
            // Not twice as much as before: what is held is counted.
            self.body.reserve_exact(bytes.len().max(STEP));
        }
        self.body.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Coding {
    Plain(Capped),
    Gzip(GzDecoder<Capped>),
    Deflate(ZlibDecoder<Capped>),
}

/// A body that is coming in.
pub(super) struct Inflating {
    coding: Coding,
    sent: usize,
}

impl Inflating {
    /// One with this `Content-Encoding`.
    pub(super) fn new(coding: Option<&str>) -> Result<Inflating, Unusable> {
        let into = Capped { body: Vec::new(), most: 0 };
        let coding = match coding.map(|c| c.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => Coding::Plain(into),
            Some("gzip" | "x-gzip") => Coding::Gzip(GzDecoder::new(into)),
            Some("deflate") => Coding::Deflate(ZlibDecoder::new(into)),
            Some(_) => return Err(Unusable::Garbled),
        };
        Ok(Inflating { coding, sent: 0 })
    }

    /// Takes some of the next bytes, and gives how many: never so many that the body grows by much.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<usize, Unusable> {
        let piece = &bytes[..bytes.len().min(PIECE)];
        let most = MOST_INFLATED.min((self.sent + piece.len()).saturating_mul(MOST_RATIO));
        self.into().most = most;
        let taken = match &mut self.coding {
            Coding::Plain(into) => into.write(piece),
            // One step of these fills their own buffer at most once.
            Coding::Gzip(decoder) => decoder.write(piece),
            Coding::Deflate(decoder) => decoder.write(piece),
        };
        let taken = taken.map_err(|e| unusable(&e))?;
        self.sent += taken;
        match taken {
            _ if self.sent > MOST_SENT => Err(Unusable::TooLarge),
            0 if !piece.is_empty() => Err(Unusable::Garbled), // something follows the end
            _ => Ok(taken),
        }
    }

    /// How much memory it takes to begin with.
    pub(super) fn needs(coding: Option<&str>) -> usize {
        if coding.is_none_or(|c| matches!(c.trim(), "" | "identity")) { 0 } else { DECODER }
    }

    /// How much memory it takes by now.
    pub(super) fn held(&self) -> usize {
        match &self.coding {
            Coding::Plain(into) => into.body.capacity(),
            Coding::Gzip(decoder) => DECODER + decoder.get_ref().body.capacity(),
            Coding::Deflate(decoder) => DECODER + decoder.get_ref().body.capacity(),
        }
    }

    fn into(&mut self) -> &mut Capped {
        match &mut self.coding {
            Coding::Plain(into) => into,
            Coding::Gzip(decoder) => decoder.get_mut(),
            Coding::Deflate(decoder) => decoder.get_mut(),
        }
    }

    /// The whole body.
    pub(super) fn end(self) -> Result<Vec<u8>, Unusable> {
        let whole = match self.coding {
            Coding::Plain(into) => Ok(into),
            // Nothing at all is no stream of either kind, and is what a 204 has.
            _ if self.sent == 0 => return Ok(Vec::new()),
            Coding::Gzip(decoder) => decoder.finish(),
            Coding::Deflate(decoder) => decoder.finish(),
        };
        whole.map(|into| into.body).map_err(|e| unusable(&e))
    }
}

fn unusable(error: &io::Error) -> Unusable {
    if error.kind() == io::ErrorKind::FileTooLarge { Unusable::TooLarge } else { Unusable::Garbled }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn read(coding: Option<&str>, body: &[u8], piece: usize) -> Result<Vec<u8>, Unusable> {
        let mut reading = Inflating::new(coding)?;
        for bytes in body.chunks(piece) {
            let mut rest = bytes;
            while !rest.is_empty() {
                let before = reading.held();
                rest = &rest[reading.take(rest)?..];
                assert!(reading.held() <= before + 64 * 1024, "it grows by little at a time");
            }
        }
        reading.end()
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_body_is_read_whatever_its_coding_and_its_pieces() {
        let plain = br#"{"data": {"debt_account": {"external_id": "D-1"}}}"#.to_vec();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(&plain).unwrap();
        let zlib = zlib.finish().unwrap();
        for piece in [1, 7, 1_000] {
            assert_eq!(read(None, &plain, piece), Ok(plain.clone()));
            assert_eq!(read(Some("GZIP"), &gzip(&plain), piece), Ok(plain.clone()));
            assert_eq!(read(Some("deflate"), &zlib, piece), Ok(plain.clone()));
        }
    }

    #[test]
    fn what_does_not_end_is_given_up_before_it_is_held() {
        assert_eq!(read(None, &vec![b' '; MOST_SENT], 4_096).map(|b| b.len()), Ok(MOST_SENT));
        assert_eq!(read(None, &vec![b' '; MOST_SENT + 1], 4_096), Err(Unusable::TooLarge));
        let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
        assert!(bomb.len() < MOST_SENT);
        for piece in [1, 4_096, bomb.len()] {
            assert_eq!(read(Some("gzip"), &bomb, piece), Err(Unusable::TooLarge));
        }
        // Within all sizes, but of a ratio that no list of accounts has.
        assert_eq!(read(Some("gzip"), &gzip(&vec![b' '; 512 * 1024]), 4_096), Err(Unusable::TooLarge));
    }

    #[test]
    fn what_is_not_encoded_as_it_says_is_told_apart() {
        let whole = gzip(b"{}");
        assert_eq!(read(Some("gzip"), b"{}", 10), Err(Unusable::Garbled));
        assert_eq!(read(Some("gzip"), &whole[..whole.len() - 3], 10), Err(Unusable::Garbled));
        let mut more = whole.clone();
        more.extend(b"and more");
        assert_eq!(read(Some("gzip"), &more, 1_000), Err(Unusable::Garbled));
        assert_eq!(read(Some("br"), b"{}", 10), Err(Unusable::Garbled));
        assert_eq!(read(Some("gzip, gzip"), &whole, 10), Err(Unusable::Garbled));
    }
}
