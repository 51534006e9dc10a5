//! The bytes of a file.

use std::io::{self, BufRead, Read};

/// How much is kept ahead.
const ROOM: usize = 64 * 1024;

/// How far [`Input::ahead`] can look.
pub(crate) const AHEAD: usize = 16 * 1024;

/// Bytes that are being read.
pub(crate) struct Input<R> {
    from: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    at_end: bool,
}

impl<R: Read> Input<R> {
    pub(crate) fn new(from: R) -> Input<R> {
        Input { from, buffer: vec![0; ROOM].into_boxed_slice(), start: 0, end: 0, at_end: false }
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
        if self.start == self.end && !self.at_end {
            (self.start, self.end) = (0, 0);
            self.fill()?;
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    fn consume(&mut self, many: usize) {
        self.start = (self.start + many).min(self.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_ahead_takes_nothing() {
        let mut input = Input::new(io::repeat(b'x').take(100_000));
        assert_eq!(input.ahead().unwrap().len(), ROOM);
        let mut all = Vec::new();
        input.read_to_end(&mut all).unwrap();
        assert_eq!(all.len(), 100_000);
    }
}
