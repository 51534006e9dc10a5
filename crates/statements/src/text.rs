//! Texts that are about somebody, and do not print.

use std::fmt;

/// What a bank wrote about a payment: names, addresses, whatever a payer typed. It is not printed; whoever wants to see it
/// says so. Where a bank wrote several lines, there is a line feed between them.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Private(String);

impl Private {
    /// Keeps this text from being printed.
    pub fn new(text: impl Into<String>) -> Private {
        Private(text.into())
    }

    /// The text itself. What it is given to must not log it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// Puts a line below it, unless the same one stands there: banks say many things twice.
    pub(crate) fn add_line(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() || self.0.lines().any(|known| known == line) {
            return;
        }
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(line);
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_blank() { "(blank)" } else { "(private)" })
    }
}

/// Stars and the last four characters; stars alone where that would show half of it.
fn last_four(text: &str) -> String {
    let characters = text.chars().count();
    let end: String = text.chars().skip(characters.saturating_sub(4)).collect();
    match characters {
        0 => String::new(),
        1..=8 => "****".into(),
        _ => format!("****{end}"),
    }
}

macro_rules! masked {
    ($(#[$doc:meta])* $name:ident, $read:ident, $read_doc:literal) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// As it is written.
            pub fn new(text: impl Into<String>) -> $name {
                $name(text.into())
            }

            #[doc = $read_doc]
            pub fn $read(&self) -> &str {
                &self.0
            }

            /// Stars and the last four characters; stars alone where that would show half of it.
            pub fn last_four(&self) -> String {
                last_four(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.last_four())
            }
        }
    };
}

masked! {
    /// Which account a statement is of, as the bank writes it: an account number, an IBAN. It prints as its last four characters.
    AccountId, reveal, "The whole identifier. What it is given to must not log it."
}

masked! {
    /// A reference somebody gave a payment. It prints as its last four characters, since payers write into references whatever
    /// they like, account numbers too.
    Reference, as_str, "The whole reference."
}

/// What bytes say, and whether that is plain: printable ASCII. Banks that do not write UTF-8 write Latin-1, in which every byte
/// is a character. Control characters become blanks: no database takes all of them.
pub(crate) fn decode(bytes: &[u8]) -> (String, bool) {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    let text: String = match std::str::from_utf8(bytes) {
        Ok(text) => text.chars().map(blank).collect(),
        Err(_) => bytes.iter().map(|byte| blank(char::from(*byte))).collect(),
    };
    let plain = bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    (text, plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_about_anybody_is_printed() {
        let account = AccountId::new("000123456789");
        let reference = Reference::new("4000123412341234");
        assert_eq!(format!("{account:?} {reference:?}"), "****6789 ****1234");
        assert_eq!(format!("{:?}", AccountId::new("12345678")), "****", "four of eight would be half");
        assert_eq!(format!("{:?}", Private::new("ROSA DIAZ")), "(private)");
        assert_eq!(format!("{:?}", Private::default()), "(blank)");
    }

    #[test]
    fn lines_that_say_the_same_stand_once() {
        let mut text = Private::new("REF 4711");
        text.add_line(" REF 4711 ");
        text.add_line("ROSA DIAZ");
        text.add_line(" ");
        assert_eq!(text.reveal(), "REF 4711\nROSA DIAZ");
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_latin_1() {
        assert_eq!(decode(b"SIOBH\xc1N"), ("SIOBHÁN".into(), false));
        assert_eq!(decode("SIOBHÁN".as_bytes()), ("SIOBHÁN".into(), false));
        assert_eq!(decode(b"ROSA\tDIAZ"), ("ROSA DIAZ".into(), true));
        assert_eq!(decode(b"ROSA\0"), ("ROSA ".into(), false));
    }
}
