//! What holds of all bytes, of all changes, of all ends.

use proptest::prelude::*;
use statements::{Currency, File, Kind};

use crate::support::{file, names, read};

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        read(&bytes);
        read([b"01,".as_slice(), &bytes].concat());
    }

    #[test]
    fn no_text_of_the_right_characters_panics(
        bai in "(0[123]|16|49|88|9[89])?[,/0-9SVDZ \n]{0,400}",
    ) {
        read(format!("01,A,B,261120,0600,1,,,2/\n02,A,B,1,261119,,,2/\n03,1,{bai}"));
    }

    #[test]
    fn no_change_of_a_file_panics(
        name in prop::sample::select(names()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6),
    ) {
        let mut bytes = file(&name).into_bytes();
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => bytes.truncate(at.max(1)),
                _ if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {}
            }
        }
        read(&bytes);
        let (file, report) = File::read(bytes.as_slice()).unwrap();
        prop_assert!(file.is_none() || report.is_usable());
    }

    #[test]
    fn a_changed_digit_of_an_amount_is_noticed(
        (at, by) in (any::<prop::sample::Index>(), 1..=9_u8),
    ) {
        let mut bytes = file("morning.bai").into_bytes();
        let places = amounts(&bytes);
        let at = places[at.index(places.len())];
        bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
        let (_, report) = read(&bytes);
        prop_assert!(report.faults.iter().any(|fault| fault.kind == Kind::Total), "byte {at}");
    }

    #[test]
    fn a_currency_is_three_letters(text in "\\PC{0,5}") {
        let known = Currency::of(&text).is_some();
        prop_assert_eq!(known, text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()));
    }
}

/// Where digits of amounts stand: of balances and movements, not of what a bank may leave as it likes.
fn amounts(bytes: &[u8]) -> Vec<usize> {
    let text = str::from_utf8(bytes).unwrap();
    let marks = ["16,169,", "16,557,", "010,", "015,", "100,"];
    let mut places = Vec::new();
    for mark in marks {
        for (at, _) in text.match_indices(mark) {
            let from = at + mark.len();
            let amount = text[from..].find(',').map_or(0, |end| end);
            places.extend((from..from + amount).filter(|at| bytes[*at].is_ascii_digit()));
        }
    }
    places
}

#[test]
fn a_file_that_ends_anywhere_is_not_taken_for_whole() {
    for name in names() {
        // Indentation would be cut as often as what it stands before.
        let lines: Vec<String> = file(&name).lines().map(|line| line.trim_start().to_owned()).collect();
        let text = lines.join("\n");
        // The last slash may be missing.
        let whole = text.trim_end_matches('/').len();
        for at in 0..whole {
            let (read, report) = File::read(&text.as_bytes()[..at]).unwrap();
            assert!(read.is_none(), "{name} of {at} bytes: {:?}", report.faults);
        }
    }
}
