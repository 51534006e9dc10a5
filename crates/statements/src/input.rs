//! The bytes of a file, with the line and column at which they are being read, and an end to how much is read in one go.

use std::io::{self, BufRead, Read};

/// How much is kept ahead.
const ROOM: usize = 64 * 1024;

/// How far [`Input::ahead`] can look.
pub(crate) const AHEAD: usize = 16 * 1024;

/// A place in a file, counted from 1. Columns are characters of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

/// Bytes that are being read.
pub(crate) struct Input<R> {
    from: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    at_end: bool,
    place: Place,
    after_return: bool,
    /// How many more bytes may be read before [`Input::allow`] is called again.
    allowed: u64,
    /// Whether they were not enough.
    over: bool,
}

impl<R: Read> Input<R> {
    pub(crate) fn new(from: R) -> Input<R> {
        Input {
            from,
            buffer: vec![0; ROOM].into_boxed_slice(),
            start: 0,
            end: 0,
            at_end: false,
            place: Place { line: 1, column: 1 },
            after_return: false,
            allowed: u64::MAX,
            over: false,
        }
    }

    /// Where the next byte stands.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// From here on, at most so many bytes.
    pub(crate) fn allow(&mut self, bytes: u64) {
        self.allowed = bytes;
    }

    /// Whether reading ended because there were more bytes than were allowed.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// What comes next, [`AHEAD`] bytes of it or all.
    pub(crate) fn ahead(&mut self) -> io::Result<&[u8]> {
        while self.end - self.start < AHEAD && !self.at_end {
            if self.buffer.len() - self.end < AHEAD {
                self.buffer.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, self.end - self.start);
            }
            self.fill()?;
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    fn fill(&mut self) -> io::Result<()> {
        loop {
            match self.from.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => self.at_end = true,
                // An input that claims to have read more than there was room for is not believed.
                Ok(many) => self.end = (self.end + many).min(self.buffer.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let from = self.fill_buf()?;
        let many = from.len().min(to.len());
        for (to, from) in to.iter_mut().zip(from) {
            *to = *from;
        }
        self.consume(many);
        Ok(many)
    }
}

impl<R: Read> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.allowed == 0 {
            self.over = true;
            return Err(io::Error::other("more than is read in one go"));
        }
        if self.start == self.end && !self.at_end {
            (self.start, self.end) = (0, 0);
            self.fill()?;
        }
        let end = usize::try_from(self.allowed)
            .map_or(self.end, |allowed| self.end.min(self.start.saturating_add(allowed)));
        Ok(self.buffer.get(self.start..end).unwrap_or_default())
    }

    fn consume(&mut self, many: usize) {
        let end = (self.start + many).min(self.end);
        for byte in self.buffer.get(self.start..end).unwrap_or_default() {
            match byte {
                b'\n' if self.after_return => {}
                b'\n' | b'\r' => self.place = Place { line: self.place.line + 1, column: 1 },
                // The bytes of a character after its first, and a byte order mark at the very beginning.
                0x80..=0xbf => {}
                _ => self.place.column += 1,
            }
            self.after_return = *byte == b'\r';
        }
        self.allowed = self.allowed.saturating_sub(u64::try_from(end - self.start).unwrap_or(u64::MAX));
        self.start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_characters() {
        let mut input = Input::new("aé\r\nb\rc\nd".as_bytes());
        let mut places = Vec::new();
        while !input.fill_buf().unwrap().is_empty() {
            places.push((input.place().line, input.place().column));
            input.consume(1);
        }
        assert_eq!(places.first(), Some(&(1, 1)));
        assert_eq!(places.get(1), Some(&(1, 2)), "é begins");
        assert_eq!(places.get(3), Some(&(1, 3)), "the carriage return behind it");
        assert_eq!(
            (places.get(5), places.get(7), places.get(9)),
            (Some(&(2, 1)), Some(&(3, 1)), Some(&(4, 1)))
        );
    }

    #[test]
    fn no_more_is_read_than_is_allowed() {
        let mut input = Input::new(&b"abcdef"[..]);
        input.allow(4);
        assert_eq!(input.fill_buf().unwrap(), b"abcd");
        input.consume(4);
        assert!(input.fill_buf().is_err() && input.is_over());
    }

    #[test]
    fn looking_ahead_takes_nothing() {
        let mut input = Input::new(io::repeat(b'x').take(100_000));
        assert_eq!(input.ahead().unwrap().len(), ROOM);
        let mut all = Vec::new();
        input.read_to_end(&mut all).unwrap();
        assert_eq!(all.len(), 100_000);
    }
}
