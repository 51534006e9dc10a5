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
        read([b"<Document>".as_slice(), &bytes].concat());
    }

    #[test]
    fn no_text_of_the_right_characters_panics(
        bai in "(0[123]|16|49|88|9[89])?[,/0-9SVDZ \n]{0,400}",
        xml in "(<(Ntry|Stmt|Bal|Amt|TxDtls|Refs|Sts|Cd)( Ccy=\"USD\")?/?>|</(Ntry|Stmt|Bal|Amt|TxDtls)>|[0-9.&;<>]|BOOK){0,60}",
    ) {
        read(format!("01,A,B,261120,0600,1,,,2/\n02,A,B,1,261119,,,2/\n03,1,{bai}"));
        read(format!("<Document><BkToCstmrStmt><Stmt>{xml}"));
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
        bai in any::<bool>(),
    ) {
        let name = if bai { "morning.bai" } else { "statement-v02.xml" };
        let mut bytes = file(name).into_bytes();
        let places = amounts(&bytes, bai);
        let at = places[at.index(places.len())];
        bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
        let (_, report) = read(&bytes);
        prop_assert!(report.faults.iter().any(|fault| matches!(fault.kind, Kind::Total | Kind::Balance)), "byte {at}");
    }

    #[test]
    fn an_amount_is_read_to_the_cent(cents in 0..=999_999_999_999_i64, zeros in 0..3_usize) {
        let text = format!("{}.{:02}{}", cents / 100, cents % 100, "0".repeat(zeros));
        let amount = file("statement-v02.xml").replace("350.75", &text);
        let (pieces, report) = read(&amount);
        let line = pieces.iter().find_map(|piece| match piece {
            statements::Piece::Line(line) => Some(line),
            _ => None,
        });
        prop_assert_eq!(line.unwrap().cents, cents);
        prop_assert_eq!(report.is_sound(), cents == 350_75);
    }

    #[test]
    fn a_currency_is_three_letters(text in "\\PC{0,5}") {
        let known = Currency::of(&text).is_some();
        prop_assert_eq!(known, text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()));
    }
}

/// Where digits of amounts stand: of balances and movements, not of what a bank may leave as it likes.
fn amounts(bytes: &[u8], bai: bool) -> Vec<usize> {
    let text = str::from_utf8(bytes).unwrap();
    let marks = if bai { ["16,169,", "16,557,", "010,", "015,", "100,"] } else { ["\"EUR\">"; 5] };
    let mut places = Vec::new();
    for mark in marks {
        for (at, _) in text.match_indices(mark) {
            let from = at + mark.len();
            let amount = text[from..].find([',', '<']).map_or(0, |end| end);
            places.extend((from..from + amount).filter(|at| bytes[*at].is_ascii_digit()));
        }
    }
    // Of a payment within an entry the amount is the bank's word and held against nothing.
    let parts = text.find("<AmtDtls>").unwrap_or(usize::MAX);
    places.retain(|at| !(parts..parts.saturating_add(60)).contains(at));
    places
}

#[test]
fn a_file_that_ends_anywhere_is_not_taken_for_whole() {
    for name in names() {
        // Indentation would be cut as often as what it stands before.
        let lines: Vec<String> = file(&name).lines().map(|line| line.trim_start().to_owned()).collect();
        let text = lines.join("\n");
        // Of BAI2 the last slash may be missing; of camt nothing but what stands behind the document.
        let whole =
            if name.ends_with(".bai") { text.trim_end_matches('/').len() } else { text.rfind('>').unwrap() };
        for at in 0..whole {
            let (read, report) = File::read(&text.as_bytes()[..at]).unwrap();
            assert!(read.is_none(), "{name} of {at} bytes: {:?}", report.faults);
        }
    }
}
