//! Files that are made anew.

use nacha::{
    About, BatchOpening, ChangeCode, Correction, Date, FileOpening, NewEntry, Original, Originator,
    PaymentType, Purpose, ReturnCode, RoutingNumber, SecCode, ServiceClass, SettlementDay, Time,
    TransactionCode, WriteError, Written, description,
};

use crate::support::{file, read, whole};

pub(crate) fn bank(text: &str) -> RoutingNumber {
    RoutingNumber::parse(text).unwrap()
}

pub(crate) fn opening() -> FileOpening<'static> {
    FileOpening {
        destination: bank("061000104"),
        origin: "1234567890",
        created_on: Date::new(2026, 11, 30).unwrap(),
        created_at: Time::new(9, 15).unwrap(),
        modifier: 'A',
        destination_name: "BANK OF EXAMPLES",
        origin_name: "HARBOR POINT RECOVERY",
        reference: "",
    }
}

pub(crate) fn batch(sec: SecCode, class: ServiceClass) -> BatchOpening<'static> {
    BatchOpening {
        class,
        sec,
        company_name: "HARBOR POINT",
        company_id: "1234567890",
        description: "PAYMENT",
        descriptive_date: "",
        discretionary: "",
        effective_on: Date::new(2026, 12, 1).unwrap(),
        odfi: bank("061000104"),
    }
}

pub(crate) fn debit(sequence: u32) -> NewEntry<'static> {
    NewEntry {
        code: TransactionCode::CHECKING_DEBIT,
        bank: bank("073000228"),
        account: "48219937265",
        amount_cents: 42_00,
        id: "HPR-1001",
        name: "ADA LOVELACE",
        payment_type: None,
        sequence,
        about: About::Payment { note: None },
    }
}

/// A file of one batch.
fn made(batch: &BatchOpening<'_>, entries: &[NewEntry<'_>]) -> Result<String, WriteError> {
    let mut file = Originator::begin(Vec::new(), &opening())?;
    let mut open = file.batch(batch)?;
    for entry in entries {
        open.entry(entry)?;
    }
    open.finish()?;
    Ok(String::from_utf8(file.finish()?.0).unwrap())
}

#[track_caller]
fn refused(batch: &BatchOpening<'_>, entry: &NewEntry<'_>, words: &str) {
    let told = made(batch, &[*entry]).unwrap_err().to_string();
    assert!(told.contains(words), "{told}");
    assert!(!told.contains("4821") && !told.contains("LOVE"), "{told}");
}

#[test]
fn what_is_originated_is_what_stands_in_the_files_of_our_own_making() {
    let ppd = made(
        &batch(SecCode::Ppd, ServiceClass::Mixed),
        &[
            NewEntry {
                amount_cents: 125_00,
                about: About::Payment { note: Some("PAYMENT 1 OF 4") },
                ..debit(1)
            },
            NewEntry {
                code: TransactionCode::SAVINGS_DEBIT,
                bank: bank("124000313"),
                account: "998-877-66",
                id: "HPR-1002",
                name: "CHARLES BABBAGE",
                amount_cents: 75_00,
                ..debit(2)
            },
            NewEntry {
                code: TransactionCode::CHECKING_CREDIT,
                account: "5647382914",
                id: "HPR-1003",
                name: "GRACE HOPPER",
                amount_cents: 31_00,
                ..debit(3)
            },
            NewEntry {
                code: TransactionCode::CHECKING_DEBIT_PRENOTE,
                bank: bank("124000313"),
                account: "18273645546",
                id: "HPR-1004",
                name: "ALAN TURING",
                amount_cents: 0,
                ..debit(5)
            },
        ],
    );
    assert_eq!(ppd.unwrap(), file("ppd"));
    let tel = NewEntry { payment_type: Some(PaymentType::Single), ..debit(21) };
    assert_eq!(made(&batch(SecCode::Tel, ServiceClass::Debits), &[tel]).unwrap(), file("tel"));
}

#[test]
fn micro_entries_and_reversals_are_written() {
    let mut out = Originator::begin(Vec::new(), &opening()).unwrap();
    let micro =
        BatchOpening { description: description::MICRO_ENTRY, ..batch(SecCode::Web, ServiceClass::Mixed) };
    let mut open = out.batch(&micro).unwrap();
    let credit = NewEntry { code: TransactionCode::CHECKING_CREDIT, ..debit(1) };
    open.entry(&NewEntry { amount_cents: 11, ..credit }).unwrap();
    open.entry(&NewEntry { amount_cents: 7, sequence: 2, ..credit }).unwrap();
    let back = NewEntry { amount_cents: 18, payment_type: Some(PaymentType::Single), ..debit(3) };
    open.entry(&back).unwrap();
    assert_eq!(open.number(), 1);
    open.finish().unwrap();
    let reversal =
        BatchOpening { description: description::REVERSAL, ..batch(SecCode::Tel, ServiceClass::Credits) };
    let mut open = out.batch(&reversal).unwrap();
    let code = TransactionCode::CHECKING_DEBIT.for_reversal().unwrap();
    open.entry(&NewEntry { code, payment_type: Some(PaymentType::Single), ..debit(4) }).unwrap();
    open.finish().unwrap();
    let (bytes, written) = out.finish().unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), file("micro-and-reversal"));
    let (debits_cents, credits_cents) = (18, 18 + 42_00);
    assert_eq!(written, Written { batches: 2, entries: 4, hash: 29_200_088, debits_cents, credits_cents });
}

/// The first entry of the sample of that name, written anew in an answer about it.
fn answer(name: &str, sec: SecCode, odfi: &str, origin: &str, entries: &[NewEntry<'_>]) {
    let opening = FileOpening { origin, ..opening() };
    let mut out = Originator::begin(Vec::new(), &opening).unwrap();
    let class = ServiceClass::Debits;
    let batch = BatchOpening { effective_on: Date::NONE, odfi: bank(odfi), ..batch(sec, class) };
    let mut open = out.batch(&batch).unwrap();
    for entry in entries {
        open.entry(entry).unwrap();
    }
    open.finish().unwrap();
    assert_eq!(String::from_utf8(out.finish().unwrap().0).unwrap(), file(name));
}

#[test]
fn returns_and_what_is_said_to_them_are_written() {
    let original = Original { trace: 61_000_100_000_001, bank: bank("073000228") };
    let entry =
        NewEntry { code: TransactionCode::CHECKING_DEBIT.for_return(), amount_cents: 125_00, ..debit(1) };
    let code = |text| ReturnCode::parse(text).unwrap();
    let day = |day| SettlementDay::new(day).unwrap();
    let returned = (73_000_220_000_001, day(336), code("R01"));
    let dishonored = About::Dishonored { original, code: code("R68"), returned, information: "UNTIMELY" };
    answer(
        "dishonored-return",
        SecCode::Ppd,
        "061000104",
        "1234567890",
        &[NewEntry { about: dishonored, ..entry }],
    );
    let contested = About::Contested {
        original,
        code: code("R73"),
        returned_on: (Date::new(2026, 12, 2).unwrap(), day(335)),
        returned,
        dishonored: (61_000_100_000_001, day(338), code("R68")),
    };
    let entry = NewEntry { bank: bank("061000104"), sequence: 9, about: contested, ..entry };
    answer("contested-return", SecCode::Ppd, "073000228", "073000228", &[entry]);
    let returns = [
        NewEntry {
            about: About::Return { original, code: code("R01"), died_on: Date::NONE, information: "" },
            ..entry
        },
        NewEntry {
            sequence: 10,
            about: About::Return {
                original,
                code: code("R15"),
                died_on: Date::new(2026, 11, 15).unwrap(),
                information: "DECEASED",
            },
            ..entry
        },
    ];
    let batch = BatchOpening {
        effective_on: Date::NONE,
        odfi: bank("073000228"),
        ..batch(SecCode::Ppd, ServiceClass::Debits)
    };
    let file = whole(made(&batch, &returns).unwrap());
    let codes: Vec<_> =
        file.batches[0].entries.iter().filter_map(|entry| entry.addenda[0].return_code()).collect();
    assert_eq!(codes, [code("R01"), code("R15")]);
}

#[test]
fn changes_and_their_refusal_are_written() {
    let original = Original { trace: 61_000_100_000_001, bank: bank("073000228") };
    let entry = NewEntry { code: TransactionCode::CHECKING_DEBIT.for_return(), amount_cents: 0, ..debit(1) };
    let correction = Correction::RoutingAndAccount(bank("124000313"), "715826937");
    let here = NewEntry { bank: bank("061000104"), ..entry };
    let second = Original { trace: 61_000_100_000_002, ..original };
    answer(
        "cor",
        SecCode::Cor,
        "073000228",
        "073000228",
        &[
            NewEntry { about: About::Change { original, correction }, ..here },
            NewEntry {
                id: "HPR-1002",
                name: "CHARLES BABBAGE",
                account: "998-877-66",
                sequence: 2,
                about: About::Change {
                    original: second,
                    correction: Correction::Code(TransactionCode::SAVINGS_DEBIT),
                },
                ..here
            },
        ],
    );
    let code = |text| ChangeCode::parse(text).unwrap();
    let about = About::RefusedChange {
        original,
        code: code("C65"),
        notification: (code("C03"), 1),
        corrected: "124000313   715826937",
    };
    answer("cor-refused", SecCode::Cor, "061000104", "1234567890", &[NewEntry { about, ..entry }]);
}

#[test]
fn what_the_format_cannot_say_is_refused_and_nothing_of_it_is_written() {
    let (ppd, tel) = (batch(SecCode::Ppd, ServiceClass::Debits), batch(SecCode::Tel, ServiceClass::Mixed));
    let web = batch(SecCode::Web, ServiceClass::Debits);
    let micro = BatchOpening { description: description::MICRO_ENTRY, ..ppd };
    let prenote = TransactionCode::CHECKING_DEBIT_PRENOTE;
    refused(
        &ppd,
        &NewEntry { amount_cents: 10_000_000_000, ..debit(1) },
        "the amount is a number that does not fit",
    );
    refused(&ppd, &NewEntry { amount_cents: 0, ..debit(1) }, "needs an amount");
    refused(&ppd, &NewEntry { code: prenote, ..debit(1) }, "a prenote has no amount");
    refused(
        &ppd,
        &NewEntry { account: "482199372650000000", ..debit(1) },
        "the account number has 18 characters",
    );
    refused(&ppd, &NewEntry { account: "4821*9937265", ..debit(1) }, "letters, digits, blanks and hyphens");
    refused(&ppd, &NewEntry { account: "", ..debit(1) }, "the account number may not be blank");
    refused(&ppd, &NewEntry { name: "李小龙", ..debit(1) }, "the individual name has the character U+674E");
    refused(
        &ppd,
        &NewEntry { id: "0123456789012345", ..debit(1) },
        "the identification number has 16 characters",
    );
    refused(&ppd, &NewEntry { code: TransactionCode::CHECKING_CREDIT, ..debit(1) }, "service class");
    refused(&ppd, &debit(0), "trace numbers ascend");
    refused(&ppd, &debit(10_000_000), "trace numbers ascend");
    refused(&ppd, &NewEntry { payment_type: Some(PaymentType::Single), ..debit(1) }, "WEB and TEL alone");
    refused(&ppd, &NewEntry { code: TransactionCode::of(26).unwrap(), ..debit(1) }, "codes such as 22, 27");
    refused(&web, &debit(1), "single or recurring");
    refused(&tel, &NewEntry { code: TransactionCode::CHECKING_CREDIT, ..debit(1) }, "TEL has no credits");
    refused(&tel, &NewEntry { about: About::Payment { note: Some("x") }, ..debit(1) }, "no addenda");
    refused(&micro, &NewEntry { amount_cents: 100, ..debit(1) }, "below a dollar");
    refused(&BatchOpening { effective_on: Date::NONE, ..ppd }, &debit(1), "effective entry date");
    refused(
        &BatchOpening { company_name: "HARBOR POINT RECOVERY", ..ppd },
        &debit(1),
        "the company name has 21 characters",
    );
    refused(&BatchOpening { description: "", ..ppd }, &debit(1), "may not be blank");
    refused(&batch(SecCode::Pop, ServiceClass::Debits), &debit(1), "read and not written");
    refused(&batch(SecCode::Arc, ServiceClass::Debits), &debit(1), "not originated");
    let original = Original { trace: 1, bank: bank("073000228") };
    let code = ReturnCode::parse("R14").unwrap();
    let about = About::Return { original, code, died_on: Date::NONE, information: "" };
    refused(
        &ppd,
        &NewEntry { code: TransactionCode::of(26).unwrap(), about, ..debit(1) },
        "R14 and R15 say when",
    );
    refused(&ppd, &NewEntry { about, ..debit(1) }, "a transaction code of its own");
}

#[test]
fn a_refused_entry_leaves_the_batch_as_it_was() {
    let mut out = Originator::begin(Vec::new(), &opening()).unwrap();
    let mut open = out.batch(&batch(SecCode::Tel, ServiceClass::Debits)).unwrap();
    assert!(open.entry(&NewEntry { amount_cents: 0, ..debit(1) }).is_err());
    assert!(open.entry(&NewEntry { name: "é李", ..debit(20) }).is_err());
    open.entry(&NewEntry { payment_type: Some(PaymentType::Single), ..debit(21) }).unwrap();
    assert!(open.entry(&debit(21)).is_err(), "the same trace number again");
    open.finish().unwrap();
    let empty = out.batch(&batch(SecCode::Web, ServiceClass::Debits)).unwrap();
    assert!(empty.finish().is_err(), "a batch of nothing is not written");
    assert_eq!(String::from_utf8(out.finish().unwrap().0).unwrap(), file("tel"));
}

#[test]
fn a_batch_that_is_not_finished_is_no_file() {
    let mut out = Originator::begin(Vec::new(), &opening()).unwrap();
    out.batch(&batch(SecCode::Ppd, ServiceClass::Debits)).unwrap().entry(&debit(1)).unwrap();
    assert!(out.batch(&batch(SecCode::Ppd, ServiceClass::Debits)).is_err());
    assert!(out.finish().is_err());
}

#[test]
fn a_batchs_totals_have_twelve_digits() {
    let mut out = Originator::begin(Vec::new(), &opening()).unwrap();
    let mut open = out.batch(&batch(SecCode::Ccd, ServiceClass::Debits)).unwrap();
    let most = NewEntry { amount_cents: 9_999_999_999, ..debit(1) };
    for sequence in 1..=100 {
        open.entry(&NewEntry { sequence, ..most }).unwrap();
    }
    let told = open.entry(&NewEntry { sequence: 101, ..most }).unwrap_err().to_string();
    assert!(told.contains("begin another batch"), "{told}");
    open.finish().unwrap();
    let (bytes, written) = out.finish().unwrap();
    assert_eq!(written.debits_cents, 999_999_999_900);
    assert!(read(bytes).is_canonical());
}

#[test]
fn an_output_that_fails_makes_no_file() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("no room"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut out = Originator::begin(Full, &opening()).unwrap();
    let mut open = out.batch(&batch(SecCode::Ppd, ServiceClass::Debits)).unwrap();
    let failed = (1..2_000).find_map(|sequence| open.entry(&debit(sequence)).err()).unwrap();
    assert!(matches!(failed, WriteError::Io(_)), "{failed}");
    assert_eq!(debit(1).code.purpose(), Purpose::Live);
}
