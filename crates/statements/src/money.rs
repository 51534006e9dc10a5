//! Amounts: whole numbers of a currency's smallest unit, which is the cent of most. Nothing here is ever a float.

use std::fmt;

/// A currency by its three letters. Source: ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Dollars of the United States: what BAI2 means where it names none.
    pub const USD: Currency = Currency(*b"USD");

    /// This currency, where it is three capital letters. Whether it exists is not known here.
    pub fn of(letters: &str) -> Option<Currency> {
        let letters: [u8; 3] = letters.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Currency(letters))
    }

    /// Its letters.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many decimals its amounts have. Source: ISO 4217, list one, minor units.
    pub fn decimals(self) -> usize {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    /// In the currency's smallest unit.
    pub(crate) cents: i64,
    /// Whether it has a decimal point.
    pub(crate) point: bool,
    /// Whether it has more decimals than the currency, all of them zeros.
    pub(crate) extra_zeros: bool,
}

/// Why something is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bad {
    /// There is nothing, or no digit.
    Nothing,
    /// This byte, so many bytes from its beginning.
    Byte(usize, u8),
    /// It is beyond what anybody owns.
    TooLarge,
    /// It has more decimals than its currency.
    Decimals,
}

/// An amount of BAI2: digits without a point, in the smallest unit, with a sign or without. Some banks write the point all
/// the same; then it stands where the currency's decimals begin.
pub(crate) fn implied(text: &[u8], currency: Currency) -> Result<Read, Bad> {
    let unsigned = text.strip_prefix(b"+").or(text.strip_prefix(b"-")).unwrap_or(text);
    if text.contains(&b'.') {
        return decimal(text, currency);
    }
    let read = digits(unsigned, text.len() - unsigned.len())?;
    let cents = if text.starts_with(b"-") { -read } else { read };
    Ok(Read { cents, point: false, extra_zeros: false })
}

/// An amount of ISO 20022: digits, and a point where there are decimals.
pub(crate) fn decimal(text: &[u8], currency: Currency) -> Result<Read, Bad> {
    let unsigned = text.strip_prefix(b"+").or(text.strip_prefix(b"-")).unwrap_or(text);
    let offset = text.len() - unsigned.len();
    let point = unsigned.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = unsigned.split_at(point.unwrap_or(unsigned.len()));
    let fraction = fraction.strip_prefix(b".").unwrap_or(fraction);
    if whole.is_empty() && fraction.is_empty() {
        return Err(Bad::Nothing);
    }
    let decimals = currency.decimals();
    let (kept, beyond) = fraction.split_at(fraction.len().min(decimals));
    if let Some(at) = beyond.iter().position(|byte| !byte.is_ascii_digit()) {
        let byte = beyond.get(at).copied().unwrap_or_default();
        return Err(Bad::Byte(offset + whole.len() + 1 + kept.len() + at, byte));
    }
    if beyond.iter().any(|byte| *byte != b'0') {
        return Err(Bad::Decimals);
    }
    let units = if whole.is_empty() { 0 } else { digits(whole, offset)? };
    let parts = if kept.is_empty() { 0 } else { digits(kept, offset + whole.len() + 1)? };
    let mut scaled = (units, parts);
    for at in 0..decimals {
        scaled.0 = scaled.0.checked_mul(10).ok_or(Bad::TooLarge)?;
        if at >= kept.len() {
            scaled.1 = scaled.1.checked_mul(10).ok_or(Bad::TooLarge)?;
        }
    }
    let cents = scaled.0.checked_add(scaled.1).ok_or(Bad::TooLarge)?;
    let cents = if text.starts_with(b"-") { -cents } else { cents };
    Ok(Read { cents, point: point.is_some(), extra_zeros: !beyond.is_empty() })
}

/// Digits alone, which begin `offset` bytes behind the beginning of the amount.
fn digits(text: &[u8], offset: usize) -> Result<i64, Bad> {
    if text.is_empty() {
        return Err(Bad::Nothing);
    }
    let mut sum = 0_i64;
    for (at, byte) in text.iter().enumerate() {
        if !byte.is_ascii_digit() {
            return Err(Bad::Byte(offset + at, *byte));
        }
        let digit = i64::from(*byte - b'0');
        sum = sum.checked_mul(10).and_then(|sum| sum.checked_add(digit)).ok_or(Bad::TooLarge)?;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]

    use super::*;

    fn cents(text: &str, currency: &str) -> Result<i64, Bad> {
        decimal(text.as_bytes(), Currency::of(currency).unwrap()).map(|read| read.cents)
    }

    #[test]
    fn decimals_are_those_of_the_currency() {
        assert_eq!(cents("1234.56", "USD"), Ok(1234_56));
        assert_eq!(cents("1234.5", "USD"), Ok(1234_50));
        assert_eq!(
            (cents("1234", "USD"), cents("1234.", "USD"), cents(".05", "USD")),
            (Ok(1234_00), Ok(1234_00), Ok(5))
        );
        assert_eq!(cents("1234", "JPY"), Ok(1234));
        assert_eq!(cents("1.234", "KWD"), Ok(1234));
        assert_eq!(cents("1234.567", "USD"), Err(Bad::Decimals));
        assert_eq!(cents("0.5", "JPY"), Err(Bad::Decimals));
        let zeros = decimal(b"18.150", Currency::of("EUR").unwrap()).unwrap();
        assert_eq!((zeros.cents, zeros.extra_zeros), (18_15, true));
    }

    #[test]
    fn what_is_no_amount_is_told_where_it_is_none() {
        assert_eq!(cents("", "USD"), Err(Bad::Nothing));
        assert_eq!(cents(".", "USD"), Err(Bad::Nothing));
        assert_eq!(cents("12O4.00", "USD"), Err(Bad::Byte(2, b'O')));
        assert_eq!(cents("1,204.00", "USD"), Err(Bad::Byte(1, b',')));
        assert_eq!(cents("12.0x", "USD"), Err(Bad::Byte(4, b'x')));
        assert_eq!(cents("99999999999999999999", "USD"), Err(Bad::TooLarge));
        assert_eq!(implied(b"-", Currency::USD), Err(Bad::Nothing));
    }

    #[test]
    fn bai2_has_no_point_unless_a_bank_writes_one() {
        let read = |text: &[u8]| implied(text, Currency::USD).map(|read| (read.cents, read.point));
        assert_eq!(read(b"+00000004060801"), Ok((40_608_01, false)));
        assert_eq!(read(b"-1500000"), Ok((-15_000_00, false)));
        assert_eq!(read(b"15000.00"), Ok((15_000_00, true)));
        assert_eq!(read(b"1 5"), Err(Bad::Byte(1, b' ')));
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        assert_eq!(Currency::of("USD"), Some(Currency::USD));
        assert_eq!((Currency::of("usd"), Currency::of("US"), Currency::of("01,")), (None, None, None));
    }
}
