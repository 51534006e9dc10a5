//! What holds of all files, of all bytes, of all routing numbers.

use nacha::{
    About, NewEntry, Originator, PaymentType, RoutingNumber, SecCode, ServiceClass, Text, TransactionCode,
    check_digit, spell,
};
use proptest::prelude::*;

use crate::originating::{batch, debit, opening};
use crate::support::{again, file, names, read, whole};

/// A payment in plain values.
#[derive(Clone, Debug)]
struct Paid {
    code: u32,
    bank: u32,
    account: String,
    cents: u64,
    name: String,
    note: Option<String>,
}

fn paid() -> impl Strategy<Value = Paid> {
    let code = prop::sample::select(vec![22, 23, 27, 28, 32, 33, 37, 38]);
    let note = prop::option::of("[ -~]{0,79}[!-~]");
    (
        code,
        1_000_000_u32..12_999_999,
        "[A-Za-z0-9][A-Za-z0-9 -]{0,16}",
        1..=9_999_999_999_u64,
        "\\PC{0,30}",
        note,
    )
        .prop_map(|(code, bank, account, cents, name, note)| Paid {
            code,
            bank: bank * 10 + check_digit(bank),
            account,
            cents: if code % 5 == 3 { 0 } else { cents },
            name: if spell(&name).is_ok() { name } else { "Müller, Zoë".into() },
            note,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_and_written_again(batches in prop::collection::vec(prop::collection::vec(paid(), 1..8), 0..4)) {
        let mut out = Originator::begin(Vec::new(), &opening()).unwrap();
        let mut sequence = 0;
        for entries in &batches {
            let mut open = out.batch(&batch(SecCode::Web, ServiceClass::Mixed)).unwrap();
            for paid in entries {
                sequence += 1;
                open.entry(&NewEntry {
                    code: TransactionCode::of(paid.code).unwrap(),
                    bank: RoutingNumber::new(paid.bank).unwrap(),
                    account: &paid.account,
                    amount_cents: paid.cents,
                    name: &paid.name,
                    payment_type: Some(PaymentType::Recurring),
                    about: About::Payment { note: paid.note.as_deref() },
                    ..debit(sequence)
                }).unwrap();
            }
            open.finish().unwrap();
        }
        let (bytes, written) = out.finish().unwrap();
        let report = read(&bytes);
        prop_assert!(report.is_canonical(), "{:?} {:?}", report.faults, report.forms);
        prop_assert_eq!(again(&bytes), bytes.clone());
        let file = whole(&bytes);
        prop_assert_eq!(u64::from(written.entries), report.records - 2 - 2 * report.batches);
        for (entries, read) in batches.iter().zip(&file.batches) {
            for (paid, full) in entries.iter().zip(&read.entries) {
                prop_assert_eq!(full.entry.amount_cents(), paid.cents);
                prop_assert_eq!(full.entry.reveal_account(), paid.account.trim_end());
                prop_assert_eq!(full.entry.bank().get(), paid.bank);
                let name = Text::<22>::cut(&paid.name).unwrap();
                prop_assert_eq!(full.entry.reveal_name(), name.as_str());
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        read(bytes);
    }

    #[test]
    fn no_change_of_a_file_panics(
        name in prop::sample::select(names()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        let mut bytes = file(&name).into_bytes();
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        let report = read(&bytes);
        if report.is_canonical() {
            prop_assert_eq!(again(&bytes), bytes);
        }
    }

    #[test]
    fn a_changed_digit_of_an_amount_a_hash_or_a_count_is_noticed(
        name in prop::sample::select(vec!["ppd", "web", "tel", "ccd", "ctx", "returns", "pop", "iat"]),
        place in prop::sample::select(vec![(b'6', 30, 39), (b'8', 5, 44), (b'9', 2, 7), (b'9', 14, 55)]),
        (line, column, by) in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..=9_u8),
    ) {
        let mut bytes = file(name).into_bytes();
        let (kind, from, to) = place;
        let lines: Vec<usize> = (0..bytes.len()).step_by(95).filter(|at| bytes[*at] == kind && bytes[at + 93] != b'9').collect();
        let at = lines[line.index(lines.len())] + from - 1 + column.index(to - from + 1);
        bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
        prop_assert!(!read(&bytes).is_sound());
    }

    #[test]
    fn a_changed_digit_of_a_routing_number_is_noticed(bank in 0_u32..=99_999_999, at in 0_u32..8, by in 1_u32..=9) {
        let place = 10_u32.pow(at);
        let digit = bank / place % 10;
        let changed = bank - digit * place + (digit + by) % 10 * place;
        prop_assert_ne!(check_digit(bank), check_digit(changed));
    }
}
