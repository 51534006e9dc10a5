//! One declaration for each record: where its fields are, what they are called, how they are read and written.

use std::fmt;

use crate::codes::{ChangeCode, ReturnCode, SecCode, ServiceClass, TransactionCode};
use crate::fault::{Expected, Fault, Faults, Field, Found, Kind};
use crate::routing::check_digit;
use crate::text::is_printable;
use crate::{Date, Private, RoutingNumber, SettlementDay, Text, Time};

/// How many characters a record has.
pub const RECORD_LENGTH: usize = 94;

/// A record as it stands in a file, without its line end.
pub(crate) type Line = [u8; RECORD_LENGTH];

/// Why a record cannot be written. It never holds what the field should have held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// What the standard calls the field.
    pub field: &'static str,
    /// What is wrong with what it should hold.
    pub why: &'static str,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} {}", self.field, self.why)
    }
}

impl std::error::Error for Unfit {}

/// A record whose fields are declared.
pub(crate) trait Layout: Sized {
    /// Its fields; those that are always the same come last.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests hold the layouts against the line"))]
    const FIELDS: &'static [Field];
    /// Reads it; nothing where a number or code cannot be known.
    fn read(line: &Line, at: &mut Reading<'_>) -> Option<Self>;
    /// Writes it over `line`, which is blank.
    fn write(&self, line: &mut Line) -> Result<(), Unfit>;
}

/// The line that is being read, and where its faults go.
pub(crate) struct Reading<'a> {
    pub(crate) line: u64,
    pub(crate) faults: &'a mut Faults,
    /// How many faults this line has.
    pub(crate) here: u32,
}

impl Reading<'_> {
    pub(crate) fn fault(&mut self, field: &Field, kind: Kind, found: Found, expected: &'static str) {
        self.here += 1;
        self.faults.push(Fault::at(self.line, field, kind, found, Expected::Words(expected)));
    }

    /// A field that is the same in every record.
    pub(crate) fn same(&mut self, field: &Field, columns: &[u8], constant: &[u8]) {
        let is_right =
            if constant.is_empty() { columns.iter().all(|b| *b == b' ') } else { columns == constant };
        if is_right {
            return;
        }
        let wanted = constant.iter().copied().chain(std::iter::repeat(b' '));
        let found = columns.iter().zip(wanted).enumerate().find(|(_, (is, wanted))| **is != *wanted);
        let found =
            found.map_or(Found::Blank, |(n, (is, _))| Found::Byte { column: field.from + n, byte: *is });
        self.fault(
            field,
            Kind::Character,
            found,
            match constant {
                b"" => "blanks: the field is reserved",
                b"01" => "01",
                b"094" => "094, the length of a record",
                b"10" => "10, the records of a block",
                _ => "1",
            },
        );
    }
}

/// A type of field.
pub(crate) trait Value: Sized {
    /// How many columns it needs; nothing where any number will do.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests hold the layouts against it"))]
    const WIDTH: Option<usize>;
    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<Self>;
    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str>;
}

/// Digits alone as a number. A fault, and nothing, where one column is something else.
fn digits(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<u128> {
    let mut number: u128 = 0;
    for (n, byte) in columns.iter().enumerate() {
        if !byte.is_ascii_digit() {
            let blank = columns.iter().all(|b| *b == b' ');
            let found =
                if blank { Found::Blank } else { Found::Byte { column: field.from + n, byte: *byte } };
            at.fault(field, Kind::Character, found, "digits alone");
            return None;
        }
        // At most 20 columns: it cannot overflow.
        number = number.wrapping_mul(10).wrapping_add(u128::from(byte - b'0'));
    }
    Some(number)
}

fn put(mut number: u128, columns: &mut [u8]) -> Result<(), &'static str> {
    for column in columns.iter_mut().rev() {
        *column = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
    if number == 0 {
        Ok(())
    } else {
        Err("is a number that does not fit into its columns: send it in several")
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Value for $number {
            const WIDTH: Option<usize> = None;

            fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<$number> {
                // Eighteen digits fit into 64 bits, and those are quicker.
                if columns.len() <= 18 {
                    let mut number: u64 = 0;
                    let mut sound = true;
                    for byte in columns {
                        sound &= byte.is_ascii_digit();
                        number = number.wrapping_mul(10).wrapping_add(u64::from(byte.wrapping_sub(b'0')));
                    }
                    if sound {
                        return <$number>::try_from(number).ok();
                    }
                }
                digits(field, columns, at).and_then(|number| <$number>::try_from(number).ok())
            }

            fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
                // The same, for the amounts and numbers that are written most.
                if let Ok(mut rest) = u64::try_from(*self) && columns.len() <= 18 {
                    for column in columns.iter_mut().rev() {
                        *column = b'0' + u8::try_from(rest % 10).unwrap_or(0);
                        rest /= 10;
                    }
                    return if rest == 0 { Ok(()) } else { put(u128::from(*self), columns) };
                }
                put(u128::from(*self), columns)
            }
        }
    )*};
}
numbers! { u16 u32 u64 u128 }

impl<const N: usize> Value for Text<N> {
    const WIDTH: Option<usize> = Some(N);

    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<Text<N>> {
        if !columns.iter().all(|b| is_printable(*b)) {
            let n = columns.iter().position(|b| !is_printable(*b)).unwrap_or(0);
            let byte = columns.get(n).copied().unwrap_or(b' ');
            at.fault(field, Kind::Character, Found::Byte { column: field.from + n, byte }, "printable ASCII");
        }
        Some(Text::from_columns(columns))
    }

    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
        columns.copy_from_slice(self.columns());
        Ok(())
    }
}

impl<const N: usize> Value for Private<N> {
    const WIDTH: Option<usize> = Some(N);

    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<Private<N>> {
        <Text<N> as Value>::read(field, columns, at).map(Private::new)
    }

    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
        columns.copy_from_slice(self.reveal_columns());
        Ok(())
    }
}

fn sized<const N: usize>(columns: &[u8]) -> [u8; N] {
    columns.try_into().unwrap_or([b' '; N])
}

pub(crate) fn glimpse(columns: &[u8]) -> Found {
    if columns.iter().all(|b| *b == b' ') {
        return Found::Blank;
    }
    Found::Glimpse(Text::from_columns(columns))
}

impl Value for Date {
    const WIDTH: Option<usize> = Some(6);

    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<Date> {
        let date = Date::from_columns(sized(columns));
        if !date.is_none()
            && let Some((n, expected)) = date.wrong()
        {
            let part = Field { from: field.from + n, to: field.from + n + 1, ..*field };
            at.fault(&part, Kind::Date, glimpse(columns.get(n..n + 2).unwrap_or_default()), expected);
            // Digits are kept, so that the record is written again as it was.
            return Some(if columns.iter().all(u8::is_ascii_digit) { date } else { Date::NONE });
        }
        Some(date)
    }

    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
        columns.copy_from_slice(&self.columns());
        Ok(())
    }
}

impl Value for Time {
    const WIDTH: Option<usize> = Some(4);

    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<Time> {
        let time = Time::from_columns(sized(columns));
        if time != Time::NONE && time.hm().is_none() {
            at.fault(field, Kind::Date, Found::Hidden, "hour and minute, 0000 to 2359, or blanks");
            return Some(Time::NONE);
        }
        Some(time)
    }

    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
        columns.copy_from_slice(&self.columns());
        Ok(())
    }
}

impl Value for SettlementDay {
    const WIDTH: Option<usize> = Some(3);

    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<SettlementDay> {
        let day = SettlementDay::from_columns(sized(columns));
        if !day.is_none() && day.day_of_year().is_none() {
            at.fault(field, Kind::Date, glimpse(columns), "a day of the year from 001 to 366, or blanks");
            return Some(SettlementDay::NONE);
        }
        Some(day)
    }

    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
        columns.copy_from_slice(&self.columns());
        Ok(())
    }
}

impl Value for RoutingNumber {
    const WIDTH: Option<usize> = Some(9);

    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<RoutingNumber> {
        let number = RoutingNumber::unchecked(u32::read(field, columns, at)?);
        if !number.is_valid() {
            let right = check_digit(number.bank());
            let digit = Field { name: "check digit", from: field.to, to: field.to };
            if right == number.check_digit() {
                let head = Field { from: field.from, to: field.from + 1, ..*field };
                let found = glimpse(columns.get(..2).unwrap_or_default());
                at.fault(
                    &head,
                    Kind::Routing,
                    found,
                    "a routing number that banks have: 00-12, 21-32, 61-72 or 80",
                );
            } else {
                at.here += 1;
                let (found, expected) = (u128::from(number.check_digit()), u128::from(right));
                let expected = Expected::NumberOf(expected, "by the eight digits before it");
                at.faults.push(Fault::at(at.line, &digit, Kind::Routing, Found::Number(found), expected));
            }
        }
        Some(number)
    }

    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
        self.get().write(columns)
    }
}

impl Value for TransactionCode {
    const WIDTH: Option<usize> = Some(2);

    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<TransactionCode> {
        let code = TransactionCode::of(u32::read(field, columns, at)?);
        if code.is_none() {
            at.fault(field, Kind::Code, glimpse(columns), "a transaction code such as 22, 27, 32 or 37");
        }
        code
    }

    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
        self.get().write(columns)
    }
}

impl Value for ServiceClass {
    const WIDTH: Option<usize> = Some(3);

    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<ServiceClass> {
        let class = ServiceClass::of(u32::read(field, columns, at)?);
        if class.is_none() {
            at.fault(field, Kind::Code, glimpse(columns), "a service class: 200, 220, 225 or 280");
        }
        class
    }

    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
        self.get().write(columns)
    }
}

impl Value for SecCode {
    const WIDTH: Option<usize> = Some(3);

    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<SecCode> {
        let code = SecCode::of(sized(columns));
        if let SecCode::Unknown(_) = code {
            at.fault(
                field,
                Kind::Code,
                glimpse(columns),
                "a standard entry class such as PPD, WEB, TEL or CCD",
            );
        }
        Some(code)
    }

    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
        match self {
            SecCode::Unknown(_) => Err("is not a standard entry class: name one such as PPD"),
            known => {
                columns.copy_from_slice(&known.columns());
                Ok(())
            }
        }
    }
}

/// The number after a letter: `R01`, `C01`.
fn lettered(letter: u8, columns: &[u8]) -> Option<u8> {
    match columns {
        [first, tens @ b'0'..=b'9', ones @ b'0'..=b'9'] if *first == letter => {
            Some((tens - b'0') * 10 + (ones - b'0'))
        }
        _ => None,
    }
}

impl Value for ReturnCode {
    const WIDTH: Option<usize> = Some(3);

    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<ReturnCode> {
        let code = lettered(b'R', columns).and_then(ReturnCode::of);
        if code.is_none() {
            at.fault(field, Kind::Code, glimpse(columns), "R and two digits, such as R01");
        }
        code
    }

    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
        columns.copy_from_slice(self.to_string().as_bytes());
        Ok(())
    }
}

impl Value for ChangeCode {
    const WIDTH: Option<usize> = Some(3);

    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<ChangeCode> {
        let code = lettered(b'C', columns).and_then(ChangeCode::of);
        if code.is_none() {
            at.fault(field, Kind::Code, glimpse(columns), "C and two digits, such as C01");
        }
        code
    }

    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
        columns.copy_from_slice(self.to_string().as_bytes());
        Ok(())
    }
}

impl Value for bool {
    const WIDTH: Option<usize> = Some(1);

    fn read(field: &Field, columns: &[u8], at: &mut Reading<'_>) -> Option<bool> {
        match columns {
            b"0" => Some(false),
            b"1" => Some(true),
            _ => {
                let byte = columns.first().copied().unwrap_or(b' ');
                at.fault(field, Kind::Code, Found::Byte { column: field.from, byte }, "0 or 1");
                None
            }
        }
    }

    fn write(&self, columns: &mut [u8]) -> Result<(), &'static str> {
        columns.fill(if *self { b'1' } else { b'0' });
        Ok(())
    }
}

/// Declares a record: each field with its columns, counted from 1, and the name the standard has for it; and what is the
/// same in every record, `""` for blanks.
macro_rules! layout {
    (
        $(#[$doc:meta])*
        $name:ident begins with $kind:literal {
            $($(#[$about:meta])* $field:ident: $type:ty = $from:literal..=$to:literal $label:literal,)*
        } always { $($always_from:literal..=$always_to:literal $always_label:literal $constant:literal,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[$about])* pub $field: $type,)* }

        impl $crate::layout::Layout for $name {
            const FIELDS: &'static [$crate::fault::Field] = &[
                $($crate::fault::Field { name: $label, from: $from, to: $to },)*
                $($crate::fault::Field { name: $always_label, from: $always_from, to: $always_to },)*
            ];

            fn read(line: &$crate::layout::Line, at: &mut $crate::layout::Reading<'_>) -> Option<$name> {
                $(
                    let columns = const { $crate::fault::Field { name: $label, from: $from, to: $to } };
                    let $field = <$type as $crate::layout::Value>::read(&columns, &line[$from - 1..$to], at);
                )*
                $(
                    let columns =
                        const { $crate::fault::Field { name: $always_label, from: $always_from, to: $always_to } };
                    at.same(&columns, &line[$always_from - 1..$always_to], $constant.as_bytes());
                )*
                Some($name { $($field: $field?,)* })
            }

            fn write(&self, line: &mut $crate::layout::Line) -> Result<(), $crate::layout::Unfit> {
                line[0] = $kind;
                $(
                    $crate::layout::Value::write(&self.$field, &mut line[$from - 1..$to])
                        .map_err(|why| $crate::layout::Unfit { field: $label, why })?;
                )*
                $(if !$constant.is_empty() {
                    line[$always_from - 1..$always_to].copy_from_slice($constant.as_bytes());
                })*
                Ok(())
            }
        }

        #[cfg(test)]
        impl $name {
            /// The fields fill the line from its second column on, each as wide as what it holds.
            pub(crate) fn hold_against_the_line() {
                let mut fields = <$name as $crate::layout::Layout>::FIELDS.to_vec();
                fields.sort_by_key(|field| field.from);
                let mut next = 2;
                for field in &fields {
                    assert_eq!(field.from, next, "{} in {}", field.name, stringify!($name));
                    next = field.to + 1;
                }
                assert_eq!(next, $crate::layout::RECORD_LENGTH + 1, stringify!($name));
                $(if let Some(width) = <$type as $crate::layout::Value>::WIDTH {
                    assert_eq!(width, $to + 1 - $from, "{} in {}", $label, stringify!($name));
                })*
                $(assert!($constant.is_empty() || $constant.len() == $always_to + 1 - $always_from, $always_label);)*
            }
        }
    };
}
pub(crate) use layout;
