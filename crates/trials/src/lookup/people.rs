//! People by their number: who they are, and what they are not. The script that fills large tables names them alike.

use serde_json::{Value, json};

/// Nobody has the phone of a number from here on.
pub(super) const UNKNOWN: u64 = 1_000_000_000;

/// Three digits that begin a part of a phone number: neither 0 nor 1 in front, never `N11`.
fn three(n: u64) -> String {
    format!("{}{}{}", 2 + n / 80 % 8, 2 + n / 10 % 8, n % 10)
}

/// The phone of the `n`-th.
pub(super) fn phone(n: u64) -> String {
    format!("{}-{}-{:04}", three(n / 10_000 / 640), three(n / 10_000 % 640), n % 10_000)
}

/// The last four digits of the `n`-th.
pub(super) fn ssn(n: u64) -> String {
    format!("{:04}", n * 7_919 % 9_999 + 1)
}

/// What a person is made of.
pub(super) fn person(n: u64, ssn: &str) -> Value {
    json!({
        "external_id": format!("C-{n}"), "name": format!("Ada Number{}", letters(n)), "phone": phone(n), "ssn_last4": ssn,
        "date_of_birth": "1970-02-03", "address": { "line1": "1 Main St", "postal_code": "10001" },
    })
}

/// A number as letters, for names.
pub(super) fn letters(n: u64) -> String {
    n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

/// A lookup by phone and four digits.
pub(super) fn by_ssn(phone: &str, ssn: &str) -> Value {
    json!({ "lookup_flow_type": "phone_ssn_last4", "phone": phone, "ssn_last4": ssn })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_phone_of_its_own_that_is_one() {
        let mut seen = std::collections::HashSet::new();
        for n in (0..40_000_000u64).step_by(3_331).chain([UNKNOWN, UNKNOWN + 25_000]) {
            let phone = phone(n);
            assert!(base::us::phone(&phone).is_some(), "{phone}");
            assert!(seen.insert(phone));
        }
    }
}
