//! Records that wait, as bytes: many in a piece, and a piece is what one transaction applies.

use base::{Failure, Result};
use serde_json::Value;

use super::model::Item;

/// The most records in a piece.
pub const RECORDS: usize = 500;
/// The most bytes in a piece, unless one record alone is larger.
const BYTES: usize = 512 << 10;

/// Puts records together to pieces.
#[derive(Default)]
pub(super) struct Packer {
    bytes: Vec<u8>,
    records: usize,
    first: i64,
}

/// A full piece.
pub(super) struct Packed {
    pub(super) first: i64,
    pub(super) records: i64,
    pub(super) bytes: Vec<u8>,
}

impl Packer {
    /// Adds a record; gives the piece that it does not fit into any more.
    pub(super) fn add(&mut self, item: &Item) -> Option<Packed> {
        let mut bytes = Vec::with_capacity(256);
        let (tag, text) = match &item.fields {
            Ok(fields) => (0u8, fields.to_string()),
            Err((field, say)) => {
                (1, Value::from([field.as_str(), say.as_str()].map(Value::from).to_vec()).to_string())
            }
        };
        bytes.push(tag);
        bytes.extend(item.line.unwrap_or(0).to_be_bytes());
        bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(text.as_bytes());
        let is_full = self.records >= RECORDS || self.records > 0 && self.bytes.len() + bytes.len() > BYTES;
        let full = if is_full { self.take() } else { None };
        self.bytes.extend(bytes);
        self.records += 1;
        full
    }

    /// What is left.
    pub(super) fn take(&mut self) -> Option<Packed> {
        if self.records == 0 {
            return None;
        }
        let records = i64::try_from(std::mem::take(&mut self.records)).unwrap_or(i64::MAX);
        let packed = Packed { first: self.first, records, bytes: std::mem::take(&mut self.bytes) };
        self.first += records;
        Some(packed)
    }
}

/// The records of a piece.
pub(super) fn unpack(mut bytes: &[u8]) -> Result<Vec<Item>> {
    let short = || Failure::broken("reading a piece", "it is cut short");
    let mut items = Vec::new();
    while let Some((tag, rest)) = bytes.split_first() {
        let (line, rest) = rest.split_first_chunk::<8>().ok_or_else(short)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let (text, rest) = rest.split_at_checked(length).ok_or_else(short)?;
        let read: Value = serde_json::from_slice(text).map_err(|e| Failure::broken("reading a piece", e))?;
        let line = Some(i64::from_be_bytes(*line)).filter(|line| *line > 0);
        let say = |n: usize| read.get(n).and_then(Value::as_str).unwrap_or_default().to_owned();
        let fields = if *tag == 0 { Ok(read) } else { Err((say(0), say(1))) };
        items.push(Item { line, fields });
        bytes = rest;
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_in_pieces_of_a_limited_size() {
        let items: Vec<Item> = (0..1_203)
            .map(|n| Item {
                line: Some(n + 2).filter(|_| n % 3 > 0),
                fields: if n % 7 == 0 {
                    Err(("a".into(), "It is wrong.".into()))
                } else {
                    Ok(json!({ "n": n }))
                },
            })
            .collect();
        let mut packer = Packer::default();
        let mut pieces: Vec<Packed> = items.iter().filter_map(|item| packer.add(item)).collect();
        pieces.extend(packer.take());
        assert_eq!(
            pieces.iter().map(|p| (p.first, p.records)).collect::<Vec<_>>(),
            [(0, 500), (500, 500), (1_000, 203)]
        );
        let back: Vec<Item> = pieces.iter().flat_map(|piece| unpack(&piece.bytes).unwrap()).collect();
        assert_eq!(back, items);
        assert!(unpack(&pieces[0].bytes[..100]).is_err());
    }
}
