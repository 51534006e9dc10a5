//! Ranges of network addresses.

use std::net::IpAddr;

/// Addresses that begin with the same bits: `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    net: u128,
    bits: u32,
}

/// Every address as IPv6, so that one comparison does.
fn wide(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl Range {
    /// Reads `10.0.0.0/8`, `::1` and the like.
    pub fn parse(text: &str) -> Option<Range> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.trim().parse().ok()?;
        let (least, most) = if address.is_ipv4() { (96, 32) } else { (0, 128) };
        let bits = bits.map_or(Some(most), |b| b.trim().parse::<u32>().ok()).filter(|b| *b <= most)?;
        Some(Range { net: wide(address), bits: bits + least })
    }

    /// Whether `address` is one of them.
    pub fn has(self, address: IpAddr) -> bool {
        let shift = 128 - self.bits;
        shift == 128 || wide(address) >> shift == self.net >> shift
    }
}
