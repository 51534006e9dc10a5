//! A yearly rate of interest, exact to a thousandth of a percent.

use std::fmt;

/// A rate a year, between 0 and 100 percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(i64);

impl Rate {
    /// Thousandths of a percent.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// The rate of a text in percent, with three decimals at most: `6.5`.
    pub fn parse(text: &str) -> Option<Rate> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) {
            return None;
        }
        let thousandths: i64 = format!("{whole}{decimals:0<3}").parse().ok()?;
        (thousandths <= 100_000).then_some(Rate(thousandths))
    }
}

base::column!(Rate as i64, |rate| rate.0, Rate);

/// In percent, without zeros at the end: `6.5`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:03}", self.0 / 1_000, self.0 % 1_000);
        f.pad(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_reads_back_as_it_prints() {
        for (text, thousandths, printed) in [
            ("6.5", 6_500, "6.5"),
            ("6.500", 6_500, "6.5"),
            ("0", 0, "0"),
            ("0.001", 1, "0.001"),
            ("10", 10_000, "10"),
            ("29.99", 29_990, "29.99"),
            ("100", 100_000, "100"),
            ("007.25", 7_250, "7.25"),
        ] {
            let rate = Rate::parse(text).unwrap();
            assert_eq!((rate.thousandths(), rate.to_string().as_str()), (thousandths, printed), "{text}");
            assert_eq!(Rate::parse(printed), Some(rate));
        }
        for bad in
            ["", ".5", "6.", "6.5000", "-1", "+1", "1e1", "6,5", "100.001", "1000", " 6", "six", "6.5.1"]
        {
            assert_eq!(Rate::parse(bad), None, "{bad}");
        }
    }
}
