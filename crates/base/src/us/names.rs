//! People's names: how two spellings of one name meet, and where a full name divides.
//!
//! A folded name is only ever compared or indexed, never shown: it has lost what its bearer wrote.

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// `name` for comparing: without case, accents, punctuation and repeated spaces.
///
/// Apostrophes and periods vanish (`O'Brien` is `OBrien`, `St. John` is `St John`); other punctuation divides
/// words (`Smith-Jones` is `Smith Jones`). Letters with a stroke or a ligature become what a US keyboard types.
/// A text without a letter or digit folds to the empty string, which must match nobody.
pub fn fold_name(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    // Twice decomposed: lower-casing `İ` gives a mark of its own, and `ﬁ` or `Ⅷ` hide plain letters.
    for c in name.nfkd().flat_map(char::to_lowercase).nfkd() {
        match c {
            '.' | '\'' | '’' | '‘' | '`' | 'ʼ' | 'ʻ' | 'ʹ' => {}
            _ if canonical_combining_class(c) != 0 => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            _ if c.is_alphanumeric() => folded.push(c),
            _ if folded.is_empty() || folded.ends_with(' ') => {}
            _ => folded.push(' '),
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

/// A full name as first and last name: divided at its last space. One word is a last name.
pub fn split_name(name: &str) -> (Option<String>, String) {
    let name = name.trim();
    match name.rsplit_once(char::is_whitespace) {
        Some((first, last)) => (Some(first.trim_end().to_owned()), last.to_owned()),
        None => (None, name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_name_meet() {
        for (one, other) in [
            ("JANE DOE", "Jane Doe"),
            ("  Jane   Q  Doe ", "jane q doe"),
            ("José Núñez", "Jose Nunez"),
            ("Jose\u{301}", "José"),
            ("Seán O’Brien", "sean o'brien"),
            ("O'Brien", "OBrien"),
            ("St. John", "St John"),
            ("Smith-Jones", "Smith Jones"),
            ("Doe, Jane", "doe jane"),
            ("Martin Luther King, Jr.", "martin luther king jr"),
            ("Strauß", "STRAUSS"),
            ("Łukasz Ørsted", "Lukasz Orsted"),
            ("İpek Yıldız", "ipek yildiz"),
            ("ΟΔΥΣΣΕΥΣ", "Οδυσσεύς"),
            ("Jane\u{a0}Doe", "Jane\tDoe"),
        ] {
            assert_eq!(fold_name(one), fold_name(other), "{one} and {other}");
        }
    }

    #[test]
    fn different_names_stay_apart() {
        assert_ne!(fold_name("Jane Doe"), fold_name("Janet Doe"));
        assert_ne!(fold_name("Ann Lee"), fold_name("Annlee"));
        assert_ne!(fold_name("李明"), fold_name("李华"));
    }

    #[test]
    fn punctuation_alone_is_nobody() {
        assert_eq!(fold_name(" -- ' . "), "");
    }

    #[test]
    fn a_name_divides_at_its_last_space() {
        let split = |name| {
            let (first, last) = split_name(name);
            format!("{}|{last}", first.unwrap_or("(none)".to_owned()))
        };
        assert_eq!(split("Jane Doe"), "Jane|Doe");
        assert_eq!(split("Mary Ann van Dyke"), "Mary Ann van|Dyke");
        assert_eq!(split("  Jane \t Doe "), "Jane|Doe");
        assert_eq!(split("Cher"), "(none)|Cher");
        assert_eq!(split("  "), "(none)|");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(name in "\\PC{0,40}") {
            let folded = fold_name(&name);
            prop_assert_eq!(fold_name(&folded), folded);
        }

        #[test]
        fn case_and_padding_never_matter(name in "[A-Za-zÀ-ÖØ-öø-ÿ '-]{0,40}") {
            prop_assert_eq!(fold_name(&name.to_uppercase()), fold_name(&name));
            prop_assert_eq!(fold_name(&format!("  {name}  ")), fold_name(&name));
        }

        #[test]
        fn nothing_of_a_name_is_lost_in_splitting(name in "[A-Za-zé]{1,9}( [A-Za-zé]{1,9}){0,3}") {
            let (first, last) = split_name(&name);
            let joined = first.map_or(last.clone(), |first| format!("{first} {last}"));
            prop_assert_eq!(joined, name);
        }
    }
}
