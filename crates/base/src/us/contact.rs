//! Where a person can be reached: phone, e-mail, postal code.
//!
//! What is kept can be dialled, mailed or printed as it stands, and what is doubtful is refused: a message about
//! a debt that reaches the wrong person is a disclosure to a third party (15 USC 1692c(b)).

/// A phone number of the North American plan in any US punctuation, as E.164: `+12125550123`.
///
/// Area and exchange codes begin with 2–9 and are not N11 (211, 411, 911, …). An extension is refused, since a
/// text or a dialler would drop it. Source: NANPA, "About the North American Numbering Plan".
pub fn phone(text: &str) -> Option<String> {
    const LONGEST: usize = 24;
    let text = text.trim();
    let (international, national) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
    let punctuated =
        |c: char| c.is_ascii_digit() || matches!(c, ' ' | '\u{a0}' | '(' | ')' | '-' | '.' | '/');
    if text.chars().count() > LONGEST || !national.chars().all(punctuated) {
        return None;
    }
    let digits: String = national.chars().filter(char::is_ascii_digit).collect();
    let ten = match (digits.len(), international) {
        (11, _) => digits.strip_prefix('1')?,
        (10, false) => &digits,
        _ => return None,
    };
    let code = |three: &str| three >= "200" && !three.ends_with("11");
    (code(&ten[..3]) && code(&ten[3..6])).then(|| format!("+1{ten}"))
}

/// An ASCII e-mail address, its domain in lower case. The local part stays as written, since only its host
/// knows whether its case matters.
///
/// Narrower than RFC 5321 on purpose: no quotes, comments, IP literals or single-label domains; domains outside
/// ASCII come as punycode. Local part at most 64 characters, the whole at most 254 (RFC 5321 4.5.3.1).
pub fn email(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let domain = domain.to_ascii_lowercase();
    (text.len() <= 254 && is_local_part(local) && is_domain(&domain)).then(|| format!("{local}@{domain}"))
}

/// RFC 5322 dot-atom.
fn is_local_part(local: &str) -> bool {
    let atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c);
    local.len() <= 64 && local.split('.').all(|word| !word.is_empty() && word.bytes().all(atom))
}

/// RFC 1035 host name of two labels or more; the last is not a number, or it would be an IP address.
fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.split('.').all(label)
        && domain
            .rsplit_once('.')
            .is_some_and(|(_, top)| top.len() >= 2 && !top.bytes().all(|c| c.is_ascii_digit()))
}

/// A five-digit ZIP code, exactly as written.
pub fn postal_code5(text: &str) -> Option<String> {
    (text.len() == 5 && text.bytes().all(|c| c.is_ascii_digit())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_phone_number_may_be_punctuated_as_people_do() {
        for written in [
            "(212) 555-0123",
            "212.555.0123",
            "212-555-0123",
            "212 555 0123",
            "212/555-0123",
            "2125550123",
            "1-212-555-0123",
            "12125550123",
            "+1 212 555 0123",
            "+1 (212) 555-0123",
            "+12125550123",
            "  212\u{a0}555 0123 ",
        ] {
            assert_eq!(phone(written).as_deref(), Some("+12125550123"), "{written}");
        }
    }

    #[test]
    fn a_phone_number_nobody_can_have_is_refused() {
        for (bad, why) in [
            ("(112) 555-0123", "area codes begin with 2"),
            ("(012) 555-0123", "area codes begin with 2"),
            ("(212) 155-0123", "exchanges begin with 2"),
            ("(212) 055-0123", "exchanges begin with 2"),
            ("(911) 555-0123", "N11 is a service"),
            ("(212) 411-0123", "N11 is a service"),
            ("555-0123", "no area code"),
            ("212 555 0123 4", "eleven digits begin with 1"),
            ("+2125550123", "a plus says the country comes first"),
            ("+44 20 7946 0958", "not North American"),
            ("212-555-0123 x5", "an extension"),
            ("212-555-0123 ext. 5", "an extension"),
            ("212-555-0123,,5", "an extension"),
            ("1+2125550123", "a plus only in front"),
            ("٢١٢5550123", "digits are ASCII"),
            ("2-1-2-5-5-5-0-1-2-3------", "too long to be a phone number"),
            ("", "empty"),
        ] {
            assert_eq!(phone(bad), None, "{bad}: {why}");
        }
    }

    #[test]
    fn only_the_domain_of_an_address_ignores_case() {
        assert_eq!(email("Jane.Doe+Debt@Example.COM").as_deref(), Some("Jane.Doe+Debt@example.com"));
        assert_eq!(
            email("o'brien@mail.xn--bcher-kva.example").as_deref(),
            Some("o'brien@mail.xn--bcher-kva.example")
        );
    }

    #[test]
    fn a_doubtful_address_is_refused() {
        let long_local = format!("{}@example.com", "x".repeat(65));
        let long_whole = format!("{}@{}.example.com", "x".repeat(64), vec!["y".repeat(60); 3].join("."));
        let long_label = format!("x@{}.com", "y".repeat(64));
        for bad in [
            "",
            "jane",
            "@example.com",
            "jane@",
            "jane@localhost",
            "jane@example..com",
            "jane@.example.com",
            "jane@example.com.",
            "jane..doe@example.com",
            ".jane@example.com",
            "jane.@example.com",
            "jane doe@example.com",
            " jane@example.com",
            "\"jane doe\"@example.com",
            "jane@exam ple.com",
            "jane@-example.com",
            "jane@example-.com",
            "jane@127.0.0.1",
            "jane@[127.0.0.1]",
            "jane@bücher.example",
            "jané@example.com",
            "jane@doe@example.com",
            "jane@example.com\r\nBcc: all@example.com",
            &long_local,
            &long_whole,
            &long_label,
        ] {
            assert_eq!(email(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_postal_code_is_five_digits_and_nothing_else() {
        assert_eq!(postal_code5("02139").as_deref(), Some("02139"));
        for bad in ["2139", "02139-4307", "021394", " 02139", "0213O", "٠٢١٣٩", ""] {
            assert_eq!(postal_code5(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_reads_back_as_itself(text in "\\PC{0,40}", number in "[2-9][0-9]{2}[ .-]?[2-9][0-9]{2}[ .-]?[0-9]{4}",
                                             address in "[a-zA-Z0-9.+]{1,20}@[a-zA-Z0-9.-]{1,20}") {
            for text in [&text, &number, &address] {
                if let Some(kept) = phone(text) { prop_assert_eq!(phone(&kept), Some(kept)); }
                if let Some(kept) = email(text) { prop_assert_eq!(email(&kept), Some(kept)); }
            }
        }
    }
}
