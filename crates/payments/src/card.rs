//! Card numbers, brands, expiry: what can be told from a card without asking anybody.
//!
//! A card number is a [`Secret`]: it does not print, and only its first six and last four digits may be kept
//! (PCI DSS 3.4.1). A security code is checked here and kept nowhere (PCI DSS 3.3.1).

use std::fmt;

use base::{Day, secret::Secret};

/// A card network, as far as US consumers carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Brand {
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// American Express.
    AmericanExpress,
    /// Discover.
    Discover,
    /// Diners Club.
    DinersClub,
    /// JCB.
    Jcb,
    /// UnionPay.
    UnionPay,
}

impl Brand {
    /// Every brand there is.
    pub const ALL: &[Brand] = &[
        Brand::Visa,
        Brand::Mastercard,
        Brand::AmericanExpress,
        Brand::Discover,
        Brand::DinersClub,
        Brand::Jcb,
        Brand::UnionPay,
    ];

    /// The brand that issues numbers beginning with these digits (at least six), by the ranges of ISO/IEC 7812 as
    /// the networks publish them. A UnionPay number that Discover also carries (622126–622925) is UnionPay.
    pub fn of(digits: &str) -> Option<Brand> {
        let six: u32 = digits.get(..6).filter(|six| six.bytes().all(|c| c.is_ascii_digit()))?.parse().ok()?;
        match six {
            400_000..=499_999 => Some(Brand::Visa),
            510_000..=559_999 | 222_100..=272_099 => Some(Brand::Mastercard),
            340_000..=349_999 | 370_000..=379_999 => Some(Brand::AmericanExpress),
            352_800..=358_999 => Some(Brand::Jcb),
            300_000..=305_999 | 309_500..=309_599 | 360_000..=369_999 | 380_000..=399_999 => {
                Some(Brand::DinersClub)
            }
            601_100..=601_199 | 644_000..=659_999 => Some(Brand::Discover),
            620_000..=629_999 | 810_000..=819_999 => Some(Brand::UnionPay),
            _ => None,
        }
    }

    /// Its name, as statements and replies have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Brand::Visa => "Visa",
            Brand::Mastercard => "Mastercard",
            Brand::AmericanExpress => "American Express",
            Brand::Discover => "Discover",
            Brand::DinersClub => "Diners Club",
            Brand::Jcb => "JCB",
            Brand::UnionPay => "UnionPay",
        }
    }

    /// The brand of a stored name.
    pub fn parse(name: &str) -> Option<Brand> {
        Brand::ALL.iter().copied().find(|brand| brand.as_str() == name)
    }

    /// Whether it issues numbers of this many digits.
    pub const fn allows_length(self, digits: usize) -> bool {
        match self {
            Brand::Visa => matches!(digits, 13 | 16 | 19),
            Brand::Mastercard => digits == 16,
            Brand::AmericanExpress => digits == 15,
            Brand::DinersClub => 14 <= digits && digits <= 19,
            Brand::Discover | Brand::Jcb | Brand::UnionPay => 16 <= digits && digits <= 19,
        }
    }

    /// Whether this could be a security code of its cards: four digits on American Express, else three.
    pub fn fits_security_code(self, code: &str) -> bool {
        let digits = match self {
            Brand::AmericanExpress => 4,
            Brand::Visa
            | Brand::Mastercard
            | Brand::Discover
            | Brand::DinersClub
            | Brand::Jcb
            | Brand::UnionPay => 3,
        };
        code.len() == digits && code.bytes().all(|c| c.is_ascii_digit())
    }
}

impl fmt::Display for Brand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether the last digit checks the others (Luhn, ISO/IEC 7812-1 annex B). False for anything but digits.
pub fn luhn(digits: &str) -> bool {
    let sum = digits.chars().rev().enumerate().try_fold(0u32, |sum, (place, c)| {
        let digit = c.to_digit(10)?;
        let doubled = if place % 2 == 1 { digit * 2 } else { digit };
        sum.checked_add(if doubled > 9 { doubled - 9 } else { doubled })
    });
    !digits.is_empty() && sum.is_some_and(|sum| sum.is_multiple_of(10))
}

/// A whole card number of a known brand, of one of its lengths, with a right check digit. Never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct CardNumber {
    digits: Secret<String>,
    brand: Brand,
}

impl CardNumber {
    /// The number as people type it: digits, with spaces and hyphens anywhere.
    pub fn parse(text: &str) -> Option<CardNumber> {
        const LONGEST: usize = 19;
        if !text.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-') {
            return None;
        }
        // Room for all from the start: a string that grows leaves copies behind that nobody wipes.
        let mut digits = String::with_capacity(LONGEST + 1);
        digits.extend(text.chars().filter(char::is_ascii_digit).take(LONGEST + 1));
        let digits = Secret::new(digits);
        let brand = Brand::of(digits.reveal())?;
        let right = brand.allows_length(digits.reveal().len()) && luhn(digits.reveal());
        right.then_some(CardNumber { digits, brand })
    }

    /// All its digits, for the tokenizer and for the keyed fingerprint.
    pub fn digits(&self) -> &Secret<String> {
        &self.digits
    }

    /// Its network.
    pub fn brand(&self) -> Brand {
        self.brand
    }

    /// The first six digits, which name the issuer.
    pub fn bin(&self) -> &str {
        &self.digits.reveal()[..6]
    }

    /// The last four digits.
    pub fn last_four(&self) -> &str {
        let digits = self.digits.reveal();
        &digits[digits.len() - 4..]
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardNumber({} ***)", self.brand)
    }
}

/// The month through whose last day a card is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expiry {
    year: u16,
    month: u8,
}

impl Expiry {
    /// Month 1 to 12; a year of this century, in two digits or four.
    pub fn new(month: u16, year: u16) -> Option<Expiry> {
        let month = u8::try_from(month).ok().filter(|month| (1..=12).contains(month))?;
        let year = if year < 100 { 2000 + year } else { year };
        (2000..=2099).contains(&year).then_some(Expiry { year, month })
    }

    /// As written in a request: `1` or `01`; `27` or `2027`.
    pub fn parse(month: &str, year: &str) -> Option<Expiry> {
        let number =
            |text: &str| text.bytes().all(|c| c.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        let shaped = matches!(month.len(), 1 | 2) && matches!(year.len(), 2 | 4);
        // `0027` has four digits, but means no year of this century.
        let year = number(year).filter(|&number: &u16| year.len() == 2 || number >= 100)?;
        shaped.then(|| Expiry::new(number(month)?, year)).flatten()
    }

    /// 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// Four digits.
    pub fn year(self) -> u16 {
        self.year
    }

    /// Whether `today` is after the last day of its month.
    pub fn is_expired(self, today: Day) -> bool {
        (i32::from(today.0.year()), i32::from(today.0.month()))
            > (i32::from(self.year), i32::from(self.month))
    }
}

/// `01/2027`.
impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}/{}", self.month, self.year)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn brand_of(number: &str) -> Option<&'static str> {
        CardNumber::parse(number).map(|card| card.brand().as_str())
    }

    #[test]
    fn the_networks_own_test_numbers_are_recognised() {
        for (number, brand) in [
            ("4242424242424242", "Visa"),
            ("4222222222222", "Visa"),
            ("5555555555554444", "Mastercard"),
            ("2223003122003222", "Mastercard"),
            ("378282246310005", "American Express"),
            ("6011111111111117", "Discover"),
            ("36227206271667", "Diners Club"),
            ("3056930009020004", "Diners Club"),
            ("3566002020360505", "JCB"),
            ("6200000000000005", "UnionPay"),
            ("6205500000000000004", "UnionPay"),
        ] {
            assert_eq!(brand_of(number), Some(brand), "{number}");
        }
    }

    #[test]
    fn a_brand_begins_and_ends_where_its_network_says() {
        let brands = |prefixes: &[&str]| -> Vec<&str> {
            prefixes.iter().map(|p| Brand::of(&format!("{p:0<6}")).map_or("-", Brand::as_str)).collect()
        };
        assert_eq!(brands(&["222099", "2221", "272099", "272100"]), ["-", "Mastercard", "Mastercard", "-"]);
        assert_eq!(brands(&["50", "51", "55", "56"]), ["-", "Mastercard", "Mastercard", "-"]);
        assert_eq!(brands(&["33", "34", "35", "37"]), ["-", "American Express", "-", "American Express"]);
        assert_eq!(brands(&["3527", "3528", "3589", "359"]), ["-", "JCB", "JCB", "-"]);
        assert_eq!(brands(&["305", "306", "3095", "36"]), ["Diners Club", "-", "Diners Club", "Diners Club"]);
        assert_eq!(
            brands(&["6011", "6012", "643", "644", "65"]),
            ["Discover", "-", "-", "Discover", "Discover"]
        );
    }

    #[test]
    fn spaces_and_hyphens_are_how_people_read_their_card() {
        let card = CardNumber::parse(" 4242 4242-4242 4242 ").unwrap();
        assert_eq!((card.bin(), card.last_four()), ("424242", "4242"));
        assert_eq!(card.digits().reveal(), "4242424242424242");
    }

    #[test]
    fn a_number_that_cannot_be_a_card_is_refused() {
        for (bad, why) in [
            ("4242424242424241", "wrong check digit"),
            ("424242424242426", "no Visa has fifteen digits"),
            ("37828224631000", "an American Express has fifteen"),
            ("9999999999999995", "nobody's range"),
            ("0000000000000000", "nobody's range"),
            ("4242.4242.4242.4242", "dots"),
            ("4242x", "letters"),
            ("４２４２４２４２４２４２４２４２", "digits are ASCII"),
            ("42424242424242424242424242424242", "longer than any card"),
            ("", "empty"),
            ("-", "no digits"),
        ] {
            assert_eq!(CardNumber::parse(bad), None, "{bad}: {why}");
        }
    }

    #[test]
    fn a_card_number_does_not_print() {
        let printed = format!("{:?}", CardNumber::parse("4242424242424242"));
        assert_eq!(printed, "Some(CardNumber(Visa ***))");
    }

    #[test]
    fn a_card_is_good_through_the_last_day_of_its_month() {
        let expiry = Expiry::parse("2", "28").unwrap();
        assert_eq!(expiry.to_string(), "02/2028");
        let expired = |day| expiry.is_expired(Day::parse(day).unwrap());
        assert_eq!(
            ["2027-12-31", "2028-02-29", "2028-03-01", "2029-01-01"].map(expired),
            [false, false, true, true]
        );
    }

    #[test]
    fn an_expiry_has_a_month_of_the_year_and_a_year_of_two_or_four_digits() {
        let read = |month, year| Expiry::parse(month, year).map(|e| e.to_string());
        assert_eq!(read("01", "27").as_deref(), Some("01/2027"));
        assert_eq!(read("12", "2099").as_deref(), Some("12/2099"));
        assert_eq!(read("1", "00").as_deref(), Some("01/2000"));
        for (month, year) in [
            ("0", "27"),
            ("13", "27"),
            ("", "27"),
            ("001", "27"),
            ("1", "7"),
            ("1", "027"),
            ("1", "0027"),
            ("1", "1999"),
            ("1", "2100"),
            ("+1", "27"),
            ("1", "+027"),
            ("1", ""),
        ] {
            assert_eq!(read(month, year), None, "{month}/{year}");
        }
    }

    #[test]
    fn the_security_code_has_four_digits_on_american_express_and_three_elsewhere() {
        for &brand in Brand::ALL {
            let four = brand == Brand::AmericanExpress;
            assert_eq!(brand.fits_security_code("1234"), four);
            assert_eq!(brand.fits_security_code("123"), !four);
            assert!(!brand.fits_security_code("12a"));
            assert_eq!(Brand::parse(brand.as_str()), Some(brand));
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(place in 0usize..16, wrong in 1u8..10) {
            let mut digits = *b"4242424242424242";
            digits[place] = b'0' + (digits[place] - b'0' + wrong) % 10;
            prop_assert!(!luhn(std::str::from_utf8(&digits).unwrap()));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}", digits in "[0-9 -]{0,40}") {
            for text in [text, digits] {
                if let Some(card) = CardNumber::parse(&text) {
                    prop_assert!(card.bin().len() == 6 && card.last_four().len() == 4);
                }
                Expiry::parse(&text, &text);
            }
        }
    }
}
