//! Days and times as statements write them. It does not know which days banks are open, nor what day it is.

use std::fmt;

/// A day that exists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// This day, where it exists. Years are those from 1 to 9999.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        let exists = (1..=9999).contains(&year) && (1..=days_in(year, month)).contains(&day);
        exists.then_some(Date { year, month, day })
    }

    /// Year, month, day.
    pub fn ymd(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// YYMMDD, of the years from 2000 to 2099; YYYYMMDD is read too. BAI2 has the first.
    pub(crate) fn from_digits(text: &[u8]) -> Option<Date> {
        if !text.iter().all(u8::is_ascii_digit) {
            return None;
        }
        match text {
            [y, z, rest @ ..] if rest.len() == 4 => Date::of(2000 + u16::from(two(*y, *z)?), rest),
            [w, x, y, z, rest @ ..] if rest.len() == 4 => {
                Date::of(u16::from(two(*w, *x)?) * 100 + u16::from(two(*y, *z)?), rest)
            }
            _ => None,
        }
    }

    /// YYYY-MM-DD, as ISO 8601 has it. A time and a zone may follow; the day is the one that is written, wherever that is.
    pub(crate) fn from_iso(text: &str) -> Option<Date> {
        let (day, rest) = text.as_bytes().split_at_checked(10)?;
        let [w, x, y, z, b'-', m, n, b'-', d, e] = day else { return None };
        let follows = matches!(rest, [] | [b'Z' | b'+' | b'-' | b'T', ..]);
        let date = Date::of(u16::from(two(*w, *x)?) * 100 + u16::from(two(*y, *z)?), &[*m, *n, *d, *e]);
        date.filter(|_| follows)
    }

    fn of(year: u16, month_and_day: &[u8]) -> Option<Date> {
        let [a, b, c, d] = month_and_day else { return None };
        Date::new(year, two(*a, *b)?, two(*c, *d)?)
    }
}

impl fmt::Display for Date {
    /// As `2026-11-20`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}-{:02}", self.year, self.month, self.day))
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A time of day, in whatever zone the bank has. The end of a day is 24:00.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    hour: u8,
    minute: u8,
}

impl Time {
    /// The end of a day.
    pub const END_OF_DAY: Time = Time { hour: 24, minute: 0 };

    /// This hour and minute.
    pub fn new(hour: u8, minute: u8) -> Option<Time> {
        let exists = (hour < 24 && minute < 60) || (hour == 24 && minute == 0);
        exists.then_some(Time { hour, minute })
    }

    /// Hour and minute.
    pub fn hm(self) -> (u8, u8) {
        (self.hour, self.minute)
    }

    /// HHMM, where 2400 and 9999 are the end of the day. HHMMSS, and either with colons, are read too, and said to be so.
    pub(crate) fn from_digits(text: &[u8]) -> Option<(Time, bool)> {
        let digits: Vec<u8> = text.iter().copied().filter(|byte| *byte != b':').collect();
        let strays = digits.len() != 4 || digits.len() != text.len();
        let time = match digits.as_slice() {
            b"9999" => Some(Time::END_OF_DAY),
            [a, b, c, d] | [a, b, c, d, b'0'..=b'5', b'0'..=b'9'] => Time::new(two(*a, *b)?, two(*c, *d)?),
            _ => None,
        };
        time.map(|time| (time, strays))
    }
}

impl fmt::Display for Time {
    /// As `09:05`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:02}:{:02}", self.hour, self.minute))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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
        assert_eq!(Date::from_digits(b"280229"), Date::new(2028, 2, 29));
        assert_eq!(Date::from_digits(b"20261120"), Date::new(2026, 11, 20));
        assert_eq!(
            (Date::from_digits(b"270229"), Date::from_digits(b"2611"), Date::new(0, 1, 1)),
            (None, None, None)
        );
        assert_eq!(Date::from_iso("2026-11-20"), Date::new(2026, 11, 20));
        assert_eq!(Date::from_iso("2026-11-20T23:59:59.999-06:00"), Date::new(2026, 11, 20));
        assert_eq!(Date::from_iso("2026-11-20+01:00"), Date::new(2026, 11, 20));
        assert_eq!(
            (Date::from_iso("2026-11-31"), Date::from_iso("2026-11-2"), Date::from_iso("2026-11-200")),
            (None, None, None)
        );
        assert_eq!(Date::new(2026, 11, 20).unwrap().to_string(), "2026-11-20");
    }

    #[test]
    fn a_day_ends_at_2400_or_9999() {
        assert_eq!(Time::from_digits(b"0905"), Time::new(9, 5).map(|time| (time, false)));
        assert_eq!(Time::from_digits(b"2400"), Some((Time::END_OF_DAY, false)));
        assert_eq!(Time::from_digits(b"9999"), Some((Time::END_OF_DAY, false)));
        assert_eq!(Time::from_digits(b"14:59:35"), Time::new(14, 59).map(|time| (time, true)));
        assert_eq!(
            (Time::from_digits(b"2401"), Time::from_digits(b"1260"), Time::from_digits(b"9")),
            (None, None, None)
        );
    }
}
