//! ABA routing numbers.
//!
//! A number that passes here names a bank that could exist; only the bank knows whether it does.

/// A nine-digit ABA routing number, as written.
///
/// The checksum is 3(d1+d4+d7) + 7(d2+d5+d8) + (d3+d6+d9) ≡ 0 (mod 10). The first two digits say who issued it:
/// 01–12 a Federal Reserve district, 21–32 a thrift, 61–72 an electronic transaction, 80 a traveler's cheque.
/// 00 is the government's own, no consumer banks there, and it is what makes `000000000` pass the checksum.
/// Source: ABA Key to Routing Numbers.
pub fn routing_number(text: &str) -> Option<String> {
    const WEIGHTS: [u32; 9] = [3, 7, 1, 3, 7, 1, 3, 7, 1];
    let digits: Vec<u32> = text.chars().map(|c| c.to_digit(10)).collect::<Option<_>>()?;
    let [first, second, ..] = digits[..] else { return None };
    let issued = matches!(first * 10 + second, 1..=12 | 21..=32 | 61..=72 | 80);
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    (digits.len() == 9 && issued && sum.is_multiple_of(10)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_real_banks_pass() {
        for real in ["021000021", "011401533", "091000019", "121042882", "122000247"] {
            assert_eq!(routing_number(real).as_deref(), Some(real));
        }
    }

    #[test]
    fn a_wrong_check_digit_does_not_pass() {
        assert_eq!(routing_number("123456789"), None);
        assert_eq!(routing_number("021000022"), None);
    }

    #[test]
    fn two_neighbours_swapped_do_not_pass() {
        assert_eq!(routing_number("020100021"), None);
    }

    #[test]
    fn nobody_banks_behind_zeros_or_an_unissued_prefix() {
        // All three have a right checksum; only their first two digits are wrong.
        for unissued in ["000000000", "130000006", "990000000"] {
            assert_eq!(routing_number(unissued), None, "{unissued}");
        }
    }

    #[test]
    fn anything_but_nine_digits_is_refused() {
        for bad in ["", "0", "02100002", "0210000210", "02100002l", "021-000-021", "０２１000021"] {
            assert_eq!(routing_number(bad), None, "{bad}");
        }
    }
}
