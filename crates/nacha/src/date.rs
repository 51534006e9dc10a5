//! Days and times as the format writes them. It does not know which days banks are open.

use std::fmt;

/// A day as YYMMDD; blanks or zeros where there is none. Years are those from 2000 to 2099.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Date([u8; 6]);

impl Date {
    /// No day: blanks.
    pub const NONE: Date = Date([b' '; 6]);

    /// This day, where it is one of the years that can be written.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        let yy = u8::try_from(year.checked_sub(2000)?).ok().filter(|yy| *yy < 100)?;
        (1..=days_in(year, month)).contains(&day).then(|| {
            let tens = |n: u8| [b'0' + n / 10, b'0' + n % 10];
            let ([a, b], [c, d], [e, f]) = (tens(yy), tens(month), tens(day));
            Date([a, b, c, d, e, f])
        })
    }

    /// Year, month, day; nothing where there is no day, or none that exists.
    pub fn ymd(self) -> Option<(u16, u8, u8)> {
        let [a, b, c, d, e, f] = self.0;
        let (yy, month, day) = (two(a, b)?, two(c, d)?, two(e, f)?);
        let year = 2000 + u16::from(yy);
        (1..=days_in(year, month)).contains(&day).then_some((year, month, day))
    }

    /// Whether it is blanks or zeros.
    pub fn is_none(self) -> bool {
        self.0 == *b"      " || self.0 == *b"000000"
    }

    pub(crate) fn from_columns(columns: [u8; 6]) -> Date {
        Date(columns)
    }

    pub(crate) fn columns(self) -> [u8; 6] {
        self.0
    }

    /// Which two of the six columns, counted from 0, are no year, month or day; nothing where all are.
    pub(crate) fn wrong(self) -> Option<(usize, &'static str)> {
        let [a, b, c, d, e, f] = self.0;
        let Some(yy) = two(a, b) else { return Some((0, "a year of two digits")) };
        let Some(month) = two(c, d).filter(|month| (1..=12).contains(month)) else {
            return Some((2, "a month from 01 to 12"));
        };
        let days = days_in(2000 + u16::from(yy), month);
        if two(e, f).is_some_and(|day| (1..=days).contains(&day)) {
            return None;
        }
        Some((4, "a day of that month"))
    }
}

impl fmt::Display for Date {
    /// As `2026-11-20`; `-` where there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ymd() {
            Some((year, month, day)) => f.pad(&format!("{year}-{month:02}-{day:02}")),
            None => f.pad("-"),
        }
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A time of day as HHMM; blanks where there is none.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Time([u8; 4]);

impl Time {
    /// No time: blanks.
    pub const NONE: Time = Time([b' '; 4]);

    /// This hour and minute, of a day of 24 hours.
    pub fn new(hour: u8, minute: u8) -> Option<Time> {
        let tens = |n: u8| [b'0' + n / 10, b'0' + n % 10];
        let ([a, b], [c, d]) = (tens(hour.min(99)), tens(minute.min(99)));
        (hour < 24 && minute < 60).then_some(Time([a, b, c, d]))
    }

    /// Hour and minute; nothing where there is none.
    pub fn hm(self) -> Option<(u8, u8)> {
        let [a, b, c, d] = self.0;
        let (hour, minute) = (two(a, b)?, two(c, d)?);
        (hour < 24 && minute < 60).then_some((hour, minute))
    }

    pub(crate) fn from_columns(columns: [u8; 4]) -> Time {
        Time(columns)
    }

    pub(crate) fn columns(self) -> [u8; 4] {
        self.0
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hm() {
            Some((hour, minute)) => write!(f, "{hour:02}:{minute:02}"),
            None => f.write_str("-"),
        }
    }
}

/// The day of the year on which entries settled, 001 to 366, as the operator writes it; blanks or zeros until then.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SettlementDay([u8; 3]);

impl SettlementDay {
    /// Not settled: blanks.
    pub const NONE: SettlementDay = SettlementDay([b' '; 3]);

    /// This day of the year.
    pub fn new(day_of_year: u16) -> Option<SettlementDay> {
        let digit = |n: u16| u8::try_from(n % 10).ok().map(|n| b'0' + n);
        if !(1..=366).contains(&day_of_year) {
            return None;
        }
        Some(SettlementDay([digit(day_of_year / 100)?, digit(day_of_year / 10)?, digit(day_of_year)?]))
    }

    /// The day of the year; nothing where there is none.
    pub fn day_of_year(self) -> Option<u16> {
        let [a, b, c] = self.0;
        let day = u16::from(two(b'0', a)?) * 100 + u16::from(two(b, c)?);
        (1..=366).contains(&day).then_some(day)
    }

    /// Whether it is blanks or zeros.
    pub fn is_none(self) -> bool {
        self.0 == *b"   " || self.0 == *b"000"
    }

    pub(crate) fn from_columns(columns: [u8; 3]) -> SettlementDay {
        SettlementDay(columns)
    }

    pub(crate) fn columns(self) -> [u8; 3] {
        self.0
    }
}

impl fmt::Debug for SettlementDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.day_of_year() {
            Some(day) => write!(f, "{day:03}"),
            None => f.write_str("-"),
        }
    }
}

fn two(tens: u8, ones: u8) -> Option<u8> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + (ones - b'0'))
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_days() {
        assert_eq!(Date::new(2028, 2, 29).unwrap().columns(), *b"280229");
        assert_eq!(Date::new(2027, 2, 29), None);
        assert_eq!(Date::new(2100, 1, 1), None);
        assert_eq!(Date::from_columns(*b"261341").wrong().unwrap().0, 2);
        assert_eq!(Date::from_columns(*b"261131").wrong().unwrap().0, 4);
        assert_eq!(Date::from_columns(*b"261130").ymd(), Some((2026, 11, 30)));
        assert!(Date::from_columns(*b"000000").is_none());
        assert_eq!(Date::new(2026, 11, 20).unwrap().to_string(), "2026-11-20");
    }

    #[test]
    fn settlement_days_and_times_are_within_their_bounds() {
        assert_eq!(SettlementDay::new(366).unwrap().columns(), *b"366");
        assert_eq!(SettlementDay::from_columns(*b"042").day_of_year(), Some(42));
        assert_eq!((SettlementDay::new(0), SettlementDay::new(367)), (None, None));
        assert_eq!(Time::new(9, 5).unwrap().columns(), *b"0905");
        assert_eq!((Time::new(24, 0), Time::from_columns(*b"1260").hm()), (None, None));
    }
}
